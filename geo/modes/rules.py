"""Which ways a mode may use, in which direction and how fast (travel model 2, sections 3 and 4), for all ways at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..streets import Streets
from . import words
from .limits import maxspeed_kmh
from .traits import Kind
from .travel_mode import TravelMode, parameters

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
ONEWAY = ("yes", "true", "1")
REVERSED = ("-1", "reverse")
BOTH_WAYS = ("no", "false", "0")
SPEED_KEY = "lifecircle:speed_kmh"  # a speed the user knows is driven; it goes before limits and classes
CAR_KEYS: Final = ("motorcar", "motor_vehicle", "vehicle")  # that speak of cars, the most specific first
BICYCLE_KEYS = ("bicycle", "vehicle")
NO_TUNNEL = ("no", "building_passage", "culvert")


@dataclass(frozen=True)
class Traversal:
    """How one mode may use each way.

    Attributes
    ----------
    forward, backward : (w,) bool
        Whether the way is open along and against its drawn direction; ferries included.
    kmh, backward_kmh : (w,) float64
        Speed on streets along and against; NaN where `seconds` says how long they take.
    seconds : (w,) float64
        How long ways take whatever their length (lifts); NaN for all others, ferries included.
    imputed : (w,) bool
        Streets whose speed comes from a class table because no limit is tagged (cars only).
    ends_only : (w,) bool
        Streets for the first and the last stretch of a trip, never in between.
    """

    forward: Flags
    backward: Flags
    kmh: Floats
    backward_kmh: Floats
    seconds: Floats
    imputed: Flags
    ends_only: Flags


class _Use(NamedTuple):
    """What the rules of one mode say of each way, ferries aside."""

    along: Flags
    against: Flags
    kmh: Floats
    backward_kmh: Floats
    imputed: Flags
    access: NDArray[np.int8]


Rules = Callable[[Streets, TravelMode], _Use]


def traversal(streets: Streets, mode: TravelMode) -> Traversal:
    """Apply the rules of a mode to every way."""
    rules: Mapping[Kind, Rules] = {"walk": _walk, "bicycle": _bicycle, "car": _car}
    use = rules[mode.kind](streets, mode)
    lift = streets.has("highway", "elevator") & ~streets.is_ferry
    untimed = streets.is_ferry | lift
    kmh, backward_kmh = (np.where(untimed, np.nan, speed) for speed in (use.kmh, use.backward_kmh))
    closed = _closed_by_outlines(streets, mode)
    along, against = use.along & ~closed, use.against & ~closed
    seconds = np.where(lift, float(parameters("walk")["elevator_seconds"]), np.nan)
    imputed = use.imputed & ~streets.is_ferry & (along | against)
    ends_only = (use.access == words.ENDS_ONLY) & ~streets.is_ferry
    return Traversal(along, against, kmh, backward_kmh, seconds, imputed, ends_only)


def _closed_by_outlines(streets: Streets, mode: TravelMode) -> Flags:
    """Bare outlines of squares are for walkers, who use no way twice where it is a street of its own as well."""
    outline = np.zeros(len(streets.way_ids), bool)
    outline[streets.outlines] = True
    if mode.kind != "walk":
        return outline
    return np.isin(streets.way_ids, streets.way_ids[outline]) & ~outline & ~streets.is_ferry


def is_raised(streets: Streets) -> Flags:
    """Tell ways that people on the ground beside them cannot step onto: bridges, tunnels, other levels, motorways."""
    bridge = streets.tag("bridge").notna().to_numpy() & ~streets.has("bridge", "no")
    tunnel = streets.tag("tunnel").notna().to_numpy() & ~streets.has("tunnel", *NO_TUNNEL)
    layer, level = by_category(streets.tag("layer"), _is_elsewhere), by_category(streets.tag("level"), _is_elsewhere)
    motor = streets.has("highway", "motorway", "motorway_link") | streets.has("motorroad", "yes")
    raised: Flags = bridge | tunnel | (layer == 1) | (level == 1) | motor
    return raised


def _is_elsewhere(text: str) -> float:
    """1 where a layer or level names numbers, and none of them is that of the ground."""
    numbers = [float(number) for number in re.findall(r"(?<![\d.])-?\d+(?:\.\d+)?", text)]
    return float(bool(numbers) and 0.0 not in numbers)


def _walk(streets: Streets, mode: TravelMode) -> _Use:
    given = parameters("walk")
    steps, foot = streets.has("highway", "steps"), words.classes(streets.tag("foot"))
    pier, platform = _beside_roads(streets, *given["open_highways"], "elevator")
    open_ = streets.has("highway", *given["open_highways"]) | pier
    open_ |= (platform & (foot == words.OPEN)) | streets.has("highway", "elevator")
    access = words.access(streets.tags, "foot", "access")
    open_ &= (access != words.CLOSED) & ~_fast_road(streets)
    sidewalk = streets.has("sidewalk", "yes", "both", "left", "right") | (foot != words.SILENT)
    open_ &= ~(streets.has("highway", "trunk", "trunk_link") & is_raised(streets) & ~sidewalk)
    if not mode.steps:
        open_ &= _by_wheelchair(streets, steps, float(given["wheelchair_incline"]))
    open_ = _with_ferries(streets, mode, open_, foot != words.CLOSED)
    along, against = _directions(streets, open_, _first(streets, "oneway:foot", "foot:oneway"))
    escalator = steps & ~streets.is_ferry
    along, against = (
        along & ~(escalator & streets.has("conveying", "backward")),
        against & ~(escalator & streets.has("conveying", "forward")),
    )
    assert mode.speed_kmh is not None
    kmh = np.where(steps, mode.speed_kmh * given["steps_factor"], mode.speed_kmh)
    return _Use(along, against, kmh, kmh, np.zeros(len(open_), bool), access)


def _beside_roads(streets: Streets, *highways: str) -> tuple[Flags, Flags]:
    """Piers and platforms; no key but its own opens a road that is being built or gone: `highway` is missing or listed."""
    sound = streets.tag("highway").isna().to_numpy() | streets.has("highway", *highways, "platform")
    pier, platform = streets.has("man_made", "pier"), streets.has("railway", "platform")
    return pier & sound, (platform & sound) | streets.has("highway", "platform")


def _by_wheelchair(streets: Streets, steps: Flags, steepest: float) -> Flags:
    """No steps without a ramp, nothing that is closed to wheelchairs or steeper than they can."""
    ramp = streets.has("ramp:wheelchair", "yes") | streets.has("ramp", "yes")
    steep = by_category(streets.tag("incline"), _incline_share) > steepest
    return (~steps | ramp) & ~streets.has("wheelchair", "no") & ~steep


def _incline_share(text: str) -> float:
    """Read an incline that is a number of per cent, either way; NaN for words."""
    number = re.fullmatch(r"[+-]?(\d+(?:\.\d+)?)\s*%?", text.strip())
    return float(number[1]) / 100 if number else float("nan")


def _bicycle(streets: Streets, mode: TravelMode) -> _Use:
    given, own = parameters("bicycle"), words.classes(streets.tag("bicycle"))
    pier, platform = _beside_roads(streets, *given["open_highways"], *given["by_permission_highways"])
    invited = streets.has("highway", *given["by_permission_highways"]) | pier | platform
    open_ = streets.has("highway", *given["open_highways"]) | (invited & (own == words.OPEN))
    access = words.access(streets.tags, *BICYCLE_KEYS, "access")
    open_ &= (access != words.CLOSED) & ~_fast_road(streets)
    open_ = _with_ferries(streets, mode, open_, words.access(streets.tags, *BICYCLE_KEYS) == words.OPEN)
    along, against = _directions(streets, open_, _first(streets, "oneway:bicycle", "oneway"), roundabouts=True)
    told, backwards = streets.tag("oneway:bicycle").notna().to_numpy(), streets.has("oneway", *REVERSED)
    for key in ("cycleway", "cycleway:left", "cycleway:right", "cycleway:both"):
        contraflow = by_category(streets.tag(key), lambda text: float(text.startswith("opposite"))) == 1
        freed = open_ & contraflow & ~told
        along, against = along | (freed & backwards), against | (freed & ~backwards)
    pushed = by_category(streets.tag("bicycle"), lambda text: float(words.words_of(text) == ["dismount"])) == 1
    assert mode.speed_kmh is not None
    kmh = np.where(pushed, float(given["pushing_kmh"]), mode.speed_kmh)
    return _Use(along, against, kmh, kmh, np.zeros(len(open_), bool), access)


def _car(streets: Streets, mode: TravelMode) -> _Use:
    given = parameters("car")
    class_kmh = by_category(streets.tag("highway"), lambda name: given["speeds"][mode.speeds].get(name, np.nan))
    access = words.access(streets.tags, *CAR_KEYS, "access")
    open_ = ~np.isnan(class_kmh) & (access != words.CLOSED)
    open_ &= ~(streets.has("winter_road", "yes") | streets.has("ice_road", "yes"))
    open_ = _with_ferries(streets, mode, open_, words.access(streets.tags, *CAR_KEYS) == words.OPEN)
    along, against = _directions(streets, open_, streets.tag("oneway"), roundabouts=True, motorways=True)
    limit = by_category(streets.tag("maxspeed"), maxspeed_kmh)
    known = by_category(streets.tag(SPEED_KEY), float)
    forward, backward = (
        _car_kmh(streets, key, limit, class_kmh, known, given["maxspeed_share"])
        for key in ("maxspeed:forward", "maxspeed:backward")
    )
    return _Use(along, against, forward[0], backward[0], forward[1] & backward[1], access)


def _car_kmh(streets: Streets, key: str, limit: Floats, class_kmh: Floats, known: Floats, share: float) -> tuple[Floats, Flags]:
    """Speed in one direction, and where it is a class's: its own limit goes before the way's, a known speed before both."""
    own = by_category(streets.tag(key), maxspeed_kmh)
    limits = np.where(np.isnan(own), limit, own)
    by_class = ~np.isfinite(limits)  # not understood, or said to be none
    kmh = np.where(by_class, class_kmh, share * limits)
    return np.where(np.isnan(known), kmh, known), by_class & np.isnan(known)


def _fast_road(streets: Streets) -> Flags:
    """Roads that nobody walks or cycles on, whatever else they say, and those that are roads in winter only."""
    fast = streets.has("motorroad", "yes") | streets.has("expressway", "yes")
    return fast | streets.has("winter_road", "yes") | streets.has("ice_road", "yes")


def _with_ferries(streets: Streets, mode: TravelMode, open_: Flags, carried: Flags) -> Flags:
    """Open the ferries that carry the mode, whatever they say as streets; one-way ones then stay one-way."""
    if mode.ferries == "none":
        return open_ & ~streets.is_ferry
    return np.where(streets.is_ferry, carried, open_)


def _first(streets: Streets, *keys: str) -> pd.Series:
    """Return the most specific tag present: the first of `keys` that a way carries."""
    tags = [streets.tag(key) for key in keys]
    texts = pd.Index(sorted({text for tag in tags for text in tag.cat.categories}), dtype=str)
    codes = np.full(len(streets.way_ids), -1)
    for tag in reversed(tags):
        own = np.append(texts.get_indexer(tag.cat.categories), -1)[tag.cat.codes.to_numpy()]
        codes = np.where(own >= 0, own, codes)
    return pd.Series(pd.Categorical.from_codes(codes, categories=texts))


def vehicle_directions(streets: Streets) -> tuple[Flags, Flags]:
    """Split all ways, whoever may use them, into the directions that are left to cars."""
    every = np.ones(len(streets.way_ids), bool)
    return _directions(streets, every, streets.tag("oneway"), roundabouts=True, motorways=True)


def _directions(
    streets: Streets, open_: Flags, oneway: pd.Series, *, roundabouts: bool = False, motorways: bool = False
) -> tuple[Flags, Flags]:
    """Split open ways into the directions that may be travelled."""
    forward_only = oneway.isin(ONEWAY).to_numpy()
    backward_only = oneway.isin(REVERSED).to_numpy()
    silent = ~oneway.isin(BOTH_WAYS).to_numpy() & ~backward_only
    if roundabouts:
        forward_only = forward_only | (streets.has("junction", "roundabout", "circular") & silent)
    if motorways:
        forward_only = forward_only | (streets.has("highway", "motorway") & silent)
    return open_ & ~backward_only, open_ & ~forward_only


def by_category(tag: pd.Series, parse: Callable[[str], float]) -> Floats:
    """Parse each distinct text of a tag once; NaN where missing or unreadable."""
    values = np.array([parse(text) for text in tag.cat.categories] + [np.nan], float)
    return values[tag.cat.codes.to_numpy()]
