"""Chinese in a browser that has no font for it: it is drawn with the font that a page or an SVG picture carries."""

import pytest
from embedded_fonts import characters
from quick_runs import tables_only
from toy_study import GOAL, people_table, points_table, run_toy

from lifecircle.maps import fonts
from lifecircle.maps.gap_map import write_gap_map
from lifecircle.maps.pictures import draw_map, picture_bytes
from lifecircle.maps.report import write_report
from lifecircle.studies.comparing.compare import compare

# Keeps of every text on a canvas: whether the page's font was there, and whether two of its characters look different.
WATCH_CANVASES = """
window.written = [];
for (const method of ["fillText", "strokeText", "measureText"]) {
  const own = CanvasRenderingContext2D.prototype[method];
  CanvasRenderingContext2D.prototype[method] = function (text, ...rest) {
    const chinese = [...new Set(String(text).match(/[一-鿿]/g))];
    if (chinese.length > 1 && !this.canvas.isTrial) {
      const looks = chinese.map((character) => {
        const canvas = Object.assign(document.createElement("canvas"), { width: 30, height: 30, isTrial: true });
        const context = canvas.getContext("2d");
        context.font = this.font;
        context.fillText(character, 2, 22);
        return canvas.toDataURL();
      });
      window.written.push([method, text, new Set(looks).size === chinese.length]);
    }
    return own.call(this, text, ...rest);
  };
}
"""

# Keeps the order of things; a font takes longer than everything else that a page waits for.
SLOW_FONT = """
window.order = [];
const { load } = FontFaceSet.prototype, { fillText } = CanvasRenderingContext2D.prototype;
FontFaceSet.prototype.load = async function (...what) {
  const faces = await load.apply(this, what);
  await new Promise((resolve) => setTimeout(resolve, 500));
  window.order.push(...faces.map(({ family }) => family.replaceAll('"', "")));
  return faces;
};
CanvasRenderingContext2D.prototype.fillText = function (...what) {
  window.order.push("text");
  return fillText.apply(this, what);
};
"""
NO_FONT = "FontFaceSet.prototype.load = () => Promise.reject(new Error('fonts of pages are not allowed here'));"


def is_chinese(character):
    return ord(character) >= fonts.FIRST_CHINESE


@pytest.fixture
def open_bare(fontless_browser):
    """Open a file where no font with Chinese is installed."""
    contexts = []

    def open_one(path, script=""):
        contexts.append(fontless_browser.new_context(viewport={"width": 1360, "height": 860}, offline=True))
        page = contexts[-1].new_page()
        page.add_init_script(script)
        page.goto(path.as_uri())
        if path.name == "map.html":
            page.wait_for_selector("body.ready")
        return page

    yield open_one
    for context in contexts:
        context.close()


@pytest.fixture
def open_map(open_bare, toy, tmp_path):
    def open_one(language="zh", script=""):
        write_gap_map(toy, tmp_path / "map.html", language=language)
        return open_bare(tmp_path / "map.html", script)

    return open_one


def nodes(page):
    """Return every node of the page, those of its fields' hints and those that style sheets add among them, and how many
    glyphs of each font the browser drew it with."""
    client = page.context.new_cdp_session(page)
    client.send("DOM.enable")
    client.send("CSS.enable")
    waiting = [client.send("DOM.getDocument", {"depth": -1, "pierce": True})["root"]]
    for node in waiting:
        waiting += [inner for key in ("children", "shadowRoots", "pseudoElements") for inner in node.get(key, [])]
        used = client.send("CSS.getPlatformFontsForNode", {"nodeId": node["nodeId"]})["fonts"]
        yield node, {font["familyName"]: font["glyphCount"] for font in used}


