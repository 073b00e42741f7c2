"""How far two orders agree, pair by pair: Spearman's rho, Kendall's tau-b, gamma, and counts of pairs for batches."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import stats

from corrtip.errors import ModelError

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
Measure = Literal["spearman", "kendall_tau_b", "goodman_kruskal_gamma"]

TIE = 1e-10
"""Predictors that differ by less than this share of their spread are the same row, added in another order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Association:
    """One measure of association between two orders.

    Parameters
    ----------
    measure : {"spearman", "kendall_tau_b", "goodman_kruskal_gamma"}
    n : int
        Number of rows.
    estimate : float
        Between -1 and 1; positive where the two rise together.
    p_value : float
        Two-sided, of no association.
    std_error, statistic, conf_low, conf_high : float
        Known for gamma only, else nan. The standard error and the 95 % interval are those of the estimate; the
        statistic uses the standard error that holds without association, as SAS and SPSS do.
    """

    measure: Measure
    n: int
    estimate: float
    p_value: float
    std_error: float = math.nan
    statistic: float = math.nan
    conf_low: float = math.nan
    conf_high: float = math.nan


def rank_associations(x: npt.ArrayLike, y: npt.ArrayLike) -> tuple[Association, Association, Association]:
    """Return Spearman's rho, Kendall's tau-b and gamma, in this order.

    Parameters
    ----------
    x, y : array, shape (n,)
        Only their order counts; ties are allowed.

    Raises
    ------
    ModelError
        If the lengths differ, a value is missing, or one of the two is constant.

    Notes
    -----
    The first two are `scipy.stats.spearmanr` and `scipy.stats.kendalltau` (variant b); tau-b loses from ties, gamma
    leaves tied pairs out, so that gamma is the larger of the two in size.
    """
    first, second = _checked(x, y)
    n, rho, tau = len(first), stats.spearmanr(first, second), stats.kendalltau(first, second)
    return (
        Association(measure="spearman", n=n, estimate=float(rho.statistic), p_value=float(rho.pvalue)),
        Association(measure="kendall_tau_b", n=n, estimate=float(tau.statistic), p_value=float(tau.pvalue)),
        goodman_kruskal_gamma(first, second),
    )


def goodman_kruskal_gamma(x: npt.ArrayLike, y: npt.ArrayLike) -> Association:
    r"""Return Goodman and Kruskal's gamma with its asymptotic standard error.

    Parameters
    ----------
    x, y : array, shape (n,)

    Raises
    ------
    ModelError
        If the lengths differ, a value is missing, or one of the two is constant.

    Notes
    -----
    With :math:`C_i` and :math:`D_i` the numbers of rows concordant and discordant with row i, and P and Q their sums,

    .. math:: \gamma = \frac{P - Q}{P + Q}, \quad
        \mathrm{se} = \frac{4}{(P + Q)^2} \sqrt{\sum_i (Q C_i - P D_i)^2}, \quad
        \mathrm{se}_0 = \frac{2}{P + Q} \sqrt{\sum_i (C_i - D_i)^2 - (P - Q)^2 / n}

    (Goodman and Kruskal 1963; Brown and Benedetti 1977 for :math:`\mathrm{se}_0`, which tests no association). Where
    every pair is concordant, or every pair discordant, :math:`\mathrm{se}_0` is zero and the p-value nan.

    Examples
    --------
    >>> found = goodman_kruskal_gamma([1, 2, 3, 4, 5, 6], [1, 1, 2, 2, 3, 2])
    >>> round(found.estimate, 4)
    0.8182
    """
    first, second = _checked(x, y)
    n = len(first)
    pairs = np.sign(first[:, None] - first) * np.sign(second[:, None] - second)
    concordant, discordant = (pairs > 0).sum(axis=1).astype(float), (pairs < 0).sum(axis=1).astype(float)
    p, q = concordant.sum(), discordant.sum()
    gamma = (p - q) / (p + q)
    error = 4.0 / (p + q) ** 2 * np.sqrt(((q * concordant - p * discordant) ** 2).sum())
    null_error = 2.0 / (p + q) * np.sqrt(((concordant - discordant) ** 2).sum() - (p - q) ** 2 / n)
    statistic = gamma / null_error if null_error > 0.0 else math.nan
    reach = stats.norm.ppf(0.975) * error
    return Association(
        measure="goodman_kruskal_gamma",
        n=n,
        estimate=float(gamma),
        p_value=float(2.0 * stats.norm.sf(abs(statistic))),
        std_error=float(error),
        statistic=float(statistic),
        conf_low=float(max(gamma - reach, -1.0)),
        conf_high=float(min(gamma + reach, 1.0)),
    )


