"""Longitude and latitude exchanged: one error that names table, columns and remedy, for files and tables, everywhere."""

import geopandas as gpd
import pandas as pd
import pytest
import toy_map
import toy_siting

import lifecircle as lc
from lifecircle.geo.errors import LifecircleError, StudyError

EAST, NORTH = 39_400, 75_900  # steps: a street at 39.4 E, 75.9 N would be exchanged with Kashgar's 75.9 E, 39.4 N
TRAVEL = {"mode": "walk", "profile": "child"}


@pytest.fixture(scope="module")
def streets(tmp_path_factory):
    """A street of 60 steps at Kashgar, where both figures may be longitudes or latitudes."""
    return toy_map.write_map(tmp_path_factory.mktemp("kashgar") / "s.osm", toy_map.row(60, x=NORTH, y=EAST), [toy_map.street(60)])


def table(lon=75.9, lat=39.4, **names):
    places = pd.DataFrame({"id": ["a", "b"], "lon": [lon, lon + 0.01], "lat": [lat, lat]})
    return places.rename(columns=names)


def swapped(**names):
    return table().rename(columns={"lon": "lat", "lat": "lon"}).rename(columns=names)


def shapes(places):
    return gpd.GeoDataFrame(places[["id"]], geometry=gpd.points_from_xy(places["lon"], places["lat"]), crs=4326)


def in_a_file(places, folder):
    places.to_csv(folder / "list.csv", index=False)
    return folder / "list.csv"


FORMS = {
    "table": (lambda folder: swapped(), r"people: .*\(lon / lat; .*longitude 39\.4000, latitude 75\.9000\).*2 would; exchange"),
    "named": (lambda folder: swapped(lon="经度", lat="纬度"), r"people: .*\(经度 / 纬度;"),
    "shapes": (lambda folder: shapes(swapped()), r"people: .*\(geometry;"),
    "file": (lambda folder: in_a_file(swapped(), folder), r"list\.csv: .*\(lon / lat;.*`x:` and `y:`"),
}


@pytest.mark.parametrize("form", FORMS)
def test_people_and_facilities_of_tables_and_files(streets, tmp_path, monkeypatch, form):
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    make, words = FORMS[form]
    wrong = make(tmp_path)
    with pytest.raises(StudyError, match=words):
        lc.nearest(streets, wrong, table(), **TRAVEL)
    for call in (
        lambda: lc.nearest(streets, table(), wrong, **TRAVEL),
        lambda: lc.matrix(streets, wrong, table(), **TRAVEL),
        lambda: lc.matrix(streets, table(), wrong, **TRAVEL),
        lambda: lc.isochrones(streets, wrong, 5, **TRAVEL),
    ):
        with pytest.raises(StudyError, match="longitude and latitude look exchanged"):
            call()


def test_what_is_right_or_only_far_away_is_not_suspected(streets):
    assert lc.nearest(streets, table(), table(), **TRAVEL)["status"].tolist() == ["covered", "covered"]
    far = lc.nearest(streets, table(lon=80.0), table(), **TRAVEL)
    assert far["status"].tolist() == ["unconnected", "unconnected"]
    one_off = pd.concat([table(), swapped().iloc[:1].assign(id="c")])
    assert lc.nearest(streets, one_off, table(), **TRAVEL)["status"].tolist() == ["covered", "covered", "unconnected"]


@pytest.mark.parametrize(
    ("places", "words"),
    [
        (swapped().assign(lat=121.0, lon=28.4), r"people: no row can be used.*row 0: .*look swapped, exchange `x:` and `y:`"),
        (table(lon=627_365.0, lat=3_146_783.0), r"people: lon 627365 and lat 3146783 are no degrees: declare"),
        (
            shapes(table(lon=627_365.0, lat=3_146_783.0)),
            "people: .*beyond longitude 180 or latitude 90 degrees",
        ),
    ],
)
def test_what_no_degree_can_be_is_refused_by_the_readers(streets, places, words):
    with pytest.raises(LifecircleError, match=words):
        lc.nearest(streets, places, table(), **TRAVEL)


@pytest.mark.parametrize(("file", "layer"), [("people.csv", "demand"), ("facilities.csv", "facilities.health")])
def test_a_study_is_refused_and_its_check_says_so(tmp_path, file, layer):
    study = at_kashgar(tmp_path)
    exchange(tmp_path / file)
    with pytest.raises(StudyError, match=rf"{file}: longitude and latitude look exchanged"):
        lc.run(study, out=tmp_path / "out", lang="en")
    with pytest.raises(StudyError, match=rf"{file}：经度与纬度似乎颠倒"):
        lc.run(study, out=tmp_path / "out", lang="zh")
    found = [finding.message for finding in lc.check(study, lang="en") if finding.layer == layer]
    assert any("look exchanged" in message for message in found)


def test_candidates_are_looked_at_too(tmp_path):
    study = at_kashgar(tmp_path)
    exchange(tmp_path / "plots.csv")
    with pytest.raises(StudyError, match=r"plots\.csv: longitude and latitude look exchanged"):
        lc.site(study, service="health", p=1, out=tmp_path / "site", lang="en")


def at_kashgar(folder):
    """The toy study of siting, moved to where both figures may be longitudes or latitudes."""
    study = toy_siting.write_siting(folder, streets=(toy_map.row(60, x=NORTH, y=EAST), [toy_map.street(60)]))
    for name in ("people", "facilities", "plots"):
        places = pd.read_csv(folder / f"{name}.csv")
        places.assign(lon=places["lon"] + 75.9, lat=places["lat"] + 39.4).to_csv(folder / f"{name}.csv", index=False)
    return study


def exchange(file):
    pd.read_csv(file).rename(columns={"lon": "lat", "lat": "lon"}).to_csv(file, index=False)
