"""Words that no rule understands are listed, not passed over."""

import pytest
from toy_map import write_map

from lifecircle.geo.reading.osm import read_osm

STREET = {1: (0, 0), 2: (0, 1), 3: (0, 2)}


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        ({"highway": "road", "access": "club_members;yes"}, {"access words": "access=club_members;yes"}),
        ({"highway": "road", "maxspeed": "signals", "maxspeed:forward": "50"}, {"speeds": "maxspeed=signals"}),
        ({"highway": "road", "maxspeed": "none", "access": "no"}, {}),
        ({"route": "ferry", "duration": "about an hour", "interval": "60"}, {"durations": "duration=about an hour"}),
        ({"highway": "road", "duration": "about an hour"}, {}),
        ({"route": "ferry", "duration": "1,5 h", "interval": "07:00-19:00"}, {"durations": "interval=07:00-19:00"}),
        ({"route": "ferry", "duration": "9" * 400}, {"durations": "duration=" + "9" * 191}),
        ({"highway": "road", "maxspeed": "9" * 400}, {"speeds": "maxspeed=" + "9" * 191}),
        ({"highway": "road", "foot:conditional": "no @ (Oct-Apr)"}, {"conditional": "foot:conditional=no @ (Oct-Apr)"}),
        ({"highway": "road", "oneway": "reversible"}, {"oneways": "oneway=reversible"}),
        ({"highway": "road", "oneway": "no", "oneway:bicycle": "alternating"}, {"oneways": "oneway:bicycle=alternating"}),
        ({"highway": "road", "oneway": "sometimes"}, {"oneways": "oneway=sometimes"}),
        ({"highway": "road", "oneway": "-1", "oneway:bicycle": "no"}, {}),
        ({"highway": "road", "seasonal": "winter"}, {"seasonal": "seasonal=winter"}),
        ({"highway": "road", "seasonal": "no"}, {}),
    ],
)
def test_words_are_listed_with_their_way(tmp_path, tags, found):
    write_map(tmp_path / "a.osm", STREET, [([1, 2], {"highway": "road"}), ([2, 3], tags)])
    unused = read_osm(tmp_path / "a.osm").unused
    told = {kind: examples[0][1] for kind, examples in unused.examples.items()}
    assert told == found and all(count == 1 for count in unused.counts.values())
