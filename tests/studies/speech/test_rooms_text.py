"""What the lower rooms say in English reaches a Chinese planner in Chinese, whole: by its template, not by its text."""

import ast
import builtins
import copy
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

import lifecircle
from lifecircle.geo.errors import InputError, said
from lifecircle.layers.rejects import join_rejects, rejected_rows
from lifecircle.studies.speech.rooms_text import templates, translate, translate_reasons, without_note

ROOT = Path(next(iter(lifecircle.__path__)))
FILES = [file for room in ("geo", "layers", "analyses", "maps", "studies") for file in sorted((ROOT / room).rglob("*.py"))]
TAKEN_WHOLE = {"foreign_reader": slice(None), "require_memory": slice(None), "_CellError": slice(1, 2), "_refuse": slice(1, 2)}
KEYS_OF_STUDIES = re.compile(r"[a-z_.]+")  # what studies/ raises with a key of its own texts


def constants(node: ast.AST, known: dict[str, ast.expr]) -> Iterator[str]:
    """The texts that an argument may be."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from (*constants(node.body, known), *constants(node.orelse, known))
    elif isinstance(node, ast.BoolOp):
        yield from (text for value in node.values for text in constants(value, known))
    elif isinstance(node, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    elif isinstance(node, ast.Name) and node.id in known:
        yield from constants(known[node.id], known)
    elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        table = known.get(node.value.id)
        rows = table.values if isinstance(table, ast.Dict) else table.elts if isinstance(table, ast.Tuple) else ()
        yield from (text for value in rows for text in constants(value, known))


def names_of(tree: ast.Module) -> dict[str, ast.expr]:
    """The constants of a module."""
    assigned = [node for node in tree.body if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None]
    targets = [(node.target if isinstance(node, ast.AnnAssign) else node.targets[0], node.value) for node in assigned]
    return {target.id: value for target, value in targets if isinstance(target, ast.Name)}


def sentences(file: Path) -> Iterator[tuple[ast.Call, str]]:
    """Every call of a module that makes a sentence, with each template it may use."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    known = names_of(tree)
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = getattr(call.func, "id", getattr(call.func, "attr", ""))
        if name == "refuse":
            whats = [keyword.value for keyword in call.keywords if keyword.arg == "what"]
            yield from ((ast.Call(call.func, [], []), text) for value in whats for text in constants(value, known))
        if hasattr(builtins, name):
            continue
        if name in ("said", "wrong", "unexpected") or name in TAKEN_WHOLE or is_error(name):
            for argument in call.args[TAKEN_WHOLE.get(name, slice(1))]:
                yield from ((call, text) for text in constants(argument, known) if re.search("[a-z]{3}", words(text)))


def is_error(name: str) -> bool:
    """ForeignPlanError never leaves studies/, which says it in words of its own."""
    return name == "UnsupportedCompression" or (name.endswith("Error") and name != "ForeignPlanError")


def words(template: str) -> str:
    return re.sub(r"\{[^{}]*\}", "", template)


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_every_sentence_has_a_chinese_one_and_all_its_values(file: Path) -> None:
    for call, template in sentences(file):
        given = {keyword.arg for keyword in call.keywords}
        if given and None not in given:
            assert fields(template) == given, template
        if not KEYS_OF_STUDIES.fullmatch(template):
            assert template.removeprefix("note: ") in templates("zh"), template


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_parts_of_sentences_are_sentences_too(file: Path) -> None:
    """An English constant as a value would stay English within a Chinese sentence."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    known = names_of(tree)
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = getattr(call.func, "id", "")
        if name == "said" or is_error(name):
            for keyword in call.keywords:
                parts = [text for text in constants(keyword.value, known) if re.search("(?<!-)[a-z]{3}", words(text))]
                assert not parts, (keyword.arg, parts)


def test_the_chinese_table_has_no_sentence_that_nobody_says() -> None:
    rooms = [file for room in ("geo", "layers", "analyses", "maps", "studies") for file in (ROOT / room).rglob("*.py")]
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in rooms]
    texts = {
        node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    unsaid = [key for key in templates("zh") if key not in texts and f"note: {key}" not in texts]
    assert unsaid == []


def test_chinese_sentences_name_no_value_that_the_english_ones_lack() -> None:
    for english, text in templates("zh").items():
        assert fields(text) <= fields(english), english


def test_values_are_carried_and_parts_translated() -> None:
    told = "b.csv: no column '经渡'; did you mean '经度'? The columns are: 经度, 纬度"
    hint = said("; did you mean {near!r}?", near="经度")
    error = InputError(
        "{file}: no column {column!r}{hint} The columns are: {columns}",
        file="b.csv",
        column="经渡",
        hint=hint,
        columns="经度, 纬度",
    )
    assert str(error) == told
    assert translate(error, "zh") == "b.csv：没有列 '经渡'；是否想写 '经度'？现有各列：经度, 纬度"
    assert error.sentence.values["file"] == "b.csv"
    assert translate(copy.copy(error), "zh") == translate(error, "zh")
    assert translate(error, "en") == str(error)
    assert translate("something new", "zh") == "something new"


def test_names_that_look_like_sentences_or_fields_stay_as_they_are() -> None:
    error = InputError("{file}: no such file.", file="people below 0 {file} {0}.csv")
    assert str(error) == "people below 0 {file} {0}.csv: no such file."
    assert translate(error, "zh").startswith("people below 0 {file} {0}.csv")
    assert translate(error, "en") == str(error)
    assert translate(InputError("as {it} stands"), "zh") == "as {it} stands"


def test_a_command_spells_keys_as_options_in_templates_only() -> None:
    error = InputError("{file}: add `crs:` here", file="`crs:`.csv")
    assert translate(error, "en", spelled=lambda text: text.replace("`crs:`", "`--crs`")) == "`crs:`.csv: add `--crs` here"


def test_reasons_of_refused_rows() -> None:
    reasons = [
        "people below 0",
        "note: no number; the figure counts as unknown",
        said("a zone of level {level} needs an id", level="县"),
    ]
    rejected = rejected_rows(file="a", rows=[1, 2, 3], column="people", values=[-1, "x", ""], reason=reasons)
    listed = join_rejects([rejected, rejected])  # as they are put together on the way
    assert list(translate_reasons(listed, "zh")["reason"][:3]) == [
        "人口小于 0",
        "提示：不是数字；该数据按未知计",
        "县 级的分区需要编号",
    ]
    assert list(translate_reasons(listed, "en")["reason"]) == 2 * list(map(str, reasons))
    assert translate_reasons(listed.iloc[:0], "zh").empty
    assert without_note(reasons[1], "zh") == "不是数字；该数据按未知计" and without_note(reasons[1], "en") == reasons[1][6:]
