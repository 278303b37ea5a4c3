"""A study from its file to its answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..analyses.coverage import coverage
from ..analyses.gaps import gap_areas
from ..analyses.results import Results
from ..analyses.scorecard import GoalTable, scorecard_rows
from ..geo.modes import TravelMode
from ..geo.snapping import UNCONNECTED
from ..geo.streets import street_lines
from ..layers.footprints import Footprints, footprints
from ..layers.goals import Goal
from ..layers.services import Service, service_catalogue
from ..layers.units import unit_points
from ..layers.zones import assign_zones
from .inputs import Inputs, included, read_inputs
from .messages import Say, default_language, speaker
from .networks import Network, build_network, describe_network, goal_mode, snap_audit, travel_times
from .outputs import make_folder, write_outputs
from .record import Record
from .study import Study, study_files
from .study_file import read_study
from .terminal import show
from .warm_up import needs_compiling

OSM_SOURCE = "© OpenStreetMap contributors (ODbL)"
NOTICE_NAMES = ("NOTICE", "NOTICE.txt")


@dataclass(frozen=True, kw_only=True)
class Run:
    """A finished run: its tables, its record and where its files lie."""

    results: Results
    record: dict[str, Any]
    out: Path


@dataclass
class _Answers:
    """What the goals gave so far."""

    columns: dict[str, Any]
    scorecard: list[pd.DataFrame]
    gaps: list[gpd.GeoDataFrame]
    audit: list[pd.DataFrame]


def run(study_path: str | Path, *, out: str | Path | None = None, lang: str | None = None) -> Run:
    """Answer every goal of a study and write all its files.

    Parameters
    ----------
    study_path : str or Path
        The study file (`lifecircle new` writes a commented one).
    out : str or Path, optional
        Output folder; default: the study's `out`.
    lang : {"zh", "en"}, optional
        Language of messages, map and report; default: from the locale.

    Returns
    -------
    Run

    Raises
    ------
    StudyError
        If the study file is wrong or cannot be answered with its data.
    InputError
        If a file cannot be used.
    """
    path = Path(study_path)
    language = lang or default_language()
    say, record = speaker(language), Record()
    study = read_study(path, say)
    folder = make_folder(study.out if out is None else Path(out), say)
    if needs_compiling():
        show(record.console, say("progress.compiling"), style="dim")
    inputs = read_inputs(study, path.resolve().parent, record, say)
    demand = inputs.demand
    prints = footprints(demand.table.geometry, ids=demand.table["id"], cell_metres=demand.cell_metres, grid=demand.grid)
    results, audit = _answer(study, inputs, prints, record, say)
    sealed = record.seal(sorted({path.resolve(), *(file for _, file in study_files(study))}), study.model_dump(mode="json"))
    write_outputs(results, inputs, audit, prints, sealed, folder, language, say)
    return Run(results=results, record=sealed.as_dict(), out=folder)


def _answer(study: Study, inputs: Inputs, prints: Footprints, record: Record, say: Say) -> tuple[Results, pd.DataFrame]:
    """Compute everything, one mode at a time so that only one network is in memory."""
    table = inputs.demand.table
    lon, lat = unit_points(table.geometry)
    zones = {level: assign_zones(lon, lat, zone) for level, zone in inputs.zones.items()}
    _note_outside(zones, table["people"], record, say)
    answers = _Answers({f"zone.{level}": ids.to_numpy() for level, ids in zones.items()}, [], [], [])
    for mode, goals in _by_mode(study).items():
        with record.stage(say("stage.network", mode=_mode_name(mode, say))):
            network = build_network(inputs.extract.streets, mode, inputs.heights, lon, lat)
        _describe(network, mode, table, answers, record, say)
        for goal in goals:
            _answer_goal(goal, network, inputs, zones, prints, answers, record, say)
    scorecard = pd.concat(answers.scorecard, ignore_index=True)
    order = {goal.id: position for position, goal in enumerate(study.goals)}
    scorecard = scorecard.sort_values("goal", key=lambda ids: ids.map(order), kind="stable", ignore_index=True)
    demand = table.assign(**_in_goal_order(answers.columns, study.goals))
    results = Results(
        name=study.name,
        goals=study.goals,
        services={goal.service: _service(goal.service) for goal in study.goals},
        demand=demand,
        cell_metres=inputs.demand.cell_metres,
        facilities=inputs.facilities,
        zones=inputs.zones,
        scorecard=scorecard,
        gaps=gpd.GeoDataFrame(pd.concat(answers.gaps, ignore_index=True), geometry="geometry", crs="EPSG:4326"),
        streets=street_lines(inputs.extract.streets),
        sources=(OSM_SOURCE, *_notices(study.streets)),
    )
    return results, pd.concat(answers.audit, ignore_index=True)


def _notices(streets: Sequence[Path]) -> list[str]:
    """Return the first line of the notice beside each streets file: what its folder says of its own data."""
    folders = dict.fromkeys(file.parent for file in streets)
    notices = [folder / name for folder in folders for name in NOTICE_NAMES if (folder / name).is_file()]
    lines = (notice.read_text(encoding="utf-8-sig", errors="replace").strip().partition("\n")[0] for notice in notices)
    return [" ".join(line.split()) for line in lines if line]


def _by_mode(study: Study) -> dict[TravelMode, list[Goal]]:
    modes: dict[TravelMode, list[Goal]] = {}
    for goal in study.goals:
        modes.setdefault(goal_mode(goal, study.modes), []).append(goal)
    return modes


def _mode_name(mode: TravelMode, say: Say) -> str:
    speed = f" {mode.speed_kmh:g} km/h" if mode.speed_kmh else f" ({mode.speeds})"
    return say(f"mode.{mode.kind}") + speed


def _describe(network: Network, mode: TravelMode, table: gpd.GeoDataFrame, answers: _Answers, record: Record, say: Say) -> None:
    """Note what the mode's network is made of and how people met it."""
    name = _mode_name(mode, say)
    record.counts.setdefault("networks", {})[name] = describe_network(network.graph)
    if not np.isnan(network.graph.imputed_share):
        record.note(say("note.imputed", share=network.graph.imputed_share, table=mode.speeds))
    answers.audit.append(snap_audit(network.people, table["id"], kind="demand", mode=mode.kind))
    answers.columns.setdefault("snap_metres", network.people.connector_metres)


