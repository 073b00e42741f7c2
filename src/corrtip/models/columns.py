"""One column of the data as numbers or as labelled levels; what it cannot be is refused with its rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api.types import infer_dtype

from corrtip.errors import FormulaError, nearest

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

NUMBER_TYPES = ("integer", "floating", "mixed-integer-float", "boolean", "empty")
CATEGORY_TYPES = ("string", "categorical")


def find_column(data: pd.DataFrame, name: str, argument: str) -> pd.Series[Any]:
    """Return the one column called ``name``.

    Raises
    ------
    FormulaError
        If the data are no frame, or no column or more than one has the name.
    """
    if not isinstance(data, pd.DataFrame):
        raise FormulaError(argument, f"data are a {type(data).__name__}", expected="a pandas DataFrame")
    if name not in data.columns:
        mend = nearest(name, filter(lambda known: isinstance(known, str), data.columns))
        raise FormulaError(argument, f'no column "{printable(name)}"', expected="columns of the data", mend=mend)
    column = data[name]
    if isinstance(column, pd.DataFrame):
        raise FormulaError(argument, f'two columns are called "{name}"', expected="one", mend="Rename one of them")
    return column


def is_category(column: pd.Series[Any], where: str) -> bool:
    """Tell whether a column holds text or categories; booleans are numbers, as are objects that are all numbers.

    Raises
    ------
    FormulaError
        If it holds neither: dates, lists, complex numbers, a mixture.
    """
    kind = infer_dtype(column, skipna=True)
    if kind not in NUMBER_TYPES + CATEGORY_TYPES:
        expected = "numbers, booleans, text or a Categorical"
        raise FormulaError(where, f"values of type {kind}", expected=expected, mend="Turn the column into one of these")
    return kind in CATEGORY_TYPES


def read_numbers(column: pd.Series[Any], where: str) -> FloatArray:
    """Return a column as finite numbers.

    Raises
    ------
    FormulaError
        If it holds text, or a value is missing or infinite.
    """
    if is_category(column, where):
        raise FormulaError(where, "holds text or categories", expected="numbers", mend="Use C(...) for categories")
    _require_present(column, where)
    values: FloatArray = column.to_numpy(dtype=np.float64)
    require_finite(values, column.index, where, mend="Correct or leave out those rows")
    return values


def read_levels(column: pd.Series[Any], where: str) -> pd.Categorical:
    """Return a column as labels of the levels that have rows, in declared, numeric or alphabetical order.

    Raises
    ------
    FormulaError
        If a value is missing or infinite, or two levels have one label.
    """
    if not is_category(column, where):
        read_numbers(column, where)
    _require_present(column, where)
    levels = column.astype("category").cat.remove_unused_categories().cat
    labels = [label(level) for level in levels.categories]
    require_distinct(labels, "levels", where)
    return pd.Categorical.from_codes(levels.codes, labels)


def label(level: object) -> str:
    """Return the name of a level; whole numbers go without decimals.

    Examples
    --------
    >>> label(2005.0)
    '2005'
    """
    return str(int(level) if isinstance(level, float | np.floating) and float(level).is_integer() else level)


def require_finite(
    values: FloatArray, index: pd.Index[Any], where: str, *, mend: str, used: Mapping[str, Any] | None = None
) -> None:
    """Refuse a value that is missing or infinite in one column or several, naming rows and the values it came from."""
    wrong: BoolArray = ~np.isfinite(values)
    if wrong.any():
        rows = np.asarray(wrong.reshape(len(wrong), -1).any(axis=1))
        seen = f"{values[wrong][0]} in {name_rows(index, rows)}"
        came = " and ".join(f"{name} is {np.asarray(column)[rows][0]}" for name, column in (used or {}).items())
        seen += f", first where {came}" if came else ""
        raise FormulaError(where, seen, expected="a finite number in every row", mend=mend)


def require_distinct(names: Collection[str], what: str, where: str) -> None:
    """Refuse a name that is there twice."""
    counts = pd.Series(list(names), dtype=object).value_counts(sort=False)
    for name in counts.index[counts > 1]:
        seen = f'two {what} are called "{name}"'
        raise FormulaError(where, seen, expected="distinct names", mend="Rename one of them")


def _require_present(column: pd.Series[Any], where: str) -> None:
    missing = column.isna().to_numpy()
    if missing.any():
        seen = f"missing in {name_rows(column.index, missing)}"
        mend = f'Leave those rows out first: data = data.dropna(subset=["{column.name}"])'
        raise FormulaError(where, seen, expected="a value in every row", mend=mend)


def name_rows(index: pd.Index[Any], wrong: BoolArray) -> str:
    """Return the labels of the rows that are wrong, five at most.

    Examples
    --------
    >>> name_rows(pd.Index(["AFG", "AGO", "ALB"]), np.array([True, False, True]))
    "2 rows ('AFG', 'ALB')"
    """
    rows = index[wrong].tolist()
    shown = ", ".join(map(repr, rows[:5])) + (", ..." if len(rows) > 5 else "")
    return f"row {shown}" if len(rows) == 1 else f"{len(rows)} rows ({shown})"


def name_levels(levels: Collection[str]) -> str:
    """Return the levels in quotes, eight at most."""
    return ", ".join(f'"{level}"' for level in list(levels)[:8]) + (", ..." if len(levels) > 8 else "")


def printable(text: str) -> str:
    """Return at most sixty characters of a text, each of which can be printed."""
    shown = text if len(text) <= 60 else text[:57] + "..."
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in shown)
