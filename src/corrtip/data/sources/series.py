"""Reads every source that is one table of series: a row a country and year, a column a series."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from corrtip.data.catalogue import Variable, series_of
from corrtip.data.figures import Names, build_figures, units
from corrtip.data.source import Edition, RawFile, read_raw
from corrtip.errors import DataError, nearest


def read(edition: Edition, names: Names) -> pd.DataFrame:
    """Return the figures of one vintage, an empty cell as status ``missing``.

    Parameters
    ----------
    edition : Edition
        A file ``data/raw/<source>/<edition>.csv`` with ``iso3``, ``year`` and the columns that its sidecar lists under
        ``indicators``.
    names : Names
        What the publisher's names mean.

    Returns
    -------
    DataFrame
        The long table, vintage ``<source>-<edition>``, such as ``wdi-2026-07``. A series whose variable has levels
        gives levels, any other numbers. Figures that the sidecar calls implausible are in it as they stand.

    Raises
    ------
    DataError
        If a series has no variable in the catalogue, a number is malformed, an implausible figure is not in the
        file, or the file is not what it must be. Scales and levels are the catalogue's to check, over all sources.
    """
    indicators = edition.source.indicators
    variables = _variables(edition, names)
    raw = read_raw(edition, ("iso3", "year", *indicators))
    years = raw.years("year")
    _check_implausible(raw)
    place, codes = pd.factorize(units(raw, "iso3", names.countries))
    count, width = len(raw.lines), len(indicators)
    cells = [np.array(raw.columns[code], dtype=object) for code in indicators]
    text = np.concatenate(cells)
    return build_figures(
        raw,
        rows=np.tile(np.arange(count), width),
        iso3=_kinds(np.tile(place, width), list(codes)),
        year=np.tile(years, width),
        variable=_kinds(np.repeat(np.arange(width), count), [variable.name for variable in variables]),
        vintage=f"{_source(edition)}-{edition.source.edition}",
        text=text,
        value=_values(raw, variables),
        level=_levels(cells, variables),
        status=_kinds(np.where(text == "", 1, 0), ["observed", "missing"]),
    )


def _source(edition: Edition) -> str:
    return edition.path.parent.name


def _kinds(places: NDArray[np.intp], texts: list[str]) -> pd.Categorical:
    return pd.Categorical.from_codes(places, categories=pd.Index(texts, dtype="str"))


def _variables(edition: Edition, names: Names) -> list[Variable]:
    series = series_of(names.catalogue, _source(edition))
    for code in edition.source.indicators:
        if code not in series:
            raise DataError(
                edition.where,
                f'series "{code}"',
                expected="one that data/variables.toml has under published_as",
                mend=nearest(code, series) or "Declare its variable there",
            )
    return [names.catalogue[series[code]] for code in edition.source.indicators]


def _values(raw: RawFile, variables: list[Variable]) -> NDArray[np.float64]:
    absent = np.full(len(raw.lines), np.nan)
    pairs = zip(raw.edition.source.indicators, variables, strict=True)
    return np.concatenate([raw.numbers(code) if variable.kind == "numeric" else absent for code, variable in pairs])


def _levels(cells: list[NDArray[np.object_]], variables: list[Variable]) -> NDArray[np.object_] | None:
    if all(variable.kind == "numeric" for variable in variables):
        return None
    # An empty text is no level.
    pairs = zip(cells, variables, strict=True)
    levels = [column if variable.kind != "numeric" else np.full_like(column, "") for column, variable in pairs]
    joined = np.concatenate(levels)
    joined[joined == ""] = None
    return joined


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
