"""Indicators: figures by unit and year from the tables planners keep; what is no figure is set aside."""

import pandas as pd
import pytest

from lifecircle.geo.errors import InputError
from lifecircle.layers.indicators import join_indicators, no_indicators, read_indicators
from lifecircle.layers.source import Source

TABLE = "代码,年份,接种率,床位\n330102,2020,93%,12\n330102,2021年,95.5%,\n330105,2021,n/a,7\n,2021,0.9,3\n330102,2020,0.5,9\n"


def table_file(folder, text=TABLE):
    file = folder / "figures.csv"
    file.write_text(text, encoding="gb18030")
    return file


def test_figures_come_by_unit_and_year(tmp_path):
    read, rejected = read_indicators(
        Source(file=table_file(tmp_path), id="代码"), level="county", year="年份", values={"vaccinated": "接种率", "beds": "床位"}
    )
    rows = read.set_index(["indicator", "unit", "year"])["value"]
    assert rows.to_dict() == {
        ("vaccinated", "330102", 2020): pytest.approx(0.93),
        ("vaccinated", "330102", 2021): pytest.approx(0.955),
        ("beds", "330102", 2020): 12,
        ("beds", "330105", 2021): 7,
    }
    assert set(read["level"]) == {"county"}
    reasons = dict(zip(rejected["row"], rejected["reason"], strict=True))
    assert "missing" in reasons[4] and "twice" in reasons[5] and "no number" in reasons[3]


def test_a_table_without_units_is_about_the_whole_study(tmp_path):
    read, rejected = read_indicators(table_file(tmp_path, "value\n0.4\n"), values={"active": "value"}, year="2024")
    assert read.values.tolist() == [["all", "all", 2024.0, "active", 0.4]]
    assert rejected.empty


def test_workbooks_are_read(tmp_path):
    file = tmp_path / "figures.xlsx"
    pd.DataFrame({"code": ["003", "004"], "share": ["95%", "0.5"]}).to_excel(file, index=False)
    read, _ = read_indicators(Source(file=file, id="code"), level="county", values={"share": "share"})
    assert read["unit"].tolist() == ["003", "004"] and read["value"].tolist() == [0.95, 0.5]
    with pytest.raises(InputError, match="no sheet 'other'; the sheets are: Sheet1"):
        read_indicators(Source(file=file, sheet="other"), values={"share": "share"})
    renamed = tmp_path / "renamed.xlsx"
    renamed.write_text("code,share\n003,95%\n")
    with pytest.raises(InputError, match="save it again as XLSX"):
        read_indicators(renamed, values={"share": "share"})


def test_wrong_columns_and_files_are_named(tmp_path):
    with pytest.raises(InputError, match="did you mean '接种率'"):
        read_indicators(table_file(tmp_path), values={"vaccinated": "接种率x"})
    with pytest.raises(InputError, match="CSV, TSV and XLSX"):
        read_indicators(tmp_path / "figures.pdf", values={"a": "a"})


def test_files_stack():
    assert join_indicators([no_indicators(), no_indicators()]).columns.tolist() == ["level", "unit", "year", "indicator", "value"]
