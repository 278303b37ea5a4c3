"""Finished runs: what a run left in its folder, read back, and whether the files it was made from are still the same."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import geopandas as gpd
import pandas as pd
from pydantic import BaseModel, ValidationError
from rich.console import Console

from ...analyses.scorecard import COLUMNS
from ...geo.errors import InputError, StudyError
from ...geo.files import require_file
from ...geo.reading.cache import file_sha256
from ...geo.shown import Portrait, Shown
from ...layers.source import Source
from ...layers.vector_files import read_vector
from ...maps.exports.table import fused
from ..attribution import study_sources
from ..file.study import Study
from ..speech.messages import Say
from ..speech.portraits import scorecard_portrait
from ..speech.terminal import show
from .draft import settle_folder
from .left_files import RUN
from .sealed import RecordedOutput, read_record, require_outputs

TEXTS: Final = (
    "goal", "level", "unit", "name", "check", "figure", "value_unit", "variant", "reason", "what", "details", "explanation",
    "attribution",
)  # fmt: skip

SCORECARD, DEMAND, RESULTS = "scorecard.csv", "demand.parquet", "results.gpkg"


class RecordedInput(BaseModel):
    """A file that a run was made from."""

    file: str
    sha256: str


class RunRecord(BaseModel):
    """What run.json holds, as far as it is read back."""

    study: str | None = None
    inputs: list[RecordedInput] = []
    sources: list[str] | None = None  # those of the first version stood only in its files
    parameters: dict[str, Any]
    travel_model: int = 1  # the first did not say
    versions: dict[str, str] = {}
    outputs: list[RecordedOutput] | None = None  # the first version listed none

    @property
    def made_by(self) -> dict[str, str]:
        """Versions of the programs and of the travel model."""
        return {**self.versions, "travel model": str(self.travel_model)}


@dataclass(frozen=True, kw_only=True, repr=False)
class FinishedRun(Shown):
    """A run read back from its folder.

    Attributes
    ----------
    folder : Path
    record : RunRecord
    study : Study
        As recorded, with absolute paths.
    scorecard : DataFrame
        Columns as in `scorecard.csv`.
    demand : GeoDataFrame
        One row per unit: `id`, `people` and per goal minutes, status and facility; without a row where nobody travels.
    facilities : GeoDataFrame
    """

    folder: Path
    record: RunRecord
    study: Study
    scorecard: pd.DataFrame
    demand: gpd.GeoDataFrame
    facilities: gpd.GeoDataFrame

    def portrait(self) -> Portrait:
        """Say how the goals were met."""
        return scorecard_portrait(self.study.name, self.scorecard, self.folder)

    @property
    def sources(self) -> tuple[str, ...]:
        """Lines of attribution of everything it was made from."""
        return study_sources(self.study) if self.record.sources is None else tuple(self.record.sources)

    @property
    def file(self) -> Path:
        """The study file, which may be gone by now."""
        return Path(self.record.study or self.folder / "study.yaml")


@dataclass(frozen=True)
class ChangedInput:
    """An input file that is no longer what it was when the run was made."""

    file: str
    what: Literal["missing", "changed"]


def read_run(path: Path, say: Say) -> FinishedRun:
    """Read a finished run from its folder or its run.json, once every file in it is the one that run.json speaks of.

    Raises
    ------
    InputError
        If there is no run, one of its files cannot be read, or one is not as the run wrote it.
    StudyError
        If it was recorded by a version whose studies this one does not understand.
    """
    file = path if path.is_file() else path / RUN.record
    folder = file.parent
    settle_folder(folder, say)
    record = _record(file, say)
    if record.outputs is None:
        show(Console(stderr=True), say("finished.unlisted", file=file), style="yellow")
    require_outputs(folder, record.outputs or [], say)
    for name in (SCORECARD, DEMAND, RESULTS):  # a record lists what it likes: what is read must be an ordinary file all the same
        if (folder / name).exists():
            require_file(folder / name)
    return FinishedRun(
        folder=folder,
        record=record,
        study=_study(file, record, say),
        scorecard=_scorecard(folder / SCORECARD, say),
        demand=_demand(folder / DEMAND, say),
        facilities=_facilities(folder / RESULTS, say),
    )


def _record(file: Path, say: Say) -> RunRecord:
    try:
        return RunRecord.model_validate(read_record(file))
    except FileNotFoundError as error:
        raise InputError(say("finished.none", folder=file.parent)) from error
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"]))
        raise InputError(say("finished.record", file=file, key=where)) from error
    except (OSError, ValueError) as error:
        raise InputError(say("finished.broken", file=file, problem=error)) from error


def _study(file: Path, record: RunRecord, say: Say) -> Study:
    try:
        return Study.model_validate(record.parameters)
    except ValidationError as error:
        raise StudyError(say("finished.version", file=file)) from error


def _scorecard(file: Path, say: Say) -> pd.DataFrame:
    """Read the scorecard, with a byte order mark or without, as before its texts were made safe; a zone may be called NA."""
    try:
        header = pd.read_csv(file, nrows=0, encoding="utf-8-sig").columns
        missing = [column for column in COLUMNS if column not in header]
        if missing:
            raise InputError(say("finished.column", file=file, column=missing[0]))
        types = {column: "str" for column in header if column in TEXTS}
        blank = {column: [""] for column in header if column not in TEXTS}
        card = pd.read_csv(file, dtype=types, keep_default_na=False, na_values=blank, encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise InputError(say("finished.lacks", file=file)) from error
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise InputError(say("finished.broken", file=file, problem=error)) from error
    return card.assign(**{column: fused(card[column]) for column in types})


def _demand(file: Path, say: Say) -> gpd.GeoDataFrame:
    if not file.exists():
        table = {"id": pd.Series(dtype="str"), "people": pd.Series(dtype=float)}
        return gpd.GeoDataFrame(table, geometry=[], crs="EPSG:4326")
    try:
        return gpd.read_parquet(file)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(say("finished.broken", file=file, problem=error)) from error


def _facilities(file: Path, say: Say) -> gpd.GeoDataFrame:
    if not file.exists():
        raise InputError(say("finished.lacks", file=file))
    try:
        return read_vector(Source(file=file, layer="facilities"))
    except InputError as error:
        raise InputError(say("finished.broken", file=file, problem=error)) from error


def changed_inputs(record: RunRecord) -> list[ChangedInput]:
    """Name the recorded input files that are gone or differ from what the run read."""
    found = []
    for entry in record.inputs:
        file = Path(entry.file)
        if not file.is_file():
            found.append(ChangedInput(entry.file, "missing"))
        elif file_sha256(file) != entry.sha256:
            found.append(ChangedInput(entry.file, "changed"))
    return found
