"""The Overpass API's language: what is asked of it, and its answers as an extract with OSM's own ids and raw tags."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import osmium

from ..files import foreign_reader
from ..streets import WALKED

Tags = dict[str, str]

# Everything that may be a street for any mode, scraps and closed ways included: which way is open to whom is decided when a
# graph is built: squares, ferry lines drawn as relations and turn restrictions too. OSMnx's own filters all begin with
# "highway" and so never ask for ferries.
_STREETS = ('["highway"]', '["route"="ferry"]', *(f'["{key}"="{word}"]' for key, word in WALKED.items()))
STREET_STATEMENTS = (
    *(f"way{tags}" for tags in _STREETS),
    *(f'relation["type"="multipolygon"]{tags}' for tags in _STREETS if "route" not in tags),
    'relation["route"="ferry"]',
    'relation["type"~"^restriction"]',
)
BROKEN_OFF = re.compile(r"error|tim(ed?|ing)[ -]?out|out of memory|incomplete|not complete|aborted", re.IGNORECASE)
KINDS = {"node": "n", "way": "w", "relation": "r"}


class Box(NamedTuple):
    """A bounding box in degrees."""

    south: float
    west: float
    north: float
    east: float


def tag_statements(queries: Sequence[Mapping[str, Sequence[str]]]) -> tuple[str, ...]:
    """Write tag queries as Overpass statements.

    Parameters
    ----------
    queries : sequence of mapping
        An element is wanted if it meets any of them: it has every key with one of the listed values ("*" = any; in OSM a tag
        may hold several values, as in `a;b`).

    Returns
    -------
    tuple of str
        Queries of a single key are merged into one statement for that key.
    """
    single: dict[str, set[str]] = defaultdict(set)
    several: dict[str, None] = {}
    for query in queries:
        if len(query) == 1:
            ((key, values),) = query.items()
            single[key].update(values)
        else:
            several["nwr" + "".join(_filter(key, values) for key, values in query.items())] = None
    return (*(f"nwr{_filter(key, values)}" for key, values in sorted(single.items())), *several)


def _filter(key: str, values: Sequence[str] | set[str]) -> str:
    if "*" in values:
        return f'["{key}"]'
    wanted = "|".join(re.sub(r"([^\w-])", r"\\\\\1", value) for value in sorted(values))
    return f'["{key}"~"(^|; *)({wanted})( *;|$)"]'


def overpass_query(statements: Sequence[str], box: Box, *, timeout_seconds: int) -> str:
    """Ask for all elements in a box that meet any statement, with every node and way they are made of, wherever it lies."""
    bounds = ",".join(f"{value:.5f}" for value in box)
    wanted = "".join(f"{statement}({bounds});\n" for statement in statements)
    return f"[out:json][timeout:{timeout_seconds}];\n(\n{wanted});\n(._;>;);\nout body qt;\n"


def is_incomplete(remark: object) -> bool:
    """Tell whether what an answer remarks means that the server broke off: ran out of time, of memory, or failed."""
    return BROKEN_OFF.search(str(remark)) is not None


@dataclass
class Elements:
    """Answers merged: each element once, the last answer's version of it."""

    nodes: dict[int, tuple[float, float, Tags]] = field(default_factory=dict)
    ways: dict[int, tuple[list[int], Tags]] = field(default_factory=dict)
    relations: dict[int, tuple[list[tuple[str, int, str]], Tags]] = field(default_factory=dict)

    def add(self, answer: Mapping[str, Any]) -> None:
        """Take the elements of one answer."""
        with foreign_reader("an answer of the Overpass server", "ask again, or name a mirror with --overpass-url"):
            for element in answer["elements"]:
                number, tags = element["id"], element.get("tags", {})
                if element["type"] == "node":
                    self.nodes[number] = (element["lon"], element["lat"], tags)
                elif element["type"] == "way":
                    self.ways[number] = (element.get("nodes", []), tags)
                elif element["type"] == "relation":
                    members = [(KINDS[member["type"]], member["ref"], member["role"]) for member in element.get("members", [])]
                    self.relations[number] = (members, tags)

    def write(self, path: Path) -> None:
        """Write an extract: nodes, ways, relations, each in the order of their ids as readers expect."""
        header = osmium.io.Header()
        header.set("generator", "lifecircle fetch; (c) OpenStreetMap contributors, ODbL 1.0")
        with osmium.SimpleWriter(str(path), header=header, overwrite=True) as writer:
            for number, (lon, lat, tags) in sorted(self.nodes.items()):
                writer.add_node(osmium.osm.mutable.Node(id=number, location=(lon, lat), tags=tags))
            for number, (refs, tags) in sorted(self.ways.items()):
                writer.add_way(osmium.osm.mutable.Way(id=number, nodes=refs, tags=tags))
            for number, (members, tags) in sorted(self.relations.items()):
                writer.add_relation(osmium.osm.mutable.Relation(id=number, members=members, tags=tags))
