"""Which characters a file's bytes mean: Chinese files seldom say, and sometimes lie.

Bytes are judged before declarations: text that is valid UTF-8 is UTF-8, text that decodes to everyday Chinese as
GB18030 (which contains GBK and GB2312) is GB18030, and only then is a `.cpg` file believed.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

from ..geo.errors import InputError

BLOCK_BYTES: Final = 1 << 20
SAMPLE_CHARACTERS: Final = 20_000
# Everyday Chinese is GB2312. Latin text misread as GB18030 turns into rare characters outside it, so the share of
# GB2312 among the non-ASCII characters tells the two apart.
EVERYDAY_SHARE: Final = 0.6
UTF16_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

Pieces = Callable[[], Iterable[bytes]]


def text_encoding(path: Path, encoding: str | None = None) -> str:
    """Name the codec that reads a text file.

    Parameters
    ----------
    path : Path
    encoding : str or None
        An explicit override, checked against the bytes.

    Returns
    -------
    str
        A Python codec name; `utf-8-sig` also reads UTF-8 without a mark.

    Raises
    ------
    InputError
        If the override does not fit, or neither UTF-8 nor GB18030 does.
    """
    with path.open("rb") as stream:
        marked = stream.read(2) in UTF16_MARKS
    if marked and encoding is None:
        return "utf-16"
    found = _choose(path, lambda: _line_blocks(path), encoding=encoding, declared=None)
    return "utf-8-sig" if codecs.lookup(found).name == "utf-8" else found


def values_encoding(path: Path, values: list[bytes], *, encoding: str | None, declared: str | None) -> str:
    """Name the codec of a dBASE table's texts.

    Parameters
    ----------
    path : Path
        Named in errors.
    values : list of bytes
        Field names and texts; each may be cut in the middle of its last character.
    encoding : str or None
        An explicit override.
    declared : str or None
        What the `.cpg` file says; believed only where the bytes do not speak.

    Raises
    ------
    InputError
        If the override does not fit, or nothing does.
    """
    return _choose(path, lambda: values, encoding=encoding, declared=declared)


def decode_value(value: bytes, encoding: str) -> str:
    """Decode one text; a character cut off at its end (dBASE fields have a fixed width) is dropped."""
    return codecs.getincrementaldecoder(encoding)().decode(value, final=False)


def declared_encoding(path: Path) -> str | None:
    """Return the codec that the `.cpg` file beside a Shapefile names, None where there is none that Python knows."""
    cpg = next((beside for suffix in (".cpg", ".CPG") if (beside := path.with_suffix(suffix)).is_file()), None)
    if cpg is None:
        return None
    label = cpg.read_text(encoding="ascii", errors="ignore").strip().removeprefix("ANSI ")
    return next((name for name in (label, f"cp{label}") if _is_known(name)), None)


def _choose(path: Path, pieces: Pieces, *, encoding: str | None, declared: str | None) -> str:
    if encoding is not None:
        return _overridden(path, pieces, encoding)
    if _sample(pieces, "utf-8") is not None:
        return "utf-8"
    sample = _sample(pieces, "gb18030")
    if sample is not None and _everyday_share(sample) >= EVERYDAY_SHARE:
        return "gb18030"
    if declared is not None and _sample(pieces, declared) is not None:
        return declared
    raise InputError("{file}: the text is neither UTF-8 nor GB18030 (GBK): add `encoding:`, such as big5", file=path.name)


def _overridden(path: Path, pieces: Pieces, encoding: str) -> str:
    if not _is_known(encoding):
        raise InputError(
            "{file}: unknown encoding {encoding!r}: use utf-8, gb18030 or another codec's name", file=path.name, encoding=encoding
        )
    if _sample(pieces, encoding) is None:
        raise InputError(
            "{file}: the text is not {encoding}: correct `encoding:` or leave it out", file=path.name, encoding=encoding
        )
    return encoding


def _sample(pieces: Pieces, encoding: str) -> str | None:
    """Return the first non-ASCII characters, or None as soon as a piece does not decode."""
    sample = ""
    for piece in pieces():
        try:
            text = decode_value(piece, encoding)
        except (UnicodeError, ValueError):
            return None
        if len(sample) < SAMPLE_CHARACTERS and not text.isascii():
            sample += "".join(character for character in text[:BLOCK_BYTES] if not character.isascii())
    return sample


def _everyday_share(sample: str) -> float:
    everyday = sample.encode("gb2312", errors="ignore").decode("gb2312")
    return len(everyday) / len(sample)


def _is_known(encoding: str) -> bool:
    try:
        "".encode(encoding)
    except (LookupError, ValueError):
        return False
    return encoding != "" and len(encoding) < 40


def _line_blocks(path: Path) -> Iterator[bytes]:
    """Yield blocks that end with a line, so that no character is cut between two of them."""
    with path.open("rb") as stream:
        while lines := stream.readlines(BLOCK_BYTES):
            yield b"".join(lines)
