"""The travel model of the design (its sections 3 and 4) once more, written plainly, to check the fast one against.

Nothing here is contracted, cached or compiled: every OSM node is a node of the graph, every pair of neighbouring nodes
of a usable way is an edge, every snapped point becomes a node inside its edge, and scipy's Dijkstra does the rest.
It shares no code with the package and must not import it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import osmium
from pyproj import Geod
from reference_waters import Waters, read_waters
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components, dijkstra

GEOD = Geod(ellps="WGS84")
MPH_IN_KMH = 1.609344
MAIN_METRES = 2000.0  # a strongly connected part with so much street is a main one, or with half of the longest
NODE_METRES = 0.01  # who enters a street so close to a node enters it there
TIE_METRES = 0.001  # so much farther is as near
BOARDING_SECONDS = 600.0
INSTANT = 1e-9  # scipy drops arcs of zero seconds, so a free step costs a nanosecond
SNAP_CAP_METRES = {"walk": 400.0, "bicycle": 1000.0, "car": 1000.0}
DEFAULT_SPEED_KMH = {"walk": 5.0, "bicycle": 15.0}
CONNECTOR_KMH = 5.0  # by car and bicycle; on foot the walking speed

FORWARD, BACKWARD = {"yes", "true", "1"}, {"-1", "reverse"}
CYCLEWAYS = ("cycleway", "cycleway:left", "cycleway:right", "cycleway:both")
CAR_SPEEDS_KMH: Mapping[str, float] = {
    **{"motorway": 100, "trunk": 80, "primary": 65, "secondary": 55, "tertiary": 45, "unclassified": 35},
    **{"residential": 30, "living_street": 10, "service": 15, "track": 15, "road": 30},
    **{"motorway_link": 50, "trunk_link": 45, "primary_link": 40, "secondary_link": 35, "tertiary_link": 30},
}
Tags = Mapping[str, str]


# ---------------------------------------------------------------- who may go where, how fast

OPEN, ENDS, CLOSED = "open", "ends only", "closed"
OPEN_WORDS = ["yes", "designated", "official", "permissive", "public", "allowed", "discouraged", "unknown", "dismount"]
CLOSED_WORDS = ["no", "military", "emergency", "psv", "bus", "taxi", "agricultural", "forestry", "use_sidepath"]
STREETS = [
    *("living_street", "residential", "service", "unclassified", "tertiary", "secondary", "primary", "trunk", "tertiary_link"),
    *("secondary_link", "primary_link", "trunk_link", "track", "road", "path", "cycleway", "crossing"),
]
FOOT_STREETS = [*STREETS, "footway", "pedestrian", "steps", "bridleway", "corridor", "elevator"]
ONLY_INVITED_BICYCLES = ["footway", "pedestrian", "bridleway", "corridor", "platform"]
LIFT_SECONDS = 60.0
IN_WORDS = r"(?:([\d.]+) *(?:h|hr|hrs|hour|hours|小时|时))? *(?:([\d.]+) *(?:m|min|mins|minute|minutes|分|分钟)?)?"


def most_specific(tags: Tags, *keys: str) -> str | None:
    """Value of the first of `keys` that is tagged."""
    return next((tags[key] for key in keys if key in tags), None)


def permission(value: str | None) -> str | None:
    """Section 3: of several words the most permissive holds; a word of no list is for the ends of trips; None without words."""
    words = [word.strip().lower() for word in (value or "").split(";")]
    words = [word for word in words if word]
    if not words:
        return None
    kinds = [OPEN if word in OPEN_WORDS else CLOSED if word in CLOSED_WORDS else ENDS for word in words]
    if all(word in CLOSED_WORDS or word == "private" for word in words):
        return CLOSED  # private: until trips know their ends from their middle
    return OPEN if OPEN in kinds else ENDS


def is_raised(tags: Tags) -> bool:
    """Section 5: bridges, tunnels, other layers and levels, motorways and motor roads."""
    if tags.get("bridge", "no") != "no" or tags.get("tunnel", "no") not in ("no", "building_passage", "culvert"):
        return True
    if tags.get("highway") in ("motorway", "motorway_link") or tags.get("motorroad") == "yes":
        return True
    return any(_names_another_level(tags.get(key, "")) for key in ("layer", "level"))


def _names_another_level(text: str) -> bool:
    numbers = [float(number) for number in re.findall(r"(?:^|(?<=[^\d.]))-?\d+(?:\.\d+)?", text)]
    return len(numbers) > 0 and all(number != 0 for number in numbers)


def maxspeed_kmh(text: str | None) -> float | None:
    """Section 4: numbers with km/h, kmh, mph or nothing, walk, and XX:zone; the lowest of a list; anything else is no limit."""
    found = []
    for part in re.split("[,;]", (text or "").lower()):
        part = part.strip()
        if match := re.fullmatch(r"(\d+\.?\d*) *(km/h|kmh|mph|)", part):
            found.append(float(match[1]) * (MPH_IN_KMH if match[2] == "mph" else 1.0))
        elif part == "walk":
            found.append(7.0)
        elif match := re.fullmatch(r"([a-z]{2}):(urban|rural|motorway|living_street)", part):
            rural = 70.0 if match[1] == "cn" else 80.0
            found.append({"urban": 50.0, "rural": rural, "motorway": 120.0, "living_street": 20.0}[match[2]])
    return min((kmh for kmh in found if kmh > 0), default=None)


def duration_seconds(text: str | None) -> float | None:
    """Section 7: clock, minutes, ISO 8601 or words; the longest of a list or range."""
    found = []
    for part in re.split(r"[;,/~–—-]", (text or "").lower()):
        part = part.strip()
        if match := re.fullmatch(r"(\d+):(\d\d?)(?::(\d\d?))?", part):
            found.append(3600 * int(match[1]) + 60 * int(match[2]) + int(match[3] or 0))
        elif match := re.fullmatch(r"p(?:([\d.]+)d)?(?:t(?:([\d.]+)h)?(?:([\d.]+)m)?(?:([\d.]+)s)?)?", part):
            days, hours, minutes, seconds = (float(number or 0) for number in match.groups())
            found.append(86400 * days + 3600 * hours + 60 * minutes + seconds)
        elif match := re.fullmatch(
            r"(?:([\d.]+) *(?:h|hr|hrs|hour|hours|小时|时))? *(?:([\d.]+) *(?:min|mins|minute|minutes|分|分钟)?)?", part
        ):
            found.append(3600 * float(match[1] or 0) + 60 * float(match[2] or 0))
    return float(max(found, default=0)) or None


def street_speeds_kmh(tags: Tags, mode: str, flat_kmh: float, car_speeds: Mapping[str, float]) -> tuple[float, float] | None:
    """Speeds along and against a street; None where the mode may not go."""
    if mode == "car":
        return _car_speeds(tags, car_speeds)
    if any(tags.get(key) == "yes" for key in ("motorroad", "expressway", "winter_road", "ice_road")):
        return None
    highway = tags.get("highway", "")
    platform = highway == "platform" or tags.get("railway") == "platform"
    if mode == "walk":
        walked = highway in FOOT_STREETS or tags.get("man_made") == "pier"
        walked = walked or (platform and permission(tags.get("foot")) == OPEN)
        if not walked or permission(most_specific(tags, "foot", "access")) == CLOSED:
            return None
        sidewalk = tags.get("sidewalk") in ("yes", "both", "left", "right") or permission(tags.get("foot")) is not None
        if highway in ("trunk", "trunk_link") and is_raised(tags) and not sidewalk:
            return None
        return (flat_kmh / 2, flat_kmh / 2) if highway == "steps" else (flat_kmh, flat_kmh)
    invited = platform or highway in ONLY_INVITED_BICYCLES or tags.get("man_made") == "pier"
    ridden = highway in STREETS or (invited and permission(tags.get("bicycle")) == OPEN)
    if not ridden or permission(most_specific(tags, "bicycle", "vehicle", "access")) == CLOSED:
        return None
    pushed = (tags.get("bicycle") or "").strip().lower() == "dismount"
    return (5.0, 5.0) if pushed else (flat_kmh, flat_kmh)


def _car_speeds(tags: Tags, car_speeds: Mapping[str, float]) -> tuple[float, float] | None:
    closed = permission(most_specific(tags, "motorcar", "motor_vehicle", "vehicle", "access")) == CLOSED
    if closed or tags.get("highway") not in car_speeds or "yes" in (tags.get("winter_road"), tags.get("ice_road")):
        return None
    both = maxspeed_kmh(tags.get("maxspeed"))
    limits = (maxspeed_kmh(tags.get(f"maxspeed:{way}")) or both for way in ("forward", "backward"))
    along, against = (0.9 * limit if limit else float(car_speeds[tags["highway"]]) for limit in limits)
    return along, against


def ferry_usable(tags: Tags, mode: str) -> bool:
    """Section 7: walkers unless `foot` closes it, others where their own key opens it."""
    if mode == "walk":
        return permission(tags.get("foot")) != CLOSED
    own = ("bicycle", "vehicle") if mode == "bicycle" else ("motorcar", "motor_vehicle", "vehicle")
    return permission(most_specific(tags, *own)) == OPEN


def directions(tags: Tags, mode: str) -> tuple[bool, bool]:
    """Whether one may go along the way, and against it."""
    if mode == "walk":
        oneway = most_specific(tags, "oneway:foot", "foot:oneway")
        moving = tags.get("conveying") if tags.get("highway") == "steps" else None
        return oneway not in BACKWARD and moving != "backward", oneway not in FORWARD and moving != "forward"
    oneway = tags.get("oneway")
    implied = tags.get("junction") in ("roundabout", "circular") or (mode == "car" and tags.get("highway") == "motorway")
    along = oneway not in BACKWARD
    against = oneway in BACKWARD or not (oneway in FORWARD or (implied and oneway not in ("no", "false", "0")))
    if mode == "bicycle":
        own = tags.get("oneway:bicycle")
        if own in FORWARD | BACKWARD | {"no"}:
            return own not in BACKWARD, own not in FORWARD
        if any(tags.get(key, "").startswith("opposite") for key in CYCLEWAYS):
            return True, True
    return along, against


# ---------------------------------------------------------------- the network


@dataclass(frozen=True)
class Snap:
    """Where a point enters the network; class 1 to 3, or 0 for no street (then the rest is unknown)."""

    snap_class: int
    metres: float = np.nan
    point: tuple[float, float] | None = None
    segment: int = -1
    share: float = np.nan  # of the segment's length, from its first node


@dataclass(frozen=True)
class Network:
    """Segments (one per pair of neighbouring OSM nodes of a usable way) of one mode, as arrays of one length each."""

    mode: str
    connector_kmh: float
    cap_metres: float
    lon: np.ndarray  # per node
    lat: np.ndarray
    first: np.ndarray  # per segment: its two nodes, as row numbers of lon and lat
    last: np.ndarray
    metres: np.ndarray
    along_seconds: np.ndarray  # inf where one may not go
    against_seconds: np.ndarray
    is_ferry: np.ndarray
    boarding_seconds: np.ndarray  # zero for streets
    sound: np.ndarray  # whether both ends lie in one main part
    raised: np.ndarray
    waters: Waters

    # ------------------------------------------------------------ snapping

    def snap(self, lon: Sequence[float], lat: Sequence[float]) -> list[Snap]:
        """Snap every point to the nearest place on a street of the first class that has one within the cap."""
        return [self._snap_one(x, y) for x, y in zip(lon, lat, strict=True)]

    def _snap_one(self, lon: float, lat: float) -> Snap:
        sine2 = np.sin(np.radians(lat)) ** 2
        east = np.radians(1) * GEOD.a / np.sqrt(1 - GEOD.es * sine2) * np.cos(np.radians(lat))  # metres per degree
        north = np.radians(1) * GEOD.a * (1 - GEOD.es) / (1 - GEOD.es * sine2) ** 1.5
        x = _turn(self.lon - lon) * east
        y = (self.lat - lat) * north
        x1, y1, y2 = x[self.first], y[self.first], y[self.last]
        x2 = x1 + _turn(self.lon[self.last] - self.lon[self.first]) * east
        reach = 1.01 * self.cap_metres
        inside = (np.minimum(x1, x2) <= reach) & (np.maximum(x1, x2) >= -reach)
        near = np.flatnonzero(inside & (np.minimum(y1, y2) <= reach) & (np.maximum(y1, y2) >= -reach) & ~self.is_ferry)
        x1, y1, dx, dy = x1[near], y1[near], x2[near] - x1[near], y2[near] - y1[near]
        squared = dx * dx + dy * dy
        share = np.clip(-(x1 * dx + y1 * dy) / np.where(squared > 0, squared, 1), 0, 1)
        distance = np.hypot(x1 + share * dx, y1 + share * dy)
        length = np.sqrt(squared)
        share = np.where(share * length <= NODE_METRES, 0.0, np.where((1 - share) * length <= NODE_METRES, 1.0, share))
        feet = np.column_stack((lon + (x1 + share * dx) / east, lat + (y1 + share * dy) / north))
        snap_class, best = self._best(lon, lat, near, distance, feet)
        if best < 0:
            return Snap(0)
        metres = GEOD.inv(lon, lat, *feet[best])[2]
        return Snap(snap_class, metres, (feet[best, 0], feet[best, 1]), int(near[best]), float(share[best]))

    def _best(self, lon: float, lat: float, near: np.ndarray, distance: np.ndarray, feet: np.ndarray) -> tuple[int, int]:
        """Class and row, among segments near a point, of the one it is tied to; row -1 for none."""
        sound, raised = self.sound[near], self.raised[near]
        order = [row for row in np.argsort(distance, kind="stable").tolist() if distance[row] <= self.cap_metres]
        for snap_class, fits, dry in (
            (1, sound & ~raised, True),
            (2, ~raised, True),
            (3, sound, False),
            (3, sound | ~sound, False),
        ):
            tied: list[int] = []
            for row in order:
                if tied and distance[row] > distance[tied[0]] + TIE_METRES:
                    break
                if fits[row] and not (dry and self.waters.part((lon, lat), tuple(feet[row]))):
                    tied.append(row)
            if tied:
                return snap_class, min(tied, key=lambda row: (-self._kmh(near[row]), near[row]))
        return 0, -1

    def _kmh(self, segment: int) -> float:
        """Speed in the quicker direction."""
        return round(
            3.6 * self.metres[segment] / max(INSTANT, min(self.along_seconds[segment], self.against_seconds[segment])), 2
        )

    # ------------------------------------------------------------ travel times

    def matrix(
        self, origins: Sequence[Snap], destinations: Sequence[Snap], *, direction: str = "to"
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Seconds, network metres (ferries included) and connector metres, NaN where there is no path.

        Rows are origins, columns destinations; `to` travels from row to column, `from` from column to row.
        """
        swap = len(origins) > len(destinations)
        sources, targets = (destinations, origins) if swap else (origins, destinations)
        rows = list(self._times(sources, targets, backwards=swap != (direction == "from")))
        seconds, metres = (np.array([row[i] for row in rows]).reshape(len(sources), len(targets)) for i in (0, 1))
        connectors = np.add.outer([s.metres for s in sources], [s.metres for s in targets])
        seconds = seconds + connectors / (self.connector_kmh / 3.6)
        connectors = np.where(np.isnan(seconds), np.nan, connectors)
        return (seconds.T, metres.T, connectors.T) if swap else (seconds, metres, connectors)

    def nearest(
        self, points: Sequence[Snap], facilities: Sequence[Snap], *, direction: str = "to"
    ) -> tuple[np.ndarray, np.ndarray]:
        """Seconds (NaN: none reached) to or from the nearest facility of each point, and which one (then -1)."""
        best, which = np.full(len(points), np.inf), np.full(len(points), -1)
        to_connector = np.array([p.metres for p in points])
        for number, (seconds, _) in enumerate(self._times(facilities, points, backwards=direction == "to")):
            seconds = seconds + (to_connector + facilities[number].metres) / (self.connector_kmh / 3.6)
            closer = seconds < best  # never true for NaN
            best[closer], which[closer] = seconds[closer], number
        return np.where(which < 0, np.nan, best), which

    def _times(
        self, sources: Sequence[Snap], targets: Sequence[Snap], *, backwards: bool
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Per source, seconds and metres between the snapped places (connectors left out) for all targets."""
        graph, metres, node = self._graph([*sources, *targets], backwards)
        ends = node[len(sources) :]
        for source in node[: len(sources)]:
            if source < 0:
                yield np.full(len(ends), np.nan), np.full(len(ends), np.nan)
                continue
            seconds, before = dijkstra(graph, indices=source, return_predecessors=True)
            seconds[np.isinf(seconds)] = np.nan
            length = np.where(np.isnan(seconds), np.nan, _metres_walked(graph, metres, before))
            yield np.where(ends < 0, np.nan, seconds[ends]), np.where(ends < 0, np.nan, length[ends])

    def _graph(self, snaps: Sequence[Snap], backwards: bool) -> tuple[csr_array, np.ndarray, np.ndarray]:
        """Arcs as a matrix of seconds (row to column), their metres in its order, and the node of each snap (or -1)."""
        count = len(self.lon)
        pieces, node = self._split(snaps)
        first, last, metres, along, against = np.array(pieces, dtype=float).reshape(-1, 5).T
        ferry = self.is_ferry
        u, v, sea_metres, board = (x[ferry] for x in (self.first, self.last, self.metres, self.boarding_seconds))
        there, back = self.along_seconds[ferry], self.against_seconds[ferry]
        shore = np.unique([*u, *v]).astype(int)  # node n is ashore, count + n on deck at the same place
        arcs = [
            *((first, last, along, metres), (last, first, against, metres)),
            *((u, count + v, there + board, sea_metres), (v, count + u, back + board, sea_metres)),  # boarding
            *((count + u, count + v, there, sea_metres), (count + v, count + u, back, sea_metres)),  # staying on
            (count + shore, shore, np.zeros(len(shore)), np.zeros(len(shore))),  # alighting
        ]
        start, end, seconds, length = (np.concatenate(part) for part in zip(*arcs, strict=True))
        start, end = start.astype(int), end.astype(int)
        if backwards:
            start, end = end, start
        order = np.lexsort((seconds, end, start))
        order = order[np.isfinite(seconds[order])]
        pair = np.stack([start[order], end[order]])
        fastest = np.r_[True, (pair[:, 1:] != pair[:, :-1]).any(axis=0)][: len(order)]  # scipy would add up doubles
        order = order[fastest]
        size = max(1, 2 * count, int(node.max(initial=-1)) + 1)
        weights = np.maximum(seconds[order], INSTANT)
        graph = coo_array((weights, (start[order], end[order])), shape=(size, size)).tocsr()
        return graph, length[order], node

    def _split(self, snaps: Sequence[Snap]) -> tuple[list[tuple[float, ...]], np.ndarray]:
        """Street segments (first, last, metres, along, against) cut where points enter, and the node of each snap.

        A place within half a millimetre of another, or of an end of the segment, is the same place.
        """
        cuts: dict[int, dict[float, int]] = {}
        node, next_node = np.full(len(snaps), -1), 2 * len(self.lon)
        for number, snap in enumerate(snaps):
            if snap.snap_class == 0:
                continue
            length = self.metres[snap.segment]
            offset = round(snap.share * length, 3)
            if offset == 0 or offset == round(length, 3):
                node[number] = self.last[snap.segment] if offset else self.first[snap.segment]
                continue
            places = cuts.setdefault(snap.segment, {})
            if offset not in places:
                places[offset], next_node = next_node, next_node + 1
            node[number] = places[offset]
        values = (self.first, self.last, self.metres, self.along_seconds, self.against_seconds)
        keep = np.flatnonzero(~self.is_ferry & ~np.isin(np.arange(len(self.first)), list(cuts)))
        pieces: list[tuple[float, ...]] = list(zip(*(value[keep].tolist() for value in values), strict=True))
        for segment, places in cuts.items():
            first, last, length, along, against = (value[segment] for value in values)
            for (a, here), (b, there) in pairwise([(0.0, first), *sorted(places.items()), (length, last)]):
                part = (b - a) / length
                pieces.append((here, there, part * length, part * along, part * against))
        return pieces, node


def _turn(degrees: np.ndarray) -> np.ndarray:
    """Difference of longitudes, the short way round."""
    return (degrees + 180) % 360 - 180


def _metres_walked(graph: csr_array, metres: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Metres from the source to every node along the tree of predecessors, by doubling the steps back to the source."""
    size = len(before)
    rows = np.repeat(np.arange(size), np.diff(graph.indptr))
    walked, back = np.zeros(size), np.arange(size)
    used = np.flatnonzero(before >= 0)
    walked[used] = metres[np.searchsorted(rows * size + graph.indices, before[used].astype(np.int64) * size + used)]
    back[used] = before[used]
    while (back != back[back]).any():
        walked, back = walked + walked[back], back[back]
    return walked


# ---------------------------------------------------------------- from the file


def read_ways(path: Path | str) -> tuple[list[tuple[dict[str, str], list[int]]], dict[int, tuple[float, float]]]:
    """Tags and node numbers of streets and ferries, and (lon, lat) of their nodes; the file's order does not matter."""
    ways = {
        way.id: ({tag.k: tag.v for tag in way.tags}, [ref.ref for ref in way.nodes])
        for way in osmium.FileProcessor(str(path), osmium.osm.WAY)
        if "highway" in way.tags
        or way.tags.get("route") == "ferry"
        or way.tags.get("man_made") == "pier"
        or way.tags.get("railway") == "platform"
    }
    wanted = {ref for _, refs in ways.values() for ref in refs}
    nodes = osmium.FileProcessor(str(path), osmium.osm.NODE)
    places = {n.id: (n.location.lon, n.location.lat) for n in nodes if n.id in wanted and n.location.valid()}
    return [ways[number] for number in sorted(ways)], places


def network(
    path: Path | str,
    mode: str,
    *,
    speed_kmh: float | None = None,
    ferries: str = "scheduled",
    steps: bool = True,
    car_speeds_kmh: Mapping[str, float] = CAR_SPEEDS_KMH,
) -> Network:
    """Network of `mode` (walk, bicycle, car); `speed_kmh` for the first two, `steps=False` for wheelchairs."""
    flat_kmh = speed_kmh or DEFAULT_SPEED_KMH.get(mode, np.nan)
    ways, places = read_ways(path)
    segments: list[tuple[Any, ...]] = []
    for tags, refs in ways:
        pairs = [(a, b) for a, b in pairwise(refs) if a != b and a in places and b in places]
        metres = [GEOD.inv(*places[a], *places[b])[2] for a, b in pairs]
        ferry, board = tags.get("route") == "ferry", 0.0
        speeds = None if ferry else street_speeds_kmh(tags, mode, flat_kmh, car_speeds_kmh)
        whole = sum(metres)
        if ferry and ferries != "none" and ferry_usable(tags, mode):
            crossing = duration_seconds(tags.get("duration"))
            speed = 5.0 if whole < 1000 else 30.0 if whole > 30000 else 15.0
            speed = 3.6 * whole / crossing if crossing and 3.6 * whole / crossing <= 140 else speed
            speeds = (speed, speed)
            if ferries == "scheduled":
                board = BOARDING_SECONDS + (duration_seconds(tags.get("interval")) or 0.0) / 2
        if speeds and not ferry and tags.get("highway") == "elevator":
            speeds = (3.6 * whole / LIFT_SECONDS,) * 2
        if speeds and (steps or ferry or _by_wheelchair(tags)):
            along, against = directions(tags, mode)
            for (a, b), length in zip(pairs, metres, strict=True):
                both = (length / (speeds[0] / 3.6) if along else np.inf, length / (speeds[1] / 3.6) if against else np.inf)
                segments.append((a, b, length, *both, ferry, board, is_raised(tags)))
    return _as_arrays(segments, places, mode, flat_kmh if mode == "walk" else CONNECTOR_KMH, read_waters(Path(path)))


def _by_wheelchair(tags: Tags) -> bool:
    """Section 3: steps need a ramp; not what is closed to wheelchairs, or steeper than 12 % by a number."""
    incline = re.fullmatch(r"[+-]?([\d.]+) *%?", tags.get("incline", ""))
    if tags.get("wheelchair") == "no" or (incline and float(incline[1]) > 12):
        return False
    return tags.get("highway") != "steps" or "yes" in (tags.get("ramp"), tags.get("ramp:wheelchair"))


def _as_arrays(
    segments: list[tuple[Any, ...]],
    places: Mapping[int, tuple[float, float]],
    mode: str,
    connector_kmh: float,
    waters: Waters,
) -> Network:
    """Number the nodes, find the main parts and put everything into arrays."""
    first, last = np.array([s[:2] for s in segments], dtype=np.int64).reshape(-1, 2).T
    numbers, index = np.unique(np.concatenate([first, last]), return_inverse=True)
    first, last = index[: len(segments)], index[len(segments) :]
    lon, lat = np.array([places[n] for n in numbers.tolist()]).reshape(-1, 2).T
    metres, along, against, ferry, board, raised = (np.array([s[i] for s in segments], dtype=float) for i in range(2, 8))
    street = ferry == 0
    there, back = street & np.isfinite(along), street & np.isfinite(against)
    tails, heads = np.concatenate((first[there], last[back])), np.concatenate((last[there], first[back]))
    links = coo_array((np.ones(len(tails)), (tails, heads)), shape=(len(numbers), len(numbers)))
    part = connected_components(links, directed=True, connection="strong")[1] if len(numbers) else index
    within = street & (part[first] == part[last])
    length = np.bincount(part[first[within]], metres[within], minlength=len(numbers) + 1)
    sound = within & (length[part[first]] >= min(MAIN_METRES, length.max() / 2))
    head = (mode, connector_kmh, SNAP_CAP_METRES[mode], lon, lat, first, last, metres, along, against)
    return Network(*head, ferry.astype(bool), board, sound, raised.astype(bool), waters)
