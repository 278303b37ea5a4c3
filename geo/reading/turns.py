"""Turn restrictions: relations that forbid a turn, or allow no other, at one node (travel model 2, section 3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..numbering import distinct
from ..streets import Turns, no_turns
from .pbf import Entities, text_of
from .unused import RESTRICTIONS, Unused

Ints = NDArray[np.int64]
Members = list[tuple[str, int, int]]  # role, kind (0 node, 1 way, 2 relation), id

KEYS = ("restriction:motorcar", "restriction", "restriction:conditional")  # the most specific first
TYPES = ("restriction", "restriction:motorcar")
CARS = ("motorcar", "motor_vehicle")
NODE, WAY = 0, 1


class _Turn(NamedTuple):
    """One row of `Turns`."""

    from_way: int
    via_node: int
    to_way: int
    only: bool


class _Read(NamedTuple):
    number: int
    tags: dict[str, str]
    members: Members


@dataclass
class TurnParts:
    """Restrictions as they are read, by their occurrence among all relations, for a newer version may follow."""

    read: dict[int, _Read] = field(default_factory=dict)

    def add(self, relations: Entities, strings: list[bytes], at: Ints) -> None:
        """Take the restrictions of one block."""
        wanted = np.array([text in _KEYS for text in strings], bool)
        element = relations.tags[:, 0]  # ascending
        for row in np.unique(element[wanted[relations.tags[:, 1]]]).tolist():
            own = relations.tags[slice(*np.searchsorted(element, (row, row + 1)))]
            tags = {text_of(strings[key]): text_of(strings[value]) for _, key, value in own.tolist()}
            if tags.get("type") in TYPES:
                span = slice(relations.offsets[row], relations.offsets[row + 1])
                columns = (relations.second[span], relations.first[span], relations.refs[span])
                members = [
                    (text_of(strings[role]), kind, ref) for role, kind, ref in zip(*(c.tolist() for c in columns), strict=True)
                ]
                self.read[int(at[row])] = _Read(int(relations.ids[row]), tags, members)

    def turns(self, newest: NDArray[np.bool_], way_ids: Ints, node_ids: Ints, unused: Unused) -> Turns:
        """Return the restrictions that can be kept, sorted; all others that speak of cars are listed.

        Parameters
        ----------
        newest : bool array over the occurrences of relations
        way_ids, node_ids : int64
            Of the streets.
        """
        kept: list[_Turn] = []
        lost: list[tuple[int, str]] = []
        ways = distinct(way_ids)
        for at, (number, tags, members) in self.read.items():
            if not newest[at] or _spares_cars(tags):
                continue
            turn = _turn(tags, members)
            if turn is None or not (
                _holds(ways, turn.from_way) and _holds(ways, turn.to_way) and _holds(node_ids, turn.via_node)
            ):
                lost.append((number, " ".join(f"{key}={tags[key]}" for key in KEYS if key in tags)))
            else:
                kept.append(turn)
        unused.add_all(RESTRICTIONS, [(f"r{number}", text) for number, text in sorted(lost)])
        if not kept:
            return no_turns()
        from_way, via_node, to_way, only = np.array(sorted(set(kept)), np.int64).T
        return Turns(from_way, via_node, to_way, only.astype(bool))


_KEYS = frozenset(key.encode() for key in KEYS)


def _holds(ascending: Ints, number: int) -> bool:
    at = np.searchsorted(ascending, number)
    return bool(at < len(ascending) and ascending[at] == number)


def _spares_cars(tags: dict[str, str]) -> bool:
    """Say whether cars are excepted."""
    return any(word.strip() in CARS for word in tags.get("except", "").split(";"))


def _turn(tags: dict[str, str], members: Members) -> _Turn | None:
    """Read one way from, one node to pass and one way to; None for anything else."""
    value = tags.get("restriction:motorcar", tags.get("restriction", "")).strip()
    parts = {role: [(kind, ref) for name, kind, ref in members if name == role] for role in ("from", "via", "to")}
    if not value.startswith(("no_", "only_")) or any(len(found) != 1 for found in parts.values()):
        return None
    (from_kind, from_way), (via_kind, via), (to_kind, to_way) = (found[0] for found in parts.values())
    if (from_kind, via_kind, to_kind) != (WAY, NODE, WAY):
        return None
    return _Turn(from_way, via, to_way, value.startswith("only_"))
