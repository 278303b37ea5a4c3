"""How long a crossing or a wait is, as the map writes it (travel model 2, section 7)."""

from __future__ import annotations

import math
import re
from typing import Final

HOURS: Final = r"hours?|hrs?|h|小时|时"
MINUTES: Final = r"minutes?|mins?|min|m|分钟|分"
NUMBER: Final = r"\d+(?:\.\d+)?"
IN_WORDS: Final = re.compile(rf"(?:({NUMBER})\s*(?:{HOURS}))?\s*(?:({NUMBER})\s*(?:{MINUTES})?)?")
ISO: Final = re.compile(rf"P(?:({NUMBER})D)?(?:T(?:({NUMBER})H)?(?:({NUMBER})M)?(?:({NUMBER})S)?)?")
CLOCK: Final = re.compile(r"(\d+):(\d{1,2})(?::(\d{1,2}))?")
BETWEEN: Final = re.compile(r"[;,/~–—-]|\bto\b|至|到", re.IGNORECASE)
# Commas that are decimal points: "1,5 h", "PT1,5H"; those of "20,30,40 min" and "1:00,30 min" part a list.
DECIMAL_COMMA: Final = re.compile(
    rf"(?<![\d.,:])(\d+),(?=\d+\s*(?:{HOURS}|{MINUTES}))|(P[\dDTHM]*\d),(?=\d+[DHMS])", re.IGNORECASE
)
TIME_OF_DAY: Final = r"\d{1,2}:\d{2}(?::\d{2})?"
SERVICE_HOURS: Final = re.compile(rf"{TIME_OF_DAY}\s*(?:[~–—-]|\bto\b|至|到)\s*{TIME_OF_DAY}|\b24/7\b", re.IGNORECASE)


def clock_seconds(text: str) -> float:
    """Read a duration; NaN where no part of it is understood.

    H:MM, H:MM:SS, minutes, ISO 8601 (PT1H30M, PT1.5H), or with words (90 min, 1h30, 1.5小时, 90分钟); of a list or a range the
    longest.
    """
    found = [seconds for seconds in map(_one, BETWEEN.split(_with_points(text))) if math.isfinite(seconds)]
    return max(found, default=float("nan"))


def interval_seconds(text: str) -> float:
    """Read the time between two departures as a duration; when boats go at all ("07:00-19:00", "24/7") says nothing of it."""
    parts = re.split("[;,]", _with_points(text))
    return clock_seconds(";".join(part for part in parts if not SERVICE_HOURS.search(part)))


def _with_points(text: str) -> str:
    """Write decimal commas as points, for other commas part a list."""
    return DECIMAL_COMMA.sub(lambda found: f"{found[1] or found[2]}.", text)


def _one(part: str) -> float:
    """Read one duration; not finite where it is none, or has more digits than any number."""
    text = part.strip().lower()
    clock = CLOCK.fullmatch(text)
    if clock:
        hours, minutes, seconds = (float(value or 0) for value in clock.groups())
        return 3600 * hours + 60 * minutes + seconds
    iso = ISO.fullmatch(text.upper())
    if iso and any(iso.groups()):
        return sum(float(value or 0) * unit for value, unit in zip(iso.groups(), (86_400, 3_600, 60, 1), strict=True))
    words = IN_WORDS.fullmatch(text)
    if words and any(words.groups()):
        return 3_600 * float(words[1] or 0) + 60 * float(words[2] or 0)
    return float("nan")
