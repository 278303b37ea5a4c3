"""What a caller may ask of a plan, each option named once; from the door and the command it goes whole to the request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypedDict, cast

from ...layers.source import Source

MCLP: Final = "mclp"  # the problem, where none is named


class Means(TypedDict, total=False):
    """What a plan may use up, and what it costs to be left out; as `analyses.siting.problem.SitingProblem` takes it.

    Attributes
    ----------
    p : int
        New sites.
    budget : float
        Money, in the unit of the candidates' cost.
    unserved_minutes : float
        What a person without a site counts for in p-median; without it everyone reachable must have one.
    """

    p: int | None
    budget: float | None
    unserved_minutes: float | None


class Question(Means, total=False):
    """What a caller asks of a study; every key may be left out, and replaces what the study says.

    Attributes
    ----------
    problem : str
        One of `analyses.siting.kinds.PROBLEMS`, or `target-share`: fewest sites until `target` is covered. Default: mclp.
    target : float
        Share of people, 0-1, for `target-share` (default: the goal's) and `lscp`.
    goal : str
        Id of the goal that gives limit, mode and people; default: the first about the service.
    modes : sequence of str
        walk, bicycle, car; somebody is covered if any of them is fast enough. Default: the goal's.
    minutes : float
        Inclusive limit instead of the goal's.
    candidates : sequence of str or Source
        `demand`, `demand:500` (thinned to 500 m), `streets:500`, or files of points or polygons.
    cost, capacity : number or str
        Of each candidate: a number, or a column where candidates come from a file.
    existing_capacity : float
        For facilities of today whose capacity is unknown.
    forbid : sequence of str
        Candidates that may not be used.
    close, may_close : sequence of str
        Facilities of today that close, or that a plan may close.
    min_share : str
        Equity floor, `township=0.5`: at least this share of every zone's people.
    weights : sequence of str
        `children=2`: a person of this group counts twice.
    cut_off_minutes : float
        Longest trip in p-median and p-center; default: any.
    """

    problem: str
    target: float | None
    goal: str | None
    modes: Sequence[str]
    minutes: float | None
    candidates: Sequence[str | Source]
    cost: str | float | None
    capacity: str | float | None
    existing_capacity: float | None
    forbid: Sequence[str]
    close: Sequence[str]
    may_close: Sequence[str]
    min_share: str | None
    weights: Sequence[str]
    cut_off_minutes: float | None


def means_of(question: Question) -> Means:
    """Return the means among what is asked."""
    return cast(Means, {name: value for name, value in question.items() if name in Means.__annotations__})
