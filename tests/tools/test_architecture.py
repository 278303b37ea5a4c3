"""The picture of the architecture is drawn from the code: it counts rightly, and what is committed is what it draws today."""

from pathlib import Path

import architecture
import pytest
import rooms

PYPROJECT = """
[tool.setuptools]
packages = ["lifecircle", "lifecircle.upper", "lifecircle.upper.inner", "lifecircle.lower"]
[[tool.importlinter.contracts]]
type = "acyclic_siblings"
[[tool.importlinter.contracts]]
type = "layers"
layers = ["lifecircle.__main__", "lifecircle.upper", "lifecircle.lower"]
"""
FILES = {
    "upper/__init__.py": '"""Asks."""',
    "upper/asking.py": "import os\nfrom ..lower import streets\nfrom ..lower.streets import a, b\nfrom .inner.deep import c\n",
    "upper/inner/__init__.py": "",
    "upper/inner/deep.py": "def later():\n    from lifecircle.lower.streets import a\n",
    "lower/__init__.py": '"""Answers."""',
    "lower/streets.py": 'def a():\n    """Say."""\ndef b(): ...\ndef _c():\n    """Hidden."""\n',
    "lower/words/zh.yaml": "",
}


@pytest.fixture
def small_house(tmp_path, monkeypatch):
    for name, text in {"pyproject.toml": PYPROJECT, **FILES}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.setattr(rooms, "ROOT", tmp_path)
    monkeypatch.setattr(architecture, "ROOT", tmp_path)
    monkeypatch.setattr(architecture, "COLOURS", ("red", "blue"))
    return tmp_path


def test_the_committed_picture_is_what_the_code_draws_today():
    committed = architecture.TARGET.read_text(encoding="utf-8")
    assert committed == architecture.drawing(), "run `python tools/architecture.py` and commit docs/pictures/architecture.svg"


def test_imports_between_rooms_are_counted_by_statement_those_within_a_room_not(small_house):
    assert rooms.rooms() == ["upper", "lower"]
    assert rooms.imports_between_rooms() == {("upper", "lower"): 3}


def test_a_room_shows_its_modules_its_folders_and_its_data(small_house):
    assert list(architecture.chips("upper")) == [("1 module", True), ("inner/ 1", True)]
    assert list(architecture.chips("lower")) == [("1 module", True), ("words/ data", False)]
    assert ">3</text>" in architecture.drawing()


def test_an_import_that_looks_back_is_no_arrow_but_an_error(small_house):
    (small_house / "lower" / "looking.py").write_text("from ..upper import asking\n", encoding="utf-8")
    with pytest.raises(SystemExit, match="lower → upper"):
        architecture.drawing()


def test_only_what_is_public_and_says_what_it_is_for_stands_in_the_reference(small_house):
    assert rooms.public_definitions(Path("lower/streets.py")) == ["a"]
