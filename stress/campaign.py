"""What a campaign gives: how much was tried, and what of it was lost or silently wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The count of one campaign.

    Parameters
    ----------
    tried : int
        Cases.
    survived : int
        Cases that ended as they must: in the right answer, or in an error of ours that names the place.
    lost : int
        Cases that ended in any other way: another exception, a hang, too much memory, a file that is gone.
    silently_wrong : int
        Cases that ended in a wrong answer without a word.
    notes : tuple of str
        Sentences for below the table: what was lost and how to see it again, what could not be tried and why.
    parts : mapping of str to Result
        The counts of which this one is the sum.
    """

    tried: int
    survived: int
    lost: int = 0
    silently_wrong: int = 0
    notes: tuple[str, ...] = ()
    parts: Mapping[str, Result] = field(default_factory=dict)

    @property
    def stood(self) -> bool:
        """Whether something was tried, and nothing lost or wrong."""
        return self.tried > 0 and self.survived == self.tried and not (self.lost or self.silently_wrong)


def total(parts: Mapping[str, Result]) -> Result:
    """Return the sum of ``parts``, which it keeps; each note says of which part it is."""
    results = parts.values()
    return Result(
        tried=sum(result.tried for result in results),
        survived=sum(result.survived for result in results),
        lost=sum(result.lost for result in results),
        silently_wrong=sum(result.silently_wrong for result in results),
        notes=tuple(f"{name}: {note}" for name, result in parts.items() for note in result.notes),
        parts=parts,
    )


def restored(told: Mapping[str, Any]) -> Result:
    """Return a result from what ``dataclasses.asdict`` made of it."""
    parts = {name: restored(part) for name, part in told["parts"].items()}
    return Result(**{**told, "notes": tuple(told["notes"]), "parts": parts})


def table(results: Mapping[str, Result]) -> str:
    """Return one line for each campaign and each part of it, and the notes below."""
    lines = [("campaign", "tried", "survived", "lost", "silently wrong")]
    for name, result in results.items():
        lines.append(_cells(name, result))
        lines += [_cells(f"  {part}", found) for part, found in result.parts.items()]
    widths = [max(len(line[place]) for line in lines) for place in range(5)]
    rows = [
        "  ".join(
            [line[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True))]
        )
        for line in lines
    ]
    notes = [f"{name}: {note}" for name, result in results.items() for note in result.notes]
    return "\n".join([*rows, *([""] if notes else []), *notes])


def _cells(name: str, result: Result) -> tuple[str, str, str, str, str]:
    counts = (result.tried, result.survived, result.lost, result.silently_wrong)
    tried, survived, lost, wrong = (f"{count:,}" for count in counts)
    return name, tried, survived, lost, wrong
