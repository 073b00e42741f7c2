"""Models on a file that only its reader has: how its columns are made ready, checked and fitted; nothing is shipped."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from corrtip.errors import DataError, DeclarationError
from corrtip.models.model import fit_arrays
from corrtip.models.results import OrdinalFit

FloatArray = npt.NDArray[np.float64]
# What pandas raises on a damaged file; it has no error of its own for one.
_DAMAGED = (
    ArithmeticError,
    AttributeError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    StopIteration,
    TypeError,
    ValueError,
    struct.error,
)
MISSING = "missing"
"""How a step's ``to`` names the missing value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One column made from others.

    Parameters
    ----------
    make : str
        The column's name; it may replace one of the same name.
    verb : {"log", "multiply", "recode", "replace", "previous_row", "zero_where_named"}
        Natural logarithm, missing where the figure is not above 0; product with ``by``; the figure that ``to`` names
        in place of each, every one of which must be named; the same with all others kept; the figure one row up; zero
        where it is missing and one of ``beside`` is not.
    of : str
        The column it is made from.
    by : float
    to : mapping of str to float
        From a figure, or ``missing``, to a figure.
    beside : tuple of str

    Notes
    -----
    ``previous_row`` is Stata's ``x[_n-1]``: it does not stop at the end of a country, so that a country's first row
    takes the last one of the country before. Who wants to meet a table made with it must do the same.
    """

    make: str
    verb: Literal["log", "multiply", "recode", "replace", "previous_row", "zero_where_named"]
    of: str
    by: float = 1.0
    to: Mapping[str, float] = field(default_factory=dict)
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FileModel:
    """A binary logit on the file, its rows those with every figure.

    Parameters
    ----------
    name : str
    outcome : str
        A column of zeros and ones.
    focal : str
    controls : tuple of str
    """

    name: str
    outcome: str
    focal: str
    controls: tuple[str, ...] = ()

    @property
    def predictors(self) -> tuple[str, ...]:
        """The focal predictor, then the others."""
        return (self.focal, *self.controls)


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplied:
    """A file that a study's reader supplies, and the models on it.

    Parameters
    ----------
    file : str
        What its publisher calls it.
    where : str
        Where a reader finds it.
    order : tuple of str
        The columns by which the rows are sorted.
    first : mapping of str to float
        Rows below these are left out before anything else.
    steps : tuple of Step
        In this order.
    models : tuple of FileModel

    Raises
    ------
    DeclarationError
        If there is no model.
    """

    file: str
    where: str
    order: tuple[str, ...]
    models: tuple[FileModel, ...]
    first: Mapping[str, float] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()

    def __post_init__(self) -> None:
        if not self.models:
            raise DeclarationError("supplied, models", "none", expected="one or more")

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the file must have."""
        made: set[str] = set()
        wanted: dict[str, None] = dict.fromkeys((*self.order, *self.first))
        for step in self.steps:
            wanted |= dict.fromkeys(name for name in (step.of, *step.beside) if name not in made)
            made.add(step.make)
        for model in self.models:
            wanted |= dict.fromkeys(name for name in (model.outcome, *model.predictors) if name not in made)
        return tuple(wanted)


def read_supplied(path: Path, supplied: Supplied) -> pd.DataFrame:
    """Return the file's rows with every column that the models use.

    Parameters
    ----------
    path : Path
        A Stata file.
    supplied : Supplied

    Raises
    ------
    DataError
        If the file is not there or not Stata's, or a column is missing, holds no numbers or a figure that a recoding
        does not know.
    """
    try:
        table = pd.read_stata(path, convert_categoricals=False)
    except _DAMAGED as error:
        raise DataError(
            path.name, f"not read: {type(error).__name__}: {error}", expected=f"the Stata file {supplied.file}"
        ) from error
    lost = [name for name in supplied.columns if name not in table]
    if lost:
        raise DataError(
            path.name, f"no column {', '.join(lost)}", expected=f"the columns of {supplied.file}", mend=supplied.where
        )
    words = [name for name in supplied.columns if not pd.api.types.is_numeric_dtype(table[name])]
    if words:
        raise DataError(path.name, f"column {', '.join(words)} holds text", expected="numbers")
    rows = table[list(supplied.columns)].astype(np.float64).sort_values(list(supplied.order), kind="stable")
    for name, least in supplied.first.items():
        rows = rows[rows[name] >= least]
    for step in supplied.steps:
        rows[step.make] = _apply(step, rows, path.name)
    return rows.reset_index(drop=True)


def fit_supplied(rows: pd.DataFrame, model: FileModel) -> OrdinalFit:
    """Return the model on the rows that have every figure.

    Parameters
    ----------
    rows : DataFrame
        What `read_supplied` returns.
    model : FileModel

    Raises
    ------
    DataError
        If the outcome is not zeros and ones.
    ModelError
        If the model cannot be estimated.
    """
    whole = rows[[model.outcome, *model.predictors]].dropna()
    outcome = whole[model.outcome].to_numpy()
    if sorted(set(outcome)) != [0.0, 1.0]:
        seen = ", ".join(f"{value:g}" for value in sorted(set(outcome))[:5])
        raise DataError(f"column {model.outcome}", seen or "no row has every figure", expected="zeros and ones")
    return fit_arrays(
        outcome.astype(np.intp),
        whole[list(model.predictors)].to_numpy(),
        levels=("0", "1"),
        names=list(model.predictors),
        outcome=model.outcome,
    )


def _apply(step: Step, rows: pd.DataFrame, where: str) -> FloatArray:
    figures: FloatArray = rows[step.of].to_numpy(dtype=np.float64)
    if step.verb == "log":
        return np.asarray(np.log(np.where(figures > 0.0, figures, np.nan)), dtype=np.float64)
    if step.verb == "multiply":
        return figures * step.by
    if step.verb == "previous_row":
        return np.concatenate([[np.nan], figures[:-1]], dtype=np.float64)
    if step.verb == "zero_where_named":
        named = rows[list(step.beside)].notna().any(axis=1).to_numpy()
        return np.where(np.isnan(figures) & named, 0.0, figures)
    return _exchange(step, figures, where)


def _exchange(step: Step, figures: FloatArray, where: str) -> FloatArray:
    made, met = figures.copy(), np.zeros(len(figures), dtype=bool)
    for text, value in step.to.items():
        here = np.isnan(figures) if text == MISSING else figures == float(text)
        made[here], met = value, met | here
    if step.verb == "recode" and not met.all():
        unknown = ", ".join(sorted({f"{value:g}" for value in figures[~met]})[:5])
        known = ", ".join(step.to)
        raise DataError(f"{where}, column {step.of}", unknown, expected=f"one of {known}")
    return made
