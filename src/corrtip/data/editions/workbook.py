"""Opens workbooks from outside: sized before they are unzipped, no entities, no formulas evaluated."""

from __future__ import annotations

import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path, PurePosixPath
from typing import Any
from xml.parsers import expat

from corrtip.data.editions.sheets import Formula, Line, Sheet, check_size
from corrtip.data.editions.worksheet import check_worksheet
from corrtip.errors import DataError

MOST_BYTES = 50_000_000
"""Largest workbook; the publishers' have less than a tenth of it."""

MOST_UNZIPPED = 300_000_000
"""Most bytes that its parts may have together once unzipped."""

MOST_TIMES = 100
"""Most times by which a part may grow when it is unzipped; tables of figures grow tenfold."""

MOST_PARTS = 1_000
MOST_CELLS = 5_000_000
MOST_COLUMNS = 2_000

_XML = (".xml", ".rels", ".vml")
_ENCRYPTED = 0x1
# What zipfile, expat and openpyxl raise on a damaged file; openpyxl has no error of its own for one.
_DAMAGED = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    expat.ExpatError,
    zipfile.BadZipFile,
    zlib.error,
)


def read_workbook(path: Path) -> tuple[Sheet, ...]:
    """Return the sheets of an .xlsx workbook as text.

    Parameters
    ----------
    path : Path
        A file from outside.

    Raises
    ------
    DataError
        If it is no workbook, too large, grows beyond measure when unzipped, holds a part with a path that leaves it
        or an XML document type (the place of entities), has rows out of order or numbers that are none, or has more
        cells than any published table.

    Notes
    -----
    Sizes are those that the archive declares, and Python's zipfile never unzips more of a part than it declares. A
    formula is kept as its text (`Formula`), whatever value the workbook holds beside it.
    """
    check_size(path, MOST_BYTES)
    check_archive(path)
    try:
        import openpyxl
    except ImportError as error:
        raise DataError(
            path.name, "workbooks need openpyxl", mend='Run pip install "corrtip[editions]", or save it as CSV'
        ) from error
    with _readable(path), warnings.catch_warnings():
        # Of styles and extensions that it leaves out; none of them is a figure.
        warnings.simplefilter("ignore", UserWarning)
        book = openpyxl.load_workbook(path, read_only=True, data_only=False, keep_links=False)
        try:
            return tuple(_sheet(path, sheet) for sheet in book.worksheets)
        finally:
            book.close()


def check_archive(path: Path) -> None:
    """Refuse an archive whose parts are hostile, before any of them is unzipped whole.

    Raises
    ------
    DataError
        As `read_workbook` says.
    """
    with _readable(path), zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
        _check_parts(path, parts)
        for part in parts:
            if part.filename.lower().endswith(_XML):
                place = f"{path.name}, part {part.filename}"
                with archive.open(part) as stream:
                    _check_prolog(place, stream.read(65536))
                with archive.open(part) as stream:
                    check_worksheet(place, stream)


def _check_parts(path: Path, parts: list[zipfile.ZipInfo]) -> None:
    total = sum(part.file_size for part in parts)
    if total > MOST_UNZIPPED or len(parts) > MOST_PARTS:
        raise DataError(
            path.name,
            f"{len(parts):,} parts, {total:,} bytes when unzipped",
            expected=f"at most {MOST_PARTS:,} parts and {MOST_UNZIPPED:,} bytes",
            mend="It is no table of figures: do not open it",
        )
    seen: set[str] = set()
    for part in parts:
        place = f"{path.name}, part {part.filename!r}"
        name = PurePosixPath(part.filename.replace("\\", "/"))
        if name.is_absolute() or ".." in name.parts or ":" in part.filename:
            raise DataError(place, "a path that leaves the workbook", mend="Do not open it")
        if part.filename in seen:
            raise DataError(place, "stands twice in the workbook", mend="Do not open it")
        seen.add(part.filename)
        if part.flag_bits & _ENCRYPTED:
            raise DataError(place, "is encrypted", mend="Save the workbook without a password")
        # Small parts of blanks grow much and do no harm.
        if part.file_size > 1_000_000 and part.file_size > MOST_TIMES * max(part.compress_size, 1):
            raise DataError(
                place,
                f"{part.compress_size:,} bytes that become {part.file_size:,}",
                expected=f"at most {MOST_TIMES} times as many",
                mend="It is no table of figures: do not open it",
            )


def _check_prolog(place: str, start: bytes) -> None:
    """Refuse a document type: it stands before the first element, and only it can declare entities."""

    begun: list[str] = []

    def refuse(name: str, *rest: object) -> None:
        raise DataError(
            place, f"an XML document type, {name}", expected="none, as in every workbook", mend="Do not open it"
        )

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = lambda name, attributes: begun.append(name)
    try:
        parser.Parse(start, False)
    except expat.ExpatError as error:
        # What is wrong further on is openpyxl's to find; no document type may follow the first element.
        if not begun:
            raise DataError(place, f"not XML: {error}", expected="a part of a workbook") from error
    if not begun:
        raise DataError(place, "no element within 64 kB", expected="a part of a workbook", mend="Do not open it")


def _sheet(path: Path, sheet: Any) -> Sheet:
    where = f'{path.name}, sheet "{sheet.title}"'
    # The size that a sheet claims is not to be believed: it would be filled up with empty cells.
    sheet.reset_dimensions()
    return Sheet(where=where, name=str(sheet.title), lines=tuple(_lines(where, sheet)))


def _lines(where: str, sheet: Any) -> Iterator[Line]:
    cells = 0
    for number, row in enumerate(sheet.iter_rows(), start=1):
        cells += max(len(row), 1)
        if cells > MOST_CELLS or len(row) > MOST_COLUMNS:
            raise DataError(
                f"{where}, row {number}",
                f"{cells:,} cells so far, {len(row):,} in this row",
                expected=f"at most {MOST_CELLS:,}, and {MOST_COLUMNS:,} in a row",
                mend="It is no table of figures: delete what stands outside it",
            )
        texts = tuple(_text(cell) for cell in row)
        if any(texts):
            yield Line(number, texts)


def _text(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        return Formula(getattr(value, "text", value))
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        # Workbooks show fifteen digits; the sixteenth and seventeenth are those of the binary form.
        written = f"{Decimal(f'{value:.15g}'):f}"
        return written.rstrip("0").rstrip(".") if "." in written else written
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value).strip()


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except _DAMAGED as error:
        raise DataError(
            path.name,
            f"not a workbook that can be read: {type(error).__name__}: {error}",
            expected="an .xlsx workbook",
            mend="Open it in a spreadsheet program and save it anew as .xlsx or CSV",
        ) from error
