"""How a share is said: one rule for the screen, pages, tables and pictures. `runtime/text.js` keeps in step."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Final

MOST_DIGITS: Final = 8
NEAR: Final = 1e-9  # a target of 7 % is 7.000000000000001 when multiplied by 100
UNKNOWN: Final = "—"


def percent(share: float | None, target: float | None = None, most: float | None = None, *, digits: int = 1) -> str:
    """Say a share with a number of decimals, or with as many as it takes not to look like the other side of its target.

    Parameters
    ----------
    share : float or None
        0.9 is 90.0%.
    target, most : float or None
        What it should at least, or at most, be.
    digits : int
        Decimals where no more are needed.
    """
    if share is None or share != share:
        return UNKNOWN
    return f"{_shown(share, percent_digits(share, target, most, digits=digits)):f}%"


def short_percent(
    share: float | None, target: float | None = None, most: float | None = None, *, digits: int = MOST_DIGITS
) -> str:
    """Say a share without zeros at its end; one that somebody chose, such as a target, with all the decimals that it has."""
    said = percent(share, target, most, digits=digits)
    return f"{said[:-1].rstrip('0').rstrip('.')}%" if "." in said else said


def percent_digits(share: float, target: float | None = None, most: float | None = None, *, digits: int = 1) -> int:
    """Return how many decimals a share needs, at least `digits`; parameters as `percent`."""
    for enough in range(digits, MOST_DIGITS):
        shown = float(_shown(share, enough))
        if _is_same_side(share, shown, target) and _is_same_side(-share, -shown, None if most is None else -most):
            return enough
    return MOST_DIGITS


def _is_same_side(share: float, shown: float, target: float | None) -> bool:
    return target is None or (share >= target) == (shown >= target * 100 - NEAR)


def _shown(share: float, digits: int) -> Decimal:
    """Round halves up, as browsers do: the page and the report print the same."""
    return Decimal(share * 100).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
