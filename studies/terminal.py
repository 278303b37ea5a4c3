"""Lines on a terminal: wrapped at words under their own indent; whole where a program reads them."""

from __future__ import annotations

from rich.console import Console
from rich.padding import Padding
from rich.text import Text


def show(console: Console, text: str, *, style: str = "", indent: int = 0) -> None:
    """Print a text, markup and numbers left alone."""
    if console.is_terminal:
        console.print(Padding(Text(text, style=style), (0, 0, 0, indent), expand=False))
        return
    console.print(" " * indent + text, highlight=False, markup=False, soft_wrap=True)
