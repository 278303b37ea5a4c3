"""The documentation as a site: all pages in the navigation, links that hold in both places, nothing fetched."""

import ast
import re

import docs_site
import pytest
from rooms import ROOT, rooms

WRITTEN = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")] + sorted((ROOT / "docs").rglob("*.md"))


def test_every_page_stands_in_the_navigation_once():
    listed = re.findall(r"^ +- (\S+\.md)$", docs_site.SETTINGS.read_text(encoding="utf-8"), re.M)
    docs = [file.relative_to(ROOT / "docs").as_posix() for file in (ROOT / "docs").rglob("*.md")]
    assert sorted(listed) == sorted([*docs, *docs_site.FROM_ROOT.values()])


@pytest.mark.parametrize("file", WRITTEN, ids=lambda file: file.name)
def test_links_of_the_repository_lead_to_files(file):
    for link in docs_site.LINK.finditer(file.read_text(encoding="utf-8")):
        assert (file.parent / link["file"]).is_file(), link[0]


@pytest.mark.parametrize(
    "at, written, shown",
    [
        ("index.md", "[the map](docs/map.md#moving-the-limit)", "[the map](map.md#moving-the-limit)"),
        ("index.md", "[docs/map.md](docs/map.md)", "[The gap map](map.md)"),
        ("index.md", "![x](docs/pictures/map.png), [MIT](LICENSE)", "![x](pictures/map.png), [MIT](licence.md)"),
        ("study.md", "[map.md](map.md), [limit](map.md#a)", "[The gap map](map.md), [limit](map.md#a)"),
        ("study.md", "[how](../CONTRIBUTING.md)", "[how](contributing.md)"),
        ("zh/index.md", "[首页](../../README.md), [文件](../study.md)", "[首页](../index.md), [文件](../study.md)"),
        ("study.md", "[there](https://example.org/a) `{a: [b](c)`", "[there](https://example.org/a) `{a: [b](c)`"),
    ],
)
def test_links_hold_on_the_site_too(at, written, shown):
    assert docs_site.site_links(written, at) == shown


def test_what_a_page_would_fetch_is_found_and_what_waits_for_a_click_is_not(tmp_path):
    page = tmp_path / "page.html"
    page.write_text(
        '<link rel="stylesheet" href="https://example.org/a.css"><script src="//example.org/a.js"></script>'
        '<img src="pictures/a.png"><script src="assets/a.js"></script><a href="https://example.org">there</a>',
        encoding="utf-8",
    )
    assert list(docs_site.fetched(page)) == ["https://example.org/a.css", "//example.org/a.js"]


NAMED = re.compile(r"`((?:[\w.-]+/)+[\w.-]*|[\w-]+\.(?:md|toml|lock|py|ya?ml))`")


@pytest.mark.parametrize("file", [ROOT / "CONTRIBUTING.md", ROOT / "docs" / "architecture.md"], ids=lambda file: file.name)
def test_files_that_newcomers_are_sent_to_exist(file):
    named = {name for name in NAMED.findall(file.read_text(encoding="utf-8")) if not name.startswith(("site/", "../"))}
    assert len(named) >= 10
    assert {name for name in named if not (ROOT / name).exists() and not list(ROOT.glob(f"*/*/{name}"))} == set()


@pytest.mark.parametrize(
    "section, example",
    [
        ("A kind of goal", r"\btiling\b|TilingGoal"),
        ("An access measure", r"\be2sfca\b|enhanced_two_step"),
        ("A siting problem", r"'backup-coverage'|backup_weight"),
        ("An export", r"write_minutes|minutes-[*{]"),
        ("A travel mode", r"bicycle"),
    ],
)
def test_lists_of_where_to_add_things_name_the_files_that_know_the_example(section, example):
    """A file that names the example and is not listed, or is listed and does not: mend docs/architecture.md."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    part = text.partition(f"### {section}")[2].partition("\n### ")[0]
    rows = "\n".join(line.split("|")[1].partition("(or")[0] for line in part.splitlines() if line.startswith("| `"))
    listed = set(NAMED.findall(rows))
    files = [file for room in rooms() for file in (ROOT / room).rglob("*.*") if file.suffix in {".py", ".toml", ".yaml"}]
    knowing = {
        file.relative_to(ROOT).as_posix()
        for file in files
        if "catalogue" not in file.parent.name and re.search(example, code_of(file))
    }
    assert listed == knowing


def code_of(file):
    """Return a file's text; of a module without comments and docstrings."""
    text = file.read_text(encoding="utf-8")
    if file.suffix != ".py":
        return text
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            node.value = ast.Constant(None)
    return ast.unparse(tree)
