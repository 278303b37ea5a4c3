"""Facilities: where a service is offered, from files and from OpenStreetMap, merged into one table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ..geo.errors import said
from ..geo.plain_text import plain
from .columns import as_numbers, as_text, require_column
from .flags import read_flags, read_numbers
from .ids import find_ids, read_names
from .layer import Layer, refuse_empty
from .rejects import join_rejects, no_rejects, rejected_rows
from .services import Service
from .source import Source, as_source
from .tables import read_table

COLUMNS: Final = ("facility", "service", "name", "capacity", "source", "geometry")
TEXTS: Final = ("kind", "tier", "date")  # said of a facility, where a source has a column for it
NAME_TAGS: Final = ("name:zh-Hans", "name:zh", "name")
OSM_PREFIX: Final = "osm:"


def facilities_from_file(
    source: Source | str | Path,
    *,
    service: str,
    capacity: str | None = None,
    flags: Mapping[str, str] | None = None,
    numbers: Mapping[str, str] | None = None,
    kind: str | None = None,
    tier: str | None = None,
    date: str | None = None,
) -> Layer:
    """Read the facilities of one service from a file.

    Parameters
    ----------
    source : Source or path
        Without ids (see `ids.find_ids`), or where one is blank or used before, a facility is called by file and row.
    service : str, key into the service catalogue
    capacity, kind, tier, date : str or None
        Columns of its capacity, of what kind and tier it is and since when it stands.
    flags, numbers : mapping of name to column, or None
        Columns of yes and no (open, standardised), and of further figures from 0 up (pupils, classes, nursing beds).

    Returns
    -------
    Layer
        Columns `facility, service, name, capacity, source, geometry`, `flag.<name>` (nullable boolean), `number.<name>`
        (float) and those of `kind, tier, date` asked for. A capacity that is no number from 0 up is NaN, and listed among the
        rejects; the facility stays.

    Raises
    ------
    InputError
        If the file or a column cannot be used, or every row is rejected.
    """
    placing = as_source(source)
    file = placing.file.name
    read = refuse_empty(read_table(placing), file=file)
    rows = read.table
    ids, id_notes = _ids(read, placing)
    capacities, capacity_notes = _capacities(rows, capacity, file=file)
    names = read_names(rows, placing)
    table = _facilities(rows.geometry, ids=ids, service=service, names=names, capacities=capacities, source=file)
    stated, notes = _stated(rows, flags or {}, numbers or {}, dict(zip(TEXTS, (kind, tier, date), strict=True)), file=file)
    return replace(read, table=table.assign(**stated), rejected=join_rejects([read.rejected, id_notes, capacity_notes, *notes]))


def _stated(
    rows: gpd.GeoDataFrame, flags: Mapping[str, str], numbers: Mapping[str, str], texts: Mapping[str, str | None], *, file: str
) -> tuple[dict[str, pd.Series], list[pd.DataFrame]]:
    """Read the columns of what else is said of facilities, with what could not be read."""
    stated, flag_notes = read_flags(rows, flags, file=file)
    counted, number_notes = read_numbers(rows, numbers, file=file)
    said = {name: column for name, column in texts.items() if column is not None}
    words = {name: as_text(rows[require_column(rows, column, file=file)]) for name, column in said.items()}
    return {**stated, **counted, **words}, [flag_notes, number_notes]


def facilities_from_places(places: gpd.GeoDataFrame, *, service_id: str, service: Service, source: str) -> gpd.GeoDataFrame:
    """Pick the facilities of one service from tagged OSM places.

    Parameters
    ----------
    places : GeoDataFrame
        `osm` (`n123`, `w45`, `r6`), `tags` (dict), `geometry` (point, line or polygon), EPSG:4326.
    service_id : str
    service : Service
        Its tag queries choose the places.
    source : str
        Attribution kept with each facility.

    Returns
    -------
    GeoDataFrame
        As `facilities_from_file`; `facility` is `osm:w45`, capacity the number in the `capacity` tag.
    """
    chosen = places.loc[[service.matches(tags) for tags in places["tags"]]]
    stated = pd.Series([tags.get("capacity") for tags in chosen["tags"]], index=chosen.index, dtype="str")
    capacities = as_numbers(stated)
    return _facilities(
        chosen.geometry,
        ids=OSM_PREFIX + chosen["osm"].astype("str"),
        service=service_id,
        names=pd.Series([_place_name(tags) for tags in chosen["tags"]], index=chosen.index, dtype="str"),
        capacities=capacities.where(capacities >= 0),
        source=source,
    )


def merge_facilities(parts: Sequence[gpd.GeoDataFrame]) -> Layer:
    """Stack the facilities of several services and sources under unique ids.

    A flag or a number that one source has and another has not is unknown for the other's facilities. The same OSM feature
    twice in a service, and an OSM node inside an OSM area of its service (one hospital mapped
    twice), count once. An id used by several facilities gets the source, else the service, else a number in front.

    Parameters
    ----------
    parts : sequence of GeoDataFrame
        As `facilities_from_file` and `facilities_from_places` return them.

    Returns
    -------
    Layer
        The facilities, index 0..n-1; `rejected` lists those dropped (no row number: they come from several files).
    """
    filled = [part for part in parts if len(part)]
    if not filled:
        empty = gpd.GeoDataFrame({name: [] for name in COLUMNS}, geometry="geometry", crs="EPSG:4326")
        return Layer(empty, no_rejects())
    table = _stacked(filled)
    from_osm = table["facility"].str.startswith(OSM_PREFIX)
    twice = from_osm & table.duplicated(["facility", "service"])
    mapped_twice = _nodes_in_areas(table, from_osm & ~twice)
    kept = table.loc[~twice & ~mapped_twice].reset_index(drop=True)
    notes = [
        _dropped(table.loc[twice], "the same OSM feature is already a facility of this service"),
        _dropped(table.loc[mapped_twice], "an OSM node inside an area of the same service: mapped twice"),
    ]
    return Layer(kept.assign(facility=_unique_ids(kept)), join_rejects(notes))


def _stacked(parts: Sequence[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """Put sources under each other; what only some of them state is unknown for the rest."""
    table = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), geometry="geometry", crs="EPSG:4326")
    flags = {name: "boolean" for name in table.columns if name.startswith("flag.")}
    numbers = {name: np.float64 for name in table.columns if name.startswith("number.")}
    order = [name for name in table.columns if name != "geometry"]
    return table.astype({**flags, **numbers})[[*order, "geometry"]]


def _facilities(
    geometry: gpd.GeoSeries, *, ids: pd.Series, service: str, names: pd.Series, capacities: pd.Series, source: str
) -> gpd.GeoDataFrame:
    columns = {"facility": ids, "service": service, "name": names, "capacity": capacities, "source": source}
    table = gpd.GeoDataFrame(columns, index=geometry.index, geometry=geometry, crs="EPSG:4326")
    return table.astype({"facility": "str", "service": "str", "name": "str", "capacity": np.float64, "source": "str"})


def _ids(layer: Layer, source: Source) -> tuple[pd.Series, pd.DataFrame]:
    """Read ids; a blank or repeated one gives way to file and row."""
    rows = layer.table
    found = find_ids(layer, source, numbered=f"{source.file.stem}-")
    replaced = (found.reasons != "").astype(bool)
    notes = rejected_rows(
        file=source.file.name,
        rows=rows.index[replaced],
        column=found.column or "",
        values=found.texts[replaced],
        reason=[
            said("note: {reason}; the facility stays under its file and row", reason=said(reason))
            for reason in found.reasons[replaced]
        ],
    )
    rows_called = pd.Series([f"{source.file.stem}-{row}" for row in rows.index], index=rows.index, dtype="str")
    return found.texts.where(~replaced, rows_called), join_rejects([found.notes, notes])


def _capacities(rows: gpd.GeoDataFrame, column: str | None, *, file: str) -> tuple[pd.Series, pd.DataFrame]:
    if column is None:
        return pd.Series(np.nan, index=rows.index), no_rejects()
    stated = rows[require_column(rows, column, file=file)]
    numbers = as_numbers(stated)
    usable = numbers >= 0
    wrong = ~usable & as_text(stated).notna()
    notes = rejected_rows(
        file=file,
        rows=rows.index[wrong],
        column=column,
        values=stated[wrong],
        reason="note: the capacity is no number from 0 up; the facility stays, its capacity unknown",
    )
    return numbers.where(usable & np.isfinite(numbers)), notes


def _place_name(tags: Mapping[str, str]) -> str | None:
    return next((plain(tags[key]) for key in NAME_TAGS if tags.get(key)), None)


def _nodes_in_areas(table: gpd.GeoDataFrame, candidates: pd.Series) -> pd.Series:
    """Tell OSM points that lie in an OSM polygon of the same service."""
    inside = pd.Series(False, index=table.index)
    shapes = table.geometry.to_numpy()
    dimension = shapely.get_dimensions(shapes)
    for rows in table.index[candidates].groupby(table.loc[candidates, "service"]).values():
        points, areas = rows[dimension[rows] == 0], rows[dimension[rows] == 2]
        # Areas are asked for their points, not points for their areas: shapely prepares the shape that asks.
        hits = shapely.STRtree(shapes[points]).query(shapes[areas], predicate="intersects")[1]
        inside.loc[points[hits]] = True
    return inside


def _dropped(rows: gpd.GeoDataFrame, reason: str) -> pd.DataFrame:
    notes = [
        rejected_rows(file=row.source, rows=[None], column="facility", values=[row.facility], reason=reason)
        for row in rows.itertuples()
    ]
    return join_rejects(notes)


def _unique_ids(table: gpd.GeoDataFrame) -> pd.Series:
    ids = table["facility"]
    for column in ("source", "service"):
        clash = ids.duplicated(keep=False)
        telling = table.groupby(ids)[column].transform("nunique") > 1
        ids = ids.where(~(clash & telling), table[column] + ":" + ids)
    number = table.groupby(ids).cumcount() + 1
    unique: pd.Series = ids.where(~ids.duplicated(keep=False), number.astype("str") + ":" + ids)
    return unique
