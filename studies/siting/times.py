"""Times between people and sites over one or several modes: the sparse table a plan is reckoned on, and the nearest site."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...geo.engine.matrix import trips
from ...geo.engine.search import Direction, Nearest, nearest_facility
from ...geo.memory import require_memory
from ...geo.snapping.chosen import chosen_places
from ...geo.snapping.snaps import Snaps
from ..situation.networks import Network
from ..speech.messages import Say

BYTES_PER_PAIR: Final = 80  # kept by both sides, sorted, and turned while a plan is sought
SMALL_BYTES: Final = 1e9  # a table that cannot be larger than this is made without foreseeing its size
PAIRS_AT_ONCE: Final = 30_000_000  # before those that cannot help are left out
KEYS: Final = ("origin", "destination", "seconds")
SAMPLE: Final = 48  # sites whose pairs are counted to foresee the whole table
# Two searches add the same seconds in another order: a time must not fall beyond the limit by the last bit of a sum.
SLACK_SECONDS: Final = 1e-6
DIGITS: Final = 9

Floats = NDArray[np.float64]
Rows = NDArray[np.int32]


class Pairs(NamedTuple):
    """Who reaches which site in how many minutes; (k,) each."""

    demand: Rows
    site: Rows
    minutes: Floats


def nearest_of(networks: Sequence[Network], snaps: Sequence[Snaps], direction: Direction) -> Nearest:
    """Return everyone's nearest facility by whichever mode is fastest.

    Parameters
    ----------
    networks : sequence of Network
    snaps : sequence of Snaps
        The facilities, per network.
    direction : {"to", "from"}
    """
    answers = [
        nearest_facility(network.graph, network.people, places, direction=direction)
        for network, places in zip(networks, snaps, strict=True)
    ]
    seconds = np.stack([answer.seconds for answer in answers])
    best = np.argmin(np.where(np.isnan(seconds), np.inf, seconds), axis=0)
    everyone = np.arange(seconds.shape[1])
    return Nearest(seconds[best, everyone], np.stack([answer.facility for answer in answers])[best, everyone])


def pair_times(
    networks: Sequence[Network],
    people: NDArray[np.int64],
    snaps: Sequence[Snaps],
    *,
    direction: Direction,
    limit_minutes: float,
    below_minutes: Floats,
    say: Say,
) -> Pairs:
    """Return every pair that matters.

    Parameters
    ----------
    networks : sequence of Network
    people : (n,) int64
        Rows of the demand; the pairs number them from 0.
    snaps : sequence of Snaps
        The sites, per network.
    direction : {"to", "from"}
    limit_minutes : float
        Inclusive.
    below_minutes : (n,) float64
        A site slower than this for a row cannot help it (inf where any can).
    say : Say

    Raises
    ------
    TooLargeError
        If the table would not fit in memory.
    """
    own = [chosen_places(network.people, people) for network in networks]
    longest = min(limit_minutes, float(below_minutes.max(initial=0.0)))
    seconds = 60 * longest + SLACK_SECONDS
    sample = np.unique(np.linspace(0, snaps[0].places - 1, SAMPLE).astype(np.int64))
    if snaps[0].places * len(people) * BYTES_PER_PAIR > SMALL_BYTES:
        few = [chosen_places(places, sample) for places in snaps]
        found = sum(len(part.site) for part in _parts(networks, own, few, direction, seconds, below_minutes))
        pairs = found / len(sample) * snaps[0].places
        require_memory(pairs * BYTES_PER_PAIR, say("site.table", pairs=pairs / 1e6), say("site.smaller"))
    none = Pairs(np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0))
    demand, site, minutes = zip(none, *_parts(networks, own, snaps, direction, seconds, below_minutes), strict=True)
    return Pairs(np.concatenate(demand), np.concatenate(site), np.concatenate(minutes))


def _parts(
    networks: Sequence[Network],
    people: Sequence[Snaps],
    sites: Sequence[Snaps],
    direction: Direction,
    limit_seconds: float,
    below_minutes: Floats,
) -> Iterator[Pairs]:
    """Yield the pairs in parts, by the fastest mode, without sites that are too slow to help."""
    count = sites[0].places
    step = max(1, min(count, PAIRS_AT_ONCE // max(people[0].places, 1)))
    for first in range(0, count, step):
        places = np.arange(first, min(first + step, count))
        blocks = [
            block
            for network, origins, snaps in zip(networks, people, sites, strict=True)
            for block in trips(
                network.graph, origins, chosen_places(snaps, places), direction=direction, limit_seconds=limit_seconds
            )
        ]
        if not blocks:  # nobody is asked about: everyone is covered already
            continue
        part = _fastest(*(np.concatenate([getattr(block, key) for block in blocks]) for key in KEYS))
        helps = part.minutes <= below_minutes[part.demand]
        yield Pairs(part.demand[helps], part.site[helps] + np.int32(first), part.minutes[helps])


def _fastest(origin: NDArray[np.int64], destination: NDArray[np.int64], seconds: Floats) -> Pairs:
    """Keep the fastest mode of every pair."""
    order = np.lexsort((seconds, origin, destination))
    origin, destination, seconds = origin[order], destination[order], seconds[order]
    first = np.ones(len(order), bool)
    first[1:] = (origin[1:] != origin[:-1]) | (destination[1:] != destination[:-1])
    minutes = np.round(seconds[first] / 60, DIGITS)
    return Pairs(origin[first].astype(np.int32), destination[first].astype(np.int32), minutes)
