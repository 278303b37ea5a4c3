"""Streets: the important ones first, within the budget."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from lifecircle.maps import basemap
from lifecircle.maps.packing import Bundle


def street_table(rows):
    frame = pd.DataFrame([row[:2] for row in rows], columns=["highway", "name"])
    return gpd.GeoDataFrame(frame, geometry=[shapely.LineString(row[2]) for row in rows], crs="EPSG:4326")


STREETS = street_table(
    [
        ("footway", None, [(0, 0), (0.01, 0.02)]),
        ("motorway_link", "Ring", [(0, 0), (0, 0.1)]),
        ("residential", "短路", [(0, 0), (0.01, 0)]),
        ("residential", "短路", [(0.01, 0), (0.05, 0.04)]),
    ]
)


def test_ranks_put_links_with_their_parents_and_the_unknown_last():
    kinds = pd.Series(["trunk", "trunk_link", "primary", "tertiary", "living_street", "track", "cycleway"])
    assert basemap.street_ranks(kinds).tolist() == [0, 0, 1, 3, 4, 5, 5]


def test_whole_classes_are_left_out_beyond_the_budget(monkeypatch):
    monkeypatch.setattr(basemap, "_VERTICES", 6)
    assert basemap.pack_streets(STREETS, Bundle())["count"] == 3


def test_a_name_is_written_once_along_its_longest_stretch():
    head = basemap.pack_street_names(STREETS, Bundle())
    assert head["names"] == ["Ring", "短路"]


@pytest.mark.parametrize(("end", "degrees"), [((0.02, 0.02), 45), ((0.02, 0), 0), ((0, 0.02), 90)])
def test_names_lie_along_the_street(end, degrees):
    lines = np.array([shapely.LineString([(0, 0), end])], dtype=object)
    middle, angle = basemap._middles(lines)
    assert np.degrees(angle[0]) == pytest.approx(degrees, abs=0.1)
    assert middle[0].x == pytest.approx(end[0] / 2)


def test_no_streets_at_all():
    empty = STREETS.iloc[:0]
    assert basemap.pack_streets(empty, Bundle()) == {"count": 0}
    assert basemap.pack_street_names(empty, Bundle()) == {"names": []}
