"""Studies that tables answer: no streets, sometimes no people; whole plans; goals named one by one must be answerable."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely
import yaml

from lifecircle.geo.errors import StudyError
from lifecircle.layers.goals import RatioGoal
from lifecircle.studies.coverage.run import run
from lifecircle.studies.file.lacks import lacks
from lifecircle.studies.file.reading import read_study
from lifecircle.studies.speech.messages import speaker

COUNTIES = "zhejiang-counties/zhejiang_county_amap_wgs84.geojson"
OSM = "shanghai-facilities/shanghai_nzj_facilities.osm.pbf"
BOTH_COUNTIES = {"level": "county", "kinds": ["county", "county-level-city"]}


def write_study(folder, **keys):
    """Three units: a county with two clinics, a city with one, a district with none and one more outside."""
    boxes = [shapely.box(n, 0, n + 1, 1) for n in range(3)]
    table = {"code": ["1", "2", "3"], "name": ["甲县", "乙市", "丙区"], "people": [1000, 500, 250]}
    gpd.GeoDataFrame(table, geometry=boxes, crs=4326).to_file(folder / "counties.geojson")
    clinics = pd.DataFrame(
        {"lon": [0.2, 0.4, 1.5, 3.5], "lat": 0.5, "beds": ["10", "30", "", "5"], "open": ["是", "否", "是", ""]}
    )
    clinics.to_csv(folder / "clinics.csv", index=False)
    study = {
        "name": "Toy",
        "zones": {"county": {"file": "counties.geojson", "id": "code", "name": "name", "kind": "name", "people": "people"}},
        "facilities": {"clinic": [{"file": "clinics.csv", "capacity": "beds", "flags": {"open": "open"}}]},
        **keys,
    }
    (folder / "study.yaml").write_text(yaml.safe_dump(study, allow_unicode=True), encoding="utf-8")
    return folder / "study.yaml"


def presence(id, **keys):
    return {"id": id, "check": "presence", "service": "clinic", "unit": {"level": "county"}, **keys}


def test_a_study_of_tables_needs_neither_streets_nor_people(tmp_path):
    goals = [
        presence("each"),
        presence("counties", unit=BOTH_COUNTIES),
        presence("two", at_least=1, at_most=1, variants=[
            {"id": "any", "title": {"zh": "不限", "en": "Any"}, "set": {"at_most": None}, "source": "judgement"}]),
        presence("open", flag="open"),
        presence("near", tolerance_metres=10_000),
        {"id": "beds", "check": "ratio", "service": "clinic", "scale": 1000, "at_least": 20, "unit": {"level": "county"}},
    ]  # fmt: skip
    finished = run(write_study(tmp_path, goals=goals), lang="en")
    rows = finished.results.scorecard.set_index(["goal", "unit"])
    assert rows.loc["each", "value"].tolist() == [pytest.approx(2 / 3), 2, 1, 0]
    assert rows.loc[("each", "all"), ["gap_people", "gap_facilities"]].tolist() == [250, 1]
    assert rows.loc[("each", "3"), "details"]["nearest_km"] == pytest.approx(111.3, abs=0.2)
    assert rows.loc["counties"].index.tolist() == ["all", "1", "2"] and rows.loc[("counties", "all"), "met"] is True
    assert rows.loc["two", "met"].tolist() == [False, False, True, False]
    assert rows.loc[("two", "all"), ["lowest", "highest"]].tolist() == [pytest.approx(1 / 3), pytest.approx(2 / 3)]
    assert rows.loc["open", "met"].tolist() == [False, True, True, False]
    assert rows.loc[("beds", "1"), ["value", "met"]].tolist() == [40, True]
    assert rows.loc[("beds", "2"), ["reason", "missing", "of"]].tolist() == ["no_supply", 1, 1]
    assert rows.loc[("beds", "all"), "at_least"] == pytest.approx(45 / 1750 * 1000)
    left = {file.name for file in finished.out.iterdir()}
    assert {"scorecard.csv", "scorecard.xlsx", "scorecard.json", "variants.csv", "results.gpkg", "run.json"} <= left
    assert not {"map.html", "demand.parquet"} & left
    written = pd.read_csv(finished.out / "scorecard.csv")
    assert written["attribution"].isna().all()  # nothing here is OpenStreetMap's


def test_a_whole_plan_is_answered_as_far_as_the_data_goes(tmp_path):
    finished = run(write_study(tmp_path, plans=["zhejiang-14fyp"]), lang="en")
    rows = finished.results.scorecard
    whole = rows[(rows["level"] == "all") & (rows["unit"] == "all")].set_index("goal")
    assert whole.index.is_unique and len(whole) == len(finished.results.checks)
    assert whole.loc["fitness-10min", ["value", "reason"]].isna().tolist() == [True, False]
    assert {"streets", "demand", "facilities.fitness"} <= set(whole.loc["fitness-10min", "what"].split(", "))
    assert (whole.loc[whole["reason"] == "lacks", "what"] != "").all()


def test_people_of_zones_are_offered_where_they_would_do(tmp_path):
    beds = {"id": "beds", "check": "ratio", "service": "clinic", "of": "facilities", "unit": {"level": "county"}, "at_least": 1}
    study = read_study(write_study(tmp_path, goals=[presence("each")]), speaker("en"))
    zones = {level: zone.model_copy(update={"people": None}) for level, zone in study.zones.items()}
    blind = study.model_copy(update={"zones": zones, "demand": None})
    assert lacks(RatioGoal(**beds), blind) == ("demand / zones.county.people",)
    assert lacks(RatioGoal(**beds, population="rural"), blind) == ("demand.urban", "demand")
    assert lacks(RatioGoal(**beds), study) == ()


def test_shares_of_people_are_compared_only_between_goals_that_have_any(tmp_path):
    spread = {"id": "spread", "check": "disparity", "of": "coverage", "among": ["each"], "unit": {"level": "county"}}
    rows = run(write_study(tmp_path, goals=[presence("each"), spread]), lang="en").results.scorecard
    (row,) = rows[rows["goal"] == "spread"].to_dict("records")
    assert (row["level"], row["reason"], row["what"]) == ("all", "lacks", "goals.each")


def test_a_goal_named_by_itself_must_be_answerable(tmp_path):
    goal = presence("mountains", unit={"level": "county", "flag": "mountain"})
    with pytest.raises(StudyError, match=r"zones\.county\.flags\.mountain"):
        run(write_study(tmp_path, goals=[goal]), lang="en")
    with pytest.raises(StudyError, match="no service 'clnic', which this goal is about; did you mean 'clinic'"):
        run(write_study(tmp_path, goals=[presence("each", service="clnic")]), lang="en")
    with pytest.raises(StudyError, match="did you mean 'zhejiang-14fyp'"):
        run(write_study(tmp_path, plans=["zhejiang-14fpy"]), lang="en")
    with pytest.raises(StudyError, match="unknown key 'lacking'"):
        run(write_study(tmp_path, goals=[presence("each")], lacking={}), lang="en")


def test_ninety_counties_with_real_facilities(shared_data, tmp_path):
    """The people here are the counties' areas, not a census: they only make the ratios computable."""
    counties = gpd.read_file(shared_data / COUNTIES)
    counties["people"] = (counties.to_crs(4549).area / 1000).round()
    counties.to_file(tmp_path / "counties.geojson")
    source = [{"osm": str(shared_data / OSM)}]
    county = {"id": "district_adcode", "name": "district_name", "kind": "district_name", "people": "people"}
    unit = {"level": "county"}
    goals = [
        {"id": "hospitals", "check": "presence", "service": "hospital", "unit": unit},
        {"id": "hospitals-1", "check": "presence", "service": "hospital", "unit": BOTH_COUNTIES},
        {
            "id": "per-head",
            "check": "ratio",
            "service": "hospital",
            "of": "facilities",
            "scale": 10_000,
            "unit": unit,
            "at_least": 1,
        },
        {"id": "beds", "check": "ratio", "service": "hospital", "scale": 1000, "unit": unit},
        {"id": "gap", "check": "disparity", "of": "facilities", "among": ["hospital", "library"], "unit": unit, "index": "gini"},
    ]
    study = {
        "name": "浙江",
        "zones": {
            "city": {"file": "counties.geojson", "id": "city_adcode", "name": "city_name", "people": "people"},
            "county": {"file": "counties.geojson", **county},
        },
        "facilities": {"hospital": source, "library": source},
        "goals": goals,
        "plans": ["zhejiang-14fyp"],
    }
    (tmp_path / "study.yaml").write_text(yaml.safe_dump(study, allow_unicode=True), encoding="utf-8")
    results = run(tmp_path / "study.yaml", lang="zh").results
    rows = results.scorecard.set_index(["goal", "level", "unit"]).sort_index()
    each = rows.loc[("hospitals", "county")]
    assert len(each) == 90 and len(rows.loc[("hospitals-1", "county")]) == 53
    inside = each["reason"].isna()
    assert (each.loc[~inside, "reason"] == "beyond_data").all() and each.loc[~inside, "value"].isna().all()
    assert (each.loc[inside, "value"] == each.loc[inside, "facilities"]).all() and each["met"].eq(True).sum() > 0
    assert rows.loc[("hospitals", "all", "all"), "reason"] == "units_unknown"
    assert rows.loc[("per-head", "county"), "value"].notna().sum() == inside.sum()
    assert "no_supply" in set(rows.loc[("beds", "county"), "reason"])  # OSM seldom states beds
    gap = rows.loc[("gap", "all", "all")]
    assert gap["missing"] == (~inside).sum() and 0 < gap["value"] < 1
    assert results.sources and len(rows.loc[("library-books")]) >= 1
    assert (rows.xs(("all", "all"), level=("level", "unit"))["reason"] == "lacks").sum() > 100
