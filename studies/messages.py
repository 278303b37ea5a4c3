"""What the command line says, in Chinese and English."""

from __future__ import annotations

import locale
import os
from collections.abc import Callable, Mapping
from functools import cache
from importlib import resources
from typing import Any

import yaml

Say = Callable[..., str]
LANGUAGES = ("zh", "en")


@cache
def texts(language: str) -> Mapping[str, str]:
    """Return all texts of one language by key."""
    file = resources.files(__package__).joinpath(f"text/{language}.yaml")
    entries: dict[str, str] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return entries


def speaker(language: str) -> Say:
    """Return a function that fills in a text: `say("note.area", people=12)`."""

    def say(key: str, **values: Any) -> str:
        return texts(language)[key].format(**values)

    return say


def default_language() -> str:
    """Return "zh" where the locale is Chinese, else "en"."""
    names = [os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG")]
    chosen = next((name for name in names if name), "") or (locale.getlocale()[0] or "")
    return "zh" if chosen.lower().startswith(("zh", "chinese")) else "en"
