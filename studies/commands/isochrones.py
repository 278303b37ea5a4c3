"""`lifecircle isochrones`: everything within travel times of facilities."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ..folder.refused import refused_name
from ..speech.terminal import show
from ..tables.isochrones import isochrones
from ..warm_up import needs_compiling
from .lists import minutes_list
from .options import (
    Direction,
    Elevation,
    Ferries,
    Lang,
    Mode,
    Month,
    Overrides,
    Profile,
    SnapCap,
    SpeedKmh,
    Speeds,
    Streets,
    say_in,
)
from .placing import Placing, with_placing


@with_placing("--facilities · 设施文件的读法")
def command(
    placing: Placing,
    streets: Streets,
    facilities: Annotated[Path, typer.Option(help="CSV or XLSX with id, lon, lat, or any vector file · 设施")],
    minutes: Annotated[str, typer.Option(help="Limits (inclusive), such as 5,10,15 · 时间上限")],
    out: Annotated[Path, typer.Option(help="File to write: .gpkg or .geojson · 输出文件")],
    mode: Annotated[Mode, typer.Option(help="Travel mode · 出行方式")] = Mode.walk,
    speed_kmh: SpeedKmh = None,
    profile: Annotated[Profile | None, typer.Option(help="Walking profile · 步行人群")] = None,
    speeds: Annotated[Speeds | None, typer.Option(help="Car speed table · 驾车速度表")] = None,
    ferries: Annotated[Ferries, typer.Option(help="How ferries count · 轮渡计法")] = Ferries.scheduled,
    snap_cap_metres: SnapCap = None,
    elevation: Elevation = None,
    overrides: Overrides = None,
    month: Month = None,
    direction: Annotated[
        Direction, typer.Option(help="Travel to the facilities, or from them · 前往设施，或由设施出发")
    ] = Direction.to,
    merge: Annotated[
        bool, typer.Option("--merge/--per-facility", help="Rings around all facilities, or around each · 合并，或逐个设施")
    ] = False,
    bands: Annotated[
        bool,
        typer.Option("--bands/--nested", help="Rings side by side, or each with all within it · 互不重叠，或层层包含"),
    ] = False,
    cell_metres: Annotated[float | None, typer.Option(min=1, help="Spacing of the time surface · 时间面的格网间距（米）")] = None,
    lang: Lang = None,
) -> None:
    """Draw what lies within travel times of facilities · 等时圈"""
    limits, say, console = minutes_list(minutes), say_in(lang), Console(stderr=True)
    if needs_compiling():
        show(console, say("progress.compiling"), style="dim")
    with console.status(f"{say('progress.isochrones')} ..."):
        drawn = isochrones(
            streets,
            facilities=placing.source(facilities),
            minutes=limits,
            out=out,
            mode=mode.value,
            speed_kmh=speed_kmh,
            profile=profile.value if profile else None,
            speeds=speeds.value if speeds else None,
            ferries=ferries.value,
            snap_cap_metres=snap_cap_metres,
            elevation=elevation,
            overrides=overrides,
            month=month,
            direction=direction.value,
            merge=merge,
            bands=bands,
            cell_metres=cell_metres,
        )
    for key, values in drawn.notes:
        show(console, say(key, **values), style="yellow")
    if len(drawn.rejected):
        refused = out.with_name(refused_name(out))
        show(console, say("matrix.rejected", rows=len(drawn.rejected), file=refused), style="yellow")
    show(console, say("isochrones.done", file=out, rings=len(drawn.rings), facilities=drawn.rings["facility"].nunique()))
