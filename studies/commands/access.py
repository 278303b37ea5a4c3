"""`lifecircle access`: how much of a service people reach, per unit and zone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ...analyses.access.measures import MEASURES
from ..access.access import access
from ..access.summary import print_access
from .lists import minutes_list, names_list
from .options import Lang, Mode, Out, say_in


def command(
    study: Annotated[Path, typer.Argument(metavar="STUDY.yaml", help="The study file · 研究文件")],
    measure: Annotated[
        list[str] | None, typer.Option(help=f"One or several of: {', '.join(MEASURES)} (default: all) · 可达性指标")
    ] = None,
    service: Annotated[
        list[str] | None, typer.Option(help="One or several services (default: those of the goals) · 服务")
    ] = None,
    minutes: Annotated[
        str | None, typer.Option(help="Limits (inclusive) in place of the goals', such as 10,15,30 · 时间上限")
    ] = None,
    mode: Annotated[
        Mode | None, typer.Option(help="Only goals of this mode; needed for a service without a goal · 出行方式")
    ] = None,
    default_capacity: Annotated[
        float | None, typer.Option(min=0, help="Capacity of facilities that state none · 未注明容量的设施按此计")
    ] = None,
    out: Out = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the rows for everyone as JSON · 以 JSON 输出总计行")] = False,
    lang: Lang = None,
) -> None:
    """Measure access: nearest, cumulative, gravity, floating catchments, RAAM, allocation · 可达性指标"""
    say = say_in(lang)
    finished = access(
        study,
        measure=names_list(measure),
        service=names_list(service),
        minutes=None if minutes is None else minutes_list(minutes),
        mode=mode.value if mode else None,
        default_capacity=default_capacity,
        out=out,
        lang=say.language,
    )
    if as_json:
        everyone = finished.zones[finished.zones["level"] == "all"]
        print(json.dumps(json.loads(everyone.to_json(orient="records")), ensure_ascii=False))
        return
    print_access(finished, Console(), say)
