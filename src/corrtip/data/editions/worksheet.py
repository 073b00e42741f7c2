"""Holds worksheets and texts to their format: openpyxl drops rows out of order, and of two texts in one the first."""

from __future__ import annotations

import re
from typing import IO
from xml.parsers import expat

from corrtip.errors import DataError

LAST_ROW = 1_048_576
LAST_COLUMN = 16_384
"""The ends of a sheet in every spreadsheet program."""

_CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_ROW = re.compile(r"[0-9]{1,7}")
# How the figure of a cell is written, by its type; a text in the cell itself stands in another element.
_WRITTEN = {
    "str": re.compile(r".*", re.DOTALL),
    "e": re.compile(r".*", re.DOTALL),
    "d": re.compile(r".*", re.DOTALL),
    "inlineStr": re.compile(""),
    "n": re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?"),
    "s": re.compile(r"[0-9]{1,9}"),
    "b": re.compile(r"[01]"),
}
# A shared text, a text in its cell, and a run of either.
_HOLDS_TEXT = ("si", "is", "r", "rPh")
_BLANK = " \t\r\n"
_BLOCK = 1 << 16


def check_worksheet(place: str, stream: IO[bytes]) -> None:
    """Refuse rows or cells out of order, numbers that are not written as XML writes them, and two texts in one.

    Parameters
    ----------
    place : str
        The part, for the error.
    stream : file
        Its bytes, read to the end; a part that is neither a worksheet nor the shared texts is left after its first
        element.

    Raises
    ------
    DataError
        Names the cell.
    """
    sheet = _Worksheet(place)
    while sheet.goes_on and (block := stream.read(_BLOCK)):
        sheet.parser.Parse(block, False)


class _Worksheet:
    """Where the parser stands in a worksheet."""

    def __init__(self, place: str) -> None:
        self.place = place
        self.goes_on = True
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self._root = ""
        self._row, self._column, self._kind = 0, 0, "n"
        self._text: list[str] | None = None
        # How many texts were seen in each element that is open now and may hold one.
        self._seen: list[int] = []

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        kind = name.rpartition(" ")[2]
        if not self._root:
            self._root, self.goes_on = kind, kind in ("worksheet", "sst")
        if not self.goes_on:
            return
        if self._text is not None:
            raise self._error(f"an element {kind} within a figure", "text alone")
        if kind == "row":
            self._start_row(attributes.get("r", str(self._row + 1)))
        elif kind == "c":
            self._start_cell(attributes)
        elif kind == "v":
            self._text = []
            self.parser.CharacterDataHandler = self._text.append
        elif kind in _HOLDS_TEXT:
            self._seen.append(0)
        elif kind == "t" and self._seen:
            self._seen[-1] += 1
            if self._seen[-1] > 1:
                raise self._error("two texts in one", "one")

    def _start_row(self, number: str) -> None:
        if not _ROW.fullmatch(number) or not self._row < int(number) <= LAST_ROW:
            raise self._error(f"then row {number[:20]!r}", f"rows in rising order, to {LAST_ROW:,}")
        self._row, self._column = int(number), 0

    def _start_cell(self, attributes: dict[str, str]) -> None:
        self._kind = attributes.get("t", "n")
        column = self._column + 1
        if "r" in attributes:
            found = _CELL.fullmatch(attributes["r"])
            column = _column_number(found[1]) if found and int(found[2]) == self._row else 0
        if not self._column < column <= LAST_COLUMN:
            raise self._error(f"then cell {attributes.get('r', '')[:20]!r}", "the cells of a row in rising order")
        self._column = column
        if self._kind not in _WRITTEN:
            raise self._error(f"column {column} is of type {self._kind[:20]!r}", f"one of {', '.join(_WRITTEN)}")

    def _end(self, name: str) -> None:
        if name.rpartition(" ")[2] in _HOLDS_TEXT and self._seen:
            self._seen.pop()
        if self._text is None:
            return
        text = "".join(self._text).strip(_BLANK)
        self._text = None
        self.parser.CharacterDataHandler = None
        if not _WRITTEN[self._kind].fullmatch(text) and text:
            raise self._error(f"column {self._column} holds {text[:60]!r}", "a number as workbooks write it")

    def _error(self, seen: str, expected: str) -> DataError:
        return DataError(
            f"{self.place}, row {self._row}" if self._root == "worksheet" else self.place,
            seen,
            expected=expected,
            mend="Open it in a spreadsheet program and save it anew as .xlsx or CSV",
        )


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number
