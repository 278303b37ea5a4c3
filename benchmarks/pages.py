"""Pages in a browser: how soon one can be used, how long its answers take, and what memory it holds."""

from __future__ import annotations

import shutil
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
WINDOW = {"width": 1360, "height": 860}
TIMEOUT_MS = 300_000
# A step ends when the frame that shows it has been painted: a task queued within a frame runs after its painting.
TIMING = """
const painted = () => new Promise((done) => requestAnimationFrame(() => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = done;
  port2.postMessage(null);
}));
window.timed = async (act) => {
  await painted();
  const start = performance.now();
  act();
  await painted();
  return performance.now() - start;
};
window.usable = new Promise((done) => {
  const look = () => (READY ? painted().then(() => done(performance.now())) : setTimeout(look, 2));
  look();
});
"""


@dataclass(frozen=True)
class Page:
    """How to work a map page.

    Attributes
    ----------
    ready : str
        JavaScript that is true once the page can be used.
    map : str
        Its Leaflet map.
    limit : str
        JavaScript that judges and colours all cells by another limit, `minutes`.
    limits : sequence of float
        The limits to try, none of them twice.
    """

    ready: str
    map: str
    limit: str
    limits: Sequence[float]


def page_figures(file: Path, page: Page) -> dict[str, float]:
    """Measure a page opened from its file with the network shut; without a browser only its size.

    Times are in the page's own clock, which starts with its navigation, and end with a painted frame, so up to 17 ms of each
    are the wait for it. Memory is what the page's process holds afterwards.

    Raises
    ------
    RuntimeError
        If the page asks for anything but its file.
    """
    figures = {"page MB": file.stat().st_size / 1e6}
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        return figures
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        return figures | _used(browser, file, page)


def _used(browser: Any, file: Path, page: Page) -> dict[str, float]:
    tab, asked = _open(browser, file, page)
    usable_ms = tab.evaluate("usable")
    limits = [tab.evaluate(f"minutes => timed(() => {{ {page.limit} }})", minutes) for minutes in page.limits]
    zoom = f"step => timed(() => {page.map}.setZoom({page.map}.getZoom() + step, {{ animate: false }}))"
    zooms = [tab.evaluate(zoom, step) for step in (1, -1) * 3]
    if others := set(asked) - {file.as_uri()}:
        raise RuntimeError(f"the page asks for {min(others)[:80]}")
    return {
        "usable s": usable_ms / 1000,
        "threshold ms": statistics.median(limits),
        "zoom ms": statistics.median(zooms),
        "renderer MB": _renderer_bytes(browser) / 1e6,
    }


def _open(browser: Any, file: Path, page: Page) -> tuple[Any, list[str]]:
    """Open a page and return its tab, and the list of addresses that it asks for."""
    context = browser.new_context(viewport=WINDOW)
    context.set_offline(True)
    tab = context.new_page()
    tab.set_default_timeout(TIMEOUT_MS)
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.add_init_script(TIMING.replace("READY", page.ready))
    tab.goto(file.as_uri())
    return tab, asked


def _renderer_bytes(browser: Any) -> int:
    import psutil

    processes = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    return max(psutil.Process(process["id"]).memory_info().rss for process in processes if process["type"] == "renderer")
