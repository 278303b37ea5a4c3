"""Slopes on toys: a plane that rises northwards, a valley under a bridge, a hole in the raster."""

from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from lifecircle.geo.errors import InputError
from lifecircle.geo.modes import travel_mode
from lifecircle.geo.network.building import build_graph
from lifecircle.geo.reading.osm import read_osm
from lifecircle.geo.streets import Streets
from lifecircle.geo.terrain import node_heights, tobler_factor

STEP = 0.001  # degrees between nodes, about 111 m
WALK = 5 / 3.6


def street(folder: Path, count: int = 6, **tags: dict[int, str]) -> Streets:
    """A street northwards from the equator; `tags` gives values for single segments, each a way of its own."""
    nodes = "".join(f'<node id="{i + 1}" lat="{i * STEP}" lon="0"/>' for i in range(count))
    ways = ""
    for i in range(count - 1):
        own = "".join(f'<tag k="{key}" v="{values[i]}"/>' for key, values in tags.items() if i in values)
        highway = "" if i in tags.get("highway", {}) else '<tag k="highway" v="footway"/>'
        ways += f'<way id="{i + 1}"><nd ref="{i + 1}"/><nd ref="{i + 2}"/>{highway}{own}</way>'
    file = folder / "street.osm"
    file.write_text(f'<osm version="0.6">{nodes}{ways}</osm>', encoding="utf-8")
    return read_osm(file).streets


def raster(folder: Path, height_at_row: np.ndarray, nodata: float | None = None) -> Path:
    """A raster whose rows, from south to north, have these heights; one cell per step, centred on the nodes."""
    file = folder / "heights.tif"
    cells = np.repeat(np.asarray(height_at_row, np.float32)[::-1, None], 3, axis=1)
    transform = from_origin(-1.5 * STEP, (len(height_at_row) - 0.5) * STEP, STEP, STEP)
    profile = {"driver": "GTiff", "width": 3, "height": len(height_at_row), "count": 1, "dtype": "float32", "crs": "EPSG:4326"}
    with rasterio.open(file, "w", transform=transform, nodata=nodata, **profile) as target:
        target.write(cells, 1)
    return file


def test_toblers_published_values() -> None:
    """domain.md 3.3: km/h at grades of 0, +10, -10, +20, -20 and -5 %."""
    kmh = 6 * np.exp(-3.5 * 0.05) * tobler_factor(np.array([0, 0.1, -0.1, 0.2, -0.2, -0.05]))
    assert kmh == pytest.approx([5.04, 3.55, 5.04, 2.50, 3.55, 6.0], abs=0.005)


def test_uphill_and_downhill_cost_what_tobler_says(tmp_path: Path) -> None:
    streets = street(tmp_path)
    graph = build_graph(streets, travel_mode("walk"), node_heights(streets, raster(tmp_path, 11.0574 * np.arange(8))))
    assert graph.edge_metres.sum() == pytest.approx(5 * 110.574, abs=0.01)
    up, down = sorted([graph.edge_forward.sum(), graph.edge_backward.sum()], reverse=True)
    assert up == pytest.approx(5 * 110.574 / WALK / np.exp(-3.5 * 0.1), rel=1e-3)  # +10 %
    assert down == pytest.approx(5 * 110.574 / WALK, rel=1e-3)  # -10 % is as fast as flat


def test_a_bridge_over_a_valley_is_level_even_if_drawn_in_two_ways(tmp_path: Path) -> None:
    streets = street(tmp_path, bridge={1: "yes", 2: "yes"})
    valley = node_heights(streets, raster(tmp_path, np.array([10, 10, -40, 20, 20, 20, 20, 20])))
    assert valley.metres[:4] == pytest.approx([10, 10, 15, 20], abs=1e-3)


def test_a_street_without_a_bridge_goes_down_into_the_valley(tmp_path: Path) -> None:
    streets = street(tmp_path)
    assert node_heights(streets, raster(tmp_path, np.array([10, 10, -40, 20, 20, 20, 20, 20]))).metres[2] == pytest.approx(
        -40, abs=1e-3
    )


def test_missing_cells_count_as_flat_and_are_reported(tmp_path: Path) -> None:
    streets = street(tmp_path)
    heights = node_heights(streets, raster(tmp_path, np.array([0, 50, -9999, -9999, -9999, -9999, 0, 0]), nodata=-9999))
    assert heights.missing_share == pytest.approx(4 / 6)
    graph = build_graph(streets, travel_mode("walk"), heights)
    flat = build_graph(streets, travel_mode("walk"))
    assert np.isfinite(graph.edge_forward).all()
    assert graph.piece_forward[-1, 1] > 0
    assert graph.edge_forward.sum() > flat.edge_forward.sum()


def test_wheelchairs_take_no_steps_and_no_grade_over_twelve_percent(tmp_path: Path) -> None:
    gentle, steep = 0.11 * 110.574, 0.13 * 110.574
    streets = street(tmp_path, highway={4: "steps"})
    heights = node_heights(streets, raster(tmp_path, np.array([0, gentle, gentle + steep, gentle + steep, 0, 0, 0, 0])))
    chair = build_graph(streets, travel_mode("walk", profile="wheelchair"), heights)
    assert chair.edge_metres.sum() == pytest.approx(2 * 110.574, rel=1e-3)  # the gentle and the level segment
    walker = build_graph(streets, travel_mode("walk"), heights)
    assert walker.edge_metres.sum() == pytest.approx(5 * 110.574, rel=1e-3)


