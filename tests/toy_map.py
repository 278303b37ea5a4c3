"""Maps small enough to work out by hand. They lie on the equator, so that a step east is 111.319 m everywhere."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from xml.sax.saxutils import quoteattr

DEGREES = 0.001  # of a step, east or north
EAST = 111.31949  # metres of a step: 6,378,137 m x pi / 180,000
NORTH = 110.57428  # metres of a step north, shorter because the earth is flattened: x (1 - e2)
ROAD = {"highway": "residential"}
Tags = Mapping[str, str]


def write_map(
    path: Path,
    nodes: Mapping[int, tuple[float, float]],
    ways: Iterable[tuple[Iterable[int], Tags]] = (),
    *,
    node_tags: Mapping[int, Tags] | None = None,
    relations: Iterable[tuple[Iterable[tuple[int, str]], Tags]] = (),
    turns: Iterable[tuple[int, int, int, str]] = (),
) -> Path:
    """Write OSM XML: nodes {number: (steps east, steps north)}, ways [(nodes, tags)], relations [([(way, role)], tags)].

    `turns` are turn restrictions: (way from, node, way to, kind).
    """
    named = node_tags or {}
    lines = ['<osm version="0.6" generator="toy">']
    for number, (x, y) in nodes.items():
        place = f'lon="{x * DEGREES:.7f}" lat="{y * DEGREES:.7f}"'
        lines.append(f'<node id="{number}" version="1" {place}>{_tags(named.get(number, {}))}</node>')
    for number, (refs, tags) in enumerate(ways, start=1):
        members = "".join(f'<nd ref="{ref}"/>' for ref in refs)
        lines.append(f'<way id="{number}" version="1">{members}{_tags(tags)}</way>')
    for number, (parts, tags) in enumerate(relations, start=1):
        members = "".join(f'<member type="way" ref="{way}" role="{role}"/>' for way, role in parts)
        lines.append(f'<relation id="{number}" version="1">{members}{_tags(tags)}</relation>')
    for number, (start, via, end, kind) in enumerate(turns, start=1001):
        parts = (("way", start, "from"), ("node", via, "via"), ("way", end, "to"))
        members = "".join(f'<member type="{what}" ref="{ref}" role="{role}"/>' for what, ref, role in parts)
        tags = _tags({"type": "restriction", "restriction": kind})
        lines.append(f'<relation id="{number}" version="1">{members}{tags}</relation>')
    path.write_text("\n".join([*lines, "</osm>"]), encoding="utf-8")
    return path


def _tags(tags: Tags) -> str:
    return "".join(f"<tag k={quoteattr(key)} v={quoteattr(value)}/>" for key, value in tags.items())


def row(count: int, *, x: float = 0.0, y: float = 0.0, first: int = 1) -> dict[int, tuple[float, float]]:
    """`count` nodes one step apart, eastwards from (x, y)."""
    return {first + i: (x + i, y) for i in range(count)}


def street(count: int, *, first: int = 1, **tags: str) -> tuple[range, Tags]:
    """One way through all nodes of a `row`."""
    return range(first, first + count), tags or ROAD
