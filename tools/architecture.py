"""Draw `docs/pictures/architecture.svg` from the code: `python tools/architecture.py` (`./run docs` does it, too).

Rooms are boxes, one above the other as imports go; arrows are import statements between rooms, as thick as there are many. The
same code gives the same picture, so a test can compare them. Needs nothing but Python.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from html import escape
from pathlib import Path

from rooms import ROOT, imports_between_rooms, modules, packages, purpose, rooms

TARGET = ROOT / "docs" / "pictures" / "architecture.svg"
WIDTH, MARGIN, BOX_WIDTH, GAP, PADDING = 1060, 20, 720, 46, 16
HEAD, CHIP_HEIGHT, CHIP_GAP, LETTER = 52, 26, 8, 7.6
LANE, FIRST_LANE = 46, 42
COLOURS = ("#33658a", "#7a5195", "#b0413e", "#b36a00", "#2f7d4f")
STYLE = (
    "text{font-family:system-ui,'Segoe UI','Noto Sans','Helvetica Neue',Arial,sans-serif;fill:#1c2733}"
    ".room{font-size:19px;font-weight:600}.says{font-size:13px;fill:#4a5866}.chip{font-size:13px}.count{font-size:13px;font-weight:600}"
)

LEGEND = "In the boxes: modules of a room and of its folders; dashed: folders of data. On the arrows: import statements."

Arrow = tuple[int, int, int]  # how many rooms down; from which; to which
Chip = tuple[str, bool]  # what it says; whether it holds modules


def chips(room: str) -> Iterator[Chip]:
    """Yield what a room holds: its own modules, its folders with modules, its folders with data."""
    own, *inner = packages(room)
    count = len(modules(own))
    yield f"{count} module{'s' if count != 1 else ''}", True
    for folder in inner:
        yield f"{folder.relative_to(room).as_posix()}/ {len(modules(folder))}", True
    for folder in sorted(path for path in (ROOT / room).iterdir() if path.is_dir() and path.name[0] not in "._"):
        if folder.relative_to(ROOT) not in inner:
            yield f"{folder.name}/ data", False


def placed(room: str) -> list[tuple[int, int, int, Chip]]:
    """Return the chips of a room with row, left edge and width, set like words in lines."""
    row, x, found = 0, PADDING, []
    for chip in chips(room):
        width = round(len(chip[0]) * LETTER) + 20
        if x + width > BOX_WIDTH - PADDING:
            row, x = row + 1, PADDING
        found.append((row, x, width, chip))
        x += width + CHIP_GAP
    return found


def box(room: str, top: int, colour: str) -> tuple[list[str], int]:
    """Return the elements of a room's box, and its height."""
    held = placed(room)
    height = HEAD + (held[-1][0] + 1) * (CHIP_HEIGHT + CHIP_GAP) + PADDING - CHIP_GAP
    look = f'rx="8" fill="#fff" stroke="{colour}" stroke-width="2"'
    shape = f'<rect x="{MARGIN}" y="{top}" width="{BOX_WIDTH}" height="{height}" {look}/>'
    title = f'<text class="room" x="{MARGIN + PADDING}" y="{top + 28}">{room}/</text>'
    says = f'<text class="says" x="{MARGIN + PADDING + 116}" y="{top + 28}">{escape(shortened(purpose(Path(room))))}</text>'
    parts = [shape, title, says]
    for row, x, width, (text, code) in held:
        y = top + HEAD + row * (CHIP_HEIGHT + CHIP_GAP) - 6
        look = f'fill="{colour}" fill-opacity="0.12"' if code else f'fill="none" stroke="{colour}" stroke-dasharray="3 3"'
        parts.append(f'<rect x="{MARGIN + x}" y="{y}" width="{width}" height="{CHIP_HEIGHT}" rx="13" {look}/>')
        parts.append(f'<text class="chip" x="{MARGIN + x + width / 2:g}" y="{y + 17}" text-anchor="middle">{escape(text)}</text>')
    return parts, height


def shortened(text: str, letters: int = 84) -> str:
    """Cut a sentence at a word, where it would leave its box."""
    return text if len(text) <= letters else text[:letters].rsplit(" ", 1)[0].rstrip(",:;") + " …"


def thickness(count: int) -> float:
    """Return how wide an arrow for so many imports is."""
    return round(1 + math.sqrt(count) / 2, 1)


