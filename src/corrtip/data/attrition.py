"""The account of rows: no country leaves a sample without a step, a reason and its name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

COLUMNS = ("step", "reason", "rows", "countries", "iso3")
"""The columns of the account."""


class Attrition:
    """Keeps the country-years of a sample and writes down each that is lost, once, at the first step that loses it.

    Parameters
    ----------
    iso3 : sequence of str
        The codes to which ``country`` points, sorted.
    country, year : ndarray, shape (rows,)
        The universe.

    Attributes
    ----------
    kept : ndarray of bool, shape (rows,)
        What is left so far.
    """

    def __init__(self, iso3: Sequence[str], country: NDArray[np.intp], year: NDArray[np.int64]) -> None:
        self._iso3, self._country, self._year = iso3, country, year
        self.kept: NDArray[np.bool_] = np.ones(len(country), dtype=bool)
        self._lost: dict[tuple[str, str], list[NDArray[np.intp]]] = {}

    def lose(
        self, step: str, lost: NDArray[np.bool_], cause: NDArray[np.int8], reason: Callable[[int, int], str]
    ) -> None:
        """Take rows out.

        Parameters
        ----------
        step : str
            The variable that loses them.
        lost : ndarray of bool, shape (rows,)
            Rows to lose; those already lost are not counted again.
        cause : ndarray of int, shape (rows,)
            A code of the cause.
        reason : callable
            From year and cause to the reason in words; equal words are one line of the account.
        """
        rows = np.flatnonzero(lost & self.kept)
        self.kept[rows] = False
        # Sorted once, by year and cause: a search for each takes long where somebody asks for years without end.
        order = rows[np.lexsort((cause[rows], self._year[rows]))]
        year, why = self._year[order], cause[order]
        begins = np.flatnonzero((np.diff(year, prepend=-1) != 0) | (np.diff(why, prepend=-1) != 0))
        for first, part in zip(begins, np.split(order, begins)[1:], strict=True):
            self._lost.setdefault((step, reason(int(year[first]), int(why[first]))), []).append(part)

    def table(self) -> pd.DataFrame:
        """Return the account: step, reason, rows, countries, iso3; a line a reason, in the order of the losses.

        The universe less the sum of ``rows`` is what is kept.
        """
        lines: list[tuple[Any, ...]] = []
        for (step, reason), parts in self._lost.items():
            rows = np.concatenate(parts)
            codes = tuple(self._iso3[place] for place in np.unique(self._country[rows]))
            lines.append((step, reason, len(rows), len(codes), codes))
        return pd.DataFrame(lines, columns=list(COLUMNS))
