"""One line of the table that `make bench` prints: what was measured, beside what, and the bound."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A measurement and its bound.

    Parameters
    ----------
    what : str
        What was measured.
    ours, theirs : str
        The two sides, with their units; ``theirs`` is empty where there is nothing beside.
    value : float
        What the bound is about: a ratio, or megabytes.
    bound : float
    at_least : bool
        Whether ``value`` must reach the bound, or stay below it.
    """

    what: str
    ours: str
    theirs: str
    value: float
    bound: float
    at_least: bool

    @property
    def met(self) -> bool:
        """Whether the bound is kept."""
        return self.value >= self.bound if self.at_least else self.value <= self.bound


def table(lines: Sequence[Line]) -> str:
    """Return the lines as a table of plain text."""
    head = ("", "corrtip", "beside it", "value", "bound", "")
    rows = [
        (
            line.what,
            line.ours,
            line.theirs,
            f"{line.value:,.2f}" if line.value < 10 else f"{line.value:,.0f}",
            f"{'at least' if line.at_least else 'at most'} {line.bound:g}",
            "met" if line.met else "MISSED",
        )
        for line in lines
    ]
    widths = [max(map(len, cells)) for cells in zip(head, *rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in (head, *rows)
    )
