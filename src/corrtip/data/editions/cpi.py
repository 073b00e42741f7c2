"""Knows Transparency International's table of results: the workbook's sheet of one year, or the same as CSV."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from corrtip.data.editions.draft import OWN_FILE, Draft, Request, read_sheets
from corrtip.data.editions.listed import Listed, check_titles, read_listed
from corrtip.data.editions.sheets import Line, Sheet, heading, plain_number, years_in
from corrtip.data.sources import cpi
from corrtip.errors import DataError

HEADINGS: Mapping[str, frozenset[str]] = {
    "country": frozenset({"country", "country territory", "country or territory", "countries territories"}),
    "iso3": frozenset({"iso3", "iso 3", "iso3 code", "iso code", "iso", "country code"}),
    "score": frozenset({"cpi score", "score", "cpi", "corruption perceptions index score"}),
    "rank": frozenset({"rank", "cpi rank", "country rank", "global rank"}),
    "n_sources": frozenset({"number of sources", "number of sources used", "sources", "surveys used"}),
    "std_error": frozenset({"standard error", "std error", "standard error of the score"}),
    "ci_low": frozenset({"lower ci", "ci lower", "lower", "lower bound", "confidence interval lower", "low ci"}),
    "ci_high": frozenset({"upper ci", "ci upper", "upper", "upper bound", "confidence interval upper", "high ci"}),
}
"""Headings of each column in the form of `corrtip.data.editions.sheets.heading`."""

_NEEDED = ("country", "score")
_TITLES = 12  # rows above the header that may hold a title


class _Table(NamedTuple):
    sheet: Sheet
    header: Line
    columns: Mapping[str, int]
    year: int | None
    titles: Sequence[Line]
    lines: Sequence[Line]


def read(request: Request) -> Draft:
    """Return the draft of an edition.

    Parameters
    ----------
    request : Request
        One file. The year is that of the heading of the score ("CPI score 2026"), of the title or of the sheet's
        name; the sheet is the one that has the most of the columns for that year.

    Raises
    ------
    DataError
        If no sheet has a country and a score, the year is not told or contradicted, a country is unknown or stands
        twice, its code contradicts its name, or a number is none.
    """
    (path,) = request.files
    table = _choose([found for sheet in read_sheets(path) if (found := _find(sheet, request.edition))], path.name)
    year = request.choose_year(table.year, table.sheet.where)
    check_titles(table.sheet, table.titles, request.names.countries)
    listed = read_listed(
        table.sheet,
        table.lines,
        table.columns,
        year,
        request.names.countries,
        needed="score",
        header=table.header,
    )
    rows = tuple(_row(table, entry) for entry in listed.entries)
    absent = [name for name in HEADINGS if name not in table.columns and name != "iso3"]
    remarks = [*listed.remarks]
    if absent:
        remarks.append(f"The file has no one column for {', '.join(absent)}.")
    return Draft(
        source="cpi",
        edition=str(year),
        header=cpi.COLUMNS,
        rows=rows,
        places=tuple(table.sheet.place(entry.line) for entry in listed.entries),
        remarks=tuple(remarks),
    )


def _row(table: _Table, entry: Listed) -> tuple[str, ...]:
    place = table.sheet.place(entry.line)
    numbers = {
        name: plain_number(table.sheet.cell(entry.line, table.columns.get(name)), place, name, missing=("", "-"))
        for name in cpi.COLUMNS[1:-2]
    }
    return (entry.country, *numbers.values(), OWN_FILE, "1")


def _find(sheet: Sheet, asked: str | None) -> _Table | None:
    """Return the table of one year that a sheet holds, or None: sheets of many years and of methods are none."""
    lines = tuple(sheet.lines)
    for place, line in enumerate(lines[:_TITLES]):
        columns = {name: _columns(line, known, asked) for name, known in HEADINGS.items()}
        if any(len(columns[name]) != 1 for name in _NEEDED):
            continue
        found = {name: places[0] for name, places in columns.items() if len(places) == 1}
        named = (
            years_in(line.cells[found["score"]])
            or {year for title in lines[:place] for cell in title.cells for year in years_in(cell)}
            or years_in(sheet.name)
        )
        year = named.pop() if len(named) == 1 else None
        return _Table(sheet, line, found, year, lines[:place], lines[place + 1 :])
    return None


def _columns(line: Line, known: frozenset[str], asked: str | None) -> list[int]:
    places = [place for place, cell in enumerate(line.cells) if heading(cell) in known]
    # Where a sheet has a column for each year, the one asked for.
    if len(places) > 1 and asked:
        return [place for place in places if asked in map(str, years_in(line.cells[place]))]
    return places


def _choose(tables: Sequence[_Table], name: str) -> _Table:
    most = max((len(table.columns) for table in tables), default=0)
    best = [table for table in tables if len(table.columns) == most]
    if not best:
        raise DataError(
            name,
            "no sheet with a country and one score in its header",
            expected='headings such as "Country / Territory", "ISO3", "CPI score 2026", "Rank", "Standard error", '
            '"Number of sources", "Lower CI", "Upper CI", in one of the first rows',
            mend="Name the edition with --edition where a sheet has a column for each year",
        )
    if len(best) > 1:
        raise DataError(
            name,
            f"{len(best)} sheets that fit: {', '.join(table.sheet.name for table in best)}",
            expected="one",
            mend="Save the sheet of the edition as a file of its own",
        )
    return best[0]
