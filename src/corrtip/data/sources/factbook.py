"""Reads editions of the World Factbook: what a reader of that year's book was told."""

from __future__ import annotations

import numpy as np
import pandas as pd

from corrtip.data.figures import Names, build_figures, units
from corrtip.data.source import Edition, read_raw
from corrtip.errors import DataError

COLUMNS = ("iso3", "indicator", "value", "data_year", "note")
"""The header of a file; ``indicator`` holds our name of the variable."""


def read(edition: Edition, names: Names) -> pd.DataFrame:
    """Return the figures of one edition.

    Parameters
    ----------
    edition : Edition
        A file ``data/raw/factbook/<year>.csv``.
    names : Names
        What the publisher's names mean.

    Returns
    -------
    DataFrame
        The long table, vintage ``factbook-<year>``. ``year`` is the edition; ``data_year`` is the year that its text
        gives, or the edition where the text gives none.

    Raises
    ------
    DataError
        If a year lies after the book, or the file is not what it must be. Variables and their scales are the
        catalogue's to check, over all sources.
    """
    raw = read_raw(edition, COLUMNS)
    value = raw.numbers("value")
    data_year = raw.years("data_year", empty=edition.year)
    for row in np.flatnonzero(data_year > edition.year):
        raise DataError(
            raw.place(int(row)),
            f'data_year "{raw.columns["data_year"][row]}"',
            expected=f"a year up to {edition.year}, that of the book, or nothing",
            mend="Correct it against the book's text",
        )
    return build_figures(
        raw,
        rows=np.arange(len(raw.lines)),
        iso3=units(raw, "iso3", names.countries),
        year=edition.year,
        variable=raw.columns["indicator"],
        vintage=f"factbook-{edition.source.edition}",
        text=raw.columns["value"],
        value=value,
        status=np.where(np.isnan(value), "missing", "observed"),
        data_year=data_year,
    )
