"""What the font that a page or an SVG picture carries can draw."""

import base64
import io
import re

from fontTools.ttLib import TTFont


def characters(sheet):
    """The characters that the embedded font of a text can draw."""
    data = re.search(r"data:font/woff;base64,([A-Za-z0-9+/=]+)", sheet)[1]
    return set(map(chr, TTFont(io.BytesIO(base64.b64decode(data))).getBestCmap()))
