"""Small siting studies on toy maps, whose best plan can be worked out by hand."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import toy_map
import yaml
from toy_study import GOAL, STREET, people_table, points_table

from lifecircle.studies.file.reading import read_study
from lifecircle.studies.siting.outputs import Finished
from lifecircle.studies.siting.question import Question
from lifecircle.studies.siting.request import make_request
from lifecircle.studies.siting.site import Sited, find_plan
from lifecircle.studies.speech.messages import speaker

# At 1 m/s a step of the street takes 111.3 s, so ten minutes are five steps.
PEOPLE = (("a", 2, 0, 100), ("b", 6, 0, 50), ("c", 20, 0, 80), ("d", 30, 0, 60), ("e", 34, 0, 60), ("f", 50, 0, 10))
PLOTS = (("P1", 4, 0), ("P2", 20, 0), ("P3", 32, 0), ("P4", 36, 0), ("P5", 50, 0))
FAR = (("X", 58, 0),)  # a facility of today, five steps and more from everyone


def write_siting(
    folder: Path,
    *,
    people: Sequence[tuple[Any, ...]] = PEOPLE,
    columns: Sequence[str] = (),
    plots: Sequence[tuple[Any, ...]] = PLOTS,
    figures: Mapping[str, Sequence[Any]] | None = None,
    facilities: Sequence[tuple[Any, ...]] = FAR,
    streets: tuple[Mapping[int, tuple[float, float]], Sequence[Any]] = STREET,
    goal: Mapping[str, Any] | None = None,
    demand: Mapping[str, Any] | None = None,
    siting: Mapping[str, Any] | None = None,
    **study: Any,
) -> Path:
    """Write a study with candidate plots; `figures` are further columns of the plots, other keywords keys of the study file."""
    folder.mkdir(parents=True, exist_ok=True)
    toy_map.write_map(folder / "streets.osm", *streets)
    people_table(people, *columns).to_csv(folder / "people.csv", index=False)
    points_table(facilities).to_csv(folder / "facilities.csv", index=False)
    points_table(plots).assign(**(figures or {})).to_csv(folder / "plots.csv", index=False)
    text = {
        "name": "Toy",
        "streets": "streets.osm",
        "demand": {"file": "people.csv", "people": "people", "id": "id", **(demand or {})},
        "facilities": {"health": [{"file": "facilities.csv", "id": "id"}]},
        "goals": [{**GOAL, **(goal or {})}],
        "siting": {"health": {"candidates": {"file": "plots.csv", "id": "id", **columns_of(figures)}, **(siting or {})}},
        "out": "out",
        **study,
    }
    path = folder / "study.yaml"
    path.write_text(yaml.safe_dump(text, allow_unicode=True), encoding="utf-8")
    return path


def columns_of(figures: Mapping[str, Sequence[Any]] | None) -> dict[str, str]:
    """Say in the study file that figures stand in the columns of their names."""
    return {name: name for name in figures or {}}


def plan_toy(
    folder: Path, problem: str = "mclp", *, asked: Mapping[str, Any] | None = None, lang: str = "en", **study: Any
) -> Finished:
    """Write a study as `write_siting` does and find its plan, without writing files; `asked` are fields of `Question`."""
    question = Question(problem=problem, **{**({"p": 2} if problem == "mclp" else {}), **(asked or {})})
    path, say = write_siting(folder, **study), speaker(lang)
    return find_plan(make_request(read_study(path, say), "health", question, say), path, time_limit_seconds=60, say=say)


def chosen(plan: Finished | Sited) -> list[str]:
    """The sites in the order of building."""
    return plan.sites["site"].tolist()
