"""The road network of the generated county: main roads between towns, village roads, a ferry, a car park."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
from scipy import ndimage
from scipy.spatial import cKDTree

from .frame import HEIGHT, Floats, Mask, cell_centres, distance_to, smooth_line, to_cells
from .motorway import lay_motorway
from .names import NameGiver
from .routes import Ints, RouteGrid
from .settlements import Place, move_to
from .streams import RIVERS
from .streets import Town, lay_town, lay_village
from .terrain import FERRY_ISLAND, Terrain
from .ways import Way, join_ways, split_bridges

BRIDGED = ("primary", "secondary", "tertiary", "unclassified", "track")

# Between seats, best class first: what is built first is shared by what comes later. "@" marks a point on the border
# of the frame, where the neighbours' roads go on.
LINKS = (
    ("primary", "@north", "北浦镇"), ("primary", "北浦镇", "横塘镇"), ("primary", "横塘镇", "澜城街道"),
    ("primary", "澜城街道", "金滩镇"), ("primary", "金滩镇", "@south"),
    ("secondary", "澜城街道", "沙溪镇"), ("secondary", "金滩镇", "石垟镇"), ("secondary", "横塘镇", "云岙镇"),
    ("secondary", "澜城街道", "望海镇"), ("secondary", "望海镇", "北浦镇"),
    ("tertiary", "沙溪镇", "松岩乡"), ("tertiary", "松岩乡", "@west"), ("tertiary", "沙溪镇", "湖山乡"),
    ("tertiary", "云岙镇", "白岭乡"), ("tertiary", "石垟镇", "南坑乡"), ("tertiary", "南坑乡", "松岩乡"),
    ("tertiary", "澜城街道", "@pier"), ("tertiary", "青屿镇", "@quay"),
)  # fmt: skip
TRACK_PEOPLE = 180  # smaller villages are reached by a track
BATCH = 20  # villages connected at once; the next ones may use their roads
BORDERS = {"@north": (22_300.0, HEIGHT - 200), "@south": (19_300.0, 200.0), "@west": (200.0, 12_800.0)}


@dataclass(kw_only=True)
class _Plan:
    """Steps of the route grid that became road, with class and name; the first to build a step keeps it."""

    kinds: dict[tuple[int, int], tuple[str, str]] = field(default_factory=dict)

    def add(self, path: Ints, kind: str, name: str) -> None:
        for a, b in zip(path[:-1].tolist(), path[1:].tolist(), strict=True):
            self.kinds.setdefault((min(a, b), max(a, b)), (kind, name))

    @property
    def nodes(self) -> Ints:
        return np.unique(np.array(list(self.kinds), dtype=np.int64))


@dataclass(frozen=True, kw_only=True)
class Roads:
    """The finished network: all ways, the towns, villages moved onto their road node, streets by settlement."""

    ways: list[Way]
    villages: list[Place]
    towns: list[Town]
    streets: dict[str, list[Way]]
    grid: RouteGrid


def find_rivers(terrain: Terrain) -> Mask:
    """Return the cells that a named river covers on its lower course."""
    rivers = np.zeros(terrain.land.shape, dtype=bool)
    for stream in terrain.streams[: len(RIVERS)]:
        rivers[to_cells(stream.metres[: int(len(stream.metres) * 0.75)])] = True
    return rivers & terrain.land


def lay_roads(
    random: np.random.Generator, terrain: Terrain, seats: list[Place], villages: list[Place], names: NameGiver
) -> Roads:
    """Build the network from the towns outwards and give everything that meets a common node."""
    rivers = find_rivers(terrain)
    towns = [lay_town(random, seat, terrain, rivers, names) for seat in seats]
    grid = RouteGrid(random, terrain, rivers=rivers)
    villages = [move_to(village, np.round(grid.metres[grid.nearest(village.metres[0])], 2)) for village in villages]
    plan = _plan_main_roads(grid, terrain, seats)
    _plan_village_roads(grid, plan, villages)
    stops = {grid.nearest(village.metres[0]) for village in villages}
    main = _draw(grid, plan, towns, stops=stops)
    streets = {place.name: lay_village(random, place, terrain, rivers) for place in villages}
    ground = join_ways([*main, *(way for lanes in [*streets.values(), *(t.ways for t in towns)] for way in lanes)])
    motorway, ground = lay_motorway(terrain, ground)
    ground = split_bridges(ground, rivers, kinds=BRIDGED)
    streets |= {town.place.name: town.ways for town in towns}
    extra = [_lay_ferry(ground, terrain), *_lay_car_park(ground, seats[0])]
    return Roads(ways=[*ground, *motorway, *extra], villages=villages, towns=towns, streets=streets, grid=grid)


def _plan_main_roads(grid: RouteGrid, terrain: Terrain, seats: list[Place]) -> _Plan:
    plan = _Plan()
    points = {seat.name: seat.metres[0] for seat in seats} | {key: np.array(xy) for key, xy in BORDERS.items()}
    points |= dict(zip(("@pier", "@quay"), find_piers(terrain), strict=True))
    for kind, start, end in LINKS:
        path = grid.route(grid.nearest(points[start]), grid.nearest(points[end]))
        plan.add(path, kind, _name_road(start, end))
        grid.share(path)
    return plan


def find_piers(terrain: Terrain) -> tuple[Floats, Floats]:
    """Return the points of the mainland and of the ferry island that lie closest to each other."""
    labels, _ = ndimage.label(terrain.land)
    rows, columns = to_cells(np.array([FERRY_ISLAND]))
    island = labels == labels[rows[0], columns[0]]
    mainland = labels == labels[:, 0].max()
    x, y = cell_centres()

    def closest(mask: Mask, other: Mask) -> Floats:
        away = np.where(mask, distance_to(other), np.inf)
        cell = np.unravel_index(np.argmin(away), away.shape)
        return np.array([x[cell], y[cell]])

    return closest(mainland, island), closest(island, mainland)


def _name_road(start: str, end: str) -> str:
    """Name a road as county roads are named: a character of each end and 线."""
    letters = {"@north": "甬", "@south": "温", "@west": "仙", "@pier": "港", "@quay": "港"}
    return f"{letters.get(start, start[0])}{letters.get(end, end[0])}线"


def _plan_village_roads(grid: RouteGrid, plan: _Plan, villages: list[Place]) -> None:
    wanted = [village for village in villages if village.road]
    wanted.sort(key=lambda village: -village.people)
    for start in range(0, len(wanted), BATCH):
        batch = wanted[start : start + BATCH]
        paths = grid.branches(plan.nodes, [grid.nearest(village.metres[0]) for village in batch])
        for village, path in zip(batch, paths, strict=True):
            plan.add(path, "track" if village.people < TRACK_PEOPLE else "unclassified", "")
            grid.share(path)
    for village, other in _find_neighbours(wanted):
        path = grid.route(grid.nearest(village.metres[0]), grid.nearest(other.metres[0]), dearest=8_000)
        plan.add(path, "unclassified", "")
        grid.share(path)


def _find_neighbours(villages: list[Place]) -> list[tuple[Place, Place]]:
    """Pair villages of the plain with the nearest others, so that lanes run between them and not only outwards."""
    points = np.vstack([village.metres for village in villages])
    away, nearest = cKDTree(points).query(points, k=3)
    pairs = {
        (min(a, b), max(a, b))
        for a, (near, distances) in enumerate(zip(nearest.tolist(), away.tolist(), strict=True))
        for b, metres in zip(near[1:], distances[1:], strict=True)
        if metres < 2_000 and min(villages[a].people, villages[b].people) > 700
    }
    return [(villages[a], villages[b]) for a, b in sorted(pairs)]


def _draw(grid: RouteGrid, plan: _Plan, towns: list[Town], *, stops: set[int]) -> list[Way]:
    """Turn the planned steps into smooth ways that end at the towns' own streets and at village centres (`stops`)."""
    metres, steps = _enter_towns(grid.metres, plan, towns)
    beside: dict[int, list[int]] = defaultdict(list)
    for a, b in steps:
        beside[a].append(b)
        beside[b].append(a)
    kinds = {**steps, **{(b, a): kind for (a, b), kind in steps.items()}}
    ways = []
    for chain in _chains(beside, kinds, stops=stops | set(range(len(grid.metres), len(metres)))):
        kind, name = kinds[chain[0], chain[1]]
        tags = {"highway": kind} | ({"name": name} if name else {}) | ({"maxspeed": "80"} if kind == "primary" else {})
        ways.append(Way(metres=np.round(smooth_line(metres[chain]), 2), tags=tags))
    return ways


