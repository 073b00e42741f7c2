"""Declared changes to published figures, each guarded by the figure that it expects to find."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from corrtip.data.catalogue import Variable
from corrtip.declare import declared, read_toml
from corrtip.errors import DataError, DeclarationError
from corrtip.project import figures_root, shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """One change to one published figure: a file of ``data/corrections``.

    Parameters
    ----------
    iso3, year, variable, vintage
        Which figure.
    published : str
        The text that the raw file holds now; the correction fails once the source has another.
    corrected : float or str
        The number, or the level, that replaces it.
    reason : str
        Why the published figure is wrong.
    reference : str
        Where the right one can be read.
    """

    iso3: str
    year: int
    variable: str
    vintage: str
    published: str
    corrected: float | str
    reason: str
    reference: str

    @property
    def key(self) -> tuple[str, int, str, str]:
        """The figure that it changes."""
        return (self.iso3, self.year, self.variable, self.vintage)


def load_corrections(root: Path | None = None) -> dict[str, Correction]:
    """Return the corrections of ``corrections/*.toml`` by file, in alphabetical order; none where there is no folder.

    Parameters
    ----------
    root : Path, optional
        Folder that holds ``corrections/``; by default the project's ``data/``.

    Raises
    ------
    DeclarationError
        If a file is not a correction, or two files correct the same figure.
    """
    base = figures_root() if root is None else root
    corrections: dict[str, Correction] = {}
    for path in sorted((base / "corrections").glob("*.toml")):
        where = shown(path, base)
        correction = declared(Correction, read_toml(path, where), where)
        for other, earlier in corrections.items():
            if earlier.key == correction.key:
                raise DeclarationError(where, f"{correction.key} is already corrected in {other}", expected="one file")
        corrections[where] = correction
    return corrections


def apply_corrections(
    frame: pd.DataFrame, corrections: Mapping[str, Correction], catalogue: Mapping[str, Variable]
) -> pd.DataFrame:
    """Return the figures with the corrections made; a corrected row keeps its raw text and its line.

    Parameters
    ----------
    frame : DataFrame
        The figures as read; not changed.
    corrections : mapping of str to Correction
        By file, for errors.
    catalogue : mapping of str to Variable
        Says which corrections are numbers and which are levels.

    Raises
    ------
    DataError
        If a correction's figure does not exist, or the raw file no longer holds what the correction expects.
    DeclarationError
        If a number is corrected to a level, or a level to a number.
    """
    if not corrections:
        return frame
    frame = frame.copy()
    levels = [item.corrected for item in corrections.values() if isinstance(item.corrected, str)]
    frame["level"] = frame["level"].cat.set_categories(_joined(frame["level"].cat.categories, levels))
    for where, correction in corrections.items():
        row = _row(frame, correction, where)
        numeric = correction.variable in catalogue and catalogue[correction.variable].kind == "numeric"
        if numeric == isinstance(correction.corrected, str):
            expected = "a number" if numeric else "a level"
            raise DeclarationError(f"{where}, corrected", repr(correction.corrected), expected=expected)
        frame.loc[row, "value"] = correction.corrected if numeric else math.nan
        frame.loc[row, "level"] = None if numeric else correction.corrected
        frame.loc[row, "status"] = "corrected"
    return frame


def _row(frame: pd.DataFrame, correction: Correction, where: str) -> int:
    iso3, year, variable, vintage = correction.key
    same = (frame["year"] == year) & (frame["iso3"] == iso3) & (frame["variable"] == variable)
    rows = np.flatnonzero(same & (frame["vintage"] == vintage))
    if not rows.size:
        raise DataError(
            where,
            f"no {variable} ({vintage}) of {iso3} in {year}",
            expected="a published figure",
            mend="Remove the file",
        )
    row = int(rows[0])
    found = frame["raw"].iloc[row]
    if found != correction.published:
        place = f"data/raw/{frame['source'].iloc[row]}.csv, row {frame['line'].iloc[row]}"
        raise DataError(
            where,
            f"{place} now has {found!r}",
            expected=f"{correction.published!r}, which this file corrects",
            mend="If the source was revised, remove the correction; else write it anew",
        )
    return row


def _joined(categories: Sequence[str], levels: Sequence[str]) -> list[str]:
    return sorted({*categories, *levels})
