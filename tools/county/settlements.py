"""Where the people of the generated county live: a county town, township seats, villages, hamlets."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import ndimage

from .frame import CELL_X, CELL_Y, COLUMNS, ROWS, Floats, Mask, cell_centres, distance_to, make_noise, to_cells
from .motorway import centre_line
from .names import NameGiver
from .terrain import FERRY_ISLAND, LONELY_ISLAND, Terrain

VILLAGES = 175

# name, x, y, people, 12-digit division code. 339901 is no real county: Zhejiang's codes end at 3311.
SEATS = (
    ("澜城街道", 19_600, 15_400, 150_000, "339901001000"),
    ("望海镇", 23_800, 19_700, 17_500, "339901100000"),
    ("金滩镇", 20_600, 6_300, 21_000, "339901101000"),
    ("北浦镇", 21_400, 24_700, 16_500, "339901102000"),
    ("横塘镇", 17_300, 20_300, 13_500, "339901103000"),
    ("云岙镇", 12_900, 24_500, 9_000, "339901104000"),
    ("沙溪镇", 13_000, 13_400, 8_500, "339901105000"),
    ("石垟镇", 14_600, 5_400, 11_000, "339901106000"),
    ("青屿镇", 30_700, 10_900, 5_200, "339901107000"),
    ("湖山乡", 12_000, 16_100, 3_400, "339901200000"),
    ("松岩乡", 6_100, 12_400, 2_800, "339901201000"),
    ("白岭乡", 6_600, 24_600, 2_600, "339901202000"),
    ("南坑乡", 7_400, 5_300, 3_000, "339901203000"),
)
COUNTY_CODE, COUNTY_NAME = "339901000000", "清澜县"
LAKE_SEAT, ISLAND_SEAT = "湖山乡", "青屿镇"


@dataclass(frozen=True, kw_only=True)
class Place:
    """A settlement.

    Attributes
    ----------
    name : str
    kind : str
        OSM's `place`: town, village or hamlet.
    x, y : float
        Metres in the frame.
    people : float
        Residents before the whole county is scaled to its total.
    code : str
        12-digit division code of a township seat, else empty.
    road : bool
        False for the hamlets that no road reaches.
    """

    name: str
    kind: str
    x: float
    y: float
    people: float
    code: str = ""
    road: bool = True

    @property
    def metres(self) -> Floats:
        """Position, shape (1, 2)."""
        return np.array([[self.x, self.y]])

    @property
    def radius(self) -> float:
        """Metres from the centre to the edge of the built-up area: towns are denser than villages."""
        per_km2 = {"town": 13_000, "village": 7_500, "hamlet": 4_000}[self.kind]
        return float(np.clip(np.sqrt(self.people / per_km2 / np.pi) * 1_000, 70, 1_900))


def place_seats(terrain: Terrain) -> list[Place]:
    """Put each seat on the best ground near the position given for it."""
    fit = _fitness(terrain)
    seats = []
    for name, x, y, people, code in SEATS:
        centre = _best_cell(fit, x=x, y=y, within=900)
        seats.append(Place(name=name, kind="town", x=centre[0], y=centre[1], people=people, code=code))
    return seats


def place_villages(random: np.random.Generator, terrain: Terrain, seats: list[Place], names: NameGiver) -> list[Place]:
    """Draw villages where the ground is good, never close to each other; the named special ones come first."""
    fit = _fitness(terrain) * np.exp(0.5 * make_noise(random, metres=4_000, octaves=3))
    shore = _best_cell(fit * (_far_shore(terrain, seats) > 0), x=9_500, y=16_400, within=1_500)
    special = [(shore, "valley", 640.0), (np.array(_land_near(terrain, LONELY_ISLAND)), "coast", 420.0)]
    taken = [Place(name=names.name_village(kind), kind="village", x=p[0], y=p[1], people=n) for p, kind, n in special]
    island = [
        Place(name=names.name_village("coast"), kind="village", x=p[0], y=p[1], people=float(random.uniform(350, 900)))
        for p in _island_spots(terrain)
    ]
    taken += island
    keys = random.random(fit.shape) ** (1 / np.maximum(fit, 1e-9)) * (fit > 0.004) * _mainland(terrain)
    for cell in np.argsort(keys.ravel())[::-1]:
        point = _centre_of(int(cell))
        if len(taken) >= VILLAGES or keys.ravel()[cell] == 0:
            break
        if _is_free(point, seats, taken):
            taken.append(_make_village(random, terrain, point, names))
    return taken


def place_hamlets(random: np.random.Generator, terrain: Terrain, roads: Floats, names: NameGiver) -> list[Place]:
    """Put three hamlets high in the mountains where no road comes within 1,150 m (`roads`: points on all roads)."""
    near = np.zeros(terrain.land.shape, dtype=bool)
    near[to_cells(roads)] = True
    x, y = cell_centres()
    inside = (x > 2_600) & (x < 15_500) & (y > 2_600) & (y < 27_400)
    steep = _slope(terrain)
    good = (distance_to(near) > 1_250) & inside & terrain.dry & (terrain.elevation > 180) & (terrain.elevation < 700)
    hamlets: list[Place] = []
    for cell in np.argsort(np.where(good, steep, np.inf).ravel()):
        point = _centre_of(int(cell))
        if len(hamlets) == 3 or not good.ravel()[cell]:
            break
        if all(np.hypot(h.x - point[0], h.y - point[1]) > 2_500 for h in hamlets):
            people = float(random.uniform(60, 140))
            name = names.name_village("mountain").removesuffix("村")
            hamlets.append(Place(name=name, kind="hamlet", x=point[0], y=point[1], people=people, road=False))
    return hamlets


def move_to(place: Place, metres: Floats) -> Place:
    """Return the place at another point."""
    return replace(place, x=float(metres[0]), y=float(metres[1]))


def _slope(terrain: Terrain) -> Floats:
    along_y, along_x = np.gradient(terrain.elevation, CELL_Y, CELL_X)
    return np.asarray(ndimage.uniform_filter(np.hypot(along_x, along_y), 3))


def _fitness(terrain: Terrain) -> Floats:
    """Return 0-1: flat, near a stream or on the plain, not on the water's edge."""
    flat = np.exp(-((_slope(terrain) / 0.12) ** 2))
    low = np.exp(-terrain.elevation / 320)
    valley = np.where(terrain.elevation > 25, np.exp(-terrain.to_stream / 350), 0.22)
    off_water = (terrain.to_sea > 330) & (distance_to(terrain.reservoir) > 280) & (terrain.to_stream > 90)
    return np.asarray(flat * low * valley * off_water * terrain.dry * _off_motorway())


