"""Publishers' files: each figure of a draft stands in the row that the draft names, and no figure is lost."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from corrtip.data.catalogue import load_catalogue
from corrtip.data.countries import load_countries
from corrtip.data.editions import cpi, governance, tip, worldbank
from corrtip.data.editions.draft import Draft, Form, Request
from corrtip.data.editions.listed import OTHER_CODES
from corrtip.data.editions.series import AGGREGATES
from corrtip.data.figures import Names
from corrtip.data.source import read_edition
from corrtip.project import figures_root
from stress.fuzz import damage, literal
from stress.fuzz.cells import ROWS, TABLE
from stress.fuzz.target import Target, UnreadableError

CPI = (
    (
        "Country / Territory",
        "ISO3",
        "CPI score 2026",
        "Rank",
        "Standard error",
        "Number of sources",
        "Lower CI",
        "Upper CI",
    ),
    ("Côte d'Ivoire", "CIV", "45", "69", "2.5", "8", "41", "49"),
    ("Namibia", "NAM", "49", "59", "3.02", "7", "44", "54"),
    ("Niger", "NER", "34", "107", "", "6", "", ""),
    ("Korea, South", "KOR", "64", "30", "2", "9", "61", "67"),
)
TIERS = (
    ("Tier placements 2026", ""),
    ("Country", "Tier"),
    ("Nigeria", "Tier 2 Watch List"),
    ("Namibia", "TIER 2"),
    ("Argentina*", "1"),
    ("Burma", "Tier 3"),
    ("Somalia", "Special Case"),
)
BY_TIER = (
    ("TIER 1", "TIER 2", "TIER 2 WATCH LIST", "TIER 3", "SPECIAL CASES"),
    ("Argentina", "Albania", "Nigeria", "Burma", "Somalia"),
    ("", "Namibia", "", "", ""),
)
WDI = (
    ("Last Updated Date", "2026-12-16", "", "", "", "", ""),
    ("Country Name", "Country Code", "Indicator Name", "Indicator Code", "2023", "2024", "2025"),
    ("Albania", "ALB", "Mortality rate, infant", "SP.DYN.IMRT.IN", "8", "8.5", "8.1234"),
    ("World", "WLD", "Mortality rate, infant", "SP.DYN.IMRT.IN", "90", "45", "44"),
    ("Namibia", "NAM", "Mortality rate, infant", "SP.DYN.IMRT.IN", "", "70", ".."),
    ("Albania", "ALB", "Population, total", "SP.POP.TOTL", "2800000", "2.7E6", "2600000"),
)
WGI = (
    ("code", "countryname", "year", "indicator", "estimate", "stddev", "nsource"),
    ("ALB", "Albania", "2022", "cc", "-0.4078", "0.157", "9"),
    ("ALB", "Albania", "2022", "va", "0.1", "0.2", "9"),
    ("ZAR", "Congo, Dem. Rep.", "2023", "cc", "-1.5", "..", ".."),
)
RECORDS = tuple(
    {
        "indicator": {"id": "SP.DYN.IMRT.IN", "value": "Mortality rate, infant"},
        "country": {"id": code[:2], "value": "A country"},
        "countryiso3code": code,
        "date": year,
        "value": value,
    }
    for code, year, value in (("ALB", "2024", 8.5), ("ALB", "2025", 8.125), ("NAM", "2025", None), ("WLD", "2025", 27))
)
ANSWER = [{"page": 1, "pages": 1, "per_page": 20000, "total": 4, "lastupdated": "2026-12-16"}, list(RECORDS)]


class Stands(NamedTuple):
    """What literally stands in a file: its rows by line."""

    rows: Mapping[int, tuple[str, ...]]


def targets(folder: Path) -> list[Target]:
    """Return the readers of publishers' files; they write to ``folder``."""
    return [
        _table_target("new_cpi", "CPI2026.csv", [CPI], cpi.read, folder, of_list(1, 2)),
        _table_target("new_tip", "tiers.csv", [TIERS], tip.read, folder, of_list(2, 1)),
        _table_target("new_tip_by_tier", "tiers.csv", [BY_TIER], tip.read, folder, of_columns),
        _table_target("new_wdi", "series.csv", [WDI], worldbank.read, folder, of_series),
        _table_target("new_wgi", "wgi.csv", [WGI], governance.read, folder, of_series),
        Target(
            name="new_wdi_json",
            seeds=(json.dumps(ANSWER, ensure_ascii=False).encode(), json.dumps(ANSWER, indent=1).encode()),
            read=reader("wdi", "series.json", worldbank.read, folder),
            meaning=_records,
            damages=damage.TEXT,
            agrees=_agrees_records,
        ),
    ]


