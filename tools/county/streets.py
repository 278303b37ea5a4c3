"""Streets inside settlements: warped grids in towns, a few lanes in villages."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from .frame import Floats, Mask, to_cells
from .names import STREET_LAST, NameGiver
from .settlements import Place
from .terrain import Terrain
from .ways import Way

BIG_TOWN = 50_000
MISSING_STREETS = 0.14
SMALL_VILLAGE, VILLAGE_SPACING = 500.0, 78.0
STEPS_GRADE = 0.18

Node = tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class Town:
    """The streets of one town and the nodes where roads from outside may join."""

    place: Place
    ways: list[Way]
    nodes: Floats
    spacing: float


def lay_town(random: np.random.Generator, place: Place, terrain: Terrain, rivers: Mask, names: NameGiver) -> Town:
    """Lay a warped grid of streets over the town's ground, leave out some, keep what hangs together."""
    spacing = 195.0 if place.people > BIG_TOWN else 125.0
    nodes = _lay_nodes(random, place, terrain, rivers, spacing)
    steps = _keep_connected([step for step in _steps(nodes) if _is_main(step) or random.random() > MISSING_STREETS])
    kept = {end for step in steps for end in step}
    ways = _name_lines(place, nodes, steps, names)
    if place.people > BIG_TOWN:
        ways += _lay_alleys(random, nodes, set(steps))
    return Town(place=place, ways=ways, nodes=np.array([nodes[node] for node in sorted(kept)]), spacing=spacing)


def lay_village(random: np.random.Generator, place: Place, terrain: Terrain, rivers: Mask) -> list[Way]:
    """Lay the lanes of a village: a tight grid round its centre, or a few lanes outwards where few people live."""
    if place.people > SMALL_VILLAGE:
        nodes = _lay_nodes(random, place, terrain, rivers, VILLAGE_SPACING) | {(0, 0): place.metres[0]}
        steps = [step for step in _steps(nodes) if _line_of(step)[1] == 0 or random.random() > 0.22]
        return _name_lanes(random, nodes, _keep_connected(steps, around=(0, 0)), terrain)
    count = int(np.clip(place.people / 110, 2, 5))
    start = random.uniform(0, 2 * np.pi)
    lanes = [_lay_lane(random, place, start + 2 * np.pi * k / count) for k in range(count)]
    lanes = [lane for lane in lanes if terrain.dry[to_cells(lane)].all() and terrain.to_sea[to_cells(lane)].min() > 60]
    return [_tag_lane(lane, terrain, number) for number, lane in enumerate(lanes)]


def _name_lanes(
    random: np.random.Generator, nodes: dict[Node, Floats], steps: list[tuple[Node, Node]], terrain: Terrain
) -> list[Way]:
    lines: dict[tuple[str, int], list[tuple[Node, Node]]] = defaultdict(list)
    for step in steps:
        lines[_line_of(step)].append(step)
    return [
        _tag_lane(np.array([nodes[node] for node in run]), terrain, 0 if line[1] == 0 else int(random.integers(1, 6)))
        for line, members in sorted(lines.items())
        for run in _runs(members)
    ]


def _lay_nodes(random: np.random.Generator, place: Place, terrain: Terrain, rivers: Mask, spacing: float) -> dict[Node, Floats]:
    reach = int(place.radius * 1.3 / spacing) + 1
    angle, phase = random.uniform(-0.5, 0.5), random.uniform(0, 6, 3)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    height = float(terrain.at(place.metres)[0])
    nodes = {}
    for i in range(-reach, reach + 1):
        for j in range(-reach, reach + 1):
            warp = spacing * np.array([0.35 * np.sin(j / 3 + phase[0]), 0.35 * np.sin(i / 3.5 + phase[1])])
            offset = (np.array([i, j]) * spacing + warp + random.normal(0, 0.05 * spacing, 2)) @ turn
            point = np.round(place.metres[0] + offset, 2)
            if _is_built_up(offset, place.radius, phase) and _is_buildable(point, terrain, rivers, height):
                nodes[i, j] = point
    return nodes


def _is_built_up(offset: Floats, radius: float, phase: Floats) -> bool:
    bearing = np.arctan2(offset[1], offset[0])
    edge = radius * (1 + 0.17 * np.sin(2 * bearing + phase[1]) + 0.10 * np.sin(3 * bearing + phase[2]))
    return bool(np.hypot(*offset) < edge)


def _is_buildable(point: Floats, terrain: Terrain, rivers: Mask, height: float) -> bool:
    cell = to_cells(point)
    dry = bool(terrain.dry[cell][0]) and not bool(rivers[cell][0]) and float(terrain.to_sea[cell][0]) > 130
    return dry and abs(float(terrain.elevation[cell][0]) - height) < 55


