"""What the browser unpacks is what was packed, and rounding never moves anyone inside a limit."""

import base64
import gzip
import json

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from lifecircle.geo.errors import InputError
from lifecircle.maps.packing import Bundle, people_units, tenths_up, varint_deltas


def decode(data: bytes) -> list[int]:
    """The same decoding as runtime/unpack.js, byte by byte."""
    values, total, part, factor = [], 0, 0, 1
    for byte in data:
        part += (byte & 127) * factor
        factor *= 128
        if byte < 128:
            total += -(part + 1) // 2 if part % 2 else part // 2
            values.append(total)
            part, factor = 0, 1
    return values


def unpack(text: str) -> tuple[dict, bytes]:
    content = gzip.decompress(base64.b64decode(text))
    length = int.from_bytes(content[:4], "little")
    return json.loads(content[4 : 4 + length]), content[4 + length :]


@given(st.lists(st.integers(-(2**52), 2**52)))
def test_deltas_come_back(values):
    assert decode(varint_deltas(values)) == values


def test_small_steps_take_one_byte():
    assert len(varint_deltas(np.arange(1000, 2000) % 1063)) < 1010


@given(st.floats(0, 2000), st.integers(1, 14400))
def test_a_limit_judges_tenths_as_it_judges_minutes(minutes, limit_tenths):
    limit = limit_tenths / 10
    for value in (minutes, limit, np.nextafter(limit, np.inf), np.nextafter(limit, 0)):
        assert (tenths_up(value) <= limit_tenths) == (value <= limit)


def test_tenths_by_hand():
    tenths = tenths_up([0.0, 0.01, 1.1, 9.95, 10.0, 10.000001, np.nan, np.inf])
    assert tenths.tolist() == [0, 1, 11, 100, 100, 101, -1, -1]


def test_people_keep_thousandths_only_where_there_are_any():
    assert people_units([3.0, 0.0])[1] == 1
    units, scale = people_units([3.1274, 2.0])
    assert (units.tolist(), scale) == ([3127, 2000], 1000)


def test_missing_people_are_refused_with_their_row():
    with pytest.raises(InputError, match="row 2 "):
        people_units([1.0, np.nan])


def test_shapes_keep_holes_and_drop_repeated_vertices():
    ring = [(0, 0), (0.01, 0), (0.010000001, 0), (0.01, 0.01), (0, 0.01)]
    hole = [(0.002, 0.002), (0.004, 0.002), (0.004, 0.004), (0.002, 0.004)]
    bundle = Bundle()
    bundle.add_shapes("s", [shapely.Polygon(ring, [hole]), shapely.MultiPolygon([shapely.box(1, 1, 2, 2)])])
    assert decode(bundle.sections["s.parts"]) == [2, 1]
    assert decode(bundle.sections["s.vertices"]) == [5, 5, 5]
    x, y = (np.array(decode(bundle.sections[f"s.{axis}"])[:10]).reshape(2, 5) for axis in "xy")
    turns = [np.sum(a[:-1] * b[1:] - a[1:] * b[:-1]) for a, b in zip(x, y, strict=True)]
    assert np.sign(turns[0]) == -np.sign(turns[1])


def test_no_shape_at_all_packs_to_nothing():
    bundle = Bundle()
    bundle.add_shapes("s", [])
    assert set(bundle.sections.values()) == {b""}


def test_pack_is_one_text_that_names_its_sections():
    bundle = Bundle()
    bundle.add_integers("a", [5, 6])
    bundle.add_integers("b", [7])
    head, rest = unpack(bundle.pack({"name": "镇"}).text)
    offset, length = head["sections"]["b"]
    assert head["name"] == "镇"
    assert decode(rest[offset : offset + length]) == [7]
    assert bundle.pack({}) == bundle.pack({})


def test_pack_says_which_characters_its_text_hides():
    packed = Bundle().pack({"name": '镇镇"东'})
    assert {"镇", "东"} < set(packed.characters)
    assert len(packed.characters) == len(set(packed.characters))
