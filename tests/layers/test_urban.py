"""Urban or rural: by column, by polygons, by density."""

from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point, box

from lifecircle.geo import memory
from lifecircle.geo.coordinates import equal_area_crs, to_wgs84
from lifecircle.geo.errors import InputError, TooLargeError
from lifecircle.layers.degree_of_urbanisation import urban_cells
from lifecircle.layers.demand import read_demand
from lifecircle.layers.source import Source
from lifecircle.layers.urban import urban_by_column, urban_by_density, urban_by_polygons


@pytest.mark.parametrize(
    "values", [["urban", "Rural"], ["城镇", " 乡村"], [1, 0], [1.0, 0.0], [True, False], ["TRUE", "false"], [111, 220]]
)
def test_column_words(values):
    assert urban_by_column(pd.Series(values), file="a.csv").tolist() == [True, False]


@pytest.mark.parametrize("value", ["suburb", None, "2"])
def test_unknown_word_names_row_and_value(value):
    column = pd.Series(["urban", value, "rural"], index=[1, 2, 3], name="class")
    with pytest.raises(InputError, match=r"a\.csv: row 2: class is"):
        urban_by_column(column, file="a.csv")


def test_polygons_take_points_and_the_points_of_polygons():
    shapes = [Point(0.5, 0.5), Point(5, 5), Point(1, 1), box(0.2, 0.2, 0.4, 0.4), box(0.9, 0.9, 3, 3)]
    demand = gpd.GeoDataFrame({"people": 1.0}, index=[7, 8, 9, 10, 11], geometry=shapes, crs=4326)
    urban = urban_by_polygons(demand, gpd.GeoSeries([box(0, 0, 1, 1)], crs=4326))
    assert urban.tolist() == [True, False, True, True, False]
    assert urban.index.tolist() == [7, 8, 9, 10, 11]


def test_a_centre_needs_its_sides_to_touch():
    people = np.zeros((12, 12))
    people[2:7, 2:7] = 2000  # 25 cells, 50,000 people: a centre
    assert urban_cells(people).sum() == 25
    people[4, 4] = 0  # a gap with eight neighbours in the centre, and 48,000 people: only a cluster now
    assert urban_cells(people).sum() == 24
    people[2, 2] = 4000
    assert urban_cells(people).sum() == 25  # 50,000 again: the gap is filled


def test_a_cluster_may_touch_at_corners():
    people = np.zeros((9, 9))
    for place in range(5):
        people[place, place] = 1000
    assert urban_cells(people).sum() == 5
    people[4, 4] = 999
    assert urban_cells(people).sum() == 0  # 4,999 people


def test_thresholds_are_inclusive():
    people = np.full((1, 17), 300.0)
    assert urban_cells(people).all()  # 5,100 people at exactly 300
    assert not urban_cells(people - 0.01).any()


def local_demand(east, north, people):
    crs = equal_area_crs(120, 30)
    lon, lat = to_wgs84(east, north, crs.to_wkt())
    return gpd.GeoDataFrame({"people": people}, geometry=gpd.points_from_xy(lon, lat), crs=4326)


def test_a_town_in_the_fields():
    east, north = (axis.ravel() + 500.0 for axis in np.meshgrid(np.arange(-9, 9) * 1000, np.arange(-9, 9) * 1000))
    town = (np.abs(east) < 2000) & (np.abs(north) < 2000)  # 4 x 4 cells
    demand = local_demand(east, north, np.where(town, 400.0, 100.0))
    assert urban_by_density(demand).tolist() == town.tolist()
    fewer = local_demand(east, north, np.where(town, 310.0, 100.0))  # 4,960 people
    assert not urban_by_density(fewer).any()


def test_a_unit_far_from_all_others_costs_no_cells_between(monkeypatch):
    asked = []
    monkeypatch.setattr("lifecircle.layers.urban.urban_cells", lambda people: asked.append(people.shape) or urban_cells(people))
    east, north = (axis.ravel() + 500.0 for axis in np.meshgrid(np.arange(-2, 2) * 1000, np.arange(-2, 2) * 1000))
    demand = local_demand(east, north, np.full(16, 400.0))
    typing_error = gpd.GeoDataFrame({"people": [7000.0]}, geometry=[Point(-80, -30)], crs=4326)
    both = pd.concat([demand, typing_error], ignore_index=True)
    assert urban_by_density(both).all()  # 7,000 people on one cell are a cluster, too
    assert max(asked[0]) <= 6 + 2


