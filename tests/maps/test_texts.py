"""Both languages say the same things."""

import re

import pytest

from lifecircle.analyses.coverage import STATUSES
from lifecircle.analyses.reasons import REASONS
from lifecircle.geo.errors import InputError
from lifecircle.maps.figures import column
from lifecircle.maps.texts import texts


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
