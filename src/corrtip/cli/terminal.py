"""How commands speak: text and tables for people, JSON for machines on the same stream, errors on the other."""

from __future__ import annotations

import dataclasses
import json
import math
import shutil
import sys
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.table import Table

Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines, and nothing else.")]
"""The option of every command that has an answer."""

PIPED_WIDTH = 120
"""Columns of a table where the output is no terminal that could say."""


def print_error(error: Exception) -> None:
    """Print one message on the error stream."""
    typer.echo(f"Error: {error}", err=True)


def print_json(value: object) -> None:
    """Print ``value`` as JSON; see `plain` for what becomes of frames and missing numbers."""
    typer.echo(json.dumps(plain(value), indent=2, ensure_ascii=False, allow_nan=False))


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
    width = shutil.get_terminal_size().columns
    typer.echo(textwrap.fill(text, width, initial_indent=indent, subsequent_indent=indent))


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: Iterable[str] = ()) -> None:
    """Print a table; ``numbers`` names the columns that are set to the right."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, justify="right" if column in set(numbers) else "left", overflow="fold")
    for row in rows:
        # Text, so that a bracket in a country's note is not taken for markup.
        table.add_row(*(Text(cell) for cell in row))
    _print(table)


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

    console = Console(width=None if sys.stdout.isatty() else PIPED_WIDTH, highlight=False)
    with console.capture() as laid_out:
        console.print(table)
    # Rich fills the last column with blanks.
    typer.echo("\n".join(line.rstrip() for line in laid_out.get().splitlines()))
