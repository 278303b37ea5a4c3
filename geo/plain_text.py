"""Text that shows what it holds: without characters that steer a terminal, turn the reading order round or break XML.

A name is only a name. Formulas are the business of who writes a table; here goes what no name has any use for, whatever shows
it (control characters, overrides of the reading order, halves of characters), and the one guard of names within HTML.
"""

from __future__ import annotations

from html import escape
from typing import Final

# C0 but tab and the ends of lines, DEL and C1; LRE to RLO and the isolates, which can show "txt.exe" as "exe.txt"; line and
# paragraph separators; a byte order mark inside a text; halves of surrogate pairs, which no file can hold.
_RANGES: Final = (
    "\x00-\x08", "\x0b\x0c", "\x0e-\x1f", "\x7f-\x9f", "\u202a-\u202e", "\u2066-\u2069", "\u2028\u2029", "\ufeff",
    "\ud800-\udfff", "\ufffe\uffff",
)  # fmt: skip
HIDDEN: Final = "[" + "".join(_RANGES) + "]"
SEARCHED: Final = HIDDEN.replace("\ud800-\udfff", "")  # Arrow's expressions know no surrogates, and its texts hold none
_REMOVED: Final = {
    code: None for part in _RANGES for code in (range(ord(part[0]), ord(part[2]) + 1) if part[1:2] == "-" else map(ord, part))
}


def plain(text: str) -> str:
    """Return the text without hidden characters."""
    return text.translate(_REMOVED)


def markup(text: str) -> str:
    """Return HTML that shows a text, for parts that read names as markup (or, as branca does, as templates)."""
    return escape(text).replace("{", "&#123;")


def hidden_characters(text: str) -> list[str]:
    """Name the hidden characters of a text, such as "U+202E", each once and in their order."""
    if text.isprintable():  # quick, and true of nearly every text
        return []
    return [f"U+{ord(character):04X}" for character in dict.fromkeys(text) if ord(character) in _REMOVED]
