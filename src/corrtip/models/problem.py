"""What is to be fitted: outcome codes, columns, weights and their labels, checked once on the way in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
import numpy.typing as npt

from corrtip.errors import ModelError
from corrtip.models.design import Layout

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
WeightType = Literal["frequency", "sampling"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Arrays of one cumulative link model, in the user's row order and units.

    Parameters
    ----------
    codes : ndarray of int, shape (rows,)
        Outcome level of each row, 0 .. K - 1.
    levels : tuple of str
        Names of the K levels in their order.
    location, nominal, scale : ndarray, shape (rows, columns)
        Columns of each part, without intercept.
    location_names, nominal_names, scale_names : tuple of str
    weights : ndarray, shape (rows,)
    weight_type : {"frequency", "sampling"}
        A frequency weight of two is the row twice; a sampling weight says how many units of the population a row
        stands for, and does not add observations.
    offset : ndarray, shape (rows,), or None
    groups : ndarray of int, shape (rows,), or None
        Cluster of each row.
    outcome : str
        Name of the outcome.
    """

    codes: IntArray
    levels: tuple[str, ...]
    location: FloatArray
    nominal: FloatArray
    scale: FloatArray
    location_names: tuple[str, ...]
    nominal_names: tuple[str, ...] = ()
    scale_names: tuple[str, ...] = ()
    weights: FloatArray
    weight_type: WeightType = "frequency"
    offset: FloatArray | None = None
    groups: IntArray | None = None
    outcome: str = "y"

    @property
    def layout(self) -> Layout:
        """The order of the parameters."""
        return Layout(
            n_levels=len(self.levels),
            n_nominal=self.nominal.shape[1],
            n_location=self.location.shape[1],
            n_scale=self.scale.shape[1],
        )

    @property
    def threshold_names(self) -> tuple[str, ...]:
        """Names of the thresholds: ``"1|2"`` lies between the levels 1 and 2."""
        return name_thresholds(self.levels)

    @property
    def terms(self) -> tuple[tuple[str, str | None], ...]:
        """Term and threshold of each parameter, in order; the threshold is None for location and scale terms."""
        cuts = self.threshold_names
        return (
            *((cut, cut) for cut in cuts),
            *((name, cut) for name in self.nominal_names for cut in cuts),
            *((name, None) for name in self.location_names),
            *((f"scale[{name}]", None) for name in self.scale_names),
        )

    @property
    def param_names(self) -> tuple[str, ...]:
        """Unique names: ``1|2``, ``income[1|2]`` for a nominal term, ``income``, ``scale[income]``."""
        return tuple(term if cut is None or term == cut else f"{term}[{cut}]" for term, cut in self.terms)

    @property
    def nobs(self) -> float:
        """Number of observations: the sum of frequency weights, or the number of rows under sampling weights."""
        total = float(self.weights.sum()) if self.weight_type == "frequency" else float(len(self.codes))
        return int(total) if total.is_integer() else total


