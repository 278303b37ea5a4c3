"""Refuse what would not fit in memory before it starts, with the figure."""

from __future__ import annotations

import psutil

from .errors import TooLargeError, said

SHARE = 0.8  # of the memory that is free now


def require_memory(needed_bytes: float, what: str, instead: str) -> None:
    """Raise unless enough memory is free.

    Parameters
    ----------
    needed_bytes : float
        Estimate of the peak.
    what : str
        What would need it, for the error.
    instead : str
        What the user can do.

    Raises
    ------
    TooLargeError
    """
    free = psutil.virtual_memory().available
    if needed_bytes > SHARE * free:
        raise TooLargeError(
            "{what} needs about {needed_gb:.1f} GB of memory, {free_gb:.1f} GB are free; {instead}.",
            what=said(what),
            needed_gb=needed_bytes / 1e9,
            free_gb=free / 1e9,
            instead=said(instead),
        )
