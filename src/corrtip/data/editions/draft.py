"""An edition that is ready to be written: its rows, where each stood in the publisher's file, and its sidecar."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from corrtip.data.editions.sheets import Sheet, read_csv
from corrtip.data.editions.sidecar import csv_bytes, to_toml
from corrtip.data.editions.workbook import read_workbook
from corrtip.data.figures import Names
from corrtip.data.source import Edition, Indicator, Original
from corrtip.errors import DataError

OWN_FILE = "publisher_file"
"""What a raw file holds under ``from`` where the figure was read from the publisher's own file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a form is asked to read.

    Parameters
    ----------
    source : str
        Folder of ``data/raw``.
    files : tuple of Path
        The publisher's files.
    edition : str or None
        The edition that the user names; else the file must say.
    names : Names
        What names of countries and series mean.
    last : Edition or None
        The latest edition that we hold.
    """

    source: str
    files: tuple[Path, ...]
    edition: str | None
    names: Names
    last: Edition | None

    def choose_edition(self, found: str | None, where: str) -> str:
        """Return the edition that the file names, or else the one asked for; they must not contradict each other.

        Raises
        ------
        DataError
            If neither says, or they differ.
        """
        if found and self.edition and found != self.edition:
            raise DataError(where, f"is the edition {found}", expected=f"{self.edition}, as --edition says")
        edition = self.edition or found
        if not edition:
            raise DataError(where, "does not say of which edition it is", mend="Name it with --edition")
        return edition

    def choose_year(self, found: int | None, where: str) -> int:
        """Return the edition as a year, as `choose_edition`.

        Raises
        ------
        DataError
            If it is none.
        """
        edition = self.choose_edition(str(found) if found else None, where)
        if not (edition.isdecimal() and edition.isascii() and 1995 <= int(edition) <= 2100):
            raise DataError("--edition", f'"{edition}"', expected="a year such as 2026")
        return int(edition)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One edition, read from the publisher's file and not yet written.

    Parameters
    ----------
    source, edition : str
        Folder and stem of its raw file.
    header : tuple of str
        Columns of the raw file.
    rows : tuple of tuple of str
        Its cells.
    places : tuple of str
        File and row that each row was read from.
    remarks : tuple of str
        What was left out, in sentences.
    indicators : mapping of str to Indicator
        The columns that are series.
    """

    source: str
    edition: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    places: tuple[str, ...]
    remarks: tuple[str, ...] = ()
    indicators: Mapping[str, Indicator] = field(default_factory=dict)

    def csv_bytes(self) -> bytes:
        """Return the raw file."""
        return csv_bytes(self.header, self.rows)

    def sidecar_bytes(self, last: Edition, originals: tuple[Original, ...], *, complete: bool) -> bytes:
        """Return the sidecar: publisher, page and terms of the last edition, and how this one came here.

        Parameters
        ----------
        last : Edition
            The latest edition of the source.
        originals : tuple of Original
            The files that were read.
        complete : bool
            Does the edition list all that it should?
        """
        before = last.source
        listed = any(column == "n_independent" for column in self.header)
        table: dict[str, Any] = {
            "publisher": before.publisher,
            "title": before.title.replace(before.edition, self.edition),
            "edition": self.edition,
            "landing_page": before.landing_page,
            "licence": before.licence,
            **({"licence_url": before.licence_url} if before.licence_url else {}),
            "redistribute": before.redistribute,
            "transcription": " ".join(
                ["Read by `corrtip data add` from the publisher's own file, named under original.", *self.remarks]
            ),
            "confirmation": "One source, the publisher's own file: no second publication was compared"
            + (" (n_independent is 1)." if listed else "."),
            "complete": complete,
            "sha256": hashlib.sha256(self.csv_bytes()).hexdigest(),
            "indicators": {code: {"label": item.label, "as_of": item.as_of} for code, item in self.indicators.items()},
            "original": [
                {"name": item.name, "sha256": item.sha256}
                | ({"address": item.address, "fetched": item.fetched} if item.address else {})
                for item in originals
            ],
            "implausible": self._distrusted(last),
        }
        return to_toml({name: value for name, value in table.items() if value not in ({}, [])}).encode()

    def _distrusted(self, last: Edition) -> list[dict[str, Any]]:
        """Return the figures that the last sidecar distrusts and that stand here unchanged."""
        if not last.source.implausible:
            return []
        held = {(row["iso3"], row["year"]): row for row in read_rows(last)}
        here = {row[:2]: dict(zip(self.header, row, strict=True)) for row in self.rows}
        return [
            {"iso3": flag.iso3, "year": flag.year, "indicator": flag.indicator, "why": flag.why}
            for flag in last.source.implausible
            if (key := (flag.iso3, str(flag.year))) in here
            and here[key].get(flag.indicator, "") == held[key][flag.indicator]
        ]


def read_rows(edition: Edition) -> Iterator[dict[str, str]]:
    """Yield the rows of a raw file by column."""
    with edition.path.open(encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)


Form = Callable[[Request], Draft]


def read_sheets(path: Path) -> tuple[Sheet, ...]:
    """Return the tables of a publisher's file.

    Raises
    ------
    DataError
        If it is neither a CSV file nor a workbook that can be read.
    """
    match path.suffix.lower():
        case ".csv":
            return (read_csv(path),)
        case ".xlsx":
            return read_workbook(path)
    raise DataError(
        path.name,
        f'suffix "{path.suffix}"',
        expected=".csv or .xlsx, or .json of the World Bank",
        mend="Open it in a spreadsheet program and save it as .xlsx",
    )
