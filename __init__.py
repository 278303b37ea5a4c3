"""lifecircle (生活圈): who cannot reach the public services a plan promises, why, and what would help most.

The front door: `import lifecircle as lc`, then `lc.run("study.yaml")`, or without a study
`lc.nearest("city.osm.pbf", people, clinics, mode="walk", minutes=15)`. Nothing is loaded before it is asked for.
"""

from __future__ import annotations

from importlib import import_module, metadata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .studies.access.access import access
    from .studies.check import check
    from .studies.compare import compare
    from .studies.door import gap_map, goals, isochrones, matrix, read_run, read_streets
    from .studies.fetch import fetch
    from .studies.nearest import nearest
    from .studies.replay import replay
    from .studies.run import run
    from .studies.siting.site import site

    __version__: str

_ROOMS = {
    "run": "studies.run",
    "read_run": "studies.door",
    "nearest": "studies.nearest",
    "isochrones": "studies.door",
    "matrix": "studies.door",
    "access": "studies.access.access",
    "site": "studies.siting.site",
    "compare": "studies.compare",
    "replay": "studies.replay",
    "check": "studies.check",
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
