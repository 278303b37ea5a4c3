"""What is wrong with a catalogue file: its name, the line, the entry, and what to write instead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from ..geo.errors import StudyError, said, said_lines
from ..geo.near_names import MOST_NAMES, nearest
from .goals import CHECKS
from .wrong_values import shown, wrong_value
from .yaml_text import Keys, YamlError, YamlText, parse

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class CatalogueText:
    """A catalogue file's text, parsed when it is first asked for."""

    name: str
    text: str

    def mapping(self) -> Mapping[str, Any]:
        """Return the file as plain data.

        Raises
        ------
        StudyError
            If it is no YAML, no mapping, or has a key twice.
        """
        value = self.parsed.value
        if not isinstance(value, dict):
            raise StudyError(
                "{file}: holds no catalogue; it starts with `format: 1` and `goals:`, see docs/goals.md", file=self.name
            )
        return value

    @cached_property
    def parsed(self) -> YamlText:
        """The text as YAML.

        Raises
        ------
        StudyError
            If it is none.
        """
        try:
            return parse(self.text)
        except YamlError as error:
            problem = said("is no valid YAML ({error}); see docs/goals.md", error=error) if error.is_syntax else error.sentence
            raise StudyError("{file}, line {line}: {problem}", file=self.name, line=error.line, problem=problem) from error

    def error(self, keys: Keys, message: str) -> StudyError:
        """Make an error about what stands at `keys`."""
        line = self.parsed.line(keys)
        place = ".".join(str(key) for key in keys if isinstance(key, str) and key != "goals")
        return StudyError(
            "{file}, line {line}: {place}{colon}{message}",
            file=self.name,
            line=line,
            place=place,
            colon=": " if place else "",
            message=message,
        )

    def validate(self, model: type[Model], value: object, keys: Keys) -> Model:
        """Read `value`, which stands at `keys`, as a `model`."""
        try:
            return model.model_validate(value)
        except ValidationError as error:
            raise self.explain(error, keys, model) from error

    def explain(self, error: ValidationError, keys: Keys, model: type[BaseModel] | None = None) -> StudyError:
        """Say all problems of a pydantic error, one line each."""
        problems = [self._explain(problem, keys, model).sentence for problem in error.errors()[:MOST_NAMES]]
        return StudyError(said_lines(list({str(problem): problem for problem in problems}.values())))

    def _explain(self, problem: ErrorDetails, keys: Keys, model: type[BaseModel] | None) -> StudyError:
        location = list(problem["loc"])
        if model is None and location and location[0] in CHECKS:
            model = CHECKS[str(location.pop(0))]
        place = (*keys, *location)
        known = model.model_fields if model is not None and len(location) == 1 else ()
        if problem["type"] == "extra_forbidden":
            hint = nearest(location[-1], known) if known else ""
            if problem["input"] is None:
                hint = said("; a text with a comma stands in quotes")  # {zh: a,b} reads b as a key
            return self.error(place, said("unknown key{hint}", hint=hint))
        if problem["type"] == "missing":
            return self.error(place[:-1], said("the key {key!r} is missing here", key=str(location[-1])))
        wrong = wrong_value(problem, known)
        return self.error(place, said("{wrong}{given}", wrong=wrong, given=shown(problem["input"])))
