"""An outcome's order is declared or that of numbers; everything else is refused with the remedy."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from corrtip.errors import FormulaError
from corrtip.models.outcome import MAX_OUTCOME_LEVELS, outcome_levels


def test_categorical_outcome_keeps_its_declared_order() -> None:
    for ordered in (True, False):
        tier = pd.Series(pd.Categorical(["3", "1", "2WL", "2"], categories=["1", "2", "2WL", "3"], ordered=ordered))
        codes, levels = outcome_levels(tier)
        assert levels == ("1", "2", "2WL", "3")
        assert codes.dtype == np.intp
        np.testing.assert_array_equal(codes, [3, 0, 2, 1])


@pytest.mark.parametrize(
    ("values", "levels"),
    [
        (pd.Series([10, 9, 10, 2]), ("2", "9", "10")),
        (pd.Series([10.0, 9.0, 10.0, 2.0]), ("2", "9", "10")),
        (pd.Series([1.5, 0.5, 1.5, 1.0]), ("0.5", "1", "1.5")),
        (pd.Series([True, False, True]), ("False", "True")),
        (pd.Series([3, 1, 2], dtype="Int64"), ("1", "2", "3")),
        (pd.Series([True, False], dtype="boolean"), ("False", "True")),
        (pd.Series([3, 1, 2], dtype=object), ("1", "2", "3")),
        (pd.Series(pd.Categorical([30, 4, 30], categories=[4, 30])), ("4", "30")),
    ],
)
def test_numeric_outcome_has_the_order_of_numbers(values: pd.Series, levels: tuple[str, ...]) -> None:
    codes, found = outcome_levels(values)
    assert [found[code] for code in codes] == [levels[levels.index(found[code])] for code in codes]
    assert set(codes) == set(range(len(levels)))
    if levels != ("False", "True"):
        assert found == levels
        numbers = values.astype(float).to_numpy()
        assert [float(found[code]) for code in codes] == numbers.tolist()


@pytest.mark.parametrize("dtype", ["str", "object"])
def test_text_outcome_is_refused_with_the_remedy(dtype: str) -> None:
    with pytest.raises(FormulaError) as caught:
        outcome_levels(pd.Series(["2", "1", "3"], name="tier", dtype=dtype))
    assert "order is unknown" in caught.value.seen
    assert (
        "data[\"tier\"] = pandas.Categorical(data[\"tier\"], categories=['1', '2', '3'], ordered=True)"
        in caught.value.mend
    )


def test_missing_outcome_is_refused_with_its_rows() -> None:
    tier = pd.Series([1, np.nan, 2, np.nan], index=["AFG", "AGO", "ALB", "AND"], name="tier")
    for series in (tier, tier.astype("category"), tier.astype("Int64")):
        with pytest.raises(FormulaError) as caught:
            outcome_levels(series)
        assert caught.value.where == 'outcome "tier"'
        assert caught.value.seen == "missing in 2 rows ('AGO', 'AND')"


def test_declared_level_without_rows_is_refused_with_the_remedy() -> None:
    tier = pd.Series(pd.Categorical(["1", "3", "1"], categories=["1", "2", "2WL", "3"], ordered=True), name="tier")
    with pytest.raises(FormulaError) as caught:
        outcome_levels(tier)
    assert caught.value.seen == 'no row has the declared level "2", "2WL"'
    assert 'data["tier"].cat.remove_unused_categories()' in caught.value.mend


@pytest.mark.parametrize(
    ("values", "seen"),
    [
        (pd.Series([1, 1, 1]), 'one level only, "1"'),
        (pd.Series([], dtype=float), "no rows"),
        (pd.Series(np.linspace(0, 1, MAX_OUTCOME_LEVELS + 1)), f"{MAX_OUTCOME_LEVELS + 1} distinct numbers"),
        (pd.Series([1.0, np.inf, 2.0]), "inf in row 1"),
        (pd.Series(pd.to_datetime(["2005-01-01", "2006-01-01"])), "order is unknown"),
        (pd.Series([[1], [2]]), "order is unknown"),
        (pd.Series([1j, 2j]), "order is unknown"),
        (pd.Series(pd.Categorical([1, "1"], categories=[1, "1"])), 'two levels are called "1"'),
        (pd.DataFrame({"a": [1, 2]}), "two columns have its name"),
    ],
)
def test_outcome_without_two_ordered_levels_is_refused(values: pd.Series, seen: str) -> None:
    with pytest.raises(FormulaError) as caught:
        outcome_levels(values)
    assert seen in caught.value.seen


def test_thirty_levels_are_levels() -> None:
    codes, levels = outcome_levels(pd.Series(np.arange(30)[::-1]))
    assert len(levels) == 30
    np.testing.assert_array_equal(codes, np.arange(30)[::-1])
