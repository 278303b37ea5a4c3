"""Origin-destination tables from a streets file and two files of points."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from ..geo.entrances import snap_places
from ..geo.errors import InputError, TooLargeError
from ..geo.matrix import Trips, trips
from ..geo.modes import Ferries, travel_mode
from ..geo.snapping import Snapper
from ..layers.rejects import join_rejects
from ..layers.source import Source, as_source
from .draft import draft_file
from .messages import default_language, speaker
from .places import doubtful, read_places
from .refused import earlier_refused, write_refused
from .street_network import Note, street_network

MOST_PAIRS = 2_000_000_000  # one byte each while an unlimited table is written
COLUMNS = ("origin", "destination", "minutes", "metres", "connector_metres")


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
    origins: Source | str | Path,
    destinations: Source | str | Path,
    out: str | Path,
    mode: str = "walk",
    speed_kmh: float | None = None,
    profile: str | None = None,
    speeds: str | None = None,
    ferries: Ferries = "scheduled",
    snap_cap_metres: float | None = None,
    elevation: str | Path | None = None,
    overrides: Source | str | Path | None = None,
    month: int | None = None,
    minutes: float | None = None,
    direction: Literal["to", "from"] = "to",
) -> Written:
    """Write the travel times between two sets of places.

    Parameters
    ----------
    streets : path
        An OSM extract.
    origins, destinations : Source or path
        CSV or XLSX with `id, lon, lat`, or any vector file; without ids (see `layers.ids.find_ids`) rows are numbered from 1.
    out : path
        .csv or .parquet with the columns COLUMNS. Without `minutes` every pair has a row, unreached ones with empty cells;
        with it only the pairs within the limit. Refused rows of the inputs go to `<name>.rejected.csv` beside it.
    mode, speed_kmh, profile, speeds, ferries, snap_cap_metres
        As in `travel_mode`.
    elevation : path, optional
        Raster of heights in metres (any CRS); slows walkers on slopes. Without it the ground is flat.
    overrides : Source or path, optional
        Corrections to the streets, as in a study.
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
    target = Path(out)
    if target.suffix not in (".csv", ".parquet"):
        raise InputError(f"{target}: the table is written as .csv or .parquet; choose one of these endings.")
    starts, ends = (read_places(as_source(places)) for places in (origins, destinations))
    if minutes is None and len(starts.ids) * len(ends.ids) > MOST_PAIRS:
        raise TooLargeError(
            f"{len(starts.ids):,} x {len(ends.ids):,} pairs are more than {MOST_PAIRS:,}; give a limit with --minutes."
        )
    travel = travel_mode(
        mode, speed_kmh=speed_kmh, profile=profile, speeds=speeds, ferries=ferries, snap_cap_metres=snap_cap_metres
    )
    with draft_file(target, "matrix", speaker(default_language())) as draft:
        network = street_network(Path(streets), travel, elevation=elevation, overrides=overrides, month=month)
        snapper = Snapper(network.graph)
        snapped = [snap_places(snapper, places.shapes) for places in (starts, ends)]
        limit = np.inf if minutes is None else 60 * minutes
        blocks = trips(network.graph, *snapped, direction=direction, limit_seconds=limit)
        doubts = doubtful({"--origins-crs": starts, "--destinations-crs": ends}, network.streets)
        rejected = join_rejects([network.rejected, starts.layer.rejected, ends.layer.rejected])
        with draft.writing(draft.name) as file:
            pairs, reached = _write(file, blocks, starts.ids, ends.ids, complete=minutes is None)
        write_refused(rejected, draft)
        draft.swap_in(earlier_refused(draft.file))
    return Written(pairs, reached, rejected, (*network.notes, *doubts))


def _write(
    target: Path,
    blocks: Iterator[Trips],
    origins: NDArray[np.object_],
    destinations: NDArray[np.object_],
    *,
    complete: bool,
) -> tuple[int, int]:
    """Write block by block; at the end the pairs without a path, where every pair is wanted."""
    seen = np.zeros((len(origins), len(destinations)) if complete else (0, 0), bool)
    pairs = reached = 0
    with _writer(target) as write:
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


@contextmanager
def _writer(target: Path) -> Iterator[Callable[[pd.DataFrame], None]]:
    """Open the table for writing row blocks."""
    if target.suffix == ".csv":
        with target.open("w", encoding="utf-8", newline="") as opened:
            opened.write(",".join(COLUMNS) + "\n")
            yield lambda rows: rows.round({"minutes": 4, "metres": 2, "connector_metres": 2}).to_csv(
                opened, index=False, header=False
            )
        return
    numbers = [pa.field(name, pa.float64()) for name in COLUMNS[2:]]
    schema = pa.schema([pa.field("origin", pa.string()), pa.field("destination", pa.string()), *numbers])
    with pq.ParquetWriter(target, schema) as writer:
        yield lambda rows: writer.write_table(pa.Table.from_pandas(rows, schema=schema, preserve_index=False))
