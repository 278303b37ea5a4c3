"""Explanations: why an area is a gap and what would close it, in words made from typed reasons."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from .figures import plain, whole
from .texts import texts

KILOMETRE = 1000
GROUP = "group."  # how columns of groups begin


def explanation(gap: Mapping[str, Any], service: str, language: str) -> list[str]:
    """Return the sentences about one gap: its reason first, then what would close it.

    Parameters
    ----------
    gap : mapping
        A row of `Results.gaps`; facts that were not gathered may be missing.
    service : str
        What is not reached, as it reads within a sentence.
    language : {"zh", "en"}
    """
    words = texts(language)["shared"]
    facts = {name: plain(gap.get(name)) for name in FACTS}
    return [_reason(facts, service, words), *_closing(facts, words), *_groups(gap, words)]


FACTS = (
    "reason", "minutes", "pass_minutes", "line_metres", "route_metres", "detour", "ferry_minutes", "flat_minutes",
    "facility_zone", "cover_people", "link_metres", "link_minutes",
)  # fmt: skip


def _reason(facts: Mapping[str, Any], service: str, words: Mapping[str, Any]) -> str:
    reason = facts["reason"]
    known = reason != "too_few" or facts["line_metres"] is not None
    sentence = words["reason_sentence"][reason if known else "too_few_unknown"]
    return str(
        sentence.format(
            service=service,
            zone=facts["facility_zone"],
            minutes=_up(facts["minutes"]),
            ferry=_up(facts["ferry_minutes"]),
            flat=_up(facts["flat_minutes"]),
            line=distance(facts["line_metres"], words),
            route=distance(facts["route_metres"], words),
            detour=None if facts["detour"] is None else f"{facts['detour']:.1f}",
            **{"pass": _up(facts["pass_minutes"])},
        )
    )


def _closing(facts: Mapping[str, Any], words: Mapping[str, Any]) -> list[str]:
    sentences = []
    if facts["cover_people"]:
        sentences.append(words["closing"]["cover"].format(people=f"{whole(facts['cover_people']):,}"))
    if facts["link_metres"] is not None:
        link = {"metres": distance(facts["link_metres"], words), "minutes": _up(facts["link_minutes"])}
        sentences.append(words["closing"]["link"].format(**link))
    return sentences


def _groups(gap: Mapping[str, Any], words: Mapping[str, Any]) -> list[str]:
    """Say how many people of each group live in a gap, where that is known."""
    known = {str(name)[len(GROUP) :]: plain(people) for name, people in gap.items() if str(name).startswith(GROUP)}
    said = [
        words["group_people"].format(group=words["groups"].get(name, name), people=f"{whole(people):,}")
        for name, people in known.items()
        if people is not None
    ]
    return [words["among"].format(groups=words["comma"].join(said))] if said else []


def distance(metres: float | None, words: Mapping[str, Any]) -> str | None:
    """Write a distance as a planner would say it: tens of metres, or tenths of a kilometre."""
    if metres is None:
        return None
    if metres < KILOMETRE - 5:
        return str(words["metres"].format(value=round(metres / 10) * 10))
    return str(words["kilometres"].format(value=f"{metres / KILOMETRE:.1f}"))


def _up(minutes: float | None) -> str | None:
    """Write minutes rounded up to tenths, as everywhere on the map: nothing over a limit ever reads as within it."""
    return None if minutes is None else f"{math.ceil(minutes * 10 - 1e-6) / 10:g}"
