"""Whether the figures are what the catalogue says: known names, figures on their scale, one figure a key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from corrtip.data.catalogue import Variable
from corrtip.data.figures import KEY
from corrtip.errors import DataError, nearest


def check_figures(frame: pd.DataFrame, catalogue: Mapping[str, Variable]) -> None:
    """Check a long table of figures against the catalogue.

    Parameters
    ----------
    frame : DataFrame
        With the columns of `corrtip.data.figures.COLUMNS`.
    catalogue : mapping of str to Variable
        What each variable is.

    Raises
    ------
    DataError
        At the first row that names an unknown variable or vintage, lies off its variable's scale, levels or years,
        or is a second figure of the same country, year, variable and vintage; with file and row.
    """
    _check_unique(frame)
    # One look at the categories instead of one at each of half a million rows: a pair is a variable and a vintage.
    pairs = frame.groupby(["variable", "vintage"], observed=True, sort=False).indices
    columns = _Columns(frame)
    for (name, vintage), rows in pairs.items():
        where = _place(frame, int(rows[0]))
        if name not in catalogue:
            mend = nearest(name, catalogue) or "Declare it in data/variables.toml"
            raise DataError(where, f'variable "{name}"', expected="a name of data/variables.toml", mend=mend)
        variable = catalogue[name]
        if vintage not in variable.vintages:
            raise DataError(
                where,
                f'"{name}" of vintage "{vintage}"',
                expected=f"one of {', '.join(variable.vintages)}",
                mend="Declare the vintage in data/variables.toml",
            )
        _check_years(frame, columns, variable, rows)
        if variable.kind == "numeric":
            _check_scale(frame, columns, variable, rows)
        else:
            _check_levels(frame, columns, variable, rows)


class _Columns:
    """The columns that the checks look at, as arrays."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.year: NDArray[np.int64] = frame["year"].to_numpy()
        self.value: NDArray[np.float64] = frame["value"].to_numpy()
        self.level: NDArray[Any] = frame["level"].cat.codes.to_numpy()
        self.level_names: tuple[str, ...] = tuple(frame["level"].cat.categories)


def _check_unique(frame: pd.DataFrame) -> None:
    repeated = np.flatnonzero(frame.duplicated(list(KEY)).to_numpy())
    if not repeated.size:
        return
    second = frame.iloc[int(repeated[0])]
    first = int(np.flatnonzero((frame[list(KEY)] == second[list(KEY)]).all(axis=1).to_numpy())[0])
    raise DataError(
        _place(frame, int(repeated[0])),
        f"a second {second['variable']} ({second['vintage']}) of {second['iso3']} in {second['year']}",
        expected=f"one; {_place(frame, first)} has {frame['raw'].iloc[first]!r}",
        mend="Remove one of them, or give the editions vintages of their own",
    )


def _check_years(frame: pd.DataFrame, columns: _Columns, variable: Variable, rows: NDArray[np.intp]) -> None:
    first, last = variable.first_year or -np.inf, variable.last_year or np.inf
    for row in rows[(columns.year[rows] < first) | (columns.year[rows] > last)]:
        raise DataError(
            _place(frame, int(row)),
            f"{variable.name} in {columns.year[row]}",
            expected=f"a year from {variable.first_year or 'the first'} to {variable.last_year or 'the last'}",
            mend="Use the variable that was published in that year",
        )


def _check_scale(frame: pd.DataFrame, columns: _Columns, variable: Variable, rows: NDArray[np.intp]) -> None:
    low, high = variable.scale
    for row in rows[(columns.value[rows] < low) | (columns.value[rows] > high)]:
        raise DataError(
            _place(frame, int(row)),
            f"{variable.name} {columns.value[row]:g} of {frame['iso3'].iloc[row]}",
            expected=f"a figure from {low:g} to {high:g}",
            mend="Correct it against the published table",
        )


def _check_levels(frame: pd.DataFrame, columns: _Columns, variable: Variable, rows: NDArray[np.intp]) -> None:
    for year in np.unique(columns.year[rows]):
        possible = variable.levels_in(int(year))
        allowed = np.array([name in possible for name in columns.level_names] + [True])  # the last: code -1, no level
        here = rows[columns.year[rows] == year]
        for row in here[~allowed[columns.level[here]]]:
            raise DataError(
                _place(frame, int(row)),
                f'{variable.name} "{columns.level_names[columns.level[row]]}" of {frame["iso3"].iloc[row]} in {year}',
                expected=f"one of {', '.join(possible)}",
                mend="Correct it against the published table",
            )


def _place(frame: pd.DataFrame, row: int) -> str:
    return f"data/raw/{frame['source'].iloc[row]}.csv, row {frame['line'].iloc[row]}"
