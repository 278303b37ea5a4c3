"""Scorecards as workbook and JSON: what a planner reads in the cells, names as text, every word in both languages."""

import json
import re

import numpy as np
import openpyxl
import pandas as pd
import pytest

from lifecircle.analyses.checks.presence import presence
from lifecircle.analyses.results import Results
from lifecircle.analyses.scorecard import check_rows, finished, joined, lacking_rows
from lifecircle.layers.goals import goal_from
from lifecircle.maps.exports import xlsx
from lifecircle.maps.exports.scorecard import scorecard_table, variants_table, write_scorecard_json
from lifecircle.maps.exports.scorecard_words import explanation, scorecard_words, shown
from lifecircle.maps.exports.table import write_csv

UNIT = {"level": "county"}
GOAL = goal_from(
    {
        "id": "clinics", "check": "presence", "service": "clinic", "unit": UNIT, "phrase": "每县一家", "section": "一",
        "title": {"zh": "卫生院", "en": "Clinics"},
        "variants": [{"id": "two", "title": {"zh": "两家", "en": "Two"}, "set": {"at_least": 2}, "source": "judgement"}],
    }
)  # fmt: skip
OTHER = goal_from(
    {"id": "books", "check": "indicator", "indicator": "books", "unit": UNIT, "at_least": 2.5, "measured_in": "per-head"}
)


@pytest.fixture(scope="module")
def results():
    units = pd.DataFrame(
        {"level": "county", "unit": ["1", "2", "3"], "name": ["=1+1", "-县", "乙\x07县"], "people": [10.0, 20, 30]}
    )
    held, far = pd.Series({"1": 1.0, "2": 2.0}), pd.Series({"3": 7.5})
    taken = check_rows(GOAL, presence(units, held, pd.Series(dtype=float), far, minimum=1))
    two = joined([check_rows(GOAL, presence(units, held, pd.Series(dtype=float), far, minimum=2)).assign(variant="two")])
    rows = joined([taken, lacking_rows([OTHER], {"books": ("indicators.books",)}, 60.0)])
    return Results(
        name="Toy", goals=(), checks=(GOAL, OTHER), services={}, demand=None, cell_metres=None, facilities=None, zones={},
        scorecard=finished(rows, two, (GOAL, OTHER)), variants=two, gaps=None, streets=None,
    )  # fmt: skip


@pytest.mark.parametrize(("language", "heads", "met"), [("zh", ("目标", "名称"), "✓ 达标"), ("en", ("Goal", "Name"), "✓ met")])
def test_a_workbook_reads_like_a_planner_writes(results, tmp_path, language, heads, met):
    xlsx.write_scorecard(results, tmp_path / "s.xlsx", language=language)
    book = openpyxl.load_workbook(tmp_path / "s.xlsx")
    assert len(book.sheetnames) == 4  # summary, counties, definitions side by side, what they are
    sheet = book.worksheets[1]
    titles = [cell.value for cell in sheet[1]]
    assert titles[0] == heads[0] and heads[1] in titles
    assert sheet.freeze_panes == "A2" and sheet.auto_filter.ref and sheet.column_dimensions["A"].width > 20
    names, verdicts = ([row[titles.index(head)] for row in sheet.iter_rows(min_row=2)] for head in (heads[1], titles[8]))
    assert [cell.value for cell in names] == ["=1+1", "-县", "乙县"] and {cell.data_type for cell in names} == {"s"}
    assert verdicts[0].value == met and sheet.conditional_formatting
    summary = book.worksheets[0]
    value = summary.cell(2, 6)
    assert value.value == pytest.approx(2 / 3) and value.number_format == "0.0%"
    told = " ".join(str(cell.value) for row in summary.iter_rows() for cell in row if cell.value)
    assert "33.33%" in told and "66.67%" in told and "OpenStreetMap" in told
    definitions = " ".join(str(cell.value) for row in book.worksheets[3].iter_rows() for cell in row if cell.value)
    assert "每县一家" in definitions and "at_least: 2" in definitions


def test_json_holds_rows_definitions_and_nulls(results, tmp_path):
    write_scorecard_json(results, tmp_path / "s.json", language="en")
    read = json.loads((tmp_path / "s.json").read_text(encoding="utf-8"))
    rows = {(row["goal"], row["unit"]): row for row in read["rows"]}
    assert rows["clinics", "3"]["met"] is False and rows["clinics", "3"]["gap_people"] == 30
    assert rows["clinics", "3"]["details"] == {"nearest_km": 7.5}
    assert rows["books", "all"]["value"] is None and "indicators.books" in rows["books", "all"]["explanation"]
    assert rows["clinics", "all"]["lowest"] == pytest.approx(1 / 3) and rows["clinics", "2"]["rank"] == 1
    assert [row["variant"] for row in read["variants"]] == ["two"] * 4 and read["attribution"]


def test_csv_defuses_names_and_names_definitions(results, tmp_path):
    write_csv(scorecard_table(results, "en"), tmp_path / "s.csv", sources=results.sources, exact=True)
    write_csv(variants_table(results, "en"), tmp_path / "v.csv", sources=results.sources, exact=True)
    card, both = (pd.read_csv(tmp_path / name, dtype={"unit": str}) for name in ("s.csv", "v.csv"))
    assert card["name"].tolist()[1:3] == ["'=1+1", "'-县"]
    assert not card.duplicated(["goal", "level", "unit"]).any()
    assert both["variant"].fillna("").value_counts().to_dict() == {"": 4, "two": 4}


def test_both_languages_say_the_same():
    def leaves(value, path=""):
        if isinstance(value, dict):
            return {key: text for name, part in value.items() for key, text in leaves(part, f"{path}.{name}").items()}
        return {path: set(re.findall(r"{\w+}", value))}

    assert leaves(scorecard_words("zh")) == leaves(scorecard_words("en"))


def test_every_reason_has_words():
    row = {"missing": 3, "of": 12, "what": "beds", "at_least": np.nan, "at_most": np.nan, "lowest": np.nan, "highest": np.nan}
    for reason in scorecard_words("en")["reasons"]:
        for language in ("zh", "en"):
            assert explanation({**row, "reason": reason, "details": None, "value_unit": "count"}, language)
    said = explanation({**row, "reason": "no_supply", "details": None, "value_unit": "count"}, "en")
    assert said == "no beds for 3 of 12 facilities"


def test_figures_as_planners_write_them():
    assert [shown(0.7234, "share"), shown(1234.5, "count"), shown(2.0, "count"), shown(None, "share")] == [
        "72.34%",
        "1,234.5",
        "2",
        "—",
    ]