def _off_motorway() -> Mask:
    """Return the cells that leave the motorway its room."""
    near = np.zeros((ROWS, COLUMNS), dtype=bool)
    near[to_cells(centre_line())] = True
    return distance_to(near) > 420


def _mainland(terrain: Terrain) -> Floats:
    """Return 1 on the mainland inside the county, thinner towards the mountains' edge, 0 elsewhere."""
    labels, _ = ndimage.label(terrain.land)
    x, y = cell_centres()
    inside = (x > 2_600) & (y > 2_300) & (y < 27_700)
    return np.asarray((labels == labels[:, 0].max()) & inside, dtype=float)


def _far_shore(terrain: Terrain, seats: list[Place]) -> Floats:
    """Return 1 on ground within 900 m of the reservoir, west of it as seen from the seat on its shore."""
    seat = next(seat for seat in seats if seat.name == LAKE_SEAT)
    x, _ = cell_centres()
    return np.asarray((distance_to(terrain.reservoir) < 900) & (x < seat.x - 900), dtype=float)


def _island_spots(terrain: Terrain) -> list[Floats]:
    x, y = FERRY_ISLAND
    corners = ((-1_250, 350), (150, -880), (1_050, -350), (1_250, 450), (250, 850))
    return [np.array(_land_near(terrain, (x + dx, y + dy))) for dx, dy in corners]


def _land_near(terrain: Terrain, point: tuple[float, float]) -> tuple[float, float]:
    x, y = cell_centres()
    away = np.where(terrain.to_sea > 180, np.hypot(x - point[0], y - point[1]), np.inf)
    cell = np.unravel_index(np.argmin(away), away.shape)
    return float(x[cell]), float(y[cell])


def _best_cell(fit: Floats, *, x: float, y: float, within: float) -> Floats:
    grid_x, grid_y = cell_centres()
    away = np.hypot(grid_x - x, grid_y - y)
    score = np.where(away < within, ndimage.uniform_filter(fit, 5) * np.exp(-away / within), -1)
    return _centre_of(int(np.argmax(score)))


def _centre_of(cell: int) -> Floats:
    x, y = cell_centres()
    return np.array([x.flat[cell], y.flat[cell]])


def _is_free(point: Floats, seats: list[Place], taken: list[Place]) -> bool:
    clear_of_seats = all(np.hypot(s.x - point[0], s.y - point[1]) > s.radius + 600 for s in seats)
    return clear_of_seats and all(np.hypot(v.x - point[0], v.y - point[1]) > 950 for v in taken)


def _make_village(random: np.random.Generator, terrain: Terrain, point: Floats, names: NameGiver) -> Place:
    row, column = to_cells(point)
    height, sea = terrain.elevation[row, column][0], terrain.to_sea[row, column][0]
    kind = "mountain" if height > 190 else "valley" if height > 25 else "coast" if sea < 1_300 else "plain"
    typical = {"plain": 1_150, "coast": 1_050, "valley": 460, "mountain": 210}[kind]
    people = float(np.clip(random.lognormal(np.log(typical), 0.45), 90, 5_200))
    return Place(
        name=names.name_village(kind),
        kind="village" if people > 160 else "hamlet",
        x=point[0],
        y=point[1],
        people=people,
    )
