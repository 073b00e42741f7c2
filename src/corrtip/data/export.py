"""The panel for other programs: country-years as CSV, Parquet or Stata, labelled, with a codebook beside.

What a source's sidecar does not allow to be redistributed is left out and named. A figure that is missing is missing
in every format; for publications in which a country is listed or not, a column of its own says which of the two it is.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from corrtip.data.catalogue import Variable, find_variable
from corrtip.data.column import ABSENT, Column
from corrtip.data.figures import STATUSES
from corrtip.data.panel import Panel
from corrtip.data.tables import WRITERS, TableColumn, codes_of, csv_text
from corrtip.errors import DataError, SpecError
from corrtip.project import write_files

KEYS: Final = ("iso3", "country", "year")
"""The columns that name a row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """What was written.

    Parameters
    ----------
    path, codebook : Path
        The table, and the file that says what each column is.
    rows : int
        Country-years.
    columns : tuple of str
        Columns of the table.
    left_out : mapping of str to str
        Variables whose figures may not be redistributed, with the publisher's terms.
    """

    path: Path
    codebook: Path
    rows: int
    columns: tuple[str, ...]
    left_out: Mapping[str, str]


def export_panel(
    panel: Panel,
    path: Path,
    *,
    years: tuple[int, int] | None = None,
    variables: Sequence[str] | None = None,
    vintages: Mapping[str, str] | None = None,
) -> Export:
    """Write the panel, a row a country-year and a column a variable and vintage, and its codebook beside it.

    Parameters
    ----------
    panel : Panel
        The figures.
    path : Path
        File to write: ``.csv``, ``.parquet`` or ``.dta`` (Stata 14 and later). The codebook is
        ``<name>.codebook.csv``.
    years : (int, int), optional
        First and last year; by default all.
    variables : sequence of str, optional
        Names of the catalogue; by default all that have figures.
    vintages : mapping of str to str, optional
        Vintage by variable; by default each vintage has a column, named after it where there are several.

    Returns
    -------
    Export
        What was written and what was left out.

    Raises
    ------
    SpecError
        If a name or vintage is unknown, or nothing is left to write.
    DataError
        If the suffix is none of the three, or Parquet's library is not there.

    Notes
    -----
    Levels are text in CSV and categories in Parquet. In Stata they are numbers with value labels, from best to worst
    where they have an order; levels that are whole numbers keep them. Table and codebook are written whole or not at
    all.
    """
    if path.suffix not in WRITERS:
        raise DataError(path.name, f'suffix "{path.suffix}"', expected=f"one of {', '.join(WRITERS)}")
    allowed, left_out = _redistributable(panel)
    chosen = _choose(allowed, years, variables, vintages or {})
    columns = [*_keys(allowed, chosen), *(column for item in chosen.columns for column in _table_columns(item, chosen))]
    asked = {name: terms for name, terms in left_out.items() if variables is None or name in variables}
    codebook = path.with_name(f"{path.stem}.codebook.csv")
    about = [entry for item in chosen.columns for entry in _entries(allowed, item, chosen)]
    about += [{"variable": name, "note": f"left out: {terms}"} for name, terms in asked.items()]
    book = pd.DataFrame(about, columns=list(ENTRIES)).fillna("")
    write_files({path: WRITERS[path.suffix](columns), codebook: csv_text(book)})
    return Export(
        path=path,
        codebook=codebook,
        rows=len(chosen.year),
        columns=tuple(column.name for column in columns),
        left_out=asked,
    )


