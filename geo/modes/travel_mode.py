"""One way of getting about: its speeds, caps and switches."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any, Literal

from ..errors import InputError, said
from ..near_names import nearest
from .traits import MODES, TRAITS, Kind, Traits

TRAVEL_MODEL = 2  # version of the rules that all times follow (docs/travel-model.md)

Ferries = Literal["none", "free", "scheduled"]


@cache
def parameters(name: str) -> Mapping[str, Any]:
    """Return the shipped parameters of one .toml file."""
    return tomllib.loads(resources.files(__package__).joinpath(f"{name}.toml").read_text(encoding="utf-8"))


class UnknownSpeedsError(InputError):
    """A table of speeds that is not shipped."""


@dataclass(frozen=True, kw_only=True)
class TravelMode:
    """A mode with every choice made; hashable, so that equal modes share one graph.

    Attributes
    ----------
    kind : {"walk", "bicycle", "car"}
    speed_kmh : float or None
        Speed on foot or by bicycle on flat ground; None by car.
    speeds : str or None
        Name of the car's speed table.
    connector_kmh : float
        Speed from a point to its street.
    snap_cap_metres : float
        Points farther than this from every street are unconnected.
    steps : bool
        Whether steps may be used.
    max_grade : float or None
        Steepest grade that can be climbed (rise over run), where elevation is known.
    ferries : {"none", "free", "scheduled"}
    crossings : {"none", "default", "busy"} or None
        What traffic signals and junctions cost cars; None for other modes.
    """

    kind: Kind
    speed_kmh: float | None
    speeds: str | None
    connector_kmh: float
    snap_cap_metres: float
    steps: bool = True
    max_grade: float | None = None
    ferries: Ferries = "scheduled"
    crossings: str | None = None

    @property
    def traits(self) -> Traits:
        """What sets this kind of mode apart."""
        return TRAITS[self.kind]


def travel_mode(
    kind: str,
    *,
    speed_kmh: float | None = None,
    profile: str | None = None,
    speeds: str | None = None,
    ferries: Ferries = "scheduled",
    crossings: str | None = None,
    snap_cap_metres: float | None = None,
) -> TravelMode:
    """Make a mode from the shipped parameters and the user's overrides.

    Parameters
    ----------
    kind : {"walk", "bicycle", "car"}
    speed_kmh : float, optional
        Walking or cycling speed; refused for cars, whose speeds come from a table.
    profile : str, optional
        Walking profile: adult (default), elderly, child or wheelchair.
    speeds : str, optional
        Car speed table: default, cn-plain or cn-mountain.
    ferries : {"none", "free", "scheduled"}
    crossings : {"none", "default", "busy"}, optional
        What traffic signals and junctions cost cars.
    snap_cap_metres : float, optional

    Raises
    ------
    InputError
        For an unknown mode, profile or table, an option that does not belong to the mode, or a speed nobody goes at.
    """
    if kind not in MODES:
        raise InputError(
            "mode {mode!r} is unknown; use {modes} or {last}.", mode=kind, modes=", ".join(MODES[:-1]), last=MODES[-1]
        )
    given = parameters(kind)
    _refuse_options_of_others(kind, given, speed_kmh, profile, speeds, crossings)
    if speed_kmh is not None:
        _refuse_other_units(kind, speed_kmh, *given["speed_range_kmh"])
    mode = _shipped(kind, given, speed_kmh, profile or "adult", speeds or "default", ferries)
    if "crossings" in given:
        mode = replace(mode, crossings=_known(crossings or "default", given["crossings"], "cost of crossings"))
    return mode if snap_cap_metres is None else replace(mode, snap_cap_metres=float(snap_cap_metres))


def _refuse_options_of_others(
    kind: str, given: Mapping[str, Any], speed_kmh: float | None, profile: str | None, speeds: str | None, crossings: str | None
) -> None:
    """Refuse what belongs to another mode."""
    _refuse(
        speeds is not None and "speeds" not in given, said("speeds: a table of speeds belongs to car, not to {mode}.", mode=kind)
    )
    _refuse(speed_kmh is not None and "speeds" in given, "speed_kmh: cars take their speeds from a table; use speeds.")
    _refuse(
        crossings is not None and "crossings" not in given,
        said("crossings: what crossings cost belongs to car, not to {mode}.", mode=kind),
    )
    _refuse(profile is not None and "profiles" not in given, said("profile: walking profiles do not fit {mode}.", mode=kind))


def _shipped(
    kind: Kind, given: Mapping[str, Any], speed_kmh: float | None, profile: str, speeds: str, ferries: Ferries
) -> TravelMode:
    """Fill in the numbers of a mode's file; where it has no profiles or no table of speeds, those named do not count."""
    table = _known(speeds, given["speeds"], "speed table", UnknownSpeedsError) if "speeds" in given else None
    traveller = given["profiles"][_known(profile, given["profiles"], "walking profile")] if "profiles" in given else given
    speed = float(speed_kmh or traveller["speed_kmh"]) if table is None else None
    return TravelMode(
        kind=kind,
        speed_kmh=speed,
        speeds=table,
        connector_kmh=given.get("connector_kmh", speed),
        snap_cap_metres=float(given["snap_cap_metres"]),
        steps=traveller.get("steps", True),
        max_grade=traveller.get("max_grade"),
        ferries=ferries,
    )


def _refuse(wrong: bool, message: str) -> None:
    if wrong:
        raise InputError(message)


def _refuse_other_units(kind: str, speed_kmh: float, slowest: float, fastest: float) -> None:
    """Refuse what nobody does in km/h: most often metres a minute or a second, which would pass for an answer."""
    wrong = not slowest <= speed_kmh <= fastest
    _refuse(
        wrong,
        said(
            "speed_kmh: {speed_kmh:g} km/h is no speed for mode {mode}; give {slowest:g} to {fastest:g} km/h.",
            speed_kmh=speed_kmh,
            mode=kind,
            slowest=slowest,
            fastest=fastest,
        ),
    )


def _known(name: str, table: Mapping[str, Any], what: str, error: type[InputError] = InputError) -> str:
    if name not in table:
        raise error("{what} {name!r} is unknown{hint}", what=said(what), name=name, hint=nearest(name, table))
    return name
