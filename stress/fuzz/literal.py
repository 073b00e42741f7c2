"""What bytes literally say, read by other and simpler code than the library's: the oracle of the campaign."""

from __future__ import annotations

import csv
import io
import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Any

from corrtip.project import figures_root
from stress.fuzz.target import UnreadableError

_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]{1,3})?")


def rows_of(data: bytes, header: Sequence[str] | None = None) -> list[tuple[int, dict[str, str]]]:
    """Return line and cells by column of each row of a CSV file; with ``header`` the first row must be it."""
    try:
        text = data.decode("utf-8")
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        rows = [(reader.line_num, row) for row in reader]
    except (UnicodeDecodeError, csv.Error) as error:
        raise UnreadableError(f"it is no CSV file in UTF-8: {error}") from error
    if not rows or (header is not None and rows[0][1] != list(header)):
        raise UnreadableError("the header is another")
    if any(len(row) != len(rows[0][1]) for _, row in rows):
        raise UnreadableError("a row has more or fewer fields than the header")
    return [(line, dict(zip(rows[0][1], row, strict=True))) for line, row in rows[1:]]


def number(text: str) -> float | None:
    """Return the number that plain digits mean; nothing is none."""
    if not text:
        return None
    if not _NUMBER.fullmatch(text):
        raise UnreadableError(f"{text[:60]!r} is no plain number")
    return float(Decimal(text))


def year(text: str) -> int:
    """Return a year of four digits."""
    if not re.fullmatch(r"[12][0-9]{3}", text):
        raise UnreadableError(f"{text[:60]!r} is no year")
    return int(text)


@cache
def _countries() -> tuple[dict[str, list[tuple[str, int, int]]], dict[str, str]]:
    by_name: dict[str, list[tuple[str, int, int]]] = {}
    by_code: dict[str, str] = {}
    for row in csv.DictReader((figures_root() / "countries.csv").read_text(encoding="utf-8").splitlines()):
        unit = row["unit"] or row["iso3"]
        by_code[row["iso3"]] = unit
        for name in (row["name"], *row["aliases"].split("|")):
            by_name.setdefault(_folded(name), []).append(
                (unit, int(row["first_year"] or 0), int(row["last_year"] or 9999))
            )
    return by_name, by_code


def _folded(name: str) -> str:
    straight = re.sub("[\u2018\u2019\u02bb\u02bc\u00b4`]", "'", name)
    letters = unicodedata.normalize("NFKD", straight)
    return " ".join("".join(item for item in letters if not unicodedata.combining(item)).casefold().split())


def unit_of_name(name: str, when: int) -> str:
    """Return the unit that a printed name means in a year: letters of other alphabets are other letters."""
    for unit, first, last in _countries()[0].get(_folded(name), ()):
        if first <= when <= last:
            return unit
    raise UnreadableError(f"{name[:60]!r} is no country of {when}")


def unit_of_code(code: str) -> str:
    """Return the unit of a code."""
    if code not in _countries()[1]:
        raise UnreadableError(f"{code[:60]!r} is no code")
    return _countries()[1][code]


@cache
def spans_of(unit: str) -> list[tuple[int, int]]:
    """Return the years in which the names of a unit are valid."""
    return [(first, last) for names in _countries()[0].values() for held, first, last in names if held == unit]


@cache
def variables() -> Mapping[str, Any]:
    """Return the tables of ``variables.toml`` as they stand."""
    return tomllib.loads((figures_root() / "variables.toml").read_text(encoding="utf-8"))["variables"]


def series_of(source: str) -> dict[str, str]:
    """Return our name of each series of a source."""
    return {
        table["published_as"][source]: name
        for name, table in variables().items()
        if source in table.get("published_as", {})
    }
