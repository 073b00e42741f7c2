"""Who is not listed: a country that exists and that a complete edition leaves out was not overlooked by us."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from corrtip.data.catalogue import Variable
from corrtip.data.countries import Countries
from corrtip.data.figures import STATUSES
from corrtip.data.source import Source


def build_not_listed(
    frame: pd.DataFrame, catalogue: Mapping[str, Variable], sources: Mapping[str, Source], countries: Countries
) -> pd.DataFrame:
    """Return one row of status ``not_listed`` for each country that a complete edition does not list.

    Parameters
    ----------
    frame : DataFrame
        The figures as read.
    catalogue : mapping of str to Variable
        Variables with ``listed_in`` are those for which absence from an edition says something.
    sources : mapping of str to Source
        Editions by id; one whose sidecar is not ``complete`` gives no row: there, absence is unknown to us.
    countries : Countries
        Says which countries existed in the edition's year.

    Returns
    -------
    DataFrame
        The columns of ``frame``; line 0 stands for the whole file.
    """
    listed = [name for name, variable in catalogue.items() if variable.listed_in]
    rows = frame.loc[frame["variable"].isin(listed), ["source", "variable", "vintage", "year", "iso3"]]
    editions: list[tuple[str, str, str, int]] = []
    absent: list[list[str]] = []
    for key, present in rows.groupby(["source", "variable", "vintage", "year"], observed=True)["iso3"]:
        source, variable, vintage, year = (*map(str, key[:3]), int(key[3]))
        if sources[source].complete:
            editions.append((source, variable, vintage, year))
            absent.append(sorted({*countries.counted(year)} - {*present}))
    counts = [len(codes) for codes in absent]
    return _frame([iso3 for codes in absent for iso3 in codes], _repeated(editions, counts))


def _repeated(editions: list[tuple[str, str, str, int]], counts: list[int]) -> dict[str, list[str | int]]:
    names = ("source", "variable", "vintage", "year")
    repeated = [edition for edition, count in zip(editions, counts, strict=True) for _ in range(count)]
    return {name: [edition[place] for edition in repeated] for place, name in enumerate(names)}


def _frame(iso3: list[str], edition: Mapping[str, list[str | int]]) -> pd.DataFrame:
    count = len(iso3)
    year = np.array(edition["year"], dtype=np.int64)
    return pd.DataFrame(
        {
            "iso3": _categories(iso3),
            "year": year,
            "variable": _categories(edition["variable"]),
            "vintage": _categories(edition["vintage"]),
            "value": np.full(count, np.nan),
            "level": _categories([None] * count),
            "status": pd.Categorical(["not_listed"] * count, categories=STATUSES),
            "raw": pd.array([""] * count, dtype="str"),
            "source": _categories(edition["source"]),
            "line": np.zeros(count, dtype=np.int64),
            "data_year": year,
            "n_independent": pd.array([None] * count, dtype="Int64"),
            "derived": np.zeros(count, dtype=bool),
        }
    )


def _categories(texts: Sequence[object]) -> pd.Categorical:
    # Of text even where there is none, so that they can be united with those of the figures.
    return pd.Categorical(pd.array(texts, dtype="str"))
