"""`lifecircle site` over tables of another program, as a user meets it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from lifecircle.analyses.siting.kinds import PROBLEMS, TRAITS
from lifecircle.analyses.siting.plan import Reason
from lifecircle.geo.errors import InputError
from lifecircle.studies.commands import app
from lifecircle.studies.commands.site import SitingProblem
from lifecircle.studies.siting.reasons import sayable
from lifecircle.studies.siting.request import TARGET_SHARE
from lifecircle.studies.siting.tables import site_tables
from lifecircle.studies.speech.messages import speaker

COSTS = "demand,candidate,cost\n007,A,1\n007,B,9\n008,A,8\n008,B,2\n009,B,3.50\n"
DEMAND = "id,people\n007,10\n008,20\n009,5\n010,7\n"


def write(folder: Path, **texts: str) -> dict[str, Path]:
    files = {name: folder / f"{name}.csv" for name in texts}
    for name, text in texts.items():
        files[name].write_text(text, encoding="utf-8")
    return files


def ask(folder: Path, *options: str, costs: str = COSTS, demand: str = DEMAND) -> Result:
    files = write(folder, costs=costs, demand=demand)
    named = ["--costs", str(files["costs"]), "--demand", str(files["demand"])]
    return CliRunner().invoke(app, ["site", *named, *options, "--lang", "en"])


def test_p_median_in_json_names_ids_as_the_file_does(tmp_path: Path) -> None:
    done = ask(tmp_path, "--problem", "p-median", "--p", "1", "--json")
    answer = json.loads(done.stdout)
    assert done.exit_code == 0
    assert (answer["objective"], answer["gap"], answer["sites"]) == (10 * 9 + 20 * 2 + 5 * 3.5, 0.0, ["B"])
    assert answer["explanation"] == [{"kind": "no-way", "people": 7.0, "numbers": {}, "demand": ["010"]}]
    assert "7 people are reached from no candidate" in done.stderr


def test_limits_and_target_shares(tmp_path: Path) -> None:
    covered = json.loads(ask(tmp_path, "--problem", "mclp", "--p", "1", "--limit", "3.5", "--json").stdout)
    assert (covered["objective"], covered["sites"], covered["covered_people"]) == (25.0, ["B"], 25.0)
    share = json.loads(ask(tmp_path, "--problem", "lscp", "--limit", "3.5", "--target-share", "0.8", "--json").stdout)
    assert (share["objective"], sorted(share["sites"])) == (2.0, ["A", "B"])


def test_what_cannot_be_met_is_valid_json_and_ends_with_1(tmp_path: Path) -> None:
    done = ask(tmp_path, "--problem", "lscp", "--limit", "3.5", "--target-share", "0.9", "--json")
    answer = json.loads(done.stdout)
    assert done.exit_code == 1
    assert (answer["status"], answer["objective"], answer["gap"], answer["sites"]) == ("infeasible", None, None, [])
    assert "83.3%" in done.stderr


def test_candidates_with_money_and_roles(tmp_path: Path) -> None:
    candidates = "id,cost,capacity,status\nA,4,10,\nB,6,30,forbidden\nC,1,5,required\n"
    file = write(tmp_path, candidates=candidates)["candidates"]
    done = ask(tmp_path, "--problem", "budgeted-mclp", "--budget", "5", "--limit", "9", "--candidates", str(file), "--json")
    answer = json.loads(done.stdout)
    assert (answer["objective"], sorted(answer["sites"])) == (30.0, ["A", "C"])


@pytest.mark.parametrize(
    ("costs", "demand", "said"),
    [
        (COSTS + "007,A,5\n", DEMAND, "costs.csv: row 6, columns demand and candidate: the pair 007, A stands twice"),
        (COSTS + "099,A,5\n", DEMAND, "costs.csv: row 6, column demand: '099' is not among the ids of demand.csv"),
        (COSTS + "010,A,-1\n", DEMAND, "costs.csv: row 6, column cost: -1 is negative"),
        (COSTS + "010,A,inf\n", DEMAND, "costs.csv: row 6, column cost: inf is infinite"),
        (COSTS + "010,A,1000000\n", DEMAND, "costs.csv: row 6, column cost: 1000000 is what programs write for 'unreachable'"),
        (COSTS + "010,A,0\n010,B,0\n", DEMAND, "costs.csv: row 7, column cost: 010 is at 0 from both A and B"),
        (COSTS + "010,A,near\n", DEMAND, "costs.csv: row 6, column cost: near is no number"),
        (COSTS.replace("cost\n", "price\n"), DEMAND, "costs.csv: no column 'cost'"),
        (COSTS, DEMAND + "007,3\n", "demand.csv: row 5, column id: 007 stands twice"),
        (COSTS, DEMAND + "011,\n", "demand.csv: row 5, column people: a number is missing"),
        (COSTS, DEMAND + "011,-3\n", "demand.csv: row 5, column people: -3 must be a number of 0 or more"),
    ],
)
def test_the_first_unusable_cell_is_named(tmp_path: Path, costs: str, demand: str, said: str) -> None:
    files = write(tmp_path, costs=costs, demand=demand)
    with pytest.raises(InputError, match="^" + said.replace("(", r"\(")):
        site_tables(files["costs"], demand=files["demand"], problem="p-median", p=1)


def test_a_blank_cost_is_no_way(tmp_path: Path) -> None:
    done = ask(tmp_path, "--problem", "p-median", "--p", "2", "--json", costs=COSTS + "010,A,\n")
    assert json.loads(done.stdout)["explanation"][0]["demand"] == ["010"]


def test_a_table_of_lifecircle_matrix_is_taken_as_it_is(tmp_path: Path) -> None:
    files = write(tmp_path, demand=DEMAND)
    table = pd.DataFrame({"origin": ["007", "008", "010"], "destination": ["A", "A", "A"], "minutes": [1.0, 2.0, None]})
    table.to_parquet(tmp_path / "matrix.parquet")
    found = site_tables(tmp_path / "matrix.parquet", demand=files["demand"], problem="p-median", p=1)
    assert found.plan.objective == 10 * 1 + 20 * 2


def test_what_a_problem_needs_is_said(tmp_path: Path) -> None:
    done = ask(tmp_path, "--problem", "mclp", "--p", "1")
    assert done.exit_code == 1 and "needs limit" in done.stderr
    assert ask(tmp_path, "--problem", "p-maximum", "--p", "1").exit_code == 2


def test_the_share_that_can_be_covered_is_rounded_down_and_limits_have_the_unit_of_the_costs():
    reason = Reason(
        kind="target-unreachable",
        people=0.0,
        demand=np.empty(0, np.int32),
        numbers={"best_share": 0.76279, "target_share": 0.8, "limit": 5},
    )
    assert sayable(reason) == {"best_share": "76.2%", "target_share": "80%", "limit": 5}
    assert "分钟" not in speaker("zh")("site.infeasible.beyond-limit", people=1, minutes=500)


def test_the_command_offers_every_problem_of_the_table() -> None:
    assert [problem.value for problem in SitingProblem] == [*PROBLEMS, TARGET_SHARE]
    assert tuple(TRAITS) == PROBLEMS
