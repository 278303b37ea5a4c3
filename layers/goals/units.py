"""Goals about units and facilities themselves: is there one in every unit, does it carry a flag, is the area covered once."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from ...geo.errors import said
from ..wrong_values import refused
from .base import Bounded, GoalBase, Unit


class PresenceLevel(Bounded):
    """How many facilities one level's units must have.

    Attributes
    ----------
    unit : Unit
    service : str
    at_least, at_most : float or None
        Facilities per unit; without both at least one.
    """

    unit: Unit
    service: str
    at_least: Annotated[float, Field(ge=0)] | None = 1


class PresenceGoal(GoalBase, Bounded):
    """Units that have enough facilities, and not too many: "every township has one", "one or two in every city".

    One level stands in `unit` and `service`; a promise on several levels (市县乡村四级) in `levels`, and gives one result per
    level and one for all.

    Attributes
    ----------
    service : str or None
    at_least, at_most : float or None
        Facilities per unit, both inclusive; 1 and open.
    levels : tuple of PresenceLevel
    flag : str or None
        Only facilities with this flag count (规范化, 实体化运行).
    tolerance_metres : float
        A facility this near to a unit's border counts as in it: lists place facilities coarsely.
    target : float or None
        Share of the units of a level that must meet the bounds.
    """

    check: Literal["presence"] = "presence"
    service: str | None = None
    at_least: Annotated[float, Field(ge=0)] | None = 1
    levels: tuple[PresenceLevel, ...] = ()
    flag: str | None = None
    tolerance_metres: Annotated[float, Field(ge=0, le=10_000)] = 0

    @model_validator(mode="after")
    def _one_form(self) -> PresenceGoal:
        single = self.service is not None and self.unit is not None
        if single == bool(self.levels) or (self.levels and (self.service or self.unit)):
            raise refused(said("give either `unit` and `service`, or `levels`"))
        return self

    def each_level(self) -> tuple[PresenceLevel, ...]:
        """Return what is asked on each level, also where there is only one."""
        if self.service is None or self.unit is None:
            return self.levels
        return (PresenceLevel(unit=self.unit, service=self.service, at_least=self.at_least, at_most=self.at_most),)

    @property
    def services(self) -> tuple[str, ...]:
        """The services of all levels."""
        return tuple(dict.fromkeys(level.service for level in self.each_level()))


class ShareGoal(GoalBase):
    """Share of facilities, or of units, that carry a flag.

    Attributes
    ----------
    of : {"facilities", "units"}
        What is counted: facilities of `service`, judged in each unit of `unit`; or the units themselves.
    flag : str
        The flag that must be carried.
    among : str or None
        Only facilities (units) with this flag are counted at all: 符合条件的学校.
    service : str or None
        For facilities.
    unit : Unit
        For facilities the level on which the share is judged, for units those counted.
    """

    check: Literal["share"] = "share"
    of: Literal["facilities", "units"] = "facilities"
    flag: str
    among: str | None = None
    service: str | None = None
    unit: Unit

    @model_validator(mode="after")
    def _service_for_facilities(self) -> ShareGoal:
        if (self.of == "facilities") != (self.service is not None):
            raise refused(said("`of: facilities` needs a `service`, `of: units` has none"))
        return self

    @property
    def services(self) -> tuple[str, ...]:
        """The service whose facilities are counted."""
        return () if self.service is None else (self.service,)


class TilingGoal(GoalBase):
    """Polygons cover the units once: no hole, no overlap.

    Attributes
    ----------
    tiles : str
        Level under the study's `zones` whose polygons are the tiles (网格).
    unit : Unit
        The areas to be covered.
    tolerance : float
        Share of a unit's area that may be uncovered, or covered twice, and still counts as drawing error.
    """

    check: Literal["tiling"] = "tiling"
    tiles: str
    unit: Unit
    tolerance: Annotated[float, Field(ge=0, le=0.1)] = 0.001
