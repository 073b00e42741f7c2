"""Where figures come from: one edition as published, its sidecar, and the one verified way to read its file."""

from __future__ import annotations

import csv
import hashlib
import io
import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corrtip.declare import declared, read_toml
from corrtip.errors import DataError
from corrtip.project import figures_root, shown

# Fifteen digits before the point: beyond any figure, and well within what a float holds. Forty after it, so that a
# very small figure keeps its digits.
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,40})?")
_NUMBERS = re.compile(rf"(?:(?:{_NUMBER.pattern})?\n)*")
_YEAR = re.compile(r"(18|19|20)[0-9]{2}")
_TRANSCRIBE = "python tools/transcribe.py"


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """One column of a source that names its series by code; the catalogue has our name of it under the same code.

    Parameters
    ----------
    label : str
        The publisher's label.
    as_of : str
        Date of the publisher's release that the figures are of.
    """

    label: str
    as_of: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Implausible:
    """A published figure that is carried over as it stands although it can hardly be right.

    Parameters
    ----------
    iso3 : str
        Code in the file.
    year : int
        Year in the file.
    indicator : str
        Column of the file.
    why : str
        What speaks against it.
    """

    iso3: str
    year: int
    indicator: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """A publisher's file that an edition was read from.

    Parameters
    ----------
    name : str
        As it was named when it was read.
    sha256 : str
        Of that file.
    address : str, optional
        Where it was downloaded from, if corrtip did it.
    fetched : str, optional
        The day of the download.
    """

    name: str
    sha256: str
    address: str | None = None
    fetched: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One edition as published: who says so, under which licence, and how it came into our file.

    Parameters
    ----------
    publisher, title, edition : str
        As the publisher names them; ``edition`` is the file's stem.
    landing_page : str
        The publisher's page for it.
    licence : str
        Terms of use of the figures.
    redistribute : bool
        May the figures be written to other files? Drives what an export may hold.
    transcription : str
        How the figures were carried over.
    confirmation : str
        How far independent sources confirm them.
    complete : bool
        Does the file hold all that the edition lists? Then a country that is absent was not listed; otherwise it
        was merely not found.
    sha256 : str
        Of our file, checked whenever it is read.
    licence_url : str, optional
        Where the licence can be read.
    indicators : mapping of str to Indicator
        The columns of a file whose series have codes.
    implausible : tuple of Implausible
        Figures to distrust; nothing is mended.
    original : tuple of Original
        The publisher's files that it was read from, where ``corrtip data add`` read them.
    """

    publisher: str
    title: str
    edition: str
    landing_page: str
    licence: str
    redistribute: bool
    transcription: str
    confirmation: str
    complete: bool
    sha256: str
    licence_url: str | None = None
    indicators: Mapping[str, Indicator] = field(default_factory=dict)
    implausible: tuple[Implausible, ...] = ()
    original: tuple[Original, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """A raw file with its sidecar, not yet read.

    Parameters
    ----------
    id : str
        Source and edition: ``cpi/2005``.
    path : Path
        The CSV file.
    where : str
        The file as people know it: ``data/raw/cpi/2005.csv``.
    source : Source
        Its sidecar.
    """

    id: str
    path: Path
    where: str
    source: Source

    @property
    def year(self) -> int:
        """The edition as a year.

        Raises
        ------
        DataError
            If this source's editions are not years.
        """
        if not _YEAR.fullmatch(self.source.edition):
            raise DataError(self.where, f'edition "{self.source.edition}"', expected="a year", mend="Rename the file")
        return int(self.source.edition)


@dataclass(frozen=True, slots=True, kw_only=True)
class RawFile:
    """The text of a raw file by column, verified: hash, encoding, header, and as many fields in each row.

    Parameters
    ----------
    edition : Edition
        What was read.
    columns : mapping of str to tuple of str
        The cells of each column, as they stand.
    lines : ndarray of int, shape (rows,)
        Line in the file at which each row ends; the header is line 1.
    """

    edition: Edition
    columns: Mapping[str, tuple[str, ...]]
    lines: NDArray[np.int64]

    def place(self, row: int) -> str:
        """Return file and line of a row: ``data/raw/tip/2019.csv, row 41``."""
        return f"{self.edition.where}, row {self.lines[row]}"

    def numbers(self, column: str) -> NDArray[np.float64]:
        """Return a column as numbers, NaN where the cell is empty.

        Raises
        ------
        DataError
            If a cell is not a plain decimal number: no thousands separators, exponents, blanks or words.
        """
        cells = self.columns[column]
        # A whole column at a time, because the panel has half a million cells; one by one only to find the culprit.
        column_text = "\n".join((*cells, ""))
        sound = column_text.count("\n") == len(cells) and _NUMBERS.fullmatch(column_text)
        for row, cell in enumerate(() if sound else cells):
            if cell and not _NUMBER.fullmatch(cell):
                raise DataError(
                    self.place(row),
                    f'{column} "{cell}"',
                    expected="a plain decimal number such as 5.24, or nothing",
                    mend="Write it as the publisher prints it, with a decimal point and no separators",
                )
        return np.array([float(cell) if cell else math.nan for cell in cells], dtype=np.float64)

    def counts(self, column: str) -> NDArray[np.float64]:
        """Return a column of counts or ranks as numbers, NaN where the cell is empty.

        Raises
        ------
        DataError
            If a cell is not a whole number from 1.
        """
        numbers = self.numbers(column)
        for row in np.flatnonzero((numbers < 1) | (numbers % 1 > 0)):
            raise DataError(
                self.place(int(row)),
                f'{column} "{self.columns[column][row]}"',
                expected="a whole number from 1, or nothing",
                mend="Correct it, or leave it empty where it is not known",
            )
        return numbers

    def years(self, column: str, *, empty: int | None = None) -> NDArray[np.int64]:
        """Return a column as years.

        Parameters
        ----------
        column : str
            Name of the column.
        empty : int, optional
            What an empty cell stands for; by default it is refused.

        Raises
        ------
        DataError
            If a cell is not a year of four digits.
        """
        given = self.columns[column]
        cells = given if empty is None else tuple(cell or str(empty) for cell in given)
        for row, cell in enumerate(cells):
            if not _YEAR.fullmatch(cell):
                raise DataError(self.place(row), f'{column} "{cell}"', expected="a year of four digits", mend="Add it")
        return np.array([int(cell) for cell in cells], dtype=np.int64)


def find_editions(known: Collection[str], root: Path | None = None) -> tuple[Edition, ...]:
    """Return all editions under ``raw/``, sorted, with their sidecars.

    Parameters
    ----------
    known : collection of str
        Sources that have a reader.
    root : Path, optional
        Folder that holds ``raw/``; by default the project's ``data/``.

    Raises
    ------
    DataError
        If a folder has no reader, or a file or sidecar lacks its partner.
    DeclarationError
        If a sidecar is not what it must be.
    """
    base = figures_root() if root is None else root
    if not (base / "raw").is_dir():
        raise DataError(shown(base / "raw", base), "the folder does not exist", mend="Name the folder that holds it")
    editions = []
    for folder in _visible(base / "raw"):
        if folder.name not in known or not folder.is_dir():
            raise DataError(
                shown(folder, base),
                f'"{folder.name}" has no reader',
                expected=f"one of {', '.join(sorted(known))}",
                mend="Write its reader in src/corrtip/data/sources, or move it away",
            )
        files = _visible(folder)
        for path in files:
            if path.suffix not in (".csv", ".toml"):
                raise DataError(
                    shown(path, base), "a stray file", expected="files .csv, each with its .toml", mend="Move it away"
                )
        editions += [read_edition(folder / f"{stem}.csv", base) for stem in sorted({path.stem for path in files})]
    return tuple(editions)


def _visible(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))


def read_edition(path: Path, root: Path | None = None) -> Edition:
    """Return the edition of one raw file: the sidecar is read, the figures are not.

    Raises
    ------
    DataError
        If the file or its sidecar does not exist, or the sidecar is of another edition.
    DeclarationError
        If the sidecar is not what it must be.
    """
    base = figures_root() if root is None else root
    where, sidecar = shown(path, base), path.with_suffix(".toml")
    beside = shown(sidecar, base)
    if not path.is_file():
        raise DataError(
            where, "the file does not exist", expected=f"it beside {beside}", mend=f"Run {_TRANSCRIBE}, or remove both"
        )
    if not sidecar.is_file():
        raise DataError(
            where,
            "it has no sidecar",
            expected=f"{beside}, which says where the figures come from",
            mend=f"Write it, or run {_TRANSCRIBE}",
        )
    source = declared(Source, read_toml(sidecar, beside), beside)
    if source.edition != path.stem:
        raise DataError(beside, f'edition "{source.edition}"', expected=f'"{path.stem}", as the file is named')
    return Edition(id=f"{path.parent.name}/{path.stem}", path=path, where=where, source=source)


def read_raw(edition: Edition, header: Sequence[str]) -> RawFile:
    """Return the verified text of an edition's file.

    Parameters
    ----------
    edition : Edition
        What to read.
    header : sequence of str
        The columns that the file must have, in order.

    Raises
    ------
    DataError
        If the file is empty, cut off, not UTF-8, has another header, a row with too few or too many fields, or
        another hash than its sidecar says.

    Notes
    -----
    The hash is compared last, so that a damaged file is refused with the place of the damage.
    """
    data = edition.path.read_bytes()
    where = edition.where
    if not data:
        raise DataError(where, "the file is empty", expected=",".join(header), mend=_restore(edition))
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        raise DataError(
            f"{where}, row {row}",
            f"byte 0x{data[error.start]:02x} is not UTF-8",
            expected="text in UTF-8",
            mend=f"Save the file as UTF-8; or {_restore(edition)}",
        ) from error
    rows, lines = _rows(text, header, edition)
    found = hashlib.sha256(data).hexdigest()
    if found != edition.source.sha256:
        raise DataError(
            where,
            f"sha256 {found}",
            expected=f"{edition.source.sha256}, as the sidecar says: figures were changed after they were transcribed",
            mend=f"{_restore(edition)}; declare a change to a published figure as a correction",
        )
    columns = dict(zip(header, zip(*rows, strict=True), strict=True))
    return RawFile(edition=edition, columns=columns, lines=np.array(lines, dtype=np.int64))


def _rows(text: str, header: Sequence[str], edition: Edition) -> tuple[list[list[str]], list[int]]:
    where = edition.where
    last = text.count("\n") + 1
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[list[str]] = []
    lines: list[int] = []
    try:
        first = next(reader)
        if first != list(header):
            raise DataError(
                f"{where}, row 1",
                f"header {','.join(first)!r}",
                expected=repr(",".join(header)),
                mend=_restore(edition),
            )
        for fields in reader:
            if len(fields) != len(header):
                raise DataError(
                    f"{where}, row {reader.line_num}",
                    f"{len(fields)} fields",
                    expected=f"{len(header)} ({', '.join(header)})",
                    mend=f"The row is cut off or has a stray comma: {_restore(edition)}",
                )
            rows.append(fields)
            lines.append(reader.line_num)
    except csv.Error as error:
        raise DataError(
            f"{where}, row {reader.line_num}", str(error), expected="rows of a CSV file", mend=_restore(edition)
        ) from error
    if not text.endswith("\n"):
        raise DataError(
            f"{where}, row {last}",
            "the file ends within a line",
            expected="a line feed at the end of the last row",
            mend=f"The file is cut off: {_restore(edition)}",
        )
    if not rows:
        raise DataError(where, "no row after the header", expected="at least one figure", mend=_restore(edition))
    if "\r" in text:
        row = text.count("\n", 0, text.index("\r")) + 1
        raise DataError(f"{where}, row {row}", "a carriage return", expected="lines that end in a line feed alone")
    return rows, lines


def _restore(edition: Edition) -> str:
    return f"restore it with `git checkout -- {edition.where}`"
