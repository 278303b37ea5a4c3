"""The goal catalogue: promises of published plans, verbatim, ready to be put into a study by their id."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType

import yaml

from ..geo.errors import StudyError
from .goals import Goal


@cache
def goal_catalogue() -> Mapping[str, Goal]:
    """Return the goals shipped with lifecircle, by id, in the order of their files."""
    folder = resources.files(__package__).joinpath("catalogue")
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".yaml")), key=lambda file: file.name)
    goals: dict[str, Goal] = {}
    for file in files:
        entries = yaml.safe_load(file.read_text(encoding="utf-8"))
        goals |= {key: Goal.model_validate({"id": key, **entry}) for key, entry in entries.items()}
    return MappingProxyType(goals)


def find_goal(id: str) -> Goal:
    """Return a goal of the catalogue.

    Parameters
    ----------
    id : str
        Such as `fitness-10min`.

    Raises
    ------
    StudyError
        Naming the nearest goal.
    """
    goals = goal_catalogue()
    if id in goals:
        return goals[id]
    near = difflib.get_close_matches(id, goals, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]!r}?" if near else "."
    raise StudyError(f"the catalogue has no goal {id!r}{hint} It has: {', '.join(goals)}")
