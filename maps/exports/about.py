"""What a file says of itself: whose data it was made from, and what its columns hold."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from .columns import meaning

BETWEEN: Final = "; "


def joined_sources(sources: Sequence[str]) -> str:
    """Return the lines of attribution as one."""
    return BETWEEN.join(sources)


def csv_metadata(file: str, columns: Mapping[str, type], *, kind: str, sources: Sequence[str]) -> dict[str, Any]:
    """Describe a CSV without a column of sources, as CSV on the Web has it; belongs in `<file>-metadata.json`.

    Parameters
    ----------
    file : str
        Its name.
    columns : mapping of name to float or str
    kind : str
        What the columns are looked up under (see `columns.meaning`).
    sources : sequence of str
        Lines of attribution.
    """
    meanings = {column: meaning(kind, column) for column in columns}
    described = [
        {
            "name": name,
            "titles": name,
            "datatype": "number" if columns[name] is float else "string",
            "dc:description": [{"@value": of.zh, "@language": "zh"}, {"@value": of.en, "@language": "en"}],
        }
        for name, of in meanings.items()
    ]
    return {
        "@context": "http://www.w3.org/ns/csvw",
        "url": file,
        "dc:rights": list(sources),
        "tableSchema": {"columns": described},
    }


def file_metadata(file: str, columns: Iterable[str], sources: Sequence[str]) -> dict[str, str]:
    """Return the metadata of a file: `attribution`, and `lifecircle`, JSON with `sources` and the meaning of `columns`.

    Parameters
    ----------
    file : str
        Name of the file, or file and layer (see `columns.meaning`).
    columns : iterable of str
    sources : sequence of str
        Lines of attribution.
    """
    meanings = {column: meaning(file, column) for column in columns}
    told = {
        "sources": list(sources),
        "columns": {name: {"unit": of.unit, "zh": of.zh, "en": of.en} for name, of in meanings.items() if of.en},
    }
    return {"attribution": joined_sources(sources), "lifecircle": json.dumps(told, ensure_ascii=False)}
