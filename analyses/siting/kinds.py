"""The siting problems and what sets each apart: one row per problem, which everything else asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

Problem = Literal[
    "mclp",
    "lscp",
    "p-median",
    "p-center",
    "capacitated-mclp",
    "capacitated-p-median",
    "budgeted-mclp",
    "backup-coverage",
]
PROBLEMS: Final[tuple[Problem, ...]] = get_args(Problem)
Objective = Literal[
    "people",  # within the limit; large is good
    "spending",  # sites or money; small is good, as below
    "person-minutes",
    "longest",  # minutes of whoever has farthest to go
]


@dataclass(frozen=True, kw_only=True)
class Traits:
    """What sets one siting problem apart.

    Attributes
    ----------
    objective : Objective
        What is made large or small.
    needs : tuple of str
        Arguments of `SitingProblem` without which it cannot be asked.
    takes : tuple of str
        Arguments of OWN_ARGUMENTS that it uses, but not needs.
    takes_floors : bool
        Whether shares per zone may be demanded.
    counts_money : bool
        Whether `candidate_costs`, where given, are what sites take of the budget; else each takes one.
    levels : int
        How many of the sites near a person count.
    """

    objective: Objective
    needs: tuple[str, ...]
    takes: tuple[str, ...] = ()
    takes_floors: bool = True
    counts_money: bool = False
    levels: int = 1

    @property
    def larger_is_better(self) -> bool:
        """Whether of two plans the one with the larger objective is better."""
        return self.objective == "people"

    @property
    def serves_everyone(self) -> bool:
        """Whether people want a site wherever it is, and the way to it counts."""
        return self.objective in ("person-minutes", "longest")

    @property
    def is_covering(self) -> bool:
        """Whether only the limit counts, not how far below it somebody is."""
        return not self.serves_everyone

    @property
    def has_capacities(self) -> bool:
        """Whether sites serve no more people than fit."""
        return "capacities" in self.needs


# Arguments that are refused where they would be idle.
OWN_ARGUMENTS: Final = ("p", "budget", "target_share", "unserved_minutes", "capacities")

TRAITS: Final[Mapping[Problem, Traits]] = {
    "mclp": Traits(objective="people", needs=("p", "limit")),
    "lscp": Traits(objective="spending", needs=("limit",), takes=("target_share",), counts_money=True),
    "p-median": Traits(objective="person-minutes", needs=("p",), takes=("unserved_minutes",)),
    "p-center": Traits(objective="longest", needs=("p",), takes_floors=False),
    "capacitated-mclp": Traits(objective="people", needs=("p", "limit", "capacities"), takes_floors=False),
    "capacitated-p-median": Traits(
        objective="person-minutes", needs=("p", "capacities"), takes=("unserved_minutes",), takes_floors=False
    ),
    "budgeted-mclp": Traits(objective="people", needs=("limit", "budget", "candidate_costs"), counts_money=True),
    "backup-coverage": Traits(objective="people", needs=("p", "limit"), levels=2),
}
