"""Conditions choose rows and do nothing else."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecircle.geo.errors import InputError, StudyError
from lifecircle.layers.conditions import ConditionError, choose_rows, parse_condition
from lifecircle.layers.tables import read_table
from lifecircle.studies.study import FacilityFile
from lifecircle.studies.study_file import read_study

TABLE = pd.DataFrame(
    {
        "id": list("abcd"),
        "beds": [5.0, np.nan, 0, 9],
        "kind": pd.array(["gym", None, "pool", "gym hall"], dtype="str"),
        "code": pd.array(["0571", "0572", "about 3", None], dtype="str"),
        "名称": pd.array(["甲", "乙", "丙", "丁"], dtype="str"),
        "division": [330102, 330103, 330200, 110000],
        "full name": pd.array(list("xyzw"), dtype="str"),
        "open": [True, False, True, True],
        "since": pd.to_datetime(["2020-01-01", "2021-01-01", None, "2022-01-01"]),
        "nothing": pd.array([None] * 4, dtype="str"),
    }
)


def chosen(where: str) -> str:
    return "".join(TABLE["id"][choose_rows(TABLE, where).chosen])


@pytest.mark.parametrize(
    ("where", "rows"),
    [
        ("beds > 0", "ad"),
        ("beds>0", "ad"),
        ("beds = 5", "a"),
        ("beds == 5.0", "a"),
        ("beds <> 5", "cd"),
        ("beds > -1", "acd"),
        ("0 < beds <= 5", "a"),
        ("5 > beds", "c"),
        ("beds ≥ 5", "ad"),
        ("beds＞０", "ad"),
        ("beds > 0 and kind in ['gym', 'pool']", "a"),
        ("beds > 0 & kind in ('gym')", "a"),
        ("beds > 5 or kind == 'pool'", "cd"),
        ("kind == 'pool' or kind == 'gym' and beds > 5", "c"),  # and goes before or
        ("(kind == 'pool' or kind == 'gym') and beds > 4", "a"),
        ("not kind == 'gym'", "cd"),
        ("~(beds > 5) | kind == 'pool'", "ac"),
        ("kind not in ['gym']", "cd"),
        ("kind.isin(['gym'])", "a"),
        ("kind contains 'gym'", "ad"),
        ("kind not contains 'gym'", "c"),
        ("kind.str.contains('gym|pool')", "acd"),
        ("kind.str.contains('gym', na=False)", "ad"),
        ("kind contains 'gym|pool'", ""),
        ("kind starts with 'gym h'", "d"),
        ("kind startswith 'gym'", "ad"),
        ("kind ends with 'l'", "cd"),
        ("kind matches '^gym.h'", "d"),
        ("kind is null", "b"),
        ("kind IS NOT NULL", "acd"),
        ("kind.isnull()", "b"),
        ("kind != ''", "acd"),
        ('`full name` == "x"', "a"),
        ("名称 == '甲' 或 名称 == “丁”", "ad"),
        ("名称 = '甲' 且 非 (beds > 5)", "a"),
        ("code == '0571'", "a"),
        ("code == '571'", ""),  # a text asks for its characters
        ("code == 571", "a"),  # a number asks for the value
        ("division startswith '3301'", "ab"),
        ("division in [330102, '110000']", "ad"),
        ("division == '330102'", "a"),
        ("open", "acd"),
        ("not open", "b"),
        ("open == true and beds > 0", "ad"),
        ("since >= '2021-01-01'", "bd"),
        ("since is null", "c"),
        ("nothing > 3 or nothing == 'x' or nothing contains 'x'", ""),
        ("kind == 'it''s' or kind == 'it\\'s' or id == 'a'", "a"),
    ],
)
def test_conditions_choose_rows(where, rows):
    assert chosen(where) == rows


@pytest.mark.parametrize("where", ["beds > 5", "beds == 5", "beds != 5", "beds in [5]", "kind contains 'g'", "kind == 'gym'"])
def test_a_blank_cell_meets_neither_a_condition_nor_its_opposite(where):
    assert "b" not in chosen(where)
    assert "b" not in chosen(f"not ({where})")
    assert chosen(f"{where} or not ({where})") == "acd"
    assert "b" in chosen(f"{where} or id == 'b'")  # unknown or true is true


@pytest.mark.parametrize(
    ("where", "at", "hint"),
    [
        ("beds = > 0", 8, "here comes a column, a number, or a text in quotes"),
        ("beds => 0", 6, "write >="),
        ("beds > 0 && kind == 'gym'", 10, "write `and`"),
        ("kind == null", 9, "here comes"),
        ("kind == None", 9, "is null"),
        ("kind == ''", 9, "write kind is null"),
        ("kind == gym", 9, "a text stands in quotes: 'gym'"),
        ("kind in [gym]", 10, "'gym'"),
        ("kind in []", 10, "here comes"),
        ("kind like 'g%'", 6, "contains"),
        ("kind contians 'g'", 6, "did you mean `contains`"),
        ("beds between 1 and 5", 6, "5 <= beds <= 10"),
        ("beds > '3'", 8, "without quotes: beds > 3"),
        ("kind > 0", 1, "write kind == '0'"),
        ("bedz > 0", 1, "did you mean 'beds'"),
        ("beds + 1 > 0", 6, "does not calculate"),
        ("beds - 1 > 0", 6, "does not calculate"),
        ("(beds > 0", 1, "not closed"),
        ("beds > 0)", 9, "could end here"),
        ("'a' == 'b'", 1, "neither side is a column"),
        ("1 == 1", 1, "neither side is a column"),
        ("2020年 > 5", 1, "`2020年`"),
        ("kind == 'gym", 9, "no closing '"),
        ("`kind == 3", 1, "no closing `"),
        ("kind matches '('", 14, "no regular expression"),
        ("kind matches '(a)\\1'", 14, "no regular expression"),
        ("beds > 1e999", 8, "too large"),
        ("@pd.io", 1, "nothing but the file's columns"),
        ("__import__('os').system('touch x')", 1, "functions are no part"),
        ("beds.__class__ == 1", 1, "is no part of a condition"),
        ("kind.str.lower() == 'gym'", 1, "is no part of a condition"),
        ("beds[0] > 1", 5, "a column stands whole"),
        ("beds > 0; beds", 9, "has no place"),
        ("lambda x: 1", 9, "has no place"),
        ("beds > 0 #", 10, "has no place"),
        ("beds", 1, "alone is no condition"),
        ("", 1, "the condition is empty"),
        ("(" * 5_000, 41, "at most 40 deep"),
        ("not " * 4_000 + "open", 161, "at most 40 deep"),
        ("x" * 30_000, 1, "at most 20000 characters"),
        ("kind in [" + ",".join(["1"] * 2_500) + "]", 4_011, "at most 2000 values"),
    ],
)
def test_anything_else_is_refused_with_its_place_and_the_nearest_form(where, at, hint):
    with pytest.raises(ConditionError) as caught:
        choose_rows(TABLE, where)
    assert f", character {at}: " in str(caught.value)
    assert hint in str(caught.value)
    assert len(str(caught.value)) < 400


def test_evil_expressions_take_no_time():
    """An engine that tries every way would not come back from this one."""
    table = pd.DataFrame({"kind": pd.array(["a" * 5_000 + "b"] * 50, dtype="str")})
    assert not choose_rows(table, "kind matches '^(a+)+$'").chosen.any()


WORDS = [
    "beds",
    "kind",
    "`full name`",
    "'gym'",
    "5",
    "-3",
    "and",
    "or",
    "not",
    "in",
    "is",
    "null",
    "==",
    "<",
    "contains",
    "(",
    ")",
    "[",
    "]",
    ",",
    ".",
    "str",
    "true",
    "@",
    "matches",
]


@given(st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join) | st.text(max_size=40))
def test_any_text_is_answered_or_refused(where):
    try:
        choice = choose_rows(TABLE, where)
    except ConditionError as error:
        assert 0 <= error.at <= len(where)
    else:
        assert choice.chosen.shape == (4,)


@given(st.lists(st.sampled_from(["beds > 4", "kind == 'gym'", "open", "beds is null"]), min_size=2, max_size=6))
def test_de_morgan_holds_with_blanks_too(parts):
    either, both = " or ".join(parts), " and ".join(f"not ({part})" for part in parts)
    assert chosen(f"not ({either})") == chosen(both)


def test_a_cell_that_is_no_number_is_listed_not_lost(tmp_path):
    file = tmp_path / "places.csv"
    file.write_text("lon,lat,beds,kind\n120,30,5,a\n121,30,about 9,b\n122,30,,c\n123,30,7,d\n", encoding="utf-8")
    read = read_table(file, where="beds > 6")
    assert read.table.index.tolist() == [4]
    assert read.rejected[["row", "column", "value"]].values.tolist() == [[2, "beds", "about 9"]]
    kept = read_table(file, where="beds > 6 or kind == 'b'")
    assert kept.table.index.tolist() == [2, 4]
    assert kept.rejected.empty


def test_a_study_is_refused_when_it_is_read(tmp_path):
    """So `check`, and `replay` of a record that somebody edited, run nothing either."""
    text = 'name: a\nout: out\nfacilities:\n  fitness:\n    - {file: f.csv, where: "beds.__class__ == 1"}\ngoals: []\n'
    (tmp_path / "study.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(StudyError, match=r"line 5: facilities\.fitness\.where: where 'beds\.__class__ == 1', character 1: "):
        read_study(tmp_path / "study.yaml")
    with pytest.raises(ValueError, match="character 1"):
        FacilityFile.model_validate({"file": "f.csv", "where": "@x"})
    assert isinstance(ConditionError("p", "w", 0), InputError)
    assert parse_condition("beds > 0") == parse_condition("beds > 0")
