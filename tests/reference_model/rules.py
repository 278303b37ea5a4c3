"""Who may go where, in which direction and how fast (sections 3, 4 and 7), from the tags of one way or node alone."""

import re
from collections.abc import Mapping

from .texts import NO_LIMIT, maxspeed_kmh

Tags = Mapping[str, str]

DEFAULT_SPEED_KMH = {"walk": 5.0, "bicycle": 15.0}
PUSHED_KMH = 5.0  # a bicycle that is walked
CAR_SPEEDS_KMH: Mapping[str, float] = {
    **{"motorway": 100, "trunk": 80, "primary": 65, "secondary": 55, "tertiary": 45, "unclassified": 35},
    **{"residential": 30, "living_street": 10, "service": 15, "track": 15, "road": 30},
    **{"motorway_link": 50, "trunk_link": 45, "primary_link": 40, "secondary_link": 35, "tertiary_link": 30},
}

# ---------------------------------------------------------------- words of access

OPEN, ENDS, CLOSED = "open", "ends only", "closed"
OPEN_WORDS = ["yes", "designated", "official", "permissive", "public", "allowed", "discouraged", "unknown", "dismount"]
CLOSED_WORDS = ["no", "military", "emergency", "psv", "bus", "taxi", "agricultural", "forestry", "use_sidepath"]
KEYS = {
    "walk": ("foot", "access"),
    "bicycle": ("bicycle", "vehicle", "access"),
    "car": ("motorcar", "motor_vehicle", "vehicle", "access"),
}


def words(value: str | None) -> list[str]:
    """Words of a value, trimmed and in lower case."""
    return [word.strip().lower() for word in (value or "").split(";") if word.strip()]


def permission(value: str | None) -> str | None:
    """Most permissive of the words; a word of no list is for the ends of trips; None without words."""
    kinds = [OPEN if word in OPEN_WORDS else CLOSED if word in CLOSED_WORDS else ENDS for word in words(value)]
    return next((kind for kind in (OPEN, ENDS, CLOSED) if kind in kinds), None)


def most_specific(tags: Tags, *keys: str) -> str | None:
    """Value of the first of `keys` that is tagged."""
    return next((tags[key] for key in keys if tags.get(key, "").strip()), None)


def access(tags: Tags, mode: str) -> str | None:
    """What the most specific key of the mode says."""
    return permission(most_specific(tags, *KEYS[mode]))


# ---------------------------------------------------------------- open to the mode

STREETS = [
    *("living_street", "residential", "service", "unclassified", "tertiary", "secondary", "primary", "trunk", "tertiary_link"),
    *("secondary_link", "primary_link", "trunk_link", "track", "road", "path", "cycleway", "crossing"),
]
INVITED_BICYCLES = ["footway", "pedestrian", "bridleway", "corridor"]  # only where `bicycle` is open
FOOT_STREETS = [*STREETS, *INVITED_BICYCLES, "steps", "elevator"]


def street_access(tags: Tags, mode: str) -> str:
    """OPEN, ENDS or CLOSED: whether the way is a street of the mode."""
    if "yes" in (tags.get("winter_road"), tags.get("ice_road")):
        return CLOSED
    may_be = {"walk": _walked, "bicycle": _ridden, "car": _driven}[mode]
    return (access(tags, mode) or OPEN) if may_be(tags) else CLOSED


def _driven(tags: Tags) -> bool:
    return tags.get("highway") in CAR_SPEEDS_KMH


def _walked(tags: Tags) -> bool:
    if _for_motors(tags) or not (tags.get("highway") in FOOT_STREETS or _is_pier(tags) or _is_open_platform(tags, "foot")):
        return False
    on_the_road = permission(tags.get("foot")) is None and tags.get("sidewalk") not in ("yes", "both", "left", "right")
    return not (tags.get("highway") in ("trunk", "trunk_link") and is_raised(tags) and on_the_road)


def _ridden(tags: Tags) -> bool:
    if _for_motors(tags):
        return False
    invited = tags.get("highway") in INVITED_BICYCLES or _is_pier(tags)
    invited = invited and permission(tags.get("bicycle")) == OPEN
    return tags.get("highway") in STREETS or invited or _is_open_platform(tags, "bicycle")


def _for_motors(tags: Tags) -> bool:
    return "yes" in (tags.get("motorroad"), tags.get("expressway"))


def _is_pier(tags: Tags) -> bool:
    """A pier, unless its `highway` is of another kind: one under construction is closed."""
    return tags.get("man_made") == "pier" and "highway" not in tags


