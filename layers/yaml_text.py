"""The one door for YAML: text with the place of every key, so that an error can name the line.

YAML can do more than a file of keys and values needs, and some of it harms: references that multiply, a list that holds itself,
objects of Python. What is read here is the plain part of YAML 1.2: texts, numbers, true and false, lists and mappings. Dates,
codes with a leading zero, `no` and `1:30` stay the texts they are written as.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml
from yaml.events import AliasEvent, CollectionStartEvent, DocumentStartEvent, NodeEvent, ScalarEvent

from ..geo.errors import InputError, said
from ..geo.files import require_file, told
from ..geo.plain_text import hidden_characters
from .encodings import text_encoding

Keys = Sequence[str | int]

MOST_BYTES: Final = 4_000_000  # the whole shipped catalogue has a tenth of it
MOST_VALUES: Final = 100_000  # with every reference written out
MOST_DEPTH: Final = 30
MOST_DIGITS: Final = 300  # of a whole number; longer ones are no float either
SHOWN_CHARACTERS: Final = 40
TAG: Final = "tag:yaml.org,2002:"
KNOWN_TAGS: Final = (f"{TAG}str", "!")
INTEGER: Final = r"[-+]?(?:0|[1-9][0-9]*)"  # 0330 is a code
# A number with a point; 12E4 is more often the name of a plot than a number.
FLOAT: Final = r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)\.[0-9]*)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"


class YamlError(InputError):
    """A text that is no YAML, or YAML that is not read here.

    Attributes
    ----------
    line : int
        1-based.
    is_syntax : bool
        Whether the text is no YAML at all, which mostly comes from a tab, a full-width colon or a missing quote.
    """

    def __init__(self, problem: str, line: int, *, is_syntax: bool = False) -> None:
        super().__init__(problem)
        self.line, self.is_syntax = line, is_syntax


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # libyaml is ten times as fast
    """Plain values only; keys are texts, whatever they look like."""

    yaml_implicit_resolvers: Final[dict[str, Any]] = {}

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[str, Any]:
        self.flatten_mapping(node)
        return {name.value: self.construct_object(value, deep=True) for name, value in node.value}

    def construct_number(self, node: yaml.ScalarNode) -> int | float | str:
        text = node.value
        if re.fullmatch(INTEGER, text):
            return int(text) if len(text) <= MOST_DIGITS else str(text)
        number = math.nan if text.lower().endswith(("inf", "nan")) or not re.fullmatch(FLOAT, text) else float(text)
        if not math.isfinite(number):
            raise YamlError(said("{text} is no number that can be used", text=_shown(text)), node.start_mark.line + 1)
        return number


_Loader.add_implicit_resolver(f"{TAG}bool", re.compile("(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF"))
_Loader.add_implicit_resolver(f"{TAG}null", re.compile("(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""])
_Loader.add_implicit_resolver(f"{TAG}int", re.compile(f"(?:{INTEGER})$"), list("-+0123456789"))
_Loader.add_implicit_resolver(f"{TAG}float", re.compile(f"(?:{FLOAT})$"), list("-+.0123456789"))
_Loader.add_implicit_resolver(f"{TAG}merge", re.compile("<<$"), ["<"])
for _name in ("int", "float"):
    _Loader.add_constructor(TAG + _name, _Loader.construct_number)


@dataclass(frozen=True)
class YamlText:
    """A parsed document.

    Attributes
    ----------
    root : yaml.Node or None
        The parse tree, with positions; None for an empty text.
    value : object
        The same as plain data: keys are texts, numbers finite.
    """

    root: yaml.Node | None
    value: Any

    def line(self, keys: Keys) -> int:
        """Return the 1-based line of the deepest of `keys` that the text has."""
        return 1 if self.root is None else line_of(self.root, keys)


def read_text(path: Path) -> str:
    """Return the text of a YAML file, in UTF-8 or GB18030 as Chinese editors save it.

    Raises
    ------
    InputError
        If it is no ordinary file, too large, or no text.
    """
    if require_file(path).stat().st_size > MOST_BYTES:
        raise InputError(
            "{file}: has more than {most_bytes} MB, too many for a file that somebody wrote by hand.",
            file=path,
            most_bytes=MOST_BYTES // 1_000_000,
        )
    try:
        return path.read_bytes().decode(text_encoding(path))
    except (InputError, UnicodeError) as error:
        raise InputError("{file}: is no text in UTF-8 or GBK; open it in an editor and save it as UTF-8", file=path) from error
    except OSError as error:
        raise InputError("{file}: cannot be opened ({strerror}).", file=path, strerror=error.strerror) from error


def parse(text: str) -> YamlText:
    """Parse one document.

    Raises
    ------
    YamlError
        If the text is no YAML, has a key twice, holds itself, or is larger or deeper than anybody writes.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    _require_characters(text)
    try:
        _require_bounds(yaml.parse(text, Loader=_Loader))
        loader = _Loader(text)
        root = loader.get_single_node()
        if root is None:
            return YamlText(None, None)
        _require_keys(root)
        return YamlText(root, loader.construct_document(root))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise YamlError(told_briefly(error), mark.line + 1 if mark else 1, is_syntax=True) from error
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        if isinstance(error, YamlError):
            raise
        raise YamlError(told(error), 1, is_syntax=True) from error


