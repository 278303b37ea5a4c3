"""Nothing in the package can turn text of a file into a program: ruff forbids the usual calls, this the ones it does not know.

Names are followed to where they are imported from, and a mention is enough: whoever hands `eval` on has called it as good as.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import lifecircle

ROOT = Path(next(iter(lifecircle.__path__)))
ROOMS = ("geo", "layers", "analyses", "maps", "studies")
FILES = [*sorted(ROOT.glob("*.py")), *(file for room in ROOMS for file in sorted((ROOT / room).rglob("*.py")))]
ALLOWED = {
    "studies/folder/watchdog.py": {"subprocess"},  # swap.py, and the names of folders
    "__init__.py": {"importlib"},  # modules of the front door, by the names in its own table
    "studies/commands/lazily.py": {"importlib"},  # modules of the listed commands, by the names in its own table
    "maps/page.py": {
        "branca.element.Element",
        "branca.element.Figure",
        "branca.element.MacroElement",
    },  # `Verbatim` is made of them
    "maps/gap_map.py": {"folium.Map"},  # holds numbers only
    "maps/folium_layers.py": {"folium.CircleMarker", "folium.GeoJson", "folium.elements.EventHandler", "folium.utilities.JsCode"},
}
MODULES = {
    "pickle", "cPickle", "_pickle", "marshal", "shelve", "dill", "joblib", "cloudpickle", "code", "codeop", "subprocess", "runpy",
    "imp", "importlib", "pkgutil", "zipimport", "builtins", "pty", "pdb", "timeit", "trace", "multiprocessing", "ctypes", "cffi",
    "numexpr", "webbrowser",
}  # fmt: skip
HARMLESS_PARTS = {"importlib.resources", "importlib.metadata"}
NAMES = {"eval", "exec", "compile", "__import__", "execfile", "__builtins__", "globals", "breakpoint"}
# Whatever they are attributes of: an object of unknown kind may be the one that runs texts.
ATTRIBUTES = re.compile(
    r"eval|exec(l|le|lp|lpe|v|ve|vp|vpe)?|execfile|(posix_)?spawn\w*|startfile|system|popen\d?|(read|to)_pickle|unsafe_\w+"
    r"|full_load\w*|from_string|enable_load_extension|__(import|globals|builtins|subclasses|code)__"
)
WHOLE = {
    "yaml.load", "yaml.load_all", "yaml.Loader", "yaml.CLoader", "yaml.FullLoader", "yaml.UnsafeLoader", "yaml.CUnsafeLoader",
    "jinja2.Template", "branca.element.Template", "folium.template.Template", "types.FunctionType", "types.CodeType",
    "sys.modules",
    "os", "yaml", "sys",  # handed on as a whole, as `getattr(os, name)` does
}  # fmt: skip
TEMPLATED = ("folium.", "branca.")  # they make templates of texts, and of what templates made: of names
TREES = {"scipy.spatial.KDTree", "scipy.spatial.cKDTree", "shapely.STRtree"}  # their query takes shapes; a table's takes a text


class File:
    """What one file mentions, by the names it was imported under."""

    def __init__(self, source: str) -> None:
        self.tree = ast.parse(source)
        self.imported: dict[str, str] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                self.imported |= {
                    (a.asname or a.name.split(".")[0]): (a.name if a.asname else a.name.split(".")[0]) for a in node.names
                }
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                self.imported |= {(a.asname or a.name): f"{node.module}.{a.name}" for a in node.names}
        self.trees = self._trees()

    def whole(self, node: ast.AST) -> str:
        """Return the dotted name of an expression, from the module on where it is imported."""
        if isinstance(node, ast.Name):
            return self.imported.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            return f"{self.whole(node.value)}.{node.attr}"
        if (part := gotten(node)) is not None:
            return f"{self.whole(node.args[0])}.{part}"
        return "?"

    def _trees(self) -> set[str]:
        """Return the names that are bound once, to a spatial tree."""
        bound = Counter(node.id for node in ast.walk(self.tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))
        bound += Counter(node.arg for node in ast.walk(self.tree) if isinstance(node, ast.arg))
        made = Counter(
            target.id
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Assign) and self._is_tree(node.value)
            for target in node.targets
            if isinstance(target, ast.Name)
        )
        return {name for name, count in made.items() if bound[name] == count}

    def _is_tree(self, node: ast.AST) -> bool:
        return isinstance(node, ast.Call) and self.whole(node.func) in TREES

    def offences(self) -> Iterator[str]:
        """Yield what could run a text."""
        inner = {id(node.value) for node in ast.walk(self.tree) if isinstance(node, ast.Attribute)}
        inner |= {id(node.args[0]) for node in ast.walk(self.tree) if gotten(node) is not None}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import | ast.ImportFrom):
                yield from imports(node)
            elif isinstance(node, ast.Call) and has_pickles(node):
                yield "allow_pickle"
            if isinstance(node, ast.Name) and node.id in NAMES:
                yield node.id
            elif isinstance(node, ast.Name | ast.Attribute) or gotten(node) is not None:
                yield from self._mention(node, is_inner=id(node) in inner)

    def _mention(self, node: ast.AST, *, is_inner: bool) -> Iterator[str]:
        whole, last = self.whole(node), self.whole(node).rsplit(".", 1)[-1]
        is_known = not is_inner and (whole in WHOLE or whole.startswith(TEMPLATED))
        if is_known or ("." in whole and (whole in WHOLE or ATTRIBUTES.fullmatch(last))):
            yield whole
        elif last == "query" and "." in whole:
            of = node.value if isinstance(node, ast.Attribute) else None
            if not (of is not None and (self._is_tree(of) or (isinstance(of, ast.Name) and of.id in self.trees))):
                yield whole


def gotten(node: ast.AST) -> str | None:
    """Return the name that `getattr(x, "name")` gets."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "getattr" and len(node.args) > 1:
        name = node.args[1]
        return str(name.value) if isinstance(name, ast.Constant) else None
    return None


