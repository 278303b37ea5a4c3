"""Every error lifecircle raises on purpose, in one tree, and the sentences they say.

The rooms below `studies` speak English. A sentence remembers its template and what was filled in, so that another language
is looked up by the template and filled with the same values; nothing is ever read back out of a finished text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class Sentence(str):
    """An English sentence that knows how it was made.

    Attributes
    ----------
    template : str
        With named fields, such as "{file}: no column {column!r}"; the key of its translations.
    values : dict
        What stands in the fields; sentences and errors among them are translated in turn, names and figures are not.
    """

    template: str
    values: dict[str, Any]


def said(template: str, /, **values: Any) -> Sentence:
    """Fill in a template; a sentence that is already made, or a text without values, is taken as it is."""
    if isinstance(template, Sentence):
        return template
    sentence = Sentence(template.format(**values) if values else template)
    sentence.template, sentence.values = template, values
    return sentence


def said_list(sentences: Sequence[Sentence], between: str = "; ") -> Sentence:
    """Put sentences behind each other."""
    items = {f"item_{number}": sentence for number, sentence in enumerate(sentences)}
    return said(between.join(f"{{{name}}}" for name in items), **items)


def said_lines(sentences: Sequence[Sentence]) -> Sentence:
    """Put sentences below each other."""
    return said_list(sentences, "\n")


class LifecircleError(Exception):
    """Root of all errors raised on purpose; its text names the file, row, column or key and says what to do.

    Attributes
    ----------
    sentence : Sentence
        The text with its template and values, by which it is said in another language.
    """

    def __init__(self, template: str, /, **values: Any) -> None:
        self.sentence = said(template, **values)
        super().__init__(str(self.sentence))

    def __reduce__(self) -> tuple[Any, ...]:
        """Come back from another process as it was; classes that take other arguments could not be called with the text."""
        return _again, (type(self), self.args), self.__dict__


def _again(kind: type[LifecircleError], args: tuple[Any, ...]) -> LifecircleError:
    """Make an error anew without its own arguments; what it carries follows."""
    error = kind.__new__(kind)
    error.args = args
    return error


class InputError(LifecircleError, ValueError):
    """A file, row, column or value that cannot be used."""


class UndeclaredCrsError(InputError):
    """Places in a coordinate system that nobody declares."""


class StudyError(LifecircleError, ValueError):
    """A study file that is wrong, or a study that cannot be answered with the data it names."""


class TooLargeError(LifecircleError, ValueError):
    """A request that would not fit in memory, refused before it starts."""


class DownloadError(LifecircleError, OSError):
    """A server that cannot be reached or does not give what it was asked for."""
