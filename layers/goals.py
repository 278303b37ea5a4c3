"""Goals: what a plan promises, as data. One goal = one service, one mode, one limit, one population."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Mode = Literal["walk", "bicycle", "car"]
Direction = Literal["to", "from"]
Population = Literal["all", "urban", "rural"]


class Text(BaseModel):
    """The same words in Chinese and English."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    zh: str
    en: str


class Goal(BaseModel):
    """One promise that travel times can check.

    Attributes
    ----------
    id : str
        Short name; column prefix in `demand.parquet`.
    title : Text or None
        What the planner reads; None falls back on the id.
    service : str
        Key into the service catalogue and into the study's facilities.
    mode : {"walk", "bicycle", "car"}
    minutes : float
        Inclusive limit.
    target : float or None
        Share of people (0-1) that must be covered; None where the plan names no number.
    direction : {"to", "from"}
        Travel to the facility, or from it (ambulance).
    population : {"all", "urban", "rural"}
        Who the goal is about; everyone else is `excluded`.
    group : str or None
        Count the people of this demand group instead of everyone.
    speed_kmh : float or None
        Overrides the walking or cycling speed of the mode.
    profile : str or None
        Walking profile (adult, elderly, child, wheelchair).
    section, phrase, source : str or None
        Where the promise stands, verbatim words, and where the number comes from.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")]
    title: Text | None = None
    check: Literal["circle"] = "circle"
    service: str
    mode: Mode
    minutes: Annotated[float, Field(gt=0, le=24 * 60)]
    target: Annotated[float, Field(gt=0, le=1)] | None = None
    direction: Direction = "to"
    population: Population = "all"
    group: str | None = None
    speed_kmh: Annotated[float, Field(ge=1, le=140)] | None = None
    profile: Literal["adult", "elderly", "child", "wheelchair"] | None = None
    section: str | None = None
    phrase: str | None = None
    source: str | None = None

    def name(self, language: str) -> str:
        """Return the title in `language` ("zh" or "en"), or the id where there is none."""
        return getattr(self.title, language) if self.title else self.id
