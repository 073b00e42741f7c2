"""The joint null of a specification curve: no effect of the focal variable given all controls of all specifications."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from corrtip.errors import ModelError

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]

# A country that the controls fit perfectly has a leverage of one up to rounding, and no residual to exchange.
_FULL_LEVERAGE = 1.0 - 1e-8
# Singular values below this share of the largest are rounding: the union of controls holds the same figure twice.
_RANK = 1e-10


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """What the null keeps of the focal variables, and what it exchanges between countries.

    Parameters
    ----------
    fitted : ndarray, shape (measures, countries)
        What the union of the controls says of a focal variable in a year; nan where the variable is missing.
    residual : ndarray, shape (measures, countries)
        What it does not say, each divided by ``sqrt(1 - leverage)``; nan where the variable is missing.
    strata : ndarray of int, shape (countries,)
        Countries of one stratum have residuals of the same measures.
    """

    fitted: FloatArray
    residual: FloatArray
    strata: IntArray


def build_exchange(values: FloatArray, controls: Sequence[FloatArray]) -> Exchange:
    """Return fitted values, residuals and strata of focal variables given the union of the controls.

    Parameters
    ----------
    values : ndarray, shape (measures, countries)
        A row for each focal variable and year; nan where missing.
    controls : sequence of ndarray, shape (countries, columns)
        For each measure, all controls of its year; nan where missing.

    Raises
    ------
    ModelError
        If no two countries could be exchanged.

    Notes
    -----
    Each measure is regressed by least squares on all controls of its year, of all specifications, a missing one being
    replaced by its mean and marked by a column of its own, so that every country has a residual. The null draws
    ``x* = fitted + residual of another country``: it holds that, given the controls, countries are exchangeable in what
    is left of their corruption, whatever their tier. The association of corruption with the controls stays in ``x*``,
    and so does the bias of those specifications that leave controls out. This is a conditional randomisation test
    (Candes, Fan, Janson and Lv 2018) with a linear model of the focal variable.

    Countries are exchanged whole: one permutation serves all measures and years, and outcomes and controls stay where
    they are. The dependence between measures of corruption, between years of one country and between codings of
    its tier is thereby that of the figures. Tiers redrawn from a fitted model would need a model of how a country's
    placements hang together over the years, without which all statistics of the curve would vary too little.

    A permutation of the focal variable itself is not offered: it would cut the variable off from the controls too.
    Where the two correlate .7 and there is no effect, it rejected in 17.5 % of 200 simulated samples at 5 % by the
    median z of eight specifications, and in 35.5 % by the share significant.
    """
    parts = [_residualised(row, columns) for row, columns in zip(values, controls, strict=True)]
    fitted, residual, free = (np.array(part) for part in zip(*parts, strict=True))
    _, strata = np.unique(np.concatenate([free, np.isfinite(values)]), axis=1, return_inverse=True)
    strata = strata.reshape(-1)
    movable = np.bincount(strata)[strata] > 1
    if not (movable & free.any(axis=0)).any():
        raise ModelError(
            "null",
            f"{values.shape[1]} countries, no two with residuals of the same measures",
            expected="more countries than controls",
        )
    return Exchange(fitted=fitted, residual=residual, strata=strata.astype(np.intp))


def permutations(strata: IntArray, rng: np.random.Generator, draws: int) -> IntArray:
    """Return for each draw and country the country whose residual it takes: one of its own stratum.

    Examples
    --------
    >>> permutations(np.array([0, 1, 0]), np.random.default_rng(1), 4)[:, 1].tolist()
    [1, 1, 1, 1]
    """
    order = np.argsort(strata + rng.random((draws, len(strata))), axis=1)
    result = np.empty_like(order)
    result[:, np.argsort(strata, kind="stable")] = order
    return result


def focal_columns(exchange: Exchange, taken: IntArray, measure: IntArray, country: IntArray) -> FloatArray:
    """Return the focal column of some rows under the null, shape (draws, rows).

    Parameters
    ----------
    exchange : Exchange
    taken : ndarray of int, shape (draws, countries)
        As from `permutations`.
    measure, country : ndarray of int, shape (rows,)
        Whose they are.
    """
    return np.asarray(exchange.fitted[measure, country] + exchange.residual[measure, taken[:, country]])


def p_value(observed: float, draws: FloatArray) -> float:
    """Return ``(1 + draws at least as large) / (1 + draws)``: never 0, and exact under exchangeability.

    A draw without the statistic (nan) counts as large, so that what cannot be computed never speaks for the claim. The
    p-value is nan where the observed statistic is.

    Examples
    --------
    >>> p_value(2.0, np.array([0.0, 1.0, 2.0])), p_value(2.0, np.array([0.0, 1.0, np.nan]))
    (0.5, 0.5)
    """
    if np.isnan(observed):
        return np.nan
    return float((1 + np.count_nonzero(~(draws < observed))) / (1 + len(draws)))


def _residualised(values: FloatArray, controls: FloatArray) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Return fitted values and scaled residuals, nan where the value is missing, and which can be exchanged."""
    known = np.flatnonzero(np.isfinite(values))
    basis = _basis(controls[known])
    inside = basis @ (basis.T @ values[known])
    leverage = np.vecdot(basis, basis)
    own = leverage < _FULL_LEVERAGE
    fitted, residual = np.full_like(values, np.nan), np.full_like(values, np.nan)
    fitted[known] = np.where(own, inside, values[known])
    residual[known] = np.where(own, values[known] - inside, 0.0) / np.sqrt(np.where(own, 1.0 - leverage, 1.0))
    free = np.zeros(len(values), dtype=bool)
    free[known] = own
    return fitted, residual, free


def _basis(controls: FloatArray) -> FloatArray:
    """Return an orthonormal basis of the constant, the controls with means for what is missing, and its marks."""
    missing = np.isnan(controls)
    held = np.maximum((~missing).sum(axis=0), 1)
    mean = np.where(missing, 0.0, controls).sum(axis=0) / held
    centred = np.where(missing, 0.0, controls - mean)
    spread = np.sqrt((centred**2).sum(axis=0))
    columns = [
        np.ones((len(controls), 1)),
        centred / np.where(spread > 0.0, spread, 1.0),
        missing[:, missing.any(axis=0)].astype(float),
    ]
    left, size, _ = np.linalg.svd(np.concatenate(columns, axis=1), full_matrices=False)
    return np.asarray(left[:, size > _RANK * size[0]])
