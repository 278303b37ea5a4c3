"""Stretches that a stop from outside must not cut in two."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from typing import Final

STOPS: Final = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name))


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Let what must not stop half-way come to its end, and the signals that asked for a stop act after it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    handlers = {number: signal.getsignal(number) for number in STOPS}
    for number, handler in handlers.items():
        if handler not in (None, signal.SIG_IGN):
            signal.signal(number, lambda number, frame: came.append(number))
    try:
        yield
    finally:
        for number, handler in handlers.items():
            if handler not in (None, signal.SIG_IGN):
                signal.signal(number, handler)
        for number in came:  # also where the block failed: who asked for a stop gets it
            signal.raise_signal(number)
