"""Siting over foreign tables: costs, demand and candidates from files another program wrote, without a study."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Unpack

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...analyses.siting.build_order import build_order
from ...analyses.siting.costs import CostTable, sentinel_in, zero_filled
from ...analyses.siting.kinds import PROBLEMS, TRAITS, Traits
from ...analyses.siting.plan import OnPlan, Plan
from ...analyses.siting.problem import SitingProblem
from ...analyses.siting.solving import solve
from ...geo.errors import InputError, said
from ...layers.columns import MISSING_NUMBERS, column_list, first_column
from ...layers.source import Source, as_source
from ...maps.exports.table import fused
from .files import read_cells
from .question import Means

# Also the columns of `lifecircle matrix`, so that its tables can be taken as they are.
DEMAND: Final = ("demand", "origin", "origin_id", "demand_id")
CANDIDATE: Final = ("candidate", "destination", "destination_id", "candidate_id")
COST: Final = ("cost", "minutes", "travel_time", "time", "distance", "metres")
ID: Final = ("id",)
PEOPLE: Final = ("people", "population", "pop", "weight", "人口")
MONEY: Final = ("cost", "costs")
CAPACITY: Final = ("capacity",)
STATUS: Final = ("status", "role")
ROLES: Final = ("existing", "required", "forbidden", "closable")
YES: Final = ("1", "1.0", "true", "yes", "y", "x", "是")
NO: Final = ("", "0", "0.0", "false", "no", "n", "否")


@dataclass(frozen=True, kw_only=True)
class TablePlan:
    """A plan over foreign tables, with the ids of its rows as they stand in the files."""

    problem: SitingProblem
    plan: Plan
    demand: NDArray[np.object_]
    candidates: NDArray[np.object_]
    order: pd.DataFrame


def site_tables(
    costs: Source | str | Path,
    *,
    demand: Source | str | Path,
    problem: str,
    limit: float | None = None,
    target_share: float | None = None,
    candidates: Source | str | Path | None = None,
    time_limit_seconds: float = 60.0,
    on_plan: OnPlan | None = None,
    **means: Unpack[Means],
) -> TablePlan:
    """Find the best sites over tables of another program.

    Parameters
    ----------
    costs : Source or path
        CSV, XLSX or Parquet with `demand, candidate, cost`; pairs that are absent, or whose cost is blank, have no way.
    demand : Source or path
        `id, people`.
    problem, limit, target_share
        As in `SitingProblem`; the limit is in the unit of the costs.
    candidates : Source or path, optional
        `id`, and as needed `cost`, `capacity`, and `status` (existing, required, forbidden, closable; or columns of these names).
    time_limit_seconds, on_plan
        As in `solving.solve`.
    **means
        As in `question.Means`.

    Raises
    ------
    InputError
        Naming file, row and column of the first thing that cannot be used.
    """
    if problem not in PROBLEMS:
        known = ", ".join(PROBLEMS)
        raise InputError("there is no siting problem {problem!r}; choose one of {problems}.", problem=problem, problems=known)
    read = _read(as_source(costs), as_source(demand), None if candidates is None else as_source(candidates))
    people, own = read.people.to_numpy(np.float64), _of_candidates(read.properties, TRAITS[problem])
    posed = SitingProblem(
        problem=problem, costs=read.costs, people=people, limit=limit, target_share=target_share, **means, **own
    )
    plan = solve(posed, time_limit_seconds=time_limit_seconds, on_plan=on_plan)
    ids = read.people.index.to_numpy(object), read.candidates.to_numpy(object)
    return TablePlan(problem=posed, plan=plan, demand=ids[0], candidates=ids[1], order=build_order(posed, plan))


@dataclass(frozen=True, kw_only=True)
class _Tables:
    """The three files, checked against each other."""

    people: pd.Series
    candidates: pd.Index
    properties: pd.DataFrame | None
    costs: CostTable


def _read(costs: Source, demand: Source, candidates: Source | None) -> _Tables:
    people, pairs = _read_demand(demand), _read_costs(costs)
    properties = None if candidates is None else _read_candidates(candidates)
    names = pd.Index(pairs.candidate.unique()) if properties is None else properties.index
    demand_rows = _rows_of(pairs.demand, people.index, pairs, "demand", demand.file.name)
    candidate_rows = _rows_of(pairs.candidate, names, pairs, "candidate", (candidates or costs).file.name)
    table = _cost_table(pairs, demand_rows, candidate_rows, (people.index, names))
    return _Tables(people=people, candidates=names, properties=properties, costs=table)


@dataclass(frozen=True, kw_only=True)
class _Pairs:
    """Columns of a cost file, and where its rows stand there (1-based)."""

    file: str
    demand: pd.Series
    candidate: pd.Series
    cost: NDArray[np.float64]
    row: NDArray[np.int64]
    names: Mapping[str, str]


def _read_costs(source: Source) -> _Pairs:
    path, cells = source.file, read_cells(source)
    roles = (("demand", DEMAND), ("candidate", CANDIDATE), ("cost", COST))
    names = {role: _column(cells, known, role, path.name) for role, known in roles}
    blank = cells[names["cost"]].isin(MISSING_NUMBERS).to_numpy()
    row = cells.index.to_numpy(np.int64)[~blank]
    kept = cells.loc[~blank]
    cost = _numbers(kept[names["cost"]], row, names["cost"], path.name)
    fault = sentinel_in(cost)
    if fault is not None:
        at, reason = fault
        value = kept[names["cost"]].iloc[at]
        raise InputError(
            "{file}: row {row}, column {column}: {value} {reason}; leave the pair out, or its cost blank, where there is no way.",
            file=path.name,
            row=row[at],
            column=names["cost"],
            value=value,
            reason=said(reason),
        )
    if len(cost) > 1 and not cost.any():
        raise InputError(
            "{file}: column {cost}: every cost is 0, as if nothing were any distance away; give costs.",
            file=path.name,
            cost=names["cost"],
        )
    sides = {side: _ids(kept[names[side]], row, names[side], path.name) for side in ("demand", "candidate")}
    return _Pairs(file=path.name, cost=cost, row=row, names=names, **sides)


def _read_demand(source: Source) -> pd.Series:
    """People by id."""
    path, cells = source.file, read_cells(source)
    key, people = _key(cells, source), _column(cells, PEOPLE, "people", path.name)
    row = cells.index.to_numpy(np.int64)
    ids = _unique_ids(cells[key], row, key, path.name)
    return pd.Series(_amounts(cells[people], row, people, path.name), index=pd.Index(ids))


def _read_candidates(source: Source) -> pd.DataFrame:
    """Money, capacity (NaN where a column is missing) and role of each candidate, by id."""
    path, cells = source.file, read_cells(source)
    row = cells.index.to_numpy(np.int64)
    key = _key(cells, source)
    table = pd.DataFrame(index=pd.Index(_unique_ids(cells[key], row, key, path.name)))
    for role, known in (("cost", MONEY), ("capacity", CAPACITY)):
        column = first_column(cells, known)
        if column is not None:
            table[role] = _amounts(cells[column], row, column, path.name)
    for role in ROLES:
        table[role] = _flags(cells, role, row, path.name)
    table["existing"] |= table["closable"]
    return table


def _flags(cells: pd.DataFrame, role: str, row: NDArray[np.int64], file: str) -> NDArray[np.bool_]:
    """Whether each candidate has a role: by its status, or by a column of that name."""
    status, own = first_column(cells, STATUS), first_column(cells, (role,))
    flags = np.zeros(len(cells), bool)
    if status is not None:
        words = cells[status].str.strip().str.casefold()
        _require(
            words.isin(("", "candidate", *ROLES)),
            cells[status],
            row,
            status,
            file,
            said("must be {roles} or blank", roles=", ".join(ROLES)),
        )
        flags |= (words == role).to_numpy()
    if own is not None:
        words = cells[own].str.strip().str.casefold()
        _require(words.isin((*YES, *NO)), cells[own], row, own, file, "must be yes or no (1 or 0)")
        flags |= words.isin(YES).to_numpy()
    return flags


def _of_candidates(properties: pd.DataFrame | None, traits: Traits) -> dict[str, Any]:
    """What the candidates' file says, as the problem takes it."""
    if properties is None:
        return {}
    found: dict[str, Any] = {role: np.flatnonzero(properties[role]).astype(np.int32) for role in ROLES}
    if "cost" in properties:
        found["candidate_costs"] = properties["cost"].to_numpy(np.float64)
    if "capacity" in properties and traits.has_capacities:
        found["capacities"] = properties["capacity"].to_numpy(np.float64)
    return found


