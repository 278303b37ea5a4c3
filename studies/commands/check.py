"""`lifecircle check`: what is odd about a study's data."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ..check.check import check
from ..check.findings import Finding
from ..speech.messages import Say
from ..speech.terminal import show
from .options import Lang, say_in

COLOURS = {"error": "red", "warning": "yellow", "note": "cyan"}


def command(
    study: Annotated[Path, typer.Argument(metavar="STUDY.yaml", help="The study file · 研究文件")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON · 以 JSON 输出")] = False,
    lang: Lang = None,
) -> None:
    """Look at a study's data before running it: what is missing, shifted or does not fit · 检查研究数据

    Ends with 1 where the study cannot be answered; with --json with 0 all the same, because the findings say it.
    """
    say = say_in(lang)
    with Console(stderr=True).status(f"{say('progress.check')} ..."):
        findings = check(study, lang=say.language)
    if as_json:
        print(json.dumps({"study": str(study), "findings": [asdict(finding) for finding in findings]}, ensure_ascii=False))
        return
    _print_all(findings, study, say)
    if any(finding.severity == "error" for finding in findings):
        raise typer.Exit(1)  # as `run` will end


def _print_all(findings: Sequence[Finding], study: Path, say: Say) -> None:
    console = Console()
    for finding in findings:
        _print(finding, console, say)
    if not findings:
        show(console, say("check.none", study=study))


def _print(finding: Finding, console: Console, say: Say) -> None:
    """Print where and how bad, then what was found, then what to do."""
    show(console, f"{say(f'check.{finding.severity}')} · {finding.layer}", style=f"bold {COLOURS[finding.severity]}")
    show(console, finding.message, indent=2)
    show(console, f"→ {finding.proposal}", style="dim", indent=2)
