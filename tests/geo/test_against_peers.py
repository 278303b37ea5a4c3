"""The engine beside other routers on the same extracts: Valhalla's walking distances, r5r's walking minutes.

Neither follows the travel model to the letter (Valhalla leaves connectors out and adds small penalties), so the middle of
many pairs must agree, not each pair.
"""

import engine
import numpy as np
import pandas as pd
import pytest

STREETS = {
    "poa": "porto-alegre-sao-paulo/poa/poa_osm.pbf",
    "shenzhen": "china-osm/shenzhen_longgang.osm",
    "comoros": "comoros/com-test-data/raw/osm/comores-latest.osm.pbf",
    "nky": "northern-kentucky/streets.osm.pbf",
}


def street_metres(net, pairs):
    """Metres along streets for rows of (from_id, from_lon, from_lat, to_id, to_lon, to_lat)."""
    ends = []
    for side in ("from", "to"):
        places = pairs.drop_duplicates(f"{side}_id").set_index(f"{side}_id")
        ends.append((places.index, net.snap(places[f"{side}_lon"], places[f"{side}_lat"])))
    (origins, first), (destinations, last) = ends
    metres = net.matrix(first, last)[1]
    return metres[origins.get_indexer(pairs["from_id"]), destinations.get_indexer(pairs["to_id"])]


@pytest.mark.parametrize(
    ("table", "speed_kmh"),
    [("poa_hex200_to_healthcare_walk36", 3.6), ("poa_poi_walk36", 3.6), ("shenzhen_longgang_fac_walk5", 5.0)],
)
def test_walking_distances_agree_with_valhalla(shared_data, shared_reference, table, speed_kmh):
    pairs = pd.read_csv(shared_reference / "valhalla" / f"{table}.csv")
    net = engine.network(shared_data / STREETS[table.split("_")[0]], "walk", speed_kmh=speed_kmh)
    theirs, ours = 1000 * pairs["dist_km"].to_numpy(), street_metres(net, pairs)
    both = (theirs > 300) & ~np.isnan(ours)
    assert both.sum() > 0.9 * (theirs > 300).sum()
    ratio = ours[both] / theirs[both]
    assert 0.98 < np.median(ratio) < 1.02
    assert np.mean(np.abs(ratio - 1) < 0.1) > 0.8


@pytest.mark.parametrize("table", ["poa_poi_auto", "shenzhen_longgang_fac_auto", "nky_pitch_to_hospital_auto"])
def test_driving_distances_are_of_the_same_size_as_valhallas(shared_data, shared_reference, table):
    """Speeds differ, so routes do; the middle of all distances hardly moves."""
    pairs = pd.read_csv(shared_reference / "valhalla" / f"{table}.csv")
    net = engine.network(shared_data / STREETS[table.split("_")[0]], "car")
    theirs, ours = 1000 * pairs["dist_km"].to_numpy(), street_metres(net, pairs)
    both = (theirs > 1000) & ~np.isnan(ours)
    assert both.sum() > 0.8 * (theirs > 1000).sum()
    assert 0.95 < np.median(ours[both] / theirs[both]) < 1.05


def test_walking_minutes_agree_with_r5r(shared_data):
    """Numbers of r5r 2.x from the data's README, whole minutes at 3.6 km/h."""
    minutes = {"townhall": 3, "santa_casa_hospital": 13, "piratini_palace": 14, "metropolitan_cathedral": 15}
    folder = shared_data / "porto-alegre-sao-paulo" / "poa"
    places = pd.read_csv(folder / "poa_points_of_interest.csv").set_index("id")
    net = engine.network(folder / "poa_osm.pbf", "walk", speed_kmh=3.6)
    origin, ends = (net.snap(rows["lon"], rows["lat"]) for rows in (places.loc[["public_market"]], places.loc[list(minutes)]))
    assert net.matrix(origin, ends)[0][0] / 60 == pytest.approx(list(minutes.values()), abs=1)
