"""Comparison of two runs: what changed for whom, which facilities it is owed to, and what each cause alone would have done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from ...analyses.comparison import GROUPS, group_changes, share_changes, unit_changes
from ...analyses.facility_changes import attribute, facility_changes
from ...analyses.results import Results, State
from ...geo.errors import StudyError
from ...layers.units import unit_points
from ...maps.gap_map import write_gap_map
from ..coverage.run import run
from ..folder.draft import FolderDraft, draft_folder
from ..folder.finished import FinishedRun, changed_inputs, read_run
from ..folder.left_files import COMPARISON, RUN
from ..folder.record import listed_input, versions
from ..folder.result_files import ResultFiles
from ..speech.messages import Say, default_language, speaker
from ..speech.progress import Asked, told
from .causes import Causes
from .causes import causes as why
from .comparison import Comparison
from .outputs import MAP, write_comparison

STUDY_SUFFIXES: Final = (".yaml", ".yml")
OWED: Final = ("goal", "facility", "name", "change", "gained", "lost")


@told
def compare(
    before: str | Path,
    after: str | Path,
    *,
    out: str | Path | None = None,
    causes: bool = True,
    lang: str | None = None,
    progress: Asked = None,
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
    lang, progress
        As in `run`.

    Raises
    ------
    InputError
        If there is no such run.
    StudyError
        If the runs have no goal in common.
    """
    say = speaker(lang or default_language())
    runs = [_finished(Path(path), say) for path in (before, after)]
    goals = _common_goals(runs, say)
    folder = own_folder(runs, runs[1].folder / "compare" if out is None else Path(out), say)
    travelled = [goal for goal in goals if all(f"{goal}.minutes" in run_.demand for run_ in runs)]
    with draft_folder(folder, COMPARISON, say) as draft:
        not_again = _not_again(runs) if causes and travelled else []
        explained = why(runs, travelled, say) if causes and travelled and not not_again else None
        comparison = _compared(runs, goals, travelled, explained, not_again, folder)
        sources = tuple(dict.fromkeys(line for run_ in runs for line in run_.sources))
        write_comparison(comparison, ResultFiles(draft, sources))
        if explained is not None:
            _write_map(replace(_with_before(explained.results, runs, comparison), sources=sources), draft)
        draft.write_record(_record(runs, causes=causes, not_again=not_again, sources=sources))
        draft.swap_in()
    return comparison


def _write_map(shown: Results, draft: FolderDraft) -> None:
    with draft.writing(MAP) as file:
        write_gap_map(shown, file, language=draft.say.language)


def own_folder(runs: Sequence[FinishedRun], folder: Path, say: Say) -> Path:
    """Return a folder for results about runs, which is not that of a run itself.

    Raises
    ------
    StudyError
        If it is.
    """
    if any(folder.resolve() == run_.folder.resolve() for run_ in runs):
        raise StudyError(say("finished.own", folder=folder))
    return folder


def _record(runs: Sequence[FinishedRun], *, causes: bool, not_again: Sequence[str], sources: Sequence[str]) -> dict[str, object]:
    """Say which runs were compared, by the checksums of their records, and how."""
    before, after = (listed_input(run_.folder / RUN.record) for run_ in runs)
    return {
        "inputs": [before, after],
        "sources": list(sources),
        "parameters": {"before": before["file"], "after": after["file"], "causes": causes},
        "not_again": list(not_again),
        "versions": versions(),
    }


def _compared(
    runs: Sequence[FinishedRun],
    goals: Sequence[str],
    travelled: Sequence[str],
    explained: Causes | None,
    not_again: Sequence[str],
    folder: Path,
) -> Comparison:
    names = _names(runs)
    before, after = _same_units(runs)
    asked = {goal.id: goal.group for goal in runs[1].study.journeys}
    units = {goal: unit_changes(before, after, goal, asked[goal]) for goal in travelled}
    groups = [group_changes(before, after, goal, asked[goal]).assign(goal=goal) for goal in travelled]
    facilities = facility_changes(runs[0].facilities, runs[1].facilities)
    return Comparison(
        before=names[0],
        after=names[1],
        shares=share_changes(*(run_.scorecard[run_.scorecard["goal"].isin(goals)] for run_ in runs)),
        targets=_targets(runs, goals),
        units=units,
        groups=_stacked(groups, ("goal", *GROUPS)),
        facilities=facilities,
        owed=_stacked([attribute(change, facilities).assign(goal=goal) for goal, change in units.items()], OWED),
        causes=None if explained is None else explained.table,
        not_again=not_again,
        out=folder,
    )


