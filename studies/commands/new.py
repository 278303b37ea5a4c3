"""`lifecircle new`: a commented study file to start from."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ...geo.errors import StudyError
from ..folder.draft import draft_file
from ..speech.messages import Say, speaker
from ..speech.terminal import show
from .options import Lang, say_in


def new(path: str | Path, *, say: Say | None = None) -> Path:
    """Write a commented study file.

    Parameters
    ----------
    path : path
        The file to write, or a folder, which gets a `study.yaml`.
    say : Say, optional
        Language of the error; default English.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    StudyError
        If the file exists: nothing is overwritten.
    """
    say = say or speaker("en")
    target = Path(path) / "study.yaml" if Path(path).is_dir() else Path(path)
    if target.exists():
        raise StudyError(say("new.exists", file=target))
    template = resources.files("lifecircle.studies").joinpath("templates/study.yaml").read_text(encoding="utf-8")
    with draft_file(target, "new", say) as draft:
        with draft.writing(draft.name) as file:
            file.write_text(template, encoding="utf-8")
        draft.swap_in()
    return target


def command(
    path: Annotated[Path, typer.Argument(metavar="STUDY.yaml", help="Where to write it · 写到哪里")] = Path("study.yaml"),
    lang: Lang = None,
) -> None:
    """Write a commented study file to fill in · 新建研究文件"""
    say = say_in(lang)
    written = new(path, say=say)
    typer.echo(f"{written}")
    show(Console(stderr=True), say("new.next", file=written))
