"""Vector files: GeoJSON, GeoPackage, Shapefile and more through GDAL, and GeoParquet; texts in the right encoding."""

from __future__ import annotations

from glob import escape
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import pyogrio

from ..geo.errors import InputError
from ..geo.files import foreign_reader, require_file
from .columns import infer_numbers
from .dbase import with_whole_numbers
from .encodings import declared_encoding, decode_value, text_encoding, values_encoding
from .geoparquet import read_geoparquet
from .long_numbers import keep_figures
from .source import Source
from .vector_headers import REMEDY, require_kind

TEXT_SUFFIXES: Final = (".geojson", ".json")
VECTOR_SUFFIXES: Final = (*TEXT_SUFFIXES, ".gpkg", ".shp", ".fgb", ".gdb", ".kml", ".gml")
SHAPEFILE_PARTS: Final = (".shx", ".dbf")  # without the first GDAL gives up, without the second all columns are gone
RAW_BYTES: Final = "ISO-8859-1"  # maps every byte to one character and back
# Schemas named in a GML file would be fetched from the network; a shape that cannot be is a row without one, not the end.
pyogrio.set_gdal_config_options({"GML_DOWNLOAD_SCHEMA": "NO", "GML_FIELDTYPES": "ALWAYS_STRING"})
OPENING: Final[dict[str, Any]] = {"on_invalid": "ignore"}


def read_vector(source: Source) -> gpd.GeoDataFrame:
    """Read one layer as it is: its own coordinates and columns, in file order; a text is never taken for a date or a number.

    Parameters
    ----------
    source : Source
        `layer` is needed where the file holds several. `encoding` is that of a Shapefile's or a GeoJSON file's texts; None
        finds it by trial, whatever a `.cpg` file says.

    Returns
    -------
    GeoDataFrame
        CRS None where the file declares none.

    Raises
    ------
    InputError
        If the file cannot be read, or the layer must be named.
    """
    path = source.file
    require_kind(path)
    kind = path.suffix.lower()
    with foreign_reader(path.name, REMEDY):
        if kind == ".shp":
            return _read_shapefile(path, source.encoding)
        if kind in TEXT_SUFFIXES:
            return _geo(_read_json(path, text_encoding(path, source.encoding)), path)
        if kind == ".gml":
            return _read_gml(path, source.layer)
        return _geo(_features(path.resolve(), layer=_layer(path, source.layer)), path)


def read_parquet(path: Path) -> pd.DataFrame:
    """Read GeoParquet (a GeoDataFrame) or plain Parquet (a DataFrame).

    Raises
    ------
    InputError
        If the file is neither.
    """
    require_file(path)
    with foreign_reader(path.name, REMEDY):
        return read_geoparquet(path)


def feature_count(source: Source) -> int | None:
    """Return the number of rows of a layer as its header states it; of the largest where the file holds no such layer.

    Raises
    ------
    InputError
        If the file cannot be opened.
    """
    path = source.file
    require_kind(path)
    with foreign_reader(path.name, REMEDY):
        layers = list(_layers(path))
        asked = [source.layer] if source.layer in layers else layers
        return max((int(pyogrio.read_info(path.resolve(), layer=name)["features"]) for name in asked), default=None)


def _layers(path: Path) -> dict[str, str | None]:
    """Return the kind of shapes of every layer by its name."""
    return {str(name): kind for name, kind in pyogrio.list_layers(path.resolve())}


def _layer(path: Path, layer: str | None) -> str:
    """Return the layer asked for, or the only one with shapes (a GeoPackage also keeps styles in layers)."""
    names = _layers(path)
    if layer is not None:
        if layer not in names:
            raise InputError(
                "{file}: no layer {layer!r}; the layers are: {names}", file=path.name, layer=layer, names=", ".join(names)
            )
        return layer
    shapes = [name for name, kind in names.items() if kind is not None]
    if len(shapes) != 1:
        raise InputError(
            "{file}: one layer with shapes is needed, it has ({shapes}): name one with `layer:`",
            file=path.name,
            shapes=", ".join(shapes),
        )
    return shapes[0]


