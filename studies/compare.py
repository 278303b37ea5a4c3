"""Comparison of two runs: what changed for whom, which facilities it is owed to, and what each cause alone would have done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from ..analyses.comparison import UnitChange, attribute, facility_changes, share_changes, unit_changes
from ..analyses.results import Results, State
from ..geo.errors import StudyError
from ..maps.gap_map import write_gap_map
from .finished import FinishedRun, changed_inputs, read_run
from .messages import Say, default_language, speaker
from .outputs import make_folder
from .record import Record
from .run import answer_study, ready_inputs, run
from .study import Study
from .write_comparison import write_comparison

# What a study is made of, in the order in which one is exchanged after the other; together they are all of it.
CAUSES: Final[Mapping[str, tuple[str, ...]]] = {
    "streets": ("streets", "overrides", "elevation"),
    "people": ("demand", "area", "zones"),
    "facilities": ("facilities",),
    "definitions": ("goals", "modes"),
}
STUDY_SUFFIXES: Final = (".yaml", ".yml")


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two runs beside each other.

    Attributes
    ----------
    before, after : str
        What the runs are called.
    shares : DataFrame
        `analyses.comparison.SHARES`, of the goals both have.
    units : mapping of goal id to UnitChange
    facilities : GeoDataFrame
        As `facility_changes` returns them.
    owed : DataFrame
        `goal` and what `attribute` returns.
    causes : DataFrame or None
        `goal, cause, people, points`: what exchanging one cause after the other did to the people covered and to the share
        (percent points); they add up to the whole change. None where an input of either run is gone or has changed.
    not_again : sequence of str
        Those inputs.
    out : Path
    """

    before: str
    after: str
    shares: pd.DataFrame
    units: Mapping[str, UnitChange]
    facilities: gpd.GeoDataFrame
    owed: pd.DataFrame
    causes: pd.DataFrame | None
    not_again: Sequence[str]
    out: Path


def compare(
    before: str | Path, after: str | Path, *, out: str | Path | None = None, causes: bool = True, lang: str | None = None
) -> Comparison:
    """Compare two runs, goal by goal and unit by unit, and say why they differ.

    Parameters
    ----------
    before, after : str or Path
        Each the folder or run.json of a finished run, or a study file, which is run first.
    out : str or Path, optional
        Folder for the tables and the map of the change; default: `compare` in the second run's folder.
    causes : bool
        Whether to answer the studies again with one cause after the other exchanged.
    lang : {"zh", "en"}, optional

    Raises
    ------
    InputError
        If there is no such run.
    StudyError
        If the runs have no goal in common.
    """
    say = speaker(lang or default_language())
    runs = [_finished(Path(path), say) for path in (before, after)]
    names = _names(runs)
    goals = _common_goals(runs, say)
    folder = make_folder(runs[1].folder / "compare" if out is None else Path(out), say)
    not_again = [entry.file for run_ in runs for entry in changed_inputs(run_.record) if Path(entry.file) != run_.file]
    facilities = facility_changes(runs[0].facilities, runs[1].facilities)
    units = {goal: unit_changes(runs[0].demand, runs[1].demand, goal) for goal in goals if f"{goal}.minutes" in runs[1].demand}
    decomposed, results = (None, None) if not_again or not causes else _decompose(runs, list(units), say)
    cards = [run_.scorecard[run_.scorecard["goal"].isin(goals)] for run_ in runs]
    comparison = Comparison(
        before=names[0],
        after=names[1],
        shares=share_changes(*cards),
        units=units,
        facilities=facilities,
        owed=_owed(units, facilities),
        causes=decomposed,
        not_again=list(dict.fromkeys(not_again)) if causes else [],
        out=folder,
    )
    write_comparison(comparison, folder)
    if results is not None:
        write_gap_map(_with_before(results, runs[0], names[0]), folder / "map.html", language=say.language)
    return comparison


