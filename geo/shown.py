"""How results show themselves: in one line wherever Python prints them, as a small table in notebooks, where names stay data."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from .plain_text import markup, plain

LONGEST: Final = 80  # characters of a name
LONGEST_CELL: Final = 300
MOST_ROWS: Final = 20


@dataclass(frozen=True)
class Portrait:
    """What is shown of a result.

    Attributes
    ----------
    figures : sequence of str
        Those that matter, such as "3 goals".
    name : str
        What it is called, where it has a name.
    out : Path or None
        Where its files lie.
    columns : sequence of str
    rows : iterable of sequences of str
        As many cells each as there are columns; only in notebooks.
    """

    figures: Sequence[str]
    name: str = ""
    out: Path | None = None
    columns: Sequence[str] = ()
    rows: Iterable[Sequence[str]] = ()


class Shown:
    """What has a portrait shows nothing else, however many tables it holds."""

    def portrait(self) -> Portrait:
        """Return what is shown."""
        raise NotImplementedError

    def __repr__(self) -> str:
        shown = self.portrait()
        name = [repr(_short(shown.name))] if shown.name else []
        out = [] if shown.out is None else [f"out={_short(str(shown.out), LONGEST_CELL)}"]
        return f"<{' '.join([type(self).__name__, *name, ', '.join([*shown.figures, *out])])}>"

    def _repr_html_(self) -> str:
        shown = self.portrait()
        rows = [*shown.rows]
        head = "".join(f"<th>{_cell(column)}</th>" for column in shown.columns)
        body = "".join(f"<tr>{''.join(f'<td>{_cell(cell)}</td>' for cell in row)}</tr>" for row in rows[:MOST_ROWS])
        more = f"<p>and {len(rows) - MOST_ROWS:,} more</p>" if len(rows) > MOST_ROWS else ""
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}" if rows else ""
        return f"<div><p>{markup(plain(repr(self)))}</p>{table}</div>"


def counted(number: float, one: str, many: str | None = None) -> str:
    """Say how many there are: "1 goal", "1,234 goals"."""
    shown = whole(number)
    return f"{shown} {one if shown == '1' else many or f'{one}s'}"


def whole(number: float) -> str:
    """Write a number without decimals, halves rounded up as everywhere that people are shown; empty where there is none."""
    return "" if number != number else f"{math.floor(number + 0.5):,}"


def _short(text: str, most: int = LONGEST) -> str:
    """Return a text on one line, cut where it is endless."""
    line = " ".join(plain(text).split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def _cell(text: str) -> str:
    return markup(_short(text, LONGEST_CELL))
