"""What the package consists of, read from its files without running them: rooms, folders, modules, and who imports whom."""

from __future__ import annotations

import ast
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "lifecircle"


def project() -> dict[str, Any]:
    """Return pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def rooms() -> list[str]:
    """Return the rooms, those that import before those that are imported, as import-linter holds them."""
    contracts = project()["tool"]["importlinter"]["contracts"]
    names = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    return [name.removeprefix(f"{PACKAGE}.") for name in names if (ROOT / name.removeprefix(f"{PACKAGE}.")).is_dir()]


def packages(room: str) -> list[Path]:
    """Return the folders of a room that hold modules, itself first."""
    names = sorted(name.split(".")[1:] for name in project()["tool"]["setuptools"]["packages"])
    return [Path(*parts) for parts in names if parts[:1] == [room]]


def modules(folder: Path) -> list[Path]:
    """Return the modules that lie in a folder itself, without the folder's own."""
    return sorted(file.relative_to(ROOT) for file in (ROOT / folder).glob("*.py") if file.name != "__init__.py")


def dotted(file: Path) -> str:
    """Return the name by which a module or a folder of the package is imported."""
    parts = [part for part in file.with_suffix("").parts if part != "__init__"]
    return ".".join((PACKAGE, *parts))


def tree(file: Path) -> ast.Module:
    """Return a module of the package, parsed."""
    return ast.parse((ROOT / file).read_text(encoding="utf-8"), filename=str(file))


def purpose(folder: Path) -> str:
    """Return the first line of what a folder says of itself."""
    return (ast.get_docstring(tree(folder / "__init__.py")) or "").partition("\n")[0]


def imported(file: Path) -> Iterator[str]:
    """Yield the full name of what each import statement of a module takes from the package."""
    here = (PACKAGE, *file.parent.parts)
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.ImportFrom):
            base = here[: len(here) - node.level + 1] if node.level else ()
            taken = [*base, *(node.module or "").split(".")]
            yield ".".join([*filter(None, taken), node.names[0].name])
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def imports_between_rooms() -> Counter[tuple[str, str]]:
    """Count the import statements of each room that take something from another room."""
    known, found = rooms(), Counter[tuple[str, str]]()
    for room in known:
        for file in sorted((ROOT / room).rglob("*.py")):
            targets = (name.split(".") for name in imported(file.relative_to(ROOT)))
            found.update((room, name[1]) for name in targets if name[0] == PACKAGE and name[1] in known and name[1] != room)
    return found


def public_definitions(file: Path) -> list[str]:
    """Return the functions and classes of a module that are for others and say what they are for."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    defined = [node for node in tree(file).body if isinstance(node, kinds)]
    return [node.name for node in defined if not node.name.startswith("_") and ast.get_docstring(node)]
