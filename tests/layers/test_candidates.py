"""Candidates from files, from where people live and along streets."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from lifecircle.geo.errors import InputError
from lifecircle.layers.candidates import (
    candidates_at_streets,
    candidates_from_file,
    candidates_from_units,
    filled_with_points,
    merge_candidates,
    thinned,
)
from lifecircle.layers.layer import Layer
from lifecircle.layers.rejects import no_rejects
from lifecircle.layers.source import Source

STEP = 0.001  # about 111 m on the equator


def write(folder, text):
    path = folder / "plots.csv"
    path.write_text(text, encoding="utf-8")
    return path


def square(west, south, side):
    return shapely.box(west, south, west + side, south + side)


def test_a_file_gives_cost_and_capacity_by_column_or_number(tmp_path):
    path = write(tmp_path, "plot,名称,lon,lat,cost\nP1,河边,0,0,30\nP2,,0.01,0,12.5\n")
    table = candidates_from_file(Source(file=path, id="plot"), cost="cost", capacity="200").table
    assert table["candidate"].tolist() == ["P1", "P2"]
    assert table["name"].tolist()[0] == "河边" and pd.isna(table["name"][1])
    assert table["cost"].tolist() == [30, 12.5]
    assert table["capacity"].tolist() == [200, 200]
    assert table["source"].unique().tolist() == ["plots.csv"]


def test_rows_without_a_cost_are_refused_and_listed(tmp_path):
    path = write(tmp_path, "lon,lat,cost\n0,0,30\n0.01,0,\n0.02,0,-4\n0.03,0,free\n0.04,0,0\n")
    layer = candidates_from_file(path, cost="cost")
    assert layer.table["candidate"].tolist() == ["plots-1", "plots-5"]
    assert layer.rejected["row"].tolist() == [2, 3, 4]
    assert layer.rejected["reason"].unique().tolist() == ["the cost is no number from 0 up"]


def test_a_misspelt_cost_names_the_columns(tmp_path):
    with pytest.raises(InputError, match=r"no column 'coost'; did you mean 'cost'\?"):
        candidates_from_file(write(tmp_path, "lon,lat,cost\n0,0,1\n"), cost="coost")


@pytest.mark.parametrize(("second", "what"), [("P1", "the id stands in row 1 already"), ("", "the id is missing")])
def test_ids_must_tell_candidates_apart(tmp_path, second, what):
    layer = candidates_from_file(write(tmp_path, f"id,lon,lat\nP1,0,0\n{second},0.01,0\n"))
    assert layer.table["candidate"].tolist() == ["P1"]
    assert layer.rejected["row"].tolist() == [2] and what in layer.rejected["reason"][0]


def test_land_is_one_candidate_or_a_lattice_of_points(tmp_path):
    land = gpd.GeoDataFrame(
        {"id": ["big", "small"], "cost": [7.0, 3.0]},
        geometry=[square(0, 0, 0.0045), square(1, 0, 0.0001)],
        crs="EPSG:4326",
    )
    path = tmp_path / "land.geojson"
    land.to_file(path)
    whole = candidates_from_file(Source(file=path, id="id"), cost="cost").table
    assert whole["candidate"].tolist() == ["big", "small"] and set(whole.geom_type) == {"Polygon"}
    spread = candidates_from_file(Source(file=path, id="id"), cost="cost", spacing_metres=250).table
    # 0.0045 degrees are 501 m east and 498 m north: two columns of points, and two rows
    assert spread["candidate"].tolist() == ["big-1", "big-2", "big-3", "big-4", "small"]
    assert spread["cost"].tolist() == [7, 7, 7, 7, 3]
    assert spread.geometry.iloc[:4].within(land.geometry[0]).all()
    assert spread.geometry.iloc[4].within(land.geometry[1])


def test_points_among_land_stay_where_they_are():
    table = gpd.GeoDataFrame(
        {"candidate": ["a"], "name": [None], "cost": [1.0], "capacity": [2.0], "source": ["x"]},
        geometry=[shapely.Point(0.123456789, 0.5)],
        crs="EPSG:4326",
    )
    filled = filled_with_points(table, 100)
    assert filled.geometry.iloc[0].equals(table.geometry.iloc[0]) and filled["candidate"].tolist() == ["a"]


def test_units_with_people_are_candidates_and_the_fuller_of_two_neighbours_stays():
    units = gpd.GeoDataFrame(
        {"id": ["a", "b", "c", "d"], "people": [5.0, 9.0, 0.0, 1.0]},
        geometry=gpd.points_from_xy([0, STEP, 2 * STEP, 8 * STEP], [0, 0, 0, 0]),
        crs="EPSG:4326",
    )
    assert candidates_from_units(units)["candidate"].tolist() == ["demand:a", "demand:b", "demand:d"]
    apart = candidates_from_units(units, spacing_metres=300, cost=4)
    assert apart["candidate"].tolist() == ["demand:b", "demand:d"]
    assert apart["cost"].tolist() == [4, 4] and apart["capacity"].isna().all()


def test_an_island_beside_a_coast_keeps_its_own_street_candidate():
    lon, lat = np.array([0, STEP, 2 * STEP, 2.1 * STEP]), np.zeros(4)
    component = np.array([0, 0, 0, 1], np.int32)
    table = candidates_at_streets(lon, lat, component, spacing_metres=1000)
    assert table.geometry.x.tolist() == [0, 2.1 * STEP]


@given(
    places=st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=60),
    spacing=st.sampled_from([50.0, 250.0, 900.0]),
)
def test_thinned_points_keep_their_distance_and_leave_no_hole(places, spacing):
    lon, lat = (np.array(axis, float) * STEP for axis in zip(*places, strict=True))
    kept = thinned(lon, lat, np.arange(len(lon)), spacing_metres=spacing)
    rows, others = (axis.ravel() for axis in np.meshgrid(np.arange(len(lon)), kept))
    metres = Geod(ellps="WGS84").inv(lon[rows], lat[rows], lon[others], lat[others])[2].reshape(len(kept), len(lon))
    between = metres[:, kept] + np.where(np.eye(len(kept)), np.inf, 0)
    assert (between > spacing * 0.995).all()
    assert (metres.min(axis=0) < spacing * 1.005).all()


def test_two_sources_with_the_same_id_keep_both():
    units = gpd.GeoDataFrame({"id": ["1"], "people": [2.0]}, geometry=gpd.points_from_xy([0], [0]), crs="EPSG:4326")
    part = Layer(candidates_from_units(units), no_rejects())
    other = Layer(part.table.assign(source="land.gpkg"), no_rejects())
    merged = merge_candidates([part, other])
    assert merged.table["candidate"].tolist() == ["demand:demand:1", "land.gpkg:demand:1"]
