"""Larger extracts from small ones: the same OSM file several times, ids and longitudes shifted."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import osmium

ID_STEP = 100_000_000_000  # far above any id OSM has given out, so that copies never collide
LINK_IDS = 90 * ID_STEP
KINDS = (osmium.osm.NODE, osmium.osm.WAY, osmium.osm.RELATION)

Link = tuple[int, int]  # a node of one copy and a node of the next


def tile_extract(
    source: Path, out: Path, *, copies: int, step_degrees: float, links: Iterable[Link] = (), columns: int | None = None
) -> None:
    """Write `copies` of an extract side by side into one file, sorted as OSM files are.

    Parameters
    ----------
    source, out : Path
    copies : int
    step_degrees : float
        Shift of longitude from one copy to the next; of latitude from one row to the next.
    links : iterable of (node, node)
        Streets from a node of each copy to a node of the next, so that the copies form one network.
    columns : int, optional
        Copies in a row, further rows to the north; by default all of them stand in one.
    """
    draft = out.with_name(f"draft-{out.name}")
    draft.unlink(missing_ok=True)
    row = columns or copies
    writer = osmium.SimpleWriter(str(draft))
    for kind in KINDS:
        for copy in range(copies):
            for element in osmium.FileProcessor(str(source), kind):
                _add(writer, element, copy, (copy % row * step_degrees, copy // row * step_degrees))
        if kind == osmium.osm.WAY:
            _add_links(writer, links, copies)
    writer.close()
    draft.replace(out)


def _add(writer: osmium.SimpleWriter, element: Any, copy: int, shift: tuple[float, float]) -> None:
    offset = copy * ID_STEP
    if element.is_node():
        lon, lat = (element.location.lon + shift[0] + 180.0) % 360.0 - 180.0, element.location.lat + shift[1]
        writer.add_node(element.replace(id=element.id + offset, location=(lon, lat)))
    elif element.is_way():
        writer.add_way(element.replace(id=element.id + offset, nodes=[node.ref + offset for node in element.nodes]))
    else:
        members = [(member.type, member.ref + offset, member.role) for member in element.members]
        writer.add_relation(element.replace(id=element.id + offset, members=members))


def _add_links(writer: osmium.SimpleWriter, links: Iterable[Link], copies: int) -> None:
    for number, (east, west) in enumerate(links):
        for copy in range(copies - 1):
            nodes = [east + copy * ID_STEP, west + (copy + 1) * ID_STEP]
            way = osmium.osm.mutable.Way(
                id=LINK_IDS + number * copies + copy, version=1, nodes=nodes, tags={"highway": "primary"}
            )
            writer.add_way(way)


def convert_extract(source: Path, out: Path) -> None:
    """Write an extract in the format of `out`'s suffix."""
    draft = out.with_name(f"draft-{out.name}")
    draft.unlink(missing_ok=True)
    with osmium.SimpleWriter(str(draft)) as writer:
        for element in osmium.FileProcessor(str(source)):
            writer.add(element)
    draft.replace(out)
