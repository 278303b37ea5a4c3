"""A study from its file to its answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..analyses.results import Results
from ..geo.modes import TravelMode
from ..geo.streets import street_lines
from ..layers.footprints import Footprints, footprints
from ..layers.goals import CircleGoal
from ..layers.services import Service, service_catalogue
from .answers import Answers, Audit, mode_name
from .borders import count_across
from .inputs import Inputs, read_inputs
from .messages import Say, default_language, speaker
from .networks import build_network, goal_mode
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


def _answer(study: Study, inputs: Inputs, prints: Footprints, record: Record, say: Say) -> tuple[Results, Audit]:
    """Compute everything, one mode at a time so that only one network is in memory."""
    answers = Answers(inputs, prints, record, say)
    for mode, goals in _by_mode(study).items():
        with record.stage(say("stage.network", mode=mode_name(mode, say))):
            network = build_network(inputs.extract.streets, mode, inputs.heights, *answers.points)
        answers.add_network(network)
        snaps = {goal.service: answers.add_goal(goal, network) for goal in goals}
        answers.add_components(network, list(snaps.values()))
    results = Results(
        name=study.name,
        goals=study.circles,
        services={goal.service: named_service(goal.service) for goal in study.circles},
        demand=answers.demand(study.circles),
        cell_metres=inputs.demand.cell_metres,
        facilities=inputs.facilities,
        zones=inputs.zones,
        scorecard=answers.scorecard(study.circles),
        gaps=answers.gaps(),
        streets=street_lines(inputs.extract.streets),
        sources=(OSM_SOURCE, *notices(study.streets)),
    )
    count_across(study, results, record, say)
    return results, answers.audit()


def notices(streets: Sequence[Path]) -> list[str]:
    """Return the first line of the notice beside each streets file: what its folder says of its own data."""
    folders = dict.fromkeys(file.parent for file in streets)
    files = [folder / name for folder in folders for name in NOTICE_NAMES if (folder / name).is_file()]
    lines = (file.read_text(encoding="utf-8-sig", errors="replace").strip().partition("\n")[0] for file in files)
    return [" ".join(line.split()) for line in lines if line]


def _by_mode(study: Study) -> dict[TravelMode, list[CircleGoal]]:
    modes: dict[TravelMode, list[CircleGoal]] = {}
    for goal in study.circles:
        modes.setdefault(goal_mode(goal, study.modes), []).append(goal)
    return modes


def named_service(service: str) -> Service:
    """Return a service of the catalogue, or one the study names itself."""
    known = service_catalogue()
    return known[service] if service in known else Service(title={"zh": service, "en": service})  # type: ignore[arg-type]