def _table_target(
    name: str, file: str, tables: list[Any], form: Form, folder: Path, agrees: Callable[[Draft, Stands], bool]
) -> Target:
    source = name.removeprefix("new_").partition("_")[0]
    return Target(
        name=name,
        seeds=tuple(_csv(table) for table in tables),
        read=reader(source, file, form, folder),
        meaning=stands,
        damages=(*TABLE, *ROWS),
        harmless=(_as_spreadsheets_write,),
        agrees=agrees,
    )


def _csv(rows: Any) -> bytes:
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\n").writerows(rows)
    return stream.getvalue().encode()


def _as_spreadsheets_write(chance: Random, data: bytes) -> bytes:
    return b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n")


def reader(source: str, file: str, form: Form, folder: Path) -> Callable[[bytes], Draft]:
    """Return what reads bytes as a file of a publisher."""
    names = Names(countries=load_countries(), catalogue=load_catalogue())
    edition = "2026" if source in ("tip", "wgi") else "2026-12" if source == "wdi" else None
    last = None if source in ("cpi", "tip") else _last(folder)

    def read(data: bytes) -> Draft:
        path = folder / file
        path.write_bytes(data)
        draft = form(Request(source=source, files=(path,), edition=edition, names=names, last=last))
        if last is not None:
            draft.sidecar_bytes(last, (), complete=False)
        return draft

    return read


def _last(folder: Path) -> Any:
    """Return an edition of one row: only its first year counts here."""
    held = figures_root() / "raw" / "wdi" / "2026-07"
    (folder / "last").mkdir(exist_ok=True)
    path = folder / "last" / "2026-07.csv"
    path.write_bytes(b"iso3,year\nALB,1995\n")
    path.with_suffix(".toml").write_bytes(held.with_suffix(".toml").read_bytes())
    return read_edition(path, folder)


def stands(data: bytes) -> Stands:
    """Return what stands in a CSV file as spreadsheets write it."""
    try:
        text = data.decode("utf-8-sig")
        reading = csv.reader(io.StringIO(text, newline=""), strict=True)
        if not data.endswith((b"\n", b"\r")):
            raise UnreadableError("it is cut off within a line")
        rows = [(reading.line_num, tuple(map(str.strip, row))) for row in reading]
    except (UnicodeDecodeError, csv.Error) as error:
        raise UnreadableError(f"it is no CSV file in UTF-8: {error}") from error
    return Stands(dict(rows))


def lines_of(draft: Draft) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield the line in the publisher's file of each row of a draft, and the row."""
    for place, row in zip(draft.places, draft.rows, strict=True):
        yield int(re.findall(r"(?:row|record) ([0-9]+)", place)[-1]), row


def same(read: str, stood: str) -> bool:
    """Return whether a figure of a draft is the number in a cell."""
    if not read:
        return stood in ("", "-", "..", "#N/A")
    try:
        number = literal.number(stood)
    except UnreadableError:
        return False
    return number is not None and abs(float(read) - number) <= 2e-15 * abs(number)


def of_list(header: int, width: int) -> Callable[[Draft, Stands], bool]:
    """Return the check of a list: a country a row, and beside it what the draft says of it."""

    def agrees(draft: Draft, stood: Stands) -> bool:
        seen = set()
        above = max((line for line in stood.rows if line < min(line for line, _ in lines_of(draft))), default=0)
        named = max((place for place, cell in enumerate(stood.rows.get(above, ()), start=1) if cell), default=0)
        for line, row in lines_of(draft):
            cells = list(stood.rows.get(line, ()))
            if len(cells) < named or row[0] not in [cell.rstrip("* ") for cell in cells]:
                return False
            figures = [value for value in row[1 : 1 + (6 if width == 2 else 1)] if value]
            if not all(any(same(value, cell) or _tier(cell) == value for cell in cells) for value in figures):
                return False
            seen.add(line)
        # Whoever stands in the table with a figure stands in the draft.
        full = [line for line, cells in stood.rows.items() if sum(map(bool, cells)) > 1]
        return len(seen) == len(draft.rows) and {*full[len(full) - len(seen) :]} == seen

    return agrees


