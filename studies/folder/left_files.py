"""Which files each command leaves in its folder, and which of those that lie there are an earlier run's to take away.

Whatever is not known to be a result is the user's: nobody but the user removes it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

from .sealed import read_record
from .swap import is_below


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of results.

    Attributes
    ----------
    command : str
        Who writes them.
    record : str
        The file that says what they are; without it the others are not believed.
    names : tuple of str
        All names its files may have, `*` standing for a goal.
    """

    command: str
    record: str
    names: tuple[str, ...]

    def knows(self, name: str) -> bool:
        """Tell whether a file of this name may be one of these results."""
        return name == self.record or any(fnmatchcase(name, known) for known in self.names)

    def told(self, name: str) -> tuple[str, str | None]:
        """Return the key of the text that says what a file of this name holds, and the goal it is about, if it is about one."""
        if name in self.names:
            return f"output.{self.command}.{name}", None
        known = next(known for known in self.names if "*" in known and fnmatchcase(name, known))
        start, end = known.split("*")
        return f"output.{self.command}.{known}", name[len(start) : len(name) - len(end)]

    def expected(self, goals: Sequence[str]) -> list[str]:
        """Name the files that results about these goals may have."""
        starred = [name for name in self.names if "*" in name]
        plain = [name for name in self.names if "*" not in name]
        return [self.record, *plain, *(name.replace("*", goal) for name in starred for goal in goals)]


RUN: Final = Kind(
    command="run",
    record="run.json",
    names=(
        "map.html", "report.html", "scorecard.csv", "scorecard.xlsx", "scorecard.json", "variants.csv", "equity.csv",
        "demand.parquet", "results.gpkg", "gaps.geojson", "map-*.png", "map-*.svg", "minutes-*.tif", "snaps.csv",
        "components.csv", "rejected.csv", "unused.csv", "columns.csv",
    ),
)  # fmt: skip
ACCESS: Final = Kind(
    command="access",
    record="access.json",
    names=("access.parquet", "access.csv", "access-zones.csv", "access-facilities.csv", "access-columns.csv"),
)
SITING: Final = Kind(
    command="site",
    record="plan.json",
    names=(
        "map.html", "sites.csv", "sites.gpkg", "curve.csv", "curve.png", "curve.svg", "compare.csv", "uncoverable.csv",
        "rejected.csv", "columns.csv",
    ),
)  # fmt: skip
COMPARISON: Final = Kind(
    command="compare",
    record="compare.json",
    names=(
        "shares.csv", "units.csv", "groups.csv", "facilities.csv", "owed.csv", "causes.csv", "facilities.geojson", "map.html",
        "columns.csv",
    ),
)  # fmt: skip
ABOUT_A_RUN: Final = {"compare": COMPARISON, "replay": RUN}  # folders in a run's that say nothing once the run is another one
FIRST_COMPARISON: Final = ("shares.csv", "units.csv", "groups.csv", "owed.csv")  # of the first version, which left no record


def earlier_files(folder: Path, kind: Kind) -> list[str]:
    """Name the files that earlier results of a kind left in a folder.

    Those are the names that their record lists, as far as the kind knows them: a record that anybody may have written gives no
    leave to delete anything else. Records of the first version list nothing; there the known names count.
    """
    own = [name for name in dict.fromkeys(_own(folder, kind)) if _is_file(folder / name)]
    if kind is not RUN or not own:
        return own
    below = [f"{part}/{name}" for part, other in ABOUT_A_RUN.items() for name in _below(folder / part, other)]
    return [*own, *below]


def _below(folder: Path, kind: Kind) -> list[str]:
    """Files of results about a run; a link leads out of the run's folder and is left alone."""
    return earlier_files(folder, kind) if folder.is_dir() and not folder.is_symlink() else []


def _own(folder: Path, kind: Kind) -> list[str]:
    record = _record(folder / kind.record)
    if record is not None:
        return [
            kind.record,
            *(_listed(record, kind) if isinstance(record.get("outputs"), list) else _first_version(folder, kind)),
        ]
    first = kind is COMPARISON and all(_is_file(folder / name) for name in FIRST_COMPARISON)
    return list(kind.names) if first else []


def _is_file(path: Path) -> bool:
    return os.path.lexists(path) and (path.is_symlink() or not path.is_dir())


def _record(file: Path) -> dict[str, Any] | None:
    """Return a record; None for whatever else has its name."""
    try:
        record = read_record(file)
    except (OSError, ValueError):
        return None
    return record if isinstance(record, dict) and "parameters" in record else None


def _listed(record: dict[str, Any], kind: Kind) -> list[str]:
    names = [str(entry.get("file")) for entry in record["outputs"] if isinstance(entry, dict)]
    return [name for name in names if is_below(name) and "/" not in name and kind.knows(name)]


def _first_version(folder: Path, kind: Kind) -> list[str]:
    """Names by which the first version is known; of a goal where two of its files are there: one alone may be anything."""
    present = {entry.name for entry in folder.iterdir()}
    starred = [name.split("*") for name in kind.names if "*" in name]
    goals = {
        name.removeprefix(start).removesuffix(end)
        for start, end in starred
        for name in present
        if name.startswith(start) and name.endswith(end)
    }
    of_goals = [[f"{start}{goal}{end}" for start, end in starred] for goal in sorted(goals)]
    sure = [names for names in of_goals if len(present.intersection(names)) > 1]
    return [*(name for name in kind.names if name in present), *(name for names in sure for name in names)]
