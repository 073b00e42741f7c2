"""The levels of an outcome: their order is declared or is that of numbers, and is never guessed."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api.types import infer_dtype

from corrtip.errors import FormulaError
from corrtip.models.columns import NUMBER_TYPES, label, name_levels, read_levels

# A numeric outcome with more distinct values than this is taken for a measurement, not for levels.
MAX_OUTCOME_LEVELS = 50


def outcome_levels(series: pd.Series[Any]) -> tuple[npt.NDArray[np.intp], tuple[str, ...]]:
    """Return the level number of each row, and the levels in order.

    A Categorical keeps its declared order; numbers and booleans have their own; text has none and is refused.

    Raises
    ------
    FormulaError
        If the order is unknown, a value is missing, a declared level has no rows, there are fewer than two levels,
        or a numeric outcome has more than `MAX_OUTCOME_LEVELS` distinct values.

    Examples
    --------
    >>> outcome_levels(pd.Series([3, 1, 2, 1]))
    (array([2, 0, 1, 0]), ('1', '2', '3'))
    """
    if isinstance(series, pd.DataFrame):
        raise FormulaError("outcome", "two columns have its name", expected="one column", mend="Rename one of them")
    where, column = f'outcome "{series.name}"', f'data["{series.name}"]'
    if infer_dtype(series, skipna=True) not in (*NUMBER_TYPES, "categorical"):
        raise _unordered(series, where, column)
    values = read_levels(series, where)
    levels = tuple(values.categories)
    declared = map(label, series.cat.categories) if isinstance(series.dtype, pd.CategoricalDtype) else None
    empty = [level for level in declared or () if level not in levels]
    if levels and empty:
        seen = f"no row has the declared level {name_levels(empty)}"
        expected = "rows in every level, for a threshold beside an empty level has no estimate"
        mend = f"Take it out of the declaration: {column} = {column}.cat.remove_unused_categories()"
        raise FormulaError(where, seen, expected=expected, mend=mend)
    if len(levels) < 2:
        seen = f'one level only, "{levels[0]}"' if levels else "no rows"
        raise FormulaError(where, seen, expected="two levels or more", mend="Check which rows and column were chosen")
    if declared is None and len(levels) > MAX_OUTCOME_LEVELS:
        expected = f"at most {MAX_OUTCOME_LEVELS}, for more look like a measurement and not like levels"
        mend = "Group them with pandas.cut, or declare an ordered Categorical if each is a level"
        raise FormulaError(where, f"{len(levels)} distinct numbers", expected=expected, mend=mend)
    return values.codes.astype(np.intp), levels


def _unordered(series: pd.Series[Any], where: str, column: str) -> FormulaError:
    seen = sorted({str(level) for level in series.dropna()})
    shown = ", ".join(map(repr, seen[:6])) + (", ..." if len(seen) > 6 else "")
    return FormulaError(
        where,
        f"values of type {series.dtype}, whose order is unknown",
        expected="an ordered Categorical, or numbers",
        mend=f"State the order: {column} = pandas.Categorical({column}, categories=[{shown}], ordered=True), "
        "with the levels from lowest to highest",
    )