def test_empty_lines_hold_groups_apart_and_together_as_before():
    random = np.random.default_rng(8)
    spots = [(0, 0), (2_000, 0), (3_000, 40_000), (90_000, 41_000)]  # one empty column, neighbouring ones, many
    east, north = np.concatenate([np.array(spot) + random.integers(-4, 5, (60, 2)) * 1_000 + 500.0 for spot in spots]).T
    people = random.uniform(300, 4_000, len(east))
    column, row = (np.floor(axis / 1_000).astype(int) for axis in (east - east.min(), north - north.min()))
    whole = np.zeros((row.max() + 1, column.max() + 1))
    np.add.at(whole, (row, column), people)
    assert (urban_by_density(local_demand(east, north, people)).to_numpy() == urban_cells(whole)[row, column]).all()


def test_a_polygon_around_the_world_is_refused(monkeypatch):
    monkeypatch.setattr(memory.psutil, "virtual_memory", lambda: SimpleNamespace(available=1e9))
    world = gpd.GeoDataFrame({"people": [5.0, 5.0]}, geometry=[box(-60, -60, 60, 60), box(0, 0, 0.1, 0.1)], crs=4326)
    with pytest.raises(TooLargeError, match=r"density of people needs about .* leave out units far from all others"):
        urban_by_density(world)


def test_cells_larger_than_their_squares_are_refused(monkeypatch):
    monkeypatch.setattr(memory.psutil, "virtual_memory", lambda: SimpleNamespace(available=1e6))
    with pytest.raises(TooLargeError):
        urban_by_density(local_demand([0.0, 1e5], [0.0, 0.0], [1, 1]), cell_metres=50_000)


def test_order_does_not_matter():
    random = np.random.default_rng(5)
    east, north = random.normal(0, 3000, size=(2, 500))
    demand = local_demand(east, north, random.uniform(0, 100, 500))
    shuffled = demand.sample(frac=1, random_state=1)
    urban = urban_by_density(demand)
    assert 0 < urban.sum() < 500
    assert urban_by_density(shuffled).sort_index().equals(urban)


def test_a_large_township_is_not_a_city_on_one_cell():
    demand = local_demand([0.0], [0.0], [20_000.0])
    as_point = demand
    as_polygon = demand.set_geometry(demand.to_crs(equal_area_crs(120, 30)).buffer(9000).to_crs(4326))  # 254 km2
    assert urban_by_density(as_point).all()
    assert not urban_by_density(as_polygon).any()
    assert not urban_by_density(as_point, cell_metres=16_000).any()
    assert urban_by_density(as_point, cell_metres=4_000).all()  # 1,250 per km2


def test_small_polygons_without_a_lattice_point_count_too():
    homes = gpd.GeoSeries(local_demand([0.0, 40.0], [0.0, 0.0], [1, 1]).to_crs(equal_area_crs(120, 30)).buffer(5))
    demand = gpd.GeoDataFrame({"people": [3000.0, 2500.0]}, geometry=homes.to_crs(4326))
    assert urban_by_density(demand).all()


def test_porto_alegre_is_a_city_and_half_the_comoros_cells_are_not(shared_data):
    hexagons = shared_data / "porto-alegre-sao-paulo" / "poa" / "poa_hexgrid.csv"
    city = read_demand(Source(file=hexagons, id="id"), people="population")
    urban = urban_by_density(city.table)
    assert city.table.loc[urban, "people"].sum() / city.table["people"].sum() > 0.98
    raster = read_demand(shared_data / "comoros" / "com-test-data" / "input" / "population.tif", people=1)
    dense = urban_by_density(raster.table, cell_metres=raster.cell_metres)
    assert 0.3 < dense.mean() < raster.table.loc[dense, "people"].sum() / raster.table["people"].sum()
