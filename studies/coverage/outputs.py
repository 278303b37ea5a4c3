"""Everything a run leaves in its folder (DESIGN section 6)."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from affine import Affine
from numpy.typing import NDArray
from rasterio.features import rasterize
from scipy.spatial import KDTree

from ...analyses.results import Results
from ...layers.footprints import Footprints, outlines, topmost
from ...layers.units import distinct_places
from ...maps.coarse import draws_coarsely
from ...maps.exports import xlsx
from ...maps.exports.picture import write_picture
from ...maps.exports.raster import write_minutes
from ...maps.exports.results_layers import demand_table, results_layers, write_styles
from ...maps.exports.scorecard import scorecard_table, variants_table, write_scorecard_json
from ...maps.gap_map import write_gap_map
from ...maps.pictures import draw_pictures
from ...maps.report import write_report
from ..folder.draft import FolderDraft
from ..folder.record import Record
from ..folder.result_files import ResultFiles
from ..situation.inputs import Inputs
from ..situation.unused import tell_unused, unused_snaps, unused_table
from ..speech.rooms_text import translate_reasons
from .answers import Audit
from .equity import equity_table

BURNT_AT_ONCE = 50_000  # areas; each corner takes a hundred bytes on its way into a raster
CELLS_ACROSS_UNIT = 4  # raster cells along the side of a typical demand polygon


def write_outputs(results: Results, inputs: Inputs, audit: Audit, record: Record, draft: FolderDraft) -> dict[str, Any]:
    """Write all files of a run in the speaker's language, its record last; returns what that holds."""
    say = draft.say
    tell_unused(unused_snaps(audit.snaps), record, say)
    with record.stage(say("stage.files")):
        _write_tables(results, inputs, audit, record, draft)
    if results.goals:
        with record.stage(say("stage.pages")):
            _write_pages(results, record, draft)
    return draft.write_record(record.as_dict())


def _write_pages(results: Results, record: Record, draft: FolderDraft) -> None:
    """Write map, pictures and report; each picture is drawn once, for its file and for the report."""
    say, language = draft.say, draft.say.language
    with draft.writing("map.html") as file:
        write_gap_map(results, file, language=language)
    if draws_coarsely(results):
        record.note(say("note.coarse_map", units=len(results.demand)))
    pictures = {}
    for goal in results.goals:
        with draft.writing(f"map-{goal.id}.png") as file:
            drawn = draw_pictures(results, goal, language=language)
            for kind, content in drawn.items():
                write_picture(content, file.with_suffix(f".{kind}"))
        pictures[goal.id] = drawn["png"]
    with draft.writing("report.html") as file:
        write_report(results, record.as_dict(), file, language=language, pictures=pictures)


def _write_tables(results: Results, inputs: Inputs, audit: Audit, record: Record, draft: FolderDraft) -> None:
    files = ResultFiles(draft, results.sources)
    _write_scorecards(results, files)
    files.geopackage("results.gpkg", results_layers(results))
    with draft.writing("results.gpkg") as file:
        write_styles(results, file)
    files.csv("unused.csv", unused_table(record.unused, draft.say))
    files.csv("rejected.csv", translate_reasons(inputs.rejected, draft.say.language))
    if len(results.demand):
        files.geoparquet("demand.parquet", demand_table(results))
    if results.goals:
        files.geojson("gaps.geojson", results.gaps)
        files.csv("equity.csv", equity_table(results))
        _write_rasters(results, inputs, draft)
        files.csv("snaps.csv", audit.snaps)
        files.csv("components.csv", audit.components)
    files.dictionary()


def _write_scorecards(results: Results, files: ResultFiles) -> None:
    """Write the scorecard to the last digit: runs are compared by it."""
    draft, language = files.draft, files.draft.say.language
    files.csv("scorecard.csv", scorecard_table(results, language), exact=True)
    with draft.writing("scorecard.xlsx") as file:
        xlsx.write_scorecard(results, file, language=language)
    with draft.writing("scorecard.json") as file:
        write_scorecard_json(results, file, language=language)
    if len(results.variants):
        files.csv("variants.csv", variants_table(results, language), exact=True)


