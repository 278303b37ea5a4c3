"""Random conditions on random tables mean what a second, plain reading of them cell by cell says."""

import datetime as dt

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from naive_conditions import SIGNS, Naive, Refused

from lifecircle.layers.conditions import ConditionError, choose_rows

LONG = [330102199001011233, 330102199001011234, 2**53, 2**53 + 1, -(2**53) - 1, 10**19, 10**20]
INTS = [0, 1, 5, 9, 10, -3, 2020, 2021, *LONG]
FLOATS = [0.0, 0.1, 0.5, 5.0, 10.0, -3.5, 2.0**53, 2.0**53 + 2, 1e23, 3.30102199001011e17]
NUMBER_TEXTS = ["5", "05", "9", "10", "10.0", " 5 ", "0.1", ".5", "5.", "+5", "-3", "1e1", "3.30102E+17", "2020", *map(str, LONG)]
DATE_TEXTS = ["2020", "2020-12", "2020-12-31", "2021-01-01", "2021-01-01 00:00", "2021-01-01T08:30", "2021-01-01T08:30:15"]
OTHER_TEXTS = ["unknown", "约50", "5x", "NA", "-", "nan", "inf", "1_0", "２", "2021/1/1", "2021-13-01", "9007199254740993.0", "a"]
BLANKS = [None, None, "", "  "]
TEXTS = st.sampled_from(NUMBER_TEXTS) | st.sampled_from(DATE_TEXTS) | st.sampled_from(OTHER_TEXTS)
MOMENTS = [dt.datetime(2020, 12, 31), dt.datetime(2021, 1, 1), dt.datetime(2021, 1, 1, 8, 30), dt.datetime(2021, 1, 1, 8, 30, 15)]


def cells(values, *, blank=True):
    return st.lists(values | st.sampled_from([None]) if blank else values, min_size=4, max_size=4)


# Mostly numbers, mostly dates, or anything: a column of three texts of a kind and one that is not is the case in point.
TEXT_COLUMNS = st.one_of(
    *(
        st.tuples(*[st.sampled_from(pool)] * 3, st.sampled_from(BLANKS) | TEXTS).flatmap(lambda made: st.permutations(list(made)))
        for pool in (NUMBER_TEXTS, [str(number) for number in LONG], DATE_TEXTS, OTHER_TEXTS)
    ),
    cells(TEXTS | st.sampled_from(BLANKS)),
)
INT64 = [number for number in INTS if abs(number) < 2**63]
COLUMNS = st.one_of(
    st.tuples(st.just("text"), TEXT_COLUMNS),
    st.tuples(st.just("text"), TEXT_COLUMNS),
    st.tuples(st.just("number"), cells(st.sampled_from(INT64), blank=False)),
    st.tuples(st.just("number"), cells(st.sampled_from(INT64))),
    st.tuples(st.just("number"), cells(st.sampled_from(FLOATS))),
    st.tuples(st.just("flag"), cells(st.booleans())),
    st.tuples(st.just("date"), cells(st.sampled_from(MOMENTS))),
)
LITERALS = st.one_of(
    st.tuples(st.just("number"), st.sampled_from(INTS)),
    st.tuples(st.just("number"), st.sampled_from([0.1, 0.5, -3.5])),
    st.tuples(st.just("text"), TEXTS),
    st.tuples(st.just("text"), st.sampled_from(DATE_TEXTS)),
)


def series(stored, values):
    if stored == "text":
        return pd.Series(values, dtype="str")
    if stored == "flag":
        return pd.Series(values, dtype="boolean")
    if stored == "date":
        return pd.Series(pd.to_datetime(values))
    if any(isinstance(value, float) for value in values):
        return pd.Series([np.nan if value is None else value for value in values], dtype="float64")
    return pd.Series(values, dtype="Int64" if None in values else "int64")


@st.composite
def tables(draw):
    made = {name: draw(COLUMNS) for name in ("a", "b", "c")}  # few, so that two of a kind meet
    return {name: (stored, list(values)) for name, (stored, values) in made.items()}


NAMES = st.sampled_from(["a", "b", "c"])
LEAVES = st.one_of(
    st.tuples(st.just("value"), NAMES, st.sampled_from(list(SIGNS)), LITERALS),
    st.tuples(st.just("columns"), NAMES, st.sampled_from(list(SIGNS)), NAMES),
    st.tuples(st.just("in"), NAMES, st.lists(LITERALS, min_size=1, max_size=4)),
    st.tuples(st.just("null"), NAMES),
    st.tuples(st.just("alone"), NAMES),
)


def written(tree):
    form, *rest = tree
    if form in ("and", "or"):
        return "(" + f" {form} ".join(map(written, rest)) + ")"
    if form == "not":
        return f"not ({written(rest[0])})"
    if form == "value":
        name, sign, literal = rest
        mirrored = sign.translate(str.maketrans("<>", "><"))
        return f"{quoted(literal)} {mirrored} {name}" if literal[0] == "number" else f"{name} {sign} {quoted(literal)}"
    if form == "in":
        return f"{rest[0]} in [{', '.join(map(quoted, rest[1]))}]"
    return {"columns": " ".join, "null": "{} is null".format, "alone": str}[form](*([rest] if form == "columns" else rest))


def quoted(literal):
    kind, value = literal
    return f"'{value}'" if kind == "text" else str(value)


def joined(leaves):
    return st.recursive(
        st.sampled_from(leaves),
        lambda part: st.one_of(
            st.tuples(st.just("not"), part), st.tuples(st.just("and"), part, part), st.tuples(st.just("or"), part, part, part)
        ),
        max_leaves=6,
    )


def plainly(table, tree):
    """Return what the plain reading chooses and lists, None where it refuses."""
    try:
        return Naive(table).choose(tree)
    except Refused:
        return None


def really(table, tree):
    frame = pd.DataFrame({name: series(*column) for name, column in table.items()})
    try:
        choice = choose_rows(frame, written(tree))
    except ConditionError:
        return None
    unread = {(part.column, part.asked, int(row)) for part in choice.unread for row in np.flatnonzero(part.rows)}
    return choice.chosen.tolist(), unread


@given(tables(), st.lists(LEAVES, min_size=10, max_size=10), st.data())
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
def test_a_plain_reading_says_the_same(table, leaves, data):
    for leaf in leaves:
        assert really(table, leaf) == plainly(table, leaf), written(leaf)
    answered = [leaf for leaf in leaves if plainly(table, leaf) is not None]
    tree = data.draw(joined([*answered, ("null", "a")]))
    assert really(table, tree) == plainly(table, tree), written(tree)


@given(tables(), NAMES, st.lists(LITERALS.filter(lambda literal: literal[0] == "number"), min_size=1, max_size=5))
@settings(max_examples=100)
def test_one_of_several_numbers_is_one_of_them_after_the_other(table, name, numbers):
    among = really(table, ("in", name, numbers))
    either = really(table, ("or", *(("value", name, "==", number) for number in numbers)))
    neither = really(table, ("not", ("and", *(("value", name, "!=", number) for number in numbers))))
    assert either == neither
    # In a list one long number is enough to ask for all figures of a cell.
    if among is not None and either is not None and not among[1]:
        assert among[0] == either[0]
