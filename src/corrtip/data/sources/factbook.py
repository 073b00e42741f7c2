"""Reads editions of the World Factbook: what a reader of that year's book was told."""

from __future__ import annotations

import numpy as np
import pandas as pd

from corrtip.data.countries import Countries
from corrtip.data.figures import build_figures, units
from corrtip.data.source import Edition, RawFile, read_raw
from corrtip.errors import DataError, nearest

COLUMNS = ("iso3", "indicator", "value", "data_year", "note")
"""The header of a file; ``indicator`` holds our name of the variable."""

BOUNDS = {
    "infant_mortality": (0.0, 1000.0),
    "life_expectancy": (0.0, 120.0),
    "gdp_per_capita_ppp": (0.0, None),
    "literacy": (0.0, 100.0),
    "unemployment": (0.0, 100.0),
    "poverty_headcount": (0.0, 100.0),
    "gini": (0.0, 100.0),
    "fertility": (0.0, None),
    "population": (0.0, None),
    "net_migration_rate": (None, None),
}
"""The variables of the book, and between which numbers each can lie at all."""


def read(edition: Edition, countries: Countries) -> pd.DataFrame:
    """Return the figures of one edition.

    Parameters
    ----------
    edition : Edition
        A file ``data/raw/factbook/<year>.csv``.
    countries : Countries
        For the codes.

    Returns
    -------
    DataFrame
        The long table, vintage ``factbook-<year>``. ``year`` is the edition; ``data_year`` is the year that its text
        gives, or the edition where the text gives none.

    Raises
    ------
    DataError
        If an indicator is unknown, a figure is impossible or missing, a year lies after the book, or the file is not
        what it must be.
    """
    raw = read_raw(edition, COLUMNS)
    value = raw.numbers("value")
    _check(raw, value)
    dated = raw.numbers("data_year")
    for row in np.flatnonzero((dated > edition.year) | (dated % 1 > 0)):
        raise DataError(
            raw.place(int(row)),
            f'data_year "{raw.columns["data_year"][row]}"',
            expected=f"a year up to {edition.year}, that of the book, or nothing",
            mend="Correct it against the book's text",
        )
    return build_figures(
        raw,
        rows=np.arange(len(raw.lines)),
        iso3=units(raw, "iso3", countries),
        year=edition.year,
        variable=raw.columns["indicator"],
        vintage=f"factbook-{edition.source.edition}",
        text=raw.columns["value"],
        value=value,
        status="observed",
        data_year=np.where(np.isnan(dated), edition.year, dated),
    )


def _check(raw: RawFile, value: np.ndarray) -> None:
    for row, (indicator, number) in enumerate(zip(raw.columns["indicator"], value, strict=True)):
        if indicator not in BOUNDS:
            raise DataError(
                raw.place(row),
                f'indicator "{indicator}"',
                expected=f"one of {', '.join(BOUNDS)}",
                mend=nearest(indicator, BOUNDS),
            )
        low, high = BOUNDS[indicator]
        if np.isnan(number) or (low is not None and number < low) or (high is not None and number > high):
            raise DataError(
                raw.place(row),
                f'{indicator} "{raw.columns["value"][row]}" of {raw.columns["iso3"][row]}',
                expected=f"a number{'' if low is None else f' from {low:g}'}{'' if high is None else f' to {high:g}'}",
                mend="Correct it against the book's text",
            )
