"""`lifecircle site`: where the next facilities help most, over a study or over tables of another program."""

from __future__ import annotations

import json
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ...analyses.siting.plan import Plan
from ..messages import Say
from ..siting_answers import as_json, sentences
from ..siting_tables import TablePlan, site_tables
from ..terminal import show
from .options import Lang, say_in


class SitingProblem(str, Enum):
    """Siting problems, with the literature's names; target-share is lscp for the goal's target."""

    mclp = "mclp"
    lscp = "lscp"
    p_median = "p-median"
    p_center = "p-center"
    capacitated_mclp = "capacitated-mclp"
    capacitated_p_median = "capacitated-p-median"
    budgeted_mclp = "budgeted-mclp"
    backup_coverage = "backup-coverage"
    target_share = "target-share"


def command(
    problem: Annotated[SitingProblem, typer.Option(help="What is to be made best · 选址问题")] = SitingProblem.mclp,
    p: Annotated[int | None, typer.Option("--p", min=0, help="New sites · 新增设施数")] = None,
    budget: Annotated[float | None, typer.Option(min=0, help="Money, in the unit of the candidates' cost · 预算")] = None,
    limit: Annotated[
        float | None, typer.Option("--limit", "--minutes", min=0, help="Inclusive limit, in minutes (or the costs' unit) · 时限")
    ] = None,
    target: Annotated[
        float | None,
        typer.Option("--target-share", "--target", min=0, max=1, help="Share of people to cover, 0.95 for 95 % · 目标覆盖率"),
    ] = None,
    unserved_minutes: Annotated[
        float | None, typer.Option(min=0, help="p-median: what a person without a site counts for · 无设施者按多少分钟计")
    ] = None,
    costs: Annotated[
        Path | None, typer.Option(help="Without a study: CSV or Parquet with demand, candidate, cost · 成本表")
    ] = None,
    demand: Annotated[Path | None, typer.Option(help="Without a study: id, people · 需求表")] = None,
    candidates: Annotated[
        list[str] | None,
        typer.Option(help="File of candidates (with --costs: id, cost, capacity, status) · 候选点"),
    ] = None,
    time_limit: Annotated[float, typer.Option(min=1, help="Seconds to search and prove · 求解时限（秒）")] = 60.0,
    as_json_: Annotated[bool, typer.Option("--json", help="Print as JSON · 以 JSON 输出")] = False,
    lang: Lang = None,
) -> None:
    """Find where the next facilities help most · 设施选址"""
    say, console = say_in(lang), Console(stderr=True)
    if costs is None or demand is None:
        raise typer.BadParameter(say("site.needs_tables"))
    is_share = problem is SitingProblem.target_share
    if is_share and target is None:
        raise typer.BadParameter(say("site.needs_target"))
    if candidates and len(candidates) > 1:
        raise typer.BadParameter(say("site.one_file"))
    found = site_tables(
        costs,
        demand=demand,
        problem="lscp" if is_share else problem.value,
        p=p,
        budget=budget,
        limit=limit,
        target_share=target,
        candidates=candidates[0] if candidates else None,
        unserved_minutes=unserved_minutes,
        time_limit_seconds=time_limit,
        on_plan=lambda plan: _tell(plan, console, say),
    )
    _print_tables(found, console, say, as_json_=as_json_)


def _tell(plan: Plan, console: Console, say: Say) -> None:
    show(console, say("site.better", sites=len(plan.sites), objective=plan.objective, seconds=plan.seconds), style="cyan")


def _print_tables(found: TablePlan, console: Console, say: Say, *, as_json_: bool) -> None:
    """Print a plan over foreign tables; without one, say why and end with 1."""
    for sentence in sentences(found, say):
        show(console, sentence, style="yellow")
    answer = as_json(found)
    if as_json_:
        print(json.dumps(answer, ensure_ascii=False))
    elif len(found.plan.sites):
        show(
            Console(),
            say("site.tables_done", problem=answer["problem"], objective=found.plan.objective, sites=len(answer["sites"])),
        )
        show(Console(), say("site.proof.none") if answer["gap"] is None else say("site.proof.gap", gap=answer["gap"]), indent=2)
        for row in answer["order"]:
            show(Console(), f"{row['site']}  {row['action']}", indent=2)
    if answer["objective"] is None:
        raise typer.Exit(1)
