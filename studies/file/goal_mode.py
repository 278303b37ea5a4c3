"""The travel mode a goal is answered with: its own wishes, the study's, the shipped ones."""

from __future__ import annotations

from ...geo.modes import TravelMode, travel_mode
from ...layers.goals import Travel
from .study import Modes


def goal_mode(goal: Travel, modes: Modes) -> TravelMode:
    """Return the mode of a goal: its own speed or profile first, then the study's, then the shipped ones."""
    options = getattr(modes, goal.mode).model_dump(exclude_none=True)
    own = {"speed_kmh": goal.speed_kmh, "profile": goal.profile}
    if goal.profile is not None and goal.speed_kmh is None:
        options.pop("speed_kmh", None)  # a goal's profile brings its own speed
    chosen = {**options, **{key: value for key, value in own.items() if value is not None}}
    return travel_mode(goal.mode, ferries=modes.ferries, **chosen)
