"""Helsinki: the bundled extract is the one it says it is, and its people follow from its buildings."""

import hashlib
from pathlib import Path

import osmium
import pandas as pd
import pytest
import shapely
import yaml

from lifecircle.studies.demo.buildings import Building, read_buildings
from lifecircle.studies.demo.helsinki import count_residents, estimate_people, write_helsinki

SQUARE = shapely.box(24.94, 60.17, 24.9405, 60.1702)  # 27.77 m x 22.28 m on the ellipsoid


def make_building(**tags: str) -> Building:
    return Building(id="w1", tags={key.replace("__", ":"): value for key, value in tags.items()}, outline=SQUARE)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_helsinki(tmp_path_factory.mktemp("helsinki"))


def test_writes_a_study_with_all_its_files_and_the_notice(study: Path) -> None:
    settings = yaml.safe_load(study.read_text(encoding="utf-8"))
    assert (study.parent / settings["streets"]).is_file()
    assert (study.parent / settings["demand"]["file"]).is_file()
    notice = (study.parent / "NOTICE").read_text(encoding="utf-8")
    assert "© OpenStreetMap contributors" in notice
    assert "ODbL" in notice
    assert hashlib.sha256((study.parent / "Helsinki.osm.pbf").read_bytes()).hexdigest() in notice


def test_total_is_plausible_for_the_business_centre_of_helsinki(study: Path) -> None:
    people = pd.read_csv(study.parent / "people.csv")
    assert list(people.columns) == ["id", "lon", "lat", "people"]
    assert people["id"].is_unique
    assert 6_000 < people["people"].sum() < 18_000
    assert people["people"].between(0, 400, inclusive="right").all()
    assert people["lon"].between(24.93, 24.96).all()
    assert people["lat"].between(60.16, 60.182).all()


def test_writes_the_same_bytes_again(study: Path, tmp_path: Path) -> None:
    again = write_helsinki(tmp_path)
    assert {p.name: p.read_bytes() for p in again.parent.iterdir()} == {p.name: p.read_bytes() for p in study.parent.iterdir()}


def test_residents_are_floor_area_times_levels_over_floor_per_person() -> None:
    people = count_residents(make_building(building="apartments", building__levels="5"))
    assert people == pytest.approx(27.77 * 22.28 * 5 / 50, rel=2e-3)


def test_missing_or_unreadable_levels_take_the_default_of_six() -> None:
    known = count_residents(make_building(building="apartments", building__levels="6"))
    assert count_residents(make_building(building="apartments")) == known
    assert count_residents(make_building(building="apartments", building__levels="five")) == known


def test_only_a_share_of_unlabelled_buildings_and_nobody_in_offices() -> None:
    assert count_residents(make_building(building="yes")) == count_residents(make_building(building="apartments")) / 4
    assert count_residents(make_building(building="office")) == 0
    assert count_residents(make_building(building="yes", amenity="theatre")) == 0
    assert estimate_people([make_building(building="office")]).empty


def write_blocks(path: Path, order: str) -> Path:
    """Write a block with a yard as a relation (its outer way is tagged too) and a house, kinds in the given order."""
    corners = [(0, 0), (3, 0), (3, 3), (0, 3), (1, 1), (2, 1), (2, 2), (1, 2), (5, 0), (6, 0), (6, 1)]
    rings = [([1, 2, 3, 4, 1], {"building": "yes"}), ([5, 6, 7, 8, 5], {}), ([9, 10, 11, 9], {"building": "house"})]
    members = [("w", 1, "outer"), ("w", 2, "inner")]
    with osmium.SimpleWriter(str(path)) as writer:
        for kind in order:
            for n, (x, y) in enumerate(corners, start=1) if kind == "n" else ():
                writer.add_node(osmium.osm.mutable.Node(id=n, location=(24 + x / 1e3, 60 + y / 1e3)))
            for n, (refs, tags) in enumerate(rings, start=1) if kind == "w" else ():
                writer.add_way(osmium.osm.mutable.Way(id=n, nodes=refs, tags=tags))
            if kind == "r":
                tags = {"type": "multipolygon", "building": "apartments"}
                writer.add_relation(osmium.osm.mutable.Relation(id=1, members=members, tags=tags))
    return path


@pytest.mark.parametrize("order", ["nwr", "rwn", "wnr"])
def test_reads_buildings_in_any_order_once_and_without_their_yards(tmp_path: Path, order: str) -> None:
    buildings = {building.id: building for building in read_buildings(write_blocks(tmp_path / "b.osm.pbf", order))}
    assert set(buildings) == {"w3", "r1"}
    assert buildings["r1"].outline.area == pytest.approx(8e-6)  # 3 x 3 less the yard of 1 x 1
    assert buildings["w3"].outline.area == pytest.approx(0.5e-6)
