"""How long a study will take, said before it begins: nobody should wait for an hour without having been told."""

from __future__ import annotations

import math
from typing import Final

from ...layers.goals import TimedGoal
from ..file.study import Study
from ..folder.record import Record
from ..situation.inputs import Inputs
from ..speech.messages import Say
from ..speech.terminal import show
from .rings import MOST_FACILITIES, draws_rings

# Processor time of whole runs on 27 November 2026 (docs/reliability.md); points cost most where each is a gap of its own.
SECONDS_PER_GOAL: Final = 0.8
SECONDS_PER_POINT: Final = 150e-6
SECONDS_PER_CELL: Final = 20e-6
SECONDS_PER_NODE: Final = 0.3e-6  # of the streets
SECONDS_PER_RING_MINUTE: Final = 0.5e-3
WORTH_SAYING_SECONDS: Final = 120.0


def say_long_run(study: Study, inputs: Inputs, record: Record, say: Say) -> None:
    """Say about how long the goals of a study will take, where that is minutes."""
    services = inputs.facilities["service"].value_counts()
    rings = [sum(int(services.get(name, 0)) for name in goal.services) for goal in study.journeys]
    units, cells = len(inputs.demand.table), inputs.demand.grid is not None
    nodes = len(inputs.extract.streets.lon)
    seconds = sum(
        goal_seconds(goal, units=units, cells=cells, nodes=nodes, facilities=facilities)
        for goal, facilities in zip(study.journeys, rings, strict=True)
    )
    if seconds >= WORTH_SAYING_SECONDS:
        minutes = math.ceil(seconds / 60)
        show(record.teller.console, say("progress.long", goals=len(study.journeys), units=units, minutes=minutes), style="dim")


def goal_seconds(goal: TimedGoal, *, units: int, cells: bool, nodes: int, facilities: int) -> float:
    """Foresee what one goal takes on one ordinary core, from its travel times to its page of the report.

    Parameters
    ----------
    goal : TimedGoal
    units : int
        Demand units.
    cells : bool
        Whether they are cells of a raster.
    nodes : int
        Street nodes.
    facilities : int
        Of the goal's services; each gets a ring where rings are drawn.
    """
    drawn = facilities if draws_rings(goal) and facilities <= MOST_FACILITIES else 0
    return (
        SECONDS_PER_GOAL
        + units * (SECONDS_PER_CELL if cells else SECONDS_PER_POINT)
        + nodes * SECONDS_PER_NODE
        + drawn * goal.minutes * SECONDS_PER_RING_MINUTE
    )
