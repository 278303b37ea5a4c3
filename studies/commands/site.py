"""`lifecircle site`: where the next facilities help most, over a study or over tables of another program."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer
from rich.console import Console

from ...analyses.siting.plan import Plan
from ...layers.source import Source
from ...maps.percent import percent
from ..siting.answers import as_json, sentences
from ..siting.question import Means
from ..siting.request import TARGET_SHARE, is_file
from ..siting.site import Sited, site
from ..siting.summary import print_found, print_sited
from ..siting.tables import TablePlan, site_tables
from ..speech.messages import Say
from ..speech.terminal import show
from .options import AsJson, Lang, say_in
from .placing import Placing, with_placing
from .siting_options import (
    Candidates,
    Costs,
    Demand,
    PlanFolder,
    Problem,
    Service,
    SitingProblem,
    Study,
    TimeLimit,
    with_numbers,
    with_question,
)  # fmt: skip


@with_numbers
@with_question
@with_placing("the files of --candidates · 候选点文件的读法")
def command(
    *,
    study: Study = None,
    service: Service = None,
    problem: Problem = SitingProblem.mclp,
    numbers: dict[str, Any],
    costs: Costs = None,
    demand: Demand = None,
    candidates: Candidates = None,
    of_study: dict[str, Any],
    out: PlanFolder = None,
    time_limit: TimeLimit = 60.0,
    as_json_: AsJson = False,
    lang: Lang = None,
    placing: Placing,
) -> None:
    """Find where the next facilities help most · 设施选址"""
    say, asked = say_in(lang), {"problem": problem.value, **numbers}
    sources = [placing.source(Path(one)) if is_file(one) else one for one in candidates or []]
    if placing and not any(isinstance(source, Source) for source in sources):
        raise typer.BadParameter(say("site.no_candidate_file"))
    if study is None:
        if costs is None or demand is None:
            raise typer.BadParameter(say("site.needs_tables"))
        _check_tables(asked, files=len(sources), own={"service": service, "out": out, **of_study}, say=say)
        files = {"demand": demand, "candidates": placing.source(Path(candidates[0])) if candidates else None}
        _print_tables(_plan_tables(costs, files, asked, time_limit, say), say, as_json_=as_json_)
        return
    if costs is not None or demand is not None:
        raise typer.BadParameter(say("site.study_or_tables"))
    if service is None:
        raise typer.BadParameter(say("site.needs_service"))
    question: dict[str, Any] = {**asked, "candidates": sources, **of_study, "time_limit_seconds": time_limit, "out": out}
    _print_sited(_site(study, service, question, say), say, as_json_=as_json_)


def _site(study: Path, service: str, question: dict[str, Any], say: Say) -> Sited:
    console = Console(stderr=True)
    return site(study, service=service, **question, lang=say.language, on_plan=lambda plan: print_found(plan, console, say))


def _print_sited(planned: Sited, say: Say, *, as_json_: bool) -> None:
    if as_json_:
        print(json.dumps(planned.record, ensure_ascii=False, default=str))
    else:
        print_sited(planned, Console(), say)


def _check_tables(asked: Mapping[str, Any], *, files: int, own: Mapping[str, object], say: Say) -> None:
    """Without a study nothing may be asked that only a study knows."""
    if any(own.values()):
        raise typer.BadParameter(say("site.only_study"))
    if asked["problem"] == TARGET_SHARE and "target" not in asked:
        raise typer.BadParameter(say("site.needs_target"))
    if files > 1:
        raise typer.BadParameter(say("site.one_file"))


def _plan_tables(costs: Path, files: Mapping[str, Any], asked: Mapping[str, Any], time_limit: float, say: Say) -> TablePlan:
    """Find a plan over tables, whose limit is in the unit of their costs."""
    means, console = {name: asked[name] for name in Means.__annotations__ if name in asked}, Console(stderr=True)
    return site_tables(
        costs,
        **files,
        problem="lscp" if asked["problem"] == TARGET_SHARE else asked["problem"],
        limit=asked.get("minutes"),
        target_share=asked.get("target"),
        time_limit_seconds=time_limit,
        on_plan=lambda plan: _tell(plan, console, say),
        **means,
    )


def _tell(plan: Plan, console: Console, say: Say) -> None:
    show(console, say("site.better", sites=len(plan.sites), objective=plan.objective, seconds=plan.seconds), style="cyan")


def _print_tables(found: TablePlan, say: Say, *, as_json_: bool) -> None:
    """Print a plan over foreign tables; without one, say why and end with 1."""
    for sentence in sentences(found, say):
        show(Console(stderr=True), sentence, style="yellow")
    answer = as_json(found)
    if as_json_:
        print(json.dumps(answer, ensure_ascii=False))
    elif answer["objective"] is not None:
        _print_answer(answer, found.problem.target_share, say)
    if answer["objective"] is None:
        raise typer.Exit(1)


def _print_answer(answer: dict[str, Any], target: float | None, say: Say) -> None:
    console, sites = Console(), len(answer["sites"])
    show(console, say("site.tables_done", problem=answer["problem"], objective=answer["objective"], sites=sites))
    show(console, _proof(answer["gap"], say), indent=2)
    for step in answer["order"]:
        show(console, f"{step['site']}  {step['people_gained']:,.0f}  {percent(step['share'], target)}", indent=2)


def _proof(gap: float | None, say: Say) -> str:
    if gap is None:
        return say("site.proof.none")
    return say("site.proof.gap", gap=percent(gap, most=0.0, digits=2)) if gap else say("site.proof.optimal")
