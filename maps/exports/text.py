"""Text: pages, notices and JSON, in UTF-8 with the same line ends on every system."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..figures import plain


def write_text(text: str, path: str | Path) -> None:
    """Write a text."""
    Path(path).write_text(text, encoding="utf-8", newline="\n")


def write_json(content: Mapping[str, Any], path: str | Path, *, indent: int | None = None) -> None:
    """Write an object as JSON; figures that do not exist are null, whatever is no JSON is its text."""
    separators = (",", ":") if indent is None else None
    text = json.dumps(as_json(content), ensure_ascii=False, allow_nan=False, indent=indent, separators=separators)
    write_text(text + "\n", path)


def as_json(value: Any) -> Any:
    """Return a value as plain JSON data."""
    if isinstance(value, Mapping):
        return {str(key): as_json(part) for key, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [as_json(part) for part in value]
    simple = plain(value)
    return simple if simple is None or isinstance(simple, str | int | float | bool) else str(simple)
