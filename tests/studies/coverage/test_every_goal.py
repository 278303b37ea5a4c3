"""One toy study with data for everything: every goal of the shipped catalogue is answered on it, or says why not."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely
import toy_map
import yaml

from lifecircle.layers.catalogue import goal_catalogue
from lifecircle.layers.goals import (
    KINDS_OF_LEVEL,
    ContextGoal,
    DisparityGoal,
    IndicatorGoal,
    PeopleGoal,
    PresenceGoal,
    RatioGoal,
    ShareGoal,
    TilingGoal,
    TrendGoal,
    variant_goals,
)
from lifecircle.studies.coverage.run import answer_study
from lifecircle.studies.file.reading import read_study
from lifecircle.studies.folder.record import Record
from lifecircle.studies.situation.situation import read_situation
from lifecircle.studies.speech.messages import speaker

EXAMPLES = {entry.id: entry.example() for entry in goal_catalogue().values()}
DEFINITIONS = [definition for goal in EXAMPLES.values() for definition in (goal, *variant_goals(goal))]
OWN_FIGURES = {"capacity", "facilities", "people"}


def units_of(goal):
    levels = goal.each_level() if isinstance(goal, PresenceGoal) else [goal]
    return [level.unit for level in levels if level.unit is not None]


def asked_of_facilities(goal):
    """The flags and numbers of facilities that a goal looks at."""
    if isinstance(goal, PresenceGoal):
        return {goal.flag} - {None}, set()
    if isinstance(goal, ShareGoal) and goal.of == "facilities":
        return {goal.flag, goal.among} - {None}, set()
    return set(), {goal.of, goal.per} - OWN_FIGURES if isinstance(goal, RatioGoal) else set()


def indicators_of(goal):
    if isinstance(goal, IndicatorGoal | TrendGoal):
        return {goal.indicator}
    return set(goal.among) if isinstance(goal, DisparityGoal) and goal.of == "indicator" else set()


def write_places(folder):
    """Two facilities of every service, with every flag and number that some goal asks of it."""
    sources = {}
    table = pd.DataFrame({"id": ["f1", "f2"], "lon": [0.002, 0.012], "lat": [0.0, 0.0], "yes": "yes", "number": [10, 20]})
    table.to_csv(folder / "places.csv", index=False)
    for goal in DEFINITIONS:
        stops = getattr(goal, "mobile", None)
        flags, numbers = asked_of_facilities(goal)
        for service in (*goal.services, *([stops.service] if stops else [])):
            source = sources.setdefault(service, {"file": "places.csv", "capacity": "number", "flags": {}, "numbers": {}})
            source["flags"] |= dict.fromkeys(sorted(flags), "yes")
            source["numbers"] |= dict.fromkeys(
                sorted({"every_days", *numbers} if service.startswith("mobile") else numbers), "number"
            )
    return {service: [source] for service, source in sources.items()}


def write_zones(folder):
    """Two zones on every level: the western one of the level's first kind, the eastern one of its second."""
    boxes = [shapely.box(-0.01, -0.01, 0.01, 0.01), shapely.box(0.01, -0.01, 0.03, 0.01)]
    columns = {"id": ["west", "east"], "yes": "yes"}
    columns |= {f"kind_{level}": [kinds[0], kinds[1]] for level, kinds in KINDS_OF_LEVEL.items()}
    gpd.GeoDataFrame(columns, geometry=boxes, crs=4326).to_file(folder / "zones.geojson")
    levels = {unit.level for goal in DEFINITIONS for unit in units_of(goal)} - {"all", "facility"}
    levels |= {goal.tiles for goal in DEFINITIONS if isinstance(goal, TilingGoal)}
    flags = {unit.flag for goal in DEFINITIONS for unit in units_of(goal)} - {None}
    flags |= {flag for goal in DEFINITIONS if isinstance(goal, ShareGoal) for flag in (goal.flag, goal.among) if flag}
    zones = {
        level: {"file": "zones.geojson", "id": "id", "flags": dict.fromkeys(sorted(flags), "yes")} for level in sorted(levels)
    }
    for level in KINDS_OF_LEVEL:
        zones[level]["kind"] = f"kind_{level}"
    return zones