def _finished(path: Path, say: Say) -> FinishedRun:
    return read_run(run(path, lang=say.language).out if path.suffix in STUDY_SUFFIXES else path, say)


def _names(runs: Sequence[FinishedRun]) -> tuple[str, str]:
    """Call runs by their studies, or by their folders where the studies are called the same."""
    first, second = (run_.study.name for run_ in runs)
    return (first, second) if first != second else (runs[0].folder.resolve().name, runs[1].folder.resolve().name)


def _common_goals(runs: Sequence[FinishedRun], say: Say) -> list[str]:
    before, after = (list(dict.fromkeys(run_.scorecard["goal"])) for run_ in runs)
    common = [goal for goal in after if goal in before]
    if not common:
        raise StudyError(say("compare.none", before=", ".join(before), after=", ".join(after)))
    return common


def _owed(units: Mapping[str, UnitChange], facilities: gpd.GeoDataFrame) -> pd.DataFrame:
    tables = [attribute(change, facilities).assign(goal=goal) for goal, change in units.items()]
    columns = ["goal", "facility", "name", "change", "gained", "lost"]
    return pd.concat(tables, ignore_index=True)[columns] if tables else pd.DataFrame(columns=columns)


def _decompose(runs: Sequence[FinishedRun], goals: Sequence[str], say: Say) -> tuple[pd.DataFrame, Results]:
    """Exchange one cause after the other, from the first study to the second; returns effects and the second's results."""
    record = Record()
    study, then = runs[0].study, _covered(runs[0].scorecard, goals)
    rows, results = [], None
    for cause, keys in CAUSES.items():
        changed = {key: getattr(runs[1].study, key) for key in keys}
        if any(getattr(study, key) != value for key, value in changed.items()):
            study = study.model_copy(update=changed)
            results = _answered(study, goals, runs[1].file.parent, record, say(f"compare.{cause}"), say)
            now = _covered(results.scorecard, goals)
        else:
            now = then
        rows += [(goal, cause, now[goal][0] - then[goal][0], 100 * (now[goal][1] - then[goal][1])) for goal in goals]
        then = now
    if results is None:
        results = _answered(runs[1].study, goals, runs[1].file.parent, record, runs[1].study.name, say)
    return pd.DataFrame(rows, columns=["goal", "cause", "people", "points"]), results


def _answered(study: Study, goals: Sequence[str], folder: Path, record: Record, what: str, say: Say) -> Results:
    with record.stage(say("compare.stage", what=what)):
        mine = [goal.model_copy(update={"variants": []}) for goal in study.goals if goal.id in goals]
        asked = study.model_copy(update={"goals": mine})
        return answer_study(asked, ready_inputs(asked, folder, record, say), record, say)[0]


def _covered(card: pd.DataFrame, goals: Sequence[str]) -> dict[str, tuple[float, float]]:
    """Return people covered and share of each goal."""
    everyone = card[card["level"] == "all"].set_index("goal")
    return {goal: (float(everyone.loc[goal, "covered"]), float(everyone.loc[goal, "share"])) for goal in goals}


def _with_before(results: Results, before: FinishedRun, name: str) -> Results:
    """Set the first run beside the results of the second, unit by unit; units it lacks were not reached then."""
    goals = [goal for goal in results.goals if f"{goal.id}.minutes" in before.demand]
    then = before.demand.drop_duplicates("id").set_index("id").reindex(results.demand["id"])
    table = pd.DataFrame(
        {
            column: values
            for goal in goals
            for column, values in (
                (f"{goal.id}.minutes", then[f"{goal.id}.minutes"].to_numpy(float)),
                (f"{goal.id}.status", then[f"{goal.id}.status"].astype("object").fillna("cut-off").to_numpy(object)),
            )
        }
    )
    card = before.scorecard.replace({np.nan: None})
    return replace(results, goals=goals, before=State(name=name, demand=table, scorecard=card))
