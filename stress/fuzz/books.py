"""Workbooks, byte by byte and part by part: what is read is what another and simpler reading of the XML finds."""

from __future__ import annotations

import functools
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import openpyxl
from defusedxml import ElementTree

from corrtip.data.editions.workbook import read_workbook
from stress.fuzz import damage
from stress.fuzz.target import Target, UnreadableError

ROWS = (
    ("Country / Territory", "ISO3", "CPI score 2026", "Rank"),
    ("Namibia", "NAM", 49, 59.5),
    ("Niger", "NER", 0.1, None),
    (),
    ("A note", True),
)
_SHEET, _SHARED = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
# What zipfile raises on a damaged archive.
_BROKEN = (zipfile.BadZipFile, EOFError, LookupError, OSError, RuntimeError, ValueError, struct.error, zlib.error)
_WRITTEN = (
    "1_000",
    "٣",
    "1e309",
    "-1",
    "inf",
    "1,5",
    " 49 ",
    "4.9E1",
    "0x10",
    "1e-7",
    "99999999999999999999",
    "49.0",
    "",
    "-0",
)


def targets(folder: Path) -> list[Target]:
    """Return the reader of workbooks."""
    return [
        Target(
            name="workbook",
            seeds=(_book(), _book_of_shared_texts()),
            read=functools.partial(_read, folder / "a.xlsx"),
            meaning=_meant,
            damages=(_part, _part, _cell, _cell, _order, damage.flip, damage.cut, damage.repeat),
            agrees=lambda held, meant: meant is None or held == meant,
        )
    ]


@functools.cache
def _book() -> bytes:
    book, stream = openpyxl.Workbook(), io.BytesIO()
    for row in ROWS:
        book.active.append(row)
    book.save(stream)
    # Without what no reader of figures looks at and what holds the time: every input is quicker, and always the same.
    parts = _unpacked(stream.getvalue()).items()
    return _packed({name: data for name, data in parts if "theme" not in name and "docProps" not in name})


@functools.cache
def _book_of_shared_texts() -> bytes:
    """Return the workbook as spreadsheet programs write it: texts in a part of their own, named by number."""
    parts = _unpacked(_book())
    texts: list[str] = []

    def number(found: re.Match[str]) -> str:
        texts.append(found[1])
        return f't="s"><v>{len(texts) - 1}</v>'

    sheet = re.sub(r't="inlineStr"><is><t>(.*?)</t></is>', number, parts[_SHEET].decode())
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    added = f'<Override PartName="/{_SHARED}" ContentType="{kind}" /></Types>'
    shared = "".join(f"<si><t>{text}</t></si>" for text in texts)
    return _packed(
        parts
        | {
            _SHEET: sheet.encode(),
            _SHARED: f'<sst xmlns="{_MAIN[1:-1]}">{shared}</sst>'.encode(),
            "[Content_Types].xml": parts["[Content_Types].xml"].replace(b"</Types>", added.encode()),
        }
    )


def _read(path: Path, data: bytes) -> object:
    path.write_bytes(data)
    return [[(line.number, line.cells) for line in sheet.lines] for sheet in read_workbook(path)]


