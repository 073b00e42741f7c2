"""P-values of several tests as columns of a table: as they are, and adjusted for their number."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import Any, Final

import pandas as pd

from corrtip.models.multiplicity import adjusted
from corrtip.report.formats import format_number

_HEADS: Final[Mapping[str, str]] = {"p_value": "p", "p_holm": "p (Holm)", "p_bh": "p (BH)"}
_LEVEL: Final = 0.05


def p_heads(columns: Iterable[Hashable]) -> tuple[str, ...]:
    """Return the column heads of the p-values among a table's columns: one where a single test is shown, else three.

    Examples
    --------
    >>> p_heads(["term", "p_value", "p_holm", "p_bh"])
    ('p', 'p (Holm)', 'p (BH)')
    """
    present = set(columns)
    return tuple(head for column, head in _HEADS.items() if column in present)


def p_cells(row: Mapping[Any, Any]) -> tuple[str, ...]:
    """Return the cells of one row under the heads of `p_heads`."""
    return tuple(format_number(row[column], "p") for column in _HEADS if column in row)


def p_note(columns: Iterable[Hashable], what: str) -> str:
    """Return what must be said of adjusted columns, beginning with a space; nothing where there are none.

    Parameters
    ----------
    columns : iterable
        The columns of the table of tests.
    what : str
        The tests that are counted together, such as ``"the predictors"``.
    """
    if len(p_heads(columns)) < 2:
        return ""
    return f" Holm, BH (Benjamini and Hochberg): adjusted for the number of {what}."


def count_significant(p_values: pd.Series) -> str:
    """Return in how many of several tests p is below .05; in brackets adjusted for their number by Holm, and by BH.

    Examples
    --------
    >>> count_significant(pd.Series([0.001, 0.03, 0.04]))
    '3 of 3 (1, 3)'
    """
    found = {"p_value": p_values, **adjusted(p_values)}
    plain, holm, bh = (format_number(int((found[column] < _LEVEL).sum()), "count") for column in _HEADS)
    total = format_number(int(p_values.notna().sum()), "count")
    return f"{plain} of {total} ({holm}, {bh})"
