"""Errors reach other processes as they were raised: whole, with their template, values and what else they carry."""

import copy
import importlib
import pickle
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

import lifecircle
from lifecircle.geo.errors import LifecircleError, said
from lifecircle.geo.reading.pbf.block import DamagedBlock
from lifecircle.layers.conditions import ConditionError
from lifecircle.layers.overrides import _CellError
from lifecircle.layers.yaml_text import YamlError
from lifecircle.studies.siting.outputs import NoPlanError

TABLE = pd.DataFrame({"id": ["a"], "people": [3.0]})
OWN_ARGUMENTS = {  # of classes that do not take a template and its values alone
    DamagedBlock: lambda: DamagedBlock(Path("a.osm.pbf"), 3),
    ConditionError: lambda: ConditionError("write `and`", "beds & pools", 5),
    _CellError: lambda: _CellError("way", "{text!r} is no way", text="x{y}"),
    YamlError: lambda: YamlError(said("{text} is no number", text="1e999"), 7, is_syntax=True),
    NoPlanError: lambda: NoPlanError("no plan", request=("median", 3), uncoverable=TABLE, record={"seconds": 1}),
}


def all_errors(kind: type[LifecircleError] = LifecircleError) -> Iterator[type[LifecircleError]]:
    yield kind
    for below in kind.__subclasses__():
        yield from all_errors(below)


def every_class() -> list[type[LifecircleError]]:
    rooms = (f"lifecircle.{room}" for room in ("geo", "layers", "analyses", "maps", "studies"))
    for room in rooms:
        for found in pkgutil.walk_packages(importlib.import_module(room).__path__, f"{room}."):
            importlib.import_module(found.name)
    return sorted(set(all_errors()), key=lambda kind: kind.__qualname__)


@pytest.mark.parametrize("kind", every_class(), ids=lambda kind: kind.__qualname__)
def test_an_error_is_the_same_on_the_other_side(kind: type[LifecircleError]) -> None:
    make = OWN_ARGUMENTS.get(kind, lambda: kind("{file}: {why}", file=Path("a{b}.csv"), why=said("no {what}", what="rows")))
    error = make()
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):  # noqa: S301 its own bytes
        assert type(again) is kind and str(again) == str(error) != "" and again.args == error.args
        assert (again.sentence, again.sentence.template) == (error.sentence, error.sentence.template)
        assert repr(again.sentence.values) == repr(error.sentence.values)
        assert repr(vars(again)) == repr(vars(error))


def test_the_whole_package_was_looked_through() -> None:
    assert set(OWN_ARGUMENTS) < set(every_class()) and Path(lifecircle.__file__).name == "__init__.py"
