"""Being stopped from outside: an interrupt, a request to end, a terminal that is closed. Each ends a command in good order."""

from __future__ import annotations

import signal
from types import FrameType
from typing import NoReturn

INTERRUPTED = 128 + signal.SIGINT  # exit codes as shells give them


class StoppedError(KeyboardInterrupt):
    """A signal that asks a command to end; all that cleans up after an interrupt cleans up after it too."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.exit_code = 128 + number


def raise_on_signals() -> None:
    """Let signals that would end the process at once raise an exception instead; those that are ignored (nohup) stay so."""
    for name in ("SIGTERM", "SIGHUP", "SIGBREAK"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, _stop)


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    raise StoppedError(number)


def exit_code(error: KeyboardInterrupt) -> int:
    """Return the exit code of a command that was stopped."""
    return error.exit_code if isinstance(error, StoppedError) else INTERRUPTED
