"""One writer per kind of file: nothing but `maps/exports` makes files of results."""

import ast
from pathlib import Path

import pytest

import lifecircle

ROOT = Path(next(iter(lifecircle.__path__)))
ROOMS = ("geo", "layers", "analyses", "maps", "studies")
WRITERS = {
    "to_csv", "to_excel", "to_feather", "to_file", "to_hdf", "to_json", "to_parquet", "to_pickle", "write_arrow",
    "write_bytes", "write_dataframe", "write_feather", "write_table", "write_text", "savefig", "ParquetWriter", "SimpleWriter",
    "Workbook", "savez", "save",
}  # fmt: skip
# Files that are no results, and why they are written elsewhere.
ALLOWED = {
    "geo/reading/cache.py": "the cache of parsed streets, read by nobody else",
    "geo/compiled.py": "the stamp of compiled code",
    "geo/reading/download.py": "answers of servers kept until a download is finished",
    "geo/reading/osm_xml.py": "a copy of a map file for pyosmium, in a temporary folder",
    "geo/reading/overpass.py": "downloaded streets as .osm.pbf",
    "geo/reading/osm_formats.py": "a copy of a map as .osm.pbf, in a temporary folder",
    "layers/vector_files.py": "a copy in UTF-8 for GDAL, in a temporary folder",
    "maps/fonts.py": "the characters of a page, into memory",
    "studies/commands/new.py": "the template of a study file",
    "studies/demo/helsinki.py": "inputs of the demo",
    "studies/folder/swap.py": "the plan of an exchange of files, and who holds a folder",
}


def writes(file: Path) -> list[str]:
    """Name what a module calls that makes a file."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    own = imported(tree)
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", None) or getattr(node.func, "id", "")
        if name == "to_json" and not node.args:
            continue  # makes a text, no file
        if name in WRITERS and not (isinstance(node.func, ast.Name) and name in own):
            found.append(f"{file.name}:{node.lineno}: {name}")
        if name == "open" and any(mode(argument) for argument in (*node.args, *(key.value for key in node.keywords))):
            found.append(f"{file.name}:{node.lineno}: open to write")
        if name == "dump" and isinstance(node.func, ast.Attribute):
            found.append(f"{file.name}:{node.lineno}: dump")
    return found


def mode(argument: ast.expr) -> bool:
    """Tell a mode of opening that writes, such as "w" or "r+b"."""
    text = argument.value if isinstance(argument, ast.Constant) else None
    return isinstance(text, str) and 0 < len(text) <= 3 and set(text) <= set("rwaxbt+") and bool(set(text) & set("wax+"))


def imported(tree: ast.AST) -> set[str]:
    """Names that a module takes from our writers."""
    froms = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return {name.name for node in froms if node.module and "exports" in f".{node.module}" for name in node.names}


def modules() -> list[str]:
    files = [file.relative_to(ROOT).as_posix() for room in ROOMS for file in (ROOT / room).rglob("*.py")]
    assert len(files) > 200
    return sorted(name for name in files if not name.startswith("maps/exports/"))


def test_results_are_written_by_maps_exports_only():
    found = {name: writes(ROOT / name) for name in modules() if name not in ALLOWED}
    assert {name: calls for name, calls in found.items() if calls} == {}


@pytest.mark.parametrize("name", sorted(ALLOWED))
def test_every_exception_still_needs_to_be_one(name):
    assert writes(ROOT / name) != []


@pytest.mark.parametrize(
    "line",
    [
        "table.to_csv(path)",
        "gdf.to_file(path, driver='GPKG')",
        "gdf.to_parquet(p)",
        "t.to_excel(p)",
        "t.to_json(p)",
        "Path(p).write_text('x')",
        "p.write_bytes(b'')",
        "pyogrio.write_dataframe(t, p)",
        "pq.ParquetWriter(p, schema)",
        "open(p, 'w')",
        "p.open(mode='ab')",
        "rasterio.open(p, 'w', **profile)",
        "json.dump(x, opened)",
        "figure.savefig(p)",
    ],
)
def test_the_search_finds(tmp_path, line):
    (tmp_path / "module.py").write_text(f"def f():\n    {line}\n", encoding="utf-8")
    assert len(writes(tmp_path / "module.py")) == 1
