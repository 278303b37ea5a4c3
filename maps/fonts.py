"""Fonts: pictures and pages show Chinese on every machine, whatever it has installed.

The package brings a font of its own (`typeface/`, a subset of Noto Sans CJK under the SIL Open Font License): a package to
install would be 85 MB, and matplotlib's list of the machine's fonts is often older than the fonts. Pictures are drawn with it
everywhere alike; pages and SVG carry just the characters they use, for browsers whose own fonts lack them.
"""

from __future__ import annotations

import base64
import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache, lru_cache
from importlib import resources
from typing import Any, Final

from matplotlib import font_manager, rc_context

FAMILY: Final = "Lifecircle CJK"
LATIN: Final = "DejaVu Sans"  # matplotlib brings it along
FILE: Final = "typeface/lifecircle-cjk.otf"
# For the characters that ours lacks, as Windows, macOS and Linux ship them.
FURTHER: Final = (
    "Microsoft YaHei", "PingFang SC", "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "WenQuanYi Micro Hei",
    "Droid Sans Fallback", "SimSun-ExtB", "Noto Sans CJK JP", "Arial Unicode MS",
)  # fmt: skip
FIRST_CHINESE: Final = 0x2E80  # every system has fonts for what comes before


@cache
def _families() -> tuple[str, ...]:
    """Return the fonts of a picture: Latin in matplotlib's own, Chinese in ours, the rarest characters in what is installed."""
    with resources.as_file(resources.files(__package__) / FILE) as file:
        font_manager.fontManager.addfont(str(file))
    known = font_manager.fontManager.ttflist
    known.append(replace(known[-1], weight=700))  # the one face is taken for bold, too; a second one would be 5 MB more
    installed = {font.name for font in font_manager.fontManager.ttflist}
    return (LATIN, FAMILY, *(name for name in FURTHER if name in installed))


@contextmanager
def picture_style() -> Iterator[None]:
    """Draw with our fonts; SVG text stays text, and `with_face` gives it the font."""
    style: dict[Any, Any] = {
        "font.family": list(_families()),
        "axes.unicode_minus": False,
        "svg.fonttype": "none",
        "svg.hashsalt": "lifecircle",  # the same results give the same file
        "text.parse_math": False,  # a dollar sign in a name is a dollar sign
    }
    with rc_context(style), warnings.catch_warnings():
        # A character that no font here has stays a box: a warning per letter and picture would say nothing more.
        warnings.filterwarnings("ignore", "Glyph .* missing from font", UserWarning)
        yield


def title_weight(language: str) -> str:
    """Return the weight of a title: our Chinese has one weight, and figures among it would stand out in another."""
    return "normal" if language == "zh" else "bold"


def face(text: str) -> str:
    """Return a style sheet's `@font-face` with the Chinese characters of a text; empty where it has none.

    Where it is used, the family must stand before every font that is installed: Chromium leaves boxes, until something moves,
    where it had to look past one for a font that was not loaded yet. Latin text keeps its font all the same, for the face says
    that it has none.
    """
    used = frozenset(character for character in set(text) if ord(character) >= FIRST_CHINESE)
    return _face(used) if used else ""


@lru_cache(maxsize=32)
def _face(characters: frozenset[str]) -> str:
    from fontTools import subset  # takes a quarter of a second, and only pages and SVG need it
    from fontTools.ttLib import TTFont

    with resources.as_file(resources.files(__package__) / FILE) as file:
        font = TTFont(file, lazy=True, recalcTimestamp=False)
        cutter = subset.Subsetter(subset.Options(hinting=False, layout_features=[], notdef_outline=True))
        cutter.populate(text="".join(sorted(characters)))
        cutter.subset(font)
        font.flavor = "woff"
        packed = io.BytesIO()
        font.save(packed)
    data = base64.b64encode(packed.getvalue()).decode("ascii")
    source = f'src: url(data:font/woff;base64,{data}) format("woff")'
    return f'@font-face {{ font-family: "{FAMILY}"; {source}; unicode-range: U+{FIRST_CHINESE:X}-10FFFF; }}'


def with_face(svg: str) -> str:
    """Put the characters that an SVG picture uses into it, and their font before the others (see `face`)."""
    sheet = face(svg)
    if not sheet:
        return svg
    svg = svg.replace(f"'{LATIN}', '{FAMILY}'", f"'{FAMILY}', '{LATIN}'")
    return svg.replace("<defs>", f"<defs>\n  <style>{sheet}</style>", 1)