def _features(source: Path | str, **options: Any) -> pd.DataFrame:
    """Read shapes and columns; long whole numbers a second time, for they come back rounded where a cell is blank."""
    table: pd.DataFrame = pyogrio.read_dataframe(source, **OPENING, **options)
    return keep_figures(table, lambda names: pyogrio.read_arrow(source, columns=names, read_geometry=False, **options)[1])


def _geo(table: pd.DataFrame, path: Path) -> gpd.GeoDataFrame:
    if not isinstance(table, gpd.GeoDataFrame):
        raise InputError("{file}: has no shapes: use a layer of points or polygons, or CSV with coordinates", file=path.name)
    return table


def _read_json(path: Path, codec: str) -> pd.DataFrame:
    """Read GeoJSON and nothing else that is written as JSON; GDAL knows only UTF-8, so anything else is turned into it first."""
    if codec == "utf-8-sig":
        return _features(f"GeoJSON:{path.resolve()}", DATE_AS_STRING="YES")  # or the code T0501 comes back as 05:01:00
    with TemporaryDirectory() as folder:
        copy = Path(folder, "copy.geojson")
        copy.write_bytes(path.read_bytes().decode(codec).encode("utf-8"))
        return _read_json(copy, "utf-8-sig")


def _read_gml(path: Path, layer: str | None) -> gpd.GeoDataFrame:
    """Read a copy: GDAL leaves a file of its own beside a GML, and takes others beside it for its schema."""
    with TemporaryDirectory() as folder:
        copy = Path(folder, path.name)
        copyfile(path, copy)
        table = _geo(_features(copy, layer=_layer(copy, layer)), path)
    # GML says no types, so every column is text here.
    texts = [name for name in table.columns if name != table.geometry.name]
    return table.assign(**{name: infer_numbers(table[name]) for name in texts if pd.api.types.is_string_dtype(table[name].dtype)})


def _read_shapefile(path: Path, encoding: str | None) -> gpd.GeoDataFrame:
    """Read raw bytes and decode them here: GDAL trusts the `.cpg` file and stumbles over characters cut in half."""
    _require_whole(path)
    features = _geo(_features(path.resolve(), encoding=RAW_BYTES), path)
    raw = with_whole_numbers(features, next(part for part in _parts(path) if part.suffix.lower() == ".dbf"))
    texts = [name for name in raw.columns if name != raw.geometry.name and pd.api.types.is_string_dtype(raw[name].dtype)]
    values = [value.encode(RAW_BYTES) for name in texts for value in raw[name].dropna().unique()]
    names = [str(name).encode(RAW_BYTES) for name in raw.columns]
    codec = values_encoding(path, [*names, *values], encoding=encoding, declared=declared_encoding(path))
    decoded = raw.assign(**{name: _decoded(raw[name], codec) for name in texts})
    return decoded.rename(columns={name: decode_value(name.encode(RAW_BYTES), codec) for name in raw.columns})


def _require_whole(path: Path) -> None:
    beside = {part.suffix.lower() for part in _parts(path)}
    missing = [f"{path.stem}{part}" for part in SHAPEFILE_PARTS if part not in beside]
    if missing:
        raise InputError(
            "{file}: {missing} is missing beside it: copy all files of the Shapefile, with the same name",
            file=path.name,
            missing=missing[0],
        )


def _parts(path: Path) -> list[Path]:
    return list(path.parent.glob(f"{escape(path.stem)}.*"))


def _decoded(column: pd.Series, codec: str) -> pd.Series:
    meaning = {value: decode_value(value.encode(RAW_BYTES), codec) for value in column.dropna().unique()}
    return column.map(meaning, na_action="ignore").astype("str")
