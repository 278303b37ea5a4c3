"""A study from its file to its answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd

from ..analyses.results import Results
from ..analyses.scorecard import finished, joined
from ..geo.modes import TravelMode
from ..geo.streets import street_lines
from ..layers.goals import Text, TimedGoal
from ..layers.land import land_of
from ..layers.services import Service, service_catalogue
from .answers import Answers, Audit, mode_name
from .borders import count_across
from .checking import answerable_variants, check_goals
from .draft import draft_folder
from .foreseen_time import say_long_run
from .inputs import Inputs, read_inputs
from .journeys import Journeys
from .left_files import RUN
from .messages import Say, default_language, speaker
from .networks import NetworkBuilder, goal_mode
from .outputs import write_outputs
from .record import Record
from .study import FacilityOsm, Study, study_files, with_parts
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
    say = speaker(lang or default_language())
    study = read_study(path, say)
    return run_study(study, path.resolve(), out=study.out if out is None else Path(out), say=say)


def run_study(study: Study, file: Path, *, out: Path, say: Say) -> Run:
    """Answer a study that has been read from `file`, or was recorded when it was, and write all its files to `out`."""
    record = Record()
    with draft_folder(out, RUN, say, goals=[goal.id for goal in study.journeys]) as draft:
        inputs = ready_inputs(study, file.parent, record, say)
        say_long_run(study, inputs, record, say)
        results, audit = answer_study(study, inputs, record, say)
        files = [part for _, path in study_files(study) for part in with_parts(path)]
        sealed = record.seal(file, sorted({*([file] if file.exists() else []), *files}), study.model_dump(mode="json"))
        written = write_outputs(results, inputs, audit, sealed, draft)
        draft.swap_in()
    return Run(results=results, record=written, out=out)


def ready_inputs(study: Study, folder: Path, record: Record, say: Say) -> Inputs:
    """Read a study's files, the cache of its streets in `folder`; says first where the searches must still be compiled."""
    if needs_compiling():
        show(record.console, say("progress.compiling"), style="dim")
    return read_inputs(study, folder, record, say)


def answer_study(study: Study, inputs: Inputs, record: Record, say: Say) -> tuple[Results, Audit]:
    """Compute everything, one mode at a time so that only one network is in memory."""
    answers = Answers(inputs, study.facilities.keys(), record, say)
    builder = NetworkBuilder(inputs.extract.streets, inputs.heights, *answers.points)
    for mode, definitions in _by_mode(study, record, say).items():
        with record.stage(say("stage.network", mode=mode_name(mode, say))):
            journeys = Journeys(builder.build(mode), inputs.facilities)
        _answer_mode(answers, journeys, definitions)
        del journeys  # and its network with it, before the next one is built
    del builder
    demand = answers.demand(study.journeys)
    checked, variants = check_goals(study, inputs, demand, answers.scorecard(), record, say)
    variants = joined([answers.variants(), variants])
    results = Results(
        name=study.name,
        goals=study.journeys,
        checks=study.tabled,
        services=_services(study),
        demand=demand,
        cell_metres=inputs.demand.cell_metres,
        facilities=inputs.facilities,
        zones=inputs.zones,
        scorecard=finished(joined([answers.scorecard(), checked]), variants, study.goals),
        variants=variants,
        gaps=answers.gaps(),
        streets=street_lines(inputs.extract.streets) if study.streets else _no_lines(),
        sources=_sources(study),
        routes=answers.routes(),
        rings=answers.rings(),
        land=land_of(inputs.extract.places) if study.streets else None,
    )
    count_across(study, results, record, say)
    return results, answers.audit()


def _answer_mode(answers: Answers, journeys: Journeys, definitions: Sequence[tuple[TimedGoal, TimedGoal]]) -> None:
    """Answer the goals of one mode, and the competing definitions of goals that it decides."""
    answers.add_network(journeys.network)
    for goal, definition in definitions:
        if definition is goal:
            answers.add_goal(goal, journeys)
        else:
            answers.add_definition(goal.id, definition, journeys)
    answers.add_components(journeys)


def _no_lines() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"highway": [], "name": []}, geometry=[], crs="EPSG:4326")


def _sources(study: Study) -> tuple[str, ...]:
    """Name whose data the results are made of."""
    listed = [source for sources in study.facilities.values() for source in sources]
    from_osm = study.streets or any(isinstance(source, FacilityOsm) for source in listed)
    return (*([OSM_SOURCE] if from_osm else []), *notices(study.streets))


def _services(study: Study) -> dict[str, Service]:
    """Name the services that goals ask for; a bundle or a mix is called as its goal."""
    named = {service: named_service(service) for goal in study.goals for service in goal.services}
    for goal in study.journeys:
        if goal.service not in named:
            title = {language: goal.name(language) for language in ("zh", "en")}
            named[goal.service] = Service(title=Text.model_validate(title))
    return named


def notices(streets: Sequence[Path]) -> list[str]:
    """Return the first line of the notice beside each streets file: what its folder says of its own data."""
    folders = dict.fromkeys(file.parent for file in streets)
    files = [folder / name for folder in folders for name in NOTICE_NAMES if (folder / name).is_file()]
    lines = (file.read_text(encoding="utf-8-sig", errors="replace").strip().partition("\n")[0] for file in files)
    return [" ".join(line.split()) for line in lines if line]


def _by_mode(study: Study, record: Record, say: Say) -> dict[TravelMode, list[tuple[TimedGoal, TimedGoal]]]:
    """Sort every goal, and every competing definition of it, to the mode that answers it."""
    modes: dict[TravelMode, list[tuple[TimedGoal, TimedGoal]]] = {}
    for goal in study.journeys:
        for definition in (goal, *answerable_variants(goal, study, record, say)):
            if isinstance(definition, TimedGoal):
                modes.setdefault(goal_mode(definition, study.modes), []).append((goal, definition))
    return modes


def named_service(service: str) -> Service:
    """Return a service of the catalogue, or one the study names itself."""
    known = service_catalogue()
    return known[service] if service in known else Service(title={"zh": service, "en": service})  # type: ignore[arg-type]
