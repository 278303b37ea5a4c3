"""The record of a run: what went in, with which parameters, how long each stage took and how much memory it needed."""

from __future__ import annotations

import platform
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ...geo.modes import TRAVEL_MODEL
from ...geo.reading.cache import file_sha256
from ...geo.reading.unused import Unused
from ..file.study import Study, study_files, with_parts
from ..speech.progress import Teller, current_teller
from ..speech.terminal import show

LIBRARIES = ("lifecircle", "numpy", "pandas", "geopandas", "shapely", "pyproj", "numba", "osmium", "rasterio", "folium")


@dataclass
class Record:
    """Collects while a run goes on; `as_dict` is what run.json holds."""

    teller: Teller = field(default_factory=current_teller)
    stages: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    counts: dict[str, Any] = field(default_factory=dict)
    inputs: list[dict[str, Any]] = field(default_factory=list)
    parameters: dict[str, Any] = field(default_factory=dict)
    unused: Unused = field(default_factory=Unused)
    sources: Sequence[str] = ()
    study: Path | None = None

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time one stage and note the process's peak memory after it."""
        started = time.perf_counter()
        with self.teller.stage(name):
            yield
            seconds = time.perf_counter() - started
            self.stages.append({"stage": name, "seconds": round(seconds, 3), "peak_memory_mb": peak_memory_mb()})

    def note(self, text: str) -> None:
        """Keep a remark for the planner, and show it."""
        self.notes.append(text)
        show(self.teller.console, text, style="yellow", indent=2)

    def seal(self, file: Path, study: Study, sources: Sequence[str], **parameters: Any) -> Record:
        """Add what the run was made from and whose that is, while those files are as they were read.

        Parameters
        ----------
        file : Path
            The study file, which may be gone by now.
        study : Study
            All its files, with their parts, are listed.
        sources : sequence of str
            Lines of attribution.
        parameters
            Beside those of the study.
        """
        files = [part for _, named in study_files(study) for part in with_parts(named)]
        self.study = file
        self.inputs = [listed_input(each) for each in sorted({*([file] if file.exists() else []), *files})]
        self.parameters = {**study.model_dump(mode="json"), **parameters}
        self.sources = sources
        return self

    def as_dict(self) -> dict[str, Any]:
        """Return the whole record as plain JSON data."""
        return {
            "study": None if self.study is None else str(self.study),
            "inputs": self.inputs,
            "sources": list(self.sources),
            "parameters": self.parameters,
            "stages": self.stages,
            "counts": self.counts,
            "unused": self.unused.as_dict(),
            "notes": self.notes,
            "travel_model": TRAVEL_MODEL,
            "versions": versions(),
        }


def listed_input(file: Path) -> dict[str, Any]:
    """Describe a file that results are made from, as records list it."""
    return {"file": str(file), "sha256": file_sha256(file), "bytes": file.stat().st_size}


def versions() -> dict[str, str]:
    """Return the versions of all programs that a result hangs on."""
    return {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}}


def peak_memory_mb() -> float | None:
    """Return the process's peak memory; None where the system does not tell (Windows)."""
    if sys.platform == "win32":
        return None
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1024 * 1024 if sys.platform == "darwin" else 1024), 1)
