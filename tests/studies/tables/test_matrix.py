"""Origin-destination tables as functions of files: what stands in each row, and which rows there are."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import shapely
import toy_map
from toy_map import EAST, NORTH
from toy_study import points_table

from lifecircle.geo.errors import InputError, TooLargeError
from lifecircle.studies.siting.tables import site_tables
from lifecircle.studies.tables import matrix as matrix_module
from lifecircle.studies.tables.matrix import COLUMNS, matrix

STREETS = {**toy_map.row(60), **toy_map.row(55, y=30, first=101)}, [toy_map.street(60), toy_map.street(55, first=101)]
HOMES = [("h1", 2, 0), ("h2", 5, 100 / NORTH), ("islander", 3, 30), ("hermit", 20, 15)]
CLINICS = [("c1", 0, 0), ("c2", 9, -50 / NORTH)]


@pytest.fixture
def files(tmp_path):
    """A street, an island without clinics, four homes and two clinics; returns the arguments of `matrix`."""
    toy_map.write_map(tmp_path / "streets.osm", *STREETS)
    points_table(HOMES).to_csv(tmp_path / "homes.csv", index=False)
    points_table(CLINICS).to_csv(tmp_path / "clinics.csv", index=False)
    return {
        "streets": tmp_path / "streets.osm",
        "origins": tmp_path / "homes.csv",
        "destinations": tmp_path / "clinics.csv",
        "profile": "child",  # one metre a second
    }


def read(path):
    table = pd.read_csv(path) if path.suffix == ".csv" else pd.read_parquet(path)
    assert tuple(table.columns) == COLUMNS
    assert not table.duplicated(["origin", "destination"]).any()
    return table.set_index(["origin", "destination"])


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_every_pair_by_hand_and_null_where_there_is_no_trip(files, tmp_path, kind):
    out = tmp_path / f"table.{kind}"
    written = matrix(**files, out=out)
    assert (written.pairs, written.reached, len(written.rejected)) == (8, 4, 0)
    table = read(out)
    expected = {  # metres along the street, metres of connectors
        ("h1", "c1"): (2 * EAST, 0),
        ("h1", "c2"): (7 * EAST, 50),
        ("h2", "c1"): (5 * EAST, 100),
        ("h2", "c2"): (4 * EAST, 150),
    }
    for pair, (street, connectors) in expected.items():
        row = table.loc[pair]
        assert row["metres"] == pytest.approx(street, abs=0.01)
        assert row["connector_metres"] == pytest.approx(connectors, abs=0.01)
        assert row["minutes"] * 60 == pytest.approx(street + connectors, abs=0.01)
    unreached = {(home, clinic) for home in ("islander", "hermit") for clinic in ("c1", "c2")}
    assert set(table.index) == set(expected) | unreached
    assert table.loc[list(unreached)].isna().all(axis=None)


def test_unreached_cells_are_empty_in_csv_and_null_in_parquet(files, tmp_path):
    """Pitfall 5: no number stands for no trip."""
    matrix(**files, out=tmp_path / "table.csv")
    lines = (tmp_path / "table.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "origin,destination,minutes,metres,connector_metres"
    assert "hermit,c1,,," in lines and "islander,c2,,," in lines
    matrix(**files, out=tmp_path / "table.parquet")
    stored = pq.read_table(tmp_path / "table.parquet")
    assert [stored.column(name).null_count for name in COLUMNS] == [0, 0, 4, 4, 4]
    assert not np.isnan(stored.column("minutes").drop_null().to_numpy()).any()


def test_a_limit_keeps_only_pairs_within_it_and_is_inclusive(files, tmp_path):
    matrix(**files, out=tmp_path / "all.parquet")
    whole = read(tmp_path / "all.parquet")["minutes"].dropna()
    for limit in whole:
        written = matrix(**files, out=tmp_path / "some.parquet", minutes=float(limit) + 1e-9)
        some = read(tmp_path / "some.parquet")["minutes"]
        pd.testing.assert_series_equal(some.sort_index(), whole[whole <= limit + 1e-9].sort_index())
        assert (written.pairs, written.reached) == (len(some), len(some))


def test_a_limit_that_nobody_meets_gives_a_table_without_rows(files, tmp_path):
    for kind in ("csv", "parquet"):
        assert matrix(**files, out=tmp_path / f"none.{kind}", minutes=0.01).pairs == 0
        assert len(read(tmp_path / f"none.{kind}")) == 0


def test_direction_from_is_the_table_of_the_way_back(files, tmp_path):
    """A one-way street for a car: away from the clinic at the start there is a way, back there is none."""
    toy_map.write_map(files["streets"], STREETS[0], [toy_map.street(60, highway="residential", oneway="yes")])
    options = {**files, "profile": None, "mode": "car"}
    tables = {}
    for direction in ("to", "from"):
        matrix(**options, out=tmp_path / f"{direction}.csv", direction=direction)
        tables[direction] = read(tmp_path / f"{direction}.csv")["minutes"]
    assert np.isnan(tables["to"]["h1", "c1"]) and np.isnan(tables["from"]["h1", "c2"])
    assert tables["from"]["h1", "c1"] * 60 == pytest.approx(2 * EAST / (30 / 3.6), abs=0.01)
    assert tables["to"]["h1", "c2"] * 60 == pytest.approx(7 * EAST / (30 / 3.6) + 50 / (5 / 3.6), abs=0.01)


def test_more_origins_than_destinations_and_the_reverse_say_the_same(files, tmp_path):
    """The search runs from the smaller side."""
    swapped = {**files, "origins": files["destinations"], "destinations": files["origins"]}
    matrix(**files, out=tmp_path / "many.parquet")
    matrix(**swapped, out=tmp_path / "few.parquet", direction="from")
    many, few = read(tmp_path / "many.parquet"), read(tmp_path / "few.parquet")
    few.index = few.index.swaplevel().set_names(many.index.names)
    pd.testing.assert_frame_equal(few.sort_index(), many.sort_index())


def test_a_bad_row_is_listed_and_the_rest_answered(files, tmp_path):
    homes = points_table(HOMES).astype({"lat": object})
    homes.loc[1, "lat"] = "north"
    homes.to_csv(files["origins"], index=False)
    written = matrix(**files, out=tmp_path / "table.csv")
    assert written.rejected[["file", "row"]].to_numpy().tolist() == [["homes.csv", 2]]
    assert set(read(tmp_path / "table.csv").index.get_level_values("origin")) == {"h1", "islander", "hermit"}


def test_rows_without_an_id_are_numbered_from_one(files, tmp_path):
    points_table(HOMES).drop(columns="id").to_csv(files["origins"], index=False)
    matrix(**files, out=tmp_path / "table.csv")
    assert set(read(tmp_path / "table.csv").index.get_level_values("origin")) == {1, 2, 3, 4}


def test_ids_stay_text(files, tmp_path):
    """A code such as 007 must not become 7."""
    homes = points_table(HOMES).assign(id=["007", "010", "3", "4"])
    homes.to_csv(files["origins"], index=False)
    matrix(**files, out=tmp_path / "table.parquet")
    assert set(read(tmp_path / "table.parquet").index.get_level_values("origin")) == {"007", "010", "3", "4"}


def test_areas_are_entered_at_their_outline(files, tmp_path):
    """A park from 4 to 6 steps, 10 m off the street, is 2 steps and 10 m from h1."""
    park = shapely.box(0.004, 10 / NORTH / 1000, 0.006, 0.002)
    gpd.GeoDataFrame({"id": ["park"]}, geometry=[park], crs="EPSG:4326").to_file(tmp_path / "parks.geojson")
    matrix(**{**files, "destinations": tmp_path / "parks.geojson"}, out=tmp_path / "table.csv")
    row = read(tmp_path / "table.csv").loc[("h1", "park")]
    assert row["metres"] == pytest.approx(2 * EAST, abs=0.01) and row["connector_metres"] == pytest.approx(10, abs=0.01)


def test_only_csv_and_parquet_are_written(files, tmp_path):
    with pytest.raises(InputError, match=r"table\.xlsx.*\.csv or \.parquet"):
        matrix(**files, out=tmp_path / "table.xlsx")


def test_an_unlimited_table_beyond_all_measure_is_refused_before_it_starts(files, tmp_path, monkeypatch):
    """Pitfall 19."""
    monkeypatch.setattr(matrix_module, "MOST_PAIRS", 7)
    with pytest.raises(TooLargeError, match="--minutes"):
        matrix(**files, out=tmp_path / "table.csv")
    assert not (tmp_path / "table.csv").exists()
    assert matrix(**files, out=tmp_path / "table.csv", minutes=60).pairs == 4


def test_ten_thousand_pairs_come_once_each(files, tmp_path):
    """More sources than a block of the search holds."""
    rng = np.random.default_rng(2)
    many = points_table([(f"m{n}", x, 0) for n, x in enumerate(rng.uniform(0, 59, 130))])
    for name in ("origins", "destinations"):
        many.to_csv(files[name], index=False)
    assert matrix(**files, out=tmp_path / "table.parquet").reached == 130 * 130
    table = read(tmp_path / "table.parquet")["minutes"].unstack()
    at = many.set_index("id")["lon"].loc[table.index].to_numpy() / toy_map.DEGREES
    assert table.to_numpy() * 60 == pytest.approx(np.abs(np.subtract.outer(at, at)) * EAST, abs=0.02)


def test_an_id_that_a_spreadsheet_would_run_is_made_safe_and_found_again(files, tmp_path):
    """Ids are looked up by programs: a number with a sign stays, and `site` takes the table as it is."""
    homes, clinics = ("id,lon,lat\n=1+1,0.002,0\n-7,0.005,0\n", "id,lon,lat\n@c,0,0\n")
    (tmp_path / "homes.csv").write_text(homes, encoding="utf-8")
    (tmp_path / "clinics.csv").write_text(clinics, encoding="utf-8")
    matrix(**files, out=tmp_path / "table.csv")
    table = pd.read_csv(tmp_path / "table.csv", dtype=str)
    assert sorted(table["origin"]) == ["'=1+1", "-7"] and set(table["destination"]) == {"'@c"}
    (tmp_path / "people.csv").write_text("id,people\n=1+1,10\n-7,20\n", encoding="utf-8")
    plan = site_tables(tmp_path / "table.csv", demand=tmp_path / "people.csv", problem="p-median", p=1)
    assert plan.demand.tolist() == ["=1+1", "-7"] and plan.candidates.tolist() == ["@c"]
