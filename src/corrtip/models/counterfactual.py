"""The rows of a fit with one variable changed: the design columns the formula then gives, and their derivatives."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import prod
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from corrtip.errors import FormulaError, ModelError, nearest
from corrtip.models.formula import Factor
from corrtip.models.predict import Rows
from corrtip.models.results import OrdinalFit

FloatArray = npt.NDArray[np.float64]

# Seven points: the error of a derivative falls with the sixth power of their distance.
_REACH = 3
# The first distance is this share of the observed range, and each further one this share of the last.
_WIDEST = 1.0 / 16.0
_CLOSER = 1.0 / 4.0
_MAX_REFINEMENTS = 20
# Rows that are taken together, so that large data stay within a few MB.
_BLOCK_ROWS = 8192


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """Rows over which an effect is averaged.

    Parameters
    ----------
    fit : OrdinalFit
    frame : DataFrame
        The variables of the model; for a fit from arrays, its columns by name.
    weights : ndarray, shape (rows,)
    offset : ndarray, shape (rows,), or None
    """

    fit: OrdinalFit
    frame: pd.DataFrame
    weights: FloatArray
    offset: FloatArray | None

    def rows(self, changed: Mapping[str, Any] | None = None) -> Rows:
        """Return the design columns, with some variables changed.

        Raises
        ------
        ModelError
            If a column is missing or a number is missing or infinite.
        """
        frame = _changed(self.frame, changed or {})
        if self.fit.terms is not None:
            return self.fit.terms.rows(frame, self.offset)
        problem = self.fit.estimate.problem
        location, nominal, scale = (
            _matrix(frame, names) for names in (problem.location_names, problem.nominal_names, problem.scale_names)
        )
        return Rows(location=location, nominal=nominal, scale=scale, offset=self.offset)


def population(
    fit: OrdinalFit,
    data: pd.DataFrame | None = None,
    offset: npt.ArrayLike | None = None,
    at: Mapping[str, Any] | Literal["mean"] | None = None,
) -> Population:
    """Return the rows of a fit with its weights, or new rows that count once each; ``at`` fixes some variables.

    Parameters
    ----------
    fit : OrdinalFit
    data : DataFrame, optional
    offset : array, optional
        Of the new rows.
    at : mapping or "mean", optional
        Values of variables, "mean" among them; ``"mean"`` alone gives one row: numbers at their weighted mean,
        categories at the one with the largest weight.

    Raises
    ------
    ModelError
        If ``data`` is not a frame, or ``at`` names no variable of the model.
    """
    if data is not None and not isinstance(data, pd.DataFrame):
        raise ModelError("data", f"a {type(data).__name__}", expected="a DataFrame with the variables of the model")
    problem = fit.estimate.problem
    rows = Population(
        fit=fit,
        frame=_fitted_frame(fit) if data is None else data,
        weights=problem.weights if data is None else np.ones(len(data)),
        offset=problem.offset if data is None else None if offset is None else np.asarray(offset, dtype=float),
    )
    if at is None:
        return rows
    if isinstance(at, str):
        return _typical_row(rows)
    for name in at:
        check_variable(fit, name)
    fixed = {n: _typical(rows.frame[n], rows.weights) if v == "mean" else v for n, v in at.items()}
    return replace(rows, frame=_changed(rows.frame, fixed))


def check_variable(fit: OrdinalFit, name: str) -> None:
    """Raise a ModelError unless the model has a variable of that name."""
    known = _fitted_frame(fit).columns if fit.terms is None else fit.terms.columns
    if name not in known:
        raise ModelError(
            f'variable "{name}"', "not in the model", expected=f"one of {', '.join(known)}", mend=nearest(name, known)
        )


def categories(fit: OrdinalFit, variable: str) -> tuple[Any, ...] | None:
    """Return the values between which a variable jumps, reference first; None if it is a measured number.

    A category of the formula has its levels; a number that takes the values 0 and 1 alone, or a boolean, has these.
    """
    for factor in _factors(fit, variable):
        if factor.levels is not None:
            return factor.levels
    return (0, 1) if np.isin(_fitted_frame(fit)[variable].to_numpy(dtype=float), (0.0, 1.0)).all() else None


def column_derivatives(rows: Population, variable: str) -> Rows:
    """Return the derivative of every design column by a variable, row by row.

    Parameters
    ----------
    rows : Population
    variable : str

    Returns
    -------
    Rows
        Derivatives in place of columns, without offset.

    Notes
    -----
    Where the variable enters as itself, alone or in products, the columns are linear in it and the derivative is
    their exact difference between one and zero. Otherwise it comes from seven-point differences, whose points lie
    within the range of the fitted data (so that a spline is never asked beyond its bounds, nor a logarithm below its
    smallest value) and close in on each row; the difference that changed least, rounding counted, is kept.
    """
    if all(isinstance(factor.node, ast.Name) for factor in _factors(rows.fit, variable)):
        upper, lower = rows.rows({variable: 1.0}), rows.rows({variable: 0.0})
        return Rows(
            location=upper.location - lower.location,
            nominal=upper.nominal - lower.nominal,
            scale=upper.scale - lower.scale,
        )
    seen = pd.concat([rows.frame[variable], _fitted_frame(rows.fit)[variable]]).to_numpy(dtype=float)
    within = float(seen.min()), float(seen.max())
    starts = range(0, len(rows.frame), _BLOCK_ROWS)
    slopes = np.concatenate(
        [_differences(rows.fit, rows.frame.iloc[start : start + _BLOCK_ROWS], variable, within) for start in starts]
    )
    return _parts(slopes, rows.fit)


def _differences(fit: OrdinalFit, frame: pd.DataFrame, variable: str, within: tuple[float, float]) -> FloatArray:
    """Return the derivatives of all columns, side by side: of ever closer differences, the one with the least error.

    The error is taken to be the change from the last difference plus the rounding, which closing in multiplies.
    """
    # A power of two adds to a number without rounding, as far as the number's digits go.
    distance = 2.0 ** np.floor(np.log2(_WIDEST * (within[1] - within[0])))
    last: FloatArray | None = None
    best: FloatArray | None = None
    error: FloatArray = np.full(1, np.inf)
    for _ in range(_MAX_REFINEMENTS):
        found = _seven_points(fit, frame, variable, within, distance)
        slopes, rounding = (None, np.zeros(1)) if found is None else found
        if last is not None and slopes is not None:
            off = np.abs(slopes - last) + rounding
            best = slopes if best is None else np.where(off < error, slopes, best)
            error = np.minimum(off, error)
            if (rounding / _CLOSER >= error).all():
                break
        last = slopes
        distance *= _CLOSER
    if best is None:
        raise ModelError(
            f'variable "{variable}"', "the formula has no derivative by it near the data", mend="Give a step instead"
        )
    return best


def _seven_points(
    fit: OrdinalFit, frame: pd.DataFrame, variable: str, within: tuple[float, float], distance: float
) -> tuple[FloatArray, FloatArray] | None:
    """Return the derivative of the polynomial through seven points at each row, and the rounding of its columns.

    None if the formula fails at a point.
    """
    values = frame[variable].to_numpy(dtype=float)
    short = np.ceil((within[0] - values) / distance + _REACH).clip(0, _REACH)
    beyond = np.ceil((values - within[1]) / distance + _REACH).clip(0, _REACH)
    shift = (short - beyond).astype(int)
    points = values + distance * (shift + np.arange(-_REACH, _REACH + 1)[:, None])
    stacked = frame.iloc[np.tile(np.arange(len(frame)), len(points))]
    try:
        found = Population(fit=fit, frame=stacked, weights=np.ones(len(stacked)), offset=None).rows(
            {variable: points.ravel()}
        )
    except FormulaError:
        return None
    columns = np.concatenate([found.location, found.nominal, found.scale], axis=1).reshape(*points.shape, -1)
    slopes = np.einsum("rp,prc->rc", _POINT_WEIGHTS[shift + _REACH], columns) / distance
    return slopes, np.finfo(float).eps * np.abs(columns).max(axis=0) / distance


def _parts(columns: FloatArray, fit: OrdinalFit) -> Rows:
    layout = fit.estimate.design.layout
    edges = np.cumsum([0, layout.n_location, layout.n_nominal, layout.n_scale])
    location, nominal, scale = (columns[:, start:stop] for start, stop in pairwise(edges))
    return Rows(location=location, nominal=nominal, scale=scale)


def _point_weights(shift: int) -> list[float]:
    """Return the weights by which values at ``shift - 3 .. shift + 3`` give the derivative at zero."""
    points = range(shift - _REACH, shift + _REACH + 1)
    weights = [
        prod(-other for other in points if other not in (0, point))
        / prod(point - other for other in points if other != point)
        for point in points
    ]
    weights[_REACH - shift] = 0.0
    weights[_REACH - shift] = -sum(weights)
    return weights


_POINT_WEIGHTS = np.array([_point_weights(shift) for shift in range(-_REACH, _REACH + 1)])


def _changed(frame: pd.DataFrame, changed: Mapping[str, Any]) -> pd.DataFrame:
    frame = frame.copy(deep=False)
    for name, value in changed.items():
        frame[name] = value
    return frame


def _matrix(frame: pd.DataFrame, names: Sequence[str]) -> FloatArray:
    missing = [name for name in names if name not in frame]
    if missing:
        raise ModelError(
            "data", f'no column "{missing[0]}"', expected="the columns of the model", mend=nearest(missing[0], frame)
        )
    matrix = np.asarray(frame[list(names)].to_numpy(dtype=float))
    if not np.isfinite(matrix).all():
        row, column = np.argwhere(~np.isfinite(matrix))[0]
        raise ModelError(
            f'data, row {row}, column "{names[column]}"', f"{matrix[row, column]}", expected="a finite number"
        )
    return matrix


def _factors(fit: OrdinalFit, variable: str) -> list[Factor]:
    parts = () if fit.terms is None else fit.terms.parts
    return [factor for part in parts for factor in part.factors if variable in factor.columns]


def _fitted_frame(fit: OrdinalFit) -> pd.DataFrame:
    if fit.data is not None:
        return fit.data
    problem = fit.estimate.problem
    names = problem.location_names + problem.nominal_names + problem.scale_names
    columns = np.concatenate([problem.location, problem.nominal, problem.scale], axis=1)
    return pd.DataFrame(dict(zip(names, columns.T, strict=True)))


def _typical(column: pd.Series[Any], weights: FloatArray) -> Any:
    if pd.api.types.is_numeric_dtype(column.dtype):
        return float(np.average(column.to_numpy(dtype=float), weights=weights))
    return pd.Series(weights).groupby(column.to_numpy(), observed=True, sort=True).sum().idxmax()


def _typical_row(rows: Population) -> Population:
    known = _fitted_frame(rows.fit).columns
    return Population(
        fit=rows.fit,
        frame=pd.DataFrame({name: [_typical(rows.frame[name], rows.weights)] for name in known}),
        weights=np.ones(1),
        offset=None if rows.offset is None else np.array([np.average(rows.offset, weights=rows.weights)]),
    )
