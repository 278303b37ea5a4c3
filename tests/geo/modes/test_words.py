"""What tags say in words: permissions, limits and durations, as travel model 2 lists them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecircle.geo.modes import durations, limits, words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("yes", words.OPEN),
        (" Discouraged ", words.OPEN),
        ("no;permissive", words.OPEN),
        ("customers", words.ENDS_ONLY),
        ("club_members", words.ENDS_ONLY),
        ("no; delivery", words.ENDS_ONLY),
        ("forestry;No", words.CLOSED),
        (" ; ", words.SILENT),
    ],
)
def test_permissions(text, found):
    assert words.access_class(text) == found


def test_words_of_no_list_are_known_as_such():
    assert words.is_understood("no;permit") and not words.is_understood("no;club_members")


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("90", 90), ("01:30", 90), ("1:30:30", 90.5), ("PT1H30M", 90), ("pt1.5h", 90), ("P1DT1H", 1500), ("90 min", 90),
        ("1h30", 90), ("1.5 hours", 90), ("1 hr 5 minutes", 65), ("90分钟", 90), ("2小时30分", 150), ("1时", 60), ("20-30", 30),
        ("60 – 90 min", 90), ("90;120", 120), ("0:45, 1:00", 60), ("1:00/about an hour", 60), ("about an hour", math.nan),
        ("PT", math.nan), ("", math.nan), ("h", math.nan),
        ("0,5h", 30), ("1,5 h", 90), ("1,5小时", 90), ("90,5 Minutes", 90.5), ("PT1,5H", 90), ("pt1h2,5m", 62.5),
        ("P1DT0,5H", 1470), ("0,5-1,5 h", 90), ("20,30,40 min", 40), ("1:00,30 min", 60), ("20,30", 30), ("PT30M,PT45M", 45),
        ("9" * 400, math.nan), ("9" * 5000 + ":00", math.nan), ("1:00;" + "9" * 400 + " h", 60),
        ("PT" + "9" * 400 + "H", math.nan),
    ],
)  # fmt: skip
def test_durations(text, minutes):
    assert durations.clock_seconds(text) / 60 == pytest.approx(minutes, nan_ok=True)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("07:00-19:00", math.nan), ("7:00 – 19:00:00", math.nan), ("07:00至19:00", math.nan), ("Mo-Fr 07:00-19:00", math.nan),
        ("24/7", math.nan), ("06:00-09:00 20 min", math.nan), ("07:00-19:00; 00:30", 30), ("0,5 h", 30), ("20-30", 30),
        ("1:00", 60), ("20/30", 30),
    ],
)  # fmt: skip
def test_intervals_are_durations_but_hours_of_service_are_not(text, minutes):
    assert durations.interval_seconds(text) / 60 == pytest.approx(minutes, nan_ok=True)


def test_a_crossing_may_take_from_one_clock_time_to_another():
    assert durations.clock_seconds("1:00-1:30") == 5400


@pytest.mark.parametrize(
    ("text", "kmh"),
    [
        ("50", 50), ("30 MPH", 48.28032), ("45.5 km/h", 45.5), ("80;60", 60), ("80, 60 kmh", 60), ("walk", 7), ("CN:rural", 70),
        ("ro:urban", 50), ("DE:motorway", 120), ("AT:living_street", 20), ("signals;40", 40), ("none", math.inf), ("None;80", 80),
        ("0", math.nan),
        ("signals", math.nan), ("DE:zone30", math.nan), ("-30", math.nan), ("9" * 400, math.nan), ("9" * 400 + " mph;50", 50),
    ],
)  # fmt: skip
def test_limits(text, kmh):
    assert limits.maxspeed_kmh(text) == pytest.approx(kmh, nan_ok=True)


def test_none_is_understood_and_signals_are_not():
    assert limits.is_understood("None") and limits.is_understood("50") and not limits.is_understood("signals")


@given(st.text(max_size=20))
def test_any_text_is_read_or_refused(text):
    assert words.access_class(text) in (words.SILENT, words.CLOSED, words.ENDS_ONLY, words.OPEN)
    for seconds in (durations.clock_seconds(text), durations.interval_seconds(text)):
        assert math.isnan(seconds) or 0 <= seconds < math.inf
    assert math.isnan(limits.maxspeed_kmh(text)) or limits.maxspeed_kmh(text) > 0
