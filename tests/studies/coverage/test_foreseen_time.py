"""A study that takes minutes says so before it begins."""

import pytest
import toy_study

from lifecircle.layers.goals import CircleGoal
from lifecircle.studies.coverage import foreseen_time
from lifecircle.studies.coverage.foreseen_time import goal_seconds
from lifecircle.studies.speech.progress import Lines, telling

WALK = CircleGoal(id="w", service="health", mode="walk", minutes=10, title={"zh": "甲", "en": "a"})
DRIVE = WALK.model_copy(update={"mode": "car"})


@pytest.mark.parametrize(
    ("goal", "given", "seconds"),
    [
        (WALK, {}, 0.8),
        (WALK, {"units": 100_000}, 0.8 + 15),
        (WALK, {"units": 100_000, "cells": True}, 0.8 + 2),
        (WALK, {"nodes": 1_000_000}, 0.8 + 0.3),
        (WALK, {"facilities": 400}, 0.8 + 2),  # a ring of ten minutes around each
        (WALK, {"facilities": 401}, 0.8),  # too many rings to draw
        (DRIVE, {"facilities": 400}, 0.8),
    ],
)
def test_what_one_goal_takes(goal, given, seconds):
    asked = {"units": 0, "cells": False, "nodes": 0, "facilities": 0, **given}
    assert goal_seconds(goal, **asked) == pytest.approx(seconds)


def run_goals(folder, count):
    people = toy_study.people_table([("u", 1, 0, 5)])
    goals = [{**toy_study.GOAL, "id": f"g{at}"} for at in range(count)]
    return toy_study.run_toy(folder, people, toy_study.points_table([("a", 1, 0)]), goals=goals)


def test_a_long_run_says_so_before_the_first_goal(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(foreseen_time, "SECONDS_PER_GOAL", 61.0)
    with telling(Lines()):
        run_goals(tmp_path, 2)
    said = " ".join(capsys.readouterr().err.split())
    sentence = "2 goals for 1 demand units: about 3 minutes from here on one ordinary core."
    assert sentence in said and said.index(sentence) < said.index("Travel times")


def test_a_short_one_does_not(tmp_path, capsys):
    run_goals(tmp_path, 2)
    assert "ordinary core" not in capsys.readouterr().err
