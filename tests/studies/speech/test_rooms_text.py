"""What the lower rooms say in English reaches a Chinese planner in Chinese, whole."""

import ast
import re
from pathlib import Path

import pandas as pd
import pytest

import lifecircle
from lifecircle.studies.speech.rooms_text import HOLE, templates, translate, translate_reasons

ROOT = Path(next(iter(lifecircle.__path__)))
FILES = [
    *(ROOT / "geo").rglob("*.py"),
    *(ROOT / "layers").rglob("*.py"),
    *(ROOT / "studies" / name for name in ("situation/inputs.py", "tables/matrix.py", "tables/isochrones.py", "tables/rings.py")),
    ROOT / "studies" / "tables" / "street_network.py",
    *(ROOT / "studies" / "siting" / name for name in ("files.py", "tables.py")),
]
# Written for who writes a catalogue file or calls the functions from Python; no command says them.
UNSAID = ("catalogue.py", "catalogue_errors.py", "download.py", "osmnx.py")
ERRORS = ("InputError", "StudyError", "TooLargeError", "YamlError", "ConditionError")
HINTS = ("wrong", "unexpected", "foreign_reader", "require_memory")  # calls that take parts of a message
# Messages made of other words: one of their forms.
EXAMPLES = {
    "{}: row {}, column {}: {} {}; leave the pair out, or its cost blank, where there is no way.": (
        "c.csv: row 1, column cost: -1 is negative; leave the pair out, or its cost blank, where there is no way."
    ),
    "{} {} is unknown; did you mean {}? Known: {}.": "speed table 'cn' is unknown; did you mean 'cn-plain'? Known: cn-plain.",
    "season: {}": "season: season 'may' should read like 4-10",
    "{}: no isochrone can be drawn for any facility{}.": "a.csv: no isochrone can be drawn for any facility: people below 0.",
    "{}: row {}, column {}: {}{}.": "a.csv: row 3, column cost: -1 must be a number of 0 or more.",
}


def template(node: ast.expr) -> str | None:
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else HOLE for part in node.values)
    return None


def raised(file: Path) -> list[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args]
    found = [template(call.args[0]) for call in calls if getattr(call.func, "id", "") in ERRORS]
    named = [call for call in calls if getattr(call.func, "attr", getattr(call.func, "id", "")) in HINTS]
    found += [template(argument) for call in named for argument in call.args]
    found += [text for node in ast.walk(tree) if isinstance(node, ast.AnnAssign | ast.Assign) for text in remedies(node)]
    return [text for text in found if text and re.search("[a-z]{3}", text)]


def remedies(node: ast.AnnAssign | ast.Assign) -> list[str]:
    """Return the parts of messages that stand in constants."""
    target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
    name, value = getattr(target, "id", ""), node.value
    if name in ("REMEDY", "EXAMPLE", "ORDERED") and isinstance(value, ast.Constant):
        return [str(value.value)]
    return (
        [str(item.value) for item in value.values if isinstance(item, ast.Constant)]
        if name in ("FOREIGN", "UNREAD") and isinstance(value, ast.Dict)
        else []
    )


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_every_error_has_a_chinese_text(file: Path) -> None:
    if file.name in UNSAID:
        return
    for english in raised(file):
        filled = EXAMPLES.get(english, english.replace("{}{}", "'x'; did you mean 'y'?").replace(HOLE, "7"))
        assert re.search("[\u4e00-\u9fff]", re.sub("经度|纬度|城镇|乡村", "", translate(filled, "zh"))), filled


def test_texts_have_the_holes_they_fill() -> None:
    for english, text in templates("zh").items():
        holes = {int(number) for number in re.findall(r"\{(\d+)\}", text)}
        assert all(number < english.count(HOLE) for number in holes), english
        assert "{}" not in text


def test_names_and_inner_messages_are_kept() -> None:
    said = translate("beds.csv: no column '经渡'; did you mean '经度'? The columns are: 经度, 纬度", "zh")
    assert said == "beds.csv：没有列 '经渡'；是否想写 '经度'？现有各列：经度, 纬度"
    refused = translate("a.csv: no row can be used, 3 rejected; row 1: no coordinates, or not numbers", "zh")
    assert refused == "a.csv：没有一行可用，拒绝了 3 行；第 1 行：没有坐标，或坐标不是数字"
    assert translate("no coordinates, or not numbers", "en") == "no coordinates, or not numbers"
    assert translate("something new", "zh") == "something new"


def test_reasons_of_refused_rows() -> None:
    rejected = pd.DataFrame({"file": ["a"] * 2, "reason": ["people below 0", "note: no number; the figure counts as unknown"]})
    assert list(translate_reasons(rejected, "zh")["reason"]) == ["人口小于 0", "提示：不是数字；该数据按未知计"]
    assert translate_reasons(rejected, "en").equals(rejected)
    assert translate_reasons(rejected.iloc[:0], "zh").empty
