"""Facilities of the generated county: fitness places and hospitals for the map, the health bureau's own list."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
import shapely.affinity

from lifecircle.geo.coordinates import gcj02_from_wgs84

from .frame import Floats, to_degrees
from .settlements import Place
from .streets import Town

FITNESS_SHARE, CLINIC_SHARE = 0.36, 0.42  # of the villages; the rest make the gaps
BY_TOWN = {"leisure=sports_centre": 12_000, "leisure=pitch": 6_500, "leisure=fitness_station": 5_500}
NAMES = {"sports_centre": "体育中心", "pitch": "球场", "fitness_station": "健身点"}
SPORTS = ("basketball", "table_tennis", "soccer", "basketball")


@dataclass(frozen=True, kw_only=True)
class Spot:
    """A tagged place: a point, or a polygon, in frame metres."""

    shape: shapely.Geometry
    tags: dict[str, str]


def place_fitness(random: np.random.Generator, towns: list[Town], villages: list[Place]) -> list[Spot]:
    """Put fitness places into towns in proportion to people, and one into some villages."""
    spots = []
    for town in towns:
        for tag, people in BY_TOWN.items():
            kind = tag.split("=")[1]
            count = max(int(town.place.people / people), 0 if kind == "sports_centre" else 1)
            spots += [_place_in_town(random, town, kind, number) for number in range(count)]
    for village in villages:
        if village.road and village.people > 300 and random.random() < FITNESS_SHARE:
            point = shapely.Point(np.round(village.metres[0] + random.uniform(-55, 55, 2), 2))
            tags = {"leisure": "fitness_station", "name": f"{village.name}健身点"}
            spots.append(Spot(shape=point, tags=tags))
    return spots


def place_hospitals(random: np.random.Generator, towns: list[Town]) -> list[Spot]:
    """Draw the grounds of the hospital or health centre of every seat, beside a street near its centre."""
    return [
        Spot(
            shape=_rectangle(random, _near_centre(town, rank=3), width=150 if number == 0 else 70),
            tags={"amenity": "hospital", "name": _name_hospital(town.place, main=number == 0)},
        )
        for number, town in enumerate(towns)
    ]


def list_health(random: np.random.Generator, towns: list[Town], villages: list[Place]) -> pd.DataFrame:
    """Write the health bureau's list as a map service exports it; one row still lacks its place.

    Returns
    -------
    DataFrame
        名称, 类别, 床位, 经度, 纬度 (degrees, GCJ-02).
    """
    rows: list[tuple[str, str, int, Floats]] = []
    for number, town in enumerate(towns):
        name, kind = _name_hospital(town.place, main=number == 0), "综合医院" if number == 0 else "乡镇卫生院"
        rows.append((name, kind, 820 if number == 0 else int(town.place.people / 250) + 8, _near_centre(town, rank=3)))
    rows.append(("清澜县中医院", "中医医院", 320, _near_centre(towns[0], rank=40)))
    rows.append(("清澜县妇幼保健院", "妇幼保健院", 150, _near_centre(towns[0], rank=75)))
    rows += [
        (f"{village.name}卫生室", "村卫生室", 0, village.metres[0] + random.uniform(-40, 40, 2))
        for village in villages
        if village.road and village.people > 450 and random.random() < CLINIC_SHARE
    ]
    degrees = to_degrees(np.vstack([row[3] for row in rows]))
    lon, lat = gcj02_from_wgs84(degrees[:, 0], degrees[:, 1])
    table = pd.DataFrame([row[:3] for row in rows], columns=["名称", "类别", "床位"])
    table["经度"], table["纬度"] = [f"{value:.6f}" for value in lon], [f"{value:.6f}" for value in lat]
    planned = pd.DataFrame([["望海镇第二卫生院（筹建）", "乡镇卫生院", 30, "", ""]], columns=table.columns)
    return pd.concat([table, planned], ignore_index=True)


def _place_in_town(random: np.random.Generator, town: Town, kind: str, number: int) -> Spot:
    node = town.nodes[int(random.integers(len(town.nodes)))]
    name = f"{town.place.name.rstrip('街道镇乡')}{'' if number == 0 else f'第{number + 1}'}{NAMES[kind]}"
    tags = {"leisure": kind, "name": name}
    if kind == "fitness_station":
        return Spot(shape=shapely.Point(np.round(node + random.uniform(-30, 30, 2), 2)), tags=tags)
    if kind == "pitch":
        tags["sport"] = SPORTS[int(random.integers(len(SPORTS)))]
    return Spot(shape=_rectangle(random, node, width=30 if kind == "pitch" else 90), tags=tags)


def _rectangle(random: np.random.Generator, node: Floats, *, width: float) -> shapely.Polygon:
    """Return a plot whose corner stands 8 m off a street node, so that an entrance lies within 30 m of the street."""
    turn = random.uniform(0, 2 * np.pi)
    box = shapely.affinity.rotate(shapely.box(6, 6, 6 + width, 6 + 0.65 * width), turn, origin=(0, 0), use_radians=True)
    return shapely.set_precision(shapely.affinity.translate(box, *node), 0.01)


def _near_centre(town: Town, *, rank: int) -> Floats:
    """Return the street node that is `rank`-th nearest to the town's centre."""
    order = np.argsort(np.hypot(*(town.nodes - town.place.metres).T))
    return np.asarray(town.nodes[order[min(rank, len(order) - 1)]])


def _name_hospital(place: Place, *, main: bool) -> str:
    return "清澜县人民医院" if main else f"{place.name}{'中心' if place.people > 12_000 else ''}卫生院"
