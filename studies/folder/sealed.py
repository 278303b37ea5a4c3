"""Results as their record lists them: made of a finished draft, and held against a folder before it is believed."""

from __future__ import annotations

import errno
import hashlib
import json
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, Field

from ...geo.errors import InputError
from ..speech.messages import Say
from .swap import is_below

MOST_RECORD_BYTES: Final = 64_000_000  # a record of ten thousand zones has a hundredth of it


class RecordedOutput(BaseModel):
    """One file of results: its name in the folder, and what it held when it was written.

    `goal` is the one it is about, where it is about one; `meaning` is a sentence in the language of the command. Records of the
    first versions say neither.
    """

    file: str
    sha256: str
    bytes: int = Field(ge=0)
    goal: str | None = None
    meaning: str = ""


def read_record(file: Path) -> Any:
    """Return what a record holds; it may be anybody's.

    Raises
    ------
    OSError
        If it cannot be opened, or is no ordinary file: a pipe would be waited for without end.
    ValueError
        If it is no JSON, or longer or deeper than any record.
    """
    if file.exists() and not file.is_file():
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), str(file))
    with file.open("rb") as opened:
        content = opened.read(MOST_RECORD_BYTES + 1)
    if len(content) > MOST_RECORD_BYTES:
        raise ValueError(f"more than {MOST_RECORD_BYTES:,} bytes")
    try:
        return json.loads(content)
    except RecursionError as error:
        raise ValueError("nested too deep") from error


def list_outputs(folder: Path) -> list[RecordedOutput]:
    """List every file of a folder, by name."""
    return [_listed(path) for path in sorted(folder.iterdir()) if path.is_file()]


def _listed(path: Path) -> RecordedOutput:
    with path.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
        return RecordedOutput(file=path.name, sha256=digest, bytes=os.fstat(opened.fileno()).st_size)


def put_on_disk(path: Path) -> None:
    """Wait until a file would outlive a power cut."""
    with path.open("rb") as opened, suppress(OSError):  # Windows syncs only what is open for writing
        os.fsync(opened.fileno())


def require_outputs(folder: Path, outputs: Sequence[RecordedOutput], say: Say) -> None:
    """Require that every file of a folder is the one its record speaks of.

    Raises
    ------
    InputError
        If one is missing, or another one: changed by hand, or of another run.
    """
    for output in outputs:
        file = folder / output.file
        if not is_below(output.file):
            raise InputError(say("finished.outside", folder=folder, name=output.file))
        if not file.is_file():
            raise InputError(say("finished.lacks", file=file))
        try:
            same = file.stat().st_size == output.bytes and _listed(file).sha256 == output.sha256
        except OSError as error:
            raise InputError(say("finished.broken", file=file, problem=error.strerror)) from error
        if not same:
            raise InputError(say("finished.changed", file=file))
