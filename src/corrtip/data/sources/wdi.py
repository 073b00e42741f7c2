"""Reads a vintage of the World Development Indicators: one wide file, a column a series."""

from __future__ import annotations

import numpy as np
import pandas as pd

from corrtip.data.catalogue import series_of
from corrtip.data.figures import Names, build_figures, units
from corrtip.data.source import Edition, RawFile, read_raw
from corrtip.errors import DataError, nearest


def read(edition: Edition, names: Names) -> pd.DataFrame:
    """Return the figures of one vintage, an empty cell as status ``missing``.

    Parameters
    ----------
    edition : Edition
        A file ``data/raw/wdi/<vintage>.csv`` with ``iso3``, ``year`` and the columns that its sidecar lists under
        ``indicators``.
    names : Names
        What the publisher's names mean.

    Returns
    -------
    DataFrame
        The long table, vintage ``wdi-<vintage>``. Figures that the sidecar calls implausible are in it as they stand.

    Raises
    ------
    DataError
        If a series has no variable in the catalogue, a number is malformed, an implausible figure is not in the
        file, or the file is not what it must be.
    """
    indicators = edition.source.indicators
    variables = _variables(edition, names)
    raw = read_raw(edition, ("iso3", "year", *indicators))
    years = raw.years("year")
    _check_implausible(raw)
    count, width = len(raw.lines), len(indicators)
    value = np.concatenate([raw.numbers(code) for code in indicators])
    return build_figures(
        raw,
        rows=np.tile(np.arange(count), width),
        iso3=np.tile(units(raw, "iso3", names.countries), width),
        year=np.tile(years, width),
        variable=np.repeat(np.array(variables, dtype=object), count),
        vintage=f"wdi-{edition.source.edition}",
        text=np.concatenate([np.array(raw.columns[code], dtype=object) for code in indicators]),
        value=value,
        status=np.where(np.isnan(value), "missing", "observed"),
    )


def _variables(edition: Edition, names: Names) -> list[str]:
    series = series_of(names.catalogue, "wdi")
    for code in edition.source.indicators:
        if code not in series:
            raise DataError(
                edition.where,
                f'series "{code}"',
                expected="one that data/variables.toml has under published_as",
                mend=nearest(code, series) or "Declare its variable there",
            )
    return [series[code] for code in edition.source.indicators]


def _check_implausible(raw: RawFile) -> None:
    places = {key: row for row, key in enumerate(zip(raw.columns["iso3"], raw.columns["year"], strict=True))}
    for flag in raw.edition.source.implausible:
        row = places.get((flag.iso3, str(flag.year)))
        if row is None or not raw.columns.get(flag.indicator, {row: ""})[row]:
            raise DataError(
                raw.edition.where,
                f"no figure {flag.indicator} of {flag.iso3} in {flag.year}",
                expected="one, since the sidecar calls it implausible",
                mend="Remove the entry from the sidecar if the publisher withdrew the figure",
            )
