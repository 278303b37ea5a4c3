"""The command line is listed without loading a single command, and says of each what the command says of itself."""

import ast
import subprocess
import sys
from importlib import resources
from importlib.metadata import version

import pytest
import typer
from typer.testing import CliRunner

from lifecircle.studies.commands import app
from lifecircle.studies.commands.lazily import COMMANDS


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_says_what_each_command_says(name):
    loaded = typer.main.get_command(app).get_command(None, name)
    assert loaded.help.split("\n")[0] == COMMANDS[name]


def test_every_file_with_a_command_is_listed():
    folder = resources.files("lifecircle.studies.commands")
    parsed = {
        file.name[:-3]: ast.parse(file.read_text(encoding="utf-8")) for file in folder.iterdir() if file.name.endswith(".py")
    }
    named = {name for name, tree in parsed.items() for node in tree.body if getattr(node, "name", "") == "command"}
    assert named | {"goals"} == set(COMMANDS)


@pytest.mark.parametrize("asked", ["--help", "--version"])
def test_help_loads_no_library_of_tables_or_maps(asked):
    code = (
        "import sys\nfrom lifecircle.studies.commands import app\n"
        f"try:\n    app([{asked!r}])\nexcept SystemExit as end:\n    assert end.code == 0\n"
        "print(sorted({'pandas', 'numpy', 'shapely', 'matplotlib', 'numba'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_version_is_the_installed_one():
    assert CliRunner().invoke(app, ["--version"]).output == f"lifecircle {version('lifecircle')}\n"


def test_a_command_that_is_none_is_refused():
    done = CliRunner().invoke(app, ["rn"])
    assert done.exit_code == 2 and "rn" in done.output