def _enter_towns(metres: Floats, plan: _Plan, towns: list[Town]) -> tuple[Floats, dict[tuple[int, int], tuple[str, str]]]:
    """Replace what runs inside a town: the step that enters it ends on the nearest of its street nodes."""
    gates = np.vstack([town.nodes for town in towns])
    reach = np.concatenate([np.full(len(town.nodes), 0.85 * town.spacing) for town in towns])
    away, nearest = cKDTree(gates).query(metres)
    inside = away < reach[nearest]
    steps = {}
    for (a, b), kind in plan.kinds.items():
        if inside[a] and inside[b]:
            continue
        ends = [int(len(metres) + nearest[node]) if inside[node] else node for node in (a, b)]
        if inside[a] or inside[b]:
            outer = b if inside[a] else a
            ends = [outer, int(len(metres) + nearest[outer])]
        steps[ends[0], ends[1]] = kind
    return np.vstack([metres, gates]), steps


def _chains(beside: dict[int, list[int]], kinds: dict[tuple[int, int], tuple[str, str]], *, stops: set[int]) -> list[list[int]]:
    """Follow steps from junction to junction; a chain also ends where class or name changes and at `stops`."""

    def is_end(node: int) -> bool:
        around = beside[node]
        return node in stops or len(around) != 2 or kinds[node, around[0]] != kinds[node, around[1]]

    done: set[tuple[int, int]] = set()
    chains = []
    for start in sorted(beside):
        for follow in sorted(beside[start]) if is_end(start) else []:
            if (start, follow) in done:
                continue
            chain = [start, follow]
            while not is_end(chain[-1]):
                chain.append(next(node for node in beside[chain[-1]] if node != chain[-2]))
            done.update({(chain[0], chain[1]), (chain[-1], chain[-2])})
            chains.append(chain)
    return chains


