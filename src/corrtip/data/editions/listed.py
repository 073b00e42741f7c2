"""Lists of countries in a publisher's file: every name known, none twice, no code that contradicts its name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from corrtip.data.countries import Countries, comparable
from corrtip.data.editions.sheets import Faults, Line, Sheet
from corrtip.errors import DataError

OTHER_CODES: Mapping[str, str] = {
    "ADO": "AND",
    "IMY": "IMN",
    "KSV": "XKX",
    "ROM": "ROU",
    "TMP": "TLS",
    "WBG": "PSE",
    "ZAR": "COD",
}
"""Codes of the World Bank and of Transparency International that are not those of ISO."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One country of a list.

    Parameters
    ----------
    country : str
        As printed.
    unit : str
        What the name means in that year.
    line : Line
        Where it stands.
    """

    country: str
    unit: str
    line: Line


@dataclass(frozen=True, slots=True, kw_only=True)
class List:
    """The countries of a list in its order, and what was left out of it."""

    entries: tuple[Listed, ...]
    remarks: tuple[str, ...]


def read_listed(
    sheet: Sheet,
    lines: Sequence[Line],
    columns: Mapping[str, int],
    year: int,
    countries: Countries,
    *,
    needed: str,
    header: Line | None = None,
) -> List:
    """Return the countries of a list, a row each.

    Parameters
    ----------
    sheet : Sheet
        Where the rows stand.
    lines : sequence of Line
        Those below the header.
    columns : mapping of str to int
        Places of ``country``, of the column ``needed`` and, where there is one, of ``iso3``.
    year : int
        In which names are to be understood.
    countries : Countries
        Knows them.
    needed : str
        The column without which a row is a note and no country.
    header : Line, optional
        The row above, which says how many cells a row has.

    Raises
    ------
    DataError
        For all rows at once: unknown names with the nearest, codes that contradict them, countries that stand twice.
    """
    entries: dict[str, Listed] = {}
    notes: list[Line] = []
    with Faults() as faults:
        for line in lines:
            if not sheet.cell(line, columns[needed]) and _is_note(line, countries):
                notes += [line] if any(line.cells) else []
                continue
            try:
                if header is not None:
                    sheet.check_width(line, header)
                entry = _entry(sheet, line, columns, year, countries)
                check_once(entry, entries, sheet)
                entries[entry.unit] = entry
            except DataError as fault:
                faults.add(fault)
        for line in notes:
            if any(line.number < entry.line.number for entry in entries.values()):
                seen = f'"{next(filter(None, line.cells))}" and nothing else amid the table'
                mend = "Correct the row, or move the note below the table"
                faults.add(DataError(sheet.place(line), seen, expected="a country and its figure", mend=mend))
    if not entries:
        raise DataError(sheet.where, "no country below the header", expected="a row each")
    remarks = (f"{len(notes)} rows of notes below the table were left out.",) if notes else ()
    return List(entries=tuple(entries.values()), remarks=remarks)


def check_titles(sheet: Sheet, titles: Sequence[Line], countries: Countries) -> None:
    """Refuse a row above the header that holds a country: it is one of the table's and no title.

    Raises
    ------
    DataError
        Names the row.
    """
    for line in titles:
        named = [cell for cell in line.cells if comparable(cell.rstrip("* ")) in countries.by_name]
        if named:
            raise DataError(
                sheet.place(line),
                f'country "{named[0]}" above the header',
                expected="titles of the table alone above it",
                mend="Move the header above the first country",
            )


def check_once(entry: Listed, entries: Mapping[str, Listed], sheet: Sheet) -> None:
    """Refuse a country that stands in a list already.

    Raises
    ------
    DataError
        Names both rows.
    """
    if entry.unit in entries:
        first = entries[entry.unit]
        raise DataError(
            sheet.place(entry.line),
            f'country "{entry.country}" is {entry.unit} a second time',
            expected=f'it once; row {first.line.number} has "{first.country}"',
            mend="Remove the row that the publisher does not print",
        )


def _is_note(line: Line, countries: Countries) -> bool:
    """Return whether a row has no figure: it is empty, or one cell that is no country."""
    filled = [cell for cell in line.cells if cell]
    return not filled or (len(filled) == 1 and comparable(filled[0].rstrip("* ")) not in countries.by_name)


def _entry(sheet: Sheet, line: Line, columns: Mapping[str, int], year: int, countries: Countries) -> Listed:
    place, name = sheet.place(line), sheet.cell(line, columns["country"]).rstrip("* ")
    unit = countries.iso3(name, year, place)
    code = sheet.cell(line, columns.get("iso3")).upper()
    if code:
        filed = countries.unit(OTHER_CODES.get(code, code), place)
        if filed != unit:
            raise DataError(
                place,
                f'country "{name}" with the code "{code}"',
                expected=f"{unit}, which the name means in {year}",
                mend="Is a row or a column displaced? Correct the file against the published table",
            )
    return Listed(country=name, unit=unit, line=line)
