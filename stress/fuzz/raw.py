"""The readers of raw files, below the hash: each damaged file has its sidecar's hash renewed."""

from __future__ import annotations

import csv
import dataclasses
import hashlib
import io
import math
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from corrtip.data.catalogue import load_catalogue
from corrtip.data.checks import check_figures
from corrtip.data.countries import load_countries
from corrtip.data.figures import Names
from corrtip.data.source import Edition, read_edition
from corrtip.data.sources import READERS, cpi, factbook, groups, tip, treaties
from corrtip.project import figures_root
from stress.fuzz import literal
from stress.fuzz.cells import SAME, TABLE
from stress.fuzz.target import Target, UnreadableError

# Key of a figure to number, level, text and line; the line is that of the row's end.
Figures = dict[tuple[str, int, str], tuple[float | None, str | None, str, int]]
Cells = Iterator[tuple[tuple[str, int, str], float | None, str | None, str]]
Meaning = Callable[[dict[str, str]], Cells]

_COMPANIONS = {"score": "", "rank": "_rank", "n_sources": "_n_sources", "std_error": "_std_error"}
_COMPANIONS |= {"ci_low": "_ci_low", "ci_high": "_ci_high"}
_FIRST = {"cpi/2005": ("Cote", "Namibia", "Nigeria", "Niger,"), "tip/2005": ("Cote", "Namibia", "Nigeria", "Niger,")}
# Rows of late states: a row of a treaty is a figure for each year since.
_FIRST |= {"treaties/2025": ("SSD,XVIII-12-b", "MNE,XVIII-14", "TLS,XVIII-12,")}
_ROWS = {"treaties/2025": 0}


def targets(folder: Path) -> list[Target]:
    """Return the readers of raw files; they write to ``folder``."""
    return [
        _target("cpi/2005", cpi.COLUMNS, _cpi, folder),
        _target("tip/2005", tip.COLUMNS, _tip, folder),
        _target("factbook/2005", factbook.COLUMNS, _factbook, folder),
        _target("groups/current", groups.COLUMNS, _groups, folder),
        _target("wdi/2026-07", None, _series("wdi"), folder),
        _target("freedom_house/2025", None, _series("freedom_house"), folder),
        _target("treaties/2025", treaties.COLUMNS, _treaties, folder),
    ]


def _target(edition: str, header: Sequence[str] | None, meaning: Meaning, folder: Path) -> Target:
    held = read_edition(figures_root() / "raw" / f"{edition}.csv")
    seed, kept = _seed(held, edition)
    read = _reader(dataclasses.replace(held, source=dataclasses.replace(held.source, indicators=kept)), folder)
    names = header or ("iso3", "year", *kept)
    return Target(
        name=edition.partition("/")[0],
        seeds=(seed,),
        read=read,
        meaning=lambda data: _figures(data, names, meaning),
        damages=TABLE,
        harmless=SAME,
    )


def _seed(held: Edition, edition: str) -> tuple[bytes, dict[str, Any]]:
    """Return a few rows of an edition: names that are alike, and of many columns the first."""
    lines = held.path.read_text(encoding="utf-8").splitlines(keepends=True)
    wanted = [line for line in lines[1:] if line.startswith(_FIRST.get(edition, ()))]
    rows = list(csv.reader([lines[0], *wanted, *lines[1 : 1 + _ROWS.get(edition, 4)]]))
    kept = dict(list(held.source.indicators.items())[:3])
    width = 2 + len(kept) if kept else len(rows[0])
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\n").writerows(row[:width] for row in rows)
    return stream.getvalue().encode(), kept


def _reader(held: Edition, folder: Path) -> Callable[[bytes], Figures]:
    names = Names(countries=load_countries(), catalogue=load_catalogue())
    source = held.id.partition("/")[0]
    path = folder / source / held.path.name
    path.parent.mkdir(parents=True, exist_ok=True)

    def read(data: bytes) -> Figures:
        path.write_bytes(data)
        renewed = dataclasses.replace(held.source, sha256=hashlib.sha256(data).hexdigest(), implausible=())
        frame = READERS[source](dataclasses.replace(held, path=path, source=renewed), names)
        # The checks over all sources take as long as the reading, and find what is off its scale.
        if zlib.crc32(data) % 8 == 0:
            check_figures(frame, names.catalogue)
        columns = (_listed(frame[name]) for name in ("iso3", "year", "variable", "value", "level", "raw", "line"))
        return {
            (iso3, when, variable): (None if math.isnan(value) else value, level, raw, line)
            for iso3, when, variable, value, level, raw, line in zip(*columns, strict=True)
        }

    return read


def _listed(column: Any) -> list[Any]:
    """Return a column as Python's own values; None where a category is missing."""
    held = column.array
    if not isinstance(held, pd.Categorical):
        return column.tolist()
    kinds = [*held.categories, None]
    return [kinds[code] for code in held.codes.tolist()]


def _figures(data: bytes, header: Sequence[str], meaning: Meaning) -> Figures:
    found: Figures = {}
    for line, row in literal.rows_of(data, header):
        for key, value, level, raw in meaning(row):
            if key in found:
                raise UnreadableError(f"{key} stands twice")
            found[key] = (value, level, raw, line)
    return found


def _cpi(row: dict[str, str]) -> Cells:
    unit = literal.unit_of_name(row["country"], 2005)
    for column, companion in _COMPANIONS.items():
        yield (unit, 2005, f"cpi_pre2012{companion}"), literal.number(row[column]), None, row[column]


def _tip(row: dict[str, str]) -> Cells:
    text = row["tier"]
    if not re.fullmatch(r"special|(1|2|2WL|3)(\|(1|2|2WL|3))*", text) or row["derived"] not in ("true", "false"):
        raise UnreadableError(f"{text[:60]!r} is no tier")
    level = text if text in ("1", "2", "2WL", "3") else None
    yield (literal.unit_of_name(row["country"], 2005), 2005, "tier"), None, level, text


def _factbook(row: dict[str, str]) -> Cells:
    literal.year(row["data_year"] or "2005")
    key = (literal.unit_of_code(row["iso3"]), 2005, row["indicator"])
    yield key, literal.number(row["value"]), None, row["value"]


def _groups(row: dict[str, str]) -> Cells:
    for variable in ("income_group", "region"):
        key = (literal.unit_of_code(row["iso3"]), literal.year(row["year"]), variable)
        yield key, None, row[variable] or None, row[variable]


def _series(source: str) -> Meaning:
    known = literal.series_of(source)

    def cells(row: dict[str, str]) -> Cells:
        for series, text in list(row.items())[2:]:
            key = (literal.unit_of_code(row["iso3"]), literal.year(row["year"]), known[series])
            numeric = literal.variables()[known[series]]["kind"] == "numeric"
            yield key, literal.number(text) if numeric else None, None if numeric else text or None, text

    return cells


def _treaties(row: dict[str, str]) -> Cells:
    unit, name, consent = (
        literal.unit_of_code(row["iso3"]),
        literal.series_of("treaties")[row["treaty"]],
        row["consent"],
    )
    began = 9999
    if consent:
        try:
            began = date.fromisoformat(consent if "-" in consent else f"{literal.year(consent)}-01-01").year
        except ValueError as error:
            raise UnreadableError(f"{consent[:60]!r} is no day") from error
    for when in range(literal.variables()[name]["first_year"], 2026):
        if any(first <= when <= last for first, last in literal.spans_of(unit)):
            yield (unit, when, name), 1.0 if began <= when else 0.0 if when <= 2013 else None, None, consent
