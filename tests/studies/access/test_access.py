"""Access measures of a tiny study: from its file to its tables, with every mistake named."""

from __future__ import annotations

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from lifecircle.analyses.access.measures import MEASURES
from lifecircle.geo.errors import LifecircleError, StudyError
from lifecircle.studies.access.access import access
from lifecircle.studies.coverage.run import run

OSM_AND_FILE = "[osm, {file: clinics.csv, capacity: beds}]"
WITH_BEDS = (OSM_AND_FILE, "[{file: clinics.csv, capacity: beds, id: id, name: name}]")


def error_of(study, **options):
    with pytest.raises(LifecircleError) as caught:
        access(study, lang="en", **options)
    return str(caught.value)


@pytest.fixture
def beds(tiny):
    """The study with two clinics of 5 and 9 beds."""
    return tiny(WITH_BEDS)


def test_the_capacity_is_handed_out_once(beds):
    """All 14 beds are within 5 minutes of somebody: access x people adds up, over units and over zones."""
    done = access(beds, service=["health"], lang="en")
    units = done.units
    for name in ("2sfca", "e2sfca", "g2sfca", "3sfca"):
        per_1000 = units[f"health-5.5min.{name}"]
        assert (per_1000 * units["people"]).sum() / 1000 == pytest.approx(14)
        rows = done.zones.set_index("level")
        assert (rows.loc["county", name] * rows.loc["county", "people"]).sum() / 1000 == pytest.approx(14)
        assert rows.loc["all", name] == pytest.approx(14_000 / units["people"].sum())
    assert units["health-5.5min.availability"].sum() == pytest.approx(14)


def test_the_nearest_facility_is_the_one_of_the_run(beds, tmp_path):
    """One travel model: the same minutes as `lifecircle run`, empty where the run's are beyond the limit."""
    minutes = run(beds, lang="en").results.demand["health-5.minutes"].to_numpy()
    found = access(beds, service=["health"], lang="en").units["health-5.5min.nearest_minutes"].to_numpy()
    assert found == pytest.approx(np.where(minutes <= 5, minutes, np.nan), nan_ok=True, abs=1e-6)
    assert 0 < np.isnan(found).sum() < len(found)


def test_files_and_their_dictionary(beds, tmp_path):
    done = access(beds, out=tmp_path / "here", lang="en")
    assert {file.name for file in done.out.iterdir()} == {
        "access.parquet", "access.csv", "access-zones.csv", "access-facilities.csv", "access-columns.csv", "access.json",
    }  # fmt: skip
    units = gpd.read_parquet(done.out / "access.parquet")
    assert units.crs == "EPSG:4326" and list(units["id"]) == [f"u{n}" for n in range(20)]
    columns = pd.read_csv(done.out / "access-columns.csv", keep_default_na=False)
    tables = {"access.parquet": units, "access-zones.csv": done.zones, "access-facilities.csv": done.facilities}
    for file, table in tables.items():
        said = columns.loc[columns["file"] == file]
        assert [name for name in said["column"] if name != "attribution"] == list(table.columns)
        assert (said["zh"] != "").all() and (said["en"] != "").all() and said["zh"].str.contains("[一-鿿]").all()
    assert columns["en"].iloc[-1] == columns["zh"].iloc[-1] == "© OpenStreetMap contributors (ODbL)"
    record = json.loads((done.out / "access.json").read_text(encoding="utf-8"))
    assert record["sources"] == ["© OpenStreetMap contributors (ODbL)"] and record["parameters"]["options"]["service"] is None
    assert all(len(entry["sha256"]) == 64 for entry in record["inputs"])


def test_without_a_capacity_competition_is_left_out_and_said(beds):
    """Fitness comes from OSM, which says nothing of capacity."""
    done = access(beds, lang="en")
    fit = [name for name in done.units if name.startswith("fit.")]
    assert fit == ["fit.5min.nearest_minutes", "fit.5min.nearest_3_minutes", "fit.5min.facilities"]
    assert any("fitness: no facility states a capacity" in note for note in done.record["notes"])


def test_several_limits_and_another_service(beds):
    done = access(beds, service=["health"], minutes=[10, 2], measure=["cumulative", "2sfca"], lang="en")
    assert list(done.zones.query("level == 'all'")["minutes"]) == [2, 10]
    near, far = (done.units[f"health-5.{limit}min.facilities"] for limit in (2, 10))
    assert (near <= far).all() and far.max() == 2 and near.min() == 0


def test_a_service_without_a_goal_needs_a_limit_and_a_mode(tiny):
    study = tiny(WITH_BEDS, ("  - {id: health-5, service: health, mode: walk, minutes: 5, target: 0.9}\n", ""))
    assert "no goal says how far people travel to 'health'; give --minutes and --mode" in error_of(study, service=["health"])
    done = access(study, service=["health"], minutes=[5], mode="walk", measure=["cumulative"], lang="en")
    assert "health-walk.5min.capacity" in done.units


def test_a_missing_capacity_names_the_facility_and_takes_only_a_stated_default(tiny):
    """The hospital from OSM has no beds written down, the clinics have: guessing 1 would spoil every ratio."""
    mixed = tiny()
    said = error_of(mixed, service=["health"])
    assert "health: 1 of 3 facilities have no capacity, first osm:n900 from OSM streets.osm" in said
    assert "--default-capacity" in said and "capacity:" in said
    stated = access(mixed, service=["health"], default_capacity=2, lang="en")
    assert stated.facilities["capacity"].sum() == 16
    assert any("1 of 3 facilities state no capacity and count as 2" in note for note in stated.record["notes"])
    from_study = access(tiny(("out: out", "access: {health: {default_capacity: 4}}\nout: out")), service=["health"], lang="en")
    assert from_study.facilities["capacity"].sum() == 18
    assert "fitness: 1 of 1 facilities have no capacity" in error_of(mixed, service=["fitness"], measure=["2sfca"])


