"""Chinese is drawn on every machine: with the package's own font, which pages and SVG carry along."""

import base64
import dataclasses
import gzip
import io
import re

import numpy as np
import pytest
from embedded_fonts import characters
from matplotlib import font_manager
from matplotlib.figure import Figure

from lifecircle.maps import fonts
from lifecircle.maps.gap_map import write_gap_map
from lifecircle.maps.pictures import draw_map, picture_bytes
from lifecircle.maps.report import write_report

VILLAGES = "垟岙嵊泗堍峧塆镆铘㳇"  # of Zhejiang's villages; most are not in GB 2312, the last not in GBK either


@pytest.fixture
def bare_machine(monkeypatch):
    """A machine that has only the fonts matplotlib brings along."""
    own = [font for font in font_manager.fontManager.ttflist if "mpl-data" in font.fname]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", own)
    font_manager.fontManager._findfont_cached.cache_clear()
    fonts._families.cache_clear()
    yield
    fonts._families.cache_clear()
    font_manager.fontManager._findfont_cached.cache_clear()


def drawn(text):
    with fonts.picture_style():
        figure = Figure(figsize=(0.6, 0.6))
        figure.text(0.2, 0.2, text, fontsize=24)
        target = io.BytesIO()
        figure.savefig(target, format="raw")
    return np.frombuffer(target.getvalue(), np.uint8)


def chinese(text):
    return {character for character in text if "一" <= character <= "鿿"}


def test_every_character_has_a_picture_of_its_own_on_a_bare_machine(bare_machine):
    pictures = [drawn(character) for character in VILLAGES[:-1]]
    assert len({picture.tobytes() for picture in pictures}) == len(pictures), "boxes all look alike"


def test_a_text_carries_just_the_characters_it_uses():
    assert fonts.face("Only Latin, 12 °C – café") == ""
    sheet = fonts.face("义乌市第2医院 abc")
    assert characters(sheet) == set("义乌市第医院")
    assert fonts.face("医院第2市乌义") == sheet, "the same file for the same characters"


def test_svg_has_its_characters_with_it(toy):
    svg = picture_bytes(draw_map(toy, toy.goals[0], language="zh"), "svg").decode("utf-8")
    texts = "".join(re.findall(r"<text[^>]*>([^<]*)</text>", svg))
    assert chinese(texts) and chinese(texts) <= characters(svg)
    assert fonts.FAMILY in re.search(r"<text[^>]*>[^<]*[一-鿿][^<]*</text>", svg)[0]
    assert f"'{fonts.FAMILY}', '{fonts.LATIN}'" in svg, "before what is installed, or Chromium leaves boxes"
    assert "@font-face" not in fonts.with_face("<svg><defs></defs><text>Hospital</text></svg>")


def payload(page):
    """The JSON text that the page's scripts read."""
    content = gzip.decompress(base64.b64decode(re.search(r'id="payload">([^<]*)<', page)[1]))
    return content[4 : 4 + int.from_bytes(content[:4], "little")].decode("utf-8")


def test_a_map_has_the_characters_of_its_payload_with_it(toy, tmp_path):
    write_gap_map(dataclasses.replace(toy, name="垟岙县"), tmp_path / "map.html", language="en")
    page = (tmp_path / "map.html").read_text(encoding="utf-8")
    assert "font-src data:" in page
    packed = chinese(payload(page))
    assert set("垟岙县") < packed - chinese(page.split('id="payload"')[1])
    assert packed <= characters(page)


def test_a_report_has_its_characters_with_it(toy, tmp_path):
    write_report(toy, {}, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "font-src data:" in page
    assert chinese(page) and chinese(page) <= characters(page)
