"""Make the demo county anew and pack it for the wheel: `python -m county` in `tools/`, with the project's environment."""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path

from .county import make_county

TARGET = Path(__file__).parents[2] / "studies" / "demo" / "data" / "county.zip"
SAME_DAY = (2025, 1, 1, 0, 0, 0)  # else no two days give the same bytes


def pack(folder: Path, target: Path) -> None:
    """Pack all files of a folder."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for file in sorted(folder.iterdir()):
            packed.writestr(zipfile.ZipInfo(file.name, SAME_DAY), file.read_bytes(), zipfile.ZIP_DEFLATED, 9)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        make_county(Path(folder))
        pack(Path(folder), TARGET)
