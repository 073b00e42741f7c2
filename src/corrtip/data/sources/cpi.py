"""Reads the Corruption Perceptions Index of Transparency International, one edition a file."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from corrtip.data.figures import Names, build_figures, named_units
from corrtip.data.source import Edition, RawFile, read_raw
from corrtip.errors import DataError

COLUMNS = ("country", "score", "rank", "n_sources", "std_error", "ci_low", "ci_high", "from", "n_independent")
"""The header of a file."""

VINTAGE = "first-published"
COMPARABLE_SINCE = 2012
"""First edition on the scale of 0 to 100, comparable over time; before it 0 to 10, comparable within a year only."""

_COMPANIONS = ("rank", "n_sources", "std_error", "ci_low", "ci_high")
_COUNTS = ("rank", "n_sources")


def read(edition: Edition, names: Names) -> pd.DataFrame:
    """Return the figures of one edition: the score and its companions.

    Parameters
    ----------
    edition : Edition
        A file ``data/raw/cpi/<year>.csv``.
    names : Names
        What the publisher's names mean.

    Returns
    -------
    DataFrame
        The long table. Variables ``cpi_pre2012`` (to 2011, 0-10) or ``cpi`` (from 2012, 0-100), high = clean; with
        ``_rank``, ``_n_sources`` (surveys), ``_std_error``, ``_ci_low``, ``_ci_high`` (90 %).

    Raises
    ------
    DataError
        If a score is missing or off the edition's scale, the published range does not hold it or is half given,
        a companion is out of its bounds, or the file is not what it must be.
    """
    raw = read_raw(edition, COLUMNS)
    year = edition.year
    top = 100 if year >= COMPARABLE_SINCE else 10
    columns = {"score": raw.numbers("score")} | {
        column: raw.counts(column) if column in _COUNTS else raw.numbers(column) for column in _COMPANIONS
    }
    _check(raw, columns, top)
    name = "cpi" if year >= COMPARABLE_SINCE else "cpi_pre2012"
    variables = [name, *(f"{name}_{companion}" for companion in _COMPANIONS)]
    count, width = len(raw.lines), len(variables)
    value = np.concatenate(list(columns.values()))
    return build_figures(
        raw,
        rows=np.tile(np.arange(count), width),
        iso3=np.tile(named_units(raw, "country", year, names.countries), width),
        year=year,
        variable=np.repeat(np.array(variables, dtype=object), count),
        vintage=VINTAGE,
        text=np.concatenate([np.array(raw.columns[column], dtype=object) for column in columns]),
        value=value,
        status=np.where(np.isnan(value), "missing", "observed"),
        n_independent=np.tile(raw.counts("n_independent"), width),
    )


def _check(raw: RawFile, columns: dict[str, NDArray[np.float64]], top: int) -> None:
    score, low, high = columns["score"], columns["ci_low"], columns["ci_high"]
    # Each test is written so that a missing number fails it where one is required, and passes where it may be absent.
    _refuse(raw, ~((score >= 0) & (score <= top)), "score", f"a score from 0 to {top}")
    _refuse(raw, np.isnan(low) != np.isnan(high), "ci_low", "both ends of the published range, or neither")
    _refuse(raw, (low > score) | (score > high), "score", "a score within its published range, ci_low to ci_high")
    _refuse(raw, columns["std_error"] < 0, "std_error", "a standard error of at least 0")


def _refuse(raw: RawFile, wrong: NDArray[np.bool_], column: str, expected: str) -> None:
    for row in np.flatnonzero(wrong):
        raise DataError(
            raw.place(int(row)),
            f'{column} "{raw.columns[column][row]}" of {raw.columns["country"][row]}',
            expected=f"{expected} in the edition of {raw.edition.source.edition}",
            mend="Correct it against the published table, and its sidecar's sha256 with it",
        )
