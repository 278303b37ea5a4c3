"""Both languages say the same things."""

import re

import pytest

from lifecircle.analyses.coverage import STATUSES
from lifecircle.analyses.reasons import REASONS
from lifecircle.geo.errors import InputError
from lifecircle.maps.figures import column
from lifecircle.maps.texts import text_width, texts, wrapped


def leaves(value, path=""):
    if isinstance(value, dict):
        return {key: text for name, part in value.items() for key, text in leaves(part, f"{path}.{name}").items()}
    if isinstance(value, list):
        return {key: text for i, part in enumerate(value) for key, text in leaves(part, f"{path}.{i}").items()}
    return {path: value}


def test_keys_and_placeholders_are_the_same():
    chinese, english = leaves(texts("zh")), leaves(texts("en"))
    assert chinese.keys() == english.keys()
    for key, text in chinese.items():
        assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", english[key])), key


def test_every_text_is_a_text():
    for language in ("zh", "en"):
        assert {type(text) for text in leaves(texts(language)).values()} == {str}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_status_has_words(language):
    words = texts(language)
    assert set(words["shared"]["status"]) == set(STATUSES)
    assert set(words["map"]["status_sentence"]) == set(words["map"]["sheet_title"]) == set(STATUSES)
    assert set(words["report"]["meanings"]) == set(STATUSES)
    assert {column(status) for status in STATUSES} < set(words["report"]["columns"])


def test_unknown_language_is_named():
    with pytest.raises(InputError, match="'fr' is not one of zh, en"):
        texts("fr")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_reason_of_a_gap_has_words(language):
    words = texts(language)["shared"]
    assert set(words["reason"]) == set(REASONS) == set(words["reason_sentence"]) - {"too_few_unknown"}


def test_lines_of_sources_keep_their_width_and_lose_nothing():
    parts = [
        "© OpenStreetMap contributors (ODbL)",
        "area.geojson: 省测绘院，仅限内部使用",
        "one two three four five six seven",
        "x",
    ]
    lines = wrapped(parts, 40).split("\n")
    assert lines == [
        "© OpenStreetMap contributors (ODbL)",
        "area.geojson: 省测绘院，仅限内部使用",
        "one two three four five six seven  ·  x",
    ]
    for text in ("省" * 100, "a" * 100, "word " * 20):
        broken = wrapped([text], 24, most_lines=20).split("\n")
        assert max(map(text_width, broken)) <= 24 and "".join(broken).replace(" ", "") == text.replace(" ", "")


def test_what_does_not_fit_ends_with_a_mark():
    lines = wrapped([f"source number {n}" for n in range(50)], 40, most_lines=3).split("\n")
    assert len(lines) == 3 and lines[-1].endswith("…") and max(map(text_width, lines)) <= 41
