"""Options that several commands share."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated, Final

import typer

from ..speech.messages import Say, choose_language, default_language, speaker
from .gathered import gathered, option


class Language(str, Enum):
    """Language of messages, maps and reports."""

    zh = "zh"
    en = "en"


class Mode(str, Enum):
    """Travel modes."""

    walk = "walk"
    bicycle = "bicycle"
    car = "car"


class Profile(str, Enum):
    """Walking profiles."""

    adult = "adult"
    elderly = "elderly"
    child = "child"
    wheelchair = "wheelchair"


class Speeds(str, Enum):
    """Car speed tables."""

    default = "default"
    cn_plain = "cn-plain"
    cn_mountain = "cn-mountain"


class Crossings(str, Enum):
    """What signals and junctions cost cars."""

    none = "none"
    default = "default"
    busy = "busy"


class Direction(str, Enum):
    """Direction of travel."""

    to = "to"
    from_ = "from"


class Ferries(str, Enum):
    """How ferries count."""

    none = "none"
    free = "free"
    scheduled = "scheduled"


STREETS_HELP: Final = "OSM extract: .osm.pbf .osm .xml (.gz .bz2) · 路网数据"
Streets = Annotated[Path, typer.Argument(metavar="STREETS", help=STREETS_HELP)]
StreetsOrNone = Annotated[Path | None, typer.Argument(metavar="STREETS", help=STREETS_HELP)]
Out = Annotated[Path | None, typer.Option(help="Folder for the results (default: the study's `out`) · 结果文件夹")]
AsJson = Annotated[bool, typer.Option("--json", help="Print as JSON · 以 JSON 输出")]

# The keys of `street_network.Travelling`.
_TRAVELLING: Final = (
    option("mode", Annotated[Mode, typer.Option(help="Travel mode · 出行方式")], Mode.walk),
    option("speed_kmh", Annotated[float | None, typer.Option(min=1, max=45, help="Walking or cycling speed · 步行或骑行速度")]),
    option("profile", Annotated[Profile | None, typer.Option(help="Walking profile · 步行人群")]),
    option("speeds", Annotated[Speeds | None, typer.Option(help="Car speed table · 驾车速度表")]),
    option("crossings", Annotated[Crossings | None, typer.Option(help="What signals and junctions cost cars · 路口延误")]),
    option("ferries", Annotated[Ferries, typer.Option(help="How ferries count · 轮渡计法")], Ferries.scheduled),
    option(
        "snap_cap_metres",
        Annotated[float | None, typer.Option(min=0, help="Farthest street a point may use · 点到道路的最大距离")],
    ),
    option(
        "elevation",
        Annotated[Path | None, typer.Option(help="Raster of heights in metres: slopes slow walkers · 高程栅格（步行计坡度）")],
    ),
    option(
        "overrides", Annotated[Path | None, typer.Option(help="CSV of corrections to the streets, as in a study · 路网修正表")]
    ),
    option("month", Annotated[int | None, typer.Option(min=1, max=12, help="For ferries with a season · 月份（季节性轮渡）")]),
)
TRAVELLING: Final = tuple(described.name for described in _TRAVELLING)
with_travelling = gathered("travelling", {described.name: described for described in _TRAVELLING}, dict)
"""Gives a command the options of `street_network.Travelling`; it gets them as `travelling`."""


def _remember(lang: Language | None) -> Language | None:
    """Let errors, which end a command, speak its language too."""
    choose_language(lang.value if lang else None)
    return lang


Lang = Annotated[
    Language | None,
    typer.Option("--lang", callback=_remember, help="Language: zh or en (default: from the locale) · 语言（默认按系统）"),
]


def say_in(lang: Language | None) -> Say:
    """Return what speaks the language asked for, else the locale's."""
    return speaker(lang.value if lang else default_language())
