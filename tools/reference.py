"""Write the pages of the API reference from what the code holds: its front door, and every folder of every room.

Nothing is listed here by hand. The front door is what `lifecircle` itself offers (`__all__`); where it offers nothing, the
functions that bear the name of a command. A room offers what its modules define without an underscore and with a docstring.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path

from rooms import PACKAGE, dotted, modules, packages, public_definitions, rooms

COMMANDS = Path("studies", "commands")
FRONT_DOOR = """# The front door

{how} A command of the command line and its function share their name and their options. What stands behind these doors follows
room by room.

| function | what it does |
|---|---|
{rows}

{functions}
"""
OFFERED = "What `import lifecircle` offers."
TWINS = "What most work needs, each imported from where it stands."


def offered() -> dict[str, str]:
    """Return what the package itself offers, by name, with where it is defined."""
    package = importlib.import_module(PACKAGE)
    found = {name: getattr(package, name) for name in getattr(package, "__all__", ()) if not name.startswith("_")}
    return {name: f"{thing.__module__}.{thing.__qualname__}" for name, thing in found.items()}


def twins() -> dict[str, str]:
    """Return the functions that bear the name of a command, by name, with where they are defined."""
    homes = [file for folder in packages("studies") if folder != COMMANDS for file in modules(folder)]
    names = {file.stem for file in modules(COMMANDS)}
    return {file.stem: f"{dotted(file)}.{file.stem}" for file in homes if file.stem in names & set(public_definitions(file))}


def front_door() -> str:
    """Return the page of the front door."""
    doors, how = (offered(), OFFERED) if offered() else (twins(), TWINS)
    rows = "\n".join(f"| [`{name}`](#{path}) | {first_line(path)} |" for name, path in doors.items())
    headings = {path: f"{PACKAGE}.{name}" if how == OFFERED else path for name, path in doors.items()}
    again = {"skip_local_inventory": "true"}  # its one address is on the page of its room
    functions = "\n\n".join(block(path, level=2, heading=heading, **again) for path, heading in headings.items())
    return FRONT_DOOR.format(how=how, rows=rows, functions=functions)


def first_line(path: str) -> str:
    """Return the first line of a definition's docstring."""
    module, _, name = path.rpartition(".")
    said = inspect.getdoc(getattr(importlib.import_module(module), name)) or ""
    return said.partition("\n")[0]


def block(path: str, *, level: int, heading: str, **more: str) -> str:
    """Return what makes mkdocstrings write about one definition, module or folder."""
    options = {"heading_level": level, "heading": heading, "toc_label": heading.rpartition(".")[2], **more}
    return "\n".join([f"::: {path}", "    options:", *(f"      {key}: {value}" for key, value in options.items())])


def folder_page(folder: Path) -> str:
    """Return the page of a folder of the package."""
    offering = [file for file in modules(folder) if public_definitions(file)]
    parts = [block(dotted(folder), level=1, heading=dotted(folder), members="false")]
    parts += [block(dotted(file), level=2, heading=dotted(file)) for file in offering]
    return "\n\n".join(parts) + "\n"


def pages() -> Iterator[tuple[str, str, str]]:
    """Yield address, name and text of every page of the reference."""
    yield "api/index.md", "lifecircle", front_door()
    for room in reversed(rooms()):
        for folder in packages(room):
            name = ".".join(folder.parts)
            yield f"api/{name}.md", name, folder_page(folder)
