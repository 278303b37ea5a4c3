"""Access measures of a study: how much of a service people reach, alone and in competition with everybody else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Unpack

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...analyses.access.measures import COLUMNS, MEASURES, Answer, Question
from ...analyses.access.zones import Level, UnitAccess, zone_rows
from ...analyses.counted import members
from ...geo.errors import StudyError
from ...geo.modes import TravelMode
from ...geo.shown import Portrait, Shown, counted, whole
from ...geo.snapping.entrances import snap_places
from ...geo.snapping.snaps import UNCONNECTED, Snaps
from ...layers.goals import CircleGoal
from ...layers.units import unit_points
from ..asked import require_known
from ..attribution import study_sources
from ..file.reading import read_study
from ..file.study import Access, Study
from ..folder.draft import draft_folder
from ..folder.left_files import ACCESS
from ..folder.record import Record
from ..situation.networks import Network
from ..situation.situation import Situation, read_situation, reading_stages
from ..speech.messages import Say, default_language, speaker
from ..speech.progress import Asked, told
from .outputs import column_name, write_access
from .request import AccessQuestion, AccessTask, access_tasks, chosen_measures, offered
from .times import cost_table

LEAD = ("goal", "service", "mode", "minutes")
BUNDLED: Final = " + "  # between the services of a bundle


@dataclass(frozen=True, kw_only=True, repr=False)
class AccessRun(Shown):
    """The access measures of a study.

    Attributes
    ----------
    units : GeoDataFrame
        One row per demand unit of the study area: `id`, `people`, `zone.<level>` and per task and limit the columns of the
        measures, called `<goal>.<minutes>min.<column>`; null where a unit has no street within the snap cap.
    zones : DataFrame
        One row per goal, limit, level and zone, and one for everyone (`level` is `all`).
    facilities : DataFrame
        One row per goal, limit and facility: who is within reach, and who is allocated to it.
    record : dict
        As run.json: inputs, parameters, notes, timings.
    out : Path
    """

    units: gpd.GeoDataFrame
    zones: pd.DataFrame
    facilities: pd.DataFrame
    record: dict[str, Any]
    out: Path

    def portrait(self) -> Portrait:
        """Say how many people reach a facility within each limit."""
        everyone = self.zones.loc[self.zones["level"] == "all"]
        cells = everyone[["goal", "minutes", "people", "reached"]].to_numpy().tolist()
        rows = [(str(goal), f"{minutes:g}", whole(people), whole(reached)) for goal, minutes, people, reached in cells]
        figures = [counted(everyone["goal"].nunique(), "goal"), counted(self.units["people"].sum(), "person", "people")]
        facilities = counted(self.facilities["facility"].nunique(), "facility", "facilities")
        return Portrait([*figures, facilities], out=self.out, columns=("goal", "minutes", "people", "reached"), rows=rows)


@told
def access(
    study_path: str | Path,
    *,
    out: str | Path | None = None,
    lang: str | None = None,
    progress: Asked = None,
    **asked: Unpack[AccessQuestion],
) -> AccessRun:
    """Measure the access of a study's people to its facilities and write it per unit, zone and facility.

    Parameters
    ----------
    study_path : str or Path
    out : str or Path, optional
        Default: the study's `out`.
    lang : {"zh", "en"}, optional
    progress : bool or callable, optional
        True: one bar, where somebody sees it; a function gets each `speech.progress.Step`. Default: none.
    **asked
        As in `request.AccessQuestion`.

    Raises
    ------
    StudyError
        If a name is unknown, nothing says how far people go, there are no facilities, or a capacity is missing.
    TooLargeError
        If the table of travel times would not fit in memory.
    """
    require_known(asked, AccessQuestion, "access")
    path, say, record = Path(study_path), speaker(lang or default_language()), Record()
    study = read_study(path, say)
    tasks = access_tasks(study, asked, say)
    folder = study.out if out is None else Path(out)
    with draft_folder(folder, ACCESS, say) as draft:
        narrowed = _narrowed(study, tasks)
        answers = _answer(narrowed, path.resolve(), tasks, record, say, asked)
        options = {name: asked.get(name) for name in AccessQuestion.__annotations__}
        record.seal(path.resolve(), study, study_sources(narrowed), options=options)
        names = [name for task in tasks for name in ([task.whole.id] if task.whole else []) + [task.goal.id]]
        units, zones, facilities = answers.tables(list(dict.fromkeys(names)))
        written = write_access(units, zones, facilities, record, draft)
        draft.swap_in()
    return AccessRun(units=units, zones=zones, facilities=facilities, record=written, out=folder)


def _narrowed(study: Study, tasks: Sequence[AccessTask]) -> Study:
    """Narrow a study to what the tasks are about, so that nothing else is read."""
    wanted = {name for task in tasks for name in task.services}
    services = {name: sources for name, sources in study.facilities.items() if name in wanted}
    return study.model_copy(update={"goals": [task.goal for task in tasks], "facilities": services})


def _answer(study: Study, file: Path, tasks: Sequence[AccessTask], record: Record, say: Say, asked: AccessQuestion) -> _Answers:
    """Read the study's files and answer all tasks, one network at a time."""
    record.teller.expect(reading_stages(study) + 2 + sum(1 + len(task.limits) for task in tasks))
    # People outside the study area compete for its facilities as well; they only get no answer of their own.
    situation = read_situation(study, file.parent, record, say, whole=True)
    answers = _Answers(situation)
    answers.foresee(tasks, asked)
    modes: dict[TravelMode, list[AccessTask]] = {}
    for task in tasks:
        modes.setdefault(situation.mode_of(task.goal), []).append(task)
    for mode, network in situation.networks(modes):
        for task in modes[mode]:
            answers.add(task, network, asked)
        del network  # before the next one is built
    return answers


