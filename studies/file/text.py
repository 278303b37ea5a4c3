"""The text of a study file: decoded, parsed, and with the line of every key kept for errors."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ...geo.errors import InputError, StudyError
from ...layers.yaml_text import Keys, YamlError, line_of, parse, read_text
from ..speech.messages import Say
from ..speech.rooms_text import translate


@dataclass(frozen=True)
class StudyText:
    """A parsed study file that can say where something stands.

    Attributes
    ----------
    path : Path
        As the user gave it.
    root : yaml.Node
        The parse tree, with positions.
    raw : dict
        The same as plain data.
    say : Say
        The user's language.
    """

    path: Path
    root: yaml.Node
    raw: dict[str, Any]
    say: Say

    def error(self, keys: Keys, key: str, /, **values: Any) -> StudyError:
        """Make the error `key` of the texts about what stands at `keys`, such as ("goals", 0, "mode")."""
        return StudyError(self.place(keys) + self.say(key, **values))

    def place(self, keys: Keys) -> str:
        """Name the file, the line and the key that an error is about."""
        name = ".".join(self._names(keys))
        return self.say("study.at", file=self.path, line=self.line(keys)) + (f"{name}: " if name else "")

    def line(self, keys: Keys) -> int:
        """Return the 1-based line of the deepest of `keys` that the file has."""
        return line_of(self.root, keys)

    def _names(self, keys: Keys) -> list[str]:
        """Write keys as the user reads them: goals by their id, other places in a list by the line alone."""
        names: list[str] = []
        value: Any = self.raw
        for key in keys:
            value = _item(value, key)
            if isinstance(key, str):
                names.append(key)
            elif names == ["goals"] and isinstance(value, dict) and "id" in value:
                names.append(str(value["id"]))
        return names


def read_study_text(path: Path, say: Say) -> StudyText:
    """Read and parse a study file.

    Raises
    ------
    StudyError
        If it is missing, no text, no YAML, no mapping, or has a key twice.
    """
    text = _decoded(path, say)
    try:
        parsed = parse(text)
    except YamlError as error:
        raise StudyError(_no_yaml(path, text, error, say)) from error
    if parsed.root is None or not isinstance(parsed.value, dict):
        raise StudyError(say("study.no_keys", file=path))
    return StudyText(path, parsed.root, parsed.value, say)


def _decoded(path: Path, say: Say) -> str:
    if path.is_dir():
        raise StudyError(say("study.folder", file=path))
    if not path.exists():
        raise StudyError(say("study.no_file", file=path))
    try:
        return read_text(path)
    except InputError as error:
        raise StudyError(translate(error, say.language)) from error


def _no_yaml(path: Path, text: str, error: YamlError, say: Say) -> str:
    """Say what is wrong and, where the text is no YAML at all, the usual cause."""
    place, problem = say("study.at", file=path, line=error.line), translate(error, say.language)
    if not error.is_syntax:
        return place + problem
    near = "".join(text.splitlines()[max(error.line - 2, 0) : error.line])
    hint = "study.tab" if "\t" in near else "study.wide_colon" if "\uff1a" in near else "study.quotes"
    return place + say("study.no_yaml", problem=problem) + say(hint)


def _item(value: Any, key: str | int) -> Any:
    if isinstance(value, dict):
        return value.get(key)
    return value[key] if isinstance(value, list) and isinstance(key, int) and key < len(value) else None
