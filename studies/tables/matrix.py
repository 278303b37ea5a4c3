"""Origin-destination tables from a streets file and two files of points."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Unpack

import numpy as np
import pandas as pd

from ...geo.engine.matrix import trips
from ...geo.engine.search import Direction
from ...geo.errors import InputError, TooLargeError
from ...geo.snapping.entrances import snap_places
from ...geo.snapping.snapper import Snapper
from ...geo.streets import Streets
from ...layers.rejects import join_rejects
from ...maps.exports.about import csv_metadata
from ...maps.exports.table import defuse, table_blocks
from ...maps.exports.text import write_json
from ..attribution import file_sources
from ..folder.draft import FileDraft, draft_file
from ..folder.refused import earlier_refused, write_refused
from ..speech.messages import default_language, speaker
from ..speech.progress import tell
from .places import Given, Places, doubtful, read_places, require_among
from .street_network import Note, StreetNetwork, Travelling, corrections_of, street_network

MOST_PAIRS = 2_000_000_000  # one byte each while an unlimited table is written
MOST_ROWS = 50_000_000  # returned as one table
TYPES = {"origin": str, "destination": str, "minutes": float, "metres": float, "connector_metres": float}
COLUMNS = tuple(TYPES)
KIND = "matrix"


@dataclass(frozen=True)
class Written:
    """What a table holds: its pairs, those reached, refused rows of its inputs, what to know of its streets.

    `rows` has the columns COLUMNS where the table was not written to a file.
    """

    pairs: int
    reached: int
    rejected: pd.DataFrame
    notes: tuple[Note, ...] = ()
    rows: pd.DataFrame | None = None


def matrix(
    streets: Streets | str | Path,
    origins: Given,
    destinations: Given,
    *,
    out: str | Path | None = None,
    minutes: float | None = None,
    direction: Direction = "to",
    **travelling: Unpack[Travelling],
) -> Written:
    """Reckon the travel times between two sets of places.

    Parameters
    ----------
    streets : path or Streets
    origins, destinations : Source, path or DataFrame
        Points or areas; without ids (see `layers.ids.find_ids`) rows are numbered, from 1 in a file.
    out : path, optional
        .csv or .parquet with the columns COLUMNS. Without `minutes` every pair has a row, unreached ones with empty cells;
        with it only the pairs within the limit. Refused rows of the inputs go to `<name>.rejected.csv` beside it. Without a
        path the table is returned.
    minutes : float, optional
        Inclusive limit.
    direction : {"to", "from"}
        From origins to destinations, or back.
    **travelling
        As in `street_network.Travelling`.

    Raises
    ------
    InputError
        If a file cannot be used.
    TooLargeError
        If an unlimited table would have more than two billion rows.
    """
    target = None if out is None else _target(Path(out))
    starts, ends = read_places(origins, what="origins"), read_places(destinations, what="destinations")
    if minutes is None:
        _require_few(len(starts.ids), len(ends.ids), MOST_ROWS if target is None else MOST_PAIRS)
    if target is None:
        return _gathered(_Table(starts, ends, street_network(streets, **travelling), minutes, direction))
    files = (None if isinstance(streets, Streets) else streets, starts.source, ends.source, *corrections_of(travelling))
    with draft_file(target, "matrix", speaker(default_language())) as draft:
        table = _Table(starts, ends, street_network(streets, **travelling), minutes, direction)
        return _write(table, file_sources(files), draft)


def _require_few(starts: int, ends: int, most: int) -> None:
    if starts * ends > most:
        raise TooLargeError(
            "{origins:,} x {destinations:,} pairs are more than {most:,}; give a limit with --minutes.",
            origins=starts,
            destinations=ends,
            most=most,
        )


def _target(out: Path) -> Path:
    if out.suffix not in (".csv", ".parquet"):
        raise InputError("{out}: the table is written as .csv or .parquet; choose one of these endings.", out=out)
    return out


class _Table:
    """The rows between two sets of places, computed block by block."""

    def __init__(self, starts: Places, ends: Places, network: StreetNetwork, minutes: float | None, direction: Direction) -> None:
        self._graph, self._direction, self._minutes = network.graph, direction, minutes
        require_among(network.streets, starts, ends)
        snapper = Snapper(network.graph)
        self._snapped = [snap_places(snapper, places.shapes) for places in (starts, ends)]
        self.ids = starts.ids, ends.ids
        self.rejected = join_rejects([network.rejected, starts.layer.rejected, ends.layer.rejected])
        self.notes = (*network.notes, *doubtful({"--origins-crs": starts, "--destinations-crs": ends}, network.streets))
        self.pairs = self.reached = 0

    def blocks(self) -> Iterator[pd.DataFrame]:
        """Yield rows as they are found; at the end the pairs without a path, where every pair is wanted."""
        tell("progress.matrix")
        origins, destinations = self.ids
        complete = self._minutes is None
        seen = np.zeros((len(origins), len(destinations)) if complete else (0, 0), bool)
        limit = np.inf if self._minutes is None else 60 * self._minutes
        for block in trips(self._graph, *self._snapped, direction=self._direction, limit_seconds=limit):
            columns = (block.seconds / 60, block.metres, block.connector_metres)
            yield _rows(origins[block.origin], destinations[block.destination], *columns)
            self.reached += len(block.seconds)
            if complete:
                seen[block.origin, block.destination] = True
        self.pairs = self.reached
        for origin in np.flatnonzero(~seen.all(axis=1)) if complete else ():
            missing = np.flatnonzero(~seen[origin])
            nothing = np.full(len(missing), np.nan)
            yield _rows(np.repeat(origins[origin], len(missing)), destinations[missing], nothing, nothing, nothing)
            self.pairs += len(missing)


def _gathered(table: _Table) -> Written:
    rows = pd.concat([_rows(*([] for _ in COLUMNS)), *table.blocks()], ignore_index=True).astype(TYPES)
    return Written(len(rows), int(rows["minutes"].notna().sum()), table.rejected, table.notes, rows)


def _write(table: _Table, sources: Sequence[str], draft: FileDraft) -> Written:
    is_csv = draft.file.suffix == ".csv"
    if is_csv:
        table.ids = tuple(defuse(pd.Series(ids), numbers=False).to_numpy() for ids in table.ids)  # type: ignore[assignment]
    with draft.writing(draft.name) as file, table_blocks(file, TYPES, kind=KIND, sources=sources) as write:
        for rows in table.blocks():
            write(rows)
    if is_csv:  # a column of sources would double a table of a billion rows
        with draft.writing(f"{draft.name}-metadata.json") as file:
            write_json(csv_metadata(draft.name, TYPES, kind=KIND, sources=sources), file, indent=2)
    write_refused(table.rejected, draft, sources)
    draft.swap_in(earlier_refused(draft.file))
    return Written(table.pairs, table.reached, table.rejected, table.notes)


def _rows(*columns: Any) -> pd.DataFrame:
    return pd.DataFrame(dict(zip(COLUMNS, columns, strict=True)))
