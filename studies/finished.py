"""Finished runs: what a run left in its folder, read back, and whether the files it was made from are still the same."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import pandas as pd
import pyogrio
from pydantic import ValidationError

from ..geo.cache import file_sha256
from ..geo.errors import InputError, StudyError
from .messages import Say
from .study import Study

RECORD = "run.json"


@dataclass(frozen=True, kw_only=True)
class FinishedRun:
    """A run read back from its folder.

    Attributes
    ----------
    folder : Path
    record : mapping
        What run.json holds.
    study : Study
        As recorded, with absolute paths.
    scorecard : DataFrame
        Columns as in `scorecard.csv`.
    demand : DataFrame
        One row per unit: `id`, `people` and per goal minutes, status and facility; empty where nobody travels.
    facilities : GeoDataFrame
    """

    folder: Path
    record: Mapping[str, Any]
    study: Study
    scorecard: pd.DataFrame
    demand: pd.DataFrame
    facilities: gpd.GeoDataFrame

    @property
    def file(self) -> Path:
        """The study file, which may be gone by now."""
        return Path(self.record.get("study") or self.folder / "study.yaml")


@dataclass(frozen=True)
class ChangedInput:
    """An input file that is no longer what it was when the run was made."""

    file: str
    what: Literal["missing", "changed"]


def read_run(path: Path, say: Say) -> FinishedRun:
    """Read a finished run from its folder or its run.json.

    Raises
    ------
    InputError
        If there is no run, or one of its files cannot be read.
    StudyError
        If it was recorded by a version whose studies this one does not understand.
    """
    folder = path.parent if path.name == RECORD else path
    record = _record(folder / RECORD, say)
    try:
        study = Study.model_validate(record["parameters"])
    except (ValidationError, KeyError) as error:
        raise StudyError(say("finished.version", file=folder / RECORD)) from error
    return FinishedRun(
        folder=folder,
        record=record,
        study=study,
        scorecard=_scorecard(folder / "scorecard.csv", say),
        demand=_demand(folder / "demand.parquet"),
        facilities=_facilities(folder / "results.gpkg", say),
    )


def _record(file: Path, say: Say) -> dict[str, Any]:
    try:
        record: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InputError(say("finished.none", folder=file.parent)) from error
    except (OSError, ValueError) as error:
        raise InputError(say("finished.broken", file=file, problem=error)) from error
    return record


def _scorecard(file: Path, say: Say) -> pd.DataFrame:
    if not file.exists():
        raise InputError(say("finished.lacks", file=file))
    texts = {"goal": "str", "level": "str", "unit": "str", "name": "str"}
    return pd.read_csv(file, dtype=texts, keep_default_na=True).fillna({"unit": "", "name": ""})


def _demand(file: Path) -> pd.DataFrame:
    if not file.exists():
        return pd.DataFrame({"id": pd.Series(dtype="str"), "people": pd.Series(dtype=float)})
    return pd.DataFrame(gpd.read_parquet(file).drop(columns="geometry"))


def _facilities(file: Path, say: Say) -> gpd.GeoDataFrame:
    if not file.exists():
        raise InputError(say("finished.lacks", file=file))
    return pyogrio.read_dataframe(file, layer="facilities")


def changed_inputs(record: Mapping[str, Any]) -> list[ChangedInput]:
    """Name the recorded input files that are gone or differ from what the run read.

    Parameters
    ----------
    record : mapping
        What run.json holds: `inputs`, each with `file` and `sha256`.
    """
    found = []
    for entry in record.get("inputs", []):
        file = Path(entry["file"])
        if not file.is_file():
            found.append(ChangedInput(str(file), "missing"))
        elif file_sha256(file) != entry["sha256"]:
            found.append(ChangedInput(str(file), "changed"))
    return found
