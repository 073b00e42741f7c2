"""A publisher's file as lines of text cells, whatever it came in: each line knows its place, each cell is judged."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from pathlib import Path
from typing import NamedTuple

from corrtip.errors import CorrtipError, DataError

MOST_BYTES = 400_000_000
"""Largest CSV or JSON file that is read; the World Bank's whole table of development indicators has about 200 MB."""

MOST_SHOWN = 20
"""Faults that one message lists."""

MOST_FAULTS = 200
"""Faults at which the reading stops: it is no table of ours, and each search for a nearest name takes time."""

_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(?:\.[0-9]*)?(?:[eE][+-]?[0-9]{1,2})?")
_PLAIN = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,40})?")
_YEAR = re.compile(r"(?<![0-9])(?:19|20)[0-9]{2}(?![0-9])")
# Sixteen digits are what a float holds; decimals to the fifteenth are kept whatever comes before the point.
_DECIMALS = 15


class Formula(str):
    """The text of a workbook's formula: never evaluated, and refused wherever a figure or a name is read."""

    __slots__ = ()


class Line(NamedTuple):
    """One row of a file."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One table of a publisher's file.

    Parameters
    ----------
    where : str
        File, and sheet where there are several, for errors.
    name : str
        Name of the sheet; empty for a CSV file.
    lines : iterable of Line
        Its rows; those of a CSV file can be gone through once.
    rectangular : bool
        Has every row of the table a cell for each name of the header, as in CSV files?
    """

    where: str
    name: str
    lines: Iterable[Line]
    rectangular: bool = False

    def check_width(self, line: Line, header: Line) -> None:
        """Refuse a row that is cut off or shifted.

        Raises
        ------
        DataError
            If a row of a CSV file ends before the header's last name, or goes on behind it.
        """
        named = _width(header)
        if self.rectangular and not _width(line) <= named <= len(line.cells):
            raise DataError(
                self.place(line),
                f"{len(line.cells)} cells",
                expected=f"{named}, as the header in row {header.number} has",
                mend="The row is cut off or has a stray comma: correct it against the published table",
            )

    def place(self, line: Line) -> str:
        """Return file and row: ``CPI2026.xlsx, sheet "CPI 2026", row 12``."""
        return f"{self.where}, row {line.number}"

    def cell(self, line: Line, column: int | None) -> str:
        """Return a cell as text, empty where the row ends before it or the sheet has no such column.

        Raises
        ------
        DataError
            If the cell holds a formula.
        """
        if column is None or column >= len(line.cells):
            return ""
        text = line.cells[column]
        if isinstance(text, Formula):
            raise DataError(
                self.place(line),
                f"a formula in column {column + 1}: {text!s}",
                expected="figures and names as they are published; formulas are not evaluated",
                mend="Paste the values in place of the formulas, and compare them with the published table",
            )
        return text


class Faults:
    """Faults of many rows, told in one message, so that a file need not be tried once for each."""

    def __init__(self) -> None:
        self._found: list[CorrtipError] = []

    def __enter__(self) -> Faults:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if error is None:
            self._tell()

    def add(self, fault: CorrtipError) -> None:
        """Keep a fault for the end, or tell all once there are too many."""
        self._found.append(fault)
        if len(self._found) == MOST_FAULTS:
            self._tell()

    def _tell(self) -> None:
        if len(self._found) > 1:
            first, others = self._found[0], [str(fault) for fault in self._found[1:MOST_SHOWN]]
            unsaid = len(self._found) - MOST_SHOWN
            stopped = ", at which the reading stopped" if len(self._found) == MOST_FAULTS else ""
            more = [f"and {unsaid} more faults{stopped}"] if unsaid > 0 else []
            told = "\n".join([first.mend.rstrip(".") + ".", *others, *more])
            raise DataError(first.where, first.seen, expected=first.expected, mend=told)
        if self._found:
            raise self._found[0]


def _width(line: Line) -> int:
    return max((place for place, cell in enumerate(line.cells, start=1) if cell), default=0)


