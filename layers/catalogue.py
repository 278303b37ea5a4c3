"""The goal catalogue: promises of published plans, verbatim, ready to be put into a study by their id.

A catalogue is a YAML file (docs/goals.md describes it): the format's version, the document, and its goals by id. Users add
files of their own in the same format, and may let a goal extend another.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal

from pydantic import Field, ValidationError

from ..geo.errors import InputError, Sentence, StudyError, said, said_list
from ..geo.near_names import nearest
from .catalogue_errors import CatalogueText
from .goals import Goal, Part, Source, Text, goal_from, variant_goals
from .yaml_text import parse, read_text

DOCUMENTS: Final = "documents.yaml"
# Short words for where a number comes from; anything else in `sources` and `proposes` is prose.
SOURCE_WORDS: Final = {
    "plan": "the plan's words",
    "reading": "a reading of the plan's words",
    "judgement": "judgement, not a standard",
}
# Numbers that ask for less when they grow (1) or shrink (-1).
LOOSER: Final = {"minutes": 1, "at_most": 1, "tolerance_metres": 1, "due": 1, "target": -1, "at_least": -1}
OWN_KEYS: Final = ("extends", "asks", "proposes")  # what an entry says about itself, not about its goal


class Document(Part):
    """The plan or standard that a file's goals come from.

    Attributes
    ----------
    id : str
    title : Text
    number : str or None
        Official number, such as 浙政办发〔2021〕34号.
    date : date or None
    period : pair of int or None
        First and last year.
    """

    id: str
    title: Text
    number: str | None = None
    date: datetime.date | None = None
    period: tuple[int, int] | None = None


class CatalogueFile(Part):
    """A catalogue file as written; `document` is one, or the id of a shipped one."""

    format: Literal[1]
    document: Document | str | None = None
    goals: Annotated[dict[str, dict[str, Any]], Field(min_length=1)]


class Proposal(Part):
    """A value for a number that the document does not give, and whose idea it is."""

    value: Any
    source: Source


class Asking(Part):
    """What an entry says about itself.

    Attributes
    ----------
    extends : str or None
        Id of the goal it starts from.
    asks : tuple of str
        Keys that a study must give: the document names no number, and none is invented.
    proposes : dict
        Values for them to choose from.
    """

    extends: str | None = None
    asks: tuple[str, ...] = ()
    proposes: dict[str, tuple[Proposal, ...]] = Field(default_factory=dict)


@dataclass(frozen=True)
class Entry:
    """One goal of a catalogue; it may lack numbers that only a study can give.

    Attributes
    ----------
    id : str
    keys : mapping
        The goal's keys, with those of the goal it extends.
    asking : Asking
    document : Document or None
    file : str
        Name of its file.
    parent : Entry or None
        The one that it extends.
    """

    id: str
    keys: Mapping[str, Any]
    asking: Asking
    document: Document | None
    file: str
    parent: Entry | None = None

    @property
    def looser(self) -> tuple[str, ...]:
        """The numbers that ask for less than those of the goal it extends: a county is to tighten, not to loosen."""
        if self.parent is None:
            return ()
        own, other = self.keys, self.parent.keys
        return tuple(key for key, sign in LOOSER.items() if _number(own, key) * sign > _number(other, key) * sign)

    @property
    def check(self) -> str:
        """The kind of check."""
        return str(self.keys.get("check", "circle"))

    def missing(self, given: Mapping[str, Any] | None = None) -> tuple[str, ...]:
        """Return the keys that are asked for and neither given here nor in the entry."""
        known = {**self.keys, **(given or {})}
        return tuple(key for key in self.asking.asks if known.get(key) is None)

    def goal(self, **given: Any) -> Goal:
        """Make the goal.

        Parameters
        ----------
        **given
            Keys that the study gives or changes.

        Raises
        ------
        StudyError
            If a number that the document leaves open is not given; it proposes values.
        """
        missing = self.missing(given)
        if missing:
            raise StudyError(
                "goal {id!r}: {file} gives no {missing}; {remedy}",
                id=self.id,
                file=self.document_name(),
                missing=missing[0],
                remedy=self.advice(missing[0]),
            )
        return goal_from({**self.keys, **given})

    def example(self) -> Goal:
        """Make the goal with the first proposal for everything it asks: for lists and tests, never for an answer."""
        return self.goal(**{key: self.asking.proposes[key][0].value for key in self.missing()})

    def advice(self, key: str) -> Sentence:
        """Say how to give an asked-for key, with the proposed values and whose they are."""
        proposals = said_list(
            [said("{value} ({source})", value=item.value, source=_source(item.source)) for item in self.asking.proposes[key]]
        )
        return said("write {{id: {id}, {key}: ...}}. Proposed: {proposals}", id=self.id, key=key, proposals=proposals)

    def document_name(self) -> Sentence | str:
        """Name the document within a sentence."""
        if self.document is None:
            return said("its catalogue")
        return self.document.number or _said(self.document.title)

    def as_dict(self) -> dict[str, Any]:
        """Return everything the entry says as plain data; numbers asked for are None."""
        goal = self.example().model_dump(mode="json") | dict.fromkeys(self.missing())
        return goal | self.asking.model_dump(mode="json") | {"file": self.file}


Catalogue = Mapping[str, Entry]


@cache
def documents() -> Mapping[str, Document]:
    """Return the plans whose goals are shipped, by id."""
    text = resources.files(__package__).joinpath("catalogue", DOCUMENTS).read_text(encoding="utf-8")
    return {id: Document.model_validate({"id": id, **entry}) for id, entry in parse(text).value.items()}


@cache
def goal_catalogue() -> Catalogue:
    """Return the goals shipped with lifecircle, by id, in the order of their files."""
    folder = resources.files(__package__).joinpath("catalogue")
    names = sorted(file.name for file in folder.iterdir() if file.name.endswith(".yaml") and file.name != DOCUMENTS)
    entries: dict[str, Entry] = {}
    for name in names:
        text = CatalogueText(name, folder.joinpath(name).read_text(encoding="utf-8"))
        # Shipped files are held to their format by tests: goals are checked when they are used.
        entries |= _entries(CatalogueFile.model_validate(text.parsed.value), entries, text)
    return MappingProxyType(entries)


def read_catalogue(files: Sequence[Path]) -> Catalogue:
    """Return the shipped goals and those of the user's files.

    Parameters
    ----------
    files : sequence of Path
        Later ones may extend the goals of earlier ones.

    Raises
    ------
    StudyError
        Naming the file, the line, the entry and, where a name is wrong, the nearest valid one.
    """
    entries = dict(goal_catalogue())
    for file in files:
        text = CatalogueText(str(file), _decoded(file))
        content = text.validate(CatalogueFile, text.mapping(), ())
        entries |= _checked(_entries(content, entries, text), text)
    return MappingProxyType(entries)


def find_goal(id: str, catalogue: Catalogue | None = None) -> Goal:
    """Return a goal of the catalogue that needs nothing from the study.

    Parameters
    ----------
    id : str
        Such as `fitness-10min`.
    catalogue : mapping, optional
        Default: the shipped goals.

    Raises
    ------
    StudyError
        Naming the nearest goal, or what the goal asks for.
    """
    return find_entry(id, catalogue).goal()


def find_entry(id: str, catalogue: Catalogue | None = None) -> Entry:
    """Return an entry of the catalogue, the shipped one by default.

    Raises
    ------
    StudyError
        Naming the nearest goal.
    """
    goals = goal_catalogue() if catalogue is None else catalogue
    if id not in goals:
        raise StudyError("the catalogue has no goal {id!r}{hint}", id=id, hint=nearest(id, goals))
    return goals[id]


def _number(keys: Mapping[str, Any], key: str) -> float:
    """Return a number of a goal; where there is none it equals everything."""
    value = keys.get(key)
    return float(value) if isinstance(value, int | float) else math.nan


def _said(text: Text) -> Sentence:
    """Say a catalogue's own words, which stand there in both languages."""
    return said("{en}{zh:.0}", en=text.en, zh=text.zh)  # no character of the Chinese in English


