"""Tables for access measures: one worked out by hand, and any that hypothesis thinks of."""

from __future__ import annotations

import pandas as pd
from hypothesis import settings
from hypothesis import strategies as st

QUICK = settings(max_examples=25)  # a busy machine is no error

# Three villages and two clinics; nobody reaches the third clinic, and the fourth village reaches none.
COSTS = pd.DataFrame(
    [("a", "A", 5.0), ("a", "B", 20.0), ("b", "A", 12.0), ("b", "B", 10.0), ("c", "B", 30.0)],
    columns=["demand", "facility", "minutes"],
)
PEOPLE = pd.Series({"a": 100.0, "b": 300.0, "c": 200.0, "d": 50.0})
CAPACITY = pd.Series({"A": 8.0, "B": 12.0, "C": 5.0})


@st.composite
def tables(draw, *, least_people: float = 0.0):
    """Draw costs, people and capacities: up to 6 units and 4 facilities, any pairs, times up to 40 minutes."""
    units, facilities = draw(st.integers(1, 6)), draw(st.integers(1, 4))
    people = draw(st.lists(st.floats(least_people, 1000), min_size=units, max_size=units))
    capacity = draw(st.lists(st.floats(0, 50), min_size=facilities, max_size=facilities))
    times = draw(
        st.dictionaries(
            st.tuples(st.integers(0, units - 1), st.integers(0, facilities - 1)), st.floats(0, 40), max_size=units * facilities
        )
    )
    rows = [(unit, facility, minutes) for (unit, facility), minutes in sorted(times.items())]
    costs = pd.DataFrame(rows, columns=["demand", "facility", "minutes"]).astype(
        {"demand": int, "facility": int, "minutes": float}
    )
    # Fractions of a person so small that a capacity divided by them overflows are no village.
    return costs, pd.Series(people).round(3), pd.Series(capacity).round(3)
