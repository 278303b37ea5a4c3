"""Toy maps for the rooms of space."""

from collections.abc import Callable
from pathlib import Path

import engine
import pytest
import toy_map


@pytest.fixture
def toy(tmp_path: Path) -> Callable[..., engine.Network]:
    """Build the network of one mode from nodes in steps and ways, as `toy_map.write_map` takes them."""

    def build(nodes, ways, mode="walk", relations=(), **options):
        return engine.network(toy_map.write_map(tmp_path / "toy.osm", nodes, ways, relations=relations), mode, **options)

    return build
