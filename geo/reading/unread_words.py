"""Words of streets' tags that no rule understands: permissions, limits, durations (travel model 2, section 9)."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import numpy as np

from ..modes import limits, words
from ..modes.durations import clock_seconds, interval_seconds
from ..modes.ferries import is_too_fast, line_metres
from ..modes.rules import BOTH_WAYS, ONEWAY, REVERSED
from ..streets import STREET_KEYS, Streets
from .unused import ACCESS_WORDS, CONDITIONAL, DURATIONS, MOST_EXAMPLES, ONEWAYS, SEASONAL, SPEEDS, Unused


def _is_duration(text: str) -> bool:
    return not math.isnan(clock_seconds(text))


def _is_interval(text: str) -> bool:
    return not math.isnan(interval_seconds(text))


READ: Final[tuple[tuple[str, tuple[str, ...], Callable[[str], bool]], ...]] = (
    (ACCESS_WORDS, words.ACCESS_KEYS, words.is_understood),
    (SPEEDS, ("maxspeed", "maxspeed:forward", "maxspeed:backward"), limits.is_understood),
    (ONEWAYS, ("oneway", "oneway:bicycle", "oneway:foot", "foot:oneway"), (*ONEWAY, *REVERSED, *BOTH_WAYS).__contains__),
    (DURATIONS, ("duration",), _is_duration),
    (DURATIONS, ("interval",), _is_interval),
    (CONDITIONAL, tuple(key for key in STREET_KEYS if key.endswith(":conditional")), lambda text: False),
    (SEASONAL, ("seasonal",), lambda text: text == "no"),
)


def tell_unread(streets: Streets, unused: Unused) -> None:
    """List ways whose words mean nothing to any mode; durations and intervals of ferries only."""
    for kind, keys, is_understood in READ:
        for key in keys:
            tag = streets.tag(key)
            unread = np.array([*(not is_understood(text) for text in tag.cat.categories), False])[tag.cat.codes.to_numpy()]
            if kind == DURATIONS:
                unread &= streets.is_ferry
            if key == "duration":
                unread |= streets.is_ferry & is_too_fast(streets, line_metres(streets))
            ways, first = np.unique(streets.way_ids[unread], return_index=True)
            rows = np.flatnonzero(unread)[first[:MOST_EXAMPLES]]
            examples = [(f"w{streets.way_ids[row]}", f"{key}={tag.iloc[row]}") for row in rows.tolist()]
            unused.add_all(kind, examples, count=len(ways))
