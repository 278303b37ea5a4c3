"""Options that several commands share."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

import typer


class Language(str, Enum):
    """Language of messages, maps and reports."""

    zh = "zh"
    en = "en"


class Mode(str, Enum):
    """Travel modes."""

    walk = "walk"
    bicycle = "bicycle"
    car = "car"


class Direction(str, Enum):
    """Direction of travel."""

    to = "to"
    from_ = "from"


class Ferries(str, Enum):
    """How ferries count."""

    none = "none"
    free = "free"
    scheduled = "scheduled"


Lang = Annotated[Language | None, typer.Option("--lang", help="Language: zh or en (default: from the locale) · 语言")]
