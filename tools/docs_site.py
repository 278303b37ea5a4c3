"""Build the documentation as a site: `./run docs`, or `python tools/docs_site.py` with `requirements-docs.lock` installed.

README, CONTRIBUTING, CHANGELOG and LICENSE stay where readers of the repository look for them, docs/ holds the rest, and the
reference is written from the code. Here they are gathered in build/docs as one tree of pages whose links hold on the site: the
builder needs no plugin of ours. A page that would fetch anything from elsewhere ends the build.
"""

from __future__ import annotations

import os
import posixpath
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import architecture
from reference import pages
from rooms import ROOT

FROM_ROOT = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "LICENSE": "licence.md",
}
GATHERED, SITE = ROOT / "build" / "docs", ROOT / "site"
SETTINGS = Path(__file__).with_name("mkdocs.yml")
REFERENCE = "- API reference: []"
LINK = re.compile(r"\[(?P<text>[^\[\]]*)\]\((?P<file>[^()#\s:]+)(?P<anchor>#[^()\s]*)?\)")
FETCHING = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href"}


def main() -> None:
    """Draw, gather, build, and look at what was built."""
    architecture.TARGET.write_text(architecture.drawing(), encoding="utf-8", newline="\n")
    gather()
    quiet = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-f", str(GATHERED / "mkdocs.yml")]
    if code := subprocess.run(command, env=quiet, check=False).returncode:
        sys.exit(code)
    if found := [f"{file.relative_to(SITE)}: {address}" for file in sorted(SITE.rglob("*.html")) for address in fetched(file)]:
        sys.exit("Pages must open without a network, but these would fetch:\n" + "\n".join(found))
    print(f"Open {SITE / 'index.html'}")


def gather() -> None:
    """Put settings and pages into build/docs, as they stand in the repository but for links."""
    shutil.rmtree(GATHERED, ignore_errors=True)
    shutil.copytree(ROOT / "docs", GATHERED / "pages")
    for name, uri in FROM_ROOT.items():
        text = (ROOT / name).read_text(encoding="utf-8")
        put(uri, text if name.endswith(".md") else f"# Licence\n\n```text\n{text}```\n")
    for file in sorted((ROOT / "docs").rglob("*.md")):
        put(file.relative_to(ROOT / "docs").as_posix(), file.read_text(encoding="utf-8"))
    entries = []
    for uri, name, text in pages():
        put(uri, text)
        entries.append(f'"{name}": {uri}')
    settings = SETTINGS.read_text(encoding="utf-8").replace(REFERENCE, f"- API reference: [{', '.join(entries)}]")
    (GATHERED / "mkdocs.yml").write_text(settings, encoding="utf-8")


def put(uri: str, text: str) -> None:
    """Write one page."""
    page = GATHERED / "pages" / uri
    page.parent.mkdir(exist_ok=True)
    page.write_text(site_links(text, uri), encoding="utf-8")


def site_links(markdown: str, uri: str) -> str:
    """Turn the links of a page, which hold from its file in the repository, into links that hold from where it lies on the site.

    Where a link reads as the name of its file, which helps in the repository only, it reads as the page's title.
    """
    at = {address: name for name, address in FROM_ROOT.items()}.get(uri, f"docs/{uri}")

    def turned(link: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(at), link["file"]))
        address = FROM_ROOT.get(target, target.removeprefix("docs/"))
        if address == target:
            return link[0]
        text = title(target) if link["text"] in {link["file"], target} else link["text"]
        return f"[{text}]({posixpath.relpath(address, posixpath.dirname(uri) or '.')}{link['anchor'] or ''})"

    return LINK.sub(turned, markdown)


def title(name: str) -> str:
    """Return the heading of a file of the repository."""
    first = (ROOT / name).read_text(encoding="utf-8").partition("\n")[0]
    return first.removeprefix("# ")


def fetched(file: Path) -> Iterator[str]:
    """Yield the addresses elsewhere that a page asks for as soon as it is opened."""
    reader = Fetches()
    reader.feed(file.read_text(encoding="utf-8"))
    yield from reader.found


class Fetches(HTMLParser):
    """Collects what a page loads from other machines; links that wait for a click are not among it."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at one element."""
        address = dict(attrs).get(FETCHING.get(tag, "")) or ""
        if re.match(r"(https?:)?//", address):
            self.found.append(address)


if __name__ == "__main__":
    main()