def _source(source: Source) -> Sentence | str:
    if isinstance(source, Text):
        return _said(source)
    return said(SOURCE_WORDS[source]) if source in SOURCE_WORDS else source


def _decoded(file: Path) -> str:
    if not file.exists():
        raise StudyError("{file}: there is no such catalogue file", file=file)
    try:
        return read_text(file)
    except InputError as error:
        raise StudyError(error.sentence) from error


def _entries(content: CatalogueFile, known: Catalogue, text: CatalogueText) -> dict[str, Entry]:
    """Make the entries of one file; an entry may extend any other of the file, or of `known`."""
    for id in content.goals:
        if id in known:
            raise text.error(
                ("goals", id),
                said("the id is taken by a goal of {file}: write `extends: {id}` under a new id", file=known[id].file, id=id),
            )
    maker = _Maker(content, known, text, _document(content, text))
    return {id: maker.entry(id, ()) for id in content.goals}


def _document(content: CatalogueFile, text: CatalogueText) -> Document | None:
    named = content.document
    if isinstance(named, str):
        if named not in documents():
            raise text.error(
                ("document",),
                said("no shipped document is called {named!r}{hint}", named=named, hint=nearest(named, documents())),
            )
        return documents()[named]
    return named


class _Maker:
    """Makes the entries of one file, each after the one that it extends."""

    def __init__(self, content: CatalogueFile, known: Catalogue, text: CatalogueText, document: Document | None) -> None:
        self._written, self._known, self._text, self._document = content.goals, known, text, document
        self._made: dict[str, Entry] = {}

    def entry(self, id: str, chain: tuple[str, ...]) -> Entry:
        """Return the entry called `id`; `chain` are those that wait for it."""
        if id not in self._made:
            self._made[id] = self._make(id, chain)
        return self._made[id]

    def _make(self, id: str, chain: tuple[str, ...]) -> Entry:
        own = self._written[id]
        asking = self._text.validate(Asking, {key: own[key] for key in OWN_KEYS if key in own}, ("goals", id))
        keys = {"id": id, **{key: value for key, value in own.items() if key not in OWN_KEYS}}
        if asking.extends is None:
            named = {} if self._document is None else {"document": self._document.id}
            return Entry(id, MappingProxyType({**named, **keys}), asking, self._document, self._text.name)
        parent = self._parent(id, asking.extends, (*chain, id))
        asks = tuple(dict.fromkeys((*parent.asking.asks, *asking.asks)))
        proposes = {**parent.asking.proposes, **asking.proposes}
        asking = asking.model_copy(update={"asks": asks, "proposes": proposes})
        # The words extended are the other document's, and so is the promise.
        return Entry(id, MappingProxyType({**parent.keys, **keys}), asking, parent.document, self._text.name, parent)

    def _parent(self, id: str, extended: str, chain: tuple[str, ...]) -> Entry:
        place = ("goals", id, "extends")
        if extended in chain:
            raise self._text.error(place, said("goals extend each other in a ring: {ring}", ring=" -> ".join((*chain, extended))))
        if extended in self._known:
            return self._known[extended]
        if extended not in self._written:
            raise self._text.error(
                place,
                said(
                    "there is no goal {extended!r}{hint}",
                    extended=extended,
                    hint=nearest(extended, (*self._known, *self._written)),
                ),
            )
        return self.entry(extended, chain)


def _checked(entries: dict[str, Entry], text: CatalogueText) -> dict[str, Entry]:
    """Check every goal of a user's file, those that ask for numbers with their first proposal."""
    for id, entry in entries.items():
        unproposed = [key for key in entry.missing() if not entry.asking.proposes.get(key)]
        if unproposed:
            raise text.error(
                ("goals", id, "asks"),
                said("propose at least one value for {unproposed} under `proposes`", unproposed=unproposed[0]),
            )
        try:
            variant_goals(entry.example())
        except ValidationError as error:
            raise text.explain(error, ("goals", id)) from error
    return entries
