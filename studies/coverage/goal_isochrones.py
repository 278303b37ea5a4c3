"""The rings of one goal of a study, and the people inside: those whom the goal counts, by the travel times of the run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ...analyses.counted import stops_of
from ...geo.errors import StudyError
from ...geo.rings.isochrones import MERGED, Isochrones, Refused, isochrones, merged_isochrones
from ...geo.snapping.chosen import chosen_places
from ...geo.snapping.entrances import snap_places
from ...geo.snapping.snaps import Snaps
from ...layers.goals import CircleGoal, TimedGoal
from ...layers.rejects import join_rejects
from ..attribution import study_sources
from ..file.errors import nearest
from ..file.reading import read_study
from ..file.study import Study
from ..folder.draft import draft_file
from ..folder.record import Record
from ..situation.inputs import read_part
from ..situation.journeys import Journey
from ..situation.networks import Network
from ..situation.situation import Judge, read_situation, reading_stages
from ..speech.messages import Say, default_language, speaker
from ..speech.rooms_text import translate
from ..tables.rings import ALL, Drawn, Shape, as_multipolygon, refused_rings, ring_file, ring_table, write_rings
from ..tables.street_network import Note

Floats = NDArray[np.float64]


def goal_isochrones(
    study_path: str | Path,
    goal: str | None = None,
    *,
    minutes: Sequence[float] | None = None,
    out: str | Path | None = None,
    merge: bool = False,
    bands: bool = False,
    cell_metres: float | None = None,
    lang: str | None = None,
) -> Drawn:
    """Draw the rings of a goal's facilities as the goal travels, with the people whom it counts inside.

    `people` of a merged ring are those covered within its minutes, of a facility's ring those of them for whom it is the
    nearest (of several services that are needed: the one that takes longest); of a band those of them within it.

    Parameters
    ----------
    study_path : str or Path
    goal : str, optional
        Its id; may be left out where the study has one goal about travel times.
    minutes : sequence of float, optional
        Limits in place of the goal's own.
    out : path, optional
        .gpkg or .geojson for the rings; what could not be drawn goes to `<name>.rejected.csv` beside it.
    merge, bands, cell_metres
        As in `rings.Shape`. Of a goal that asks for several services merged rings lie where enough of them are reached.
    lang : {"zh", "en"}, optional

    Raises
    ------
    StudyError, InputError, TooLargeError
        If the goal is unknown, travels nowhere, lacks data or facilities; else as `isochrones`.
    """
    path, say, shape = Path(study_path), speaker(lang or default_language()), Shape(merge, bands, cell_metres)
    target = None if out is None else ring_file(out)
    study = read_study(path, say)
    chosen = _goal(study, goal, say)
    asked, limits = _narrowed(study, chosen), (chosen.minutes,) if minutes is None else tuple(minutes)
    if target is None:
        return _draw(asked, path, limits, shape, say)
    with draft_file(target, "isochrones", say) as draft:
        drawn = _draw(asked, path, limits, shape, say)
        write_rings(drawn, study_sources(read_part(asked)), draft)
    return drawn


def _narrowed(study: Study, goal: TimedGoal) -> Study:
    """Return a study of one goal, so that nothing else is read."""
    services = {name: files for name, files in study.facilities.items() if name in _services(goal)}
    return study.model_copy(update={"goals": [goal], "facilities": services, "siting": {}})


def refuse_said(given: Mapping[str, object], say: Say) -> None:
    """Refuse what a study and its goal say themselves.

    Raises
    ------
    StudyError
        Naming whatever was given (is not None).
    """
    said = [name for name, value in given.items() if value is not None]
    if said:
        raise StudyError(say("isochrones.goal_says", options=", ".join(said)))


def _goal(study: Study, asked: str | None, say: Say) -> TimedGoal:
    goals = {goal.id: goal for goal in study.journeys}
    if asked is None and len(goals) == 1:
        return next(iter(goals.values()))
    if asked is None:
        raise StudyError(say("isochrones.which_goal", goals=", ".join(goals)))
    if asked in study.lacking:
        raise StudyError(f"{asked}: " + say("study.lacks", keys=", ".join(study.lacking[asked])))
    if asked not in goals:
        raise StudyError(say("isochrones.no_goal", goal=asked, hint=nearest(asked, goals, say)))
    return goals[asked]


def _services(goal: TimedGoal) -> tuple[str, ...]:
    mobile = goal.mobile if isinstance(goal, CircleGoal) else None
    return goal.services if mobile is None else (*goal.services, mobile.service)


def _draw(study: Study, path: Path, minutes: Sequence[float], shape: Shape, say: Say) -> Drawn:
    """Read the study, see who gets where, and draw it."""
    record = Record()
    record.teller.expect(reading_stages(study) + 3)
    situation = read_situation(study, path.resolve().parent, record, say)
    [goal] = study.journeys
    facilities = situation.facilities_of(goal).reset_index(drop=True)
    if not len(facilities):
        raise StudyError(say("access.no_facilities", service=", ".join(goal.services)))
    [(_, network)] = situation.networks([situation.mode_of(goal)])
    with record.stage(say("stage.times", goal=goal.name(say.language))):
        covered = _Covered(situation.judge(goal, [network]), situation.journeys(network).of_goal(goal))
    with record.stage(say("stage.rings", goal=goal.name(say.language))):
        found = _rings(goal, network, facilities, minutes, shape, say)
    if not len(found.geometry):
        reason = translate(found.refused[0].reason, say.language)
        raise StudyError(say("isochrones.nothing", goal=goal.id, reason=reason))
    ids = facilities["facility"].to_numpy(object)
    own = facilities.drop(columns=["facility", "geometry"])
    rings = ring_table(found, network.graph, ids, own, direction=goal.direction, bands=shape.bands)
    refused = refused_rings(found.refused, file=path.name, rows=[None] * len(ids), ids=ids)
    rejected = join_rejects([situation.inputs.rejected, *refused])
    return Drawn(with_people(rings, covered), rejected, (_note(goal, covered),))


def _rings(
    goal: TimedGoal, network: Network, facilities: gpd.GeoDataFrame, minutes: Sequence[float], shape: Shape, say: Say
) -> Isochrones:
    shapes = facilities.geometry.to_numpy()
    snaps = snap_places(network.snapper, shapes)
    origins = shapely.get_coordinates(shapely.point_on_surface(shapes))
    limits = [60 * limit for limit in minutes]

    def around(rows: NDArray[np.int64], snaps: Snaps) -> Isochrones:
        options: dict[str, Any] = {"limits_seconds": limits, "direction": goal.direction, "cell_metres": shape.cell_metres}
        return (merged_isochrones if shape.merge else isochrones)(network.graph, snaps, origins[rows], **options)

    if not shape.merge or goal.services_needed == 1:
        return around(np.arange(len(facilities)), snaps)
    stops, _ = stops_of(goal, facilities)
    groups = [np.flatnonzero(stops | (facilities["service"] == name).to_numpy(bool)) for name in goal.services]
    return enough([around(rows, chosen_places(snaps, rows)) for rows in groups if len(rows)], limits, goal.services_needed, say)


def enough(services: Sequence[Isochrones], limits_seconds: Sequence[float], needed: int, say: Say) -> Isochrones:
    """Return where enough of several services are reached.

    Parameters
    ----------
    services : sequence of Isochrones
        The merged rings of each.
    limits_seconds : sequence of float
    needed : int
        How many of them.
    say : Say
    """
    refused = [one for found in services for one in found.refused if np.isnan(one.limit_seconds)]
    drawn: list[tuple[float, shapely.MultiPolygon]] = []
    for limit in sorted(set(limits_seconds), reverse=True):
        rings = [found.geometry[found.limit_seconds == limit] for found in services]
        area = as_multipolygon(_reached([ring[0] for ring in rings if len(ring)], needed))
        if area.is_empty:
            refused.append(Refused(MERGED, limit, say("isochrones.nowhere", count=needed)))
        else:
            drawn.append((limit, area))
    kept = np.array([limit for limit, _ in drawn], float)
    return Isochrones(np.full(len(drawn), MERGED), kept, np.array([area for _, area in drawn], object), refused)


def _reached(rings: Sequence[shapely.Geometry], needed: int) -> shapely.Geometry:
    """Where so many rings lie on each other: ring by ring, from where all but one of them do."""
    within: list[shapely.Geometry] = [shapely.MultiPolygon()] * needed
    for ring in rings:
        for count in reversed(range(needed)):
            more = ring if count == 0 else shapely.intersection(ring, within[count - 1])
            within[count] = shapely.union(within[count], more)
    return within[-1]


class _Covered(NamedTuple):
    """Whom a goal counts, and who of them is within a limit."""

    judge: Judge
    journey: Journey

    def people(self, minutes: float, from_minutes: float = 0.0) -> Floats:
        """Return the people of each unit who are within a limit, but not within a smaller one."""
        inner = self._within(from_minutes) if from_minutes else False
        return np.where(self._within(minutes) & ~np.asarray(inner), self.judge.counted.people, 0.0)

    def _within(self, minutes: float) -> NDArray[np.bool_]:
        limited = replace(self.judge, goal=self.judge.goal.model_copy(update={"minutes": minutes}))
        return np.asarray(limited.status(self.journey.minutes) == "covered")


def with_people(rings: gpd.GeoDataFrame, covered: _Covered) -> gpd.GeoDataFrame:
    """Add to every ring the people inside: of a facility's ring those whose way leads to it."""
    bands = list(zip(rings["minutes"], rings.get("from_minutes", np.zeros(len(rings))), strict=True))
    sums: Mapping[tuple[float, float], pd.Series] = {
        band: pd.Series(covered.people(*band)).groupby(covered.journey.facility).sum() for band in set(bands)
    }
    people = [
        float(sums[band].sum() if facility == ALL else sums[band].get(facility, 0.0))
        for facility, band in zip(rings["facility"], bands, strict=True)
    ]
    rings.insert(rings.columns.get_loc("direction") + 1, "people", people)
    return rings


def _note(goal: TimedGoal, covered: _Covered) -> Note:
    values = {"covered": covered.people(goal.minutes).sum(), "people": covered.judge.counted.people.sum()}
    return "isochrones.people", {"goal": goal.id, "minutes": goal.minutes, **values}
