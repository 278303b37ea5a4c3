"""Travel modes: who may use a way, in which direction and how fast. The numbers stand in the .toml files beside this one."""

from .ferries import boarding_seconds, crossing_seconds
from .rules import Traversal, is_raised, traversal
from .traits import MODES, TRAITS, Kind
from .travel_mode import TRAVEL_MODEL, Ferries, TravelMode, parameters, travel_mode

__all__ = [
    "MODES", "TRAITS", "TRAVEL_MODEL", "Ferries", "Kind", "TravelMode", "Traversal", "boarding_seconds", "crossing_seconds",
    "is_raised", "parameters", "travel_mode", "traversal",
]  # fmt: skip
