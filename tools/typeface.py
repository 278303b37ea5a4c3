"""Make `maps/typeface/lifecircle-cjk.otf`, the font that pictures and pages fall back on, from Noto Sans CJK.

    python tools/typeface.py NotoSansCJK-Regular.ttc

Kept are the characters of GBK (all of GB 2312, and the rare ones of village names such as 垟), outlines only: pictures set single
lines, which need no hints and no alternative forms. The family has a name of its own, so that the same glyphs are drawn whatever
Noto is installed. Needs fonttools, which matplotlib brings along. The font's licence (SIL OFL 1.1) lies beside it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTCollection, TTFont

SOURCE_FAMILY = "Noto Sans CJK SC"
FAMILY = "Lifecircle CJK"
TARGET = Path(__file__).parents[1] / "maps" / "typeface" / "lifecircle-cjk.otf"
SIGNS = "，。；：？！（）《》“”‘’、—…·％℃①②③④⑤⑥⑦⑧⑨⑩●○■□▲△★☆↑↓←→≤≥±×÷°′″"
FULL_NAME, FAMILY_NAMES, POSTSCRIPT = (4, 18), (1, 16), 6


def characters() -> set[int]:
    """Return the code points of GBK and of plain Latin text."""
    pairs = (bytes([first, second]) for first in range(0x81, 0xFF) for second in range(0x40, 0xFF))
    chinese = {character for pair in pairs for character in pair.decode("gbk", errors="ignore")}
    return {ord(character) for character in chinese | set(SIGNS) | set(map(chr, range(0x20, 0x17F)))}


def make(collection: Path) -> None:
    """Cut the font out of the collection and write it."""
    faces = [font["name"].getDebugName(FULL_NAME[0]) for font in TTCollection(collection, lazy=True).fonts]
    font = TTFont(collection, fontNumber=faces.index(SOURCE_FAMILY), lazy=True, recalcTimestamp=False)
    options = subset.Options()
    options.layout_features, options.hinting, options.notdef_outline = [], False, True
    options.drop_tables += ["VORG", "vhea", "vmtx", "BASE", "GSUB", "GPOS", "GDEF", "DSIG"]
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=characters())
    cutter.subset(font)
    _rename(font)
    font.save(TARGET)


def _rename(font: TTFont) -> None:
    for record in list(font["name"].names):
        if record.nameID in (*FULL_NAME, *FAMILY_NAMES):
            record.string = FAMILY
        elif record.nameID == POSTSCRIPT:
            record.string = FAMILY.replace(" ", "")
    cff = font["CFF "].cff
    cff.fontNames = [FAMILY.replace(" ", "")]
    cff.topDictIndex[0].FamilyName = cff.topDictIndex[0].FullName = FAMILY


if __name__ == "__main__":
    make(Path(sys.argv[1]))
