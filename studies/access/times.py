"""The sparse table of travel times between a study's people and the facilities of one service."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from ...geo.engine.matrix import Trips, trips
from ...geo.engine.search import Direction
from ...geo.memory import require_memory
from ...geo.snapping.snaps import Snaps
from ..situation.networks import Network
from ..speech.messages import Say

BYTES_PER_PAIR = 160  # the table, what a measure makes of it, and the copy that is cut to a limit
SLACK_SECONDS = 1e-6  # two searches add the same seconds in another order; exactly the limit is inside
DIGITS = 6  # of a minute


def cost_table(network: Network, facilities: Snaps, *, direction: Direction, limit_minutes: float, say: Say) -> pd.DataFrame:
    """Return every pair within a limit.

    Parameters
    ----------
    network : Network
    facilities : Snaps
        On the same network.
    direction : {"to", "from"}
    limit_minutes : float
        Inclusive.
    say : Say

    Returns
    -------
    DataFrame
        `demand` and `facility` (rows, from 0) and `minutes`.

    Raises
    ------
    TooLargeError
        As soon as it shows that the table would not fit in memory, with the figure.
    """
    people = network.people
    blocks = trips(network.graph, people, facilities, direction=direction, limit_seconds=60 * limit_minutes + SLACK_SECONDS)
    parts = list(_watched(blocks, people.places, facilities.places, say))
    columns = {
        "demand": np.concatenate([np.empty(0, np.int64), *(part.origin for part in parts)]),
        "facility": np.concatenate([np.empty(0, np.int64), *(part.destination for part in parts)]),
        "minutes": np.round(np.concatenate([np.empty(0), *(part.seconds for part in parts)]) / 60, DIGITS),
    }
    return pd.DataFrame(columns)


def _watched(blocks: Iterator[Trips], people: int, facilities: int, say: Say) -> Iterator[Trips]:
    """Pass blocks on while the table they are part of will fit; blocks come in the order of the smaller side."""
    pairs = 0
    for block in blocks:
        if not len(block.seconds):
            continue
        pairs += len(block.seconds)
        side, total = (block.destination, facilities) if facilities < people else (block.origin, people)
        foreseen = pairs * total / (int(side[-1]) + 1)
        require_memory(foreseen * BYTES_PER_PAIR, say("access.table", pairs=foreseen / 1e6), say("access.smaller"))
        yield block
