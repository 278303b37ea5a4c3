"""Goals that travel times answer: circles around services, and mixes of services within reach."""

from __future__ import annotations

from collections.abc import Container
from typing import Annotated, Literal

from pydantic import Field, model_validator

from ...geo.errors import said
from ..wrong_values import refused
from .base import Part, Travel


class Bundle(Part):
    """Several services as one.

    Attributes
    ----------
    of : {"any", "all"}
        `any`: the nearest of all of them counts; `all`: every one must be within the limit, so the furthest counts.
    services : tuple of str
        At least two.
    """

    of: Literal["any", "all"]
    services: Annotated[tuple[str, ...], Field(min_length=2)]


class MobileService(Part):
    """A service that comes by: its stops count in place of any fixed service of the goal.

    Attributes
    ----------
    service : str
        The service whose facilities are the stops.
    every_days : float or None
        Longest time between two visits that still counts; None: every stop counts.
    """

    service: str = "mobile_service"
    every_days: Annotated[float, Field(gt=0, le=366)] | None = None


class CircleGoal(Travel):
    """People within a time limit of a service.

    Attributes
    ----------
    service : str
        Key into the service catalogue and the study's facilities; with a `bundle` the name of the whole.
    bundle : Bundle or None
        The services that are meant together, where it is not one alone.
    mobile : MobileService or None
        Stops of a mobile service that count as well; None: only fixed facilities count.
    """

    check: Literal["circle"] = "circle"
    service: str
    bundle: Bundle | None = None
    mobile: MobileService | None = None

    @property
    def services(self) -> tuple[str, ...]:
        """The fixed services: the bundle's, or the one."""
        return (self.service,) if self.bundle is None else self.bundle.services

    @property
    def services_needed(self) -> int:
        """How many of the services must be within the limit."""
        return len(self.services) if self.bundle is not None and self.bundle.of == "all" else 1

    def missing(self, given: Container[str]) -> tuple[str, ...]:
        """Return the services that must be added to those given; of a bundle of `any`, one is enough."""
        absent = tuple(service for service in self.services if service not in given)
        enough = self.bundle is not None and self.bundle.of == "any" and len(absent) < len(self.services)
        return () if enough else absent


class MixGoal(Travel):
    """People who reach at least so many of several services within a time limit.

    Attributes
    ----------
    types : tuple of str
        The services to choose from, at least two.
    at_least : int
        How many different ones must be within reach.
    """

    check: Literal["mix"] = "mix"
    types: Annotated[tuple[str, ...], Field(min_length=2)]
    at_least: Annotated[int, Field(ge=1)]

    @model_validator(mode="after")
    def _enough_types(self) -> MixGoal:
        if self.at_least > len(self.types):
            raise refused(said("at_least {least} is more than the {types} types", least=self.at_least, types=len(self.types)))
        return self

    @property
    def service(self) -> str:
        """A name for the types as one, as a bundle has; no service of its own."""
        return self.id

    @property
    def services(self) -> tuple[str, ...]:
        """The types."""
        return self.types

    @property
    def services_needed(self) -> int:
        """How many of the types must be within the limit."""
        return self.at_least


TimedGoal = CircleGoal | MixGoal  # those that travel times answer, unit by unit
