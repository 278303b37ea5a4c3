"""Turns that cars may not take (section 3)."""

from collections import defaultdict

from .reading import Map, Relation

Turn = tuple[int, int, int, int]  # way, place in it, and the same of the piece left on
Banned = dict[tuple[int, int], "Rule"]  # by from-way and via node


class Rule:
    """What is banned after arriving at a node on one way."""

    def __init__(self) -> None:
        self.only: set[int] = set()  # ways of which one must be taken, if any
        self.never: set[int] = set()
        self.no_turning_back = False

    def forbids(self, from_piece: tuple[int, int], to_piece: tuple[int, int]) -> bool:
        """Whether one may not go on along a piece (way, place in it)."""
        if self.only and to_piece[0] not in self.only:
            return True
        if from_piece == to_piece:
            return bool(self.only) or self.no_turning_back
        return to_piece[0] in self.never


def turn_rules(world: Map, driven: set[int]) -> Banned:
    """Kept restrictions by from-way and via node; `driven` are the ways open to cars."""
    rules: Banned = defaultdict(Rule)
    for relation in world.relations.values():
        kind = relation.tags.get("restriction:motorcar", relation.tags.get("restriction", ""))
        ends = _one_of_each(relation)
        if ends is None or not relation.tags.get("type", "").startswith("restriction") or _excepted(relation):
            continue
        start, via, end = ends
        if not {start, end} <= driven or not all(via in world.ways[way].refs for way in (start, end)):
            continue
        if kind.startswith("only_"):
            rules[start, via].only.add(end)
        elif kind.startswith("no_") and start == end:
            rules[start, via].no_turning_back = True
        elif kind.startswith("no_"):
            rules[start, via].never.add(end)
    return dict(rules)


def _one_of_each(relation: Relation) -> tuple[int, int, int] | None:
    found = []
    for role, kind in (("from", "w"), ("via", "n"), ("to", "w")):
        members = [(member[0], member[1]) for member in relation.members if member[2] == role]
        if len(members) != 1 or members[0][0] != kind:
            return None
        found.append(members[0][1])
    return found[0], found[1], found[2]


def _excepted(relation: Relation) -> bool:
    words = [word.strip() for word in relation.tags.get("except", "").split(";")]
    return "motorcar" in words or "motor_vehicle" in words