def imports(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    """Yield the modules that an import must not bring in, and stars, which hide what they bring."""
    if isinstance(node, ast.ImportFrom):
        if node.level:
            return
        names = [f"{node.module}.{alias.name}" for alias in node.names]
    else:
        names = [alias.name for alias in node.names]
    for name in names:
        head = name.split(".")[0]
        last = name.rsplit(".", 1)[-1]
        if head in MODULES and ".".join(name.split(".")[:2]) not in HARMLESS_PARTS:
            yield head
        elif last == "*" or name in WHOLE - {"os", "yaml", "sys"} or ("." in name and ATTRIBUTES.fullmatch(last)):
            yield name


def has_pickles(call: ast.Call) -> bool:
    return any(word.arg == "allow_pickle" and ast.unparse(word.value) != "False" for word in call.keywords)


def offences(source: str) -> list[str]:
    return list(File(source).offences())


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_no_text_is_run(file):
    assert set(offences(file.read_text(encoding="utf-8"))) == ALLOWED.get(file.relative_to(ROOT).as_posix(), set())


@pytest.mark.parametrize(
    "source",
    [
        "eval('1')",
        "e = eval",
        "table.eval(where)",
        "run = table.eval",
        "exec(text)",
        "f(compile)",
        "c = __import__",
        "globals()['x']",
        "table.query('a > 1')",
        "table.query(f'{a} > 1')",
        "table.query(where)",
        "table.loc[rows].query(where)",
        "ask = table.query",
        "tree = table\ntree.query(where)",
        "tree = KDTree(x)\ntree.query(where)",
        "from scipy.spatial import KDTree\ntree = KDTree(x)\ntree = table\ntree.query(where)",
        "from scipy.spatial import KDTree\ntree = KDTree(x)\ndef ask(tree): tree.query(where)",
        "getattr(table, 'query')(where)",
        "import pickle",
        "from pickle import load",
        "import pickle as p",
        "pd.read_pickle(file)",
        "np.load(file, allow_pickle=True)",
        "np.load(file, allow_pickle=trusted)",
        "import yaml\nyaml.load(text, Loader)",
        "import yaml as y\ny.load(text)",
        "from yaml import load",
        "from yaml import load as safe",
        "from yaml import UnsafeLoader",
        "import yaml\nx = yaml.FullLoader",
        "import os\nos.system(text)",
        "from os import system",
        "from os import system as s",
        "import os as o\no.popen(text)",
        "import os\nos.execv(path, words)",
        "from os import execvpe",
        "import os\nos.spawnlp(0, text)",
        "from os import posix_spawn",
        "import os\nos.startfile(text)",
        "import os\ngetattr(os, name)(text)",
        "import os\ngetattr(os, 'system')",
        "import os\no = os",
        "import importlib\nimportlib.import_module(text)",
        "from importlib import import_module",
        "import importlib.util",
        "import runpy",
        "from runpy import run_path",
        "import builtins",
        "import builtins as b\ngetattr(b, name)",
        "__builtins__['x']",
        "from subprocess import run",
        "import subprocess as s",
        "from os import *",
        "import sys\nsys.modules[text]",
        "from jinja2 import Template",
        "import jinja2\njinja2.Template(text)",
        "environment.from_string(text)",
        "f.__globals__['os']",
        "x.__class__.__subclasses__()",
        "breakpoint()",
        "import folium\nfolium.Popup(name)",
        "from branca.element import Element\nElement(name)",
    ],
)
def test_the_test_finds_what_it_looks_for(source):
    assert offences(source)


@pytest.mark.parametrize(
    "source",
    [
        "from scipy.spatial import KDTree\nKDTree(x).query(points)",
        "import shapely\ntree = shapely.STRtree(x)\ntree.query(points)",
        "import yaml\nyaml.safe_load(text)",
        "np.load(file, allow_pickle=False)",
        "import re\nre.compile(text)",
        "import os\nos.open(path, getattr(os, 'O_NOFOLLOW', 0))",
        "import yaml\ngetattr(yaml, 'CSafeLoader', yaml.SafeLoader)",
        "from importlib import resources",
        "from importlib.metadata import version",
        "connection.execute(text)",
    ],
)
def test_what_runs_nothing_is_let_through(source):
    assert not offences(source)
