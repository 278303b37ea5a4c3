"""A study from its file to its answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd

from ...analyses.results import Results
from ...analyses.scorecard import finished, joined
from ...geo.modes import TravelMode
from ...geo.shown import Portrait, Shown
from ...geo.streets import street_lines
from ...layers.goals import Text, TimedGoal
from ...layers.land import land_of
from ...layers.services import Service, service_catalogue
from ..attribution import study_sources
from ..file.goal_mode import goal_mode
from ..file.reading import read_study
from ..file.study import Study
from ..folder.draft import draft_folder
from ..folder.left_files import RUN
from ..folder.record import Record
from ..situation.inputs import read_part
from ..situation.journeys import Journeys
from ..situation.situation import Situation, read_situation, reading_stages
from ..speech.messages import Say, default_language, speaker
from ..speech.portraits import scorecard_portrait
from ..speech.progress import Asked, told
from .answers import Answers, Audit
from .borders import count_across
from .foreseen_time import say_long_run
from .outputs import write_outputs
from .rings import draws_rings
from .table_goals import answerable_variants, check_goals


@dataclass(frozen=True, kw_only=True, repr=False)
class Run(Shown):
    """A finished run: its tables, its record and where its files lie."""

    results: Results
    record: dict[str, Any]
    out: Path

    def portrait(self) -> Portrait:
        """Say how the goals are met."""
        return scorecard_portrait(self.results.name, self.results.scorecard, self.out)


@told
def run(study_path: str | Path, *, out: str | Path | None = None, lang: str | None = None, progress: Asked = None) -> Run:
    """Answer every goal of a study and write all its files.

    Parameters
    ----------
    study_path : str or Path
        The study file (`lifecircle new` writes a commented one).
    out : str or Path, optional
        Output folder; default: the study's `out`.
    lang : {"zh", "en"}, optional
        Language of messages, map and report; default: from the locale.
    progress : bool or callable, optional
        True: one bar, where somebody sees it; a function gets each `speech.progress.Step`. Default: none.

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
        record.teller.expect(_stages(study))
        situation = read_situation(study, file.parent, record, say)
        say_long_run(study, situation.inputs, record, say)
        results, audit = answer_study(situation)
        sealed = record.seal(file, study, results.sources)
        written = write_outputs(results, situation.inputs, audit, sealed, draft)
        draft.swap_in()
    return Run(results=results, record=written, out=out)


def _stages(study: Study) -> int:
    """Foresee the stages of a run: reading, each mode and goal, what tables answer, files and pages."""
    modes = {goal_mode(goal, study.modes) for goal in study.journeys}
    each = sum(3 + draws_rings(goal) for goal in study.journeys)
    return reading_stages(study) + len(modes) + each + bool(study.tabled) + 1 + bool(study.journeys)


def answer_study(situation: Situation) -> tuple[Results, Audit]:
    """Compute everything, one mode at a time so that only one network is in memory."""
    study, inputs, record, say = situation.study, situation.inputs, situation.record, situation.say
    answers = Answers(situation)
    definitions = _by_mode(situation)
    for mode, network in situation.networks(definitions):
        _answer_mode(answers, situation.journeys(network), definitions[mode])
        del network  # before the next one is built
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
        sources=study_sources(read_part(study)),
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


def _services(study: Study) -> dict[str, Service]:
    """Name the services that goals ask for; a bundle or a mix is called as its goal."""
    named = {service: named_service(service) for goal in study.goals for service in goal.services}
    for goal in study.journeys:
        if goal.service not in named:
            title = {language: goal.name(language) for language in ("zh", "en")}
            named[goal.service] = Service(title=Text.model_validate(title))
    return named


def _by_mode(situation: Situation) -> dict[TravelMode, list[tuple[TimedGoal, TimedGoal]]]:
    """Sort every goal, and every competing definition of it, to the mode that answers it."""
    study, modes = situation.study, dict[TravelMode, list[tuple[TimedGoal, TimedGoal]]]()
    for goal in study.journeys:
        for definition in (goal, *answerable_variants(goal, study, situation.record, situation.say)):
            if isinstance(definition, TimedGoal):
                modes.setdefault(situation.mode_of(definition), []).append((goal, definition))
    return modes


def named_service(service: str) -> Service:
    """Return a service of the catalogue, or one the study names itself."""
    known = service_catalogue()
    return known[service] if service in known else Service(title={"zh": service, "en": service})  # type: ignore[arg-type]