def name_thresholds(levels: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the thresholds between levels.

    Examples
    --------
    >>> name_thresholds(("1", "2", "2WL", "3"))
    ('1|2', '2|2WL', '2WL|3')
    """
    return tuple(f"{low}|{high}" for low, high in pairwise(levels))


def check_problem(
    y: npt.ArrayLike,
    x: npt.ArrayLike,
    *,
    levels: Sequence[str],
    names: Sequence[str],
    nominal: npt.ArrayLike | None = None,
    nominal_names: Sequence[str] = (),
    scale: npt.ArrayLike | None = None,
    scale_names: Sequence[str] = (),
    weights: npt.ArrayLike | None = None,
    weight_type: WeightType = "frequency",
    offset: npt.ArrayLike | None = None,
    groups: npt.ArrayLike | None = None,
    outcome: str = "y",
) -> Problem:
    """Return the problem that these arrays state.

    Raises
    ------
    ModelError
        Where lengths disagree, a number is missing or infinite, a column is constant, a weight is negative, a code
        is not a level, or a level has no weight.
    """
    codes = np.asarray(y)
    if codes.ndim != 1 or codes.dtype.kind not in "iu":
        raise ModelError("y", f"{codes.dtype} of shape {codes.shape}", expected="a vector of level numbers 0 .. K - 1")
    codes = codes.astype(np.intp, copy=False)
    rows = len(codes)
    given_groups = None if groups is None else np.unique(np.asarray(groups), return_inverse=True)[1].astype(np.intp)
    if given_groups is not None and given_groups.shape != (rows,):
        raise ModelError("groups", f"{given_groups.shape[0]} values", expected=f"one for each of the {rows} rows")
    case_weights = np.ones(rows) if weights is None else _vector("weights", weights, rows)
    if weights is not None and (case_weights < 0.0).any():
        place = int(np.argmax(case_weights < 0.0))
        raise ModelError(f"weights[{place}]", f"{case_weights[place]}", expected="zero or more")
    _check_levels(codes, case_weights, levels, outcome)
    used = case_weights > 0.0
    return Problem(
        codes=codes,
        levels=tuple(levels),
        location=_columns("x", x, rows, names, used),
        nominal=_columns("nominal", nominal, rows, nominal_names, used),
        scale=_columns("scale", scale, rows, scale_names, used),
        location_names=tuple(names),
        nominal_names=tuple(nominal_names),
        scale_names=tuple(scale_names),
        weights=case_weights,
        weight_type=weight_type,
        offset=None if offset is None else _vector("offset", offset, rows),
        groups=given_groups,
        outcome=outcome,
    )


def _vector(where: str, values: npt.ArrayLike, rows: int) -> FloatArray:
    vector = np.asarray(values, dtype=float)
    if vector.shape != (rows,):
        raise ModelError(where, f"shape {vector.shape}", expected=f"one number for each of the {rows} rows")
    if not np.isfinite(vector).all():
        place = int(np.argmin(np.isfinite(vector)))
        raise ModelError(f"{where}[{place}]", f"{vector[place]}", expected="a finite number")
    return vector


def _columns(
    where: str, values: npt.ArrayLike | None, rows: int, names: Sequence[str], used: npt.NDArray[np.bool_]
) -> FloatArray:
    if values is None:
        return np.empty((rows, 0))
    matrix = np.asarray(values, dtype=float)
    if matrix.ndim != 2 or matrix.shape != (rows, len(names)):
        raise ModelError(where, f"shape {matrix.shape}", expected=f"({rows}, {len(names)}): a column for each name")
    # The sum is finite if every entry is, and costs a tenth of looking at each.
    with np.errstate(invalid="ignore", over="ignore"):
        total = matrix.sum()
    if not np.isfinite(total) and not np.isfinite(matrix).all():
        row, column = np.argwhere(~np.isfinite(matrix))[0]
        raise ModelError(
            f'{where}, row {row}, column "{names[column]}"',
            f"{matrix[row, column]}",
            expected="a finite number",
            mend="Drop or impute the row first; rows are never dropped here without being told",
        )
    kept = matrix if used.all() else matrix[used]
    constant = kept.min(axis=0, initial=np.inf) == kept.max(axis=0, initial=-np.inf)
    if constant.any():
        name = names[int(np.argmax(constant))]
        raise ModelError(
            f'{where}, column "{name}"', "the same value in every row", mend="Leave it out: the thresholds hold it"
        )
    return matrix


def _check_levels(codes: IntArray, weights: FloatArray, levels: Sequence[str], outcome: str) -> None:
    if len(levels) < 2:
        raise ModelError(outcome, f"{len(levels)} level", expected="two or more levels")
    if len(codes) and (codes.min() < 0 or codes.max() >= len(levels)):
        raise ModelError(outcome, f"codes from {codes.min()} to {codes.max()}", expected=f"0 to {len(levels) - 1}")
    held = np.bincount(codes, weights=weights, minlength=len(levels))
    if (held <= 0.0).any():
        name = levels[int(np.argmax(held <= 0.0))]
        raise ModelError(
            outcome,
            f'level "{name}" has no observation',
            expected="every level observed",
            mend="Drop the level (`.cat.remove_unused_categories()`) or merge it with its neighbour",
        )
