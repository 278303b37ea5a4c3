"""What results show of a scorecard, in one home: figures as on the map, shares that never read as the other side of a target."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pandas as pd

from ...geo.shown import Portrait, counted
from ...maps.exports.scorecard_words import shown_value, verdict
from ...maps.figures import shown_people

GOAL_COLUMNS: Final = ("goal", "value", "covered", "of people", "met")


def scorecard_portrait(name: str, scorecard: pd.DataFrame, out: Path) -> Portrait:
    """Show how every goal is met, for everyone.

    Parameters
    ----------
    name : str
        The study's.
    scorecard : DataFrame
    out : Path
    """
    everyone = scorecard.loc[scorecard["level"] == "all"]
    people = everyone["people"].max()
    figures = [counted(len(everyone), "goal"), *([counted(people, "person", "people")] if people == people else [])]
    return Portrait(figures, name=name, out=out, columns=GOAL_COLUMNS, rows=[*map(_goal, everyone.to_dict("records"))])


def _goal(row: Any) -> tuple[str, ...]:
    return str(row["goal"]), shown_value(row), *_people(row), verdict(row, "en")


def _people(row: Any) -> tuple[str, str]:
    if row["covered"] != row["covered"] or row["people"] != row["people"]:
        return "", ""
    shown = shown_people(row)
    return f"{shown['covered']:,}", f"{shown['counted']:,}"
