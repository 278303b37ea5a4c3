"""The planner's guide in Chinese (docs/zh/index.md) says what happens: its study runs, its words are the program's."""

import re
import shutil
from pathlib import Path

import pytest
import yaml
from quick_runs import tables_only

from lifecircle.studies.coverage.run import run

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "zh" / "index.md").read_text(encoding="utf-8")
TEXTS = [
    ROOT / "studies" / "speech" / "text" / "zh.yaml",
    ROOT / "studies" / "speech" / "text" / "rooms.zh.yaml",
    ROOT / "maps" / "text" / "zh.yaml",
]


def test_the_first_study_gives_the_figures_that_the_guide_names(demo_county, tmp_path):
    for name in re.findall(r"`(\w+\.(?:osm\.pbf|tif|csv))`（", GUIDE.partition("## 看地图")[0]):
        shutil.copy(demo_county / name, tmp_path)
    (tmp_path / "study.yaml").write_text(re.search(r"```yaml\n(.*?)```", GUIDE, re.S)[1], encoding="utf-8")
    with tables_only():
        card = run(tmp_path / "study.yaml", lang="zh").results.scorecard
    everyone = card[card["level"] == "all"].iloc[0]
    assert f"{everyone['people']:,.0f}人中有{everyone['covered']:,.0f}人" in GUIDE
    assert f"覆盖率{everyone['share']:.1%}" in GUIDE


def said(value):
    """Yield all texts of a file of texts."""
    if isinstance(value, dict):
        for part in value.values():
            yield from said(part)
    else:
        yield str(value).replace("{{", "{").replace("}}", "}")


@pytest.mark.parametrize("words", sorted(set(re.findall("「(.+?)」", GUIDE))))
def test_words_that_the_guide_quotes_are_said_by_the_program(words):
    texts = [text for file in TEXTS for text in said(yaml.safe_load(file.read_text(encoding="utf-8")))]
    assert any(words in text for text in texts), f"no text of the program has “{words}”: mend docs/zh/index.md"


def named_files(text: str) -> set[str]:
    """Return the files in the first column of the tables of a text."""
    first = "".join(line.split("|")[1] for line in text.splitlines() if line.startswith("| `"))
    return {name.replace("目标", "goal") for name in re.findall(r"`([\w<>-]+\.[a-z]+)`", first)} - {"map-<goal>.svg"}


def test_the_guide_names_the_same_files_of_a_run_as_the_page_about_them():
    english = (ROOT / "docs" / "outputs.md").read_text(encoding="utf-8")
    assert named_files(GUIDE.partition("## 运行之后留下什么")[2].partition("\n## ")[0]) == named_files(english)
