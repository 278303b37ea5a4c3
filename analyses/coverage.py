"""Coverage: which status each demand unit has for one goal (DESIGN: mass balance)."""

from __future__ import annotations

STATUSES = ("covered", "beyond", "cut-off", "unconnected", "excluded")
