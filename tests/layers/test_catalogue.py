"""The goal catalogue: verbatim phrases, known services, near misses named."""

import pytest

from lifecircle.geo.errors import StudyError
from lifecircle.layers.catalogue import find_goal, goal_catalogue
from lifecircle.layers.services import service_catalogue


def test_the_two_time_circles_of_the_plan():
    fitness, rural = find_goal("fitness-10min"), find_goal("rural-90min")
    assert (fitness.mode, fitness.minutes, fitness.population, fitness.service) == ("walk", 10, "urban", "fitness")
    assert (rural.mode, rural.minutes, rural.population, rural.service) == ("car", 90, "rural", "health")
    assert fitness.target is None
    assert rural.target is None
    assert "no mode" in rural.source


def test_every_goal_has_words_and_a_known_service():
    for key, entry in goal_catalogue().items():
        goal = entry.example()
        assert goal.id == key
        assert goal.service in service_catalogue()
        assert goal.title.zh
        assert goal.title.en
        assert goal.section
        assert goal.source


def test_phrases_are_verbatim(shared_data):
    plan = (shared_data.parent / "design" / "plan-zhejiang-14fyp.txt").read_text(encoding="utf-8")
    for entry in goal_catalogue().values():
        assert entry.keys["phrase"] in plan


def test_unknown_goal_names_the_nearest():
    with pytest.raises(StudyError, match="no goal 'fitness-10'; did you mean 'fitness-10min'"):
        find_goal("fitness-10")
    with pytest.raises(StudyError, match="It has: fitness-10min, rural-90min"):
        find_goal("zzz")


def test_the_catalogue_cannot_be_changed_by_a_reader():
    with pytest.raises(TypeError):
        goal_catalogue()["new"] = find_goal("rural-90min")
