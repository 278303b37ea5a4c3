"""The scorecard: one row per goal, level and unit."""

from __future__ import annotations

COLUMNS = (
    "goal", "level", "unit", "name", "people", "covered", "beyond", "cut_off", "unconnected", "excluded",
    "share", "target", "met", "median_minutes", "p90_minutes", "facilities",
)  # fmt: skip
