"""The page: one file, the same every time, and its figures are the scorecard's."""

import base64
import dataclasses
import gzip
import json
from datetime import date

import folium
import pandas as pd
import pytest

from lifecircle.analyses.coverage import STATUSES
from lifecircle.geo.errors import InputError
from lifecircle.maps.figures import FIGURES, plain, rounded_parts
from lifecircle.maps.gap_map import gap_map, write_gap_map
from lifecircle.maps.page import refuse_addresses

DAY = date(2026, 1, 2)


def head_of(html: str) -> dict:
    text = html.split('id="payload">')[1].split("<")[0]
    content = gzip.decompress(base64.b64decode(text))
    return json.loads(content[4 : 4 + int.from_bytes(content[:4], "little")])


@pytest.fixture(scope="module")
def page(toy):
    return gap_map(toy, made_on=DAY).get_root().render()


def test_it_is_a_folium_map(toy):
    assert isinstance(gap_map(toy), folium.Map)


def test_one_file_that_fetches_nothing(page):
    refuse_addresses(page)
    assert page.count("<html") == 1
    assert "Content-Security-Policy" in page


def test_the_same_results_give_the_same_file(toy, page, tmp_path):
    write_gap_map(toy, tmp_path / "map.html", made_on=DAY)
    assert (tmp_path / "map.html").read_text(encoding="utf-8") == page


def test_saving_the_folium_map_gives_the_same_page(toy, page, tmp_path):
    gap_map(toy, made_on=DAY).save(str(tmp_path / "saved.html"))
    assert (tmp_path / "saved.html").read_text(encoding="utf-8") == page


def test_figures_are_those_of_the_scorecard(toy, page):
    head = head_of(page)
    for goal in head["goals"]:
        row = toy.scorecard.query("goal == @goal['id'] and level == 'all'").iloc[0]
        assert goal["figures"] == {name: plain(row[name]) for name in FIGURES}
    level = next(level for level in head["levels"] if level["id"] == "township")
    rows = toy.scorecard.query("goal == 'rural-90min' and level == 'township'").set_index("unit")
    for zone, figures in zip(level["zones"], level["figures"]["rural-90min"], strict=True):
        assert figures["covered"] == rows.loc[zone, "covered"]


def test_all_statuses_are_in_the_toy(toy):
    found = {status for goal in toy.goals for status in toy.demand[f"{goal.id}.status"].unique()}
    assert found == set(STATUSES)


def test_a_zone_without_scorecard_row_is_shown_without_figures(toy):
    card = toy.scorecard[toy.scorecard["unit"] != "3300"]
    head = head_of(gap_map(dataclasses.replace(toy, scorecard=card)).get_root().render())
    county = next(level for level in head["levels"] if level["id"] == "county")
    assert county["figures"]["fitness-10min"][0] is None


def test_names_from_the_data_never_stand_in_the_page(page):
    assert "alert(1)" not in page


def test_study_name_is_escaped(toy):
    html = gap_map(dataclasses.replace(toy, name="</title><script>x()</script>")).get_root().render()
    assert "<script>x()" not in html


def test_review_number_is_printed_only_where_given(toy, page):
    assert head_of(page)["reviewNumber"] == ""
    given = gap_map(toy, review_number="浙S(2026)1号").get_root().render()
    assert head_of(given)["reviewNumber"] == "浙S(2026)1号"


def test_100k_cells_stay_under_the_size_budget(build_results, tmp_path):
    write_gap_map(build_results(columns=400, rows=250, metres=100.0, per_service=60), tmp_path / "map.html")
    assert (tmp_path / "map.html").stat().st_size < 1.5e6


def test_inputs_are_not_changed(toy):
    before = [toy.demand.copy(), toy.scorecard.copy(), toy.gaps.copy(), toy.streets.copy()]
    gap_map(toy)
    for old, new in zip(before, [toy.demand, toy.scorecard, toy.gaps, toy.streets], strict=True):
        pd.testing.assert_frame_equal(pd.DataFrame(old), pd.DataFrame(new))


def test_no_streets_no_gaps_no_zones_no_facilities(toy):
    bare = dataclasses.replace(
        toy, streets=toy.streets.iloc[:0], gaps=toy.gaps.iloc[:0], zones={}, facilities=toy.facilities.iloc[:0],
        scorecard=toy.scorecard[toy.scorecard["level"] == "all"],
    )  # fmt: skip
    head = head_of(gap_map(bare).get_root().render())
    assert head["levels"] == []
    assert head["gaps"]["fitness-10min"]["rows"] == []


def test_no_demand_is_refused(toy):
    with pytest.raises(InputError, match="no demand unit"):
        gap_map(dataclasses.replace(toy, demand=toy.demand.iloc[:0]))


def test_a_goal_without_overall_row_is_refused(toy):
    card = toy.scorecard[toy.scorecard["level"] != "all"]
    with pytest.raises(InputError, match="0 rows with level 'all' for goal 'fitness-10min'"):
        gap_map(dataclasses.replace(toy, scorecard=card))


def test_unknown_language_is_refused(toy):
    with pytest.raises(InputError, match="'de'"):
        gap_map(toy, language="de")


@pytest.mark.parametrize(
    ("parts", "total", "rounded"),
    [([1727.4997, 1371.692, 48.37, 0, 359.36], 3506.92, [1728, 1372, 48, 0, 359]), ([0.4, 0.4, 0.4], 1.2, [1, 0, 0])],
)
def test_printed_parts_add_up(parts, total, rounded):
    assert rounded_parts(parts, total) == rounded
