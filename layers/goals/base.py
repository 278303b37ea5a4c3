"""What every goal says whatever its check: where the promise stands, whom it is about, by when, under which definitions."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ...geo.errors import said
from ...geo.modes import Kind
from ..wrong_values import refused

GoalId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")]
Mode = Kind
Direction = Literal["to", "from"]
Population = Literal["all", "urban", "rural"]
Towards = Literal["up", "down"]
UnitKind = Literal[
    "county", "county-level-city", "urban-district", "township", "sub-district", "administrative-village", "community"
]
Share = Annotated[float, Field(gt=0, le=1)]
Minutes = Annotated[float, Field(gt=0, le=24 * 60)]
Amount = Annotated[float, Field(ge=0)]

WHOLE_STUDY: Final = "all"  # a unit level of its own: the whole study as one unit
FACILITY_LEVEL: Final = "facility"  # likewise: each facility by itself
LEVELS: Final = ("province", "city", "county", "township", "village")
KINDS_OF_LEVEL: Final[dict[str, tuple[UnitKind, ...]]] = {
    "county": ("county", "county-level-city", "urban-district"),
    "township": ("township", "sub-district"),
    "village": ("administrative-village", "community"),
}
VARIANT_MARK: Final = "--"  # between a goal's id and its variant's: fitness-10min--gb50180


class Part(BaseModel):
    """One mapping of a catalogue; unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Text(Part):
    """The same words in Chinese and English."""

    zh: str
    en: str


Source = Text | Literal["plan", "reading", "judgement"] | str  # the words stand for what catalogues say most often


class Unit(Part):
    """The units that are judged.

    Attributes
    ----------
    level : str
        Name of a level under the study's `zones` (province, city, county, township, village or one of the user's own, such
        as estate), or `all`: the whole study as one unit.
    kinds : tuple of UnitKind
        Only units of these kinds: 每个县(市) is [county, county-level-city], without the urban districts. Empty: all kinds.
    flag : str or None
        Only units that carry this flag, such as `mountain`.
    """

    level: str
    kinds: tuple[UnitKind, ...] = ()
    flag: str | None = None

    @model_validator(mode="after")
    def _kinds_belong_to_level(self) -> Unit:
        known = KINDS_OF_LEVEL.get(self.level, ())
        strange = [kind for kind in self.kinds if known and kind not in known]
        if strange:
            raise refused(
                said(
                    "level {level} has no units of kind {kind}; it has {known}",
                    level=self.level,
                    kind=strange[0],
                    known=", ".join(known),
                )
            )
        return self


class Variant(Part):
    """A competing definition of the same goal, reported beside it.

    Attributes
    ----------
    id : str
        Its goal is called `<goal>--<id>`.
    title : Text
    set : dict
        The keys that differ, such as `{speed_kmh: 3.0}`.
    source : Text or str
        Who defines it so.
    """

    id: GoalId
    title: Text
    set: Annotated[dict[str, Any], Field(min_length=1)]
    source: Source


class GoalBase(Part):
    """What all goals share.

    Attributes
    ----------
    id : str
        Short name; column prefix in `demand.parquet`.
    title : Text or None
        What the planner reads; None falls back on the id.
    document : str or None
        Id of the plan or standard that makes the promise.
    section, phrase : str or None
        Where the promise stands, and its words verbatim.
    plan_row : int or None
        Number of the promise among the document's checkable ones.
    unit : Unit or None
        The units judged; None where a goal is about people wherever they live.
    target : float or None
        Share (0-1) of people, units or facilities that must meet the goal; None where the document names no number.
    due : int or None
        Year by the end of which it is promised.
    source : Text, str or None
        Where the numbers come from, in prose.
    sources : dict
        Key of this goal -> where that number comes from: `plan` (its very words), `reading` (of its words), `judgement`
        (not a standard), or a citation.
    note : Text or None
        What a planner should know before using it: what data it wants, what it cannot tell.
    variants : tuple of Variant
    """

    id: GoalId
    title: Text | None = None
    document: str | None = None
    section: str | None = None
    phrase: str | None = None
    plan_row: Annotated[int, Field(ge=1)] | None = None
    unit: Unit | None = None
    target: Share | None = None
    due: Annotated[int, Field(ge=1900, le=2200)] | None = None
    source: Text | str | None = None
    sources: dict[str, Source] = Field(default_factory=dict)
    note: Text | None = None
    variants: tuple[Variant, ...] = ()

    def name(self, language: str) -> str:
        """Return the title in `language` ("zh" or "en"), or the id where there is none."""
        return getattr(self.title, language) if self.title else self.id

    @property
    def services(self) -> tuple[str, ...]:
        """The services whose facilities the check counts or travels to."""
        return ()


class PeopleGoal(GoalBase):
    """A goal about people.

    Attributes
    ----------
    population : {"all", "urban", "rural"}
        Who the goal is about; everyone else is `excluded`.
    group : str or None
        Count the people of this demand group instead of everyone.
    """

    population: Population = "all"
    group: str | None = None


class Travel(PeopleGoal):
    """A goal about travel times.

    Attributes
    ----------
    mode : {"walk", "bicycle", "car"}
    minutes : float
        Inclusive limit.
    direction : {"to", "from"}
        Travel to the facility, or from it (ambulance).
    speed_kmh : float or None
        Overrides the walking or cycling speed of the mode.
    profile : str or None
        Walking profile (adult, elderly, child, wheelchair).
    """

    mode: Mode
    minutes: Minutes
    direction: Direction = "to"
    speed_kmh: Annotated[float, Field(ge=1, le=140)] | None = None
    profile: Literal["adult", "elderly", "child", "wheelchair"] | None = None


class Bounded(Part):
    """Limits, both inclusive; either may be open.

    Attributes
    ----------
    at_least, at_most : float or None
    """

    at_least: Amount | None = None
    at_most: Amount | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Bounded:
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise refused(said("at_least {least:g} is above at_most {most:g}", least=self.at_least, most=self.at_most))
        return self
