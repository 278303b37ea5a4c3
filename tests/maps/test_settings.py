"""Settings are printed as they were said."""

from lifecircle.maps.settings import file_name, flat, settings


def test_settings_are_flattened_by_name():
    nested = {"a": {"b": [1, 2]}, "c": [{"d": "e"}], "f": None, "g": [], "h": False}
    assert list(flat(nested)) == [("a.b", ["1", "2"]), ("c.1.d", ["e"]), ("h", ["False"])]


def test_files_lose_their_folder_and_goals_go_by_their_ids():
    run = {
        "inputs": [{"file": "/a/b.pbf", "sha256": ""}],
        "parameters": {"streets": ["/a/b.pbf"], "goals": [{"id": "g", "phrase": "said", "minutes": 10}], "name": "n"},
    }
    assert settings(run) == [("streets", "b.pbf"), ("goals.g.minutes", "10")]


def test_a_run_without_a_record_has_no_settings():
    assert settings({}) == []


def test_file_names_of_either_system():
    assert {file_name("C:\\Users\\p\\人口.tif"), file_name("/home/p/人口.tif")} == {"人口.tif"}
