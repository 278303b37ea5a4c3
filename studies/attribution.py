"""Whose data results are made of: OpenStreetMap, what the study says of its files, and the notices that lie beside them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, TypeVar

from pydantic import BaseModel

from ..geo.errors import InputError
from ..geo.plain_text import plain
from ..layers.encodings import text_encoding
from ..layers.source import Source, as_source
from .file.study import FacilityOsm, Siting, SourcedFile, Study, study_files

Part = TypeVar("Part")
OSM_SOURCE: Final = "© OpenStreetMap contributors (ODbL)"
NOTICE_NAMES: Final = ("NOTICE", "NOTICE.txt")
MOST_NOTICE_LINES: Final = 4
LONGEST_LINE: Final = 300


def study_sources(study: Study, *, siting: Siting | None = None) -> tuple[str, ...]:
    """Return the lines of attribution of results made from a study.

    Parameters
    ----------
    study : Study
    siting : Siting, optional
        Whose candidates were used; nothing else reads any.
    """
    used = study.model_copy(update={"siting": {} if siting is None else {"": siting}})
    listed = [source for sources in study.facilities.values() for source in sources]
    from_osm = bool(study.streets) or any(isinstance(source, FacilityOsm) for source in listed)
    said = [line for section in _sections(used) for line in _said(section)]
    return _lines(said, [file for _, file in study_files(used)], from_osm=from_osm)


def file_sources(files: Iterable[Source | str | Path | None]) -> tuple[str, ...]:
    """Return the lines of attribution of results made from streets and other files without a study; None is no file."""
    sources = [as_source(file) for file in files if file is not None]
    said = [line for source in sources for line in _said(source)]
    return _lines(said, [source.file for source in sources], from_osm=True)


def _lines(said: Iterable[str], files: Iterable[Path], *, from_osm: bool) -> tuple[str, ...]:
    """Put all lines together, each once."""
    return tuple(dict.fromkeys([*([OSM_SOURCE] if from_osm else []), *said, *_notices(files)]))


def _sections(part: object) -> Iterator[Source | SourcedFile]:
    """Yield every section of a study that names a file, in the order of its keys."""
    if isinstance(part, Source | SourcedFile):
        yield part
    if isinstance(part, BaseModel):
        part = [getattr(part, name) for name in type(part).model_fields]
    elif isinstance(part, dict):
        part = list(part.values())
    if isinstance(part, list | tuple):
        for inner in part:
            yield from _sections(inner)


def without_sources(part: Part) -> Part:
    """Return a study, or a part of it, that says nothing of whose its files are."""
    if isinstance(part, BaseModel):
        own = {"source": None, "licence": None} if isinstance(part, Source | SourcedFile) else {}
        inner = {name: without_sources(getattr(part, name)) for name in type(part).model_fields if name not in own}
        return part.model_copy(update={**inner, **own})
    if isinstance(part, dict):
        return type(part)((key, without_sources(value)) for key, value in part.items())
    return type(part)(map(without_sources, part)) if isinstance(part, list | tuple) else part


def _said(section: Source | SourcedFile) -> Iterator[str]:
    """Yield what a section says of its file, such as `people.csv: Statistics Office, CC BY 4.0`."""
    words = [_one_line(text) for text in (section.source, section.licence) if text]
    if any(words):
        yield f"{_one_line(section.file.name)}: {', '.join(filter(None, words))}"


def _notices(files: Iterable[Path]) -> list[str]:
    """Return how the notice beside each file begins: its first paragraph, without the indented lines of detail."""
    folders = dict.fromkeys(file.parent for file in files)
    notices = (folder / name for folder in folders for name in NOTICE_NAMES)
    return [line for notice in notices if notice.is_file() for line in _beginning(notice)]


def _beginning(notice: Path) -> Iterator[str]:
    try:
        with notice.open(encoding=_encoding(notice), errors="replace") as opened:
            text = opened.read(MOST_NOTICE_LINES * 10 * LONGEST_LINE)
    except OSError:
        return  # what nobody may read says nothing
    paragraph = text.strip("\n\r ").partition("\n\n")[0].splitlines()
    said = [line for line in paragraph if line.strip() and not line[0].isspace()]
    yield from (_one_line(line) for line in said[:MOST_NOTICE_LINES])


def _encoding(notice: Path) -> str:
    try:
        found = text_encoding(notice)
    except InputError:
        found = "utf-8"
    return "utf-8-sig" if found == "utf-8" else found


def _one_line(text: str) -> str:
    line = " ".join(plain(text).split())
    return line if len(line) <= LONGEST_LINE else f"{line[: LONGEST_LINE - 1]}…"
