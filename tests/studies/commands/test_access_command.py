"""`lifecircle access` as a planner types it."""

import json

import pytest
from typer.testing import CliRunner

from lifecircle.studies.commands import app

BEDS = ("[osm, {file: clinics.csv, capacity: beds}]", "[{file: clinics.csv, capacity: beds}]")


@pytest.fixture
def call(tiny, tmp_path):
    """Run the command on the tiny study with further options."""
    study = tiny(BEDS)

    def run(*options):
        return CliRunner().invoke(app, ["access", str(study), "--out", str(tmp_path / "out"), *options])

    return run


@pytest.mark.parametrize(("language", "words"), [("en", "2SFCA: capacity, shared"), ("zh", "两步移动搜索法")])
def test_a_short_table_and_whose_data_it_is(call, language, words):
    done = call("--service", "health", "--lang", language)
    assert done.exit_code == 0, done.output
    assert words in done.stdout and "© OpenStreetMap contributors" in done.stdout and "access-columns.csv" in done.stdout
    assert "390" in done.stdout, "everyone is in the first line"


def test_json_is_all_that_goes_to_stdout(call):
    done = call("--measure", "2sfca,nearest", "--service", "health", "--minutes", "3，5", "--json", "--lang", "en")
    rows = json.loads(done.stdout)
    assert [(row["goal"], row["minutes"]) for row in rows] == [("health-5", 3), ("health-5", 5)]
    assert {"2sfca", "nearest_minutes", "people", "capacity_here"} <= set(rows[0]) and "raam" not in rows[0]


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--service", "helth"), 1, "did you mean 'health'?"),
        (("--measure", "2sfc"), 1, "did you mean '2sfca'?"),
        (("--measure", "2sfca", "--service", "fitness"), 1, "--default-capacity"),
        (("--minutes", "soon"), 2, "minutes"),
        (("--minutes", "-5"), 2, "minutes"),
        (("--default-capacity", "-1"), 2, "default-capacity"),
        (("--mode", "plane"), 2, "mode"),
    ],
)
def test_wrong_options_end_with_one_message(call, options, code, words):
    done = call(*options, "--lang", "en")
    assert done.exit_code == code and words in done.stderr.replace("\n", "") and "Traceback" not in done.output
