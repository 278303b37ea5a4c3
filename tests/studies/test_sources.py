"""The sections of a study that name a file take the same keys, and a repeated id costs one row, not the run."""

from __future__ import annotations

import json

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from quick_runs import tables_only

from lifecircle.geo.coordinates import gcj02_from_wgs84
from lifecircle.geo.errors import InputError, StudyError
from lifecircle.layers.demand import read_demand
from lifecircle.layers.source import Source
from lifecircle.studies.coverage.run import run
from lifecircle.studies.file.reading import read_study
from lifecircle.studies.file.study import CandidateDemand, CandidateFile, Study
from lifecircle.studies.siting.request import candidate_sources
from lifecircle.studies.speech.messages import speaker

STATED = ("id: id,", "id: id, crs: EPSG:4326,")


def polygons(folder, name, **boxes):
    """Write boxes of a GeoPackage with a column `kind`; without a coordinate system of their own where GCJ-02 is asked for."""
    table = gpd.GeoDataFrame({"kind": list(boxes)}, geometry=[shapely.box(*box) for box in boxes.values()], crs=4326)
    table.to_file(folder / name)


def answered(study, folder):
    with tables_only():
        return run(study, out=folder / "out", lang="en")


def test_a_repeated_id_costs_its_row_and_its_people_are_told(tiny, tmp_path):
    study = tiny(STATED)
    with (tmp_path / "people.csv").open("a") as people:
        people.write("u3,121.0,28.5,7,0,urban\n")
    done = answered(study, tmp_path)
    assert len(done.results.demand) == 20
    assert (
        done.record["counts"]["demand"] | {"units": 20, "people": 390.0, "people_refused": 7.0} == done.record["counts"]["demand"]
    )
    assert any(note.startswith("people.csv: 7 people stand in rows that were refused") for note in done.record["notes"])
    rejected = pd.read_csv(tmp_path / "out" / "rejected.csv").set_index("row")
    assert rejected.loc[21, ["file", "value", "reason"]].tolist() == ["people.csv", "u3", "the id stands in row 4 already"]


def test_a_files_own_ids_are_those_of_the_results(tiny, tmp_path):
    study = tiny(("id: id, groups", "crs: EPSG:4326, groups"))
    assert answered(study, tmp_path).results.demand["id"].tolist()[:2] == ["u0", "u1"]


def test_places_that_nothing_states_are_noted_once_per_file(tiny, tmp_path):
    study = tiny(("fitness: osm", "fitness: {file: clinics.csv}"))
    notes = [note for note in answered(study, tmp_path).record["notes"] if "nothing says which coordinate system" in note]
    assert [note.partition(":")[0] for note in notes] == ["people.csv", "clinics.csv"]
    assert "`crs: GCJ-02`" in notes[0]


def test_area_and_urban_areas_may_be_one_layer_in_another_system(tiny, tmp_path):
    everywhere, west = (120.9, 28.4, 121.9, 28.9), (120.9, 28.4, 121.0025, 28.9)
    polygons(tmp_path, "areas.gpkg", all=everywhere, west=west)
    east = float(gcj02_from_wgs84([121.0025], [28.5])[0][0])
    shifted = (120.8, 28.4, east, 28.9)
    polygons(tmp_path, "urban.gpkg", urban=shifted, other=everywhere)
    area = "area: {file: areas.gpkg, where: kind == 'west', source: Survey, licence: CC0}\nzones:"
    urban = "urban: {file: urban.gpkg, crs: GCJ-02, where: kind == 'urban'}"
    study = tiny(STATED, ("zones:", area), ("urban: {column: kind}", urban))
    demand = answered(study, tmp_path).results.demand
    assert len(demand) == 8  # columns of places stand at 121.0 and 121.0016, 121.0032 ...
    assert demand["urban"].all()


@pytest.mark.parametrize("urban", [False, True], ids=["area", "urban"])
def test_points_among_areas_are_told_and_points_alone_are_refused(tiny, tmp_path, urban):
    """Points enclose nobody: a list of towns as urban areas would make everybody rural without a word."""
    shapes = [shapely.box(120.9, 28.4, 121.9, 28.9), shapely.Point(121.0, 28.5)]
    gpd.GeoDataFrame({"kind": ["all", "spot"]}, geometry=shapes, crs="EPSG:4326").to_file(tmp_path / "areas.gpkg")
    named = "urban: {file: areas.gpkg}" if urban else "area: {file: areas.gpkg}\nzones:"
    study = tiny(STATED, ("urban: {column: kind}" if urban else "zones:", named))
    told = pd.read_csv(answered(study, tmp_path).out / "rejected.csv", encoding="utf-8-sig")
    assert told.loc[told["file"] == "areas.gpkg", ["row", "value"]].to_numpy().tolist() == [[2, "Point"]]
    study.write_text(
        study.read_text(encoding="utf-8").replace("areas.gpkg", "areas.gpkg, where: kind == 'spot'"), encoding="utf-8"
    )
    with pytest.raises(InputError, match="an area is a polygon; points and lines enclose nothing"):
        answered(study, tmp_path)


def test_a_study_that_was_recorded_with_short_forms_is_read(tmp_path):
    long = Study.model_validate({"name": "a", "area": {"file": "a.gpkg"}, "overrides": {"file": "b.csv"}})
    assert Study.model_validate({"name": "a", "area": "a.gpkg", "overrides": "b.csv"}) == long
    assert Study.model_validate(json.loads(long.model_dump_json())) == long
    people = {"file": "p.csv", "people": "n", "urban": {"file": "u.gpkg", "layer": "town"}}
    demand = Study.model_validate({"name": "a", "demand": people}).demand
    assert demand.urban.file.layer == "town"
    assert Study.model_validate(json.loads(Study(name="a", demand=demand).model_dump_json())).demand == demand


def test_systems_are_checked_wherever_one_is_stated(tiny, tmp_path):
    polygons(tmp_path, "areas.gpkg", all=(120.9, 28.4, 121.9, 28.9))
    study = tiny(("zones:", "area: {file: areas.gpkg, crs: GCJ02x}\nzones:"))
    with pytest.raises(StudyError, match=r"area\.crs: unknown coordinate system 'GCJ02x'"):
        read_study(study)


def test_candidates_on_the_command_line_are_files_with_their_placing(tmp_path):
    (tmp_path / "plots.csv").write_text("plot,lon,lat\na,0,0\n", encoding="utf-8")
    placed = Source(file=tmp_path / "plots.csv", crs="GCJ-02", id="plot")
    one, two = candidate_sources(["demand:500", placed], cost=None, capacity=None, say=speaker("en"))
    assert isinstance(one, CandidateDemand) and one.demand == 500
    assert isinstance(two, CandidateFile) and (two.crs, two.id, two.spacing_metres) == ("GCJ-02", "plot", None)


def test_a_raster_takes_no_keys_of_tables(tmp_path):
    with pytest.raises(InputError, match="`header_row:` does not apply to a raster"):
        read_demand(Source(file=tmp_path / "people.tif", header_row=2), people=1)