def _is_open_platform(tags: Tags, key: str) -> bool:
    platform = tags.get("highway", "platform") == "platform" and "platform" in (tags.get("highway"), tags.get("railway"))
    return platform and permission(tags.get(key)) == OPEN


def by_wheelchair(tags: Tags) -> bool:
    """Steps need a ramp; not what is closed to wheelchairs, nor steeper than 12 % by a number."""
    incline = re.fullmatch(r"[+-]?(\d+\.?\d*) *%?", tags.get("incline", "").strip())
    if tags.get("wheelchair") == "no" or (incline and float(incline[1]) > 12):
        return False
    return tags.get("highway") != "steps" or "yes" in (tags.get("ramp"), tags.get("ramp:wheelchair"))


def ferry_usable(tags: Tags, mode: str) -> bool:
    """Walkers unless `foot` closes it, others where their own key (not `access`) opens it."""
    if mode == "walk":
        return permission(tags.get("foot")) != CLOSED
    return permission(most_specific(tags, *KEYS[mode][:-1])) == OPEN


# ---------------------------------------------------------------- raised, barriers


def is_raised(tags: Tags) -> bool:
    """Bridges, tunnels, other layers and levels, motorways and motor roads (section 5)."""
    if tags.get("bridge", "no") != "no" or tags.get("tunnel", "no") not in ("no", "building_passage", "culvert"):
        return True
    if tags.get("highway") in ("motorway", "motorway_link") or tags.get("motorroad") == "yes":
        return True
    return any(_names_another_level(tags.get(key, "")) for key in ("layer", "level"))


def _names_another_level(text: str) -> bool:
    """Whether there are numbers and none is 0; a minus between two numbers is a range."""
    numbers = [float(number) for number in re.findall(r"(?:^|(?<=[^\d.]))-?\d+(?:\.\d+)?", text)]
    return len(numbers) > 0 and all(number != 0 for number in numbers)


STOPPING_BARRIERS = [
    *("bollard", "block", "jersey_barrier", "log", "debris", "kissing_gate", "stile", "turnstile", "full-height_turnstile"),
    *("cycle_barrier", "motorcycle_barrier", "sump_buster"),
]


def stops_cars(node_tags: Tags) -> bool:
    """Bollards and the like unless the node's own car access is open; gates where it is closed."""
    if node_tags.get("barrier") in STOPPING_BARRIERS:
        return access(node_tags, "car") != OPEN
    return "barrier" in node_tags and access(node_tags, "car") == CLOSED


# ---------------------------------------------------------------- speeds and directions


def speeds_kmh(tags: Tags, mode: str, flat_kmh: float, car_speeds: Mapping[str, float]) -> tuple[float, float]:
    """Speeds along and against a street."""
    if mode == "car":
        return _car_kmh(tags, "forward", car_speeds), _car_kmh(tags, "backward", car_speeds)
    if mode == "bicycle":
        flat_kmh = PUSHED_KMH if _is_pushed(tags) else flat_kmh
    elif tags.get("highway") == "steps":
        flat_kmh /= 2
    return flat_kmh, flat_kmh


def _car_kmh(tags: Tags, direction: str, car_speeds: Mapping[str, float]) -> float:
    limit = maxspeed_kmh(tags.get(f"maxspeed:{direction}")) or maxspeed_kmh(tags.get("maxspeed")) or NO_LIMIT
    return float(car_speeds[tags["highway"]]) if limit == NO_LIMIT else 0.9 * limit


def _is_pushed(tags: Tags) -> bool:
    """Whether cyclists are let through on foot only."""
    return [word for word in words(most_specific(tags, *KEYS["bicycle"])) if word in OPEN_WORDS] == ["dismount"]


FORWARD, BACKWARD = {"yes", "true", "1"}, {"-1", "reverse"}


def directions(tags: Tags, mode: str) -> tuple[bool, bool]:
    """Whether one may go along the way, and against it."""
    if mode == "walk":
        oneway = most_specific(tags, "oneway:foot", "foot:oneway")
        moving = tags.get("conveying") if tags.get("highway") == "steps" else None
        return oneway not in BACKWARD and moving != "backward", oneway not in FORWARD and moving != "forward"
    if mode == "bicycle":
        own = tags.get("oneway:bicycle")
        if own in FORWARD | BACKWARD | {"no"}:
            return own not in BACKWARD, own not in FORWARD
        if any(key.split(":")[0] == "cycleway" and value.startswith("opposite") for key, value in tags.items()):
            return True, True
    oneway = tags.get("oneway")
    implied = tags.get("junction") in ("roundabout", "circular") or (mode == "car" and tags.get("highway") == "motorway")
    along = oneway not in BACKWARD
    return along, not along or not (oneway in FORWARD or (implied and oneway != "no"))
