"""A column is numbers or labelled levels, or it is refused with its rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from corrtip.errors import FormulaError
from corrtip.models.columns import (
    find_column,
    is_category,
    name_levels,
    name_rows,
    printable,
    read_levels,
    read_numbers,
    require_distinct,
    require_finite,
)


def test_column_is_found_or_the_nearest_named() -> None:
    data = pd.DataFrame({"gini": [1.0], 2005: [2.0]})
    assert find_column(data, "gini", "formula").tolist() == [1.0]
    with pytest.raises(FormulaError, match="Nearest: 'gini'"):
        find_column(data, "ginny", "formula")
    with pytest.raises(FormulaError, match="two columns"):
        find_column(pd.concat([data, data], axis=1), "gini", "formula")
    with pytest.raises(FormulaError, match="data are a list"):
        find_column([], "gini", "formula")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "category"),
    [
        (pd.Series([1, 2]), False),
        (pd.Series([True, None], dtype=object), False),
        (pd.Series([1, 2.5], dtype=object), False),
        (pd.Series([1, None], dtype="Int64"), False),
        (pd.Series(["a", None]), True),
        (pd.Series(["a", "b"], dtype=object), True),
        (pd.Series([3, 1], dtype="category"), True),
    ],
)
def test_kind_goes_by_the_values(values: pd.Series, category: bool) -> None:
    assert is_category(values, "x") is category


def test_numbers_are_finite_doubles() -> None:
    numbers = read_numbers(pd.Series([3, 1, 2], dtype="Int64"), "x")
    assert numbers.dtype == np.float64
    assert numbers.tolist() == [3.0, 1.0, 2.0]
    with pytest.raises(FormulaError, match="missing in row 1"):
        read_numbers(pd.Series([3, None], dtype="Int64"), "x")
    with pytest.raises(FormulaError, match="inf in row 'b'"):
        read_numbers(pd.Series([1.0, np.inf], index=["a", "b"]), "x")


def test_levels_have_declared_numeric_or_alphabetical_order() -> None:
    assert read_levels(pd.Series(["b", "a", "b"]), "x").categories.tolist() == ["a", "b"]
    assert read_levels(pd.Series([10.0, 9.0, 2.5]), "x").categories.tolist() == ["2.5", "9", "10"]
    declared = pd.Series(pd.Categorical(["b", "a"], categories=["b", "c", "a"]))
    levels = read_levels(declared, "x")
    assert levels.categories.tolist() == ["b", "a"]
    assert levels.codes.tolist() == [0, 1]
    with pytest.raises(FormulaError, match='two levels are called "1"'):
        read_levels(pd.Series(pd.Categorical([1, "1"], categories=[1, "1"])), "x")


def test_infinite_value_is_shown_with_what_it_came_from() -> None:
    values = np.array([[1.0, 2.0], [np.nan, 2.0], [1.0, -np.inf]])
    with pytest.raises(FormulaError) as caught:
        require_finite(values, pd.RangeIndex(3), "x", mend="", used={"gini": np.array([5.0, 6.0, 7.0])})
    assert caught.value.seen == "nan in 2 rows (1, 2), first where gini is 6.0"


def test_lists_are_short_and_printable() -> None:
    assert name_rows(pd.RangeIndex(9), np.ones(9, dtype=bool)) == "9 rows (0, 1, 2, 3, 4, ...)"
    assert name_levels([str(level) for level in range(9)]).endswith('"7", ...')
    assert printable("\ud800\n") == "\\ud800\\n"
    assert len(printable("a" * 100)) == 60
    require_distinct(["a", "b"], "levels", "x")
    with pytest.raises(FormulaError, match='two levels are called "a"'):
        require_distinct(["a", "b", "a"], "levels", "x")
