"""Reads the World Bank's groups of countries: income group of each year, region of today."""

from __future__ import annotations

import numpy as np
import pandas as pd

from corrtip.data.countries import Countries
from corrtip.data.figures import build_figures, units
from corrtip.data.source import Edition, RawFile, read_raw
from corrtip.errors import DataError

COLUMNS = ("iso3", "year", "income_group", "region")
"""The header of a file."""

LEVELS = {
    "income_group": ("L", "LM", "UM", "H"),
    "region": (
        "East Asia & Pacific",
        "Europe & Central Asia",
        "Latin America & Caribbean",
        "Middle East & North Africa",
        "North America",
        "South Asia",
        "Sub-Saharan Africa",
    ),
}
"""The groups that the publisher has; income groups are low, lower middle, upper middle and high."""


def read(edition: Edition, countries: Countries) -> pd.DataFrame:
    """Return income group and region of each country and year, an empty cell as status ``missing``.

    Parameters
    ----------
    edition : Edition
        A file ``data/raw/groups/<vintage>.csv``.
    countries : Countries
        For the codes.

    Returns
    -------
    DataFrame
        The long table; the group is in ``level``, the vintage is the file's stem.

    Raises
    ------
    DataError
        If a group is unknown, or the file is not what it must be.
    """
    raw = read_raw(edition, COLUMNS)
    _check(raw)
    count, width = len(raw.lines), len(LEVELS)
    text = np.concatenate([np.array(raw.columns[variable], dtype=object) for variable in LEVELS])
    return build_figures(
        raw,
        rows=np.tile(np.arange(count), width),
        iso3=np.tile(units(raw, "iso3", countries), width),
        year=np.tile(raw.years("year"), width),
        variable=np.repeat(np.array(list(LEVELS), dtype=object), count),
        vintage=edition.source.edition,
        text=text,
        level=[cell or None for cell in text],
        status=np.where(text == "", "missing", "observed"),
    )


def _check(raw: RawFile) -> None:
    for variable, levels in LEVELS.items():
        for row, cell in enumerate(raw.columns[variable]):
            if cell and cell not in levels:
                raise DataError(
                    raw.place(row),
                    f'{variable} "{cell}"',
                    expected=f"one of {', '.join(levels)}, or nothing",
                    mend="Correct it against the publisher's table",
                )
