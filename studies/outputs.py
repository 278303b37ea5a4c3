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

from ..analyses.results import Results
from ..geo.errors import StudyError
from ..layers.footprints import outlines
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
    areas = outlines(inputs.prints, np.arange(len(inputs.prints.x))) if grid is None else None
    for goal in results.goals:
        minutes = results.demand[f"{goal.id}.minutes"].to_numpy(np.float32)
        target = folder / f"minutes-{goal.id}.tif"
        if areas is not None:
            cells, transform = _drawn(areas, minutes)
            write_minutes(target, cells, transform=transform, crs="EPSG:4326")
        elif grid is not None:
            cells = np.full(grid.shape, np.nan, np.float32)
            cells[grid.rows, grid.columns] = minutes
            write_minutes(target, cells, transform=grid.transform, crs=grid.crs)


def _drawn(areas: NDArray[np.object_], minutes: NDArray[np.float32]) -> tuple[NDArray[np.float32], Any]:
    """Burn the minutes of each area into a raster; areas nobody gets away from stay empty."""
    transform, shape = _frame(areas)
    reached = ~np.isnan(minutes)
    if not reached.any():
        return np.full(shape, np.nan, np.float32), transform
    drawn = zip(areas[reached], minutes[reached].tolist(), strict=True)
    return rasterize(drawn, out_shape=shape, transform=transform, fill=np.nan, dtype="float32"), transform


def _frame(areas: NDArray[np.object_]) -> tuple[Any, tuple[int, int]]:
    """Choose a raster that holds all areas, fine enough for the typical one and at most 16 million cells."""
    import shapely

    west, south, east, north = shapely.total_bounds(areas)
    typical = float(np.sqrt(np.median(shapely.area(areas)))) / CELLS_ACROSS_UNIT
    edge = max(typical, 1e-5, np.sqrt((east - west) * (north - south) / 16e6))
    shape = (int(np.ceil((north - south) / edge)) or 1, int(np.ceil((east - west) / edge)) or 1)
    return Affine(edge, 0.0, west, 0.0, -edge, north), shape