class _Answers:
    """Collects the columns and rows of all tasks."""

    def __init__(self, situation: Situation) -> None:
        self._situation, self._study = situation, situation.study
        self._record, self._say = situation.record, situation.say
        self._table, self._inside = situation.demand, situation.in_area
        self._columns: dict[str, Any] = {f"zone.{level}": ids.to_numpy() for level, ids in situation.zone_of_unit.items()}
        self._zone_rows: list[pd.DataFrame] = []
        self._facility_rows: list[pd.DataFrame] = []
        self._offers: dict[str, tuple[gpd.GeoDataFrame, pd.Series, list[str]]] = {}
        self._reached: dict[tuple[str, float], list[NDArray[np.bool_]]] = {}  # of a bundle within a limit, service by service

    def foresee(self, tasks: Sequence[AccessTask], asked: AccessQuestion) -> None:
        """Find what all tasks' facilities offer, so that a capacity that is missing is told before anything long is done."""
        needed = any(MEASURES[name].needs_capacity for name in asked.get("measure") or ())
        for goal in (task.goal for task in tasks):
            own, given = self._own(goal).default_capacity, asked.get("default_capacity")
            facilities = self._facilities(goal)
            offer = offered(facilities, goal, own if given is None else given, needed=needed, say=self._say)
            self._offers[goal.id] = (facilities, *offer)

    def _own(self, goal: CircleGoal) -> Access:
        return self._study.access.get(goal.service, Access())

    def add(self, task: AccessTask, network: Network, asked: AccessQuestion) -> None:
        """Answer one task at each of its limits."""
        goal, measures = task.goal, asked.get("measure")
        facilities, capacity, notes = self._offers.pop(goal.id)
        snaps = snap_places(network.snapper, facilities.geometry.to_numpy())
        with self._record.stage(self._say("stage.times", goal=goal.name(self._say.language))):
            costs = cost_table(network, snaps, direction=goal.direction, limit_minutes=task.limits[-1], say=self._say)
        # Who competes: everyone, or the goal's group, wherever they live.
        demand = pd.Series(members(self._table, goal.group))
        served = self._own(goal).people_per_capacity
        names, more = chosen_measures(
            measures,
            capacity,
            people=demand.sum(),
            people_per_capacity=served,
            pairs=len(costs),
            service=goal.service,
            say=self._say,
        )
        self._note([*notes, *more])
        for limit in task.limits:
            near = costs.loc[costs["minutes"] <= limit]
            question = Question(costs=near, demand=demand, supply=capacity, minutes=limit, people_per_capacity=served)
            with self._record.stage(self._say("stage.access", goal=goal.name(self._say.language), minutes=limit)):
                answers = [MEASURES[name].compute(question) for name in names]
                self._keep(goal, question, answers, network, facilities, snaps)
            if task.whole is not None:
                self._keep_whole(task.whole, limit, self._reach(near), network)

    def _reach(self, costs: pd.DataFrame) -> NDArray[np.bool_]:
        """Which units reach any facility of a table of travel times."""
        reached = np.zeros(len(self._table), bool)
        reached[costs["demand"].to_numpy()] = True
        return reached

    def _keep_whole(self, whole: CircleGoal, limit: float, reached: NDArray[np.bool_], network: Network) -> None:
        """Count who reaches enough services of a bundle, once all of them are answered; as a run covers them."""
        services = self._reached.setdefault((whole.id, limit), [])
        services.append(reached)
        if len(services) < len(whole.services):
            return
        facilities = self._facilities(whole)
        units = UnitAccess(
            values=pd.DataFrame(index=self._table.index),
            columns={},
            people=np.where(self._inside, self._situation.counted(whole).people, 0.0),
            reached=np.sum(services, axis=0) >= whole.services_needed,
            connected=network.people.snap_class != UNCONNECTED,
        )
        rows = zone_rows(units, np.full(len(facilities), np.nan), self._levels(facilities))
        names = BUNDLED.join(whole.services)
        self._zone_rows.append(rows.assign(goal=whole.id, service=names, mode=whole.mode, minutes=limit))

    def _keep(
        self,
        goal: CircleGoal,
        question: Question,
        answers: Sequence[Answer],
        network: Network,
        facilities: gpd.GeoDataFrame,
        snaps: Snaps,
    ) -> None:
        """Keep what the measures give per unit, zone and facility; a unit without a street is never answered."""
        connected = network.people.snap_class != UNCONNECTED
        values = pd.concat([answer.units for answer in answers], axis=1)
        values.loc[~connected] = np.nan
        self._columns |= {column_name(goal.id, question.minutes, str(name)): values[name].to_numpy() for name in values}
        self._zone_rows.append(self._zoned(goal, question, values, connected, facilities))
        self._facility_rows.append(_facility_rows(goal, question, facilities, snaps, answers))

    def _zoned(
        self,
        goal: CircleGoal,
        question: Question,
        values: pd.DataFrame,
        connected: NDArray[np.bool_],
        facilities: gpd.GeoDataFrame,
    ) -> pd.DataFrame:
        columns = {name: column for name, column in COLUMNS.items() if name in values}
        units = UnitAccess(
            values=values,
            columns=columns,
            people=np.where(self._inside, self._situation.counted(goal).people, 0.0),
            reached=self._reach(question.costs),
            connected=connected,
        )
        rows = zone_rows(units, question.supply.to_numpy(), self._levels(facilities))
        return rows.assign(goal=goal.id, service=goal.service, mode=goal.mode, minutes=question.minutes)

    def _levels(self, facilities: gpd.GeoDataFrame) -> list[Level]:
        """The zones of every level, with the facilities in them."""
        situation = self._situation
        return [
            Level(
                name=level,
                names=situation.zone_names[level],
                of_units=zones.where(self._inside, None) if self._study.area else zones,
                of_facilities=of_facilities,
            )
            for (level, zones), of_facilities in zip(
                situation.zone_of_unit.items(), situation.zones_of(facilities).values(), strict=True
            )
        ]

    def _facilities(self, goal: CircleGoal) -> gpd.GeoDataFrame:
        mine = self._situation.facilities_of(goal).reset_index(drop=True)
        if not len(mine):
            raise StudyError(self._say("access.no_facilities", service=goal.service))
        return mine

    def _note(self, notes: Sequence[str]) -> None:
        """Say what a reader of the numbers must know, once."""
        for note in notes:
            if note not in self._record.notes:
                self._record.note(note)

    def tables(self, order: Sequence[str]) -> tuple[gpd.GeoDataFrame, pd.DataFrame, pd.DataFrame]:
        """Return units, zones and facilities, goals in the order given."""
        rank = {name: position for position, name in enumerate(order)}
        zones, facilities = (
            pd.concat(rows, ignore_index=True).sort_values(
                "goal", key=lambda goals: goals.map(rank), kind="stable", ignore_index=True
            )
            for rows in (self._zone_rows, self._facility_rows)
        )
        columns = sorted(self._columns, key=lambda name: rank.get(name.partition(".")[0], -1))
        values = pd.DataFrame({name: self._columns[name] for name in columns}, index=self._table.index)
        units = gpd.GeoDataFrame(pd.concat([self._table[["id", "people"]], values], axis=1), geometry=self._table.geometry)
        return (
            units.loc[self._inside].reset_index(drop=True),
            zones[[*LEAD, *(name for name in zones if name not in LEAD)]],
            facilities,
        )


def _facility_rows(
    goal: CircleGoal, question: Question, facilities: gpd.GeoDataFrame, snaps: Snaps, answers: Sequence[Answer]
) -> pd.DataFrame:
    """Say of each facility who is within its limit, and what the measures found."""
    costs, count = question.costs, len(facilities)
    people = np.bincount(costs["facility"], weights=question.demand.to_numpy()[costs["demand"]], minlength=count)
    connected = np.zeros(count, bool)
    connected[snaps.connected().owner] = True
    lon, lat = unit_points(facilities.geometry)
    capacity = question.supply.to_numpy()
    rows = {
        "goal": goal.id,
        "minutes": question.minutes,
        "facility": facilities["facility"],
        "name": facilities["name"],
        "capacity": capacity,
        "people_within": np.where(connected, people, np.nan),
        "people_per_capacity": np.divide(people, capacity, out=np.full(count, np.nan), where=connected & (capacity > 0)),
        "lon": lon,
        "lat": lat,
    }
    found = [answer.facilities for answer in answers if answer.facilities is not None]
    return pd.concat([pd.DataFrame(rows), *found], axis=1)
