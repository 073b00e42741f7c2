"""The account of rows: each loss once, with its reason and its countries."""

import numpy as np

from corrtip.data.attrition import COLUMNS, Attrition

ISO3 = ("AAA", "BBB", "CCC")


def account():
    """Return three countries in two years."""
    country, year = np.repeat([0, 1, 2], 2), np.tile([2001, 2002], 3)
    return Attrition(ISO3, country.astype(np.intp), year)


def causes(*codes):
    return np.array(codes, dtype=np.int8)


def test_a_row_is_counted_at_the_first_step_that_loses_it():
    held = account()
    first = np.array([True, False, True, False, False, False])
    second = np.array([True, True, False, False, False, False])
    held.lose("one", first, causes(0, 0, 0, 0, 0, 0), lambda year, cause: f"gone in {year}")
    held.lose("two", second, causes(0, 0, 0, 0, 0, 0), lambda year, cause: f"late in {year}")
    assert list(held.table().itertuples(index=False, name=None)) == [
        ("one", "gone in 2001", 2, 2, ("AAA", "BBB")),
        ("two", "late in 2002", 1, 1, ("AAA",)),
    ]
    assert held.kept.tolist() == [False, False, False, True, True, True]


def test_causes_and_years_have_lines_of_their_own_and_equal_words_share_one():
    held = account()
    lost = np.ones(6, dtype=bool)
    held.lose("s", lost, causes(1, 1, 2, 2, 1, 1), lambda year, cause: "both years" if cause == 2 else f"{year}")
    table = held.table().set_index("reason")
    assert table.loc["both years", "iso3"] == ("BBB",)
    assert table.loc["both years", ["rows", "countries"]].tolist() == [2, 1]
    assert table.loc["2001", "iso3"] == ("AAA", "CCC")
    assert table["rows"].sum() == 6


def test_no_loss_is_an_empty_account_with_the_same_columns():
    held = account()
    held.lose("s", np.zeros(6, dtype=bool), causes(*[0] * 6), lambda year, cause: "never")
    assert tuple(held.table().columns) == COLUMNS
    assert held.table().empty