def _targets(runs: Sequence[FinishedRun], goals: Sequence[str]) -> dict[str, tuple[float | None, float | None]]:
    before, after = ({goal.id: goal.target for goal in run_.study.goals} for run_ in runs)
    return {goal: (before.get(goal), after.get(goal)) for goal in goals}


def _stacked(tables: Sequence[pd.DataFrame], columns: Sequence[str]) -> pd.DataFrame:
    return pd.concat(tables, ignore_index=True)[list(columns)] if tables else pd.DataFrame(columns=list(columns))


def _finished(path: Path, say: Say) -> FinishedRun:
    return read_run(run(path, lang=say.language).out if path.suffix in STUDY_SUFFIXES else path, say)


def _not_again(runs: Sequence[FinishedRun]) -> list[str]:
    """Name the inputs that are gone or have changed; the study file itself is recorded."""
    changed = [entry.file for run_ in runs for entry in changed_inputs(run_.record) if Path(entry.file) != run_.file]
    return list(dict.fromkeys(changed))


def _names(runs: Sequence[FinishedRun]) -> tuple[str, str]:
    """Call runs by their studies, or, where those are called the same, by the nearest folders that are not."""
    first, second = (run_.study.name for run_ in runs)
    if first != second:
        return first, second
    folders = (reversed(run_.folder.resolve().parts) for run_ in runs)
    return next((pair for pair in zip(*folders, strict=False) if pair[0] != pair[1]), (first, second))


def _common_goals(runs: Sequence[FinishedRun], say: Say) -> list[str]:
    before, after = (list(dict.fromkeys(run_.scorecard["goal"])) for run_ in runs)
    common = [goal for goal in after if goal in before]
    if not common:
        raise StudyError(say("compare.none", before=", ".join(before), after=", ".join(after)))
    return common


def _same_units(runs: Sequence[FinishedRun]) -> list[gpd.GeoDataFrame]:
    """Return both demands with the same id for the same unit: its own, or its place where a study has only row numbers."""
    demands = [run_.demand for run_ in runs]
    if all(run_.study.demand is not None and run_.study.demand.id is not None for run_ in runs):
        return demands
    return [demand.assign(id=_places(demand)) for demand in demands]


def _places(demand: gpd.GeoDataFrame) -> pd.Series:
    """Name units by where they lie, to a metre; the second of two at one place is another."""
    lon, lat = unit_points(demand.geometry)
    place = pd.Series([f"{x:.5f} {y:.5f}" for x, y in zip(lon + 0.0, lat + 0.0, strict=True)], index=demand.index, dtype="str")
    again = place.groupby(place).cumcount()
    return place.where(again == 0, place + " #" + (again + 1).astype(str))


def _with_before(results: Results, runs: Sequence[FinishedRun], comparison: Comparison) -> Results:
    """Set the first run beside the results of the second, unit by unit; units it lacks were not reached then."""
    before, after = _same_units(runs)
    then = before.set_index("id").reindex(after["id"])
    table = pd.DataFrame(
        {
            column: values
            for goal in results.goals
            for column, values in (
                (f"{goal.id}.minutes", then[f"{goal.id}.minutes"].to_numpy(float)),
                (f"{goal.id}.status", then[f"{goal.id}.status"].astype("object").fillna("cut-off").to_numpy(object)),
            )
        }
    )
    card = runs[0].scorecard.replace({np.nan: None})
    name = results.name if results.name == comparison.after else f"{results.name} · {comparison.after}"
    return replace(results, name=name, before=State(name=comparison.before, demand=table, scorecard=card))
