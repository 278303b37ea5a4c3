"""Conditions choose rows and do nothing else."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecircle.geo.errors import InputError, StudyError
from lifecircle.layers.conditions import ConditionError, choose_rows, parse_condition
from lifecircle.layers.source import Source
from lifecircle.layers.tables import read_table
from lifecircle.studies.file.reading import read_study
from lifecircle.studies.file.study import FacilityFile

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
        ("kind in ['gym', ' ']", 17, "write kind is null"),
        ("open == 'true'", 9, "holds true and false; write open == true"),
        ("open in ['是']", 10, "holds true and false; write open == true"),
        ("kind > 'gym'", 8, "'gym' is no date: texts have no order"),
        ("kind > '2020-01-01'", 1, "column 'kind' holds texts such as 'gym': texts have no order"),
        ("kind < `full name`", 1, "column 'kind' holds texts such as 'gym': texts have no order"),
        ("beds < kind", 8, "column 'kind' holds texts such as 'gym', the other numbers"),
        ("kind == beds", 1, "column 'kind' holds texts such as 'gym', the other numbers"),
        ("since == beds", 1, "column 'since' holds texts such as '2020-01-01', the other numbers"),
        ("since != kind", 10, "column 'kind' holds texts such as 'gym', the other dates"),
        ("since >= '2020/1/1'", 10, "'2020/1/1' is no date"),
        ("since >= '2020-13-01'", 10, "'2020-13-01' is no date"),
        ("since > 2020", 1, "holds texts such as '2020-01-01', no numbers; write since >= '2020-01-01'"),
        ("code >= '0571'", 9, "holds numbers; write a number without quotes: code >= 0571"),
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
    read = read_table(Source(file=file, where="beds > 6"))
    assert read.table.index.tolist() == [4]
    assert read.rejected[["row", "column", "value"]].values.tolist() == [[2, "beds", "about 9"]]
    kept = read_table(Source(file=file, where="beds > 6 or kind == 'b'"))
    assert kept.table.index.tolist() == [2, 4]
    assert kept.rejected.empty


def rows_of(where, **columns):
    """Return the rows (from 0) that a condition chooses, and the unread cells as column, what is asked, row."""
    table = pd.DataFrame({name: cells if isinstance(cells, pd.Series) else text(cells) for name, cells in columns.items()})
    choice = choose_rows(table, where)
    unread = [(part.column, part.asked, int(row)) for part in choice.unread for row in np.flatnonzero(part.rows)]
    return np.flatnonzero(choice.chosen).tolist(), unread


def text(cells):
    return pd.Series(cells, dtype="str")


def test_one_word_turns_no_numbers_into_texts():
    beds, staff = ["10", "9", "unknown", None, "-"], ["9", "10", "5", "5", "5"]
    assert rows_of("beds > staff", beds=beds, staff=staff) == ([0], [("beds", "number", 2)])
    assert rows_of("not beds > staff", beds=beds, staff=staff) == ([1], [("beds", "number", 2)])
    assert rows_of("9 < beds", beds=beds) == ([0], [("beds", "number", 2)])
    assert rows_of("beds <= staff", beds=beds, staff=pd.Series([9, 10, 5, 5, 5])) == ([1], [("beds", "number", 2)])


def test_columns_are_equal_as_numbers_where_both_hold_them():
    beds = ["10.0", "9", "about 3", "4"]
    assert rows_of("beds == staff", beds=beds, staff=pd.Series([10, 9, 3, 5])) == ([0, 1], [("beds", "number", 2)])
    assert rows_of("beds != staff", beds=beds, staff=["10", "9", "3", "5"]) == ([3], [("beds", "number", 2)])
    # Codes keep their zeros, texts their characters.
    assert rows_of("a == b", a=["0571", "0572"], b=["571", "0572"]) == ([1], [])
    assert rows_of("a != b", a=["x", "12a", None], b=["y", "12a", "z"]) == ([0], [])
    with pytest.raises(ConditionError, match="'b' holds texts such as 'x', the other numbers"):
        rows_of("a == b", a=pd.Series([5, 6]), b=["x", "6"])  # as many texts as numbers


@pytest.mark.parametrize("ids", [text, lambda ids: pd.Series([int(one) for one in ids])])
def test_neighbours_among_long_whole_numbers_are_told_apart(ids):
    codes = ids(["330102199001011233", "330102199001011234", "9007199254740993"])
    assert rows_of("id == 330102199001011234", id=codes)[0] == [1]
    assert rows_of("id in [330102199001011234, 5]", id=codes)[0] == [1]
    assert rows_of("id in [330102199001011234, 0.5]", id=codes)[0] == [1]
    assert rows_of("id != 330102199001011234", id=codes)[0] == [0, 2]
    assert rows_of("id > 330102199001011233", id=codes)[0] == [1]
    assert rows_of("id == 9007199254740992.0 or id == 9007199254740993.0", id=codes)[0] == [2]
    assert rows_of("id == other", id=codes, other=["330102199001011234", "330102199001011234", "9007199254740992"])[0] == [1]


def test_numbers_longer_than_any_integer_of_the_machine():
    codes = ["91330100123456789012", "91330100123456789013", "913301001234567890123456789"]
    assert rows_of("id == 91330100123456789013", id=codes)[0] == [1]
    assert rows_of("id in [91330100123456789012, 913301001234567890123456789]", id=codes)[0] == [0, 2]
    assert rows_of("id > 91330100123456789012", id=codes)[0] == [1, 2]
    assert rows_of("id >= -" + "9" * 300, id=codes)[0] == [0, 1, 2]
    assert rows_of("id == " + "0" * 5_000 + "91330100123456789013", id=codes)[0] == [1]


def test_a_number_that_is_rounded_already_is_not_taken_for_a_neighbour():
    with pytest.raises(ConditionError, match="such as '330102199001011264': too few to tell whole numbers as long"):
        rows_of("id == 330102199001011234", id=pd.Series([330102199001011234.0, np.nan]))
    assert rows_of("id > 330102199001011", id=pd.Series([330102199001011234.0, np.nan]))[0] == [0]
    mixed = ["330102199001011234", "330102199001011235", "3.30102199001011E+17"]
    assert rows_of("id == 330102199001011234", id=mixed) == ([0], [("id", "number", 2)])
    assert rows_of("id == 330102199001011", id=mixed) == ([], [])


def test_a_short_float_is_the_number_it_shows():
    shares = pd.Series([0.1, 0.3], dtype="float32")
    assert rows_of("share == 0.1", share=shares)[0] == rows_of("share in [0.1]", share=shares)[0] == [0]
    assert rows_of("share <= 0.1", share=shares)[0] == [0]


def test_a_list_of_texts_and_numbers_asks_each_cell_for_both():
    kinds = ["pool", "gym", "5", "5.0", None, " ", "NA"]
    assert rows_of("k in ['pool', 5]", k=kinds) == ([0, 2, 3], [])
    assert rows_of("not (k in ['pool', 5])", k=kinds) == ([1, 6], [])
    assert rows_of("k not in ['NA', 5]", k=kinds) == ([0, 1], [])
    assert rows_of("k not in ['gym', 5]", k=["pool", "gym"]) == ([0], [])  # no number at all is no error here
    assert rows_of("k not in [4, 5]", k=kinds) == ([], [("k", "number", 0), ("k", "number", 1)])
    assert rows_of("k in [true, 1]", k=pd.Series([True, False, None], dtype="boolean")) == ([0], [])


def test_dates_are_compared_as_far_as_they_are_written():
    opened = ["2019-12-31", "2020-01-01", "2020-06-30 08:00", "2021", "not yet", None, "NA"]
    assert rows_of("opened >= '2020-01-01'", opened=opened) == ([1, 2, 3], [("opened", "date", 4)])
    assert rows_of("opened <= '2020-06-30'", opened=opened) == ([0, 1, 2], [("opened", "date", 4)])
    assert rows_of("opened > '2020'", opened=opened) == ([3], [("opened", "date", 4)])
    assert rows_of("'2021-01' > opened", opened=opened) == ([0, 1, 2], [("opened", "date", 3), ("opened", "date", 4)])
    zoned = ["2020-06-30T08:00:00+08:00", "2020-06-30T09:00:00.250Z"]
    assert rows_of("opened <= '2020-06-30T08:00'", opened=zoned) == ([0], [])


def test_points_in_time_are_equal_as_far_as_a_date_is_written():
    since = pd.Series(pd.to_datetime(["2020-06-30 00:00", "2020-06-30 08:00", "2020-07-01 00:00", None]))
    assert rows_of("since == '2020-06-30'", since=since) == ([0, 1], [])
    assert rows_of("since in ['2020-06-30T08:00', '2020-07', 'x']", since=since) == ([1, 2], [])
    assert rows_of("since != '2020-06-30T00:00:00'", since=since) == ([1, 2], [])
    assert rows_of("since > '2020-06-30'", since=since) == ([2], [])


def test_columns_of_dates_are_compared_with_each_other():
    opened = ["2020-01-01", "2020-06-30", "2021", "unknown"]
    closed = ["2020-06-30", "2020-06-30", "2021-01-01", "2020-01-01"]
    unread = [("opened", "date", 2), ("opened", "date", 3)]
    assert rows_of("opened < closed", opened=opened, closed=closed) == ([0], unread)
    assert rows_of("opened >= closed", opened=opened, closed=pd.Series(pd.to_datetime(closed))) == ([1], unread)
    assert rows_of("opened == closed", opened=opened, closed=pd.Series(pd.to_datetime(closed))) == ([1], unread)


@pytest.mark.parametrize("blank", [[None, None], pd.Series([np.nan, np.nan]), pd.Series(pd.to_datetime([None, None]))])
@pytest.mark.parametrize("other", [["x", "y"], ["2020-01-01", "2020-01-02"], pd.Series([1, 2]), pd.Series([True, False])])
def test_a_blank_column_is_unknown_beside_any_other(blank, other):
    assert rows_of("blank == other or blank != other", blank=blank, other=other) == ([], [])


def test_a_tools_word_for_a_missing_number_is_no_text_beside_numbers():
    assert rows_of("beds < 3 or beds < staff or beds != staff", beds=["-", "NA"], staff=pd.Series([1, 2])) == ([], [])
    assert rows_of("beds != staff", beds=["-", "NA"], staff=["a", "NA"]) == ([0], [])


def test_true_and_false_with_blanks_between_are_flags():
    assert rows_of("open", open=pd.Series([True, None, False], dtype=object)) == ([0], [])
    assert rows_of("not open", open=pd.Series([True, None, False], dtype=object)) == ([2], [])


def test_a_cell_that_is_no_date_is_listed_not_lost(tmp_path):
    file = tmp_path / "places.csv"
    file.write_text("lon,lat,opened\n120,30,2020-05-01\n121,30,soon\n122,30,2021-05-01\n", encoding="utf-8")
    read = read_table(Source(file=file, where="opened < '2021-01-01'"))
    assert read.table.index.tolist() == [1]
    assert read.rejected[["row", "column", "value"]].values.tolist() == [[2, "opened", "soon"]]
    assert "asks for a date" in read.rejected["reason"][0]


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
