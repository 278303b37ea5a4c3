"""The table of travel times is checked once: sentinels, strangers and repetitions are named, never computed with."""

import numpy as np
import pandas as pd
import pytest
from access_tables import CAPACITY, COSTS, PEOPLE

from lifecircle.analyses.access.capacity import with_default
from lifecircle.analyses.access.costs import capacity_of, number_pairs, people_of
from lifecircle.analyses.access.two_step import two_step
from lifecircle.geo.errors import InputError


def changed(row, column, value):
    table = COSTS.copy()
    table.loc[row, column] = value
    return table


@pytest.mark.parametrize("minutes", [-1.0, np.nan, np.inf, 1e6, 4294967.295])
def test_marks_for_not_reached_are_refused(minutes):
    """Pitfall 5: -1, an empty cell and a search radius all mean "not reached" somewhere."""
    with pytest.raises(InputError, match="leave pairs that are not reached out") as caught:
        number_pairs(changed(2, "minutes", minutes), PEOPLE.index, CAPACITY.index)
    assert str(caught.value).startswith(f"'b' to 'A' has {minutes} minutes")


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (COSTS.drop(columns="minutes"), "no column 'minutes'"),
        (changed(1, "demand", "x"), "names the demand unit 'x', which is not known"),
        (changed(1, "facility", "X"), "names the facility 'X', which is not known"),
        (changed(1, "facility", "A"), "'a' to 'A' stands twice"),
    ],
)
def test_a_wrong_table_names_what_is_wrong(table, words):
    with pytest.raises(InputError, match=words):
        number_pairs(table, PEOPLE.index, CAPACITY.index)


def test_repeated_pairs_are_found_in_any_order():
    for order in ([4, 0, 3, 1, 2, 0], [0, 0, 1, 2, 3, 4]):
        with pytest.raises(InputError, match="'a' to 'A' stands twice"):
            number_pairs(COSTS.iloc[order], PEOPLE.index, CAPACITY.index)


@pytest.mark.parametrize(
    ("amounts", "words"),
    [
        ({"A": 1.0, "B": np.nan}, "facility 'B' has no capacity; give one, or state a default"),
        ({"A": np.nan, "B": np.nan}, "facility 'A' and 1 more have no capacity"),
        ({"A": 1.0, "B": -2.0}, "facility 'B' has -2 as capacity"),
        ({"A": np.inf}, "facility 'A' has inf as capacity"),
    ],
)
def test_a_missing_capacity_names_the_facility_and_is_never_1(amounts, words):
    with pytest.raises(InputError, match=words):
        capacity_of(pd.Series(amounts))


def test_missing_people_and_repeated_ids_are_refused():
    with pytest.raises(InputError, match="demand unit 'b' has no people"):
        people_of(pd.Series({"a": 1.0, "b": np.nan}))
    with pytest.raises(InputError, match="demand unit 'a' stands there twice"):
        people_of(pd.Series([1.0, 2.0], index=["a", "a"]))


def test_a_default_capacity_is_only_taken_where_it_is_stated():
    supply = pd.Series({"A": 3.0, "B": np.nan})
    assert with_default(supply, 2).to_dict() == {"A": 3.0, "B": 2.0}
    assert supply.isna().to_list() == [False, True], "the input is left alone"
    for wrong in (-1.0, np.nan):
        with pytest.raises(InputError, match="default capacity"):
            with_default(supply, wrong)


def test_an_empty_table_is_fine_and_inputs_stay_as_they_are():
    before = [COSTS.copy(), PEOPLE.copy(), CAPACITY.copy()]
    assert two_step(COSTS.iloc[:0], PEOPLE, CAPACITY, minutes=10).to_dict() == dict.fromkeys("abcd", 0.0)
    two_step(COSTS, PEOPLE, CAPACITY, minutes=10)
    for table, kept in zip((COSTS, PEOPLE, CAPACITY), before, strict=True):
        assert table.equals(kept)


def test_the_order_of_the_rows_does_not_matter():
    shuffled = COSTS.sample(frac=1, random_state=3)
    assert two_step(shuffled, PEOPLE, CAPACITY, minutes=30).to_dict() == two_step(COSTS, PEOPLE, CAPACITY, minutes=30).to_dict()