def read_csv(path: Path) -> Sheet:
    """Return a CSV file as a sheet, read line by line.

    Raises
    ------
    DataError
        If it is too large, cut off within a line, not UTF-8 or not a CSV file; with the row, when the reading comes
        to it.
    """
    check_size(path, MOST_BYTES)
    with path.open("rb") as stream:
        stream.seek(-1, 2)
        if stream.read(1) not in (b"\n", b"\r"):
            raise DataError(
                path.name,
                "the file ends within a line",
                expected="a line feed at the end of the last row",
                mend="The file is cut off: get it again; or end its last line if nothing is missing",
            )
    return Sheet(where=path.name, name="", lines=_csv_lines(path), rectangular=True)


def _csv_lines(path: Path) -> Iterator[Line]:
    number = 0
    try:
        # Byte-order marks and carriage returns are what spreadsheets write: they change no figure.
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream, strict=True)
            for cells in reader:
                number = reader.line_num
                yield Line(number, tuple(cell.strip() for cell in cells))
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path.name}, after row {number}",
            f"byte 0x{error.object[error.start]:02x} is not UTF-8",
            expected="text in UTF-8",
            mend="Save the file as CSV in UTF-8",
        ) from error
    except csv.Error as error:
        raise DataError(f"{path.name}, row {number + 1}", str(error), expected="rows of a CSV file") from error


def check_size(path: Path, most: int) -> None:
    """Refuse a file that does not exist or is larger than ``most`` bytes.

    Raises
    ------
    DataError
        With what was found.
    """
    if not path.is_file():
        raise DataError(path.as_posix(), "the file does not exist", mend="Name the file that the publisher issued")
    size = path.stat().st_size
    if not 0 < size <= most:
        raise DataError(path.name, f"{size:,} bytes", expected=f"1 to {most:,}", mend="Is it the publisher's table?")


def plain_number(text: str, place: str, column: str, *, missing: Sequence[str] = ("",)) -> str:
    """Return a number as our files hold it, or an empty text where the publisher gives none.

    Parameters
    ----------
    text : str
        The cell. What is plain already stays as it is.
    place, column : str
        For the error.
    missing : sequence of str
        What the publisher prints where there is no figure.

    Raises
    ------
    DataError
        If it is no number, has separators of thousands or a decimal comma, or is beyond 15 digits before the point.

    Examples
    --------
    >>> plain_number("5.24", "row 2", "score"), plain_number("1.5E-3", "row 3", "score")
    ('5.24', '0.0015')
    """
    if text in missing:
        return ""
    if _PLAIN.fullmatch(text):
        return text
    if _NUMBER.fullmatch(text):
        number, exact = Decimal(text), Context(prec=60)
        # A small figure keeps as many digits as a large one: at a fixed decimal it would be rounded to nothing.
        last = min(-_DECIMALS, number.adjusted() - _DECIMALS)
        short = number if _exponent(number) >= last else number.quantize(Decimal(1).scaleb(last), context=exact)
        written = f"{short:f}".removesuffix(".")
        if _PLAIN.fullmatch(written):
            return written
    raise DataError(
        place,
        f'{column} "{text}"',
        expected="a plain number such as 5.24, without separators of thousands",
        mend="Write it as the publisher prints it, with a decimal point",
    )


def _exponent(number: Decimal) -> int:
    return int(number.as_tuple().exponent)  # a text only for what is not finite


def years_in(text: str) -> set[int]:
    """Return the years that a heading or title names.

    Examples
    --------
    >>> sorted(years_in("CPI score 2026, change since 2025"))
    [2025, 2026]
    """
    return {int(year) for year in _YEAR.findall(text)}


def heading(text: str) -> str:
    """Return a heading in the form in which headings are compared: small letters and digits, years left out.

    Examples
    --------
    >>> heading("CPI Score 2026"), heading("Country / Territory")
    ('cpi score', 'country territory')
    """
    return " ".join(re.findall(r"[a-z0-9]+", _YEAR.sub(" ", text).casefold()))
