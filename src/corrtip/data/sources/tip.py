"""Reads the placements of the Trafficking in Persons Report, one report a file."""

from __future__ import annotations

import numpy as np
import pandas as pd

from corrtip.data.figures import Names, build_figures, named_units
from corrtip.data.source import Edition, RawFile, read_raw
from corrtip.data.tier import read_tier
from corrtip.errors import DataError

COLUMNS = ("country", "tier", "n_independent", "derived", "from", "note", "evidence")
"""The header of a file."""

VINTAGE = "published"


def read(edition: Edition, names: Names) -> pd.DataFrame:
    """Return the placements of one report.

    Parameters
    ----------
    edition : Edition
        A file ``data/raw/tip/<year>.csv``. The June report of year Y covers April Y-1 to March Y.
    names : Names
        What the publisher's names mean.

    Returns
    -------
    DataFrame
        The long table, variable ``tier``: the placement is in ``level``. A special case has status
        ``special_case``; a placement of which only a set is known (``"1|2"``) has status ``missing``.

    Raises
    ------
    DataError
        If a tier did not exist in that report, a name is unknown, a country stands twice, or the file is not what it
        must be.
    """
    raw = read_raw(edition, COLUMNS)
    year = edition.year
    tiers = [read_tier(text, year, raw.place(row)) for row, text in enumerate(raw.columns["tier"])]
    return build_figures(
        raw,
        rows=np.arange(len(raw.lines)),
        iso3=named_units(raw, "country", year, names.countries),
        year=year,
        variable="tier",
        vintage=VINTAGE,
        text=raw.columns["tier"],
        level=np.array([level for level, _ in tiers], dtype=object),
        status=[status for _, status in tiers],
        n_independent=raw.counts("n_independent"),
        derived=_derived(raw),
    )


def _derived(raw: RawFile) -> list[bool]:
    for row, text in enumerate(raw.columns["derived"]):
        if text not in ("true", "false"):
            raise DataError(
                raw.place(row), f'derived "{text}"', expected="true or false", mend="Say whether it was deduced"
            )
    return [text == "true" for text in raw.columns["derived"]]
