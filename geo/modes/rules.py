"""Which ways a mode may use, in which direction and how fast (DESIGN section 3), for all ways of a network at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..streets import Streets
from .traits import Kind
from .travel_mode import TravelMode, parameters

Flags = NDArray[np.bool_]
Rules = Callable[[Streets, TravelMode], tuple[Flags, Flags, NDArray[np.float64], Flags]]
CLOSED = ("no", "private")
INVITED = ("yes", "designated", "permissive")
ONEWAY = ("yes", "true", "1")
REVERSED = ("-1", "reverse")
KMH_PER_MPH = 1.609344
SPEED_KEY = "lifecircle:speed_kmh"  # a speed the user knows is driven; it goes before limits and classes


@dataclass(frozen=True)
class Traversal:
    """How one mode may use each way.

    Attributes
    ----------
    forward, backward : (w,) bool
        Whether the way is open along and against its drawn direction; ferries included.
    kmh : (w,) float64
        Speed on streets; NaN on ferries.
    imputed : (w,) bool
        Streets whose speed comes from a class table because no limit is tagged (cars only).
    """

    forward: Flags
    backward: Flags
    kmh: NDArray[np.float64]
    imputed: Flags


def traversal(streets: Streets, mode: TravelMode) -> Traversal:
    """Apply the rules of a mode to every way."""
    rules: Mapping[Kind, Rules] = {"walk": _walk, "bicycle": _bicycle, "car": _car}
    along, against, kmh, imputed = rules[mode.kind](streets, mode)
    ferry = streets.is_ferry
    return Traversal(along, against, np.where(ferry, np.nan, kmh), imputed & ~ferry & (along | against))


def _walk(streets: Streets, mode: TravelMode) -> tuple[Flags, Flags, NDArray[np.float64], Flags]:
    given = parameters("walk")
    steps = streets.has("highway", "steps")
    allowed = _foot_allowed(streets)
    open_ = _has_highway(streets) & ~streets.has("highway", *given["closed_highways"]) & allowed
    if not mode.steps:
        open_ &= ~steps
    open_ = _with_ferries(streets, mode, open_, allowed)
    along, against = _directions(streets, open_, _first(streets, "oneway:foot", "foot:oneway"))
    assert mode.speed_kmh is not None
    kmh = np.where(steps, mode.speed_kmh * given["steps_factor"], mode.speed_kmh)
    return along, against, kmh, np.zeros(len(open_), bool)


def _foot_allowed(streets: Streets) -> Flags:
    shut = streets.has("access", *CLOSED) & ~streets.has("foot", *INVITED, "destination")
    return ~streets.has("foot", *CLOSED) & ~shut


def _bicycle(streets: Streets, mode: TravelMode) -> tuple[Flags, Flags, NDArray[np.float64], Flags]:
    given = parameters("bicycle")
    allowed = ~_first(streets, "bicycle", "vehicle", "access").isin(CLOSED).to_numpy()
    open_ = _has_highway(streets) & ~streets.has("highway", *given["closed_highways"])
    open_ &= allowed & ~streets.has("bicycle", "dismount")
    open_ &= ~streets.has("highway", *given["by_permission_highways"]) | streets.has("bicycle", *INVITED)
    open_ = _with_ferries(streets, mode, open_, allowed)
    along, against = _directions(streets, open_, _first(streets, "oneway:bicycle", "oneway"), roundabouts=True)
    own, backwards = streets.tag("oneway:bicycle").notna().to_numpy(), streets.has("oneway", *REVERSED)
    for key in ("cycleway", "cycleway:left", "cycleway:right", "cycleway:both"):
        contraflow = by_category(streets.tag(key), lambda text: float(text.startswith("opposite"))) == 1
        freed = open_ & contraflow & ~own
        along, against = along | (freed & backwards), against | (freed & ~backwards)
    return along, against, np.full(len(open_), mode.speed_kmh), np.zeros(len(open_), bool)


def _car(streets: Streets, mode: TravelMode) -> tuple[Flags, Flags, NDArray[np.float64], Flags]:
    given = parameters("car")
    highway = streets.tag("highway")
    class_kmh = by_category(highway, lambda name: given["speeds"][mode.speeds].get(name, np.nan))
    access = _first(streets, "motorcar", "motor_vehicle", "vehicle", "access")
    open_ = ~np.isnan(class_kmh) & ~access.isin(CLOSED).to_numpy()
    open_ = _with_ferries(streets, mode, open_, _first(streets, "motorcar", "motor_vehicle", "vehicle").isin(INVITED).to_numpy())
    along, against = _directions(streets, open_, streets.tag("oneway"), roundabouts=True, motorways=True)
    slowest, fastest = given["speed_range_kmh"]
    limit = by_category(streets.tag("maxspeed"), maxspeed_kmh)
    limit[~((limit * given["maxspeed_share"] >= slowest) & (limit * given["maxspeed_share"] <= fastest))] = np.nan
    known = by_category(streets.tag(SPEED_KEY), float)
    kmh = np.where(np.isnan(limit), class_kmh, given["maxspeed_share"] * limit)
    return along, against, np.where(np.isnan(known), kmh, known), np.isnan(limit) & np.isnan(known)


def _has_highway(streets: Streets) -> Flags:
    return streets.tag("highway").notna().to_numpy()


def _with_ferries(streets: Streets, mode: TravelMode, open_: Flags, carried: Flags) -> Flags:
    """Open the ferries that carry the mode, whatever they say as streets; one-way ones then stay one-way.

    They carry walkers and cyclists unless closed to them, and cars only where tagged.
    """
    if mode.ferries == "none":
        return open_ & ~streets.is_ferry
    return np.where(streets.is_ferry, carried, open_)


def _first(streets: Streets, *keys: str) -> pd.Series:
    """Return the most specific tag present: the first of `keys` that a way carries."""
    tags = [streets.tag(key) for key in keys]
    words = pd.Index(sorted({word for tag in tags for word in tag.cat.categories}), dtype=str)
    codes = np.full(len(streets.way_ids), -1)
    for tag in reversed(tags):
        own = np.append(words.get_indexer(tag.cat.categories), -1)[tag.cat.codes.to_numpy()]
        codes = np.where(own >= 0, own, codes)
    return pd.Series(pd.Categorical.from_codes(codes, categories=words))


def _directions(
    streets: Streets, open_: Flags, oneway: pd.Series, *, roundabouts: bool = False, motorways: bool = False
) -> tuple[Flags, Flags]:
    """Split open ways into the directions that may be travelled."""
    forward_only = oneway.isin(ONEWAY).to_numpy()
    backward_only = oneway.isin(REVERSED).to_numpy()
    silent = ~oneway.isin(("no", "false", "0")).to_numpy() & ~backward_only
    if roundabouts:
        forward_only = forward_only | (streets.has("junction", "roundabout") & silent)
    if motorways:
        forward_only = forward_only | (streets.has("highway", "motorway") & silent)
    return open_ & ~backward_only, open_ & ~forward_only


def by_category(tag: pd.Series, parse: Callable[[str], float]) -> NDArray[np.float64]:
    """Parse each distinct text of a tag once; NaN where missing or unreadable."""
    values = np.array([parse(text) for text in tag.cat.categories] + [np.nan], float)
    return values[tag.cat.codes.to_numpy()]


def maxspeed_kmh(text: str) -> float:
    """Read a maxspeed tag; NaN for anything but a number in km/h or mph (then the class speed holds).

    Of a list ("60;80") the first number counts.
    """
    match = re.match(r"^\s*(\d+(?:\.\d+)?)\s*(km/h|kmh|kph|mph)?\s*(?:;|$)", text)
    if not match or float(match[1]) <= 0:
        return float("nan")
    return float(match[1]) * (KMH_PER_MPH if match[2] == "mph" else 1)