def _write_rasters(results: Results, inputs: Inputs, draft: FolderDraft) -> None:
    """Write one raster of minutes per goal: on the demand's own grid, or over the ground its units stand for."""
    grid = inputs.demand.grid
    owner, transform = (None, None) if grid is not None else _owners(inputs.prints)
    for goal in results.goals:
        minutes = results.demand[f"{goal.id}.minutes"].to_numpy(np.float32)
        with draft.writing(f"minutes-{goal.id}.tif") as file:
            if owner is not None:
                cells = np.append(minutes, np.float32(np.nan))[owner]
                write_minutes(file, cells, transform=transform, crs="EPSG:4326", sources=results.sources, goal=goal.id)
            elif grid is not None:
                cells = np.full(grid.shape, np.nan, np.float32)
                cells[grid.rows, grid.columns] = minutes
                write_minutes(file, cells, transform=grid.transform, crs=grid.crs, sources=results.sources, goal=goal.id)


def _owners(prints: Footprints) -> tuple[NDArray[np.int32], Any]:
    """Return the unit that each cell of a raster belongs to, -1 on nobody's ground.

    Where patches lie on each other the nearest middle decides, and the cell that a unit stands in is its own. Units that nobody
    gets away from own their cells too: theirs stay empty, whatever times their neighbours have.
    """
    seen, units = topmost(prints)
    areas = outlines(prints, seen)
    transform, shape = _frame(areas, units)
    owner = _burnt(areas, seen, shape, transform)
    if prints.kind != "polygon":
        row, column = np.nonzero(owner >= 0)
        stretch = float(np.cos(np.radians(prints.y.mean())))
        x, y = transform.c + (column + 0.5) * transform.a, transform.f + (row + 0.5) * transform.e
        first, _ = distinct_places(prints.x, prints.y)
        middles = KDTree(np.column_stack([prints.x[first] * stretch, prints.y[first]]))
        owner[row, column] = first[middles.query(np.column_stack([x * stretch, y]))[1]]
        _own_cells(owner, (prints.x - transform.c) / transform.a, (prints.y - transform.f) / transform.e)
    return owner, transform


def _burnt(areas: NDArray[np.object_], numbers: NDArray[np.int64], shape: tuple[int, int], transform: Any) -> NDArray[np.int32]:
    """Burn areas with their numbers, later ones over earlier ones; -1 on nobody's ground."""
    owner = np.zeros(shape, np.int32)
    for some in np.split(np.arange(len(areas)), range(BURNT_AT_ONCE, len(areas), BURNT_AT_ONCE)):
        rasterize(zip(_mappings(areas[some]), (numbers[some] + 1).tolist(), strict=True), out=owner, transform=transform)
    return owner - 1


def _mappings(areas: NDArray[np.object_]) -> list[Any]:
    """Return polygons of one ring as GeoJSON mappings, which shapely would make corner by corner, and others as they are."""
    single = (shapely.get_type_id(areas) == shapely.GeometryType.POLYGON) & (shapely.get_num_interior_rings(areas) == 0)
    corners = np.split(shapely.get_coordinates(areas), np.cumsum(shapely.get_num_coordinates(areas))[:-1])
    pairs = zip(areas, corners, single, strict=True)
    return [{"type": "Polygon", "coordinates": [line.tolist()]} if plain else area for area, line, plain in pairs]


def _own_cells(owner: NDArray[np.int32], column: NDArray[np.float64], row: NDArray[np.float64]) -> None:
    """Give every unit the cell it stands in, the one nearest to the middle where several do."""
    off = np.hypot(column % 1 - 0.5, row % 1 - 0.5)
    last = np.argsort(-off, kind="stable")  # of several values for one cell the last one stays
    rows, columns = (np.minimum(at.astype(np.int64), most - 1) for at, most in zip((row, column), owner.shape, strict=True))
    owner[rows[last], columns[last]] = last


def _frame(areas: NDArray[np.object_], units: NDArray[np.int64]) -> tuple[Any, tuple[int, int]]:
    """Choose a raster that holds all areas, fine enough for that of the typical unit and at most 16 million cells."""
    west, south, east, north = shapely.total_bounds(areas)
    typical = float(np.sqrt(np.median(np.repeat(shapely.area(areas), units)))) / CELLS_ACROSS_UNIT
    edge = max(typical, 1e-5, np.sqrt((east - west) * (north - south) / 16e6))
    shape = (int(np.ceil((north - south) / edge)) or 1, int(np.ceil((east - west) / edge)) or 1)
    return Affine(edge, 0.0, west, 0.0, -edge, north), shape
