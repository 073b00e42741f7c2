"""Knows the Department of State's placements: a list of countries with their tiers, or a column of names for each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from corrtip.data.editions.draft import OWN_FILE, Draft, Request, read_sheets
from corrtip.data.editions.listed import List, Listed, check_titles, read_listed
from corrtip.data.editions.sheets import Line, Sheet, heading, years_in
from corrtip.data.sources import tip
from corrtip.data.tier import levels_in
from corrtip.errors import DataError

_COUNTRY = frozenset({"country", "country territory", "country or territory", "countries", "name"})
_TIER = frozenset({"tier", "tier placement", "placement", "tier ranking", "ranking"})
_CODE = frozenset({"iso3", "iso 3", "iso3 code", "iso code", "country code"})
# Signs of footnotes, and what stands between words; a sign of its own before the digit would be another number.
_WRITTEN = re.compile(
    r"(?:tier(?:[\s:.]{0,3}|-))?([123])(?:[\s(:.-]{0,3}(wl|watch[\s-]?list)\)?)?(?:[\s*.:]|\([0-9a-z*]\)){0,5}"
    r"|(special)(?:[\s-]?cases?)?[\s*.:]{0,5}"
)
_TITLES = 12


def read(request: Request) -> Draft:
    """Return the draft of a report's placements.

    Parameters
    ----------
    request : Request
        One file with a header in one of its first rows: columns "country" and "tier", in any order, or a column for
        each tier ("Tier 1", "Tier 2", "Tier 2 Watch List", "Tier 3", "Special cases") with names below. A title above
        may name the year.

    Raises
    ------
    DataError
        If the file has neither form or two columns that could be meant, the year is not told or had no report, a tier
        is unknown or did not exist then, or a country is unknown or stands twice.
    """
    (path,) = request.files
    sheets = read_sheets(path)
    for sheet in sheets:
        lines = tuple(sheet.lines)
        for place, line in enumerate(lines[:_TITLES]):
            if (draft := _draft(request, sheet, lines[:place], line, lines[place + 1 :])) is not None:
                return draft
    raise DataError(
        path.name,
        "no sheet with placements",
        expected='a header with "country" and "tier", or with "Tier 1", "Tier 2", "Tier 2 Watch List", "Tier 3"',
        mend="Write the header above the table",
    )


def read_placement(text: str) -> str | None:
    """Return the level that a publisher's words mean, or None.

    Examples
    --------
    >>> read_placement("Tier 2 Watch List"), read_placement("TIER 3"), read_placement("Special Case")
    ('2WL', '3', 'special')
    >>> read_placement("Tier 4") is None
    True
    """
    found = _WRITTEN.fullmatch(" ".join(text.casefold().split()))
    if found is None:
        return None
    if found[3]:
        return "special"
    if found[2]:
        return "2WL" if found[1] == "2" else None
    return found[1]


def _draft(request: Request, sheet: Sheet, titles: Sequence[Line], header: Line, lines: Sequence[Line]) -> Draft | None:
    """Return the draft if ``header`` is that of a list or of a table by tier."""
    names = [heading(cell) for cell in header.cells]
    found = {
        field: [place for place, name in enumerate(names) if name in known]
        for field, known in (("country", _COUNTRY), ("tier", _TIER), ("iso3", _CODE))
    }
    columns = {field: places[0] for field, places in found.items() if places}
    tiers = {place: level for place, cell in enumerate(header.cells) if (level := read_placement(cell))}
    by_tier = len({*tiers.values()}) >= 3
    if not by_tier and not {"country", "tier"} <= set(columns):
        return None
    if not by_tier:
        _check_one(sheet, header, found)
    named = {year for title in titles for cell in title.cells for year in years_in(cell)} or years_in(sheet.name)
    year = request.choose_year(named.pop() if len(named) == 1 else None, sheet.where)
    levels_in(year)
    check_titles(sheet, titles, request.names.countries)
    if by_tier:
        # One name a row, so that both forms are read alike.
        lines, columns = tuple(_unrolled(sheet, lines, tiers, header)), {"country": 0, "tier": 1}
    listed = read_listed(
        sheet, lines, columns, year, request.names.countries, needed="tier", header=None if by_tier else header
    )
    return _build(sheet, listed, columns, year)


def _check_one(sheet: Sheet, header: Line, found: Mapping[str, Sequence[int]]) -> None:
    for field, places in found.items():
        if len(places) > 1:
            names = ", ".join(header.cells[place] for place in places)
            raise DataError(
                sheet.place(header),
                f"{len(places)} columns that could be the {field}: {names}",
                expected="one",
                mend="Leave only the column of this report in the file",
            )


def _unrolled(sheet: Sheet, lines: Sequence[Line], tiers: Mapping[int, str], header: Line) -> Iterator[Line]:
    lines = [line for line in lines if any(line.cells)]
    for line in lines:
        sheet.check_width(line, header)
        outside = [cell for place, cell in enumerate(line.cells) if cell and place not in tiers]
        if outside:
            raise DataError(
                sheet.place(line),
                f'"{outside[0]}" below no tier',
                expected="every name in the column of a tier",
                mend=f"Name the tier of each column in row {header.number}, or leave the column out of the file",
            )
    for place, level in tiers.items():
        for line in lines:
            if name := sheet.cell(line, place):
                yield Line(line.number, (name, level))


def _build(sheet: Sheet, listed: List, columns: Mapping[str, int], year: int) -> Draft:
    return Draft(
        source="tip",
        edition=str(year),
        header=tip.COLUMNS,
        rows=tuple(_row(sheet, entry, columns) for entry in listed.entries),
        places=tuple(sheet.place(entry.line) for entry in listed.entries),
        remarks=("Placements of the report as issued; a change later in the year is not applied.", *listed.remarks),
    )


def _row(sheet: Sheet, entry: Listed, columns: Mapping[str, int]) -> tuple[str, ...]:
    text = sheet.cell(entry.line, columns["tier"])
    level = read_placement(text)
    if level is None:
        raise DataError(
            sheet.place(entry.line),
            f'tier "{text}" of {entry.country}',
            expected="Tier 1, Tier 2, Tier 2 Watch List, Tier 3 or Special case",
            mend="Correct it against the published table",
        )
    return (entry.country, level, "1", "false", OWN_FILE, "", "")
