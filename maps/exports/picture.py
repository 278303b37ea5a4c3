"""Pictures: PNG and SVG that carry their sources in the file as well as on the paper."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from matplotlib.figure import Figure

from ..fonts import picture_style, with_face
from .about import joined_sources

DOTS_PER_INCH: Final = 170


def picture_bytes(figure: Figure, kind: str, *, sources: Sequence[str] = (), dots_per_inch: float = DOTS_PER_INCH) -> bytes:
    """Return a picture as the bytes of a "png" or "svg" file, the same bytes for the same picture."""
    target, whose = io.BytesIO(), joined_sources(sources)
    if kind == "svg":
        metadata = {"Date": None, "Rights": whose or None}
    else:
        metadata = {"Software": "lifecircle", **({"Copyright": whose} if whose else {})}
    with picture_style():
        figure.savefig(target, format=kind, dpi=dots_per_inch, metadata=metadata)
    return target.getvalue() if kind != "svg" else with_face(target.getvalue().decode("utf-8")).encode("utf-8")


def write_picture(content: bytes, path: str | Path) -> None:
    """Write a picture that was drawn."""
    Path(path).write_bytes(content)