def head(x: float, y: float, count: int, colour: str, *, down: bool) -> str:
    """Return an arrow's head with its point at a place, looking down or to the left."""
    half = 4 + thickness(count)
    back = [(-half, -2 * half), (half, -2 * half)] if down else [(2 * half, -half), (2 * half, half)]
    corners = [(x, y), *((x + across, y + along) for across, along in back)]
    return f'<polygon points="{" ".join(f"{a:g},{b:g}" for a, b in corners)}" fill="{colour}"/>'


def label(x: float, y: float, count: int) -> str:
    """Return a number on white, so that lines do not cross it."""
    width = 10 + 8 * len(str(count))
    back = f'<rect x="{x - width / 2:g}" y="{y - 10:g}" width="{width}" height="20" rx="4" fill="#fff"/>'
    return f'{back}<text class="count" x="{x:g}" y="{y + 5:g}" text-anchor="middle">{count}</text>'


def downward(bottom: int, top: int, count: int, colour: str) -> list[str]:
    """Return the arrow from a room to the one below it."""
    x, half = MARGIN + BOX_WIDTH / 2, 4 + thickness(count)
    line = f'<path d="M{x:g} {bottom}V{top - 2 * half:g}" stroke="{colour}" stroke-width="{thickness(count)}" fill="none"/>'
    return [line, head(x, top, count, colour, down=True), label(x + 26, (bottom + top) / 2, count)]


def around(start: float, end: float, lane: float, count: int, colour: str) -> list[str]:
    """Return the arrow from a room, past others, to one farther down."""
    side, tip = MARGIN + BOX_WIDTH, MARGIN + BOX_WIDTH + 2 * (4 + thickness(count))
    bends = [
        f"M{side} {start:g}H{lane - 10:g}Q{lane:g} {start:g} {lane:g} {start + 10:g}",
        f"V{end - 10:g}Q{lane:g} {end:g} {lane - 10:g} {end:g}H{tip:g}",
    ]
    line = f'<path d="{"".join(bends)}" stroke="{colour}" stroke-width="{thickness(count)}" fill="none"/>'
    return [line, head(side, end, count, colour, down=False), label(lane, (start + end) / 2, count)]


def drawing() -> str:
    """Return the picture of today's code."""
    names, counts = rooms(), imports_between_rooms()
    edges, top, parts = [], MARGIN, []
    for name, colour in zip(names, COLOURS, strict=True):
        shapes, height = box(name, top, colour)
        parts += shapes
        edges.append((top, top + height))
        top += height + GAP
    parts += [shape for arrow in arrows(counts, names, edges) for shape in arrow]
    parts.append(f'<text class="says" x="{MARGIN}" y="{top - GAP + 34}">{LEGEND}</text>')
    return page(parts, top - GAP + 34 + MARGIN, f"Imports between the rooms of lifecircle: {' → '.join(names)}")


def arrows(counts: Counter[tuple[str, str]], names: list[str], edges: list[tuple[int, int]]) -> Iterator[list[str]]:
    """Yield the elements of every arrow: straight down to the next room, around the others to one farther down."""
    pairs = sorted((b - a, a, b) for a in range(len(names)) for b in range(len(names)) if counts[names[a], names[b]])
    if back := [f"{names[a]} → {names[b]}" for span, a, b in pairs if span < 0]:
        raise SystemExit(f"Imports that look back: {', '.join(back)}. Run lint-imports.")
    far = [pair for pair in pairs if pair[0] > 1]
    for _, a, b in (pair for pair in pairs if pair[0] == 1):
        yield downward(edges[a][1], edges[b][0], counts[names[a], names[b]], COLOURS[a])
    for lane, (span, a, b) in enumerate(far):
        start, end = port(far, (span, a, b), a, edges[a]), port(far, (span, a, b), b, edges[b])
        yield around(start, end, MARGIN + BOX_WIDTH + FIRST_LANE + lane * LANE, counts[names[a], names[b]], COLOURS[a])


def port(far: list[Arrow], arrow: Arrow, room: int, edge: tuple[int, int]) -> float:
    """Return the height at which an arrow meets a room's side: arrivals above, and ordered so that no two cross at the side."""
    arriving = [other for other in far if other[2] == room]
    leaving = [other for other in reversed(far) if other[1] == room]
    here = arriving + leaving
    return edge[0] + (edge[1] - edge[0]) * (here.index(arrow) + 1) / (len(here) + 1)


def page(parts: list[str], height: int, title: str) -> str:
    """Return a whole SVG file."""
    size = f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
    start = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img"><title>{escape(title)}</title><style>{STYLE}</style>'
    return "\n".join([start, f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>', *parts, "</svg>", ""])


if __name__ == "__main__":
    TARGET.write_text(drawing(), encoding="utf-8", newline="\n")
