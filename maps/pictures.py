"""Pictures: each goal's map as PNG and SVG for Word documents and for the report, drawn with matplotlib."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from textwrap import fill
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.path import Path as MplPath
from numpy.typing import NDArray

from ..analyses.counted import members
from ..analyses.results import Results
from ..layers.footprints import footprints, outlines, topmost
from ..layers.goals import TimedGoal
from ..layers.population_raster import Grid
from . import classes
from .basemap import street_ranks
from .exports.picture import DOTS_PER_INCH, picture_bytes, write_picture
from .figures import overall, rounded_parts, shown_people
from .fonts import picture_style, title_weight
from .sentences import goal_title, headline
from .texts import shortened, text_width, texts, wrapped

PAGE_INCHES: Final = (8.4, 6.2)
MAP_BOX: Final = (0.03, 0.09, 0.68, 0.76)  # of the page: left, bottom, width, height
MAP_SHAPE: Final = MAP_BOX[2] * PAGE_INCHES[0] / (MAP_BOX[3] * PAGE_INCHES[1])
NUMBERED_GAPS: Final = 10
RANK_WIDTHS: Final = (1.1, 0.8, 0.6, 0.45, 0.3)  # points, most important streets first; paths are left out
INK: Final = "#16324f"
STREET: Final = "#8b8f98"
BORDER: Final = "#3c404c"
PAPER: Final = "#fbfbf9"
METRES_PER_DEGREE: Final = 111_320.0
GROUND: Final = {"green": "#e6efdf", "water": "#cfe3ef"}
LARGEST: Final = 2_000  # areas of a kind; smaller ones would not be seen on paper
LINE_WIDTHS: Final = {"zh": 62, "en": 118}  # characters of the headline that fit on a line
HEADING_WIDTH: Final = 74  # Latin letters
GOAL_WIDTH: Final = 36
SERVICE_WIDTH: Final = 36
FOOT_WIDTH: Final = 158  # Latin letters
FOOT_TOP: Final = 0.078  # of the page, just below the map
MOST_LINES: Final = 3  # of the headline, above the map
MARGIN: Final = 0.03  # of the extent
MOST_DOTS: Final = 5_000  # facilities that a drawing holds one by one
MOST_SHAPES: Final = 200_000  # cells drawn one by one
IMAGE_DOTS: Final = 2  # rows of an image of cells per dot of the paper, at least
STREET_VERTICES: Final = 1_000_000


@dataclass(frozen=True)
class Classes:
    """The gap classes of one goal: a colour and a label each, the class of every unit and the people in each class."""

    colours: tuple[str, ...]
    labels: tuple[str, ...]
    of_unit: NDArray[np.int64]
    people: tuple[int, ...]


def draw_map(
    results: Results, goal: TimedGoal, *, language: str = "zh", review_number: str = "", made_on: date | None = None
) -> Figure:
    """Draw the gap map of one goal with title, legend, scale bar, north arrow and sources.

    Parameters
    ----------
    results : Results
    goal : TimedGoal
        One of `results.goals`.
    language : {"zh", "en"}
    review_number : str
        审图号; where it is blank the picture says that it is an internal working map.
    made_on : date, optional
        Today by default.

    Returns
    -------
    matplotlib.figure.Figure
        To be saved by the caller; see `write_pictures`.
    """
    words = texts(language)
    with picture_style():
        figure = Figure(figsize=PAGE_INCHES, facecolor="white")
        axes = figure.add_axes(MAP_BOX, facecolor=PAPER)
        shown = gap_classes(results, goal, words)
        _draw_land(axes, results, goal, shown)
        _frame(axes, results)
        _draw_scale(axes, words)
        _draw_north(axes, words["map"]["north"])
        _write(figure, axes, results, goal, shown, words, language, review_number, made_on or date.today())
        return figure


def draw_pictures(
    results: Results, goal: TimedGoal, *, language: str = "zh", review_number: str = "", made_on: date | None = None
) -> dict[str, bytes]:
    """Draw the map of one goal once, and return it as the bytes of a "png" and an "svg" file."""
    figure = draw_map(results, goal, language=language, review_number=review_number, made_on=made_on)
    return {kind: picture_bytes(figure, kind, sources=results.sources) for kind in ("png", "svg")}


def write_pictures(
    results: Results, folder: str | Path, *, language: str = "zh", review_number: str = "", made_on: date | None = None
) -> list[Path]:
    """Write `map-<goal>.png` and `map-<goal>.svg` for every goal into a folder; returns the files."""
    files = []
    for goal in results.goals:
        drawn = draw_pictures(results, goal, language=language, review_number=review_number, made_on=made_on)
        for kind, content in drawn.items():
            files.append(Path(folder) / f"map-{goal.id}.{kind}")
            write_picture(content, files[-1])
    return files


def gap_classes(results: Results, goal: TimedGoal, words: Mapping[str, Any]) -> Classes:
    """Sort every unit into the classes of the gap view; the people are the scorecard's."""
    demand, text = results.demand, words["map"]
    over = demand[f"{goal.id}.minutes"].to_numpy(float) - goal.minutes
    status = demand[f"{goal.id}.status"].astype(str).to_numpy()
    breaks = classes.gap_breaks(goal.minutes)
    last = len(breaks) + 2
    of_unit = np.where(status == "covered", 0, 1 + np.searchsorted(breaks, np.nan_to_num(over), side="left"))
    for place, name in enumerate(classes.STATUS_COLOURS):
        of_unit[status == name] = last + place
    edges = (0.0, *breaks)
    labels = [text["within"].format(minutes=f"{goal.minutes:g}")]
    labels += [text["over"].format(**{"from": f"{a:g}", "to": f"{b:g}"}) for a, b in zip(edges, breaks, strict=False)]
    labels += [
        text["over_last"].format(**{"from": f"{edges[-1]:g}"}),
        *(words["shared"]["status"][n] for n in classes.STATUS_COLOURS),
    ]
    colours = (*classes.GAP_COLOURS, *classes.STATUS_COLOURS.values())
    return Classes(colours, tuple(labels), of_unit.astype(np.int64), _class_people(results, goal, of_unit, len(colours)))


