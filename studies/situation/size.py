"""Whether a study fits in memory, asked before anything long begins."""

from __future__ import annotations

from typing import Final

from ...geo.memory import require_memory
from ...layers.demand import Demand
from ...layers.row_counts import row_count
from ..file.study import Study
from ..speech.messages import Say

# Measured as peak memory of whole runs on 27 November 2026 (docs/reliability.md): points stand for a patch of ground each, which
# is drawn and may be a gap of its own for every goal; cells of a raster are squares of a lattice.
BYTES_PER_POINT: Final = 7_500
BYTES_PER_CELL: Final = 1_700
BYTES_PER_POINT_AND_GOAL: Final = 1_500
BYTES_PER_CELL_AND_GOAL: Final = 500


def needed_bytes(units: int, goals: int, *, cells: bool) -> int:
    """Foresee the memory that the people of a study take, streets not counted.

    Parameters
    ----------
    units : int
        Demand units.
    goals : int
        Goals that travel times answer.
    cells : bool
        Whether the units are cells of a raster.
    """
    alone, per_goal = (BYTES_PER_CELL, BYTES_PER_CELL_AND_GOAL) if cells else (BYTES_PER_POINT, BYTES_PER_POINT_AND_GOAL)
    return units * (alone + goals * per_goal)


def require_room_for_rows(study: Study, say: Say) -> None:
    """Refuse a study whose file of people has more rows than memory has room for, before it is read.

    Raises
    ------
    TooLargeError
        With what is needed, what is free and what to do.
    """
    rows = None if study.demand is None else row_count(study.demand)
    if rows is not None:
        _require_room(rows, len(study.journeys), cells=False, say=say)


def require_room(study: Study, demand: Demand, say: Say) -> None:
    """Refuse a study whose demand has more units than memory has room for, once they are counted.

    Raises
    ------
    TooLargeError
    """
    _require_room(len(demand.table), len(study.journeys), cells=demand.grid is not None, say=say)


def _require_room(units: int, goals: int, *, cells: bool, say: Say) -> None:
    needed = needed_bytes(units, goals, cells=cells)
    require_memory(needed, say("size.study", units=units, goals=goals), say("size.smaller"))
