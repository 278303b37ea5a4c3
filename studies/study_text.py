"""The text of a study file: decoded, parsed, and with the line of every key kept for errors."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ..geo.errors import InputError, StudyError
from ..layers.encodings import text_encoding
from ..layers.yaml_text import Keys, line_of, parse, repeated_key
from .messages import Say


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
        root, raw = parse(text)
    except yaml.MarkedYAMLError as error:
        raise StudyError(_no_yaml(path, text, error, say)) from error
    except yaml.YAMLError as error:
        raise StudyError(say("study.no_text", file=path)) from error
    if root is None or not isinstance(raw, dict):
        raise StudyError(say("study.no_keys", file=path))
    study = StudyText(path, root, raw, say)
    repeated = repeated_key(root)
    if repeated is not None:
        raise StudyError(say("study.at", file=path, line=repeated[1]) + say("study.repeated", key=repeated[0]))
    return study


def _decoded(path: Path, say: Say) -> str:
    """Read UTF-8, or GB18030 as Chinese editors save it."""
    if path.is_dir():
        raise StudyError(say("study.folder", file=path))
    try:
        return path.read_text(encoding=text_encoding(path))
    except FileNotFoundError:
        raise StudyError(say("study.no_file", file=path)) from None
    except (InputError, UnicodeError) as error:
        raise StudyError(say("study.no_text", file=path)) from error


def _no_yaml(path: Path, text: str, error: yaml.MarkedYAMLError, say: Say) -> str:
    """Say what YAML stumbled over and the usual cause."""
    mark = error.problem_mark or error.context_mark
    line = mark.line if mark else 0
    near = "".join(text.splitlines()[max(line - 1, 0) : line + 1])
    hint = "study.tab" if "\t" in near else "study.wide_colon" if "\uff1a" in near else "study.quotes"
    problem = " ".join(str(error.problem).split())
    return say("study.at", file=path, line=line + 1) + say("study.no_yaml", problem=problem) + say(hint)


def _item(value: Any, key: str | int) -> Any:
    if isinstance(value, dict):
        return value.get(key)
    return value[key] if isinstance(value, list) and isinstance(key, int) and key < len(value) else None
