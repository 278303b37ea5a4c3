"""Siting from the study file: plans worked out by hand, measured on the streets, and refusals that say why."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pyogrio
import pytest
import toy_map
from toy_siting import FAR, PEOPLE, PLOTS, chosen, plan_toy, write_siting
from toy_study import STREET

from lifecircle.geo.errors import InputError, StudyError, TooLargeError
from lifecircle.studies.siting import times
from lifecircle.studies.siting.curve import last_people
from lifecircle.studies.siting.outputs import plan_summary
from lifecircle.studies.siting.site import site

# a street of 60 nodes, an island of 60 nodes further north, and people three ways out of reach
ISLAND = (
    {**toy_map.row(60), **toy_map.row(60, first=101, y=40)},
    [toy_map.street(60), toy_map.street(60, first=101)],
)
LOST = (*PEOPLE, ("g", 58, 0, 5), ("i", 10, 40, 7), ("n", 10, 20, 3))


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    """Two sites for six settlements: P1 takes a and b (150), P3 takes d and e (120), P2 only c (80)."""
    return site(write_siting(tmp_path_factory.mktemp("plan")), service="health", problem="mclp", p=2, lang="en")


def test_the_best_two_sites_are_found_in_the_order_of_building(plan):
    assert chosen(plan) == ["P1", "P3"]
    assert plan.plan.status == "optimal" and plan.plan.gap == 0
    assert plan.sites["people_gained"].tolist() == [150, 120]
    assert plan.sites["people_served"].tolist() == [150, 120]
    assert plan.sites["share"].tolist() == pytest.approx([150 / 360, 270 / 360])


def test_the_comparison_is_of_two_measured_states(plan):
    everyone = plan.comparison.iloc[0]
    assert (everyone["covered_before"], everyone["covered_after"], everyone["gained"]) == (0, 270, 270)
    assert (everyone["facilities_before"], everyone["facilities_after"]) == (1, 3)
    demand = plan.results.demand.set_index("id")
    assert demand["clinic.facility"]["a"] == "new:P1"
    assert demand["clinic.minutes"]["a"] == pytest.approx(2 * toy_map.EAST / 60, rel=1e-4)
    assert demand["clinic.status"]["c"] == "beyond"


def test_the_files_agree_with_each_other_and_name_openstreetmap(plan):
    listed = pd.read_csv(plan.out / "sites.csv")
    drawn = pyogrio.read_dataframe(plan.out / "sites.gpkg")
    told = json.loads((plan.out / "plan.json").read_text(encoding="utf-8"))
    curve = pd.read_csv(plan.out / "curve.csv")
    assert listed["site"].tolist() == drawn["site"].tolist() == [row["site"] for row in told["sites"]] == ["P1", "P3"]
    assert drawn.geometry.x.tolist() == pytest.approx([0.004, 0.032])
    assert curve["covered"].tolist() == [0, 150, 270] and pd.isna(curve["site"][0])
    assert {"© OpenStreetMap contributors (ODbL)"} == set(listed["attribution"]) == set(curve["attribution"])
    assert (
        told["covered_after"] == told["covered_people"] == 270
        and told["gap"] == 0
        and told["attribution"] == "© OpenStreetMap contributors (ODbL)"
    )
    assert {entry["file"].rpartition("/")[2] for entry in told["inputs"]} >= {"study.yaml", "plots.csv", "streets.osm"}
    assert "© OpenStreetMap contributors" in (plan.out / "curve.svg").read_text(encoding="utf-8")
    (said,) = pyogrio.read_info(plan.out / "sites.gpkg", layer="sites")["dataset_metadata"].values()
    assert said == "© OpenStreetMap contributors (ODbL)"
    assert (plan.out / "curve.png").read_bytes().startswith(b"\x89PNG")


def test_the_map_holds_the_new_sites_and_today(plan):
    before = plan.results.before
    assert plan.results.goals[0].title.en == "clinic (new sites: 2)" and before.name == "today"
    assert (before.demand["clinic.status"] == "covered").sum() == 0
    assert before.scorecard["covered"].iloc[0] == 0 and plan.results.scorecard["covered"].iloc[0] == 270
    facilities = plan.results.facilities.set_index("facility")
    assert facilities["rank"].to_dict() == {"X": 0, "new:P1": 1, "new:P3": 2}
    assert facilities["name"]["new:P1"].startswith("New site 1: ")
    assert (plan.out / "map.html").stat().st_size > 10_000


def test_the_same_study_twice_gives_the_same_tables(plan, tmp_path):
    again = site(write_siting(tmp_path), service="health", problem="mclp", p=2, lang="en")
    for name in ("sites.csv", "curve.csv", "compare.csv", "uncoverable.csv", "curve.svg"):
        assert (again.out / name).read_bytes() == (plan.out / name).read_bytes()


def test_a_target_takes_the_fewest_sites(tmp_path):
    sited = plan_toy(tmp_path, "target-share", goal={"target": 0.9})
    assert chosen(sited) == ["P1", "P3", "P2"]  # 350 of 360
    assert last_people(sited.curve)[0] == 1


def test_a_target_that_is_met_needs_no_site(tmp_path):
    sited = plan_toy(tmp_path, "target-share", asked={"target": 0.25}, facilities=(("X", 4, 0),))
    assert chosen(sited) == [] and "is met already (41.7% covered)" in " ".join(sited.record.notes)


def test_more_sites_than_help_are_said_so(tmp_path):
    sited = plan_toy(tmp_path, asked={"p": 5}, people=PEOPLE[:3])
    assert "New sites that cover everyone who can be covered: 2; 3 more would add nobody." in sited.record.notes


def test_a_plan_without_sites_claims_nothing(tmp_path):
    sited = plan_toy(tmp_path, asked={"p": 0})
    assert chosen(sited) == [] and not any("no new site" in note for note in sited.record.notes)


def test_existing_facilities_count_first(tmp_path):
    sited = plan_toy(tmp_path, asked={"p": 1}, facilities=(("X", 4, 0),))
    assert chosen(sited) == ["P3"] and sited.comparison["covered_before"].iloc[0] == 150


def test_a_service_without_any_facility_starts_from_nothing(tmp_path):
    sited = plan_toy(tmp_path, siting={"close": ["X"]}, facilities=(("X", 4, 0),))
    assert chosen(sited) == ["P1", "P3"]
    assert sited.comparison[["covered_before", "covered_after"]].iloc[0].tolist() == [150, 270]


def test_forbidden_candidates_stay_empty(tmp_path):
    assert chosen(plan_toy(tmp_path, asked={"p": 1, "forbid": ["P1"]})) == ["P3"]


def test_closing_frees_a_site_where_it_helps_more(tmp_path):
    facilities = (("X", 50, 0), ("Y", 20, 0))
    kept = plan_toy(tmp_path / "kept", asked={"p": 1}, facilities=facilities)
    moved = plan_toy(tmp_path / "moved", asked={"p": 1}, facilities=facilities, siting={"may_close": ["X"]})
    assert chosen(kept) == ["P1"] and set(chosen(moved)) == {"P1", "P3"}
    assert moved.comparison["covered_after"].iloc[0] == 350
    closed = moved.results.facilities.set_index("facility").loc["X"]
    assert closed["name"] == "(closes)"


def test_an_upgrade_serves_more_at_the_same_place(tmp_path):
    sited = plan_toy(
        tmp_path,
        "capacitated-mclp",
        asked={"p": 1},
        facilities=(("X", 4, 0),),
        figures={"capacity": [50] * 5, "cost": [10] * 5},
        siting={"existing_capacity": 20, "upgrade": {"facilities": "X", "capacity": 150, "cost": 40}},
    )
    assert chosen(sited) == ["upgrade:X"]
    assert sited.plan.covered_people == 150
    assert sited.comparison["facilities_after"].iloc[0] == 1


def test_capacities_must_be_known(tmp_path):
    with pytest.raises(StudyError, match="facilities of today without a capacity: 1, first 'X'"):
        plan_toy(tmp_path, "capacitated-mclp", asked={"p": 1}, figures={"capacity": [50] * 5})
    with pytest.raises(StudyError, match="candidates without a capacity: 5, first 'P1'"):
        plan_toy(tmp_path, "capacitated-mclp", asked={"p": 1}, siting={"existing_capacity": 9})


def test_money_buys_the_cheaper_pair(tmp_path):
    sited = plan_toy(tmp_path, "budgeted-mclp", asked={"budget": 50}, figures={"cost": [60, 20, 30, 30, 5]})
    assert set(chosen(sited)) == {"P2", "P3"}
    assert sited.sites.set_index("site")["people_per_cost"].to_dict() == {"P2": 4, "P3": 4}
    assert sited.curve["total_cost"].iloc[-1] == 50


def test_an_equity_floor_goes_before_numbers(tmp_path):
    zones = [("west", 0, 10), ("middle", 15, 25), ("east", 28, 40)]
    features = [
        {
            "type": "Feature",
            "properties": {"code": name, "name": name.title()},
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[x * 0.001, y] for x, y in ((a, -0.01), (b, -0.01), (b, 0.01), (a, 0.01), (a, -0.01))]],
            },
        }
        for name, a, b in zones
    ]
    (tmp_path / "zones.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    levels = {"zones": {"township": {"file": "zones.geojson", "id": "code", "name": "name"}}}
    asked = {"p": 2, "min_share": "township=0.5"}
    with pytest.raises(StudyError, match="No plan meets this request"):
        plan_toy(tmp_path, asked=asked, **levels)
    floor = {"min_share": {"level": "township", "share": 0.5, "zones": ["middle"]}}
    sited = plan_toy(tmp_path, siting=floor, **levels)
    assert set(chosen(sited)) == {"P1", "P2"}
    assert sited.curve["township.lowest_share"].tolist() == [0, 0, 0] and sited.curve["township.lowest_zone"].iloc[-1] == "East"
    middle = sited.comparison.set_index("name").loc["Middle"]
    assert (middle["share_before"], middle["share_after"]) == (0, 1)


def test_a_group_may_weigh_more(tmp_path):
    people = [(*row, 80 if row[0] == "c" else 0) for row in PEOPLE]
    study = {"people": people, "columns": ["old"], "demand": {"groups": {"elderly": "old"}}}
    assert chosen(plan_toy(tmp_path / "plain", asked={"p": 1}, **study)) == ["P1"]
    assert chosen(plan_toy(tmp_path / "weighted", asked={"p": 1, "weights": ["elderly=2"]}, **study)) == ["P2"]


def test_either_mode_will_do(tmp_path):
    sited = plan_toy(tmp_path, asked={"p": 1, "modes": ["walk", "car"]})
    before = sited.results.before.demand.set_index("id")
    # by car at 30 km/h a step takes 13.4 s: 44 steps in ten minutes
    assert before["clinic.minutes"]["f"] == pytest.approx(8 * toy_map.EAST / (30 / 3.6) / 60, rel=1e-3)
    assert before["clinic.status"]["a"] == "beyond" and before["clinic.status"]["c"] == "covered"
    assert sited.comparison["share_after"].iloc[0] == 1
    assert plan_summary(sited)["modes"] == ["walk", "car"]
    assert sited.results.goals[0].title.en == "Health care within 10 minutes on foot or by car (new sites: 1)"
    assert sited.results.goals[0].title.zh == "步行或驾车10分钟内到达医疗卫生机构（新建 1 处后）"


def test_p_median_shortens_the_way_of_everyone(tmp_path):
    sited = plan_toy(tmp_path, "p-median", asked={"p": 2})
    minutes = sited.results.demand["clinic.minutes"] @ sited.results.demand["people"]
    assert sited.plan.objective == pytest.approx(minutes)
    steps = min(
        sum(people * min(abs(x - other) for other in (*pair, 58)) for _, x, _, people in PEOPLE)
        for pair in ((a, b) for _, a, _ in PLOTS for _, b, _ in PLOTS)
    )
    assert sited.plan.objective == pytest.approx(steps * toy_map.EAST / 60, rel=1e-4)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["No plan meets this request", "at most 97.3%", "10 people cannot be covered by any candidate"]),
        ("zh", ["没有方案能满足要求", "最多可覆盖", "10 人任何候选点都无法覆盖", "7 人在岛屿"]),
    ],
)
def test_what_cannot_be_done_is_explained_and_listed(tmp_path, language, words):
    with pytest.raises(StudyError) as error:
        study = write_siting(tmp_path, people=LOST, streets=ISLAND, facilities=(("X", 57, 0),))
        site(study, service="health", problem="target-share", target=1.0, lang=language)
    folder = tmp_path / "out" / "siting-health-target-share"
    assert all(word in str(error.value) for word in (*words, str(folder / "uncoverable.csv"))), str(error.value)
    lost = pd.read_csv(folder / "uncoverable.csv")
    record = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    assert record["status"] == "infeasible"
    assert [output["file"] for output in record["outputs"]] == ["columns.csv", "uncoverable.csv"]
    assert lost[["id", "people", "reason"]].to_numpy().tolist() == [["i", 7, "cut-off"], ["n", 3, "unconnected"]]


def test_people_beyond_every_candidate_are_told_from_islanders(tmp_path):
    people = (*LOST, ("far", 42, 0, 20))
    sited = plan_toy(tmp_path, "lscp", people=people, streets=ISLAND, plots=PLOTS[:3], facilities=(("X", 57, 0),))
    note = next(note for note in sited.record.notes if "cannot be covered" in note)
    assert note.startswith("40 people cannot be covered by any candidate: 7 on islands")
    assert "30 farther than 10 minutes from every candidate" in note and "3 without a street nearby" in note
    far = sited.uncoverable.set_index("id").loc["far"]
    assert far["site"] == "P3" and far["minutes"] == pytest.approx(10 * toy_map.EAST / 60, rel=1e-3)
    assert chosen(sited) == ["P1", "P3", "P2"]


def test_candidates_without_a_street_are_refused_and_listed(tmp_path):
    sited = plan_toy(tmp_path, plots=(*PLOTS, ("sea", 30, 90)))
    assert sited.rejected[["value", "reason"]].to_numpy().tolist() == [["sea", "a candidate without a street within 400 m"]]
    assert any("without a street nearby: 1 of 6" in note for note in sited.record.notes)


@pytest.mark.parametrize(
    ("candidates", "sites"),
    [("demand", ["demand:a", "demand:d"]), ("streets:450", ["street:3", "street:7"]), ("plots.csv", ["P1", "P3"])],
)
def test_candidates_may_be_settlements_street_nodes_or_files(tmp_path, monkeypatch, candidates, sites):
    monkeypatch.chdir(tmp_path)
    assert chosen(plan_toy(tmp_path, asked={"candidates": [candidates]})) == sites


def test_a_plan_that_the_streets_do_not_confirm_is_an_error(tmp_path, monkeypatch):
    from lifecircle.studies.siting import site as siting

    honest = siting.solve

    def boastful(problem, **options):
        plan = honest(problem, **options)
        return replace(plan, minutes=np.where(np.isnan(plan.minutes), 9.0, plan.minutes))

    monkeypatch.setattr(siting, "solve", boastful)
    with pytest.raises(StudyError, match=r"disagree for 2 demand units, first unit 3: 9\.0000 minutes planned"):
        plan_toy(tmp_path)
    assert not (tmp_path / "out" / "siting-health-mclp" / "sites.csv").exists()


def test_a_table_that_would_not_fit_is_refused_before_it_is_made(tmp_path, monkeypatch):
    monkeypatch.setattr(times, "BYTES_PER_PAIR", 1e15)  # as if every pair took a petabyte
    with pytest.raises(TooLargeError, match=r"the table of times .* needs about .* take fewer candidates"):
        plan_toy(tmp_path)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"service": "school"}, "`facilities` of this study has no service 'school'"),
        ({"problem": "mclpp", "p": 1}, "there is no siting problem 'mclpp'; did you mean 'mclp'"),
        ({"problem": "mclp"}, "the problem mclp needs the number of new sites: give --p"),
        ({"problem": "budgeted-mclp"}, "needs money to spend: give --budget"),
        ({"problem": "budgeted-mclp", "budget": 10}, "candidates without a cost: 5, first 'P1'"),
        ({"problem": "target-share"}, "the goal names no target"),
        ({"problem": "lscp", "p": 3}, "the problem lscp does not use --p"),
        ({"problem": "lscp", "target": 95}, "--target 95: a share lies above 0"),
        ({"p": 1, "goal": "clinik"}, "no goal 'clinik'.*did you mean 'clinic'"),
        ({"p": 1, "modes": ["foot"]}, "--mode: no mode 'foot'"),
        ({"p": 1, "forbid": ["P9"]}, "forbid: there is no 'P9'; did you mean 'P"),
        ({"p": 1, "close": ["Z"]}, "close: there is no 'Z'. Known: X"),
        ({"p": 1, "candidates": ["streets:3"]}, "--candidates streets:3: streets cannot be '3'"),
        ({"p": 1, "candidates": ["plotz.csv"]}, "--candidates plotz.csv: there is no such file"),
        ({"p": 1, "cost": 3}, "--cost and --capacity belong to candidates named with --candidates"),
        ({"p": 1, "min_share": "township=0.5"}, "`zones` has no level 'township'"),
        ({"p": 1, "weights": ["old=2"]}, "`demand.groups` has no group 'old'"),
    ],
)
def test_wrong_requests_name_what_to_give(tmp_path, asked, message):
    options = {"service": "health", "problem": "mclp", **asked}
    with pytest.raises((StudyError, InputError), match=message):
        site(write_siting(tmp_path), lang="en", **options)


def test_a_wrong_section_names_its_key(tmp_path):
    with pytest.raises(StudyError, match=r"line \d+: siting.health.closed: unknown key 'closed'; did you mean 'close'"):
        plan_toy(tmp_path, siting={"closed": ["X"]})
    with pytest.raises(StudyError, match=r"line \d+: siting.health.candidates.*costs: unknown key 'costs'; did you mean 'cost'"):
        plan_toy(tmp_path, siting={"candidates": [{"streets": 500, "costs": 3}]})


def test_travel_from_the_facility_is_another_question(tmp_path):
    streets = (STREET[0], [(range(1, 61), {"highway": "residential", "oneway": "yes"})])
    study = {"streets": streets, "plots": (("P", 30, 0),), "facilities": FAR, "people": (("w", 28, 0, 4), ("e", 32, 0, 9))}
    goal = {"mode": "car", "minutes": 1, "profile": None}
    to = plan_toy(tmp_path / "to", asked={"p": 1}, goal=goal, **study)
    back = plan_toy(tmp_path / "from", asked={"p": 1}, goal={**goal, "direction": "from"}, **study)
    assert to.sites["people_gained"].tolist() == [4] and back.sites["people_gained"].tolist() == [9]
