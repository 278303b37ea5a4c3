"""Rows of tables for printing."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows by column name, to be filled into texts."""
    return [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]


def plain_rows(table: pd.DataFrame) -> Any:
    """Return rows as JSON data; what is missing is null."""
    return json.loads(table.to_json(orient="records", double_precision=15))
