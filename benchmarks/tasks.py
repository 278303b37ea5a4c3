"""The list of tasks, in the order of the report."""

from __future__ import annotations

from . import bounded, maps, nearest, points, polygons, provinces, reading, siting, tables
from .contenders import Contender, Task

TASKS: tuple[Task, ...] = (
    *reading.TASKS,
    *nearest.TASKS,
    *bounded.TASKS,
    *tables.TASKS,
    *polygons.TASKS,
    *points.TASKS,
    *siting.TASKS,
    *maps.TASKS,
    *provinces.TASKS,
)


def find_task(name: str) -> Task:
    """Return a task by its name."""
    return next(task for task in TASKS if task.name == name)


def find_contender(task: str, name: str) -> Contender:
    """Return a contender of a task by its name."""
    return next(contender for contender in find_task(task).contenders if contender.name == name)
