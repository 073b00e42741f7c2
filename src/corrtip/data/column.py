"""One variable in one vintage, laid out by country and year: a lag is a look-up, and a sample takes milliseconds."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from corrtip.data.catalogue import Variable
from corrtip.data.figures import STATUSES

ABSENT = len(STATUSES)
"""Status code of a country-year for which the panel has no row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One variable in one vintage, laid out by country and year.

    Parameters
    ----------
    variable : Variable
        What it is.
    vintage : str
        Which state of knowledge.
    first_year : int
        Year of the first column of the arrays.
    numbers : ndarray, shape (countries, years)
        Numbers; for a variable with levels the place of the level in ``variable.levels``. NaN where there is none.
    status : ndarray of int, shape (countries, years)
        Place in `corrtip.data.figures.STATUSES`, or `ABSENT`.
    rows : ndarray of int, shape (countries, years)
        Row of `Panel.frame`, or -1.
    partial : tuple of int
        Years of which we hold only a part of what the publication lists; a variable that lists nobody has none.
    doubts : mapping of (str, int) to str
        What speaks against figures that the source's sidecar calls implausible, by country and year.
    """

    variable: Variable
    vintage: str
    first_year: int
    numbers: NDArray[np.float64]
    status: NDArray[np.int8]
    rows: NDArray[np.int64]
    partial: tuple[int, ...]
    doubts: Mapping[tuple[str, int], str]

    def at(self, country: NDArray[np.intp], year: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.int8]]:
        """Return numbers and status codes of country-years; a year outside the panel is absent, never its neighbour."""
        place = year - self.first_year
        inside = (place >= 0) & (place < self.numbers.shape[1])
        place = np.where(inside, place, 0)
        return (
            np.where(inside, self.numbers[country, place], np.nan),
            np.where(inside, self.status[country, place], np.int8(ABSENT)),
        )


def build_column(
    frame: pd.DataFrame,
    variable: Variable,
    vintage: str,
    *,
    iso3: Sequence[str],
    partial: Collection[str],
    doubts: Mapping[str, Mapping[tuple[str, int], str]],
) -> Column:
    """Return the column of one variable and vintage.

    Parameters
    ----------
    frame : DataFrame
        The panel's long table.
    variable : Variable
        What to lay out.
    vintage : str
        Which state of knowledge.
    iso3 : sequence of str
        The countries, in the order of the rows.
    partial : collection of str
        Editions that we do not hold in full.
    doubts : mapping
        By edition, what speaks against its figures of this variable.
    """
    rows = np.flatnonzero(((frame["variable"] == variable.name) & (frame["vintage"] == vintage)).to_numpy())
    years = frame["year"].to_numpy()
    first = int(years.min())
    shape = len(iso3), int(years.max()) - first + 1
    places = {code: number for number, code in enumerate(iso3)}
    to_place = np.array([places[code] for code in frame["iso3"].cat.categories], dtype=np.intp)
    cells = to_place[frame["iso3"].cat.codes.to_numpy()[rows]], years[rows] - first
    numbers, status = np.full(shape, np.nan), np.full(shape, ABSENT, dtype=np.int8)
    held = np.full(shape, -1, dtype=np.int64)
    numbers[cells] = _numbers(frame, variable, rows)
    status[cells] = frame["status"].cat.codes.to_numpy()[rows]
    held[cells] = rows
    for array in (numbers, status, held):
        array.flags.writeable = False
    editions = frame["source"].iloc[rows]
    return Column(
        variable=variable,
        vintage=vintage,
        first_year=first,
        numbers=numbers,
        status=status,
        rows=held,
        partial=tuple(np.unique(years[rows[editions.isin(partial)]]).tolist()) if variable.listed_in else (),
        doubts={key: why for edition in editions.unique() for key, why in doubts.get(edition, {}).items()},
    )


def labelled(variable: Variable, numbers: NDArray[np.float64]) -> NDArray[np.float64] | pd.Categorical:
    """Return numbers as they are, and places of levels as a categorical, ordered if the levels are."""
    if variable.kind == "numeric":
        return numbers
    codes = np.where(np.isnan(numbers), -1, numbers).astype(np.intp)
    return pd.Categorical.from_codes(codes, categories=list(variable.levels), ordered=variable.kind == "ordered")


def _numbers(frame: pd.DataFrame, variable: Variable, rows: NDArray[np.intp]) -> NDArray[np.float64]:
    if variable.kind == "numeric":
        return np.asarray(frame["value"].to_numpy()[rows], dtype=np.float64)
    order = {level: float(number) for number, level in enumerate(variable.levels)}
    # The last element answers for code -1: no level.
    numbers = np.array([*(order.get(level, np.nan) for level in frame["level"].cat.categories), np.nan])
    return np.asarray(numbers[frame["level"].cat.codes.to_numpy()[rows]], dtype=np.float64)
