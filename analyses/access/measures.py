"""The measures by name, each with its parameters set by one limit: what a study asks when it only names them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

import pandas as pd

from .allocation import allocate
from .balanced import balanced
from .cumulative import cumulative_capacity, cumulative_count
from .decay import LUO_QI, WAN, bounded_gaussian, scaled
from .enhanced_two_step import enhanced_two_step
from .gaussian_two_step import gaussian_two_step
from .gravity import gravity
from .k_nearest import k_nearest
from .raam import raam
from .spatial_availability import spatial_availability
from .three_step import three_step
from .two_step import two_step

PER_PEOPLE: Final = 1000  # access is told in capacity per 1,000 people
CHOICE: Final = 3  # facilities within reach that make a choice

Mean = Literal["everyone", "reached", "sum"]
Unit = Literal["minutes", "facilities", "capacity", "per_1000", "cost", "share"]


@dataclass(frozen=True, kw_only=True)
class Question:
    """One service within one limit.

    Attributes
    ----------
    costs : DataFrame
        `demand`, `facility`, `minutes` within the limit.
    demand : Series
        People by unit id.
    supply : Series
        Capacity by facility id; all NaN where the service has none.
    minutes : float
        The limit; also the end of every decay and the `tau` of RAAM.
    people_per_capacity : float or None
        How many people a unit of capacity serves, where known.
    """

    costs: pd.DataFrame
    demand: pd.Series[Any]
    supply: pd.Series[Any]
    minutes: float
    people_per_capacity: float | None = None

    @property
    def has_capacity(self) -> bool:
        """Whether every facility has a capacity."""
        return bool(self.supply.notna().all())


class Answer(NamedTuple):
    """Columns for the units, and for the facilities where a measure says something about them."""

    units: pd.DataFrame
    facilities: pd.DataFrame | None = None


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a measure.

    Attributes
    ----------
    unit : str
        What it counts.
    mean : {"everyone", "reached", "sum"}
        What a zone gets: the mean of all its people (0 for those who reach nothing), of those with a value, or the sum of units.
    """

    unit: Unit
    mean: Mean


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A measure and what it needs."""

    columns: Mapping[str, Column]
    compute: Callable[[Question], Answer]
    needs_capacity: bool = True


def _nearest(question: Question) -> Answer:
    ranked = {k: k_nearest(question.costs, question.demand, k=k) for k in (1, CHOICE)}
    return Answer(
        pd.DataFrame({"nearest_minutes": ranked[1]["kth_minutes"], f"nearest_{CHOICE}_minutes": ranked[CHOICE]["mean_minutes"]})
    )


def _cumulative(question: Question) -> Answer:
    limits = [question.minutes]
    columns = {"facilities": cumulative_count(question.costs, question.demand, limits=limits)[question.minutes]}
    if question.has_capacity:
        columns["capacity"] = cumulative_capacity(question.costs, question.demand, question.supply, limits=limits)[
            question.minutes
        ]
    return Answer(pd.DataFrame(columns))


def _gravity(question: Question) -> Answer:
    decay = bounded_gaussian(question.minutes)
    return Answer(gravity(question.costs, question.demand, question.supply, decay=decay).to_frame("gravity"))


def _two_step(question: Question) -> Answer:
    access = two_step(question.costs, question.demand, question.supply, minutes=question.minutes)
    return Answer((PER_PEOPLE * access).to_frame("2sfca"))


def _enhanced(question: Question) -> Answer:
    weights = scaled(LUO_QI, question.minutes)
    access = enhanced_two_step(question.costs, question.demand, question.supply, weights=weights)
    return Answer((PER_PEOPLE * access).to_frame("e2sfca"))


def _gaussian(question: Question) -> Answer:
    access = gaussian_two_step(question.costs, question.demand, question.supply, minutes=question.minutes)
    return Answer((PER_PEOPLE * access).to_frame("g2sfca"))


def _three_step(question: Question) -> Answer:
    access = three_step(question.costs, question.demand, question.supply, weights=scaled(WAN, question.minutes))
    return Answer((PER_PEOPLE * access).to_frame("3sfca"))


def _balanced(question: Question) -> Answer:
    access = balanced(question.costs, question.demand, question.supply, decay=bounded_gaussian(question.minutes))
    return Answer((PER_PEOPLE * access).to_frame("bfca"))


def _available(question: Question) -> Answer:
    decay = bounded_gaussian(question.minutes)
    return Answer(spatial_availability(question.costs, question.demand, question.supply, decay=decay).to_frame("availability"))


def _raam(question: Question) -> Answer:
    cost = raam(
        question.costs,
        question.demand,
        question.supply,
        tau_minutes=question.minutes,
        people_per_capacity=question.people_per_capacity,
    )
    return Answer(cost.to_frame("raam"))


def _allocation(question: Question) -> Answer:
    places = question.supply * (question.people_per_capacity or 1.0)
    found = allocate(question.costs, question.demand, places, minutes=question.minutes)
    share = found.units["served"] / question.demand.where(question.demand > 0)
    units = pd.DataFrame({"allocated_share": share, "allocated_minutes": found.units["minutes"]})
    return Answer(units, found.facilities.rename(columns={"people": "allocated_people", "left": "places_left"}))


MEASURES: Final[Mapping[str, Measure]] = {
    "nearest": Measure(
        columns={
            "nearest_minutes": Column(unit="minutes", mean="reached"),
            f"nearest_{CHOICE}_minutes": Column(unit="minutes", mean="reached"),
        },
        compute=_nearest,
        needs_capacity=False,
    ),
    "cumulative": Measure(
        columns={
            "facilities": Column(unit="facilities", mean="everyone"),
            "capacity": Column(unit="capacity", mean="everyone"),
        },
        compute=_cumulative,
        needs_capacity=False,
    ),
    "gravity": Measure(columns={"gravity": Column(unit="capacity", mean="everyone")}, compute=_gravity),
    "2sfca": Measure(columns={"2sfca": Column(unit="per_1000", mean="everyone")}, compute=_two_step),
    "e2sfca": Measure(columns={"e2sfca": Column(unit="per_1000", mean="everyone")}, compute=_enhanced),
    "g2sfca": Measure(columns={"g2sfca": Column(unit="per_1000", mean="everyone")}, compute=_gaussian),
    "3sfca": Measure(columns={"3sfca": Column(unit="per_1000", mean="everyone")}, compute=_three_step),
    "bfca": Measure(columns={"bfca": Column(unit="per_1000", mean="everyone")}, compute=_balanced),
    "availability": Measure(columns={"availability": Column(unit="capacity", mean="sum")}, compute=_available),
    "raam": Measure(columns={"raam": Column(unit="cost", mean="reached")}, compute=_raam),
    "allocation": Measure(
        columns={
            "allocated_share": Column(unit="share", mean="everyone"),
            "allocated_minutes": Column(unit="minutes", mean="reached"),
        },
        compute=_allocation,
    ),
}
COLUMNS: Final[Mapping[str, Column]] = {name: column for measure in MEASURES.values() for name, column in measure.columns.items()}
