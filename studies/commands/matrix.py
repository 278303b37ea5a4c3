"""`lifecircle matrix`: an origin-destination table."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ..folder.refused import refused_name
from ..speech.terminal import show
from ..tables.matrix import matrix
from ..tables.street_network import Travelling
from ..warm_up import needs_compiling
from .options import Direction, Lang, Streets, say_in, with_travelling
from .placing import Placing, with_placing


@with_travelling
@with_placing("--origins and --destinations · 起点和终点文件的读法", roles=("origins", "destinations"))
def command(
    *,
    streets: Streets,
    origins: Annotated[Path, typer.Option(help="CSV or XLSX with id, lon, lat, or any vector file · 起点")],
    destinations: Annotated[Path, typer.Option(help="CSV or XLSX with id, lon, lat, or any vector file · 终点")],
    out: Annotated[Path, typer.Option(help="Table to write: .csv or .parquet · 输出表")],
    travelling: Travelling,
    minutes: Annotated[float | None, typer.Option(min=0, help="Only pairs within this limit (inclusive) · 时间上限")] = None,
    direction: Annotated[
        Direction, typer.Option(help="Travel to the destinations, or from them · 前往终点，或由终点出发")
    ] = Direction.to,
    lang: Lang = None,
    placing: Placing,
) -> None:
    """Write minutes, street metres and connector metres between two sets of places · 出行时间矩阵"""
    say, console = say_in(lang), Console(stderr=True)
    if needs_compiling():
        show(console, say("progress.compiling"), style="dim")
    with console.status(f"{say('progress.matrix')} ..."):
        written = matrix(
            streets,
            origins=placing.source(origins, "origins"),
            destinations=placing.source(destinations, "destinations"),
            out=out,
            **travelling,
            minutes=minutes,
            direction=direction.value,
        )
    for key, values in written.notes:
        show(console, say(key, **values), style="yellow")
    if len(written.rejected):
        refused = out.with_name(refused_name(out))
        show(console, say("matrix.rejected", rows=len(written.rejected), file=refused), style="yellow")
    show(console, say("matrix.done", file=out, pairs=written.pairs, reached=written.reached))
