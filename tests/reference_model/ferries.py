"""Ferries (section 7): which ways they are, their speed and what boarding costs."""

from itertools import pairwise

from .places import GEOD
from .reading import Map, Refs, Way
from .texts import duration_seconds

BOARDING_SECONDS = 600.0
FASTEST_KMH = 140.0
ON_LAND = ("highway", "man_made", "railway", "public_transport")


def ferry_ways(world: Map) -> dict[int, tuple[Way, float | None]]:
    """Ferry ways with their tags and seconds of crossing (None: not told)."""
    found = {number: way.tags for number, way in world.ways.items() if way.tags.get("route") == "ferry"}
    seconds = {number: duration_seconds(tags.get("duration")) for number, tags in found.items()}
    for relation in world.relations.values():
        if relation.tags.get("route") != "ferry":
            continue
        members = [number for kind, number, _ in relation.members if kind == "w" and number in world.ways]
        members = [number for number in members if not any(key in world.ways[number].tags for key in ON_LAND)]
        metres = {number: way_metres(world, world.ways[number].refs) for number in members}
        whole = sum(metres.values())
        shared = duration_seconds(relation.tags.get("duration"))
        for number in members:
            own = found.get(number, world.ways[number].tags)
            if shared and "duration" not in own and whole > 0:
                seconds[number] = shared * metres[number] / whole
            found[number] = {**relation.tags, **own}
    return {number: (Way(tags, world.ways[number].refs), seconds.get(number)) for number, tags in found.items()}


def way_metres(world: Map, refs: Refs) -> float:
    """Length of a way without what lies between missing nodes."""
    pairs = [(world.places[a], world.places[b]) for a, b in pairwise(refs) if a in world.places and b in world.places]
    return float(sum(GEOD.inv(*here, *there)[2] for here, there in pairs))


def ferry_kmh(metres: float, seconds: float | None) -> float:
    """Speed by the crossing time, or by the length of the line; a time that no ship keeps counts as not told (pitfall 15)."""
    if seconds and metres > 0 and 3.6 * metres / seconds <= FASTEST_KMH:
        return 3.6 * metres / seconds
    return 5.0 if metres < 1000 else 30.0 if metres > 30000 else 15.0


def boarding_seconds(tags: dict[str, str], ferries: str) -> float:
    """Boarding and half the interval where the ferry keeps a schedule."""
    return BOARDING_SECONDS + (duration_seconds(tags.get("interval")) or 0.0) / 2 if ferries == "scheduled" else 0.0
