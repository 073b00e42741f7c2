"""The bytes of a raw file and of its sidecar: the same from the same figures, whoever writes them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    r"""Return a CSV file: UTF-8, line feeds, quotes only where they are needed.

    Examples
    --------
    >>> csv_bytes(["country", "tier"], [["Bahamas, The", "1"]])
    b'country,tier\n"Bahamas, The",1\n'
    """
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return stream.getvalue().encode()


def to_toml(table: Mapping[str, Any]) -> str:
    """Return a table as TOML: plain keys first, then tables and arrays of tables, in the order given.

    Parameters
    ----------
    table : mapping
        Text, numbers, booleans and lists of them; mappings of tables; lists of tables.

    Examples
    --------
    >>> print(to_toml({"edition": "2026", "original": [{"name": "CPI2026.xlsx"}]}))
    edition = "2026"
    <BLANKLINE>
    [[original]]
    name = "CPI2026.xlsx"
    <BLANKLINE>
    """
    plain = [f"{name} = {toml_value(value)}" for name, value in table.items() if not _nested(value)]
    blocks = ["\n".join(plain)]
    for name, value in table.items():
        if isinstance(value, Mapping):
            blocks += [f"[{name}.{json.dumps(key)}]\n{to_toml(item).rstrip()}" for key, item in value.items()]
        elif _nested(value):
            blocks += [f"[[{name}]]\n{to_toml(item).rstrip()}" for item in value]
    return "\n\n".join(blocks) + "\n"


def toml_value(value: object) -> str:
    r"""Return text, a number, a boolean or a list of them as TOML; text serves as a key too.

    Examples
    --------
    >>> print(toml_value('"p" of B'))
    "\"p\" of B"
    """
    # JSON leaves the one control character that TOML does not allow.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _nested(value: object) -> bool:
    return isinstance(value, Mapping | list)