def _cost_table(
    pairs: _Pairs, demand: NDArray[np.int32], candidate: NDArray[np.int32], ids: tuple[pd.Index, pd.Index]
) -> CostTable:
    """Refuse pairs that stand twice, and zeros that mean "no way"."""
    twin = pd.DataFrame({"demand": demand, "candidate": candidate}).duplicated().to_numpy()
    if twin.any():
        at = int(np.argmax(twin))
        raise InputError(
            "{file}: row {row}, columns {demand} and {candidate}: the pair {one}, {other} stands twice; "
            "keep one row of each pair.",
            file=pairs.file,
            row=pairs.row[at],
            demand=pairs.names["demand"],
            candidate=pairs.names["candidate"],
            one=pairs.demand.iloc[at],
            other=pairs.candidate.iloc[at],
        )
    table = CostTable(demand=demand, candidate=candidate, cost=pairs.cost, demands=len(ids[0]), candidates=len(ids[1]))
    apart = zero_filled(table)
    if apart is not None:
        at, one, other = apart
        raise InputError(
            "{file}: row {row}, column {column}: {id} is at 0 from both {one} and {other}, which are not at "
            "one place; if 0 stands for 'no way', leave these pairs out.",
            file=pairs.file,
            row=pairs.row[at],
            column=pairs.names["cost"],
            id=pairs.demand.iloc[at],
            one=ids[1][one],
            other=ids[1][other],
        )
    return table


