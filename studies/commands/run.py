"""`lifecircle run`: answer a study."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ..messages import default_language, speaker
from ..run import run
from ..summary import summary_lines
from .options import Lang


def command(
    study: Annotated[Path, typer.Argument(metavar="STUDY.yaml", help="The study file.")],
    out: Annotated[Path | None, typer.Option(help="Folder for the results (default: the study's `out`).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the rows for everyone of the scorecard as JSON.")] = False,
    lang: Lang = None,
) -> None:
    """Answer every goal of a study: map, report, scorecard and GIS files · 运行一项研究"""
    language = lang.value if lang else default_language()
    finished = run(study, out=out, lang=language)
    if as_json:
        everyone = finished.results.scorecard.query("level == 'all'")
        print(json.dumps(json.loads(everyone.to_json(orient="records")), ensure_ascii=False))
        return
    console = Console()
    for line in summary_lines(finished, speaker(language)):
        console.print(line, highlight=False, markup=False, soft_wrap=True)