def _tier(text: str) -> str:
    words = " ".join(text[:60].casefold().replace("*", " ").split())
    words = re.sub(r"^tier[ :.-]?|[ .:]+$", "", words)
    plain = {"1": "1", "2": "2", "3": "3", "special case": "special", "special cases": "special", "special": "special"}
    return plain.get(words) or ("2WL" if re.fullmatch(r"2[ :.(-]*(wl|watch[ -]?list)\)?", words) else "")


def of_columns(draft: Draft, stood: Stands) -> bool:
    """Check a table with a column for each tier: all names, each below its tier."""
    header = next((line for line, cells in stood.rows.items() if sum(bool(_tier(cell)) for cell in cells) >= 3), 0)
    levels = [_tier(cell) for cell in stood.rows.get(header, ())]
    told = sorted(
        (line, cell.rstrip("* "), levels[place])
        for line, cells in stood.rows.items()
        if line > header
        for place, cell in enumerate(cells)
        if cell and place < len(levels) and levels[place]
    )
    return told == sorted((line, row[0], row[1]) for line, row in lines_of(draft))


def of_series(draft: Draft, stood: Stands) -> bool:
    """Check a table of series both ways: what is drafted stands there, and what stands there is drafted."""
    drafted = {
        (row[0], row[1], series): figure
        for row in draft.rows
        for series, figure in zip(draft.header[2:], row[2:], strict=True)
        if figure
    }
    cells = [*stood.rows.values()]
    for (code, year, series), figure in drafted.items():
        rows = [row for row in cells if code in {OTHER_CODES.get(cell, cell) for cell in row}]
        if not any(same(figure, cell) for row in rows for cell in row) or not any(_names(row, year) for row in cells):
            return False
        if not any(series.partition(".")[0] in (cell.upper(), cell.partition(".")[0]) for row in rows for cell in row):
            return False
    told = {(code, year, series): figure for code, year, series, figure in _wide(cells, draft.source) if figure}
    return all(key in drafted and same(drafted[key], figure) for key, figure in told.items())


def _names(row: tuple[str, ...], year: str) -> bool:
    return any(re.search(rf"(?<![0-9]){year}(?![0-9])", cell) for cell in row)


def _wide(rows: list[tuple[str, ...]], source: str) -> Iterator[tuple[str, str, str, str]]:
    """Yield what stands below a header of years: code, year, series and figure."""
    known, years = literal.series_of(source), {}
    for row in rows:
        if not years:
            if not {"Country Code", "Indicator Code"} <= {*row}:
                continue
            code, series = (row.index(name) for name in ("Country Code", "Indicator Code"))
            years = {place: cell for place, cell in enumerate(row) if re.fullmatch(r"(19|20)[0-9]{2}", cell)}
            if len({*years.values()}) < len(years):
                raise UnreadableError("a year stands twice in the header")
        elif max(code, series) < len(row) and _is_country(row[code]) and row[series] in known:
            for place, year in years.items():
                figure = row[place] if place < len(row) else ""
                if int(year) >= 1995 and figure not in ("", "..", "#N/A"):
                    yield OTHER_CODES.get(row[code], row[code]), year, row[series], figure


def _is_country(cell: str) -> bool:
    try:
        return cell not in AGGREGATES and bool(literal.unit_of_code(OTHER_CODES.get(cell, cell)))
    except UnreadableError:
        return False


def _records(data: bytes) -> Any:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) < len(pairs):
            raise ValueError("a key stands twice")
        return dict(pairs)

    try:
        return json.loads(data, object_pairs_hook=once, parse_float=str, parse_int=str)
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"it is no JSON: {error}") from error


def _agrees_records(draft: Draft, stood: Any) -> bool:
    """Check an answer of the API both ways, record by record."""
    told = {}
    for record in stood[1]:
        code = OTHER_CODES.get(record["countryiso3code"], record["countryiso3code"])
        key = (code, record["date"].removeprefix("YR"), record["indicator"]["id"].removeprefix("GOV_WGI_"))
        if _is_country(code) and record["value"] not in (None, "", "..", "#N/A") and int(key[1]) >= 1995:
            told[key] = record["value"]
    drafted = {
        (row[0], row[1], series): figure
        for row in draft.rows
        for series, figure in zip(draft.header[2:], row[2:], strict=True)
        if figure
    }
    known = literal.series_of(draft.source)
    told = {key: figure for key, figure in told.items() if key[2] in known}
    return told.keys() == drafted.keys() and all(same(drafted[key], figure) for key, figure in told.items())
