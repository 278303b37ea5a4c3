"""Nothing in the package can turn text of a file into a program: ruff forbids the usual calls, this the ones it does not know."""

import ast
from pathlib import Path

import pytest

import lifecircle

ROOT = Path(next(iter(lifecircle.__path__)))
ROOMS = ("geo", "layers", "analyses", "maps", "studies")
FILES = [file for room in ROOMS for file in sorted((ROOT / room).rglob("*.py"))]
MODULES = {"pickle", "cPickle", "marshal", "shelve", "dill", "joblib", "cloudpickle", "code", "codeop", "subprocess"}
STARTED = {"studies/swap.py": ["subprocess"]}  # its own watchdog: this file again, and the names of folders
NAMES = {"eval", "exec", "compile", "__import__", "execfile"}
ATTRIBUTES = {
    "eval",
    "exec",
    "read_pickle",
    "to_pickle",
    "system",
    "popen",
    "unsafe_load",
    "full_load",
    "unsafe_load_all",
    "load_all",
}


def offences(source: str) -> list[str]:
    """Return what a file does that could run a text."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names if alias.name.split(".")[0] in MODULES]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in MODULES and node.level == 0:
            found.append(str(node.module))
        elif isinstance(node, ast.Call):
            found += called(node)
    return found


def called(call: ast.Call) -> list[str]:
    """Return the name of a call that evaluates text, or reads objects."""
    name = ast.unparse(call.func)
    last = name.rsplit(".", 1)[-1]
    if isinstance(call.func, ast.Name) and name in NAMES:
        return [name]
    if isinstance(call.func, ast.Attribute) and last in ATTRIBUTES:
        return [name]
    if name == "yaml.load":
        return [name]
    # A tree's query takes shapes; a table's takes a text, which it evaluates.
    if last == "query" and call.args and isinstance(call.args[0], ast.Constant | ast.JoinedStr):
        return [name]
    pickles = any(word.arg == "allow_pickle" and ast.unparse(word.value) != "False" for word in call.keywords)
    return [name] if pickles else []


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_no_text_is_run(file):
    assert offences(file.read_text(encoding="utf-8")) == STARTED.get(f"{file.parent.name}/{file.name}", [])


@pytest.mark.parametrize(
    "source",
    [
        "eval('1')", "table.eval(where)", "table.query('a > 1')", "table.query(f'{a} > 1')", "import pickle", "exec(text)",
        "from pickle import load", "pd.read_pickle(file)", "np.load(file, allow_pickle=True)", "yaml.load(text, Loader)",
        "os.system(text)",
    ],
)  # fmt: skip
def test_the_test_finds_what_it_looks_for(source):
    assert offences(source)
    assert not offences("tree.query(points)\nyaml.safe_load(text)\nnp.load(file, allow_pickle=False)\nre.compile(text)")
