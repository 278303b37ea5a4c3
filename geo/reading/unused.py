"""What a map said that could not be used, by kind: full counts and a few examples, for nothing is dropped in silence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

MOST_EXAMPLES: Final = 20
LONGEST_TEXT: Final = 200  # characters of what stands in the map

COORDINATES: Final = "coordinates"  # nodes nowhere on the Earth
WAYS_CUT: Final = "ways cut"  # ways split at missing nodes
VERSIONS: Final = "versions"  # older versions of what counts in a newer one
RELATION_INCOMPLETE: Final = "relation incomplete"  # places with a part of their outline missing
ACCESS_WORDS: Final = "access words"  # of no list
SPEEDS: Final = "speeds"  # limits that are not understood
ONEWAYS: Final = "oneways"  # whose direction changes, or is not understood
DURATIONS: Final = "durations"  # of ferries, their intervals too
SEASONAL: Final = "seasonal"  # ways that are there at times only
CONDITIONAL: Final = "conditional"  # tags that hold at times only
RESTRICTIONS: Final = "restrictions"  # of turns, that cannot be kept
LANDINGS: Final = "landings"  # ends of ferries tied to a street that they do not meet
LANDINGS_MISSING: Final = "landings missing"  # ferries that nobody can board
SNAPS_SECOND: Final = "snaps of class 2"  # points on streets that are cut off from the main ones
SNAPS_THIRD: Final = "snaps of class 3"  # points on another level, or across water

Example = tuple[str, str]


@dataclass
class Unused:
    """Collects elements of a map that were dropped, cut or not understood.

    Attributes
    ----------
    counts : dict of kind to int
        All of them.
    examples : dict of kind to list of (element, text)
        The first MOST_EXAMPLES: "n1", "w5" or "r7", and what stands in the map, as it stands there.
    """

    counts: dict[str, int] = field(default_factory=dict)
    examples: dict[str, list[Example]] = field(default_factory=dict)

    def add(self, kind: str, element: str, text: str = "") -> None:
        """Add one element."""
        self.add_all(kind, [(element, text)])

    def add_all(self, kind: str, examples: Iterable[Example], *, count: int | None = None) -> None:
        """Add elements; `count` says how many there are where not all of them are given."""
        given = list(examples)
        total = len(given) if count is None else count
        if not total:
            return
        self.counts[kind] = self.counts.get(kind, 0) + total
        own = self.examples.setdefault(kind, [])
        own += [(element, text[:LONGEST_TEXT]) for element, text in given[: MOST_EXAMPLES - len(own)]]

    def join(self, other: Unused) -> None:
        """Add all that another collected."""
        for kind, count in other.counts.items():
            self.add_all(kind, other.examples[kind], count=count)

    def without(self, kind: str) -> Unused:
        """Return all but one kind: ways that are cut mean nothing to who takes only places from a map."""
        return Unused(
            {name: count for name, count in self.counts.items() if name != kind},
            {name: list(examples) for name, examples in self.examples.items() if name != kind},
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the list as plain JSON data, kind by kind."""
        return {
            kind: {
                "count": count,
                "examples": [{"element": element, "text": text} for element, text in self.examples[kind]],
            }
            for kind, count in self.counts.items()
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Unused:
        """Read back what `as_dict` gives.

        Raises
        ------
        ValueError
            If it could not have come from there.
        """
        unused = cls()
        for kind, told in data.items():
            examples = [(example["element"], example["text"]) for example in told["examples"]]
            if type(told["count"]) is not int or not min(len(examples), MOST_EXAMPLES) <= told["count"] or not examples:
                raise ValueError(kind)
            if any(type(text) is not str for example in examples for text in example):
                raise ValueError(kind)
            unused.add_all(kind, examples, count=told["count"])
        return unused
