"""Everything a run leaves in its folder (DESIGN section 6)."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from affine import Affine
from numpy.typing import NDArray
from rasterio.features import rasterize
from scipy.spatial import KDTree

from ..analyses.results import Results
from ..geo.errors import StudyError
from ..layers.footprints import Footprints, outlines
from ..maps.coarse import draws_coarsely
from ..maps.exports import csv, xlsx
from ..maps.exports import json as scorecard_json
from ..maps.exports.geojson import write_gaps
from ..maps.exports.geopackage import write_geopackage
from ..maps.exports.geoparquet import write_demand
from ..maps.exports.geotiff import write_minutes
from ..maps.gap_map import write_gap_map
from ..maps.pictures import write_pictures
from ..maps.report import write_report
from .answers import Audit
from .equity import write_equity
from .inputs import Inputs
from .messages import Say
from .record import Record
from .rooms_text import translate_reasons

CELLS_ACROSS_UNIT = 4  # raster cells along the side of a typical demand polygon


def make_folder(folder: Path, say: Say) -> Path:
    """Make the folder of a run and try to write there, before hours of computing.

    Raises
    ------
    StudyError
        If nothing can be written there.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError as error:
        raise StudyError(say("input.out", folder=folder, problem=error.strerror)) from error


def write_outputs(
    results: Results,
    inputs: Inputs,
    audit: Audit,
    record: Record,
    folder: Path,
    say: Say,
) -> None:
    """Write all files of a run in the speaker's language, its record last."""
    language = say.language
    if len(audit.snaps):
        record.note(say("note.snaps", rows=len(audit.snaps)))
    with record.stage(say("stage.files")):
        _write_scorecards(results, folder, language)
        write_geopackage(results, folder / "results.gpkg")
        translate_reasons(inputs.rejected, language).to_csv(folder / "rejected.csv", index=False, encoding="utf-8")
        if len(results.demand):
            write_demand(results, folder / "demand.parquet")
        if results.goals:
            write_gaps(results, folder / "gaps.geojson")
            write_equity(results, folder / "equity.csv")
            _write_rasters(results, inputs, folder)
            audit.snaps.to_csv(folder / "snaps.csv", index=False, encoding="utf-8")
            audit.components.to_csv(folder / "components.csv", index=False, encoding="utf-8")
    if results.goals:
        with record.stage(say("stage.pages")):
            write_gap_map(results, folder / "map.html", language=language)
            if draws_coarsely(results):
                record.note(say("note.coarse_map", units=len(results.demand)))
            written = write_pictures(results, folder, language=language)
            pngs = [file.read_bytes() for file in written if file.suffix == ".png"]
            pictures = dict(zip((goal.id for goal in results.goals), pngs, strict=True))
            write_report(results, record.as_dict(), folder / "report.html", language=language, pictures=pictures)
    (folder / "run.json").write_text(json.dumps(record.as_dict(), ensure_ascii=False, indent=2, default=str), encoding="utf-8")


def _write_scorecards(results: Results, folder: Path, language: str) -> None:
    csv.write_scorecard(results, folder / "scorecard.csv", language=language)
    xlsx.write_scorecard(results, folder / "scorecard.xlsx", language=language)
    scorecard_json.write_scorecard(results, folder / "scorecard.json", language=language)
    if len(results.variants):
        csv.write_variants(results, folder / "variants.csv", language=language)


def _write_rasters(results: Results, inputs: Inputs, folder: Path) -> None:
    """Write one raster of minutes per goal: on the demand's own grid, or over the ground its units stand for."""
    grid = inputs.demand.grid
    owner, transform = (None, None) if grid is not None else _owners(inputs.prints)
    for goal in results.goals:
        minutes = results.demand[f"{goal.id}.minutes"].to_numpy(np.float32)
        target = folder / f"minutes-{goal.id}.tif"
        if owner is not None:
            write_minutes(target, np.append(minutes, np.float32(np.nan))[owner], transform=transform, crs="EPSG:4326")
        elif grid is not None:
            cells = np.full(grid.shape, np.nan, np.float32)
            cells[grid.rows, grid.columns] = minutes
            write_minutes(target, cells, transform=grid.transform, crs=grid.crs)


def _owners(prints: Footprints) -> tuple[NDArray[np.int32], Any]:
    """Return the unit that each cell of a raster belongs to, -1 on nobody's ground.

    Where patches lie on each other the nearest middle decides, and the cell that a unit stands in is its own. Units that nobody
    gets away from own their cells too: theirs stay empty, whatever times their neighbours have.
    """
    areas = outlines(prints, np.arange(len(prints.x)))
    transform, shape = _frame(areas)
    numbers = range(1, len(areas) + 1)
    owner = rasterize(zip(areas, numbers, strict=True), out_shape=shape, transform=transform, dtype="int32") - 1
    if prints.kind != "polygon":
        row, column = np.nonzero(owner >= 0)
        stretch = float(np.cos(np.radians(prints.y.mean())))
        x, y = transform.c + (column + 0.5) * transform.a, transform.f + (row + 0.5) * transform.e
        middles = KDTree(np.column_stack([prints.x * stretch, prints.y]))
        owner[row, column] = middles.query(np.column_stack([x * stretch, y]))[1]
        _own_cells(owner, (prints.x - transform.c) / transform.a, (prints.y - transform.f) / transform.e)
    return owner, transform


def _own_cells(owner: NDArray[np.int32], column: NDArray[np.float64], row: NDArray[np.float64]) -> None:
    """Give every unit the cell it stands in, the one nearest to the middle where several do."""
    off = np.hypot(column % 1 - 0.5, row % 1 - 0.5)
    last = np.argsort(-off, kind="stable")  # of several values for one cell the last one stays
    rows, columns = (np.minimum(at.astype(np.int64), most - 1) for at, most in zip((row, column), owner.shape, strict=True))
    owner[rows[last], columns[last]] = last


def _frame(areas: NDArray[np.object_]) -> tuple[Any, tuple[int, int]]:
    """Choose a raster that holds all areas, fine enough for the typical one and at most 16 million cells."""
    import shapely

    west, south, east, north = shapely.total_bounds(areas)
    typical = float(np.sqrt(np.median(shapely.area(areas)))) / CELLS_ACROSS_UNIT
    edge = max(typical, 1e-5, np.sqrt((east - west) * (north - south) / 16e6))
    shape = (int(np.ceil((north - south) / edge)) or 1, int(np.ceil((east - west) / edge)) or 1)
    return Affine(edge, 0.0, west, 0.0, -edge, north), shape
