"""The goal catalogue: the plan's words and numbers, files of the user, goals that extend others."""

import hashlib
from collections import Counter

import pytest

from lifecircle.geo.errors import StudyError
from lifecircle.layers.catalogue import documents, find_entry, find_goal, goal_catalogue, read_catalogue
from lifecircle.layers.goals import CHECKS, LEVELS, Text, variant_goals

PLAN = "zhejiang-14fyp"
PHRASES_SHA256 = "05e3cfd02016737f9e50da6c565cffce84319d566b5f5eb751ca7c395996d543"
NUMBERS = ("minutes", "target", "due", "at_least", "at_most", "speed_kmh", "profile", "scale", "tolerance_metres", "by")
OWN_LEVELS = {"region", "estate", "scenic_area", "central_area", "facility"}
DOCUMENT = "document: {id: kaihua, title: {zh: 开化县标准, en: Kaihua standard}}"
COUNTY = f"""format: 1
{DOCUMENT}
goals:
  kaihua-fitness:
    extends: fitness-10min
    minutes: 8
    target: 0.9
"""


def of_the_plan():
    return [entry for entry in goal_catalogue().values() if entry.keys.get("document") == PLAN]


@pytest.fixture
def county(tmp_path):
    def write(*replaced, text=COUNTY):
        for old, new in replaced:
            assert old in text
            text = text.replace(old, new)
        path = tmp_path / "county.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def error_of(path):
    with pytest.raises(StudyError) as caught:
        read_catalogue([path])
    return str(caught.value).removeprefix(str(path))


def test_the_two_time_circles_of_the_plan():
    fitness, rural, bundle = (find_goal(id) for id in ("fitness-10min", "rural-90min", "rural-bundle-90min"))
    assert (fitness.mode, fitness.minutes, fitness.population, fitness.service) == ("walk", 10, "urban", "fitness")
    assert (rural.mode, rural.minutes, rural.population, rural.service) == ("car", 90, "rural", "health")
    assert (bundle.bundle.of, len(bundle.services), bundle.minutes) == ("all", 5, 90)
    assert fitness.target is rural.target is bundle.target is None
    assert isinstance(rural.source, Text) and "no mode" in rural.source.en


def test_ten_minutes_in_five_ways():
    definitions = variant_goals(find_goal("fitness-10min"))
    assert [round(goal.speed_kmh / 3.6 * 600) for goal in definitions] == [500, 600, 780, 833, 1000]
    assert definitions[0].id == "fitness-10min--gb50180" and definitions[0].variants == ()


def test_all_138_promises_are_there_each_with_its_words():
    entries = of_the_plan()
    assert {entry.keys["plan_row"] for entry in entries} == set(range(1, 139))
    assert all(entry.keys["section"] and entry.document is documents()[PLAN] for entry in entries)
    phrases = {entry.keys["plan_row"]: entry.keys["phrase"] for entry in entries}
    together = "\n".join(phrases[row] for row in sorted(phrases))
    assert hashlib.sha256(together.encode()).hexdigest() == PHRASES_SHA256


def test_phrases_are_verbatim(shared_data):
    plan = (shared_data.parent / "design" / "plan-zhejiang-14fyp.txt").read_text(encoding="utf-8")
    assert [entry.id for entry in of_the_plan() if entry.keys["phrase"] not in plan] == []


def test_every_goal_is_whole_and_every_number_says_where_it_comes_from():
    for entry in goal_catalogue().values():
        goal = entry.example()
        variant_goals(goal)
        assert goal.title.zh and goal.title.en
        stated = {key for key in NUMBERS if entry.keys.get(key) is not None}
        assert stated <= set(goal.sources), (entry.id, stated - set(goal.sources))
        assert goal.check != "context" or goal.note
        assert not entry.missing() or set(entry.missing()) <= set(entry.asking.proposes)


def test_every_kind_of_check_and_only_known_levels():
    goals = [entry.example() for entry in goal_catalogue().values()]
    assert set(Counter(goal.check for goal in goals)) == set(CHECKS)
    units = [level.unit for goal in goals if goal.check == "presence" for level in goal.each_level()]
    units += [goal.unit for goal in goals if goal.unit is not None]
    assert {unit.level for unit in units} <= {*LEVELS, *OWN_LEVELS}


def test_the_reading_notes_of_the_plan():
    welfare, senior, child = (find_goal(id) for id in ("welfare-centres", "senior-activity", "child-welfare-city"))
    assert welfare.unit.kinds == ("county", "county-level-city")
    assert "urban-district" in senior.unit.kinds
    assert (child.at_least, child.at_most) == (1, 2)
    assert [level.unit.level for level in find_goal("legal-centres").each_level()] == ["city", "county", "township", "village"]
    assert len(find_goal("veterans-stations").each_level()) == 5
    whole = {id: find_goal(id).check for id in ("home-care-centres", "tcm-halls", "grid-management")}
    assert whole == {"home-care-centres": "presence", "tcm-halls": "share", "grid-management": "tiling"}
    assert (find_goal("class-size-primary").at_most, find_goal("class-size-junior").at_most) == (45, 50)


