"""What happens to tables: columns exchanged, cells shifted or replaced, rows repeated; and what must change nothing."""

from __future__ import annotations

import csv
import io
from random import Random

from stress.fuzz import damage
from stress.fuzz.target import Damage


def _rows(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(damage.text_of(data), newline="")))


def _written(rows: list[list[str]], quoting: int = csv.QUOTE_MINIMAL) -> bytes:
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\n", quoting=quoting).writerows(rows)
    return damage.bytes_of(stream.getvalue())


def _on_rows(change: object) -> Damage:
    """Return a damage that changes rows; what is no table any more is damaged as bytes."""

    def damaged(chance: Random, data: bytes) -> bytes:
        try:
            rows = _rows(data)
        except csv.Error:
            return damage.flip(chance, data)
        if len(rows) < 2 or not all(rows):
            return damage.flip(chance, data)
        change(chance, rows)  # type: ignore[operator]
        return _written(rows)

    return damaged


def _exchange_columns(chance: Random, rows: list[list[str]]) -> None:
    width = min(map(len, rows))
    one, other = chance.randrange(width), chance.randrange(width)
    for row in rows[chance.randrange(2) :]:
        row[one], row[other] = row[other], row[one]


def _exchange_cells(chance: Random, rows: list[list[str]]) -> None:
    one, other = chance.choice(rows), chance.choice(rows)
    first, second = chance.randrange(len(one)), chance.randrange(len(other))
    one[first], other[second] = other[second], one[first]


def _replace_cell(chance: Random, rows: list[list[str]]) -> None:
    row = chance.choice(rows[1:])
    other = chance.choice((chance.choice(damage.NUMBERS), "", chance.choice(chance.choice(rows)), " ", "\n", '"', "\0"))
    row[chance.randrange(len(row))] = other


def _shift(chance: Random, rows: list[list[str]]) -> None:
    row = chance.choice(rows)
    place = chance.randrange(len(row))
    if chance.random() < 0.5:
        del row[place]
    else:
        row.insert(place, chance.choice(("", "1", "x")))


def _repeat_row(chance: Random, rows: list[list[str]]) -> None:
    rows.insert(chance.randint(1, len(rows)), [*chance.choice(rows)])


def reorder(chance: Random, data: bytes) -> bytes:
    """Put the rows below the header in another order."""
    header, *rows = _rows(data)
    chance.shuffle(rows)
    return _written([header, *rows])


def requote(chance: Random, data: bytes) -> bytes:
    """Quote every cell."""
    return _written(_rows(data), csv.QUOTE_ALL)


ROWS: tuple[Damage, ...] = tuple(
    map(_on_rows, (_exchange_columns, _exchange_cells, _replace_cell, _replace_cell, _shift, _repeat_row))
)
TABLE: tuple[Damage, ...] = (*damage.TEXT, *ROWS)
SAME: tuple[Damage, ...] = (reorder, requote)
