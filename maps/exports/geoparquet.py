"""GeoParquet: the demand table, for analysts."""

from __future__ import annotations

from pathlib import Path

from ...analyses.results import Results

_FIRST = ("id", "people")


def write_demand(results: Results, path: str | Path) -> None:
    """Write one row per demand unit in input order, EPSG:4326.

    Columns are those of `Results.demand`, with `id`, `people` and `geometry` first. Times that do not exist are null.
    """
    demand = results.demand
    first = [*_FIRST, demand.geometry.name]
    table = demand[[*first, *(column for column in demand.columns if column not in first)]]
    for goal in results.goals:
        table = table.astype({f"{goal.id}.status": "str"})
    table.to_parquet(path, index=False, compression="zstd", schema_version="1.1.0")
