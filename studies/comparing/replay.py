"""Replay: the same study again from what its run recorded, and every figure that came out differently."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from ...analyses.comparison import KEYS
from ...geo.errors import StudyError
from ...geo.shown import Portrait, Shown, counted
from ..coverage.run import run_study
from ..folder.finished import ChangedInput, FinishedRun, changed_inputs, read_run
from ..speech.messages import default_language, speaker
from ..speech.progress import Asked, told
from .compare import own_folder

FIGURES: Final = (
    "people", "covered", "beyond", "cut_off", "unconnected", "excluded", "share", "median_minutes", "p90_minutes", "facilities",
    "value",
)  # fmt: skip
PARTS: Final = ("minutes", "status", "facility")
UNITS: Final = ("goal", "figure", "units")
SAME: Final = 1e-9  # relative: sums in another order


@dataclass(frozen=True, kw_only=True, repr=False)
class Replay(Shown):
    """What came of a replay.

    Attributes
    ----------
    changed : sequence of ChangedInput
        Input files that are gone or differ; empty where all are as they were.
    versions : dict of name to (then, now)
        Programs whose version differs.
    differences : DataFrame
        `goal, level, unit, figure, then, now`; empty where every figure is the same.
    units : DataFrame
        `goal, figure, units`: how many demand units have another time, status or facility.
    study : str
        The study file it was recorded from, which a replay does not read.
    out : Path
        Where the replayed run lies.
    """

    changed: Sequence[ChangedInput]
    versions: dict[str, tuple[str, str]]
    differences: pd.DataFrame
    units: pd.DataFrame
    study: str
    out: Path

    @property
    def same(self) -> bool:
        """Whether every figure came out as recorded."""
        return self.differences.empty and self.units.empty

    def portrait(self) -> Portrait:
        """Say whether the same came out, and which figures differ."""
        columns = ("goal", "level", "unit", "figure", "then", "now")
        differences = "every figure the same" if self.same else counted(len(self.differences), "other figure")
        units = [counted(self.units["units"].sum(), "unit's answer", "units' answers") + " differ"] if len(self.units) else []
        figures = [differences, *units, counted(len(self.changed), "changed input")]
        rows = [tuple(map(str, row)) for row in self.differences[[*columns]].itertuples(index=False)]
        return Portrait(figures, name=Path(self.study).name, out=self.out, columns=columns, rows=rows)


@told
def replay(run: str | Path, *, out: str | Path | None = None, lang: str | None = None, progress: Asked = None) -> Replay:
    """Answer a recorded study again and compare every figure of its scorecard.

    Parameters
    ----------
    run : str or Path
        `run.json`, or the folder it lies in.
    out : str or Path, optional
        Folder for the replayed run; default: `replay` in the run's folder.
    lang : {"zh", "en"}, optional
    progress : bool or callable, optional
        True: one bar, where somebody sees it; a function gets each `speech.progress.Step`. Default: none.

    Raises
    ------
    InputError
        If there is no such run.
    StudyError
        If an input file is gone: the study cannot be answered again.
    """
    say = speaker(lang or default_language())
    recorded = read_run(Path(run), say)
    changed = changed_inputs(recorded.record)
    gone = [entry.file for entry in changed if entry.what == "missing" and Path(entry.file) != recorded.file]
    if gone:
        raise StudyError(say("replay.gone", files=", ".join(gone)))
    folder = own_folder([recorded], recorded.folder / "replay" if out is None else Path(out), say)
    again = run_study(recorded.study, recorded.file, out=folder, say=say)
    written = read_run(again.out, say)
    return Replay(
        changed=changed,
        versions=_versions(recorded, written),
        differences=differing_figures(recorded, written),
        units=differing_units(recorded, written),
        study=str(recorded.file),
        out=folder,
    )


def _versions(then: FinishedRun, now: FinishedRun) -> dict[str, tuple[str, str]]:
    old, new = then.record.made_by, now.record.made_by
    return {name: (old[name], new[name]) for name in new if name in old and old[name] != new[name]}


def differing_figures(then: FinishedRun, now: FinishedRun) -> pd.DataFrame:
    """List the figures of two scorecards that differ; a unit that only one has differs in all of its figures.

    Returns
    -------
    DataFrame
        `goal, level, unit, figure, then, now`.
    """
    both = _long(then.scorecard, "then").join(_long(now.scorecard, "now"), how="outer")
    table = both.loc[~_equal(both["then"].astype(float), both["now"].astype(float))]
    return table.reset_index()[[*KEYS, "figure", "then", "now"]]


def _long(card: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return one figure per row; rows of a unit that a check judges on several grounds are told apart by their order."""
    row = card.groupby(list(KEYS)).cumcount()
    figures = [name for name in FIGURES if name in card]
    numbered = card[[*KEYS, *figures]].assign(row=row)
    melted = numbered.melt(id_vars=[*KEYS, "row"], value_vars=figures, var_name="figure", value_name=name)
    return melted.set_index([*KEYS, "row", "figure"])[[name]]


def _equal(old: pd.Series, new: pd.Series) -> pd.Series:
    return (old.isna() & new.isna()) | pd.Series(np.isclose(old, new, rtol=SAME, atol=SAME), index=old.index)


def differing_units(then: FinishedRun, now: FinishedRun) -> pd.DataFrame:
    """Count the demand units whose time, status or facility differs: sums may be the same while people change places.

    Returns
    -------
    DataFrame
        `goal, figure, units`; without the goals that only one run has, whose figures differ anyway.
    """
    demands = [run.demand.set_index("id") for run in (then, now)]
    rows = [("", "units", len(demands[0].index.symmetric_difference(demands[1].index)))]
    both = [demand.loc[demands[0].index.intersection(demands[1].index)] for demand in demands]
    goals = [goal.id for goal in then.study.journeys if all(f"{goal.id}.minutes" in demand for demand in demands)]
    rows += [(goal, part, _differing(*(demand[f"{goal}.{part}"] for demand in both))) for goal in goals for part in PARTS]
    return pd.DataFrame([row for row in rows if row[2]], columns=list(UNITS))


def _differing(old: pd.Series, new: pd.Series) -> int:
    if pd.api.types.is_float_dtype(old):
        return int((~_equal(old, new)).sum())
    return int((old.fillna("").astype(str) != new.fillna("").astype(str)).sum())
