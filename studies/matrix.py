"""Origin-destination tables from a streets file and two files of points."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..geo.entrances import snap_places
from ..geo.errors import InputError, TooLargeError
from ..geo.matrix import Trips, trips
from ..geo.modes import Ferries, travel_mode
from ..geo.snapping import Snapper
from ..layers.columns import as_text
from ..layers.layer import refuse_empty
from ..layers.rejects import join_rejects
from ..layers.tables import read_table
from ..maps.exports.about import csv_metadata
from ..maps.exports.table import defuse, table_blocks
from ..maps.exports.text import write_json
from .attribution import file_sources
from .draft import draft_file
from .messages import default_language, speaker
from .refused import earlier_refused, write_refused
from .street_network import Note, street_network

MOST_PAIRS = 2_000_000_000  # one byte each while an unlimited table is written
TYPES = {"origin": str, "destination": str, "minutes": float, "metres": float, "connector_metres": float}
COLUMNS = tuple(TYPES)
KIND = "matrix"


@dataclass(frozen=True)
class Written:
    """What a table holds: pairs written, pairs reached, refused rows of its files, and what to know of its streets."""

    pairs: int
    reached: int
    rejected: pd.DataFrame
    notes: tuple[Note, ...] = ()


def matrix(
    streets: str | Path,
    *,
    origins: str | Path,
    destinations: str | Path,
    out: str | Path,
    mode: str = "walk",
    speed_kmh: float | None = None,
    profile: str | None = None,
    speeds: str | None = None,
    ferries: Ferries = "scheduled",
    snap_cap_metres: float | None = None,
    elevation: str | Path | None = None,
    overrides: str | Path | None = None,
    month: int | None = None,
    minutes: float | None = None,
    direction: Literal["to", "from"] = "to",
) -> Written:
    """Write the travel times between two sets of places.

    Parameters
    ----------
    streets : path
        An OSM extract.
    origins, destinations : path
        CSV with `id, lon, lat`, or any vector file; without an `id` column rows are numbered from 1.
    out : path
        .csv or .parquet with the columns COLUMNS. Without `minutes` every pair has a row, unreached ones with empty cells;
        with it only the pairs within the limit. Refused rows of the inputs go to `<name>.rejected.csv` beside it.
    mode, speed_kmh, profile, speeds, ferries, snap_cap_metres
        As in `travel_mode`.
    elevation : path, optional
        Raster of heights in metres (any CRS); slows walkers on slopes. Without it the ground is flat.
    overrides : path, optional
        CSV of corrections to the streets, as in a study.
    month : int, optional
        1-12, for ferries with a season among the corrections.
    minutes : float, optional
        Inclusive limit.
    direction : {"to", "from"}
        From origins to destinations, or back.

    Returns
    -------
    Written

    Raises
    ------
    InputError
        If a file cannot be used.
    TooLargeError
        If an unlimited table would have more than two billion rows.
    """
    target, source = Path(out), Path(streets)
    if target.suffix not in (".csv", ".parquet"):
        raise InputError(f"{target}: the table is written as .csv or .parquet; choose one of these endings.")
    starts, ends = (refuse_empty(read_table(file), file=Path(file).name) for file in (origins, destinations))
    if minutes is None and len(starts.table) * len(ends.table) > MOST_PAIRS:
        raise TooLargeError(
            f"{len(starts.table):,} x {len(ends.table):,} pairs are more than {MOST_PAIRS:,}; give a limit with --minutes."
        )
    travel = travel_mode(
        mode, speed_kmh=speed_kmh, profile=profile, speeds=speeds, ferries=ferries, snap_cap_metres=snap_cap_metres
    )
    with draft_file(target, "matrix", speaker(default_language())) as draft:
        network = street_network(source, travel, elevation=elevation, overrides=overrides, month=month)
        snapper = Snapper(network.graph)
        snapped = [snap_places(snapper, layer.table.geometry.to_numpy()) for layer in (starts, ends)]
        limit = np.inf if minutes is None else 60 * minutes
        blocks = trips(network.graph, *snapped, direction=direction, limit_seconds=limit)
        labels = _labels(starts.table), _labels(ends.table)
        rejected = join_rejects([network.rejected, starts.rejected, ends.rejected])
        sources = file_sources((source, origins, destinations, elevation, overrides))
        with draft.writing(draft.name) as file:
            pairs, reached = _write(file, blocks, *labels, complete=minutes is None, sources=sources)
        if target.suffix == ".csv":  # a column of sources would double a table of a billion rows
            with draft.writing(f"{draft.name}-metadata.json") as file:
                write_json(csv_metadata(draft.name, TYPES, kind=KIND, sources=sources), file, indent=2)
        write_refused(rejected, draft, sources)
        draft.swap_in(earlier_refused(draft.file))
    return Written(pairs, reached, rejected, network.notes)


def _labels(table: gpd.GeoDataFrame) -> NDArray[np.object_]:
    if "id" in table:
        return np.asarray(as_text(table["id"]), dtype=object)
    return np.asarray(table.index.astype("str"), dtype=object)


def _write(
    target: Path,
    blocks: Iterator[Trips],
    origins: NDArray[np.object_],
    destinations: NDArray[np.object_],
    *,
    complete: bool,
    sources: Sequence[str],
) -> tuple[int, int]:
    """Write block by block; at the end the pairs without a path, where every pair is wanted."""
    seen = np.zeros((len(origins), len(destinations)) if complete else (0, 0), bool)
    pairs = reached = 0
    if target.suffix == ".csv":
        origins, destinations = (defuse(pd.Series(ids), numbers=False).to_numpy() for ids in (origins, destinations))
    with table_blocks(target, TYPES, kind=KIND, sources=sources) as write:
        for block in blocks:
            columns = (block.seconds / 60, block.metres, block.connector_metres)
            write(_rows(origins[block.origin], destinations[block.destination], *columns))
            reached += len(block.seconds)
            if complete:
                seen[block.origin, block.destination] = True
        pairs = reached
        for origin in np.flatnonzero(~seen.all(axis=1)) if complete else ():
            missing = np.flatnonzero(~seen[origin])
            nothing = np.full(len(missing), np.nan)
            write(_rows(np.repeat(origins[origin], len(missing)), destinations[missing], nothing, nothing, nothing))
            pairs += len(missing)
    return pairs, reached


def _rows(*columns: NDArray[Any]) -> pd.DataFrame:
    return pd.DataFrame(dict(zip(COLUMNS, columns, strict=True)))