ENTRIES: Final = (
    "column",
    "variable",
    "vintage",
    "label",
    "unit",
    "kind",
    "direction",
    "coding",
    "years",
    "figures",
    "publisher",
    "title",
    "licence",
    "landing_page",
    "editions",
    "note",
)
"""The columns of a codebook."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chosen:
    """The columns and rows of an export."""

    columns: tuple[Column, ...]
    country: NDArray[np.intp]
    year: NDArray[np.int64]

    def figures(self, column: Column) -> NDArray[np.float64]:
        return column.at(self.country, self.year)[0]

    def statuses(self, column: Column) -> pd.Categorical:
        codes = column.at(self.country, self.year)[1]
        return pd.Categorical.from_codes(np.where(codes == ABSENT, -1, codes), categories=list(STATUSES))

    def vintages(self, variable: Variable) -> int:
        return sum(column.variable.name == variable.name for column in self.columns)


def _redistributable(panel: Panel) -> tuple[Panel, dict[str, str]]:
    """Return the panel without the figures that may not be passed on, and the variables that had some, with terms."""
    closed = {edition: source.licence for edition, source in panel.sources.items() if not source.redistribute}
    kept = ~panel.frame["source"].isin(closed).to_numpy()
    gone = panel.frame.loc[~kept, ["variable", "source"]].drop_duplicates()
    terms = {str(row.variable): closed[str(row.source)] for row in gone.itertuples()}
    return dataclasses.replace(panel, frame=panel.frame[kept].reset_index(drop=True)), terms


def _choose(
    panel: Panel, years: tuple[int, int] | None, variables: Sequence[str] | None, vintages: Mapping[str, str]
) -> _Chosen:
    for name in (*(variables or ()), *vintages):
        find_variable(panel.catalogue, name, "export")
    wanted = [
        panel.column(name, vintage)
        for name, variable in panel.catalogue.items()
        if variables is None or name in variables
        for vintage in ([variable.choose_vintage(vintages[name], "export")] if name in vintages else variable.vintages)
    ]
    first, last = years or (int(panel.frame["year"].min()), int(panel.frame["year"].max()))
    country = np.repeat(np.arange(len(panel.iso3)), max(last - first + 1, 0))
    year = np.tile(np.arange(first, last + 1), len(panel.iso3))
    statuses = [column.at(country, year)[1] != ABSENT for column in wanted]
    held = tuple(column for column, present in zip(wanted, statuses, strict=True) if present.any())
    if not held:
        raise SpecError(
            "export", f"no figure of {first} to {last} that may be passed on", expected="some", mend="Ask for others"
        )
    rows = np.logical_or.reduce(statuses)
    return _Chosen(columns=held, country=country[rows].astype(np.intp), year=year[rows])


def _keys(panel: Panel, chosen: _Chosen) -> list[TableColumn]:
    codes = [panel.iso3[place] for place in chosen.country]
    names = [panel.countries.name(code, int(year)) for code, year in zip(codes, chosen.year, strict=True)]
    columns = (pd.array(codes, dtype="str"), pd.array(names, dtype="str"), chosen.year.astype(np.int16))
    labels = ("Country code, ISO 3166 and XKX", "Country, as named in that year", "Year of the edition or report")
    return [
        TableColumn(name=name, label=label, data=values)
        for name, label, values in zip(KEYS, labels, columns, strict=True)
    ]


def _names(column: Column, chosen: _Chosen) -> list[str]:
    """Return the names of the columns of one variable and vintage: its figures, and where they are listed, statuses."""
    name = column.variable.name
    if chosen.vintages(column.variable) > 1:
        name = f"{name}_{column.vintage.replace('-', '_')}"
    return [name, f"{name}_status"] if column.variable.listed_in else [name]


def _table_columns(column: Column, chosen: _Chosen) -> list[TableColumn]:
    variable = column.variable
    label = f"{variable.label} ({variable.unit}), {column.vintage}"
    figures = chosen.figures(column)
    values: NDArray[np.float64] | pd.Categorical = figures
    if variable.levels:
        codes = np.where(np.isnan(figures), -1, figures).astype(np.intp)
        values = pd.Categorical.from_codes(codes, categories=list(variable.levels), ordered=variable.kind == "ordered")
    name, *status = _names(column, chosen)
    return [
        TableColumn(name=name, label=label, data=values),
        *(TableColumn(name=item, label=f"Status of {name}", data=chosen.statuses(column)) for item in status),
    ]


def _entries(panel: Panel, column: Column, chosen: _Chosen) -> list[dict[str, str]]:
    """Return the lines of the codebook for one variable and vintage."""
    variable = column.variable
    here = panel.frame.iloc[np.unique(column.rows[column.rows >= 0])]
    figures = ~np.isnan(chosen.figures(column))
    editions = [str(edition) for edition in here["source"].unique()]
    source = panel.sources[editions[-1]]
    inside = [key for key in column.doubts if chosen.year.min() <= key[1] <= chosen.year.max()]
    name, *status = _names(column, chosen)
    shared = {
        "variable": variable.name,
        "vintage": column.vintage,
        "publisher": source.publisher,
        "title": source.title if len(editions) == 1 else f"{source.title} and {len(editions) - 1} more editions",
        "licence": source.licence,
        "landing_page": source.landing_page,
        "editions": " ".join(editions),
    }
    entry = {
        "column": name,
        "label": variable.label,
        "unit": variable.unit,
        "kind": variable.kind,
        "direction": variable.direction,
        "coding": _coding(variable.levels),
        "years": f"{chosen.year[figures].min()}-{chosen.year[figures].max()}" if figures.any() else "",
        "figures": str(figures.sum()),
        "note": "; ".join(f"{iso3} {year} doubtful: {column.doubts[iso3, year]}" for iso3, year in sorted(inside)),
    }
    statuses = {"label": f"Status of {name}", "kind": "category", "coding": _coding(STATUSES)}
    return [shared | entry, *(shared | statuses | {"column": item} for item in status)]


def _coding(levels: Sequence[str]) -> str:
    return "; ".join(f"{code} = {level}" for code, level in zip(codes_of(levels), levels, strict=True))
