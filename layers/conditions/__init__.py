"""Conditions that choose rows, such as `beds > 0 and kind in ['pool', 'gym']`: a small language of its own, never a program.

Belongs here: its words (`tokens`), its forms (`tree`, `parser`) and what they mean of a table's rows (`rows`). There is no way
from a condition to a function, an attribute or a file: what is none of the forms is refused, with the nearest one.
"""

from .parser import parse_condition
from .rows import Choice, choose_rows
from .tree import ConditionError

__all__ = ["Choice", "ConditionError", "choose_rows", "parse_condition"]
