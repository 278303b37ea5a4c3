"""Lines on a terminal: wrapped at words under their own indent; whole where a program reads them."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ...geo.plain_text import plain


def show(console: Console, text: str, *, style: str = "", indent: int = 0) -> None:
    """Print a text, markup and numbers left alone; nothing in it steers the terminal."""
    text = plain(text)
    if console.is_terminal:
        console.print(Padding(Text(text, style=style), (0, 0, 0, indent), expand=False))
        return
    console.print(" " * indent + text, highlight=False, markup=False, soft_wrap=True)


def add_cells(table: Table, *cells: str) -> None:
    """Add a row of plain texts: square brackets are no markup."""
    table.add_row(*(Text(plain(cell)) for cell in cells))


def unmarked(text: str) -> str:
    """Return a text for a place that reads markup, so that it is shown as it stands."""
    return escape(plain(text))