def _packed(parts: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in parts.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    return stream.getvalue()


def _unpacked(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _on_parts(change: Callable[[Random, dict[str, bytes]], None]) -> Callable[[Random, bytes], bytes]:
    def damaged(chance: Random, data: bytes) -> bytes:
        try:
            parts = _unpacked(data)
        except _BROKEN:
            return damage.flip(chance, data)
        if _SHEET in parts:
            change(chance, parts)
        return _packed(parts)

    return damaged


@_on_parts
def _part(chance: Random, parts: dict[str, bytes]) -> None:
    name = chance.choice(sorted(parts))
    parts[name] = chance.choice((*damage.BYTES, damage.renumber, damage.respell))(chance, parts[name])


@_on_parts
def _cell(chance: Random, parts: dict[str, bytes]) -> None:
    """Write another number, another type or another formula into a cell."""
    text = damage.text_of(parts[_SHEET])
    ways = (
        (r"<v>[^<]*</v>", f"<v>{chance.choice(_WRITTEN)}</v>"),
        (r' t="\w+"', f' t="{chance.choice(("s", "n", "b", "str", "e", "d", "inlineStr", "x"))}"'),
        (r"<v>", "<f>1+1</f><v>"),
        (r'<(row|c) r="[A-Z]*[0-9]+"', f'<c r="{chance.choice(("A1", "B2", "ZZ9", "A0", "a2", "A1048577", "AAAA1"))}"'),
        (r'<row r="[0-9]+"', f'<row r="{chance.choice(("0", "1", "2", "9", "1048576", "99999999", "-1", "x"))}"'),
    )
    pattern, new = chance.choice(ways)
    found = list(re.finditer(pattern, text))
    if found:
        here = chance.choice(found)
        parts[_SHEET] = damage.bytes_of(text[: here.start()] + new + text[here.end() :])


@_on_parts
def _order(chance: Random, parts: dict[str, bytes]) -> None:
    """Exchange, repeat or leave out rows or cells."""
    text = damage.text_of(parts[_SHEET])
    items = re.findall(chance.choice((r"<row .*?</row>", r"<c .*?(?:/>|</c>)")), text)
    if len(items) > 1:
        one, other = chance.sample(items, 2)
        parts[_SHEET] = damage.bytes_of(text.replace(one, chance.choice((other + one, other, "", one + one)), 1))


def _meant(data: bytes) -> object:
    """Return the cells of the only sheet that the XML holds; None where it is not as simple as in the seed."""
    try:
        parts = _unpacked(data)
        book, sheet = parts["xl/workbook.xml"].decode(), ElementTree.fromstring(parts[_SHEET])
        shared = ElementTree.fromstring(parts.get(_SHARED, b"<sst/>"))
    except (*_BROKEN, ElementTree.ParseError):
        return None
    seed = _unpacked(_book_of_shared_texts() if _SHARED in parts else _book())
    if any(parts.get(name) != seed[name] for name in seed if name not in (_SHEET, _SHARED)):
        return None
    texts = ["".join(part.text or "" for part in item.iter(f"{_MAIN}t")) for item in shared.iter(f"{_MAIN}si")]
    return [_lines(sheet, texts)] if "<sheet " in book else None


def _lines(sheet: Any, texts: list[str]) -> Any:
    lines, number, last = [], 0, 0
    for row in sheet.iter(f"{_MAIN}row"):
        number = int(row.get("r", number + 1))
        if number <= last:
            raise UnreadableError("rows out of order")
        last = number
        cells: dict[int, str] = {}
        for cell in row.iter(f"{_MAIN}c"):
            letters = re.match(r"[A-Z]+", cell.get("r", ""))
            place = _place(letters[0]) if letters else max(cells, default=-1) + 1
            if place in cells:
                raise UnreadableError(f"cell {cell.get('r')} stands twice")
            cells[place] = _text(cell, texts)
        filled = tuple(cells.get(place, "") for place in range(max(cells, default=-1) + 1))
        if any(filled):
            lines.append((number, filled))
    return lines


def _place(letters: str) -> int:
    return functools.reduce(lambda number, letter: 26 * number + ord(letter) - 64, letters, 0) - 1


def _text(cell: Any, texts: list[str]) -> str:
    value, kind = cell.findtext(f"{_MAIN}v"), cell.get("t", "n")
    if cell.find(f"{_MAIN}f") is not None:
        return f"={cell.findtext(f'{_MAIN}f') or ''}"
    if kind == "inlineStr" and value:
        raise UnreadableError("a figure stands in a cell of text")
    if kind == "inlineStr":
        return "".join(item.text or "" for item in cell.iter(f"{_MAIN}t")).strip()
    if not value:
        return ""
    if kind == "s":
        if not value.strip().isascii() or not value.strip().isdigit() or int(value) >= len(texts):
            raise UnreadableError(f"{value[:60]!r} is no number of a text")
        return texts[int(value)].strip()
    if kind == "b":
        return "TRUE" if value == "1" else "FALSE"
    if kind != "n":
        return value.strip()
    if not re.fullmatch(r"\s*[+-]?[0-9]*\.?[0-9]*([eE][+-]?[0-9]+)?\s*", value):
        raise UnreadableError(f"{value[:60]!r} is no number")
    return _shown(value.strip())


def _shown(number: str) -> str:
    """Return a number as a workbook shows it: fifteen digits where it is not a whole one."""
    if re.fullmatch(r"[+-]?[0-9]+", number):
        return str(int(number))
    value = float(number)
    text = f"{Decimal(f'{value:.15g}'):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
