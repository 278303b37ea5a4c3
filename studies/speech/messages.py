"""What the command line says, in Chinese and English."""

from __future__ import annotations

import locale
import os
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

LANGUAGES = ("zh", "en")
_chosen: ContextVar[str | None] = ContextVar("language", default=None)


@cache
def texts(language: str) -> Mapping[str, str]:
    """Return all texts of one language by key."""
    file = resources.files(__package__).joinpath(f"text/{language}.yaml")
    entries: dict[str, str] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return entries


@dataclass(frozen=True)
class Say:
    """Fills in the texts of one language: `say("note.area", people=12)`."""

    language: str

    def __call__(self, key: str, /, **values: Any) -> str:
        return texts(self.language)[key].format(**values)


def speaker(language: str) -> Say:
    """Return what speaks a language."""
    return Say(language)


def choose_language(language: str | None) -> None:
    """Set the language of what follows on the command line; None goes back to the locale."""
    _chosen.set(language)


def default_language() -> str:
    """Return the language chosen by --lang, else "zh" where the locale is Chinese, else "en"."""
    names = [os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG")]
    by_locale = next((name for name in names if name), "") or (locale.getlocale()[0] or "")
    return _chosen.get() or ("zh" if by_locale.lower().startswith(("zh", "chinese")) else "en")
