"""Goals: what a plan promises, as data. One model per kind of check; `Goal` is any of them."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import Discriminator, Tag, TypeAdapter

from .base import (
    FACILITY_LEVEL,
    KINDS_OF_LEVEL,
    LEVELS,
    VARIANT_MARK,
    WHOLE_STUDY,
    Bounded,
    Direction,
    GoalBase,
    Mode,
    Part,
    PeopleGoal,
    Population,
    Source,
    Text,
    Travel,
    Unit,
    UnitKind,
    Variant,
)
from .figures import ContextGoal, DisparityGoal, IndicatorGoal, RatioGoal, TrendGoal
from .travel import Bundle, CircleGoal, MixGoal, MobileService, TimedGoal
from .units import PresenceGoal, PresenceLevel, ShareGoal, TilingGoal

__all__ = [
    "CHECKS",
    "FACILITY_LEVEL",
    "GOAL_PARTS",
    "KINDS_OF_LEVEL",
    "LEVELS",
    "VARIANT_MARK",
    "WHOLE_STUDY",
    "Bounded",
    "Bundle",
    "CircleGoal",
    "ContextGoal",
    "Direction",
    "DisparityGoal",
    "Goal",
    "GoalBase",
    "IndicatorGoal",
    "MixGoal",
    "MobileService",
    "Mode",
    "Part",
    "PeopleGoal",
    "Population",
    "PresenceGoal",
    "PresenceLevel",
    "RatioGoal",
    "ShareGoal",
    "Source",
    "Text",
    "TilingGoal",
    "TimedGoal",
    "Travel",
    "TrendGoal",
    "Unit",
    "UnitKind",
    "Variant",
    "goal_from",
    "goal_kind",
    "variant_goals",
]

CHECKS: Final[dict[str, type[GoalBase]]] = {
    "circle": CircleGoal,
    "presence": PresenceGoal,
    "share": ShareGoal,
    "tiling": TilingGoal,
    "ratio": RatioGoal,
    "mix": MixGoal,
    "disparity": DisparityGoal,
    "trend": TrendGoal,
    "indicator": IndicatorGoal,
    "context": ContextGoal,
}
# The mappings inside a goal, by their key.
GOAL_PARTS: Final[dict[str, type[Part]]] = {
    "title": Text,
    "note": Text,
    "unit": Unit,
    "bundle": Bundle,
    "mobile": MobileService,
    "levels": PresenceLevel,
    "variants": Variant,
}


def goal_kind(value: Any) -> str | None:
    """Return the check of a goal or of its keys; a goal without one is a circle."""
    kind = value.get("check", "circle") if isinstance(value, dict) else getattr(value, "check", None)
    return kind if isinstance(kind, str) and kind in CHECKS else None


Goal = Annotated[
    Annotated[CircleGoal, Tag("circle")]
    | Annotated[PresenceGoal, Tag("presence")]
    | Annotated[ShareGoal, Tag("share")]
    | Annotated[TilingGoal, Tag("tiling")]
    | Annotated[RatioGoal, Tag("ratio")]
    | Annotated[MixGoal, Tag("mix")]
    | Annotated[DisparityGoal, Tag("disparity")]
    | Annotated[TrendGoal, Tag("trend")]
    | Annotated[IndicatorGoal, Tag("indicator")]
    | Annotated[ContextGoal, Tag("context")],
    Discriminator(
        goal_kind,
        custom_error_type="check",
        custom_error_message="`check` is one of {checks}",
        custom_error_context={"checks": ", ".join(CHECKS)},
    ),
]
_ANY_GOAL: TypeAdapter[Goal] = TypeAdapter(Goal)


def goal_from(keys: Any) -> Goal:
    """Make a goal from its keys.

    Parameters
    ----------
    keys : dict
        As in a catalogue, with `id`; without `check` it is a circle.

    Raises
    ------
    pydantic.ValidationError
        Naming each key that is wrong.
    """
    return _ANY_GOAL.validate_python(keys)


def variant_goals(goal: GoalBase) -> tuple[Goal, ...]:
    """Return the competing definitions of a goal as goals of their own, called `<goal>--<variant>`."""
    own = goal.model_dump(exclude={"variants"}, exclude_unset=True) | {"check": goal_kind(goal)}
    return tuple(
        goal_from({**own, **variant.set, "id": f"{goal.id}{VARIANT_MARK}{variant.id}", "title": variant.title.model_dump()})
        for variant in goal.variants
    )
