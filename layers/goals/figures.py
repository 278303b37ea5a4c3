"""Goals about figures: capacity per head, differences between units, change over time, and figures counted elsewhere."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field, model_validator

from ...geo.errors import said
from ..wrong_values import refused
from .base import FACILITY_LEVEL, Amount, Bounded, GoalBase, PeopleGoal, Towards, Unit

CAPACITY: Final = "capacity"
FACILITIES: Final = "facilities"
PEOPLE: Final = "people"
UnitOfMeasure = Literal["share", "count", "per-head", "km/h", "points"]


class RatioGoal(PeopleGoal, Bounded):
    """Capacity per people, or one number of facilities per another: books per head, pupils per class, care beds per bed.

    Attributes
    ----------
    service : str
    of : str
        What is summed over the facilities of a unit: `capacity`, `facilities` (their count), or a number of theirs that the
        study names (`pupils`).
    per : str
        What it is divided by: `people` (of `population` and `group`), or a number of the facilities (`classes`, `beds`).
    scale : float
        The ratio is given per this many: 1000 people.
    unit : Unit
        Level of the ratio; `facility`: each facility by itself.
    at_least, at_most : float or None
        Bounds on the ratio; without both the figure is reported and not judged.
    target : float or None
        Share of units that must keep the bounds.
    """

    check: Literal["ratio"] = "ratio"
    service: str
    of: str = CAPACITY
    per: str = PEOPLE
    scale: Annotated[float, Field(gt=0)] = 1
    unit: Unit

    @model_validator(mode="after")
    def _people_live_in_units(self) -> RatioGoal:
        if self.per == PEOPLE and self.unit.level == FACILITY_LEVEL:
            raise refused(said("`per: people` goes with a level of zones: nobody lives in a facility"))
        return self

    @property
    def services(self) -> tuple[str, ...]:
        """The service whose facilities are summed."""
        return (self.service,)


class DisparityGoal(PeopleGoal, Bounded):
    """How unequally a service is spread: between counties, between cities, between town and country.

    Attributes
    ----------
    of : {"facilities", "capacity", "coverage", "indicator"}
        What is compared: facilities or capacity per head of each service of `among`; the share of people covered in each goal
        of `among`; or each indicator of `among`.
    among : tuple of str
        Services, ids of circle or mix goals of the same study, or indicators.
    between : {"units", "urban-rural"}
        The units of `unit`; or urban and rural people within each of them.
    index : {"cv", "gini", "theil", "palma", "max-min", "ratio"}
        Coefficient of variation, Gini, Theil, Palma, highest over lowest; for town and country urban over rural (`ratio`).
    towards : {"up", "down"} or None
        Which way it should go from year to year.
    at_least, at_most : float or None
        Bounds on the index.
    """

    check: Literal["disparity"] = "disparity"
    of: Literal["facilities", "capacity", "coverage", "indicator"]
    among: Annotated[tuple[str, ...], Field(min_length=1)]
    between: Literal["units", "urban-rural"] = "units"
    index: Literal["cv", "gini", "theil", "palma", "max-min", "ratio"] = "cv"
    towards: Towards | None = None
    unit: Unit

    @model_validator(mode="after")
    def _ratio_of_two(self) -> DisparityGoal:
        if (self.between == "urban-rural") != (self.index == "ratio"):
            raise refused(said("`index: ratio` compares urban with rural, every other index compares units"))
        if self.between == "urban-rural" and self.of == "indicator":
            raise refused(said("figures of a table do not tell town from country: `of: indicator` compares units"))
        return self

    @property
    def services(self) -> tuple[str, ...]:
        """The services whose supply is compared."""
        return self.among if self.of in (FACILITIES, CAPACITY) else ()


class TrendGoal(GoalBase):
    """A figure that should rise or fall from year to year.

    Attributes
    ----------
    indicator : str
        Figure of the user's table, one value per unit and year.
    towards : {"up", "down"}
    by : float or None
        Least change from the first to the last year; None: any change in the right direction.
    unit : Unit
    measured_in : str
        What the figure counts in.
    """

    check: Literal["trend"] = "trend"
    indicator: str
    towards: Towards
    by: Amount | None = None
    unit: Unit
    measured_in: UnitOfMeasure = "count"


class IndicatorGoal(GoalBase, Bounded):
    """A figure that others count, joined from the user's table and judged.

    Attributes
    ----------
    indicator : str
        Figure of the user's table, one value per unit.
    unit : Unit
    at_least, at_most : float or None
        Bounds on the figure; a share is 0-1.
    measured_in : str
        What the figure counts in.
    explained_by : str or None
        A service whose travel times explain the figure: vaccination and the way to the clinic.
    """

    check: Literal["indicator"] = "indicator"
    indicator: str
    unit: Unit
    measured_in: UnitOfMeasure = "share"
    explained_by: str | None = None


class ContextGoal(GoalBase):
    """A promise that space cannot check: listed so that nobody thinks it was forgotten, with the reason in `note`.

    Attributes
    ----------
    shown : tuple of str
        Services that are worth a look on the map all the same.
    """

    check: Literal["context"] = "context"
    shown: tuple[str, ...] = ()
