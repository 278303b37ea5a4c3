"""Files as the system holds them: only ordinary ones are read, and what a foreign reader stumbles over becomes one sentence.

Belongs here: what holds of every file, whatever is in it. What a file means is its reader's business.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import InputError, LifecircleError, said

MESSAGE_CHARACTERS = 200  # of what a library says: some quote half the file


def require_file(path: Path) -> Path:
    """Return the path of an ordinary file.

    Devices, pipes and sockets have no end, or wait for one: a reader would never come back from them.

    Raises
    ------
    InputError
        If there is nothing, a folder, or something that is no ordinary file.
    """
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        raise InputError("{file}: no such file.", file=path) from None
    except (OSError, ValueError) as error:  # a name with a NUL is a ValueError
        raise InputError(
            "{file}: cannot be opened ({problem}).", file=path, problem=getattr(error, "strerror", None) or error
        ) from error
    if stat.S_ISDIR(mode):
        raise InputError("{file}: is a folder; name a file in it.", file=path)
    if not stat.S_ISREG(mode):
        raise InputError(
            "{file}: is a device, a pipe or a socket, not an ordinary file; save the data to a file and name that.", file=path
        )
    return path


@contextmanager
def foreign_reader(file: Path | str, remedy: str) -> Iterator[None]:
    """Turn whatever a foreign library raises over a file into one sentence.

    Put only the library's call inside: an error of our own would be blamed on the file.

    Parameters
    ----------
    file : Path or str
        As the user knows it.
    remedy : str
        What to do, as the end of a sentence: "export it again".

    Raises
    ------
    InputError
        Instead of any exception but those that lifecircle raises itself, and but a lack of memory.
    """
    try:
        yield
    except (LifecircleError, MemoryError):
        raise
    except Exception as error:
        raise InputError(
            "{file}: cannot be read ({error}): {remedy}", file=file, error=told(error), remedy=said(remedy)
        ) from error


def told(error: BaseException) -> str:
    """Return what an exception says, on one line and not too long."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= MESSAGE_CHARACTERS else text[:MESSAGE_CHARACTERS] + "…"