def drawn_chinese(page):
    """Return the Chinese that the page shows, after checking that every piece is drawn with the page's own font.

    The browser counts the boxes of a font among its glyphs, so what the font has is looked up in it.
    """
    texts = [(node["nodeValue"], used) for node, used in nodes(page) if node["nodeName"] == "#text" and used]
    found = [("".join(filter(is_chinese, text)), text, used) for text, used in texts]
    assert [(text, used) for chinese, text, used in found if used.get(fonts.FAMILY, 0) != len(chinese)] == []
    assert {character for chinese, *_ in found for character in chinese} <= characters(page.content())
    return "|".join(chinese for chinese, *_ in found)


def test_the_browser_has_no_chinese_of_its_own(open_bare, tmp_path):
    (tmp_path / "plain.html").write_text("<meta charset=utf-8><p>中文", encoding="utf-8")
    assert [used for node, used in nodes(open_bare(tmp_path / "plain.html")) if node["nodeName"] == "P"] == [{fonts.LATIN: 2}]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_map_in_the_language_it_opens_in_and_the_other(open_map, language):
    page = open_map(language)
    shown = {language: drawn_chinese(page)}
    page.click("#language")
    shown["en" if language == "zh" else "zh"] = drawn_chinese(page)
    assert "搜索区划、设施、道路" in shown["zh"]
    assert "段" in shown["en"], "names stay Chinese"


def test_what_is_written_on_canvases(open_map):
    page = open_map(script=WATCH_CANVASES)
    on_map = page.evaluate("window.written.splice(0)")
    page.evaluate("lifecircle.picture(lifecircle.app)")
    in_picture = page.evaluate("window.written.splice(0)")
    for written in (on_map, in_picture):
        assert {method for method, *_ in written} >= {"fillText", "measureText"}
        assert [text for _, text, legible in written if not legible] == []


def test_nothing_is_written_on_canvases_before_the_font_is_there(open_map):
    first, second, *_ = open_map(script=SLOW_FONT).evaluate("window.order")
    assert (first, second) == (fonts.FAMILY, "text")


def test_a_map_starts_where_fonts_of_pages_are_forbidden(open_map):
    assert "金谷县" in open_map(script=NO_FONT).inner_text("#title")


def test_what_is_typed_need_not_be_in_the_font(open_map):
    page = open_map()
    page.fill("#query", "镇ꓐ")  # the Lisu letter is not in our font, but installed
    typed = [used for node, used in nodes(page) if node.get("nodeValue") == "镇ꓐ"]
    assert typed == [{fonts.FAMILY: 1, fonts.LATIN: 1}]


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    """A clinic opens at the other end of the street."""
    folder, people = tmp_path_factory.mktemp("compared"), people_table([("a", 1, 0, 10, 4), ("b", 31, 0, 40, 50)], "kids")
    with tables_only():
        before = run_toy(folder / "现状", people, points_table([("west", 0, 0)]), goals=[GOAL])
        after = run_toy(folder / "规划", people, points_table([("west", 0, 0), ("east", 30, 0)]), goals=[GOAL])
        return compare(before.out, after.out, lang="zh").out / "map.html"


def test_the_map_of_a_comparison(open_bare, compared):
    page = open_bare(compared)
    page.click("[data-key=change]")
    assert "与现状相比" in drawn_chinese(page)
    page.click("#swipe-switch input")
    [bar] = [used for node, used in nodes(page) if node.get("pseudoType") == "after" and fonts.FAMILY in used]
    assert bar[fonts.FAMILY] == len("现状规划"), "what is left of the bar and what is right of it"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_report(open_bare, toy, tmp_path, language):
    write_report(toy, {}, tmp_path / "report.html", language=language)
    assert "金谷县" in drawn_chinese(open_bare(tmp_path / "report.html"))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_svg_opened_alone(open_bare, toy, tmp_path, language):
    (tmp_path / "goal.svg").write_bytes(picture_bytes(draw_map(toy, toy.goals[0], language=language), "svg"))
    assert "金谷县" in drawn_chinese(open_bare(tmp_path / "goal.svg"))
