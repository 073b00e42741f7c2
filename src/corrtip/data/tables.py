"""Labelled columns as the bytes of a table: CSV that no spreadsheet executes, Parquet and Stata with their labels."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import pandas as pd

from corrtip.errors import DataError

STATA_NAME: Final = 32
STATA_LABEL: Final = 80

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\n")
# Stata files hold the time at which they were made. Where nobody sets one it is the one of Word files here.
_EPOCH: Final = 315532800


@dataclass(frozen=True, slots=True, kw_only=True)
class TableColumn:
    """One column of a table.

    Parameters
    ----------
    name, label : str
        What it is called, and what it is.
    data : array
        Numbers, text or a categorical.
    """

    name: str
    label: str
    data: Any


def csv_text(frame: pd.DataFrame) -> bytes:
    """Return a frame as CSV; text that a spreadsheet would take for a formula gets an apostrophe before it.

    Examples
    --------
    >>> csv_text(pd.DataFrame({"note": ["=1+1", "plain"], "value": [-1.5, None]}))
    b"note,value\\n'=1+1,-1.5\\nplain,\\n"
    """
    guarded = {name: column if column.dtype.kind in "biuf" else _guarded(column) for name, column in frame.items()}
    text = pd.DataFrame(guarded).to_csv(index=False, lineterminator="\n")
    return str(text).encode()


def _guarded(column: pd.Series) -> pd.Series:
    # A lone carriage return would end the row: Python's CSV writer does not quote it.
    text = column.astype("object").where(column.notna(), "").map(str).str.replace(r"\r\n?", "\n", regex=True)
    return text.map(lambda cell: f"'{cell}" if cell.startswith(_FORMULA) else cell)


def codes_of(levels: Sequence[str]) -> tuple[int, ...]:
    """Return the numbers that stand for levels where a format has numbers only: their own, or else their place from 1.

    Examples
    --------
    >>> codes_of(["1", "2", "2WL", "3"]), codes_of(["5", "4", "3"])
    ((1, 2, 3, 4), (5, 4, 3))
    """
    if all(level.isdecimal() for level in levels):
        return tuple(int(level) for level in levels)
    return tuple(range(1, len(levels) + 1))


def to_csv(columns: Sequence[TableColumn]) -> bytes:
    """Return a table as CSV in UTF-8, missing cells empty."""
    return csv_text(_frame(columns))


def to_parquet(columns: Sequence[TableColumn]) -> bytes:
    """Return a table as Parquet, each column's label in its field's metadata under ``label``.

    Raises
    ------
    DataError
        If pyarrow is not installed.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise DataError("export", "Parquet needs pyarrow", mend='Run pip install "corrtip[parquet]"') from error
    table = pa.Table.from_pandas(_frame(columns), preserve_index=False)
    fields = [field.with_metadata({"label": column.label}) for field, column in zip(table.schema, columns, strict=True)]
    stream = io.BytesIO()
    pq.write_table(table.cast(pa.schema(fields, metadata=table.schema.metadata)), stream)
    return stream.getvalue()


def to_stata(columns: Sequence[TableColumn]) -> bytes:
    """Return a table as a Stata file (version 118: Stata 14 and later, UTF-8), with variable and value labels.

    Names of more than 32 signs and labels of more than 80 are cut; a name that would stand twice gets a number.
    """
    names = _short_names([column.name for column in columns])
    frame, value_labels = {}, {}
    for name, column in zip(names, columns, strict=True):
        frame[name] = column.data
        if isinstance(column.data, pd.Categorical):
            codes = codes_of([str(level) for level in column.data.categories])
            numbers = np.array([*codes, 0], dtype=np.int16)[column.data.codes]
            frame[name] = pd.arrays.IntegerArray(numbers, np.asarray(column.data.codes == -1))
            value_labels[name] = dict(zip(codes, map(str, column.data.categories), strict=True))
    stream = io.BytesIO()
    pd.DataFrame(frame).to_stata(
        stream,
        write_index=False,
        version=118,
        data_label="corrtip: country-years; see the codebook",
        time_stamp=datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH", _EPOCH)), UTC),
        variable_labels={name: column.label[:STATA_LABEL] for name, column in zip(names, columns, strict=True)},
        value_labels=value_labels,
    )
    return stream.getvalue()


WRITERS: Final[Mapping[str, Callable[[Sequence[TableColumn]], bytes]]] = MappingProxyType(
    {".csv": to_csv, ".parquet": to_parquet, ".dta": to_stata}
)
"""The format that each suffix of a file means."""


def _frame(columns: Sequence[TableColumn]) -> pd.DataFrame:
    return pd.DataFrame({column.name: column.data for column in columns})


def _short_names(names: Sequence[str]) -> list[str]:
    short: list[str] = []
    for name in names:
        cut, number = name[:STATA_NAME], 1
        while cut in short:
            number += 1
            cut = f"{name[: STATA_NAME - len(str(number))]}{number}"
        short.append(cut)
    return short
