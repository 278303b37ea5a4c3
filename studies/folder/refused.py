"""The file of refused rows beside a table or a GIS file that a command without a study wrote."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from ...layers.rejects import COLUMNS
from ...maps.exports.table import write_csv
from ..speech.rooms_text import translate_reasons
from .draft import FileDraft


def refused_name(target: Path) -> str:
    """Return how the refused rows of a file are called."""
    return f"{target.stem}.rejected.csv"


def write_refused(rejected: pd.DataFrame, draft: FileDraft, sources: Sequence[str]) -> None:
    """Write the refused rows, if there are any, in the user's language."""
    if len(rejected):
        with draft.writing(refused_name(draft.file)) as file:
            write_csv(translate_reasons(rejected, draft.say.language), file, sources=sources)


def earlier_refused(target: Path) -> list[str]:
    """Name the refused rows that belong to what the file `target` held before; any other table of that name is the user's."""
    try:
        with target.with_name(refused_name(target)).open(encoding="utf-8-sig", errors="replace") as opened:
            return [refused_name(target)] if opened.readline().strip().startswith(",".join(COLUMNS)) else []
    except OSError:
        return []