def test_names_that_do_not_exist_get_the_nearest_one(beds, tiny):
    assert "no service 'helth'; did you mean 'health'?" in error_of(beds, service=["helth"])
    assert "0 minutes is no limit" in error_of(beds, minutes=[0])
    assert "no access measure '2sfc'; did you mean '2sfca'?" in error_of(beds, measure=["2sfc"])
    assert "no service 'healt'" in error_of(tiny(("out: out", "access: {healt: {default_capacity: 4}}\nout: out")))
    wrong_key = tiny(("out: out", "access: {health: {default_capcity: 4}}\nout: out"))
    assert "unknown key 'default_capcity'; did you mean 'default_capacity'?" in error_of(wrong_key)


def test_no_facility_at_all_is_an_error(tiny):
    study = tiny((OSM_AND_FILE, '[{file: clinics.csv, capacity: beds, where: "beds > 100"}]'))
    assert "health" in error_of(study, service=["health"])


def test_an_allocation_needs_to_know_whom_a_bed_serves(beds, tiny):
    """14 beds are not 14 places for 390 people; with 20 people a bed everybody within reach has one."""
    done = access(beds, service=["health"], lang="en")
    assert not any("allocated" in name for name in done.units)
    assert any("people_per_capacity" in note for note in done.record["notes"])
    study = tiny(WITH_BEDS, ("out: out", "access: {health: {people_per_capacity: 20}}\nout: out"))
    served = access(study, service=["health"], measure=["allocation"], lang="en")
    people = served.facilities["allocated_people"]
    assert (people <= 20 * served.facilities["capacity"] + 1e-9).all()
    share = served.units["health-5.5min.allocated_share"] * served.units["people"]
    assert share.sum() == pytest.approx(people.sum()) and people.sum() > 100


def test_an_allocation_over_very_many_pairs_waits_to_be_asked_for(tiny, monkeypatch):
    study = tiny(WITH_BEDS, ("out: out", "access: {health: {people_per_capacity: 20}}\nout: out"))
    monkeypatch.setattr("lifecircle.studies.access.request.MOST_PAIRS", 3)
    done = access(study, service=["health"], lang="en")
    assert not any("allocated" in name for name in done.units) and any(
        "--measure allocation" in note for note in done.record["notes"]
    )
    asked = access(study, service=["health"], measure=["allocation"], lang="en")
    assert "health-5.5min.allocated_share" in asked.units


def test_a_group_and_a_population_decide_who_competes_and_who_is_asked(tiny):
    """Children compete with children, from town and country; the rows are about the country's."""
    goal = "mode: walk, minutes: 5, target: 0.9"
    kids = access(tiny(WITH_BEDS, (goal, f"{goal}, group: kids, population: rural")), service=["health"], lang="en")
    rows = kids.zones.set_index("level").loc["all"]
    assert rows["people"] == sum(n % 4 for n in range(20) if n % 2 == 0)
    children = pd.Series([n % 4 for n in range(20)])
    assert (kids.units["health-5.5min.2sfca"] * children).sum() / 1000 == pytest.approx(14)


def test_people_outside_the_area_compete_but_get_no_rows(tiny, tmp_path):
    zones = gpd.read_file(tiny(WITH_BEDS).parent / "zones.geojson")
    zones.iloc[:1].to_file(tmp_path / "area.gpkg")
    inside = access(tiny(WITH_BEDS, ("demand:", "area: area.gpkg\ndemand:")), service=["health"], lang="en", out=tmp_path / "a")
    whole = access(tiny(WITH_BEDS), service=["health"], lang="en", out=tmp_path / "b")
    assert 0 < len(inside.units) < len(whole.units)
    name = "health-5.5min.2sfca"
    everyone = whole.units.set_index("id")[name]
    assert inside.units.set_index("id")[name].to_dict() == pytest.approx(everyone[list(inside.units["id"])].to_dict())
    assert inside.zones.query("level == 'all'")["people"].item() == inside.units["people"].sum()


def test_people_without_a_street_are_never_answered_and_never_improve_a_mean(tiny):
    study = tiny(WITH_BEDS)
    people = study.parent / "people.csv"
    people.write_text(people.read_text(encoding="utf-8") + "far,121.5,28.9,1000,0,rural\n", encoding="utf-8")
    done = access(study, service=["health"], lang="en")
    far = done.units.set_index("id").loc["far"]
    assert far[[name for name in done.units if name.startswith("health")]].isna().all()
    row = done.zones.query("level == 'all'").iloc[0]
    assert row["unconnected"] == 1000 and row["2sfca"] == pytest.approx(14_000 / row["people"])


def test_a_table_too_large_is_refused_with_the_figure(beds, monkeypatch):
    monkeypatch.setattr("lifecircle.studies.access.times.BYTES_PER_PAIR", 1e12)
    said = error_of(beds, service=["health"])
    assert "million pairs) needs about" in said and "GB of memory" in said and "--minutes" in said


def test_every_measure_has_words(beds):
    done = access(beds, service=["health"], measure=list(MEASURES), lang="zh")
    assert all(column in done.zones for measure in MEASURES.values() for column in measure.columns)


def test_errors_speak_chinese_too(beds):
    with pytest.raises(StudyError, match="没有服务 'helth'；是否想写 'health'"):
        access(beds, service=["helth"], lang="zh")
