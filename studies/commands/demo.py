"""`lifecircle demo`: two bundled studies, from their files to a map."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ..coverage.run import run
from ..coverage.summary import print_summary
from ..demo.county import write_county
from ..demo.helsinki import write_helsinki
from ..folder.draft import kept_folder
from ..speech.terminal import show
from .options import Lang, say_in

STUDIES = (("helsinki", write_helsinki), ("county", write_county))


def command(
    out: Annotated[Path, typer.Option(help="Folder for both studies and their results · 输出文件夹")] = Path("lifecircle-demo"),
    lang: Lang = None,
) -> None:
    """Try lifecircle on a real city centre and a generated Zhejiang-like county · 试用示例"""
    say, progress, console = say_in(lang), Console(stderr=True), Console()
    answers = []
    for name, write in STUDIES:
        show(progress, say(f"demo.{name}"), style="bold")
        with kept_folder(out / name, "demo", say) as draft:
            with draft.writing("study.yaml") as study:
                write(study.parent)
            draft.swap_in()
        answers.append((name, run(out / name / "study.yaml", out=out / name / "out", lang=say.language)))
    for name, finished in answers:
        console.print()
        show(console, say(f"demo.{name}"), style="bold underline")
        print_summary(finished, console, say)
