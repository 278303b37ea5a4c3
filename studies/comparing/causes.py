"""Causes of a change: the studies of two runs answered again, with one cause after the other exchanged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

import pandas as pd
from rich.console import Console

from ...analyses.results import Results
from ...geo.errors import StudyError
from ..attribution import without_sources
from ..coverage.run import answer_study
from ..file.lacks import lacks
from ..file.study import FacilityOsm, Study
from ..folder.finished import FinishedRun, RunRecord
from ..folder.record import Record
from ..situation.situation import read_situation
from ..speech.messages import Say
from ..speech.progress import Teller

# What travel times are made of, in the order in which one is exchanged after the other; together they are all of it.
CAUSES: Final[Mapping[str, tuple[str, ...]]] = {
    "streets": ("streets", "overrides", "elevation"),
    "people": ("demand", "area", "zones"),
    "facilities": ("facilities",),
    "definitions": ("goals", "modes"),
}
PROGRAM: Final = "program"  # the rest: the runs were made by other versions
TOGETHER: Final = "+"
COLUMNS: Final = ("goal", "cause", "people", "points")

Covered = dict[str, tuple[float, float]]  # by goal: people covered, share
Effect = tuple[str, str, float, float]  # COLUMNS


class Causes(NamedTuple):
    """Why two runs differ.

    Attributes
    ----------
    table : DataFrame
        `goal, cause, people, points`: what exchanging one cause after the other did to the people covered and to the share
        (percent points). A cause that could not be exchanged alone, because the goals could then not be answered, is joined by
        `+` to the next. They add up to the whole change.
    results : Results
        Of the second study.
    """

    table: pd.DataFrame
    results: Results


def causes(runs: Sequence[FinishedRun], goals: Sequence[str], say: Say) -> Causes:
    """Exchange one cause after the other, from the first study to the second.

    Parameters
    ----------
    runs : two FinishedRun
        Whose inputs are as they were.
    goals : sequence of str
        Ids of goals that both answer by travel times.
    say : Say
    """
    record, recorded = Record(), [_covered(run.scorecard, goals) for run in runs]
    runs = runs if _same(runs, ("streets",)) else [replace(run, study=_with_own_places(run.study)) for run in runs]
    study = runs[0].study.model_copy(update={"name": runs[1].study.name})
    then, rows, results, waiting = recorded[0], list[Effect](), None, list[str]()
    if runs[0].record.made_by != RunRecord(**record.as_dict()).made_by:
        now = _covered(_answered(study, goals, runs[0].file.parent, record, runs[0].study.name, say).scorecard, goals)
        rows, then = _effects(PROGRAM, then, now), now
    for cause, keys in CAUSES.items():
        if _same(runs, keys):
            rows += _effects(cause, then, then)
            continue
        study = study.model_copy(update={key: getattr(runs[1].study, key) for key in keys})
        waiting.append(cause)
        found = _if_possible(study, goals, runs[1].file.parent, record, said_cause(TOGETHER.join(waiting), say), say)
        if found is not None:
            now = _covered(found.scorecard, goals)
            rows += _effects(TOGETHER.join(waiting), then, now)
            then, results, waiting = now, found, []
    if results is None or waiting:
        results = _answered(runs[1].study, goals, runs[1].file.parent, record, runs[1].study.name, say)
        rows += _effects(TOGETHER.join(waiting) or PROGRAM, then, now := _covered(results.scorecard, goals))
        then = now
    return Causes(_table([*rows, *_effects(PROGRAM, then, recorded[1])]), results)


def said_cause(cause: str, say: Say) -> str:
    """Name a cause, or several that were exchanged together."""
    return " + ".join(say(f"compare.{part}") for part in cause.split(TOGETHER))


def _with_own_places(study: Study) -> Study:
    """Name the files that places are read from, so that new streets do not bring new facilities along."""
    own = [FacilityOsm(osm=file) for file in study.streets]
    told = {
        service: [place for source in sources for place in (own if source == FacilityOsm() else [source])]
        for service, sources in study.facilities.items()
    }
    return study.model_copy(update={"facilities": told})


def _same(runs: Sequence[FinishedRun], keys: Sequence[str]) -> bool:
    before, after = (_content(run.study, keys, _contents(run.record)) for run in runs)
    return before == after


def _contents(record: RunRecord) -> dict[str, str]:
    """Return the content of every file with that of its parts, which are called alike (a shapefile's)."""
    named = [(Path(entry.file).with_suffix(""), entry) for entry in record.inputs]
    return {entry.file: " ".join(other.sha256 for stem, other in named if stem == name) for name, entry in named}


def _content(study: Study, keys: Sequence[str], files: Mapping[str, str]) -> object:
    """Return what a study says under some keys, with the content of files in the place of their names; whose is no matter."""
    return _hashed(without_sources(study).model_dump(mode="json", include=set(keys)), files)


def _hashed(value: object, files: Mapping[str, str]) -> object:
    if isinstance(value, dict):
        return {key: _hashed(part, files) for key, part in value.items()}
    if isinstance(value, list):
        return [_hashed(part, files) for part in value]
    return files.get(value, value) if isinstance(value, str) else value


def _answered(study: Study, goals: Sequence[str], folder: Path, record: Record, what: str, say: Say) -> Results:
    """Answer the goals that both runs have, without what a run would say on the way: it was said when they were run."""
    mine = [goal.model_copy(update={"variants": []}) for goal in study.goals if goal.id in goals]
    asked = study.model_copy(update={"goals": mine})
    quiet = Record(teller=Teller(Console(stderr=True, quiet=True)))
    with record.stage(say("compare.stage", what=what)):
        return answer_study(read_situation(asked, folder, quiet, say))[0]


def _if_possible(study: Study, goals: Sequence[str], folder: Path, record: Record, what: str, say: Say) -> Results | None:
    """Answer a study made of parts of two; None where they do not go together (a group that only one has, another region)."""
    if any(lacks(goal, study) for goal in study.goals if goal.id in goals):
        return None
    try:
        return _answered(study, goals, folder, record, what, say)
    except StudyError:
        return None


def _covered(card: pd.DataFrame, goals: Sequence[str]) -> Covered:
    everyone = card[card["level"] == "all"].set_index("goal")
    covered, share = (everyone[column].astype(float) for column in ("covered", "share"))
    return {goal: (covered[goal], share[goal]) for goal in goals}


def _effects(cause: str, then: Covered, now: Covered) -> list[Effect]:
    return [(goal, cause, now[goal][0] - then[goal][0], 100 * (now[goal][1] - then[goal][1])) for goal in now]


def _table(rows: Sequence[Effect]) -> pd.DataFrame:
    """Add up the rows of a cause; other versions are named only where they did something."""
    table = pd.DataFrame(rows, columns=list(COLUMNS)).groupby(["goal", "cause"], sort=False, as_index=False).sum(min_count=1)
    other = table["cause"] == PROGRAM
    table = pd.concat([table[~other], table[other]], ignore_index=True)
    return table[(table["cause"] != PROGRAM) | (table["people"].abs() > 1e-6) | (table["points"].abs() > 1e-9)]
