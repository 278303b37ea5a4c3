"""`lifecircle fetch`: a place's streets, facilities and boundary from OpenStreetMap."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ..speech.terminal import show
from .options import Lang, say_in
from .placing import OF_AREAS, Placing, with_placing


@with_placing("the file of PLACE · 边界文件的读法", keys=OF_AREAS)
def command(
    *,
    place: Annotated[
        str, typer.Argument(metavar="PLACE", help="Name of a place, or a file with its polygon · 地名，或边界多边形文件")
    ],
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Where to write; run again to go on after an interruption · 文件夹")
    ],
    buffer_km: Annotated[float, typer.Option(min=0, max=100, help="Margin around the boundary, in km · 外扩公里数")] = 5.0,
    overpass_url: Annotated[
        str | None, typer.Option(help="Overpass server, such as a mirror: http://HOST/api · Overpass 服务器")
    ] = None,
    nominatim_url: Annotated[
        str | None, typer.Option(help="Nominatim server, such as a mirror: http://HOST/ · Nominatim 服务器")
    ] = None,
    lang: Lang = None,
    placing: Placing,
) -> None:
    """Download streets, ferries, facilities and the boundary of a place · 下载一个地方的 OSM 数据"""
    from ..fetch import fetch  # brings OSMnx, which the other commands should not wait for

    say = say_in(lang)
    if placing and not Path(place).is_file():
        raise typer.BadParameter(say("fetch.no_file", place=place))
    fetched = fetch(
        placing.source(Path(place)) if placing else place,
        folder,
        buffer_km=buffer_km,
        overpass_url=overpass_url,
        nominatim_url=nominatim_url,
        lang=say.language,
    )
    show(Console(), say("fetch.next", study=fetched.study))
