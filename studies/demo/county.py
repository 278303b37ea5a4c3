"""清澜县: a fictional county on the coast of Zhejiang, in the files a planner brings; `tools/county` makes them."""

from __future__ import annotations

import shutil
import zipfile
from importlib import resources
from pathlib import Path

FILES = "county.zip"
TEXTS = (("county-notice.txt", "NOTICE"), ("county-study.yaml", "study.yaml"))


def write_county(folder: Path) -> Path:
    """Write the generated county: streets, elevation, people, zones, health list, notice and `study.yaml`.

    Parameters
    ----------
    folder : Path
        Where to write; made if missing.

    Returns
    -------
    Path
        The study file.
    """
    folder.mkdir(parents=True, exist_ok=True)
    data = resources.files(__package__).joinpath("data")
    with resources.as_file(data.joinpath(FILES)) as file, zipfile.ZipFile(file) as packed:
        packed.extractall(folder)
    for source, target in TEXTS:
        with resources.as_file(data.joinpath(source)) as path:
            shutil.copyfile(path, folder / target)
    return folder / "study.yaml"
