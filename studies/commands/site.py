"""`lifecircle site`: where the next facilities help most, over a study or over tables of another program."""

from __future__ import annotations

import json
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from ...analyses.siting.plan import Plan
from ...maps.percent import percent
from ..siting.answers import as_json, sentences
from ..siting.request import is_file
from ..siting.site import site
from ..siting.summary import print_found, print_sited
from ..siting.tables import TablePlan, site_tables
from ..speech.messages import Say
from ..speech.terminal import show
from .options import Lang, Mode, say_in
from .placing import Placing, with_placing


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


@with_placing("the files of --candidates · 候选点文件的读法")
def command(
    *,
    study: Annotated[
        Path | None,
        typer.Argument(metavar="[STUDY.yaml]", help="The study file, or give --costs and --demand · 研究文件"),
    ] = None,
    service: Annotated[str | None, typer.Option(help="Service of the study to be sited · 服务")] = None,
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
        typer.Option(
            help="demand, demand:500 (thinned to 500 m), streets:500, or a file of points or polygons; may be repeated. "
            "With --costs: a file with id, cost, capacity, status · 候选点"
        ),
    ] = None,
    goal: Annotated[
        str | None, typer.Option(help="Goal that gives limit, mode and people (default: the first about the service) · 目标")
    ] = None,
    mode: Annotated[
        list[Mode] | None,
        typer.Option(help="Instead of the goal's; if repeated, the faster counts · 出行方式（取较快者）"),
    ] = None,
    cost: Annotated[str | None, typer.Option(help="Of each candidate: a number, or a column of the file · 候选点造价")] = None,
    capacity: Annotated[str | None, typer.Option(help="Likewise, in people · 候选点容量（人）")] = None,
    existing_capacity: Annotated[
        float | None, typer.Option(min=0, help="Of facilities that state none · 未注明容量的现有设施按此计")
    ] = None,
    forbid: Annotated[list[str] | None, typer.Option(help="Candidate that may not be used · 禁用的候选点")] = None,
    close: Annotated[list[str] | None, typer.Option(help="Facility that closes · 将关闭的设施")] = None,
    may_close: Annotated[list[str] | None, typer.Option(help="Facility that a plan may close · 可以关闭的设施")] = None,
    min_share: Annotated[
        str | None, typer.Option(help="Equity floor: level=share, such as township=0.5 · 各分区最低覆盖率")
    ] = None,
    weight: Annotated[list[str] | None, typer.Option(help="group=weight: children=2 counts every child twice · 人群权重")] = None,
    cut_off: Annotated[
        float | None, typer.Option(min=0, help="p-median, p-center: longest trip in minutes · 最长出行时间")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the plan (default: siting-SERVICE-PROBLEM in the study's `out`) · 结果文件夹")
    ] = None,
    time_limit: Annotated[float, typer.Option(min=1, help="Seconds to search and prove · 求解时限（秒）")] = 60.0,
    as_json_: Annotated[bool, typer.Option("--json", help="Print as JSON · 以 JSON 输出")] = False,
    lang: Lang = None,
    placing: Placing,
) -> None:
    """Find where the next facilities help most · 设施选址"""
    say, console = say_in(lang), Console(stderr=True)
    if placing and not any(is_file(one) for one in candidates or []):
        raise typer.BadParameter(say("site.no_candidate_file"))
    if study is None:
        if costs is None or demand is None:
            raise typer.BadParameter(say("site.needs_tables"))
        is_share = problem is SitingProblem.target_share
        own = (service, goal, mode, cost, capacity, existing_capacity, forbid, close, may_close, min_share, weight, cut_off, out)
        _check_tables(say, no_target=is_share and target is None, files=len(candidates or []), own=own)
        found = site_tables(
            costs,
            demand=demand,
            problem="lscp" if is_share else problem.value,
            p=p,
            budget=budget,
            limit=limit,
            target_share=target,
            candidates=placing.source(Path(candidates[0])) if candidates else None,
            unserved_minutes=unserved_minutes,
            time_limit_seconds=time_limit,
            on_plan=lambda plan: _tell(plan, console, say),
        )
        _print_tables(found, console, say, as_json_=as_json_)
        return
    if costs is not None or demand is not None:
        raise typer.BadParameter(say("site.study_or_tables"))
    if service is None:
        raise typer.BadParameter(say("site.needs_service"))
    planned = site(
        study,
        service=service,
        problem=problem.value,
        p=p,
        budget=budget,
        target=target,
        goal=goal,
        modes=[one.value for one in mode or []],
        minutes=limit,
        candidates=[placing.source(Path(one)) if is_file(one) else one for one in candidates or []],
        cost=cost,
        capacity=capacity,
        existing_capacity=existing_capacity,
        forbid=forbid or [],
        close=close or [],
        may_close=may_close or [],
        min_share=min_share,
        weights=weight or [],
        unserved_minutes=unserved_minutes,
        cut_off_minutes=cut_off,
        time_limit_seconds=time_limit,
        out=out,
        lang=say.language,
        on_plan=lambda plan: print_found(plan, console, say),
    )
    if as_json_:
        print(json.dumps(planned.record, ensure_ascii=False, default=str))
        return
    print_sited(planned, Console(), say)


def _check_tables(say: Say, *, no_target: bool, files: int, own: tuple[object, ...]) -> None:
    """Without a study nothing may be asked that only a study knows."""
    if any(option for option in own):
        raise typer.BadParameter(say("site.only_study"))
    if no_target:
        raise typer.BadParameter(say("site.needs_target"))
    if files > 1:
        raise typer.BadParameter(say("site.one_file"))


def _tell(plan: Plan, console: Console, say: Say) -> None:
    show(console, say("site.better", sites=len(plan.sites), objective=plan.objective, seconds=plan.seconds), style="cyan")


def _print_tables(found: TablePlan, console: Console, say: Say, *, as_json_: bool) -> None:
    """Print a plan over foreign tables; without one, say why and end with 1."""
    for sentence in sentences(found, say):
        show(console, sentence, style="yellow")
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
