"""lifecircle (生活圈): who cannot reach the public services a plan promises, why, and what would help most.

The front door: `import lifecircle as lc`, then `lc.run("study.yaml")`, or without a study
`lc.nearest("city.osm.pbf", people, clinics, mode="walk", minutes=15)`. Nothing is loaded before it is asked for.
"""

from __future__ import annotations

from importlib import import_module, metadata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .studies.access.access import access
    from .studies.check.check import check
    from .studies.comparing.compare import compare
    from .studies.comparing.replay import replay
    from .studies.coverage.run import run
    from .studies.door import gap_map, goals, isochrones, matrix, read_run, read_streets
    from .studies.fetch import fetch
    from .studies.siting.site import site
    from .studies.tables.nearest import nearest

    __version__: str

_ROOMS = {
    "run": "studies.coverage.run",
    "read_run": "studies.door",
    "nearest": "studies.tables.nearest",
    "isochrones": "studies.door",
    "matrix": "studies.door",
    "access": "studies.access.access",
    "site": "studies.siting.site",
    "compare": "studies.comparing.compare",
    "replay": "studies.comparing.replay",
    "check": "studies.check.check",
    "fetch": "studies.fetch",
    "goals": "studies.door",
    "read_streets": "studies.door",
    "gap_map": "studies.door",
}
__all__ = [
    "__version__", "access", "check", "compare", "fetch", "gap_map", "goals", "isochrones", "matrix", "nearest", "read_run",
    "read_streets", "replay", "run", "site",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return metadata.version("lifecircle")
    if name not in _ROOMS:
        raise AttributeError(f"module 'lifecircle' has no attribute {name!r}")
    return getattr(import_module(f".{_ROOMS[name]}", __name__), name)


def __dir__() -> list[str]:
    return __all__
