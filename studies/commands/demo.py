"""`lifecircle demo`: two bundled studies, from their files to a map."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ..demo.county import write_county
from ..demo.helsinki import write_helsinki
from ..messages import default_language, speaker
from ..run import run
from ..summary import summary_lines
from .options import Lang


def command(
    out: Annotated[Path, typer.Option(help="Folder for the two studies and their results.")] = Path("lifecircle-demo"),
    lang: Lang = None,
) -> None:
    """Try lifecircle on a real city centre and a generated Zhejiang-like county · 试用示例"""
    language = lang.value if lang else default_language()
    say, console = speaker(language), Console()
    answers = []
    for name, write in (("helsinki", write_helsinki), ("county", write_county)):
        Console(stderr=True).rule(say(f"demo.{name}"), style="dim")
        study = write(out / name)
        answers.append((name, run(study, out=out / name / "out", lang=language)))
    for name, finished in answers:
        console.print(f"\n{say(f'demo.{name}')}", style="bold", highlight=False)
        for line in summary_lines(finished, say):
            console.print(line, highlight=False, markup=False, soft_wrap=True)
