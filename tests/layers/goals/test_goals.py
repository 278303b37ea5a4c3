"""Models of goals: what goes together and what does not, variants, levels."""

import pytest
from pydantic import ValidationError

from lifecircle.layers.goals import CHECKS, CircleGoal, PresenceGoal, Unit, goal_from, goal_kind, variant_goals

CITY = {"level": "city"}
SPREAD = {"check": "disparity", "of": "facilities", "among": ["a"], "unit": CITY}
CIRCLE = {"id": "c", "service": "health", "mode": "walk", "minutes": 10}


def test_a_goal_without_check_is_a_circle():
    goal = goal_from(CIRCLE)
    assert isinstance(goal, CircleGoal) and goal.services == ("health",) and goal_kind(goal) == "circle"
    assert goal.name("zh") == "c"


@pytest.mark.parametrize("check", ["circles", 3, ["circle"], None])
def test_an_unknown_check_is_one_error_that_lists_them_all(check):
    with pytest.raises(ValidationError) as caught:
        goal_from({**CIRCLE, "check": check})
    assert caught.value.error_count() == 1 and ", ".join(CHECKS) in str(caught.value)


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({**CIRCLE, "bundle": {"of": "all", "services": ["health"]}}, "at least 2"),
        ({"check": "mix", "mode": "walk", "minutes": 5, "types": ["a", "b"], "at_least": 3}, "3 is more than the 2 types"),
        ({"check": "presence"}, "give either `unit` and `service`, or `levels`"),
        ({"check": "presence", "service": "a", "unit": CITY, "at_least": 2, "at_most": 1}, "2 is above at_most 1"),
        ({"check": "presence", "service": "a", "unit": CITY, "levels": [{"unit": CITY, "service": "a"}]}, "either"),
        ({"check": "share", "flag": "f", "unit": CITY}, "needs a `service`"),
        ({"check": "share", "of": "units", "service": "a", "flag": "f", "unit": CITY}, "has none"),
        ({"check": "ratio", "service": "a", "unit": {"level": "facility"}}, "nobody lives in a facility"),
        ({**SPREAD, "index": "ratio"}, "urban with rural"),
        ({**SPREAD, "between": "urban-rural"}, "urban with rural"),
        ({**SPREAD, "of": "indicator", "between": "urban-rural", "index": "ratio"}, "do not tell town from country"),
        ({"check": "tiling", "tiles": "grid", "unit": {"level": "township", "kinds": ["county"]}}, "no units of kind county"),
        ({**CIRCLE, "target": 90}, "less than or equal to 1"),
    ],
)  # fmt: skip
def test_what_does_not_go_together_is_refused(keys, words):
    with pytest.raises(ValidationError, match=words):
        goal_from({"id": "g", **keys})


def test_one_level_and_several_are_asked_alike():
    single = goal_from({"id": "g", "check": "presence", "service": "a", "unit": CITY, "at_most": 2})
    assert isinstance(single, PresenceGoal)
    (level,) = single.each_level()
    assert (level.unit, level.service, level.at_least, level.at_most) == (Unit(level="city"), "a", 1, 2)
    levels = [{"unit": {"level": "county"}, "service": "a"}, {"unit": {"level": "township"}, "service": "b", "at_least": 2}]
    several = goal_from({"id": "g", "check": "presence", "levels": levels})
    assert [level.at_least for level in several.each_level()] == [1, 2]
    assert several.services == ("a", "b")


def test_a_variant_differs_in_what_it_sets_alone():
    variant = {"id": "far", "title": {"zh": "远", "en": "far"}, "set": {"minutes": 20}, "source": "judgement"}
    goal = goal_from({**CIRCLE, "target": 0.9, "variants": [variant]})
    (far,) = variant_goals(goal)
    assert (far.id, far.minutes, far.target, far.name("en"), far.variants) == ("c--far", 20, 0.9, "far", ())
    assert goal.minutes == 10
    with pytest.raises(ValidationError, match="minuts"):
        variant_goals(goal_from({**CIRCLE, "variants": [{**variant, "set": {"minuts": 20}}]}))


def test_bundles_name_the_whole_and_travel_to_the_parts():
    goal = goal_from({**CIRCLE, "service": "basics", "bundle": {"of": "any", "services": ["a", "b"]}})
    assert (goal.service, goal.services) == ("basics", ("a", "b"))
    assert goal.missing({"b"}) == () and goal.missing(set()) == ("a", "b")
    every = goal_from({**CIRCLE, "service": "basics", "bundle": {"of": "all", "services": ["a", "b"]}})
    assert every.missing({"b"}) == ("a",)
