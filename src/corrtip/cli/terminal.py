"""How commands speak: text and tables for people, JSON for machines on the same stream, errors on the other."""

from __future__ import annotations

import codecs
import dataclasses
import io
import json
import math
import shutil
import sys
import textwrap
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, TextIO

import typer

if TYPE_CHECKING:
    from rich.table import Table

Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines, and nothing else.")]
"""The option of every command that has an answer."""

PIPED_WIDTH = 120
"""Columns of a table where the output is no terminal that could say."""

_LONG_WORD: Final = 30
_NEAREST: Final = "corrtip.nearest"
_SIGNS: Final = {"\N{MINUS SIGN}": "-", "\N{EN DASH}": "-", "×": "x", "\N{INFINITY}": "inf", "\N{DAGGER}": "+"}


def print_error(message: str) -> None:
    """Print one message on the error stream."""
    typer.echo(f"Error: {message}", err=True)


def speak_plainly(*streams: TextIO) -> None:
    """Let streams whose encoding lacks a sign print the nearest one that it has: no output stops at a minus.

    Parameters
    ----------
    *streams : TextIO
        Those of UTF-8, and what is no stream of the system's, stay as they are.
    """
    codecs.register_error(_NEAREST, _nearest_sign)
    for stream in streams:
        if isinstance(stream, io.TextIOWrapper) and not _has_every_sign(stream):
            stream.reconfigure(errors=_NEAREST)


def _has_every_sign(stream: TextIO) -> bool:
    return codecs.lookup(stream.encoding or "ascii").name.startswith("utf")


def _nearest_sign(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    letters = "".join(_SIGNS.get(sign, sign) for sign in error.object[error.start : error.end])
    # Without its accents a letter of a name is still that letter.
    plain = unicodedata.normalize("NFKD", letters).encode("ascii", "ignore").decode()
    return plain or "?", error.end


def print_json(value: object) -> None:
    """Print ``value`` as JSON; see `plain` for what becomes of frames and missing numbers."""
    escaped = not _has_every_sign(sys.stdout)
    typer.echo(json.dumps(plain(value), indent=2, ensure_ascii=escaped, allow_nan=False))


def plain(value: Any) -> Any:
    """Return ``value`` in the types of JSON.

    Frames become lists of records (a named index becomes columns), series and dataclasses become objects, and what is
    missing or not finite becomes null.

    Examples
    --------
    >>> plain({"p": float("nan"), "years": (2005, 2005)})
    {'p': None, 'years': [2005, 2005]}
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Path):
        return value.as_posix()
    if dataclasses.is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, Iterable) and not hasattr(value, "dtypes"):
        return [plain(item) for item in value]
    return _plain_scientific(value)


def _plain_scientific(value: Any) -> Any:
    import pandas as pd

    if isinstance(value, pd.DataFrame):
        named = value.reset_index() if any(name is not None for name in value.index.names) else value
        return [plain(record) for record in named.to_dict("records")]
    if isinstance(value, pd.Series):
        return {str(key): plain(item) for key, item in value.to_dict().items()}
    if value is pd.NA or value is pd.NaT:
        return None
    return plain(value.item())


def print_text(text: str, *, indent: str = "") -> None:
    """Print a paragraph: broken between words on a terminal, one line where it is piped."""
    if not sys.stdout.isatty():
        typer.echo(indent + text)
        return
    typer.echo(textwrap.fill(text, width(), initial_indent=indent, subsequent_indent=indent))


def width() -> int:
    """Return the columns of the terminal, or of what is piped."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else PIPED_WIDTH


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """Say on the error stream what takes a while, as long as it does and where a terminal shows it."""
    from rich.console import Console

    console = Console(stderr=True)
    with console.status(what) if console.is_terminal else nullcontext():
        yield


@contextmanager
def asking() -> Iterator[None]:
    """Let Ctrl-C at a question end a command as Ctrl-C elsewhere does; typer takes it for the end of the input."""
    try:
        yield
    except typer.Abort as left:
        if isinstance(left.__context__, KeyboardInterrupt):
            typer.echo(err=True)  # the shell's next line is one of its own
            raise left.__context__ from None
        raise


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: Iterable[str] = ()) -> None:
    """Print a table; ``numbers`` names the columns that are set to the right.

    A terminal that is too narrow for the longest words gets one fact a line instead.
    """
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, justify="right" if column in set(numbers) else "left", overflow="fold")
    held = list(rows)
    for row in held:
        # Text, so that a bracket in a country's note is not taken for markup.
        table.add_row(*(Text(cell) for cell in row))
    if not sys.stdout.isatty() or _least_width([columns, *held]) <= width():
        _print(table)
        return
    for place, row in enumerate(held):
        if place:
            typer.echo()
        print_facts((name, cell) for name, cell in zip(columns, row, strict=True) if cell)


def _least_width(lines: Iterable[Sequence[str]]) -> int:
    """Return the columns that a table takes where each cell is broken between its words, the longest ones apart."""
    longest = [
        max(len(word) for cell in column for word in cell.split() or [""]) for column in zip(*lines, strict=True)
    ]
    return sum(min(length, _LONG_WORD) + 2 for length in longest) - 2


def print_facts(facts: Iterable[tuple[str, str]]) -> None:
    """Print names and what they are, one a line, the second column flush."""
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2))
    for name, fact in facts:
        table.add_row(Text(name, style="bold"), Text(fact))
    _print(table)


def _print(table: Table) -> None:
    from rich.console import Console

    console = Console(width=width(), highlight=False)
    with console.capture() as laid_out:
        console.print(table)
    # Rich fills the last column with blanks.
    typer.echo("\n".join(line.rstrip() for line in laid_out.get().splitlines()))
