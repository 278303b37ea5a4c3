"""The API reference is read from the code: its front door and every folder of every room."""

import importlib
from pathlib import Path

import pytest
import reference
import rooms

import lifecircle


def test_the_front_door_has_the_functions_that_bear_the_name_of_a_command():
    doors = reference.twins()
    assert {"run", "check", "compare", "replay", "fetch", "matrix", "isochrones", "access", "site"} <= doors.keys()
    for name, path in doors.items():
        assert getattr(importlib.import_module(path.rpartition(".")[0]), name).__name__ == name


def test_what_the_package_itself_offers_is_the_front_door(monkeypatch):
    from lifecircle.studies.coverage.run import run

    monkeypatch.setattr(lifecircle, "__all__", ["__version__", "answer"], raising=False)
    monkeypatch.setattr(lifecircle, "answer", run, raising=False)
    assert reference.offered() == {"answer": "lifecircle.studies.coverage.run.run"}
    page = reference.front_door()
    assert "| [`answer`](#lifecircle.studies.coverage.run.run) | Answer every goal of a study and write all its files. |" in page
    assert "heading: lifecircle.answer" in page
    assert "matrix" not in page


@pytest.fixture(scope="module")
def pages():
    return {uri: text for uri, _, text in reference.pages()}


def test_every_folder_of_the_package_has_a_page(pages):
    folders = {folder for room in rooms.rooms() for folder in rooms.packages(room)}
    assert pages.keys() == {"api/index.md", *(f"api/{'.'.join(folder.parts)}.md" for folder in folders)}
    assert Path("geo/modes") in folders


def test_a_page_names_every_module_that_offers_something_and_no_other(pages):
    page = pages["api/layers.conditions.md"].splitlines()
    assert "::: lifecircle.layers.conditions.parser" in page
    assert [line for line in page if line.startswith(":::")] == [
        "::: lifecircle.layers.conditions",
        *(f"::: {rooms.dotted(file)}" for file in rooms.modules(Path("layers/conditions")) if rooms.public_definitions(file)),
    ]
