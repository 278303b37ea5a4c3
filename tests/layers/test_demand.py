"""Demand: people per unit, never 0 because they are missing."""

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from hypothesis import given
from hypothesis import strategies as st
from rasterio.transform import from_origin
from shapely import LineString, Point, Polygon, box

from lifecircle.geo.errors import InputError, TooLargeError
from lifecircle.layers import population_raster
from lifecircle.layers.demand import read_demand
from lifecircle.layers.source import Source
from lifecircle.layers.units import lattice_metres, unit_points


def csv(folder, text):
    (folder / "people.csv").write_text(text, encoding="utf-8")
    return folder / "people.csv"


def asked(file, source=None, **options):
    return read_demand(Source(file=file, **(source or {})), **options)


def raster(folder, *bands, name="people.tif", crs="EPSG:4326", transform=None, nodata=-99999.0):
    cells = np.array(bands, dtype=np.float32)
    grid = transform or from_origin(120, 30, 0.001, 0.001)
    shape = {"count": cells.shape[0], "height": cells.shape[1], "width": cells.shape[2]}
    with rasterio.open(
        folder / name, "w", driver="GTiff", dtype="float32", crs=crs, transform=grid, nodata=nodata, **shape
    ) as file:
        file.write(cells)
    return folder / name


def test_people_that_are_no_number_are_rejected_never_zero(tmp_path):
    rows = ["a,120,30,5", "b,120,30,", "c,120,30,-1", "d,120,30,many", "e,120,30,0", "f,,,7", ",120,30,7"]
    demand = read_demand(Source(file=csv(tmp_path, "id,lon,lat,pop\n" + "\n".join(rows)), id="id"), people="pop")
    assert demand.table["id"].tolist() == ["a", "e"]
    assert demand.table["people"].tolist() == [5, 0]
    assert demand.table.index.tolist() == [0, 1]
    reasons = demand.rejected.set_index("row")["reason"]
    assert sorted(reasons.index) == [2, 3, 4, 6, 7]
    assert "missing" in reasons[2]
    assert "below 0" in reasons[3]
    assert "no number" in reasons[4]
    assert "id is missing" in reasons[7]


def test_ids_stay_text_and_must_be_unique(tmp_path):
    file = csv(tmp_path, "code,lon,lat,pop\n0010,120,30,1\n0011,120,30,1\n0010,120,30,4\n")
    demand = read_demand(Source(file=file, id="code"), people="pop")
    assert demand.table["id"].tolist() == ["0010", "0011"] and demand.refused_people == 4
    assert demand.rejected[["row", "value"]].values.tolist() == [[3, "0010"]]
    assert "the id stands in row 1 already" in demand.rejected["reason"][0]
    assert read_demand(file, people="pop").table["id"].tolist() == ["1", "2", "3"]
    whole = csv(tmp_path, "code,lon,lat,pop\n330102001000,120,30,1\n,120,30,1\n")
    assert read_demand(Source(file=whole, id="code"), people="pop").table["id"].tolist() == ["330102001000"]


def test_groups_keep_unknown_as_unknown(tmp_path):
    file = csv(tmp_path, "lon,lat,pop,kids\n120,30,9,2\n120,30,9,\n120,30,9,-4\n120,30,9,few\n")
    demand = read_demand(file, people="pop", groups={"children": "kids"})
    assert demand.table["group.children"].fillna(-1).tolist() == [2, -1, -1, -1]
    assert demand.rejected["row"].tolist() == [3, 4]
    assert len(demand.table) == 4


def test_urban_column(tmp_path):
    file = csv(tmp_path, "lon,lat,pop,class\n120,30,9,城镇\n120,30,x,?\n120,30,9,乡村\n")
    assert read_demand(file, people="pop", urban="class").table["urban"].tolist() == [True, False]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"people": "population"}, "no column 'population'; did you mean 'pop'"),
        ({"people": "pop", "source": {"id": "code"}}, "no column 'code'"),
        ({"people": "pop", "groups": {"children": "kids"}}, "no column 'kids'"),
        ({"people": "name"}, r"no row can be used, 1 rejected; row 1: the number of people is no number"),
    ],
)
def test_unusable_columns(tmp_path, options, message):
    with pytest.raises(InputError, match=rf"people\.csv: {message}"):
        asked(csv(tmp_path, "name,lon,lat,pop\nx,120,30,1\n"), **options)