def _class_people(results: Results, goal: TimedGoal, of_unit: NDArray[np.int64], count: int) -> tuple[int, ...]:
    """Whole people per class that add up to the scorecard's row for everyone."""
    people = np.bincount(of_unit, members(results.demand, goal.group), count)
    row = shown_people(overall(results, goal.id))
    late = len(classes.GAP_COLOURS)
    beyond = rounded_parts(people[1:late].tolist(), row["beyond"])
    return (row["covered"], *beyond, row["cut_off"], row["unconnected"], row["excluded"])


def _draw_land(axes: Axes, results: Results, goal: TimedGoal, shown: Classes) -> None:
    prints = footprints(results.demand.geometry, ids=results.demand["id"], cell_metres=results.cell_metres)
    if len(prints.x) > MOST_SHAPES and prints.kind == "rectangle" and prints.grid is not None:
        _draw_lattice(axes, prints.grid, shown)
    else:
        seen, _ = topmost(prints)
        _draw_shapes(axes, outlines(prints, seen), np.array(shown.colours, dtype=object)[shown.of_unit[seen]], zorder=1)
    _draw_ground(axes, results.land)
    _draw_streets(axes, results.streets)
    for depth, zones in enumerate(reversed(list(results.zones.values()))):
        lines = _lines(shapely.boundary(zones.geometry.to_numpy()))
        axes.add_collection(LineCollection(lines, colors=BORDER, linewidths=0.5 + 0.5 * depth, alpha=0.8, zorder=3))
    mine = results.facilities[results.facilities["service"].isin([goal.service])]
    points = shapely.point_on_surface(mine.geometry.to_numpy())
    axes.scatter(
        shapely.get_x(points), shapely.get_y(points), s=9, c=INK, edgecolors="white", linewidths=0.5, zorder=4,
        rasterized=len(points) > MOST_DOTS,
    )  # fmt: skip
    _number_gaps(axes, results.gaps[(results.gaps["goal"] == goal.id) & (results.gaps["gap"] <= NUMBERED_GAPS)])


def _draw_shapes(axes: Axes, areas: NDArray[np.object_], colours: Any, *, zorder: float) -> None:
    """Fill areas, as one collection of paths: a patch for each would take ten times as long."""
    axes.add_collection(PathCollection(_paths(areas), facecolors=colours, linewidths=0, rasterized=True, zorder=zorder))


def _paths(areas: NDArray[np.object_]) -> list[MplPath]:
    """Return every area as one path, its holes and parts with it; holes run the other way round, or they would be filled."""
    polygons, area = shapely.get_parts(shapely.orient_polygons(areas), return_index=True)
    rings, polygon = shapely.get_rings(polygons, return_index=True)
    corners, ring = shapely.get_coordinates(rings, return_index=True)
    if not len(corners):
        return []
    begins = np.flatnonzero(np.insert(np.diff(ring), 0, 1))
    codes = np.full(len(corners), MplPath.LINETO, MplPath.code_type)
    codes[begins] = MplPath.MOVETO
    codes[np.append(begins[1:], len(corners)) - 1] = MplPath.CLOSEPOLY
    cuts = np.flatnonzero(np.diff(area[polygon[ring]])) + 1
    return [MplPath(*part) for part in zip(np.split(corners, cuts), np.split(codes, cuts), strict=True)]