def told_briefly(error: yaml.MarkedYAMLError) -> str:
    """Return what the library stumbled over, without the places it adds."""
    return told(ValueError(error.problem or error.context or "no YAML"))


def _require_characters(text: str) -> None:
    """NUL and its like make an editor's text end early, or look like another."""
    for number, line in enumerate(text.split("\n"), 1):
        if hidden := hidden_characters(line):
            raise YamlError(said("the control character {hidden} stands in the text: delete it", hidden=hidden[0]), number)


@dataclass
class _Bounds:
    """What the events have said so far."""

    values: int = 0
    open: list[tuple[str | None, int]] = field(default_factory=list)  # anchor of a collection, and the values before it
    sizes: dict[str, int] = field(default_factory=dict)  # values of an anchor, references written out


def _require_bounds(events: Iterator[yaml.Event]) -> None:
    """Refuse what would grow without end, before anything is made of it."""
    bounds, documents = _Bounds(), 0
    for event in events:
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise YamlError("a second document starts here: only one is read; leave out the line ---", line)
        elif isinstance(event, AliasEvent):
            bounds.values += _referred(event, bounds, line)
        elif isinstance(event, NodeEvent):
            _count(event, bounds, line)
        elif isinstance(event, yaml.events.CollectionEndEvent):
            anchor, before = bounds.open.pop()
            if anchor is not None:
                bounds.sizes[anchor] = bounds.values - before
        if bounds.values > MOST_VALUES:
            raise YamlError(
                said("with its references written out the file holds more than {most_values:,} values", most_values=MOST_VALUES),
                line,
            )


def _referred(event: AliasEvent, bounds: _Bounds, line: int) -> int:
    """Return how many values a reference stands for."""
    if any(anchor == event.anchor for anchor, _ in bounds.open):
        raise YamlError(said("*{anchor} refers to what it stands in: it would have no end", anchor=event.anchor), line)
    if event.anchor not in bounds.sizes:
        raise YamlError(
            said("*{anchor} refers to nothing above; a text that starts with * stands in quotes", anchor=event.anchor), line
        )
    return bounds.sizes[event.anchor]


def _count(event: NodeEvent, bounds: _Bounds, line: int) -> None:
    tag = getattr(event, "tag", None)
    if tag is not None and tag not in KNOWN_TAGS:
        raise YamlError(
            said(
                "{tag} is no kind of value that is read here: leave it out; a text that starts with ! stands in quotes",
                tag=_shown(tag),
            ),
            line,
        )
    bounds.values += 1
    if isinstance(event, ScalarEvent) and hidden_characters(event.value):
        raise YamlError("a control character is written out here with \\: delete it", line)
    if isinstance(event, CollectionStartEvent):
        bounds.open.append((event.anchor, bounds.values - 1))
        if len(bounds.open) > MOST_DEPTH:
            raise YamlError(said("lists and mappings stand more than {most_depth} deep", most_depth=MOST_DEPTH), line)
    elif isinstance(event, ScalarEvent) and event.anchor is not None:
        bounds.sizes[event.anchor] = 1


def _require_keys(root: yaml.Node) -> None:
    """Refuse keys that are no text, and those that stand twice: YAML silently takes the last of the two.

    Every node is visited once, however often it is referred to.
    """
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if id(node) in seen or isinstance(node, yaml.ScalarNode):
            continue
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            _require_texts(node)
            waiting += [value for _, value in node.value]
        else:
            waiting += node.value


def _require_texts(node: yaml.MappingNode) -> None:
    names: set[str] = set()
    for name, _ in node.value:
        line = name.start_mark.line + 1
        if not isinstance(name, yaml.ScalarNode):
            raise YamlError("a list or a mapping stands where a key should: a key is one text", line)
        if name.tag == f"{TAG}null":
            raise YamlError("a key is missing before the colon", line)
        if name.value in names:
            raise YamlError(said("the key {key} stands twice", key=_shown(name.value)), line)
        names.add(name.value)


def line_of(root: yaml.Node, keys: Keys) -> int:
    """Return the 1-based line of the deepest of `keys` that the text has."""
    node, line = root, root.start_mark.line
    for key in keys:
        if isinstance(node, yaml.MappingNode):
            found = [(name, value) for name, value in node.value if name.value == str(key)]
            if found:
                node, line = found[0][1], found[0][0].start_mark.line
        elif isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
            node = node.value[key]
            line = node.start_mark.line
    return int(line) + 1


def _shown(text: str) -> str:
    return repr(text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + "…")
