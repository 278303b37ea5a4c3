"""Printed maps and curves: the scorecard's figures, drawn to scale, with everything a map must carry."""

import dataclasses
import io
import re
from datetime import date

import matplotlib.image as mpimg
import numpy as np
import pytest
import shapely
from matplotlib.figure import Figure

from lifecircle.maps import pictures
from lifecircle.maps.curves import draw_curve, reach_curve
from lifecircle.maps.figures import overall, shown_people
from lifecircle.maps.pictures import _draw_shapes, _paths, draw_map, gap_classes, picture_bytes, round_length, write_pictures
from lifecircle.maps.texts import texts


def words_of(figure):
    return re.findall(r"<text[^>]*>([^<]*)</text>", picture_bytes(figure, "svg").decode("utf-8"))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_map_carries_title_headline_legend_scale_north_and_sources(toy, language):
    written = words_of(draw_map(toy, toy.goals[0], language=language, made_on=date(2026, 1, 2)))
    shared, words = texts(language)["shared"], texts(language)["map"]
    for text in (toy.goals[0].name(language), "OpenStreetMap", "2026-01-02", shared["review_blank"], words["north"]):
        assert any(text in line for line in written), text
    assert any(re.fullmatch(r"\d+ (km|m|公里|米)", line) for line in written), "a scale of round length"


def test_a_review_number_is_printed_as_given(toy):
    written = words_of(draw_map(toy, toy.goals[0], language="zh", review_number="浙S(2026)1号"))
    assert any("浙S(2026)1号" in line for line in written)


@pytest.mark.parametrize("goal", [0, 1])
def test_the_people_in_the_legend_are_the_scorecards(toy, goal):
    shown = gap_classes(toy, toy.goals[goal], texts("en"))
    row = shown_people(overall(toy, toy.goals[goal].id))
    assert sum(shown.people) == row["people"]
    assert shown.people[0] == row["covered"]
    assert sum(shown.people[1:6]) == row["beyond"]


def test_units_exactly_at_a_break_belong_to_the_class_that_ends_there(toy):
    goal = toy.goals[0]
    demand = toy.demand.copy()
    demand[f"{goal.id}.status"] = demand[f"{goal.id}.status"].astype(object)
    demand.loc[[0, 1, 2], f"{goal.id}.status"] = "beyond"
    demand.loc[[0, 1, 2], f"{goal.id}.minutes"] = [12.0, 12.001, 10.001]
    shown = gap_classes(dataclasses.replace(toy, demand=demand), goal, texts("en"))
    assert shown.of_unit[:3].tolist() == [1, 2, 1]


def test_the_curve_at_the_limit_is_the_share_covered(toy):
    for goal in toy.goals:
        minutes, share = reach_curve(toy, goal)
        at = np.searchsorted(minutes, goal.minutes, side="right") - 1
        assert (share[at] if at >= 0 else 0) == pytest.approx(overall(toy, goal.id)["share"])
        assert (np.diff(share) >= 0).all()
        assert share[-1] <= 1 + 1e-12, "those who get nowhere stay in the denominator"


def test_a_curve_names_its_limit_and_target(toy):
    written = " ".join(words_of(draw_curve(toy, toy.goals[0], language="en")))
    assert "10 min" in written and "target 90%" in written


@pytest.mark.parametrize(("metres", "length"), [(999, 500), (1000, 1000), (2100, 2000), (7, 5), (50_000, 50_000)])
def test_scales_have_round_lengths(metres, length):
    assert round_length(metres) == length


def test_areas_are_drawn_with_their_holes_and_parts():
    corners = shapely.get_coordinates(shapely.box(2, 2, 4, 4))
    rings = [shapely.Polygon(shapely.box(0, 0, 6, 6).exterior, [hole]) for hole in (corners, corners[::-1])]
    parts = shapely.union_all([shapely.box(0, 8, 2, 9), shapely.box(4, 8, 6, 9)])
    for ring in rings:  # a hole that runs like its border is a hole
        figure = Figure(figsize=(1, 1), dpi=100)
        axes = figure.add_axes((0, 0, 1, 1), xlim=(0, 10), ylim=(0, 10), facecolor="white", frame_on=False)
        _draw_shapes(axes, np.array([ring, parts]), np.array(["black", "red"]), zorder=1)
        image = mpimg.imread(io.BytesIO(picture_bytes(figure, "png")))[::-1]
        seen = [image[int(y * len(image) / 10), int(x * len(image) / 10), :3].tolist() for y in (3, 8.5) for x in (1, 3, 5)]
        assert seen == [[0, 0, 0], [1, 1, 1], [0, 0, 0], [1, 0, 0], [1, 1, 1], [1, 0, 0]]
    assert _paths(np.array([], object)) == []


def test_units_on_one_place_are_drawn_once(toy):
    demand = toy.demand.copy()
    spots = demand.geometry.to_numpy().copy()
    spots[:] = spots[0]
    spots[7] = toy.demand.geometry[7]
    crowded = dataclasses.replace(toy, demand=demand.set_geometry(spots, crs=demand.crs), cell_metres=None)
    drawn = draw_map(crowded, toy.goals[0], language="en").axes[0].collections
    assert [len(shapes.get_paths()) for shapes in drawn if shapes.get_zorder() == 1] == [2]


def test_a_drawing_does_not_hold_very_many_facilities_one_by_one(toy, monkeypatch):
    mine = int((toy.facilities["service"] == toy.goals[0].service).sum())
    marks = {}
    for most in (mine, mine - 1):
        monkeypatch.setattr(pictures, "MOST_DOTS", most)
        marks[most] = picture_bytes(draw_map(toy, toy.goals[0], language="en"), "svg").count(b"<use ")
    assert marks[mine] - marks[mine - 1] == mine > 1


def test_files_are_written_for_every_goal_and_are_the_same_each_time(toy, tmp_path):
    files = write_pictures(toy, tmp_path, language="en", made_on=date(2026, 1, 2))
    first = [file.read_bytes() for file in files]
    assert {file.name for file in files} == {f"map-{goal.id}.{kind}" for goal in toy.goals for kind in ("png", "svg")}
    again = write_pictures(toy, tmp_path, language="en", made_on=date(2026, 1, 2))
    assert [file.read_bytes() for file in again] == first
