"""Speed limits as the map writes them (travel model 2, section 4)."""

from __future__ import annotations

import math
import re
from typing import Final

KMH_PER_MPH: Final = 1.609344
ZONES_KMH: Final = {"urban": 50.0, "rural": 80.0, "motorway": 120.0, "living_street": 20.0}
OWN_ZONES_KMH: Final = {"cn:rural": 70.0}
NO_NUMBER: Final = float("nan")
NO_LIMIT: Final = float("inf")
WORDS_KMH: Final = {"walk": 7.0, "none": NO_LIMIT}


def maxspeed_kmh(text: str) -> float:
    """Read a limit, of a list the lowest; NO_LIMIT for `none`, NaN where nothing in it is understood."""
    found = [kmh for kmh in map(_one, re.split("[;,]", text)) if kmh == kmh]
    return min(found, default=NO_NUMBER)


def is_understood(text: str) -> bool:
    """Tell whether a limit is read, or says that there is none."""
    return not math.isnan(maxspeed_kmh(text))


def _one(text: str) -> float:
    word = text.strip().lower()
    number = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(km/h|kmh|mph)?", word)
    if number:
        kmh = float(number[1]) * (KMH_PER_MPH if number[2] == "mph" else 1.0)
        return kmh if 0 < kmh < math.inf else NO_NUMBER  # more digits than any number give inf
    if word in WORDS_KMH:
        return WORDS_KMH[word]
    zone = re.fullmatch(r"[a-z]{2}:([a-z_]+)", word)
    return OWN_ZONES_KMH.get(word, ZONES_KMH.get(zone[1], NO_NUMBER)) if zone else NO_NUMBER
