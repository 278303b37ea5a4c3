"""Fonts for printed pictures: one that can write Chinese, wherever the picture is made."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

from matplotlib import font_manager, rc_context

# As Windows, macOS and Linux ship them, in the order of preference.
CHINESE_FONTS: Final = (
    "Microsoft YaHei", "PingFang SC", "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN",
    "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Droid Sans Fallback", "Heiti SC", "SimHei", "DengXian", "SimSun",
    "Noto Sans CJK JP", "Arial Unicode MS",
)  # fmt: skip


@cache
def chinese_font() -> str | None:
    """Return the family of the best installed font with Chinese characters, None where there is none."""
    installed = {font.name for font in font_manager.fontManager.ttflist}
    return next((name for name in CHINESE_FONTS if name in installed), None)


def picture_language(language: str) -> str:
    """Return the language that a picture can be written in: English where no font here has Chinese characters."""
    return language if language != "zh" or chinese_font() else "en"


@contextmanager
def picture_style() -> Iterator[None]:
    """Draw with our fonts: Latin text in matplotlib's own, Chinese in the first font that has it; SVG text stays text."""
    families = [name for name in ("DejaVu Sans", chinese_font()) if name]
    style: dict[Any, Any] = {
        "font.family": families,
        "axes.unicode_minus": False,
        "svg.fonttype": "none",
        "svg.hashsalt": "lifecircle",  # the same results give the same file
        "text.parse_math": False,  # a dollar sign in a name is a dollar sign
    }
    with rc_context(style), warnings.catch_warnings():
        # A letter that no font here has stays a box: told once by the language that was taken, not by a warning per letter.
        warnings.filterwarnings("ignore", "Glyph .* missing from font", UserWarning)
        yield
