"""`lifecircle matrix`: an origin-destination table."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..matrix import matrix
from .options import Direction, Ferries, Mode


def command(
    streets: Annotated[Path, typer.Argument(metavar="STREETS", help="OSM extract: .osm.pbf, .osm, .osm.gz or .osm.bz2.")],
    origins: Annotated[Path, typer.Option(help="CSV with id, lon, lat, or any vector file.")],
    destinations: Annotated[Path, typer.Option(help="CSV with id, lon, lat, or any vector file.")],
    out: Annotated[Path, typer.Option(help="Table to write: .csv or .parquet.")],
    mode: Annotated[Mode, typer.Option(help="Travel mode.")] = Mode.walk,
    speed_kmh: Annotated[float | None, typer.Option(min=1, max=45, help="Walking or cycling speed.")] = None,
    profile: Annotated[str | None, typer.Option(help="Walking profile: adult, elderly, child, wheelchair.")] = None,
    speeds: Annotated[str | None, typer.Option(help="Car speed table: default, cn-plain, cn-mountain.")] = None,
    ferries: Annotated[Ferries, typer.Option(help="How ferries count.")] = Ferries.scheduled,
    snap_cap_metres: Annotated[float | None, typer.Option(min=0, help="Farthest street a point may use.")] = None,
    minutes: Annotated[float | None, typer.Option(min=0, help="Only pairs within this limit (inclusive).")] = None,
    direction: Annotated[Direction, typer.Option(help="Travel to the destinations, or from them.")] = Direction.to,
) -> None:
    """Write minutes, street metres and connector metres between two sets of places · 出行时间矩阵"""
    written = matrix(
        streets,
        origins=origins,
        destinations=destinations,
        out=out,
        mode=mode.value,
        speed_kmh=speed_kmh,
        profile=profile,
        speeds=speeds,
        ferries=ferries.value,
        snap_cap_metres=snap_cap_metres,
        minutes=minutes,
        direction=direction.value,
    )
    if len(written.rejected):
        refused = out.with_name(f"{out.stem}.rejected.csv")
        written.rejected.to_csv(refused, index=False)
        typer.echo(f"{len(written.rejected)} rows were refused; {refused} lists them with the reason.", err=True)
    typer.echo(f"{out}: {written.pairs:,} pairs, {written.reached:,} reached.", err=True)
