"""The scorecard in words: headings, figures as a planner writes them, and one sentence on what is missing or doubtful."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, Final

import yaml

from ...geo.errors import InputError
from ..figures import plain
from ..percent import UNKNOWN, percent_digits, short_percent
from ..texts import LANGUAGES

Row = Mapping[Any, Any]  # of the scorecard: COLUMNS and DETAILS
SHARE_DIGITS: Final = 2


@cache
def scorecard_words(language: str) -> Mapping[str, Any]:
    """Return the texts of `text/scorecard-<language>.yaml`.

    Raises
    ------
    InputError
        If there are no texts in this language.
    """
    if language not in LANGUAGES:
        raise InputError("language {language!r} is not one of {languages}", language=language, languages=", ".join(LANGUAGES))
    file = resources.files("lifecircle.maps").joinpath("text", f"scorecard-{language}.yaml")
    loaded: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return loaded


def explanation(row: Row, language: str) -> str:
    """Say in one sentence what a row's value does not: what is missing, between which bounds it lies, what differs.

    Parameters
    ----------
    row : mapping
        A row of the scorecard: COLUMNS and DETAILS.
    language : {"zh", "en"}
    """
    words = scorecard_words(language)
    values = {key: plain(row[key]) for key in ("reason", "missing", "of", "what", "at_least", "at_most", "lowest", "highest")}
    details = row["details"] if isinstance(row["details"], dict) else {}
    parts = [_reason(values, words), _bounds(values, row, words), span(row, language)]
    if "nearest_km" in details:
        parts.append(words["nearest"].format(km=f"{details['nearest_km']:g}"))
    if details.get("doubly", 0) > 0:
        parts.append(words["doubly"].format(share=shown(details["doubly"], "share")))
    return ("；" if language == "zh" else "; ").join(part for part in parts if part)


def _reason(values: Mapping[str, Any], words: Mapping[str, Any]) -> str:
    reason = values["reason"]
    if reason is None:
        return ""
    key = "no_flag_unit" if reason == "no_flag" and values["missing"] is None else reason
    return str(words["reasons"][key].format(missing=values["missing"], of=values["of"], what=values["what"] or ""))


def _bounds(values: Mapping[str, Any], row: Row, words: Mapping[str, Any]) -> str:
    low, high = values["at_least"], values["at_most"]
    if low is None or low == high:
        return ""
    said = {"low": _beside_bounds(low, row), "high": _beside_bounds(high, row)}
    return str(words["above" if high is None else "between"].format(**said))


def span(row: Row, language: str) -> str:
    """Say the range of a value over all definitions of its goal, empty where they agree."""
    low, high = plain(row["lowest"]), plain(row["highest"])
    if low is None or high is None or low == high:
        return ""
    said = {"low": _beside_bounds(low, row), "high": _beside_bounds(high, row)}
    return str(scorecard_words(language)["range"].format(**said))


def required(row: Row, language: str) -> str:
    """Say what is asked of a row: minutes, bounds and target."""
    words = scorecard_words(language)["required"]
    unit = row["value_unit"]
    units = {"limit": "count", "minimum": unit, "maximum": unit, "target": "share"}
    if row["figure"] == "share_within_limits":
        units |= {"minimum": "count", "maximum": "count"}  # the limits are of one facility, the figure a share of them
    said = [
        words[key].format(**{key: shown(plain(row[key]), kind)}) for key, kind in units.items() if plain(row[key]) is not None
    ]
    return ("，" if language == "zh" else ", ").join(said)


def verdict(row: Row, language: str) -> str:
    """Say whether a row is met: a sign beside the word, so that colour is never alone."""
    key, sign = {True: ("yes", "✓"), False: ("no", "✗")}.get(plain(row["met"]), ("unknown", "–"))
    return f"{sign} {scorecard_words(language)['met'][key]}"


def shown_value(row: Row) -> str:
    """Write a row's value, so that it does not look like the other side of what is asked of it."""
    return _beside_bounds(plain(row["value"]), row)


def value_digits(row: Row) -> int:
    """Return the decimals that a row's share of people or units needs in per cent."""
    value = plain(row["value"])
    return 1 if value is None else percent_digits(value, *_asked(row))


def shown(value: float | None, unit: str | None, target: float | None = None, most: float | None = None) -> str:
    """Write a figure as planners do: shares in per cent, others with at most three decimals."""
    if value is None:
        return UNKNOWN
    if unit == "share":
        return short_percent(value, target, most, digits=SHARE_DIGITS)
    return f"{value:,.3f}".rstrip("0").rstrip(".")


def _beside_bounds(value: float | None, row: Row) -> str:
    return shown(value, row["value_unit"], *_asked(row))


def _asked(row: Row) -> tuple[float | None, float | None]:
    """Return the bounds that a row's value is judged by; limits of one facility are none of a share of them."""
    target, least, most = (plain(row.get(name)) for name in ("target", "minimum", "maximum"))
    if row.get("figure") == "share_within_limits":
        least = most = None
    return least if target is None else target, most
