"""HiGHS without its greeting: a program that reads our JSON from standard output must not find a line of the solver there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import highspy

STANDARD_OUTPUT = 1


def quiet_solver() -> highspy.Highs:
    """Return a new HiGHS solver that prints nothing.

    HiGHS greets as soon as a solver is made, before any option can be set, and past Python's `sys.stdout`.
    """
    with _muted():
        solver = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.setOptionValue("output_flag", False)
    return solver


@contextmanager
def _muted() -> Iterator[None]:
    """Send what is written to standard output nowhere; where there is no standard output, nothing need be sent."""
    kept = None
    with suppress(OSError):
        kept = os.dup(STANDARD_OUTPUT)
        with open(os.devnull, "wb") as nowhere:  # noqa: PTH123 - a device, not a path of ours
            os.dup2(nowhere.fileno(), STANDARD_OUTPUT)
    try:
        yield
    finally:
        if kept is not None:
            os.dup2(kept, STANDARD_OUTPUT)
            os.close(kept)
