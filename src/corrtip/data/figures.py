"""The long table of figures: its columns, and how each reader fills it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from pandas.api.types import union_categoricals

from corrtip.data.catalogue import Variable
from corrtip.data.countries import Countries
from corrtip.data.source import RawFile
from corrtip.errors import DataError

COLUMNS = (
    "iso3",
    "year",
    "variable",
    "vintage",
    "value",
    "level",
    "status",
    "raw",
    "source",
    "line",
    "data_year",
    "n_independent",
    "derived",
)
"""The columns of the long table, in order."""

CATEGORICAL = ("iso3", "variable", "vintage", "level", "status", "source")
"""Columns whose texts repeat: held as categories, so that half a million rows stay small and quick."""

KEY = ("iso3", "year", "variable", "vintage")
"""What a figure is of: no two rows share it."""

STATUSES = ("observed", "corrected", "special_case", "not_listed", "missing")
"""What a row says: missing is a status, never a number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What publishers' names mean here.

    Parameters
    ----------
    countries : Countries
        Printed names and codes of countries.
    catalogue : mapping of str to Variable
        Variables, with what each publisher calls them.
    """

    countries: Countries
    catalogue: Mapping[str, Variable]


def build_figures(
    raw: RawFile,
    *,
    rows: NDArray[np.int64],
    iso3: ArrayLike | pd.Categorical,
    year: ArrayLike,
    variable: ArrayLike | pd.Categorical,
    vintage: str,
    text: ArrayLike,
    value: ArrayLike | None = None,
    level: ArrayLike | None = None,
    status: ArrayLike | pd.Categorical,
    data_year: ArrayLike | None = None,
    n_independent: ArrayLike | None = None,
    derived: ArrayLike | None = None,
) -> pd.DataFrame:
    """Return the long table of one edition; every array has one element a figure.

    Parameters
    ----------
    raw : RawFile
        The file that was read.
    rows : ndarray of int
        Row of ``raw`` that each figure stands in, counted from 0.
    iso3, year, variable : array_like
        What each figure is of. Texts may come as a categorical, which is quicker than to look for kinds among them.
    vintage : str
        The state of knowledge: ``first-published``, ``factbook-2005``.
    text : array_like of str
        The cell as it stands in the file.
    value : array_like of float, optional
        The number; NaN where there is none.
    level : array_like of str or None, optional
        The category; None where there is none.
    status : array_like of str
        One of ``STATUSES``.
    data_year : array_like of int, optional
        The year that the figure is about; by default ``year``.
    n_independent : array_like of float, optional
        How many independent sources give the figure; NaN where nobody counted.
    derived : array_like of bool, optional
        Was it deduced from an explicit statement? By default no.

    Returns
    -------
    DataFrame
        With ``COLUMNS``; ``line`` is the line in the file, the header being line 1.

    Raises
    ------
    DataError
        If two rows of the file are of the same figure.
    """
    count = len(rows)
    absent = np.full(count, np.nan)
    frame = pd.DataFrame(
        {
            "iso3": _categories(iso3, count),
            "year": np.broadcast_to(np.asarray(year, dtype=np.int64), count),
            "variable": _categories(variable, count),
            "vintage": _categories(vintage, count),
            "value": absent if value is None else np.asarray(value, dtype=np.float64),
            "level": _categories(level, count),
            "status": _statuses(status, count),
            "raw": pd.array(_texts(text, count), dtype="str"),
            "source": _categories(raw.edition.id, count),
            "line": raw.lines[rows],
            "data_year": np.broadcast_to(np.asarray(year if data_year is None else data_year, dtype=np.int64), count),
            "n_independent": pd.array(absent if n_independent is None else np.asarray(n_independent), dtype="Int64"),
            "derived": np.zeros(count, dtype=bool) if derived is None else np.asarray(derived, dtype=bool),
        }
    )
    _check_unique(frame, raw)
    return frame


def join_figures(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return several long tables as one; categories are united.

    Uniqueness across editions is the panel's to check: it knows both.
    """
    joined = {}
    for column in COLUMNS:
        parts = [frame[column] for frame in frames]
        if column in CATEGORICAL:
            joined[column] = pd.Series(union_categoricals(parts, sort_categories=column != "status"))
        else:
            joined[column] = pd.concat(parts, ignore_index=True)
    return pd.DataFrame(joined)


def units(raw: RawFile, column: str, countries: Countries) -> NDArray[np.object_]:
    """Return the unit of each row of a file whose ``column`` holds codes.

    Raises
    ------
    DataError
        If a code is unknown.
    """
    cells = raw.columns[column]
    first = {code: row for row, code in reversed(list(enumerate(cells)))}
    known = {code: countries.unit(code, raw.place(row)) for code, row in first.items()}
    return np.array([known[code] for code in cells], dtype=object)


def named_units(raw: RawFile, column: str, year: int, countries: Countries) -> NDArray[np.object_]:
    """Return the unit of each row of a file whose ``column`` holds names as printed in ``year``.

    Raises
    ------
    DataError
        If a name is unknown, or not valid in that year.
    """
    cells = raw.columns[column]
    return np.array([countries.iso3(name, year, raw.place(row)) for row, name in enumerate(cells)], dtype=object)


def _texts(values: ArrayLike, count: int) -> NDArray[np.object_]:
    return np.broadcast_to(np.asarray(values, dtype=object), count)


def _categories(values: ArrayLike | pd.Categorical | None, count: int) -> pd.Categorical:
    if isinstance(values, pd.Categorical):
        return values
    if values is None or isinstance(values, str):
        kinds = [] if values is None else [values]
        codes = np.full(count, len(kinds) - 1)
    else:
        # Twice as quick as pandas' own way, which turns every text into its string type before it looks for kinds.
        codes, kinds = pd.factorize(_texts(values, count), sort=True)
    return pd.Categorical.from_codes(codes, categories=pd.Index(kinds, dtype="str"))


def _statuses(values: ArrayLike | pd.Categorical, count: int) -> pd.Categorical:
    found = _categories(values, count)
    return found.set_categories(pd.Index(STATUSES, dtype="str"))


def _check_unique(frame: pd.DataFrame, raw: RawFile) -> None:
    repeated = frame.duplicated(list(KEY))
    if not repeated.any():
        return
    second = frame[repeated].iloc[0]
    same = (frame[list(KEY)] == second[list(KEY)]).all(axis=1)
    first = frame[same].iloc[0]
    raise DataError(
        f"{raw.edition.where}, row {second['line']}",
        f"a second {second['variable']} of {second['iso3']} in {second['year']}: {second['raw']!r}",
        expected=f"one; row {first['line']} has {first['raw']!r}",
        mend="Remove the row that the publisher does not print",
    )
