"""Findings of a check: what is odd about a study's data, how bad it is, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeVar

import pandas as pd

from ...geo.errors import LifecircleError, TooLargeError, UndeclaredCrsError
from ...geo.reading.unused import Unused
from ...geo.shown import Portrait, Shown, counted
from ..situation.unused import unused_notes
from ..speech.messages import Say
from ..speech.progress import current_teller
from ..speech.rooms_text import translate, without_note

Severity = Literal["error", "warning", "note"]
Read = TypeVar("Read")
SEVERITIES: Final = ("error", "warning", "note")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One finding.

    Attributes
    ----------
    layer : str
        Key of the study file, such as `demand` or `facilities.health`.
    kind : str
        Short name of what was found.
    severity : {"error", "warning", "note"}
        A run would stop; its answers may be wrong; worth knowing.
    message, proposal : str
        What was found and what to do, in the user's language.
    """

    layer: str
    kind: str
    severity: Severity
    message: str
    proposal: str


class Checked(list[Finding], Shown):
    """The findings of a check, the gravest first."""

    __repr__ = Shown.__repr__

    def portrait(self) -> Portrait:
        """Say how many findings there are of each kind, and what they are."""
        figures = [counted(sum(found.severity == severity for found in self), severity) for severity in SEVERITIES]
        rows = [(found.severity, found.layer, found.message, found.proposal) for found in self]
        return Portrait(figures, columns=("severity", "layer", "message", "proposal"), rows=rows)


@dataclass
class Findings:
    """Collects while layers are looked at."""

    say: Say
    found: list[Finding] = field(default_factory=list)

    def add(self, layer: str, kind: str, severity: Severity, **values: Any) -> None:
        """Add a finding with the texts of its kind."""
        message, proposal = self.say(f"check.{kind}", **values), self.say(f"check.{kind}.do", **values)
        self.found.append(Finding(layer=layer, kind=kind, severity=severity, message=message, proposal=proposal))

    def add_unused(self, layer: str, unused: Unused) -> None:
        """Add a note for each kind of what a map said that a run cannot use."""
        for kind, message in unused_notes(unused, self.say).items():
            proposal = self.say(f"unused.{kind}.do")
            self.found.append(Finding(layer=layer, kind=kind, severity="note", message=message, proposal=proposal))

    def attempt(self, layer: str, read: Callable[..., Read], /, *inputs: Any, **options: Any) -> Read | None:
        """Read a layer; what a run would stop at becomes a finding, and the other layers are still looked at."""
        current_teller().tell(layer)
        try:
            return read(*inputs, **options)
        except LifecircleError as error:
            self.add(layer, _kind(error), "error", error=translate(error, self.say.language))
        except OSError as error:
            self.add(layer, _kind(error), "error", error=str(error))
        return None

    def add_rejects(self, layer: str, rejected: pd.DataFrame) -> None:
        """Add one finding per file with refused rows, and one per file whose rows stay with a value set aside."""
        aside = rejected["reason"].str.startswith("note:")
        for kind, rows, severity in (("rejected", rejected[~aside], "warning"), ("adjusted", rejected[aside], "note")):
            for file, listed in rows.groupby("file", sort=False):
                first = listed.iloc[0]
                where = "" if pd.isna(first["row"]) else self.say("check.row", row=first["row"])
                reason = where + without_note(first["reason"], self.say.language)
                self.add(layer, kind, severity, file=file, rows=len(listed), reason=reason)  # type: ignore[arg-type]


def _kind(error: Exception) -> str:
    if isinstance(error, TooLargeError):
        return "too_large"
    return "undeclared_crs" if isinstance(error, UndeclaredCrsError) else "unreadable"
