"""The searches are compiled to machine code once per machine; a user who waits for it should know."""

from __future__ import annotations

from pathlib import Path

from ..geo.cell_grid import find_cell


def needs_compiling() -> bool:
    """Tell whether this machine has yet to compile the searches."""
    folder = Path(str(find_cell.stats.cache_path))
    return not any(folder.glob("*.nbi"))
