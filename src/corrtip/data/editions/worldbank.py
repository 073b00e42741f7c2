"""Knows the World Bank's tables of series: CSV wide by year or long, and the answers of its API in JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from corrtip.data.editions.draft import Draft, Request, read_sheets
from corrtip.data.editions.series import Cell, Gathered
from corrtip.data.editions.sheets import MOST_BYTES, Line, Sheet, check_size, heading
from corrtip.errors import DataError

_HEADINGS: Mapping[str, frozenset[str]] = {
    "country": frozenset({"country name", "country", "economy"}),
    "code": frozenset({"country code", "iso3", "iso3c", "iso3 code", "economy code", "countryiso3code"}),
    "series": frozenset({"indicator code", "series code", "indicator id", "indicator"}),
    "label": frozenset({"indicator name", "series name", "indicator value"}),
    "year": frozenset({"year", "time", "date", "time period"}),
    "value": frozenset({"value", "obs value", "figure"}),
}
_YEAR_HEADING = re.compile(r"((?:19|20)[0-9]{2})(?: \[YR(?:19|20)[0-9]{2}\])?")
_YEAR = re.compile(r"(?:YR)?((?:19|20)[0-9]{2})")
_ISO_DATE = re.compile(r"((?:19|20)[0-9]{2}-[01][0-9]-[0-3][0-9]).*")
_AMERICAN_DATE = re.compile(r"Last Updated: ([01][0-9])/([0-3][0-9])/((?:19|20)[0-9]{2})")
_TITLES = 12
# The governance indicators bear a prefix in the API and none in their own files.
_PREFIX = "GOV_WGI_"


def read(request: Request) -> Draft:
    """Return the draft of an edition from the World Bank's CSV or JSON files.

    Parameters
    ----------
    request : Request
        One file or several. CSV: wide ("Country Name", "Country Code", "Indicator Name", "Indicator Code", a column
        for each year, below lines that tell the date of the update) or long ("Country Code", "Year", "Indicator
        Code", "Value"). JSON: the whole answer of the API, one page. The edition is year and month of the update
        (its year for the governance indicators), unless the user names it.

    Raises
    ------
    DataError
        If a file has none of these forms, is one page of several, tells no date of an update where no edition is
        named, or holds what `corrtip.data.editions.series.Gathered` refuses.
    """
    gathered = Gathered(request)
    dates: list[str] = []
    for path in request.files:
        updated: list[str] = []  # DataBank tells it below the table
        labels = gathered.gather(_cells(path, gathered.known, updated))
        as_of = max(updated, default=request.edition or "")
        gathered.date(labels, as_of)
        dates.append(as_of)
    latest = max(dates)
    told = latest[: 4 if request.source == "wgi" else 7] or None
    return gathered.draft(request.edition or request.choose_edition(told, request.files[0].name))


def _cells(path: Path, known: Collection[str], updated: list[str]) -> Iterator[Cell]:
    if path.suffix.lower() == ".json":
        return _json_cells(path, updated)
    return (cell for sheet in read_sheets(path) for cell in _sheet_cells(sheet, known, updated))


class _Header(NamedTuple):
    columns: Mapping[str, int]
    years: Mapping[int, int]


def _sheet_cells(sheet: Sheet, known: Collection[str], updated: list[str]) -> Iterator[Cell]:
    header: _Header | None = None
    for count, line in enumerate(sheet.lines):
        _note_update(line, updated)
        if header is None:
            header = _header(line)
            if count > _TITLES:
                break
        else:
            yield from _line_cells(sheet, line, header, known)
    if header is None:
        raise DataError(
            sheet.where,
            "no header of a table of series",
            expected='"Country Code", "Indicator Code" and a column for each year; or "Country Code", "Year", '
            '"Indicator Code", "Value"',
        )


def _header(line: Line) -> _Header | None:
    names = [heading(cell) for cell in line.cells]
    columns = {
        field: places[0]
        for field, known in _HEADINGS.items()
        if (places := [place for place, name in enumerate(names) if name in known])
    }
    years = {int(found[1]): place for place, cell in enumerate(line.cells) if (found := _YEAR_HEADING.fullmatch(cell))}
    wide = {"code", "series"} <= set(columns) and years
    long = {"code", "series", "year", "value"} <= set(columns)
    return _Header(columns, years if wide else {}) if wide or long else None


def _line_cells(sheet: Sheet, line: Line, header: _Header, known: Collection[str]) -> Iterator[Cell]:
    columns, place = header.columns, sheet.place(line)
    series = sheet.cell(line, columns["series"]).removeprefix(_PREFIX)
    if not series:
        return  # a blank row, or a note below the table
    row = {name: sheet.cell(line, columns.get(name)) for name in ("code", "country", "label")}
    if header.years:
        # Of the 1,500 series of the whole table those that nobody wants are named, not read.
        years = header.years if series in known else dict(tuple(header.years.items())[:1])
        for year, column in years.items():
            yield Cell(**row, year=year, series=series, text=sheet.cell(line, column), place=place)
        return
    found = _YEAR.fullmatch(sheet.cell(line, columns["year"]))
    if found is None:
        raise DataError(place, f'year "{sheet.cell(line, columns["year"])}"', expected="a year of four digits")
    yield Cell(**row, year=int(found[1]), series=series, text=sheet.cell(line, columns["value"]), place=place)


def _note_update(line: Line, updated: list[str]) -> None:
    for place, cell in enumerate(line.cells):
        if cell == "Last Updated Date" and (found := _ISO_DATE.fullmatch("".join(line.cells[place + 1 : place + 2]))):
            updated.append(found[1])
        if american := _AMERICAN_DATE.fullmatch(cell):
            updated.append(f"{american[3]}-{american[1]}-{american[2]}")


def _json_cells(path: Path, updated: list[str]) -> Iterator[Cell]:
    about, records = _answer(path)
    if about.get("pages") not in ("1", "0"):
        raise DataError(
            path.name,
            f"page {about.get('page')} of {about.get('pages')}",
            expected="the whole answer in one page",
            mend="Ask the API again with a larger per_page",
        )
    if found := _ISO_DATE.fullmatch(str(about.get("lastupdated", ""))):
        updated.append(found[1])
    for number, record in enumerate(records, start=1):
        place = f"{path.name}, record {number}"
        try:
            year = _YEAR.fullmatch(str(record["date"]))
            if year is None:
                raise DataError(place, f'date "{record["date"]}"', expected="a year of four digits")
            yield Cell(
                code=str(record["countryiso3code"]),
                country=str(record["country"]["value"]),
                year=int(year[1]),
                series=str(record["indicator"]["id"]).removeprefix(_PREFIX),
                label=str(record["indicator"]["value"]),
                text="" if record["value"] is None else str(record["value"]),
                place=place,
            )
        except (LookupError, TypeError) as error:
            raise DataError(place, f"{type(error).__name__}: {error}", expected="a record of the API") from error


def _answer(path: Path) -> tuple[dict[str, Any], list[Any]]:
    check_size(path, MOST_BYTES)
    try:
        # Numbers stay as the publisher writes them.
        answer = json.loads(path.read_bytes(), parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError) as error:
        raise DataError(path.name, f"not JSON: {error}", expected="the answer of the World Bank's API") from error
    match answer:
        case [{"message": message}]:
            raise DataError(path.name, f"the API refused: {message}", mend="Correct the request")
        case [dict() as about, list() as records]:
            return about, records
    raise DataError(path.name, "JSON of another form", expected="[about, records] as the World Bank's API answers")
