"""Numbers that are written in words: speed limits (section 4) and durations (section 7)."""

import math
import re

MPH_IN_KMH = 1.609344
NO_LIMIT = math.inf  # `none`: understood, and the class speed holds
_ZONE_KMH = {"urban": 50.0, "rural": 80.0, "motorway": 120.0, "living_street": 20.0}

_NUMBER = r"(\d+(?:[.,]\d+)?)"
_HOURS = rf"{_NUMBER} *(?:hours|hour|hrs|hr|h|小时|时)"
_MINUTES = rf"{_NUMBER} *(?:minutes|minute|mins|min|m|分钟|分)"
_WORDS = re.compile(rf"(?:{_HOURS})? *(?:{_MINUTES}|{_NUMBER})?")
_CLOCK = re.compile(r"(\d+):(\d\d?)(?::(\d\d?))?")
_ISO_8601 = re.compile(r"p(?:([\d.,]+)d)?(?:t(?:([\d.,]+)h)?(?:([\d.,]+)m)?(?:([\d.,]+)s)?)?")
_BETWEEN = re.compile(r"[;/~–—-]|,(?!\d)| to |至|到")  # a comma between digits is a decimal one


def maxspeed_kmh(text: str | None) -> float | None:
    """Lowest limit of a list; NO_LIMIT for `none`; None where nothing (or 0) is understood."""
    limits = [_one_limit(part.strip()) for part in re.split("[,;]", (text or "").lower())]
    return min((limit for limit in limits if limit), default=None)


def _one_limit(text: str) -> float | None:
    if text == "none":
        return NO_LIMIT
    if text == "walk":
        return 7.0
    if match := re.fullmatch(r"(\d+\.?\d*) *(km/h|kmh|mph|)", text):
        return float(match[1]) * (MPH_IN_KMH if match[2] == "mph" else 1.0)
    if match := re.fullmatch(r"([a-z]{2}):(urban|rural|motorway|living_street)", text):
        return 70.0 if match[0] == "cn:rural" else _ZONE_KMH[match[2]]
    return None


def duration_seconds(text: str | None) -> float | None:
    """Longest duration of a list or range; None where nothing (or 0) is understood."""
    parts = [part.strip() for part in _BETWEEN.split((text or "").lower())]
    return max((seconds for part in parts if (seconds := _one_duration(part))), default=None)


def _one_duration(text: str) -> float:
    if match := _CLOCK.fullmatch(text):
        hours, minutes, seconds = (float(number or 0) for number in match.groups())
        return 3600 * hours + 60 * minutes + seconds
    if match := _ISO_8601.fullmatch(text):
        days, hours, minutes, seconds = (_number(number) for number in match.groups())
        return 86400 * days + 3600 * hours + 60 * minutes + seconds
    if match := _WORDS.fullmatch(text):
        return 3600 * _number(match[1]) + 60 * _number(match[2] or match[3])
    return 0.0


def _number(text: str | None) -> float:
    try:
        return float((text or "0").replace(",", "."))
    except ValueError:
        return 0.0
