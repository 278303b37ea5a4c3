"""The page: one file that needs no network, whatever builds it."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from importlib import resources
from types import SimpleNamespace
from typing import Any

from branca.element import Element, Figure, MacroElement

from ..geo.errors import LifecircleError
from .fonts import face

_SCRIPT_LINK = re.compile(r'<script src="([^"]+)"></script>')
_STYLE_LINK = re.compile(r'<link rel="stylesheet" href="([^"]+)"\s*/?>')
_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_ADDRESSES = frozenset({  # attributes that a browser may fetch from, or send to
    "src", "srcset", "href", "xlink:href", "action", "formaction", "data", "poster", "background", "ping", "manifest", "archive",
    "codebase", "classid", "imagesrcset", "longdesc", "profile", "cite",
})  # fmt: skip
_HARMLESS = re.compile(r"\s*(?:#|data:|$)", re.IGNORECASE)
_STYLE_ADDRESS = re.compile(r"""@import|url\(\s*["']?(?!data:|#)[^)]*\)""", re.IGNORECASE)
_PICTURES = re.compile(r"url\(images/[^)]*\)")  # Leaflet's own markers and layer button, which our pages do not use
_SOURCE_MAP = re.compile(r"\n?//# sourceMappingURL=\S*")
_PLACES = ("header", "html", "script")  # of a page, and the macros of a part that fill them
_NOTHING = SimpleNamespace(module=SimpleNamespace())  # a template without macros
_VIEWPORT = re.compile(r'<meta name="viewport"[^>]*>')


class Page(Figure):
    """A folium figure whose links are replaced by what they link to, so that saving or showing it needs no network.

    Parameters
    ----------
    characters : str
        What its scripts may write and its HTML does not show, for the font that the page carries along.
    **options
        Those of `branca.element.Figure`.
    """

    def __init__(self, *, characters: str = "", **options: Any) -> None:
        super().__init__(**options)
        self._characters = characters

    def render(self, **kwargs: Any) -> str:
        """Return the page as one HTML text.

        Raises
        ------
        LifecircleError
            If anything in the page would still be fetched.
        """
        html = super().render(**kwargs)
        sheet = face(html + self._characters)
        return seal(inline(html.replace("</head>", f"<style>{sheet}</style>\n</head>", 1)))


class Verbatim(MacroElement):
    """A part of a page that stands there as its template made it.

    branca makes a template of whatever a template made, and renders that as well: a name from a file, such as
    `{{ 6 * 7 }}`, would be run here, on the machine that writes the page. Parts that hold names must be of this class.
    """

    def render(self, **kwargs: Any) -> Any:
        """Put what the template's macros make into the page, and then the children."""
        page, macros = self.get_root(), type(self)._template.module
        for place in (place for place in _PLACES if hasattr(macros, place)):
            getattr(page, place).add_child(_Made(getattr(macros, place), self), name=self.get_name())
        self._template = _NOTHING
        return super().render(**kwargs)  # type: ignore[no-untyped-call]


class _Made(Element):
    """What a macro makes of a part: made when the page is written, when the part is ready."""

    def __init__(self, macro: Any, part: Verbatim) -> None:
        super().__init__()
        self._macro, self._part = macro, part

    def render(self, **kwargs: Any) -> str:
        return str(self._macro(self._part, kwargs))


def inline(html: str) -> str:
    """Replace every link to a file of `runtime/` by the file."""
    html = _SCRIPT_LINK.sub(lambda link: f"<script>{_script(link[1])}</script>", html)
    return _STYLE_LINK.sub(lambda link: f"<style>{_style(link[1])}</style>", html)


def seal(html: str) -> str:
    """Refuse a page that would fetch anything, and tell the browser to refuse as well.

    Scripts run only if their hash is listed in the page's policy: whatever is written into the page later never becomes one.
    """
    refuse_addresses(html)
    hashes = " ".join(sorted({_hash(script) for script in _SCRIPT.findall(html)}))
    policy = (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data: blob:; font-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    html = _VIEWPORT.sub('<meta name="viewport" content="width=device-width, initial-scale=1">', html)
    return html.replace("<head>", f'<head>\n<meta http-equiv="Content-Security-Policy" content="{policy}">', 1)


def refuse_addresses(html: str) -> None:
    """Raise if a tag or a style sheet of the page holds an address that a browser would fetch.

    Only what stands inside tags counts: a name such as `data = census 2020` is text and fetches nothing.

    Raises
    ------
    LifecircleError
    """
    tags = _Tags()
    tags.feed(html)
    tags.close()
    if tags.fetched:
        raise LifecircleError(
            "the page would fetch {fetched!r}: put the file under maps/runtime and inline it", fetched=tags.fetched[0][:80]
        )


class _Tags(HTMLParser):
    """Collects what a browser would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self._in_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_style = tag == "style"
        self.fetched += _fetched(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        self._in_style = False

    def handle_data(self, data: str) -> None:
        if self._in_style:
            self.fetched += _STYLE_ADDRESS.findall(data)


def _fetched(tag: str, attrs: list[tuple[str, str | None]]) -> Iterator[str]:
    """Yield what one tag would make a browser fetch."""
    for name, value in attrs:
        text = value or ""
        refreshes = tag == "meta" and name == "http-equiv" and text.strip().lower() == "refresh"
        if refreshes or (name in _ADDRESSES and not _HARMLESS.match(text)):
            yield f"{name}={text}"
        elif name == "style":
            yield from _STYLE_ADDRESS.findall(text)


def _hash(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode('utf-8')).digest()).decode('ascii')}'"


def _script(name: str) -> str:
    return _SOURCE_MAP.sub("", _runtime(name)).strip()


def _style(name: str) -> str:
    return _PICTURES.sub("none", _runtime(name)).strip()


def _runtime(name: str) -> str:
    file = resources.files(__package__).joinpath("runtime", *name.split("/"))
    if not file.is_file():
        raise LifecircleError("the page links to {name!r}, which is not a file of maps/runtime", name=name)
    return file.read_text(encoding="utf-8").replace("\r\n", "\n")
