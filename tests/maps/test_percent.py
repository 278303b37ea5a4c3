"""How a share is said: alike on the screen, on pages and in tables, and never as the other side of its target."""

import re
from pathlib import Path

import pytest

import lifecircle
from lifecircle.maps.exports.scorecard_words import shown_value, value_digits
from lifecircle.maps.percent import percent, percent_digits, short_percent

ROOT = Path(next(iter(lifecircle.__path__)))
# share, target, what is said; 0.1225 is a tie that floats hold exactly: browsers round it up.
SAID = [
    (0.5, None, "50.0%"),
    (0.8996, 0.9, "89.96%"),
    (0.89996, 0.9, "89.996%"),
    (0.9, 0.9, "90.0%"),
    (0.9000001, 0.9, "90.0%"),
    (0.07, 0.07, "7.0%"),
    (0.99999, 1.0, "99.999%"),
    (0.1225, None, "12.3%"),
    (0.95499, 0.955, "95.499%"),
    (1 - 1e-12, 1.0, "100.00000000%"),  # a person in a thousand billions is no other side
    (None, 0.9, "—"),
    (float("nan"), 0.9, "—"),
]


@pytest.mark.parametrize(("share", "target", "said"), SAID)
def test_a_share_never_reads_as_the_other_side_of_its_target(share, target, said):
    assert percent(share, target) == said


def test_neither_does_one_that_should_be_small():
    assert percent(0.10004, most=0.1) == "10.004%"
    assert percent(0.0999, most=0.1) == "10.0%"
    assert percent(0.00001, most=0.0, digits=2) == "0.001%"


@pytest.mark.parametrize(("share", "said"), [(0.9, "90%"), (0.955, "95.5%"), (0.8996, "89.96%"), (1.0, "100%"), (0.0, "0%")])
def test_a_target_has_the_decimals_that_were_asked_for(share, said):
    assert short_percent(share) == said


def test_the_page_says_the_same(open_file, toy, tmp_path):
    from lifecircle.maps.gap_map import write_gap_map

    write_gap_map(toy, tmp_path / "map.html")
    page = open_file(tmp_path / "map.html")
    known = [(share, target) for share, target, _ in SAID if share is not None and share == share]
    say = "([share, target], texts = new lifecircle.Texts({}, 'en')) => [texts.percent(share, target), texts.shortPercent(share)]"
    found = [page.evaluate(say, list(pair)) for pair in known]
    assert [tuple(pair) for pair in found] == [(percent(*pair), short_percent(pair[0])) for pair in known]


def test_a_figure_of_the_scorecard_shows_on_which_side_it_is():
    row = {"value": 0.89996, "value_unit": "share", "figure": "share_of_units", "target": 0.9, "minimum": None, "maximum": None}
    assert shown_value(row) == "89.996%" and value_digits(row) == 3
    limits = {**row, "figure": "share_within_limits", "target": None, "minimum": 0.9}
    assert shown_value(limits) == "90%"  # 0.9 is what one facility should have
    assert value_digits({**row, "value": None}) == 1 and percent_digits(0.5) == 1


def test_no_text_rounds_a_share_by_itself():
    for file in (ROOT / "studies" / "speech" / "text").glob("??.yaml"):
        assert re.findall(r"\{\w+:[^}]*%\}", file.read_text(encoding="utf-8")) == [], file.name
    by_itself = re.compile(r":[.\d]*%\}|100:[.\w]*\}%")  # f"{share:.1%}", f"{share * 100:g}%"
    for room in ("studies", "maps", "analyses"):
        for file in (ROOT / room).rglob("*.py"):
            assert not by_itself.search(file.read_text(encoding="utf-8")), file
