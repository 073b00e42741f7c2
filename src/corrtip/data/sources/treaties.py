"""Reads the dates on which states consented to treaties: who was a party by the end of each year."""

from __future__ import annotations

import re
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from corrtip.data.catalogue import Variable, series_of
from corrtip.data.countries import Countries
from corrtip.data.figures import Names, build_figures, units
from corrtip.data.source import Edition, RawFile, read_raw
from corrtip.errors import DataError, nearest

COLUMNS = ("iso3", "treaty", "signature", "consent", "kind", "grade", "from", "evidence")
"""The header of a file: a row a state and treaty; ``consent`` is a day, or a year where the day is not documented."""

LISTED_TO = 2013
"""Last year at whose end the depositary's list, read in 2014, says of every state whether it was a party."""

_DATE = re.compile(r"20[0-9]{2}(?:-[0-9]{2}-[0-9]{2})?")


def read(edition: Edition, names: Names) -> pd.DataFrame:
    """Return whether each state was a party to each treaty on 31 December of each year: 1 or 0.

    Parameters
    ----------
    edition : Edition
        A file ``data/raw/treaties/<year>.csv``; the year is the last that it speaks of.
    names : Names
        What the publisher's names mean; a treaty goes by its number in the UN Treaty Collection.

    Returns
    -------
    DataFrame
        The long table, vintage ``treaties-<year>``, from the year in which the treaty was opened for signature or the
        state began. ``raw`` is the date of consent.

    Raises
    ------
    DataError
        If a treaty is unknown, a date is malformed or before the treaty, or the file is not what it must be.

    Notes
    -----
    To ``LISTED_TO`` a state that had not consented was not a party: 0. Later consents are known in part only, so that
    after it a state is a party, from its consent on (``derived``: no denunciation is known), or missing, never 0.
    """
    raw = read_raw(edition, COLUMNS)
    variables = _variables(raw, names)
    iso3 = units(raw, "iso3", names.countries)
    consent = _consents(raw, variables)
    spans = _existence(names.countries)
    pairs = [
        (row, year)
        for row, variable in enumerate(variables)
        for year in range(variable.first_year or 0, edition.year + 1)
        if any(first <= year <= last for first, last in spans[iso3[row]])
    ]
    rows, years = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    party, listed = consent[rows] <= years, years <= LISTED_TO
    value = np.where(party, 1.0, np.where(listed, 0.0, np.nan))
    return build_figures(
        raw,
        rows=rows,
        iso3=iso3[rows],
        year=years,
        variable=np.array([variable.name for variable in variables], dtype=object)[rows],
        vintage=f"treaties-{edition.source.edition}",
        text=np.array(raw.columns["consent"], dtype=object)[rows],
        value=value,
        status=np.where(np.isnan(value), "missing", "observed"),
        derived=party & ~listed & (consent[rows] < years),
    )


def _variables(raw: RawFile, names: Names) -> list[Variable]:
    series = series_of(names.catalogue, "treaties")
    for row, number in enumerate(raw.columns["treaty"]):
        if number not in series:
            mend = nearest(number, series) or "Declare its variable in data/variables.toml"
            raise DataError(raw.place(row), f'treaty "{number}"', expected=f"one of {', '.join(series)}", mend=mend)
    return [names.catalogue[series[number]] for number in raw.columns["treaty"]]


def _consents(raw: RawFile, variables: list[Variable]) -> NDArray[np.float64]:
    """Return the year of each consent, infinity where there is none."""
    years = np.full(len(raw.lines), np.inf)
    for row, (cell, variable) in enumerate(zip(raw.columns["consent"], variables, strict=True)):
        year = _year(cell)
        first, last = variable.first_year or 0, raw.edition.year
        if year is not None and first <= year <= last:
            years[row] = year
        elif cell:
            raise DataError(
                raw.place(row),
                f'consent "{cell}"',
                expected=f"a day such as 2005-11-03 or a year, from {first} to {last}, or nothing",
                mend="Correct it against the depositary's list",
            )
    return years


def _year(cell: str) -> int | None:
    """Return the year of a day that the calendar has, or of a year alone; None for what is neither."""
    if not _DATE.fullmatch(cell):
        return None
    try:
        return date.fromisoformat(cell if "-" in cell else f"{cell}-01-01").year
    except ValueError:
        return None


def _existence(countries: Countries) -> dict[str, list[tuple[int, int]]]:
    spans: dict[str, list[tuple[int, int]]] = {}
    for country in countries.rows:
        spans.setdefault(country.unit, []).append((country.first_year, country.last_year))
    return spans
