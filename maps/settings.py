"""Settings: the parameters of a run as the report prints them, without what was left unsaid."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Any

_TITLE_PAGE = {"name", "out"}  # the report's own name and folder
_HEADINGS = {
    "id",
    "title",
    "phrase",
    "section",
    "document",
    "plan_row",
    "source",
    "sources",
    "note",
    "variants",
}  # said with each goal


def settings(run: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the parameters that were set as (dotted name, value) pairs, files by their names and goals by their ids."""
    said = {key: value for key, value in (run.get("parameters") or {}).items() if key not in _TITLE_PAGE}
    if "goals" in said:
        said["goals"] = {goal["id"]: {k: v for k, v in goal.items() if k not in _HEADINGS} for goal in said["goals"]}
    names = {str(entry["file"]): file_name(entry["file"]) for entry in run.get("inputs") or []}
    return [(name, ", ".join(names.get(value, value) for value in values)) for name, values in flat(said)]


def file_name(path: str) -> str:
    """Return the name of a file, whichever system wrote the path: reports are handed on, folders are private."""
    return PurePath(str(path).replace("\\", "/")).name


def flat(value: Any, name: str = "") -> Iterator[tuple[str, list[str]]]:
    """Yield nested settings as a dotted name and its values; what is empty is left out."""
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from flat(part, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list | tuple) and any(isinstance(part, Mapping | list | tuple) for part in value):
        for i, part in enumerate(value, 1):
            yield from flat(part, f"{name}.{i}" if name else str(i))
    elif isinstance(value, list | tuple):
        if value:
            yield name, [str(part) for part in value]
    elif value is not None:
        yield name, [str(value)]
