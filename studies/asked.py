"""Keywords that a function takes as one: a TypedDict names each once, and what it does not name is refused."""

from __future__ import annotations

from collections.abc import Mapping


def require_known(asked: Mapping[str, object], known: type, function: str) -> None:
    """Refuse what is no keyword of a function, as Python does.

    Parameters
    ----------
    asked : mapping
        As given.
    known : type
        The TypedDict that names them.
    function : str
        Its name.

    Raises
    ------
    TypeError
    """
    unknown = [name for name in asked if name not in known.__annotations__]
    if unknown:
        names = ", ".join(known.__annotations__)
        raise TypeError(f"{function}() got an unexpected keyword argument {unknown[0]!r}; it takes {names}")