def _answer_goal(
    goal: Goal,
    network: Network,
    inputs: Inputs,
    zones: dict[str, pd.Series],
    prints: Footprints,
    answers: _Answers,
    record: Record,
    say: Say,
) -> None:
    table = inputs.demand.table
    with record.stage(say("stage.times", goal=goal.name(say.language))):
        nearest, snaps, ids = travel_times(network, inputs, goal)
    answers.audit.append(snap_audit(snaps, ids, kind="facility", mode=goal.mode))
    with record.stage(say("stage.judge", goal=goal.name(say.language))):
        judged = _judge(goal, network, nearest.seconds / 60, table)
        facility = pd.Series(ids.to_numpy(object)[nearest.facility] if len(ids) else None, index=table.index, dtype="str")
        facility = facility.where(nearest.facility >= 0)
        answers.columns |= {
            f"{goal.id}.minutes": judged.minutes,
            f"{goal.id}.status": judged.status,
            f"{goal.id}.facility": facility.to_numpy(),
        }
        mine = inputs.facilities.loc[inputs.facilities["service"] == goal.service]
        points = unit_points(mine.geometry) if len(mine) else (np.empty(0), np.empty(0))
        facility_zones = {level: assign_zones(*points, zone) for level, zone in inputs.zones.items()}
        names = {level: zone.set_index("zone")["name"] for level, zone in inputs.zones.items()}
        answers.scorecard.append(scorecard_rows(judged, zones, names, facility_zones, len(mine)))
        names_of = dict(zip(mine["facility"], mine["name"], strict=True))
        answers.gaps.append(gap_areas(judged, prints, facility, names_of))


def _judge(goal: Goal, network: Network, minutes: NDArray[np.float64], table: gpd.GeoDataFrame) -> GoalTable:
    """Give every unit its status; excluded units keep no time, since the goal says nothing of them."""
    inside = included(table, goal.population)
    connected = network.people.status != UNCONNECTED
    people = table["people"].to_numpy(float)
    counted = people if goal.group is None else table[f"group.{goal.group}"].fillna(0).to_numpy(float)
    return GoalTable(
        goal=goal,
        people=people,
        counted=np.where(inside, np.minimum(counted, people), 0.0),
        minutes=minutes,
        status=coverage(minutes, connected, inside, goal.minutes),
    )


def _note_outside(zones: dict[str, pd.Series], people: pd.Series, record: Record, say: Say) -> None:
    for level, ids in zones.items():
        outside = float(people[ids.isna().to_numpy()].sum())
        if ids.isna().all():
            record.note(say("note.all_outside_zones", level=level))
        elif outside > 0:
            record.note(say("note.outside_zones", people=outside, level=level))


def _in_goal_order(columns: dict[str, Any], goals: Sequence[Goal]) -> dict[str, Any]:
    """Sort the goals' columns as the study lists its goals, whatever order the modes were computed in."""
    keys = [f"{goal.id}.{part}" for goal in goals for part in ("minutes", "status", "facility")]
    rest = [key for key in columns if key not in keys]
    return {key: columns[key] for key in [*rest, *keys]}


def _service(service: str) -> Service:
    known = service_catalogue()
    return known[service] if service in known else Service(title={"zh": service, "en": service})  # type: ignore[arg-type]
