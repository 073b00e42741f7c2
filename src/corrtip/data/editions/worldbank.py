"""Knows the World Bank's tables of series: CSV wide by year or long, and the answers of its API in JSON."""

from __future__ import annotations

import json
import re
import reprlib
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
    line: Line
    columns: Mapping[str, int]
    years: Mapping[int, int]


def _sheet_cells(sheet: Sheet, known: Collection[str], updated: list[str]) -> Iterator[Cell]:
    header: _Header | None = None
    for count, line in enumerate(sheet.lines):
        _note_update(line, updated)
        if header is None:
            header = _header(sheet, line)
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


def _header(sheet: Sheet, line: Line) -> _Header | None:
    names = [heading(cell) for cell in line.cells]
    found = {field: [place for place, name in enumerate(names) if name in known] for field, known in _HEADINGS.items()}
    columns = {field: places[0] for field, places in found.items() if places}
    years = [(int(year[1]), place) for place, cell in enumerate(line.cells) if (year := _YEAR_HEADING.fullmatch(cell))]
    wide = {"code", "series"} <= set(columns) and years
    long = {"code", "series", "year", "value"} <= set(columns)
    if not wide and not long:
        return None
    several = [places for field, places in found.items() if len(places) > 1 and (field != "value" or not wide)]
    repeated = [place for place, (year, _) in enumerate(years) if year in [earlier for earlier, _ in years[:place]]]
    if several or repeated:
        places = several[0] if several else [years[repeated[0]][1]]
        raise DataError(
            sheet.place(line),
            f"a second column for the same: {', '.join(line.cells[place] for place in places)}",
            expected="one column for each year, code and series",
            mend="Leave only one of them in the file",
        )
    return _Header(line, columns, dict(years) if wide else {})


def _line_cells(sheet: Sheet, line: Line, header: _Header, known: Collection[str]) -> Iterator[Cell]:
    columns, place = header.columns, sheet.place(line)
    if sum(map(bool, line.cells)) <= 1:
        return  # a blank row, or a note below the table
    sheet.check_width(line, header.line)
    series = sheet.cell(line, columns["series"]).removeprefix(_PREFIX)
    if not series:
        raise DataError(place, "no code of a series", expected="one in every row of the table")
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
            f"page {_shown(about.get('page'))} of {_shown(about.get('pages'))}",
            expected="the whole answer in one page",
            mend="Ask the API again with a larger per_page",
        )
    date = about.get("lastupdated")
    if isinstance(date, str) and (found := _ISO_DATE.fullmatch(date)):
        updated.append(found[1])
    for number, record in enumerate(records, start=1):
        place = f"{path.name}, record {number}"
        date = _text(record, "date", place=place)
        year = _YEAR.fullmatch(date)
        if year is None:
            raise DataError(place, f'date "{date}"', expected="a year of four digits")
        yield Cell(
            code=_text(record, "countryiso3code", place=place),
            country=_text(record, "country", "value", place=place),
            year=int(year[1]),
            series=_text(record, "indicator", "id", place=place).removeprefix(_PREFIX),
            label=_text(record, "indicator", "value", place=place),
            text="" if record.get("value", ...) is None else _text(record, "value", place=place),
            place=place,
        )


def _text(record: Any, *keys: str, place: str) -> str:
    """Return the text or the number, as written, that stands under some keys of a record."""
    value = record
    for key in keys:
        value = value[key] if isinstance(value, dict) and key in value else None
    if not isinstance(value, str) or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise DataError(place, f"{'.'.join(keys)} {reprlib.repr(value)}", expected="a record of the API")
    return value


def _shown(value: object) -> str:
    return value[:200] if isinstance(value, str) else reprlib.repr(value)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object, each key of which stands there once: Python would keep the last and say nothing."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError(f"a key that stands twice in {reprlib.repr(sorted(key for key, _ in pairs))}")
    return found


def _answer(path: Path) -> tuple[dict[str, Any], list[Any]]:
    check_size(path, MOST_BYTES)
    try:
        # Numbers stay as the publisher writes them.
        answer = json.loads(
            path.read_bytes(), parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=_once
        )
    except (ValueError, RecursionError) as error:
        raise DataError(path.name, f"not JSON: {error}", expected="the answer of the World Bank's API") from error
    match answer:
        case [{"message": message}]:
            raise DataError(path.name, f"the API refused: {_shown(message)}", mend="Correct the request")
        case [dict() as about, list() as records]:
            return about, records
    raise DataError(path.name, "JSON of another form", expected="[about, records] as the World Bank's API answers")