def _draw_lattice(axes: Axes, grid: Grid, shown: Classes) -> None:
    """Draw very many cells of a lattice as one image, blocks of them where they are finer than the paper's dots."""
    across = MAP_BOX[2] * PAGE_INCHES[0] * DOTS_PER_INCH
    step = max(1, int(max(grid.shape) // (IMAGE_DOTS * across)))
    shape = (-(-grid.shape[0] // step), -(-grid.shape[1] // step))
    palette = np.array([to_rgb(colour) for colour in shown.colours], np.float32)
    at = (grid.rows // step).astype(np.int64) * shape[1] + grid.columns // step
    cells = np.bincount(at, minlength=shape[0] * shape[1])
    image = np.empty((*shape, 4), np.float32)
    for band in range(3):  # the mean of a block's colours, as smoothing makes it of cells finer than a dot
        sums = np.bincount(at, palette[shown.of_unit, band], shape[0] * shape[1])
        image[..., band] = np.where(cells > 0, sums / np.maximum(cells, 1), to_rgb(PAPER)[band]).reshape(shape)
    image[..., 3] = (cells / step**2).reshape(shape)
    move = grid.transform
    extent = (move.c, move.c + move.a * step * shape[1], move.f + move.e * step * shape[0], move.f)
    axes.imshow(image, extent=extent, interpolation="antialiased", aspect="auto", zorder=1)


def _draw_ground(axes: Axes, land: gpd.GeoDataFrame | None) -> None:
    """Green and water below everything else, the largest of each."""
    if land is None:
        return
    area = shapely.area(land.geometry.to_numpy())
    for kind, colour in GROUND.items():
        mine = (land["kind"] == kind).to_numpy() & (area > 0)
        shapes = land.geometry.to_numpy()[mine][np.argsort(-area[mine], kind="stable")[:LARGEST]]
        if len(shapes):
            _draw_shapes(axes, shapes, colour, zorder=0.5)


def _draw_streets(axes: Axes, streets: gpd.GeoDataFrame) -> None:
    if streets.empty:
        return
    ranks = street_ranks(streets["highway"])
    vertices = np.cumsum(np.bincount(ranks, shapely.get_num_coordinates(streets.geometry.to_numpy()), len(RANK_WIDTHS) + 1))
    for rank, width in enumerate(RANK_WIDTHS):
        if rank and vertices[rank] > STREET_VERTICES:
            return  # on paper the lesser streets of a whole province would be one grey
        lines = _lines(streets.geometry.to_numpy()[ranks == rank])
        axes.add_collection(LineCollection(lines, colors=STREET, linewidths=width, alpha=0.55, rasterized=True, zorder=2))


def _lines(shapes: NDArray[np.object_]) -> list[NDArray[np.float64]]:
    """Return the coordinates of every part of lines."""
    parts, at = shapely.get_coordinates(shapely.get_parts(shapes), return_index=True)
    return np.split(parts, np.flatnonzero(np.diff(at)) + 1) if len(parts) else []


def _number_gaps(axes: Axes, gaps: gpd.GeoDataFrame) -> None:
    spots = shapely.point_on_surface(gaps.geometry.to_numpy())
    for number, spot in zip(gaps["gap"], spots, strict=True):
        axes.annotate(
            str(number), (spot.x, spot.y), ha="center", va="center", fontsize=7, color="white", fontweight="bold", zorder=5,
            bbox={"boxstyle": "circle,pad=0.25", "facecolor": "#7a1f10", "edgecolor": "white", "linewidth": 0.7},
        )  # fmt: skip


def _frame(axes: Axes, results: Results) -> None:
    """Show the extent of demand and zones true to scale in its middle, widened to the shape of the frame."""
    boxes = np.array([results.demand.total_bounds, *(zones.total_bounds for zones in results.zones.values())])
    (west, south), (east, north) = np.nanmin(boxes[:, :2], axis=0), np.nanmax(boxes[:, 2:], axis=0)
    stretch = float(np.cos(np.radians((south + north) / 2)))
    height = max(north - south, (east - west) * stretch / MAP_SHAPE, 1e-3) * (1 + 2 * MARGIN)
    width = height * MAP_SHAPE / stretch
    axes.set_xlim((west + east - width) / 2, (west + east + width) / 2)
    axes.set_ylim((south + north - height) / 2, (south + north + height) / 2)
    axes.set_aspect("auto")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set(xlabel="", ylabel="")
    for spine in axes.spines.values():
        spine.set(color="#b9bcc4", linewidth=0.8)


def _draw_scale(axes: Axes, words: Mapping[str, Any]) -> None:
    """Draw a bar of a round length, about a fifth of the map wide."""
    west, east = axes.get_xlim()
    south, north = axes.get_ylim()
    per_degree = METRES_PER_DEGREE * float(np.cos(np.radians((south + north) / 2)))
    metres = round_length((east - west) * per_degree / 5)
    x, y, length = west + (east - west) * 0.04, south + (north - south) * 0.04, metres / per_degree
    axes.plot([x, x + length], [y, y], color="black", linewidth=2.2, solid_capstyle="butt", zorder=6)
    shared = words["shared"]
    text = shared["kilometres" if metres >= 1000 else "metres"].format(value=f"{metres / 1000 if metres >= 1000 else metres:g}")
    axes.annotate(
        text, (x + length / 2, y), (0, 4), textcoords="offset points", ha="center", fontsize=7.5, zorder=6,
        bbox={"boxstyle": "square,pad=0.15", "facecolor": "white", "edgecolor": "none", "alpha": 0.75},
    )  # fmt: skip


def round_length(metres: float) -> float:
    """Return the largest of 1, 2 or 5 times a power of ten that is at most `metres`."""
    power = 10.0 ** np.floor(np.log10(metres))
    return float(next(step * power for step in (5, 2, 1) if step * power <= metres * (1 + 1e-9)))


def _draw_north(axes: Axes, letter: str) -> None:
    arrow = {"arrowstyle": "-|>", "color": "black", "linewidth": 1.2, "mutation_scale": 13}
    axes.annotate("", (0.955, 0.97), (0.955, 0.87), xycoords="axes fraction", arrowprops=arrow, zorder=6)
    axes.text(0.955, 0.855, letter, transform=axes.transAxes, ha="center", va="top", fontsize=9, fontweight="bold", zorder=6)


def _heading(study: str, goal: str, heading: str) -> str:
    """Name the goal whole where that is possible, and the study with the room that is left."""
    named = heading.format(study="{study}", goal=shortened(goal, GOAL_WIDTH))
    room = HEADING_WIDTH - text_width(named) + len("{study}")
    return named.replace("{study}", shortened(study, room), 1)


def _write(
    figure: Figure,
    axes: Axes,
    results: Results,
    goal: TimedGoal,
    shown: Classes,
    words: Mapping[str, Any],
    language: str,
    review_number: str,
    made_on: date,
) -> None:
    text, shared = words["map"], words["shared"]
    figure.text(
        0.03,
        0.945,
        _heading(results.name, goal_title(results, goal, language), text["heading"]),
        fontsize=13,
        fontweight=title_weight(language),
    )
    lines = fill(headline(results, goal, language), LINE_WIDTHS[language], max_lines=MOST_LINES, placeholder="…")
    figure.text(0.03, 0.925, lines, fontsize=9.5, va="top")
    rows = [(c, label, people) for c, label, people in zip(shown.colours, shown.labels, shown.people, strict=True)]
    used = np.bincount(shown.of_unit, minlength=len(rows)) > 0
    rows = [row for row, on_map in zip(rows, used, strict=True) if on_map or row[2]]
    handles = [Patch(facecolor=colour, edgecolor="#9a9da6", linewidth=0.5) for colour, _, _ in rows]
    names = [f"{label}\n{people:,}" for _, label, people in rows]
    title = text["legend_gap"].format(minutes=f"{goal.minutes:g}") + "\n" + text["people_column_below"]
    figure.legend(
        handles, names, title=title, loc="upper left", bbox_to_anchor=(0.72, 0.86), fontsize=7.5, title_fontsize=8,
        frameon=False, alignment="left", labelspacing=0.7, handlelength=1.6, handleheight=1.4,
    )  # fmt: skip
    service = results.services.get(goal.service)
    shown_service = shortened(getattr(service.title, language) if service else goal.service, SERVICE_WIDTH)
    figure.text(0.728, 0.125, f"●  {shown_service}", fontsize=8, color=INK)
    figure.text(0.728, 0.095, f"①  {text['number_key']}", fontsize=8, color="#7a1f10")
    review = shared["review"].format(number=review_number) if review_number else shared["review_blank"]
    foot = wrapped([*results.sources, text["made_on"].format(date=made_on.isoformat()), review], FOOT_WIDTH)
    figure.text(0.03, FOOT_TOP, foot, fontsize=6.5, color="#555a66", va="top", linespacing=1.15)