def test_nobody_lives_on_a_line(tmp_path):
    shapes = [box(120, 30, 121, 31), LineString([(120, 30), (121, 30)]), Point(120, 30)]
    gpd.GeoDataFrame({"pop": [1, 2, 3]}, geometry=shapes, crs=4326).to_parquet(tmp_path / "a.parquet")
    demand = read_demand(tmp_path / "a.parquet", people="pop")
    assert demand.table["people"].tolist() == [1, 3]
    assert demand.rejected["value"].tolist() == ["LineString"]


def test_raster_cells_with_people_become_units(tmp_path):
    file = raster(tmp_path, [[1.5, -99999, 0], [np.nan, -2, 4]], [[1, 1, 1], [1, 1, -99999]])
    demand = read_demand(file, people=1, groups={"women": 2})
    assert demand.table["id"].tolist() == ["r0c0", "r1c2"]
    assert demand.table["people"].tolist() == [1.5, 4]
    assert demand.table["group.women"].fillna(-1).tolist() == [1, -1]
    assert demand.table.geometry.x.tolist() == pytest.approx([120.0005, 120.0025])
    assert demand.table.geometry.y.tolist() == pytest.approx([29.9995, 29.9985])
    assert demand.skipped == {"no data": 2, "negative": 1, "zero": 1}
    assert demand.rejected["value"].tolist() == ["1 cells"]
    assert demand.grid.shape == (2, 3)
    assert (demand.grid.rows.tolist(), demand.grid.columns.tolist()) == ([0, 1], [0, 2])
    # 0.001 degrees at 30 N are 96.5 m by 110.9 m
    assert demand.cell_metres == pytest.approx((96.5 * 110.9) ** 0.5, abs=0.2)


def test_projected_raster(tmp_path):
    file = raster(tmp_path, [[1, 2]], crs="EPSG:4549", transform=from_origin(500_000, 3_320_163.4, 100, 100))
    demand = read_demand(file, people="1")
    assert demand.cell_metres == pytest.approx(100, abs=0.01)
    # the centre of the left cell is 50 m east of 120 E and on 30 N
    assert demand.table.geometry.y.iloc[0] == pytest.approx(30, abs=1e-6)
    assert demand.table.geometry.x.iloc[0] == pytest.approx(120 + 50 / 96_486, abs=1e-6)


def test_windows_do_not_change_the_answer(tmp_path, monkeypatch):
    cells = np.random.default_rng(3).integers(-1, 3, size=(40, 30))
    file = raster(tmp_path, cells)
    whole = read_demand(file, people=1)
    monkeypatch.setattr(population_raster, "WINDOW_CELLS", 90)
    parts = read_demand(file, people=1)
    assert whole.table.equals(parts.table)
    assert whole.skipped == parts.skipped
    assert whole.table["people"].sum() == cells[cells > 0].sum()
    assert sum(whole.skipped.values()) + len(whole.table) == cells.size


def test_group_raster_on_the_same_grid(tmp_path):
    raster(tmp_path, [[3, 4]], name="old.tif")
    raster(tmp_path, [[3, 4, 5]], name="wide.tif")
    file = raster(tmp_path, [[10, 20]])
    assert read_demand(file, people=1, groups={"old": "old.tif"}).table["group.old"].tolist() == [3, 4]
    with pytest.raises(InputError, match=r"wide\.tif: its cells are not those of people\.tif"):
        read_demand(file, people=1, groups={"old": "wide.tif"})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"people": "pop"}, "no band number"),
        ({"people": 2}, "no band 2"),
        ({"people": 1, "source": {"where": "x > 0"}}, "`where:` does not apply"),
        ({"people": 1, "source": {"crs": "GCJ-02"}}, "cannot be in GCJ-02"),
    ],
)
def test_unusable_raster_options(tmp_path, options, message):
    with pytest.raises(InputError, match=rf"people\.tif: .*{message}"):
        asked(raster(tmp_path, [[1, 2]]), **options)