def write_figures(folder):
    names = sorted({name for goal in DEFINITIONS for name in indicators_of(goal)})
    pd.DataFrame(
        {"id": ["west", "east", "west", "east"], "year": [2020, 2020, 2024, 2024], "figure": [0.4, 0.5, 0.6, 0.9]}
    ).to_csv(folder / "figures.csv", index=False)
    levels = sorted({unit.level for goal in DEFINITIONS if indicators_of(goal) for unit in units_of(goal)} - {"all"})
    values = dict.fromkeys(names, "figure")
    return [{"file": "figures.csv", "level": level, "id": "id", "year": "year", "values": values} for level in levels]


@pytest.fixture(scope="module")
def card(tmp_path_factory):
    """The scorecard of all goals, answered in one go."""
    folder = tmp_path_factory.mktemp("every-goal")
    toy_map.write_map(folder / "streets.osm", toy_map.row(20), [toy_map.street(20)])
    people = pd.DataFrame({"id": list("abcd"), "lon": [0.0, 0.003, 0.012, 0.015], "lat": 0.0, "people": [100, 200, 300, 400]})
    people.assign(group=10, kind=["urban", "rural"] * 2).to_csv(folder / "people.csv", index=False)
    groups = sorted({goal.group for goal in DEFINITIONS if isinstance(goal, PeopleGoal) and goal.group})
    goals = []
    for entry in goal_catalogue().values():
        given = {key: entry.asking.proposes[key][0].value for key in entry.missing()}
        goals.append({"id": entry.id, **given})
    study = {
        "name": "Everything",
        "streets": "streets.osm",
        "demand": {
            "file": "people.csv",
            "people": "people",
            "groups": dict.fromkeys(groups, "group"),
            "urban": {"column": "kind"},
        },
        "zones": write_zones(folder),
        "facilities": write_places(folder),
        "indicators": write_figures(folder),
        "goals": goals,
    }
    (folder / "study.yaml").write_text(yaml.safe_dump(study, allow_unicode=True), encoding="utf-8")
    say, record = speaker("en"), Record()
    read = read_study(folder / "study.yaml", say)
    results, _ = answer_study(read_situation(read, folder, record, say))
    return results.scorecard, results.variants


@pytest.mark.parametrize("goal", EXAMPLES)
def test_every_goal_of_the_catalogue_is_answered(card, goal):
    rows = card[0][card[0]["goal"] == goal]
    whole = rows[(rows["level"] == "all") & (rows["unit"] == "all")]
    assert len(whole) == 1 and whole["check"].iloc[0] == EXAMPLES[goal].check
    row = whole.iloc[0]
    if isinstance(EXAMPLES[goal], ContextGoal):
        assert (row["figure"], row["reason"]) == ("none", "not_from_space")
    else:
        assert row["reason"] != "lacks" and row["figure"] != "none"
        assert pd.notna(row["value"]) or row["reason"] is not None
    assert not rows.duplicated(["level", "unit"]).any()


def test_every_definition_stands_beside_its_goal(card):
    rows, variants = card
    expected = {(goal.id, variant.id) for goal in EXAMPLES.values() for variant in goal.variants}
    assert set(zip(variants["goal"], variants["variant"], strict=True)) == expected
    spread = rows[rows["goal"].isin(variants["goal"]) & rows["value"].notna() & (rows["level"] == "all")]
    assert (spread["lowest"] <= spread["value"]).all() and (spread["value"] <= spread["highest"]).all()


def test_bundles_and_mixes_keep_the_mass_balance(card):
    travelled = card[0][card[0]["check"].isin(["circle", "mix"])]
    parts = travelled[["covered", "beyond", "cut_off", "unconnected", "excluded"]].sum(axis=1)
    assert (parts - travelled["people"]).abs().max() < 1e-9
    assert travelled.loc[travelled["level"] == "all", "people"].eq(1000).all()