def test_a_number_that_the_plan_leaves_open_is_asked_for():
    entry = find_entry("kindergarten-reach")
    assert entry.missing() == ("minutes",) and entry.missing({"minutes": 12}) == ()
    with pytest.raises(
        StudyError, match=r"浙政办发〔2021〕34号 gives no minutes; write .*Proposed: 10 \(judgement, not a standard\); 5"
    ):
        entry.goal()
    assert entry.goal(minutes=12).minutes == 12
    said = entry.as_dict()
    assert said["minutes"] is None and said["asks"] == ["minutes"] and said["proposes"]["minutes"][0]["value"] == 10


def test_unknown_goal_names_the_nearest():
    with pytest.raises(StudyError, match="no goal 'fitness-10'; did you mean 'fitness-10min'"):
        find_goal("fitness-10")
    with pytest.raises(StudyError, match="Known: needs-survey"):
        find_goal("zzz")


def test_the_catalogue_cannot_be_changed_by_a_reader():
    with pytest.raises(TypeError):
        goal_catalogue()["new"] = find_entry("rural-90min")
    with pytest.raises(TypeError):
        find_entry("rural-90min").keys["minutes"] = 1


def test_a_county_tightens_a_goal(county):
    catalogue = read_catalogue([county()])
    goal = find_goal("kaihua-fitness", catalogue)
    assert (goal.minutes, goal.target, goal.service, goal.population) == (8, 0.9, "fitness", "urban")
    assert (goal.phrase, goal.document) == (find_goal("fitness-10min").phrase, PLAN)
    assert len(goal.variants) == 5
    assert len(catalogue) == len(goal_catalogue()) + 1


def test_loosening_is_seen(county):
    looser = (
        "    minutes: 8\n    target: 0.9",
        "    minutes: 12\n    target: 0.9\n  easier: {extends: kaihua-fitness, target: 0.5}",
    )
    catalogue = read_catalogue([county(looser)])
    assert (catalogue["kaihua-fitness"].looser, catalogue["easier"].looser) == (("minutes",), ("target",))
    assert read_catalogue([county()])["kaihua-fitness"].looser == find_entry("fitness-10min").looser == ()


def test_a_goal_extends_one_further_down_and_answers_what_the_plan_asks(county):
    text = """format: 1
goals:
  stricter: {extends: nearer, minutes: 5}
  nearer: {extends: kindergarten-reach, minutes: 8}
  own: {check: presence, unit: {level: township}, service: library, phrase: 每个乡镇有图书馆}
"""
    catalogue = read_catalogue([county(text=text)])
    assert (find_goal("stricter", catalogue).minutes, find_goal("nearer", catalogue).minutes) == (5, 8)
    assert find_goal("own", catalogue).document is None


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("format: 1", "format: 2", 1, "format: write one of: 1 (given: 2)"),
        ("format: 1\n", "", 1, "the key 'format' is missing here"),
        ("    minutes: 8", "    minuts: 8", 6, "kaihua-fitness.minuts: unknown key; did you mean 'minutes'?"),
        ("    minutes: 8", "    minutes: 0", 6, "kaihua-fitness.minutes: write a number > 0 (given: 0)"),
        ("    minutes: 8", "    mode: fly", 6, "kaihua-fitness.mode: write one of: walk, bicycle, car (given: fly)"),
        ("    minutes: 8", "    minutes: 8\n    minutes: 9", 7, "the key 'minutes' stands twice"),
        ("extends: fitness-10min", "extends: fitnes-10min", 5, "there is no goal 'fitnes-10min'; did you mean 'fitness-10min'?"),
        ("extends: fitness-10min", "extends: kaihua-fitness", 5, "in a ring: kaihua-fitness -> kaihua-fitness"),
        ("  kaihua-fitness:", "  fitness-10min:", 4, "the id is taken by a goal of zhejiang-14fyp-08-sport.yaml: write `extends"),
        ("    minutes: 8", "    asks: [minutes]\n    minutes: null", 6, "propose at least one value for minutes"),
        ("    minutes: 8", "    unit: {level: county, kinds: [community]}", 6, "level county has no units of kind community"),
        (DOCUMENT, "document: zhejiang", 2, "document: no shipped document is called 'zhejiang'; did you mean 'zhejiang-14fyp'?"),
        ("    minutes: 8", "    title: {zh: 近,好, en: near}", 6, "unknown key; a text with a comma stands in quotes"),
        ("goals:\n", "goals: [\n", 5, "is no valid YAML"),
    ],
)  # fmt: skip
def test_a_mistake_is_said_with_its_line_and_entry(county, old, new, line, words):
    message = error_of(county((old, new)))
    assert message.startswith(f", line {line}: ")
    assert words in message and "\n" not in message


def test_what_is_no_catalogue_is_refused(tmp_path, county):
    assert "there is no such catalogue file" in error_of(tmp_path / "none.yaml")
    assert "holds no catalogue" in error_of(county(text="- a\n"))
    with pytest.raises(StudyError, match="is a folder"):
        read_catalogue([tmp_path])