def test_level_steps_keep_half_speed_and_steep_ones_are_not_slowed_twice(tmp_path: Path) -> None:
    streets = street(tmp_path, count=2, highway={0: "steps"})
    for rise, factor in ((0.0, 0.5), (0.1, 0.5), (0.3, float(np.exp(-3.5 * 0.3)))):
        heights = node_heights(streets, raster(tmp_path, rise * 110.574 * np.arange(4)))
        graph = build_graph(streets, travel_mode("walk"), heights)
        slower = max(graph.edge_forward[0], graph.edge_backward[0])
        assert slower == pytest.approx(110.574 / WALK / factor, rel=1e-3)


def test_cars_do_not_feel_slopes(tmp_path: Path) -> None:
    streets = street(tmp_path, highway=dict.fromkeys(range(5), "residential"))
    heights = node_heights(streets, raster(tmp_path, 11.0 * np.arange(8)))
    hilly, flat = (build_graph(streets, travel_mode("car"), given) for given in (heights, None))
    np.testing.assert_array_equal(hilly.edge_forward, flat.edge_forward)


def test_a_raster_elsewhere_is_one_clear_error(tmp_path: Path) -> None:
    streets = street(tmp_path)
    file = tmp_path / "elsewhere.tif"
    with rasterio.open(
        file,
        "w",
        driver="GTiff",
        width=2,
        height=2,
        count=1,
        dtype="float32",
        crs="EPSG:4326",
        transform=from_origin(50, 50, 1, 1),
    ) as target:
        target.write(np.ones((1, 2, 2), np.float32))
    with pytest.raises(InputError, match=r"elsewhere\.tif: holds no height from -500 to 9,000 m at any street"):
        node_heights(streets, file)


def described(file: Path, **description: object) -> Path:
    """Say more of a raster that is there: its scale, its offset, its colours."""
    with rasterio.open(file, "r+") as target:
        for name, value in description.items():
            setattr(target, name, value)
    return file


def picture(folder: Path, *, count: int = 1, dtype: str = "uint8", **more: object) -> Path:
    """A raster of the same number everywhere, over the street."""
    file = folder / "picture.tif"
    profile = {"driver": "GTiff", "width": 9, "height": 9, "count": count, "dtype": dtype, "crs": "EPSG:4326", **more}
    with rasterio.open(file, "w", transform=from_origin(-4 * STEP, 7 * STEP, STEP, STEP), **profile) as target:
        target.write(np.full((count, 9, 9), 120, dtype))
    return file


def test_scale_and_offset_are_applied(tmp_path: Path) -> None:
    """Decimetres above 20 m: 120 stands for 32 m."""
    decimetres = described(picture(tmp_path, dtype="int16"), scales=(0.1,), offsets=(20.0,))
    assert node_heights(street(tmp_path), decimetres).metres == pytest.approx(np.full(6, 32.0))


def test_a_declared_void_stays_one_whatever_the_scale(tmp_path: Path) -> None:
    """-99 scaled by 0.1 would pass for a height."""
    file = described(raster(tmp_path, np.array([10, 10, -99, 10, 10, 10, 10, 10]), nodata=-99), scales=(0.1,))
    assert node_heights(street(tmp_path), file).metres == pytest.approx([1, 1, np.nan, 1, 1, 1], nan_ok=True)


@pytest.mark.parametrize("void", [-32768.0, -9999.0, -500.1, 9000.1, 3.4e38, np.inf, -np.inf, np.nan])
def test_what_is_no_height_on_earth_is_missing(tmp_path: Path, void: float) -> None:
    heights = node_heights(street(tmp_path), raster(tmp_path, np.array([100, 100, void, 100, 100, 100, 100, 100])))
    assert heights.metres == pytest.approx([100, 100, np.nan, 100, 100, 100], nan_ok=True)
    assert heights.missing_share == pytest.approx(1 / 6)


def test_the_lowest_and_the_highest_places_have_heights(tmp_path: Path) -> None:
    heights = node_heights(street(tmp_path), raster(tmp_path, np.array([-500, -430, 0, 0, 8849, 9000, 9000, 9000])))
    assert heights.metres == pytest.approx([-500, -430, 0, 0, 8849, 9000], abs=1e-3)


def test_a_void_does_not_pull_down_the_places_beside_it(tmp_path: Path) -> None:
    """Half a cell off, a node lies between a height and a void: it has the height."""
    file = raster(tmp_path, np.array([100, 100, -32768, 100, 100, 100, 100, 100]))
    described(file, transform=from_origin(-1.5 * STEP, 8 * STEP, STEP, STEP))
    assert node_heights(street(tmp_path), file).metres == pytest.approx(np.full(6, 100.0))


def test_only_voids_are_said_to_be_no_heights(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no height from -500 to 9,000 m at any street"):
        node_heights(street(tmp_path), raster(tmp_path, np.full(8, -32768)))


def test_pictures_are_no_heights(tmp_path: Path) -> None:
    streets = street(tmp_path)
    for options in ({"count": 3}, {"count": 4, "dtype": "uint16"}, {"count": 3, "photometric": "RGB"}):
        with pytest.raises(InputError, match=r"picture\.tif: is a picture"):
            node_heights(streets, picture(tmp_path, **options))


def test_a_colour_table_makes_a_picture_of_one_band(tmp_path: Path) -> None:
    file = picture(tmp_path, photometric="PALETTE")
    with rasterio.open(file, "r+") as target:
        target.write_colormap(1, {120: (200, 10, 10, 255)})
    with pytest.raises(InputError, match=r"picture\.tif: is a picture"):
        node_heights(street(tmp_path), file)


@pytest.mark.parametrize("options", [{}, {"count": 2}, {"dtype": "int16"}, {"count": 2, "alpha": "unspecified"}])
def test_heights_of_few_bits_or_with_a_second_band_are_read(tmp_path: Path, options: dict[str, object]) -> None:
    assert node_heights(street(tmp_path), picture(tmp_path, **options)).metres == pytest.approx(np.full(6, 120.0))
