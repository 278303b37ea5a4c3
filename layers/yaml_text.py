"""YAML text with the place of every key, so that an error can name the line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import yaml

Keys = Sequence[str | int]
LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml reads the shipped catalogue ten times as fast


def parse(text: str) -> tuple[yaml.Node | None, Any]:
    """Parse one document.

    Returns
    -------
    root : yaml.Node or None
        The parse tree, with positions; None for an empty text.
    value : object
        The same as plain data.

    Raises
    ------
    yaml.YAMLError
    """
    loader = yaml.SafeLoader(text)
    root = loader.get_single_node()
    return root, None if root is None else loader.construct_document(root)


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


def repeated_key(node: yaml.Node) -> tuple[str, int] | None:
    """Find a key that stands twice in a mapping, and its line: YAML silently takes the last of the two."""
    if isinstance(node, yaml.MappingNode):
        names = [str(name.value) for name, _ in node.value]
        for position, (name, _) in enumerate(node.value):
            if names[position] in names[:position]:
                return names[position], name.start_mark.line + 1
        return next(filter(None, (repeated_key(value) for _, value in node.value)), None)
    if isinstance(node, yaml.SequenceNode):
        return next(filter(None, map(repeated_key, node.value)), None)
    return None
