"""Reads the World Bank's groups of countries: income group of each year, region of today."""

from __future__ import annotations

import numpy as np
import pandas as pd

from corrtip.data.figures import Names, build_figures, units
from corrtip.data.source import Edition, read_raw

COLUMNS = ("iso3", "year", "income_group", "region")
"""The header of a file."""

VARIABLES = ("income_group", "region")


def read(edition: Edition, names: Names) -> pd.DataFrame:
    """Return income group and region of each country and year, an empty cell as status ``missing``.

    Parameters
    ----------
    edition : Edition
        A file ``data/raw/groups/<vintage>.csv``.
    names : Names
        What the publisher's names mean.

    Returns
    -------
    DataFrame
        The long table; the group is in ``level``, the vintage is the file's stem.

    Raises
    ------
    DataError
        If the file is not what it must be. The groups that exist are the catalogue's to check, over all sources.
    """
    raw = read_raw(edition, COLUMNS)
    count, width = len(raw.lines), len(VARIABLES)
    text = np.concatenate([np.array(raw.columns[variable], dtype=object) for variable in VARIABLES])
    return build_figures(
        raw,
        rows=np.tile(np.arange(count), width),
        iso3=np.tile(units(raw, "iso3", names.countries), width),
        year=np.tile(raw.years("year"), width),
        variable=np.repeat(np.array(VARIABLES, dtype=object), count),
        vintage=edition.source.edition,
        text=text,
        level=np.array([cell or None for cell in text], dtype=object),
        status=np.where(text == "", "missing", "observed"),
    )
