"""The reference model beside tables that an independent program computed on real extracts."""

import csv

import numpy as np
import pytest
import reference_model

FILES = {
    "shanghai_huangpu": "china-osm/shanghai_huangpu.osm",
    "shenzhen_longgang": "china-osm/shenzhen_longgang.osm",
    "porto": "osm-odd/porto_portugal.osm.pbf",
}
SMALL = ["shanghai_huangpu", "shenzhen_longgang"]
TABLES = {"walk": "walk5", "car": "car"}


def columns(file, *names):
    """Columns of numbers, NaN where empty."""
    with file.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    return [np.array([float(row[name] or "nan") for row in rows]) for name in names]


@pytest.mark.parametrize("mode", TABLES)
@pytest.mark.parametrize("name", [*SMALL, pytest.param("porto", marks=pytest.mark.slow)])
def test_seconds_metres_and_snaps_are_those_of_the_table(shared_data, shared_reference, name, mode):
    folder = shared_reference / "model2"
    if not folder.is_dir():
        pytest.skip("no tables of travel model 2 beside the shared extracts")
    net = reference_model.network(shared_data / FILES[name], mode, ferries="none")
    points, facilities = (net.snap(*columns(folder / f"{name}_{of}.csv", "lon", "lat")) for of in ("points", "facilities"))
    seconds, _, metres = net.nearest_trips(points, facilities)
    names = ("seconds", "metres", "snap_metres", "snap_class")
    expected = dict(zip(names, columns(folder / f"{name}_{TABLES[mode]}.csv", *names), strict=True))
    assert [snap.snap_class for snap in points] == np.nan_to_num(expected["snap_class"]).tolist()
    assert [snap.metres for snap in points] == pytest.approx(expected["snap_metres"], abs=0.02, nan_ok=True)
    assert seconds == pytest.approx(expected["seconds"], abs=0.02, nan_ok=True)
    assert metres == pytest.approx(expected["metres"], abs=0.1, nan_ok=True)