def _lay_ferry(ground: list[Way], terrain: Terrain) -> Way:
    """Sail from the end of the pier road to the end of the island's quay road."""
    nodes = np.vstack([way.metres for way in ground])
    ends = [nodes[np.argmin(np.hypot(*(nodes - point).T))] for point in find_piers(terrain)]
    bow = np.array([[0.0, 0.0], [0.0, -150.0], [0.0, -220.0], [0.0, -150.0], [0.0, 0.0]])
    course = np.asarray(np.linspace(ends[0], ends[1], len(bow)), dtype=float) + bow
    tags = {"route": "ferry", "name": "澜城—青屿渡运", "duration": "00:25", "interval": "01:00", "motor_vehicle": "yes"}
    return Way(metres=course, tags={**tags, "foot": "yes", "operator": "清澜轮渡（虚构）"}, level=1)


def _lay_car_park(ground: list[Way], town: Place) -> list[Way]:
    """Draw the aisles of a car park 25 m off a main road without joining them to it: a scrap, as mappers leave them."""
    main = [way for way in ground if way.tags["highway"] == "secondary" and "bridge" not in way.tags]
    way = min(main, key=lambda way: float(abs(np.hypot(*(way.metres[0] - town.metres[0])) - 1_500)))
    start, end = way.metres[(len(way.metres) - 1) // 2 :][:2]
    along = (end - start) / np.hypot(*(end - start))
    across = np.array([-along[1], along[0]])
    corner = start + 25 * across
    loop = np.array([corner, corner + 40 * along, corner + 40 * along + 30 * across, corner + 30 * across, corner])
    tags = {"highway": "service", "service": "parking_aisle"}
    aisle = np.array([corner + 15 * across, corner + 40 * along + 15 * across])
    return join_ways([Way(metres=np.round(loop, 2), tags=tags), Way(metres=np.round(aisle, 2), tags=tags)])
