"""Knows the workbook of the Worldwide Governance Indicators: one long table, or a sheet for each dimension."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from corrtip.data.editions import worldbank
from corrtip.data.editions.draft import Draft, Request, read_sheets
from corrtip.data.editions.series import Cell, Gathered
from corrtip.data.editions.sheets import Line, Sheet, heading, years_in
from corrtip.errors import DataError

DIMENSIONS: Mapping[str, str] = {
    "cc": "CC",
    "controlofcorruption": "CC",
    "ge": "GE",
    "governmenteffectiveness": "GE",
    "pv": "PV",
    "politicalstabilitynoviolence": "PV",
    "rl": "RL",
    "ruleoflaw": "RL",
    "rq": "RQ",
    "regulatoryquality": "RQ",
    "va": "VA",
    "voiceandaccountability": "VA",
}
"""What the publisher calls each dimension, in a column or as the name of a sheet."""

PARTS: Mapping[str, str] = {
    "estimate": "EST",
    "stddev": "STD.ERR",
    "stderr": "STD.ERR",
    "std dev": "STD.ERR",
    "std err": "STD.ERR",
    "standard error": "STD.ERR",
    "nsource": "NO.SRC",
    "numsrc": "NO.SRC",
    "num src": "NO.SRC",
    "number of sources": "NO.SRC",
}
"""What is read of each dimension; percentile ranks are not."""

_CODE = frozenset({"code", "country code", "wbcode", "iso3", "iso3 code"})
_COUNTRY = frozenset({"countryname", "country name", "country", "country territory"})
_TITLES = 20


def read(request: Request) -> Draft:
    """Return the draft of a release.

    Parameters
    ----------
    request : Request
        Workbook or CSV: long ("code", "countryname", "year", "indicator" with va, pv, ge, rq, rl or cc, "estimate",
        "stddev", "nsource"), or a sheet for each dimension with years over "Estimate", "StdErr", "NumSrc"; or the
        World Bank's own CSV and JSON (see `corrtip.data.editions.worldbank`). The release is named by --edition:
        the workbook does not tell it.

    Raises
    ------
    DataError
        As `corrtip.data.editions.worldbank.read`.
    """
    gathered = Gathered(request)
    for path in request.files:
        cells = None if path.suffix.lower() == ".json" else _cells(path)
        if cells is None:
            return worldbank.read(request)
        gathered.date(gathered.gather(cells), request.edition or "")
    return gathered.draft(request.choose_edition(None, request.files[0].name))


def _cells(path: Path) -> Iterator[Cell] | None:
    """Return the figures of a file of one of the two forms of governance indicators, or None."""
    found = [cells for sheet in read_sheets(path) if (cells := _sheet_cells(sheet)) is not None]
    return (cell for cells in found for cell in cells) if found else None


def _sheet_cells(sheet: Sheet) -> Iterator[Cell] | None:
    dimension = DIMENSIONS.get(heading(sheet.name).replace(" ", ""))
    above: Line | None = None
    lines = iter(sheet.lines)
    for line, _ in zip(lines, range(_TITLES), strict=False):
        names = [heading(cell) for cell in line.cells]
        code = next((place for place, name in enumerate(names) if name in _CODE), None)
        parts = {place: PARTS[name] for place, name in enumerate(names) if name in PARTS}
        if code is not None and parts:
            _check_once(sheet, line, names)
            if "indicator" in names and "year" in names:
                return _long_cells(sheet, lines, line, code)
            if dimension and above is not None:
                return _wide_cells(sheet, lines, code, dimension, _years(above, parts))
        above = line
    return None


def _check_once(sheet: Sheet, header: Line, names: list[str]) -> None:
    """Refuse a header in which two columns could be the code, the year or the indicator."""
    for known in (_CODE, frozenset({"year"}), frozenset({"indicator"})):
        places = [place for place, name in enumerate(names) if name in known]
        if len(places) > 1:
            raise DataError(
                sheet.place(header),
                f"a second column for the same: {', '.join(header.cells[place] for place in places)}",
                expected="one column for code, year and indicator",
                mend="Leave only one of them in the file",
            )


def _years(above: Line, parts: Mapping[int, str]) -> dict[int, tuple[int, str]]:
    """Return year and part of each column: a year stands over its first column only, where cells are merged."""
    columns, year = {}, None
    for place in range(max(parts) + 1):
        named = years_in(above.cells[place]) if place < len(above.cells) else set()
        year = named.pop() if len(named) == 1 else year
        if place in parts and year:
            columns[place] = (year, parts[place])
    return columns


def _long_cells(sheet: Sheet, lines: Iterator[Line], header: Line, code: int) -> Iterator[Cell]:
    names = [heading(cell) for cell in header.cells]
    country = next((place for place, name in enumerate(names) if name in _COUNTRY), None)
    year, indicator = names.index("year"), names.index("indicator")
    for line in lines:
        sheet.check_width(line, header)
        dimension = DIMENSIONS.get(sheet.cell(line, indicator).casefold())
        named = years_in(sheet.cell(line, year))
        if dimension is None or len(named) != 1:
            raise DataError(
                sheet.place(line),
                f'indicator "{sheet.cell(line, indicator)}" in "{sheet.cell(line, year)}"',
                expected="one of va, pv, ge, rq, rl, cc, and a year",
            )
        for place, name in enumerate(names):
            if name in PARTS:
                series = f"{dimension}.{PARTS[name]}"
                yield _cell(sheet, line, code, country=country, year=max(named), series=series, place=place)


def _wide_cells(
    sheet: Sheet, lines: Iterator[Line], code: int, dimension: str, columns: Mapping[int, tuple[int, str]]
) -> Iterator[Cell]:
    for line in lines:
        if sheet.cell(line, code):
            for place, (year, part) in columns.items():
                series = f"{dimension}.{part}"
                yield _cell(sheet, line, code, country=None, year=year, series=series, place=place)


def _cell(sheet: Sheet, line: Line, code: int, *, country: int | None, year: int, series: str, place: int) -> Cell:
    return Cell(
        code=sheet.cell(line, code),
        country=sheet.cell(line, country),
        year=year,
        series=series,
        label="",
        text=sheet.cell(line, place),
        place=sheet.place(line),
    )
