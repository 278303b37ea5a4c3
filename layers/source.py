"""Where a file's features are and how they are read: one object, taken whole by readers, studies and commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from ..geo.errors import InputError, said


def _epsg(value: Any) -> Any:
    """Take a bare number for an EPSG code."""
    return f"EPSG:{value}" if str(value).isdigit() else value


Crs = Annotated[str, BeforeValidator(_epsg)]


class Source(BaseModel):
    """One file, and how it is read.

    Attributes
    ----------
    file : Path
    layer : str or None
        Of a GeoPackage and other files that hold several.
    sheet : str or None
        Of a workbook; None takes the first.
    header_row : int or None
        Where the names of the columns stand in a table, from 1; None takes the first row. Rows above it are not read, rows
        below it count from 1.
    where : str or None
        Condition such as `healthcare > 0` (docs/study.md lists the forms); other rows are left out, not rejected, unless the
        condition asks for a number in a cell that holds something else.
    x, y : str or None
        Columns of longitude (easting) and latitude (northing), for files without shapes; None guesses them by well-known
        English and Chinese names.
    crs : str or None
        `EPSG:...`, `GCJ-02`, `BD-09` or other pyproj input; goes before what the file declares. A file with shapes must
        declare a CRS or be given one; coordinates in columns are EPSG:4326 where they lie in the range of degrees.
    encoding : str or None
        None finds it by trial.
    id : str or None
        Column; None takes the file's own column `id` (in any capitals), where it has one (see `ids.find_ids`).
    name : str or None
        Column; None takes one called name or 名称, where the file has it.
    source, licence : str or None
        Whose data they are, and under which terms.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True, allow_inf_nan=False)

    file: Path
    layer: str | None = None
    sheet: str | None = None
    header_row: Annotated[int, Field(ge=1)] | None = None
    where: str | None = None
    x: str | None = None
    y: str | None = None
    crs: Crs | None = None
    encoding: str | None = None
    id: str | None = None
    name: str | None = None
    source: str | None = None
    licence: str | None = None

    def refuse(self, *keys: str, what: str) -> None:
        """Refuse keys that mean nothing for what is read.

        Raises
        ------
        InputError
            Naming the first that is given.
        """
        given = next((key for key in keys if getattr(self, key) is not None), None)
        if given is not None:
            raise InputError(
                "{file}: {key} does not apply to {what}: leave it out",
                file=self.file.name,
                key=said(f"`{given}:`"),
                what=said(what),
            )


def as_source(given: Source | str | Path) -> Source:
    """Return a source, or a file as one that says nothing more of itself."""
    return given if isinstance(given, Source) else Source(file=Path(given))
