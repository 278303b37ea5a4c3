"""`lifecircle new`: a commented study file to start from."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Annotated

import typer

from ...geo.errors import StudyError


def new(path: Path) -> Path:
    """Write a commented study file.

    Raises
    ------
    StudyError
        If the file exists: nothing is overwritten.
    """
    if path.exists():
        raise StudyError(f"{path}: exists already; choose another name or delete it first.")
    template = resources.files("lifecircle.studies").joinpath("templates/study.yaml").read_text(encoding="utf-8")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(template, encoding="utf-8")
    return path


def command(path: Annotated[Path, typer.Argument(metavar="STUDY.yaml", help="Where to write it.")] = Path("study.yaml")) -> None:
    """Write a commented study file to fill in · 新建研究文件"""
    typer.echo(f"{new(path)}")
