"""Texts of data on a terminal: shown as they stand, and nothing in them steers it."""

import io

from rich.console import Console
from rich.table import Table

from lifecircle.studies.folder.record import Record
from lifecircle.studies.speech.progress import Lines
from lifecircle.studies.speech.terminal import add_cells, show


def test_markup_and_control_characters_are_only_text():
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=120, color_system=None)
    show(console, "[/x] [red]a\x1b[2Jb")
    table = Table()
    table.add_column("name")
    add_cells(table, "[/y] \u202egpj.exe")
    console.print(table)
    with Record(teller=Lines(Console(file=screen, width=120))).stage("Goal [/z]"):
        pass
    said = screen.getvalue()
    assert "[/x] [red]a[2Jb" in said
    assert "[/y] gpj.exe" in said
    assert "Goal [/z]" in said
    assert "\x1b[2J" not in said
