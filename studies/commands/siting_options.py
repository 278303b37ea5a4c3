"""The options of `lifecircle site`, by who takes them: any siting problem, or only one over a study."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from .gathered import gathered, option
from .options import Mode


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


Study = Annotated[
    Path | None, typer.Argument(metavar="[STUDY.yaml]", help="The study file, or give --costs and --demand · 研究文件")
]
Service = Annotated[str | None, typer.Option(help="Service of the study to be sited · 服务")]
Problem = Annotated[SitingProblem, typer.Option(help="What is to be made best · 选址问题")]
Costs = Annotated[Path | None, typer.Option(help="Without a study: CSV or Parquet with demand, candidate, cost · 成本表")]
Demand = Annotated[Path | None, typer.Option(help="Without a study: id, people · 需求表")]
Candidates = Annotated[
    list[str] | None,
    typer.Option(
        help="demand, demand:500 (thinned to 500 m), streets:500, or a file of points or polygons; may be repeated. "
        "With --costs: a file with id, cost, capacity, status · 候选点"
    ),
]
PlanFolder = Annotated[
    Path | None, typer.Option(help="Folder for the plan (default: siting-SERVICE-PROBLEM in the study's `out`) · 结果文件夹")
]
TimeLimit = Annotated[float, typer.Option(min=1, help="Seconds to search and prove · 求解时限（秒）")]

# With `minutes` and `target` beside them, the keys of `siting.question.Means`.
_NUMBERS: Final = (
    option("p", Annotated[int | None, typer.Option("--p", min=0, help="New sites · 新增设施数")]),
    option("budget", Annotated[float | None, typer.Option(min=0, help="Money, in the unit of the candidates' cost · 预算")]),
    option(
        "minutes",
        Annotated[
            float | None,
            typer.Option("--limit", "--minutes", min=0, help="Inclusive limit, in minutes (or the costs' unit) · 时限"),
        ],
    ),
    option(
        "target",
        Annotated[
            float | None,
            typer.Option("--target-share", "--target", min=0, max=1, help="Share of people to cover, 0.95 for 95 % · 目标覆盖率"),
        ],
    ),
    option(
        "unserved_minutes",
        Annotated[
            float | None, typer.Option(min=0, help="p-median: what a person without a site counts for · 无设施者按多少分钟计")
        ],
    ),
)
# Further keys of `siting.question.Question`.
_OF_STUDY: Final = (
    option(
        "goal",
        Annotated[
            str | None,
            typer.Option(help="Goal that gives limit, mode and people (default: the first about the service) · 目标"),
        ],
    ),
    option(
        "modes",
        Annotated[
            list[Mode] | None,
            typer.Option("--mode", help="Instead of the goal's; if repeated, the faster counts · 出行方式（取较快者）"),
        ],
    ),
    option("cost", Annotated[str | None, typer.Option(help="Of each candidate: a number, or a column of the file · 候选点造价")]),
    option("capacity", Annotated[str | None, typer.Option(help="Likewise, in people · 候选点容量（人）")]),
    option(
        "existing_capacity",
        Annotated[float | None, typer.Option(min=0, help="Of facilities that state none · 未注明容量的现有设施按此计")],
    ),
    option("forbid", Annotated[list[str] | None, typer.Option(help="Candidate that may not be used · 禁用的候选点")]),
    option("close", Annotated[list[str] | None, typer.Option(help="Facility that closes · 将关闭的设施")]),
    option("may_close", Annotated[list[str] | None, typer.Option(help="Facility that a plan may close · 可以关闭的设施")]),
    option(
        "min_share",
        Annotated[str | None, typer.Option(help="Equity floor: level=share, such as township=0.5 · 各分区最低覆盖率")],
    ),
    option(
        "weights",
        Annotated[
            list[str] | None, typer.Option("--weight", help="group=weight: children=2 counts every child twice · 人群权重")
        ],
    ),
    option(
        "cut_off_minutes",
        Annotated[
            float | None, typer.Option("--cut-off", min=0, help="p-median, p-center: longest trip in minutes · 最长出行时间")
        ],
    ),
)


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, [])}


NUMBERS: Final = tuple(described.name for described in _NUMBERS)
OF_STUDY: Final = tuple(described.name for described in _OF_STUDY)
with_numbers = gathered("numbers", {described.name: described for described in _NUMBERS}, _given)
"""Gives a command what every siting problem may be asked with; it gets those that are given as `numbers`."""

with_question = gathered("of_study", {described.name: described for described in _OF_STUDY}, _given)
"""Gives a command what only a study can be asked; it gets those that are given as `of_study`."""
