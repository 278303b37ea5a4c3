"""`lifecircle run`: answer a study."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ..coverage.run import run
from ..coverage.summary import print_summary
from .options import Lang, Out, say_in


def command(
    study: Annotated[Path, typer.Argument(metavar="STUDY.yaml", help="The study file · 研究文件")],
    out: Out = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the scorecard's rows for everyone as JSON · 以 JSON 输出总计行")
    ] = False,
    lang: Lang = None,
) -> None:
    """Answer every goal of a study: map, report, scorecard and GIS files · 运行一项研究"""
    say = say_in(lang)
    finished = run(study, out=out, lang=say.language)
    if as_json:
        everyone = finished.results.scorecard[finished.results.scorecard["level"] == "all"]
        print(json.dumps(json.loads(everyone.to_json(orient="records")), ensure_ascii=False))
        return
    print_summary(finished, Console(), say)