class Pairs(NamedTuple):
    """Weighted counts of pairs of rows with different outcomes, one of each a model.

    Parameters
    ----------
    concordant, discordant : ndarray, shape (models,)
        Pairs that the model orders as their outcomes are, or the other way.
    comparable : ndarray, shape (models,)
        All pairs with different outcomes, those that the model ties among them.
    """

    concordant: FloatArray
    discordant: FloatArray
    comparable: FloatArray

    @property
    def somers_d(self) -> FloatArray:
        """``(concordant - discordant) / comparable``, the outcome being given; nan where no two outcomes differ."""
        with np.errstate(invalid="ignore"):
            return (self.concordant - self.discordant) / self.comparable


def count_pairs(codes: IntArray, values: FloatArray, weights: FloatArray) -> Pairs:
    """Count how a batch of models orders the pairs of rows with different outcomes.

    Parameters
    ----------
    codes : ndarray of int, shape (rows,)
        Outcome levels 0 .. K - 1.
    values : ndarray, shape (models, rows)
        By which each model orders the rows; values nearer than `TIE` of their spread are tied.
    weights : ndarray, shape (models, rows)
        A pair counts with the product of its weights.

    Notes
    -----
    Rows are sorted once for each model; cumulative sums by level then hold all pairs: ``rows * K`` numbers a model.

    Examples
    --------
    >>> count_pairs(np.array([0, 1, 1]), np.array([[1.0, 1.0, 2.0]]), np.ones((1, 3))).somers_d.tolist()
    [0.5]
    """
    order = np.argsort(values, axis=1)
    ordered, held = np.take_along_axis(values, order, axis=1), np.take_along_axis(weights, order, axis=1)
    apart = np.diff(ordered, axis=1, prepend=-np.inf) > TIE * (ordered[:, -1:] - ordered[:, :1])
    first_tied = np.maximum.accumulate(np.where(apart, np.arange(len(codes)), 0), axis=1)
    level = codes[order][:, :, None]
    by_level = np.where(level == np.arange(codes.max() + 1), held[:, :, None], 0.0)
    before = np.cumsum(by_level, axis=1) - by_level
    lower = np.take_along_axis(before, first_tied[:, :, None], axis=1)
    below = np.cumsum(lower, axis=2) - lower
    above = lower.sum(axis=2, keepdims=True) - below - lower
    concordant, discordant = (
        np.vecdot(held, np.take_along_axis(count, level, axis=2)[:, :, 0]) for count in (below, above)
    )
    totals = by_level.sum(axis=1)
    return Pairs(concordant, discordant, 0.5 * (totals.sum(axis=1) ** 2 - np.vecdot(totals, totals)))


def _checked(x: npt.ArrayLike, y: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    first, second = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if first.ndim != 1 or first.shape != second.shape:
        raise ModelError("x, y", f"shapes {first.shape} and {second.shape}", expected="two columns of the same length")
    for name, column in (("x", first), ("y", second)):
        if not np.isfinite(column).all():
            raise ModelError(name, "a value is missing or infinite", expected="finite numbers", mend="Drop those rows")
        if len(np.unique(column)) < 2:
            raise ModelError(name, "all values are equal", expected="at least two different values")
    return first, second
