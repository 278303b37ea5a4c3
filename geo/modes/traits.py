"""The travel modes and what sets each apart: one row per mode, which everything else asks.

A mode's numbers stand in its .toml file, who may use which way in `rules`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

Kind = Literal["walk", "bicycle", "car"]
MODES: Final[tuple[Kind, ...]] = get_args(Kind)


@dataclass(frozen=True, kw_only=True)
class Traits:
    """What sets one mode apart.

    Attributes
    ----------
    tag : str
        OSM key that speaks of this mode alone.
    on_slopes : bool
        Whether heights change its times.
    has_limits : bool
        Whether it goes at tagged limits, and at a class's speed only where there is none.
    boards_by_invitation : bool
        Whether ferries carry it only where tagged so; else they do unless closed to it.
    is_driven : bool
        Whether bollards stop it, turn restrictions bind it and traffic signals hold it up.
    surface_metres : float
        Spacing of the surfaces isochrones are drawn from: by mode alone, for a ring must not depend on the others asked for.
    has_small_rings : bool
        Whether a ring costs little enough to be drawn around every facility; a car's covers whole counties.
    """

    tag: str
    on_slopes: bool = False
    has_limits: bool = False
    boards_by_invitation: bool = False
    is_driven: bool = False
    surface_metres: float
    has_small_rings: bool = True


TRAITS: Final[Mapping[Kind, Traits]] = {
    "walk": Traits(tag="foot", on_slopes=True, surface_metres=15.0),
    "bicycle": Traits(tag="bicycle", boards_by_invitation=True, surface_metres=40.0),
    "car": Traits(
        tag="motorcar", has_limits=True, boards_by_invitation=True, is_driven=True, surface_metres=100.0, has_small_rings=False
    ),
}
