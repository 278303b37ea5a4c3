"""Options that several commands share."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from ..speech.messages import Say, choose_language, default_language, speaker


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


class Direction(str, Enum):
    """Direction of travel."""

    to = "to"
    from_ = "from"


class Ferries(str, Enum):
    """How ferries count."""

    none = "none"
    free = "free"
    scheduled = "scheduled"


Streets = Annotated[Path, typer.Argument(metavar="STREETS", help="OSM extract: .osm.pbf .osm .osm.gz .osm.bz2 · 路网数据")]
SpeedKmh = Annotated[float | None, typer.Option(min=1, max=45, help="Walking or cycling speed · 步行或骑行速度")]
SnapCap = Annotated[float | None, typer.Option(min=0, help="Farthest street a point may use · 点到道路的最大距离")]
Elevation = Annotated[Path | None, typer.Option(help="Raster of heights in metres: slopes slow walkers · 高程栅格（步行计坡度）")]
Overrides = Annotated[Path | None, typer.Option(help="CSV of corrections to the streets, as in a study · 路网修正表")]
Month = Annotated[int | None, typer.Option(min=1, max=12, help="For ferries with a season · 月份（季节性轮渡）")]


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
