"""Zones: the areas that answer for their people (counties, townships, villages), and who lives in which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from ..geo.errors import said
from .columns import as_text, require_column
from .flags import read_flags, read_numbers
from .goals import Unit
from .ids import id_column, read_names, rounded_ids
from .kinds import KINDS, unit_kinds
from .layer import Layer, first_reasons, refuse_empty, reject_rows
from .rejects import join_rejects, rejected_rows
from .source import Source, as_source
from .tables import read_table


def read_zones(
    source: Source | str | Path,
    *,
    level: str,
    kind: str | None = None,
    people: str | None = None,
    flags: Mapping[str, str] | None = None,
) -> Layer:
    """Read the zones of one level.

    Parameters
    ----------
    source : Source or path
        A file of polygons; without `id` its own column `id` (in any capitals) says which zone a row belongs to. Ids are text,
        so that division codes keep their zeros and never grow a ".0".
    level : str
        County, township ...; named in the rejects.
    kind : str or None
        Column that tells a county from a city or district (see `kinds.unit_kinds`), or the one kind that all zones have.
    people : str or None
        Column of the people who live in each zone, for studies without a finer layer of people.
    flags : mapping of name to column, or None
        Columns of yes and no.

    Returns
    -------
    Layer
        `zone` (str, unique), `name`, `kind` (str, null if unknown), `people` (float, NaN if unknown), `flag.<name>`
        (nullable boolean), `geometry`; in order of first appearance. Rows that share an id are one zone (its people are the
        sum of the rows' unless all state the same number); invalid polygons are mended.

    Raises
    ------
    InputError
        If the file or a column cannot be used, or no zone is left.
    """
    placing = as_source(source)
    file = placing.file.name
    read = read_table(placing)
    id = id_column(read.table, placing)
    kept = refuse_empty(_reject_unusable(read, id, level=level, file=file), file=file)
    table, notes = _described(kept.table, id, placing, level=level, kind=kind, people=people, flags=flags or {})
    return replace(kept, table=_dissolved(table), rejected=join_rejects([kept.rejected, *notes]))


def chosen_zones(zones: gpd.GeoDataFrame, unit: Unit) -> pd.Series:
    """Tell which zones of a level a goal is about.

    Parameters
    ----------
    zones : GeoDataFrame
        As `read_zones` returns them.
    unit : Unit
        Its kinds and flag choose; a zone that tells no kind, or not whether it has the flag, is not chosen.

    Returns
    -------
    Series of bool
        Index as `zones`.
    """
    chosen = pd.Series(True, index=zones.index)
    if unit.kinds:
        chosen &= zones["kind"].isin(unit.kinds)
    if unit.flag is not None:
        chosen &= zones[f"flag.{unit.flag}"].fillna(False).astype(bool)
    return chosen


def assign_zones(lon: npt.ArrayLike, lat: npt.ArrayLike, zones: gpd.GeoDataFrame) -> pd.Series:
    """Tell which zone each point lies in.

    Parameters
    ----------
    lon, lat : array of float
        Degrees WGS 84.
    zones : GeoDataFrame
        `zone` and polygons, EPSG:4326.

    Returns
    -------
    Series of str
        Zone ids, null outside all zones; on a shared border the first by id.
    """
    points = shapely.points(np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64))
    ordered = zones.sort_values("zone")
    # Zones are asked for their points, not points for their zone: shapely prepares the shape that asks.
    asked, point = shapely.STRtree(points).query(ordered.geometry.to_numpy(), predicate="intersects")
    first = np.full(points.shape, len(ordered))
    np.minimum.at(first, point, asked)
    ids = np.array([*ordered["zone"], None], dtype=object)
    return pd.Series(ids[first], dtype="str", name="zone")


def _described(
    rows: gpd.GeoDataFrame,
    id: str,
    placing: Source,
    *,
    level: str,
    kind: str | None,
    people: str | None,
    flags: Mapping[str, str],
) -> tuple[gpd.GeoDataFrame, list[pd.DataFrame]]:
    """Read what the columns say of each row, with what could not be read."""
    file = placing.file.name
    names = pd.Series(None, index=rows.index, dtype="str") if placing.name is None else read_names(rows, placing)
    kinds, unkind = _kinds(rows, kind, level=level, file=file)
    stated, strange = read_flags(rows, flags, file=file)
    living, uncounted = read_numbers(rows, {} if people is None else {"people": people}, file=file)
    counted = living["number.people"] if people is not None else pd.Series(np.nan, index=rows.index)
    columns = {"zone": as_text(rows[id]), "name": names, "kind": kinds, "people": counted, **stated}
    table = gpd.GeoDataFrame(columns, geometry=rows.geometry, crs="EPSG:4326")
    return table, [rounded_ids(rows[id], placing), unkind, strange, uncounted]


def _kinds(rows: gpd.GeoDataFrame, kind: str | None, *, level: str, file: str) -> tuple[pd.Series, pd.DataFrame]:
    """Tell the kind of every row; rows that do not tell stay, and are listed."""
    if kind is None or (kind in KINDS and kind not in rows.columns):
        return pd.Series(kind, index=rows.index, dtype="str"), join_rejects([])
    stated = rows[require_column(rows, kind, file=file)]
    kinds = unit_kinds(stated, level=level)
    untold = kinds.isna()
    reason = said("note: tells no kind of unit; the zone counts in no goal about some kinds of {level} only", level=level)
    return kinds, rejected_rows(file=file, rows=rows.index[untold], column=kind, values=stated[untold], reason=reason)


def _reject_unusable(layer: Layer, id: str, *, level: str, file: str) -> Layer:
    areas = shapely.get_dimensions(layer.table.geometry.to_numpy()) == 2
    ids = as_text(layer.table[id])
    reasons = first_reasons(
        len(ids),
        (ids.isna().to_numpy(dtype=bool), said("a zone of level {level} needs an id", level=level)),
        (~areas, said("a zone of level {level} must be a polygon", level=level)),
    )
    return reject_rows(layer, reasons, file=file, column=id, values=ids)


def _dissolved(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Join the rows that share an id; most files have none, and joining is slow."""
    shared = table["zone"].duplicated(keep=False)
    if not shared.any():
        return table.reset_index(drop=True)
    parts = table.loc[shared]
    joined = parts.dissolve(by="zone", aggfunc="first", as_index=False)
    joined["people"] = joined["zone"].map(parts.groupby("zone")["people"].agg(_people_of_parts))
    both = gpd.GeoDataFrame(pd.concat([table.loc[~shared], joined]), geometry="geometry", crs="EPSG:4326")
    order = pd.Index(table["zone"].unique())
    return both.set_index("zone").loc[order].rename_axis("zone").reset_index()[list(table.columns)]


def _people_of_parts(people: pd.Series) -> float:
    """Sum the parts of a zone; the islands of one county often repeat the county's number, which counts once."""
    return float(people.iloc[0] if people.nunique(dropna=False) == 1 else people.sum(skipna=False))