def _rows_of(values: pd.Series, ids: pd.Index, pairs: _Pairs, side: str, known_from: str) -> NDArray[np.int32]:
    """Rows of ids; an unknown one is an error."""
    rows = ids.get_indexer(pd.Index(values))
    if (rows < 0).any():
        at = int(np.argmax(rows < 0))
        raise InputError(
            "{file}: row {row}, column {column}: {id!r} is not among the ids of {known_from}; add it there or leave the row out.",
            file=pairs.file,
            row=pairs.row[at],
            column=pairs.names[side],
            id=values.iloc[at],
            known_from=known_from,
        )
    return rows.astype(np.int32)


def _column(cells: pd.DataFrame, known: tuple[str, ...], role: str, file: str) -> str:
    column = first_column(cells, known)
    if column is None:
        raise InputError(
            "{file}: no column {role!r}; call one so. The columns are: {columns}",
            file=file,
            role=role,
            columns=column_list(cells),
        )
    return column


def _key(cells: pd.DataFrame, source: Source) -> str:
    """Return the column of ids: the one that the source names, else `id`."""
    return _column(cells, ID if source.id is None else (source.id.strip().casefold(),), source.id or "id", source.file.name)


def _ids(cells: pd.Series, row: NDArray[np.int64], column: str, file: str) -> pd.Series:
    ids = cells.str.strip()
    if ids.str.startswith("'").any():
        ids = fused(ids)  # as our own tables write ids that a spreadsheet would run
    _require(ids != "", cells, row, column, file, "an id is missing; fill it in")
    return ids


def _unique_ids(cells: pd.Series, row: NDArray[np.int64], column: str, file: str) -> NDArray[np.object_]:
    ids = _ids(cells, row, column, file)
    _require(~ids.duplicated(), cells, row, column, file, "stands twice; ids must be unique")
    return ids.to_numpy(object)


def _numbers(cells: pd.Series, row: NDArray[np.int64], column: str, file: str) -> NDArray[np.float64]:
    numbers = pd.to_numeric(cells.str.strip(), errors="coerce")
    odd = numbers.isna() & ~cells.str.strip().str.casefold().isin(("nan",))
    _require(~odd, cells, row, column, file, "is no number")
    return numbers.to_numpy(np.float64)


def _amounts(cells: pd.Series, row: NDArray[np.int64], column: str, file: str) -> NDArray[np.float64]:
    """Numbers of 0 or more, none missing."""
    _require(~cells.isin(MISSING_NUMBERS), cells, row, column, file, "a number is missing; fill it in (0 where there is none)")
    numbers = _numbers(cells, row, column, file)
    _require(pd.Series(np.isfinite(numbers) & (numbers >= 0)), cells, row, column, file, "must be a number of 0 or more")
    return numbers


def _require(good: pd.Series, cells: pd.Series, row: NDArray[np.int64], column: str, file: str, what: str) -> None:
    """Refuse the first cell that is not good."""
    bad = ~good.to_numpy(bool)
    if bad.any():
        at = int(np.argmax(bad))
        value = str(cells.iloc[at]).strip()
        raise InputError(
            "{file}: row {row}, column {column}: {value}{problem}.",
            file=file,
            row=row[at],
            column=column,
            value=value + " " if value else "",
            problem=said(what),
        )
