"""How the hot loops are compiled: without the interpreter's lock, and once per machine.

What keeps a kernel fast when it is cut into steps, as measured: arrays leave their tuples before the loop; a step of an inner
loop takes numbers, not arrays, and returns numbers (every array that is handed over or returned is counted); arrays that grow
do so outside the inner loop.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from numba import njit

_ROOM = Path(__file__).parent
_STAMP = _ROOM / "__pycache__" / "compiled-from"


def _forget_stale_code() -> None:
    """Delete cached machine code once any source of this room has changed.

    Numba notices a change in the file a function stands in, but not in the files it calls into: after an update that
    touches only some files it would go on running old code inside new functions.
    """
    sources = hashlib.sha256()
    for file in sorted(_ROOM.rglob("*.py")):
        sources.update(file.read_bytes())
    state = sources.hexdigest()
    if _STAMP.exists() and _STAMP.read_text() == state:
        return
    try:
        for cached in [*_ROOM.rglob("*.nbi"), *_ROOM.rglob("*.nbc")]:
            cached.unlink(missing_ok=True)
        _STAMP.parent.mkdir(exist_ok=True)
        _STAMP.write_text(state)
    except OSError:
        return  # a read-only installation: all its files are as old as each other, so nothing can be stale


_forget_stale_code()

compiled = njit(nogil=True, cache=True)
inlined = njit(nogil=True, cache=True, inline="always")  # steps of hot loops, where handing arrays over costs more than the step

LEAST_ROWS = 2  # of records: numpy takes the columns of a single one for contiguous, and all would be compiled once more for it
