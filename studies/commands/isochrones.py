"""`lifecircle isochrones`: everything within travel times of facilities, of a list or of a study's goal."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console

from ..coverage.goal_isochrones import goal_isochrones
from ..folder.refused import refused_name
from ..speech.messages import Say
from ..speech.terminal import show
from ..tables.isochrones import isochrones
from ..tables.rings import Drawn
from ..tables.street_network import Travelling
from ..warm_up import needs_compiling
from .lists import minutes_list
from .options import Direction, Lang, StreetsOrNone, say_in, with_travelling
from .placing import Placing, with_placing

Study = Annotated[
    Path | None, typer.Option(help="Instead of STREETS and --facilities: a study, and people in its rings · 研究文件（并计人口）")
]
Goal = Annotated[str | None, typer.Option(help="Goal of the study that says facilities, travel and limit · 研究中的目标")]
WITH_STUDY: Final = ("study", "goal", "minutes", "out", "merge", "bands", "cell_metres", "lang")  # the goal says the rest


@with_travelling
@with_placing("--facilities · 设施文件的读法")
def command(
    *,
    context: typer.Context,
    streets: StreetsOrNone = None,
    facilities: Annotated[Path | None, typer.Option(help="CSV or XLSX with id, lon, lat, or any vector file · 设施")] = None,
    study: Study = None,
    goal: Goal = None,
    minutes: Annotated[
        str | None, typer.Option(help="Limits (inclusive), such as 5,10,15; default: the goal's · 时间上限")
    ] = None,
    out: Annotated[Path, typer.Option(help="File to write: .gpkg or .geojson · 输出文件")],
    travelling: Travelling,
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
    placing: Placing,
) -> None:
    """Draw what lies within travel times of facilities · 等时圈"""
    say, console = say_in(lang), Console(stderr=True)
    limits = None if minutes is None else minutes_list(minutes)
    shape: dict[str, Any] = {"merge": merge, "bands": bands, "cell_metres": cell_metres, "out": out}
    if study is not None:
        _refuse_said(context, say)
        _tell(goal_isochrones(study, goal, minutes=limits, lang=say.language, **shape), out, console, say)
        return
    if streets is None or facilities is None or limits is None or goal is not None:
        raise typer.BadParameter(say("isochrones.needs"))
    if needs_compiling():
        show(console, say("progress.compiling"), style="dim")
    with console.status(f"{say('progress.isochrones')} ..."):
        drawn = isochrones(streets, placing.source(facilities), limits, direction=direction.value, **shape, **travelling)
    _tell(drawn, out, console, say)


def _refuse_said(context: typer.Context, say: Say) -> None:
    """Refuse options about what the study says: they would be passed over in silence."""
    written = [each for each in context.command.params if _is_written(context, str(each.name))]
    said = [each.opts[0] if each.opts[0].startswith("-") else "STREETS" for each in written if each.name not in WITH_STUDY]
    if said:
        raise typer.BadParameter(say("isochrones.goal_says", options=", ".join(said)))


def _is_written(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def _tell(drawn: Drawn, out: Path, console: Console, say: Say) -> None:
    for key, values in drawn.notes:
        show(console, say(key, **values), style="yellow")
    if len(drawn.rejected):
        refused = out.with_name(refused_name(out))
        show(console, say("matrix.rejected", rows=len(drawn.rejected), file=refused), style="yellow")
    show(console, say("isochrones.done", file=out, rings=len(drawn.rings), facilities=drawn.rings["facility"].nunique()))
