"""Every reason of a gap reads as a sentence in both languages."""

import re

import pytest

from lifecircle.analyses.reasons import REASONS
from lifecircle.maps.explanations import explanation

FACTS = {
    "minutes": 23.04,
    "pass_minutes": 12.0,
    "line_metres": 640.0,
    "route_metres": 1930.0,
    "detour": 3.02,
    "ferry_minutes": 15.0,
    "flat_minutes": 9.5,
    "facility_zone": "清溪县",
    "cover_people": 1234.5,
    "link_metres": 118.0,
    "link_minutes": 8.21,
}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_is_a_whole_sentence(reason, language):
    sentences = explanation({"reason": reason, **FACTS}, "clinics", language)
    assert len(sentences) == 3
    assert all(re.search("[.。]$", sentence) for sentence in sentences)
    assert not any(re.search("None|nan|[{}]", sentence) for sentence in sentences)


def test_numbers_are_written_as_a_planner_says_them():
    reason, cover, link = explanation({"reason": "detour", **FACTS}, "clinics", "en")
    assert "640 m away" in reason and "1.9 km by street (3.0 times" in reason
    assert "1,235 people" in cover
    assert "about 120 m" in link and "8.3 minutes" in link


def test_minutes_never_read_as_less_than_they_are():
    (sentence, *_) = explanation({"reason": "ferry", **FACTS}, "诊所", "zh")
    assert "23.1 分钟" in sentence and "15 分钟" in sentence


@pytest.mark.parametrize("reason", ["too_few", "cut_off", "no_street"])
def test_gaps_without_facts_still_say_why(reason):
    (sentence,) = explanation({"reason": reason}, "clinics", "en")
    assert "None" not in sentence