def _steps(nodes: dict[Node, Floats]) -> list[tuple[Node, Node]]:
    return [((i, j), other) for i, j in sorted(nodes) for other in ((i + 1, j), (i, j + 1)) if other in nodes]


def _line_of(step: tuple[Node, Node]) -> tuple[str, int]:
    (i, j), (other, _) = step
    return ("across", j) if other != i else ("along", i)


def _is_main(step: tuple[Node, Node]) -> bool:
    return _line_of(step)[1] % 4 == 0


def _keep_connected(steps: list[tuple[Node, Node]], *, around: Node | None = None) -> list[tuple[Node, Node]]:
    """Keep the steps that hang together with the most others, or with the node `around`."""
    beside: dict[Node, list[Node]] = defaultdict(list)
    for a, b in steps:
        beside[a].append(b)
        beside[b].append(a)
    best: set[Node] = set()
    left = set(beside) if around is None else {around}
    while left:
        group = _reach(beside, min(left))
        left -= group
        best = max(best, group, key=len)
    return [step for step in steps if step[0] in best]


def _reach(beside: dict[Node, list[Node]], start: Node) -> set[Node]:
    group: set[Node] = set()
    todo = [start]
    while todo:
        node = todo.pop()
        if node not in group:
            group.add(node)
            todo.extend(beside[node])
    return group


def _name_lines(place: Place, nodes: dict[Node, Floats], steps: list[tuple[Node, Node]], names: NameGiver) -> list[Way]:
    """Turn each unbroken run of steps along one grid line into a way."""
    lines: dict[tuple[str, int], list[tuple[Node, Node]]] = defaultdict(list)
    for step in steps:
        lines[_line_of(step)].append(step)
    pool = names.name_streets(len(lines))
    return [
        Way(metres=np.array([nodes[node] for node in run]), tags=_tag_street(place, line, pool[number]))
        for number, (line, members) in enumerate(sorted(lines.items()))
        for run in _runs(members)
    ]


def _runs(steps: list[tuple[Node, Node]]) -> list[list[Node]]:
    runs: list[list[Node]] = []
    for a, b in sorted(steps):
        if runs and runs[-1][-1] == a:
            runs[-1].append(b)
        else:
            runs.append([a, b])
    return runs


def _tag_street(place: Place, line: tuple[str, int], name: str) -> dict[str, str]:
    number = line[1]
    if place.people <= BIG_TOWN:
        kind = "tertiary" if number == 0 else "residential"
        return {"highway": kind, "name": name + STREET_LAST[kind]}
    kind = "primary" if number == 0 else "secondary" if number % 4 == 0 else "tertiary" if number % 2 == 0 else "residential"
    tags = {"highway": kind, "name": name + STREET_LAST[kind]}
    if kind == "primary":
        tags["maxspeed"] = "60"
    if line in {("along", 1), ("along", -1)}:  # a pair of one-way streets on both sides of the main street
        tags["oneway"] = "yes" if number > 0 else "-1"
    return tags


def _lay_alleys(random: np.random.Generator, nodes: dict[Node, Floats], steps: set[tuple[Node, Node]]) -> list[Way]:
    """Cut footways through some blocks, from the middle of one street to the middle of the opposite one."""
    ways = []
    for i, j in sorted(nodes):
        near, far = ((i, j), (i + 1, j)), ((i, j + 1), (i + 1, j + 1))
        if near in steps and far in steps and random.random() < 0.3:
            ends = np.array([(nodes[a] + nodes[b]) / 2 for a, b in (near, far)], dtype=float)
            ways.append(Way(metres=np.round(ends, 2), tags={"highway": "footway"}))
    return ways


def _lay_lane(random: np.random.Generator, place: Place, bearing: float) -> Floats:
    length = place.radius * random.uniform(0.75, 1.15)
    bends = bearing + np.cumsum(random.normal(0, 0.22, 4))
    moves = (length / 4) * np.column_stack([np.cos(bends), np.sin(bends)])
    return np.asarray(np.round(place.metres[0] + np.vstack([[0.0, 0.0], np.cumsum(moves, axis=0)]), 2))


def _tag_lane(lane: Floats, terrain: Terrain, number: int) -> Way:
    climb = abs(float(np.diff(terrain.at(lane[[0, -1]]))[0])) / float(np.hypot(*(lane[-1] - lane[0])))
    if number > 0 and climb > STEPS_GRADE:
        return Way(metres=lane, tags={"highway": "steps"})
    return Way(metres=lane, tags={"highway": ("residential", "residential", "living_street", "footway")[number % 4]})