def test_unusable_rasters(tmp_path, monkeypatch):
    with pytest.raises(InputError, match="no cell has people"):
        read_demand(raster(tmp_path, [[0, 0]]), people=1)
    with pytest.raises(InputError, match="declares no coordinate system"):
        read_demand(raster(tmp_path, [[1, 0]], crs=None), people=1)
    (tmp_path / "broken.tif").write_bytes(b"no tiff")
    with pytest.raises(InputError, match=r"broken\.tif: cannot be read"):
        read_demand(tmp_path / "broken.tif", people=1)
    monkeypatch.setattr(population_raster, "MOST_UNITS", 1)
    with pytest.raises(TooLargeError, match="more than 1 cells have people"):
        read_demand(raster(tmp_path, [[1, 1]]), people=1)


def test_unit_points_lie_inside():
    crescent = Polygon([(120, 30), (120.2, 30), (120.2, 30.01), (120.01, 30.01), (120.01, 30.2), (120, 30.2)])
    lon, lat = unit_points(gpd.GeoSeries([Point(120, 30), box(120, 30, 120.1, 30.1), crescent], crs=4326))
    assert (lon[0], lat[0]) == (120, 30)
    assert (lon[1], lat[1]) == pytest.approx((120.05, 30.05), abs=1e-4)
    assert crescent.contains(Point(lon[2], lat[2]))
    assert not crescent.contains(crescent.centroid)


@given(st.floats(-179, 178), st.floats(-60, 60), st.floats(0.001, 0.2))
def test_unit_point_of_a_box_is_near_its_middle(west, south, size):
    lon, lat = unit_points(gpd.GeoSeries([box(west, south, west + size, south + size)], crs=4326))
    assert lon[0] == pytest.approx(west + size / 2, abs=size / 100)
    assert lat[0] == pytest.approx(south + size / 2, abs=size / 100)


def test_lattices_are_told_from_scatter_and_hexagons():
    east, north = (axis.ravel() for axis in np.meshgrid(np.arange(30), np.arange(30)))
    square = lattice_metres(120 + east * 0.001, 30 + north * 0.001)
    assert square == pytest.approx(96.5, abs=0.5)
    hexagons = lattice_metres(120 + (east + north % 2 / 2) * 0.001 / 0.866, 30 + north * 0.001 * 0.866)
    assert hexagons is None
    scatter = np.random.default_rng(1).uniform(0, 0.1, size=(2, 900))
    assert lattice_metres(120 + scatter[0], 30 + scatter[1]) is None
    assert lattice_metres(np.full(9, 120.0), np.full(9, 30.0)) is None


def test_comoros_population(shared_data):
    demand = read_demand(shared_data / "comoros" / "com-test-data" / "input" / "population.tif", people=1)
    assert demand.table["people"].sum() == pytest.approx(869_595, abs=1)
    assert len(demand.table) + sum(demand.skipped.values()) == 1270 * 1576
    assert demand.cell_metres == pytest.approx(91.5, abs=0.1)
    assert demand.table["id"].is_unique


def test_porto_alegre_hexagons(shared_data):
    file = shared_data / "porto-alegre-sao-paulo" / "poa" / "poa_hexgrid.csv"
    demand = read_demand(Source(file=file, id="id"), people="population", groups={"jobs": "jobs"})
    assert (len(demand.table), demand.table["people"].sum()) == (1227, 812_935)
    assert demand.cell_metres is None
    anonymous = read_demand(file, people="population")
    assert anonymous.cell_metres is None


def test_northern_kentucky_blocks(shared_data):
    file = shared_data / "northern-kentucky" / "block-groups" / "block-groups.shp"
    demand = read_demand(file, people="people", groups={"women": "females", "men": "males"})
    assert len(demand.table) == 3114
    assert demand.table["people"].sum() == demand.table[["group.women", "group.men"]].sum().sum()
    lon, lat = unit_points(demand.table.geometry)
    assert demand.table.geometry.intersects(gpd.GeoSeries(gpd.points_from_xy(lon, lat), crs=4326)).all()
