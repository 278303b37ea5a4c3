"""What is installed: pinned by hash, from nowhere in particular, and no more than a planner's machine needs."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
RUNTIME, DEVELOPMENT, DOCS = "requirements.lock", "requirements-dev.lock", "requirements-docs.lock"
LOCKS = [RUNTIME, DEVELOPMENT, DOCS]


def entries(lock: str) -> list[str]:
    """Return name, version and marker of every entry."""
    return re.findall(r"^([a-z0-9-]+==[^\\]+?) \\$", (ROOT / lock).read_text(encoding="utf-8"), re.M)


def names(lock: str) -> set[str]:
    return {entry.split("==")[0] for entry in entries(lock)}


def pins(lock: str, name: str) -> set[str]:
    return {entry.split(" ;")[0] for entry in entries(lock) if entry.startswith(f"{name}==")}


def required(section: list[str]) -> set[str]:
    return {re.split(r"[<>=~!\[; ]", line)[0].lower() for line in section}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_entry_is_pinned_by_hash_and_names_no_address(lock):
    text = (ROOT / lock).read_text(encoding="utf-8")
    for entry in re.findall(r"^\S.*?(?=^\S|\Z)", text, re.DOTALL | re.M):
        assert re.fullmatch(r"[a-z0-9-]+==[^\s\\]+( ;[^\\]+)? \\\n(    --hash=sha256:[0-9a-f]{64}( \\)?\n)+", entry), entry[:80]


def test_each_lock_holds_what_its_part_of_the_project_asks_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert required(project["project"]["dependencies"]) <= names(RUNTIME)
    assert required(project["dependency-groups"]["install"]) <= names(RUNTIME)
    assert required(project["dependency-groups"]["dev"]) <= names(DEVELOPMENT)
    assert required(project["dependency-groups"]["docs"]) <= names(DOCS)


@pytest.mark.parametrize("upper, lower", [(DEVELOPMENT, RUNTIME), (DOCS, RUNTIME), (DOCS, DEVELOPMENT)])
def test_a_lock_holds_only_what_comes_on_top(upper, lower):
    """A package may stand in both at one version, where the upper lock needs it on more systems than the lower."""
    assert not set(entries(upper)) & set(entries(lower))
    for name in names(upper) & names(lower):
        assert pins(upper, name) == pins(lower, name)
        assert all(" ;" in entry for entry in entries(lower) if entry.startswith(f"{name}=="))
