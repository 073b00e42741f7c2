"""How well a fitted model describes its outcome: measures of association, and a test of goodness of fit."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from corrtip.errors import ModelError
from corrtip.models.likelihood import require_likelihood
from corrtip.models.model import estimate
from corrtip.models.problem import Problem
from corrtip.models.rank import TIE, count_pairs
from corrtip.models.results import OrdinalFit

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

# A column of zeros and ones of which less than this share is left is a combination of others.
_DEPENDENT = 1e-8
# Fagerland and Hosmer (2016): at least six groups, and fewer than n / (5 K).
_MIN_GROUPS = 6
_MAX_GROUPS = 10


def is_proportional(fit: OrdinalFit) -> bool:
    """Tell whether one linear predictor orders the rows: there are neither nominal nor scale terms."""
    layout = fit.estimate.design.layout
    return not (layout.n_nominal or layout.n_scale)


def ranking(fit: OrdinalFit) -> FloatArray:
    """Return the number by which a model orders its rows, low to high.

    The linear predictor ``x'beta + offset``; with nominal or scale terms, where no single predictor orders the rows,
    the expected level number ``sum_j j P(Y = j)``. Under proportionality the two give the same order.

    Parameters
    ----------
    fit : OrdinalFit

    Returns
    -------
    ndarray, shape (rows,)
    """
    layout, problem = fit.estimate.design.layout, fit.estimate.problem
    if not is_proportional(fit):
        return np.asarray(fit.predict().to_numpy() @ np.arange(1.0, layout.n_levels + 1.0))
    predictor = problem.location @ fit.estimate.params[layout.location]
    return np.asarray(predictor if problem.offset is None else predictor + problem.offset)


def association(fit: OrdinalFit) -> pd.Series:
    """Return measures of how strongly predictor and outcome go together.

    Parameters
    ----------
    fit : OrdinalFit

    Returns
    -------
    Series
        mcfadden_r2, nagelkerke_r2, somers_d, tau_a, gamma, c_index.

    See Also
    --------
    R: ``rms::lrm`` (its C, Dxy, gamma, tau-a after binning the predictor; here it is not binned);
    statsmodels: ``prsquared`` is McFadden's.

    Notes
    -----
    ``mcfadden_r2 = 1 - l / l0`` and ``nagelkerke_r2 = (1 - exp(2 (l0 - l) / n)) / (1 - exp(2 l0 / n))``
    (Nagelkerke 1991). The others count pairs of observations, ordered by `ranking`: with C concordant and D discordant
    pairs among the P whose outcomes differ, and T pairs in all, ``somers_d = (C - D) / P``, ``tau_a = (C - D) / T``,
    ``gamma = (C - D) / (C + D)`` and ``c_index = (1 + somers_d) / 2``. A pair counts with the product of its weights;
    a frequency weight of two is two observations, which form a pair of their own.

    Examples
    --------
    >>> from corrtip.models.model import fit_arrays
    >>> fit = fit_arrays([0, 1, 0, 1, 2, 1], [[1.0], [2.0], [3.0], [4.0], [5.0], [6.0]], levels="abc", names=["x"])
    >>> round(float(association(fit)["somers_d"]), 4)
    0.6364
    """
    problem = fit.estimate.problem
    counts = count_pairs(problem.codes, ranking(fit)[None], problem.weights[None])
    concordant, discordant, comparable = (float(count[0]) for count in counts)
    excess, ordered = concordant - discordant, concordant + discordant
    total_weight = float(problem.weights.sum())
    itself = total_weight if problem.weight_type == "frequency" else float(problem.weights @ problem.weights)
    return pd.Series(
        {
            "mcfadden_r2": fit.prsquared,
            "nagelkerke_r2": float(np.expm1(-fit.llr / total_weight) / np.expm1(2.0 * fit.llnull / total_weight)),
            "somers_d": excess / comparable,
            "tau_a": 2.0 * excess / (total_weight**2 - itself),
            "gamma": excess / ordered if ordered else float("nan"),
            "c_index": 0.5 + 0.5 * excess / comparable,
        }
    )


def goodness_of_fit(fit: OrdinalFit, groups: int | None = None) -> pd.Series:
    """Test the fit of an ordinal model as Lipsitz, Fitzmaurice and Molenberghs (1996) do.

    Parameters
    ----------
    fit : OrdinalFit
    groups : int, optional
        Number of groups of rows; if not given, ten, or the largest number below ``n / (5 K)`` but at least six
        (Fagerland and Hosmer 2016).

    Returns
    -------
    Series
        test, statistic, df, p_value, groups.

    Raises
    ------
    ModelError
        If there is no likelihood (sampling weights, bias reduction), the groups separate the outcome, or all are
        combinations of the model's columns.

    Warns
    -----
    UserWarning
        If there are too few observations for six groups.

    See Also
    --------
    R: ``generalhoslem::lipsitz.test``.

    Notes
    -----
    The rows are cut into groups of equal size by `ranking`; the model is fitted again with a column for each group but
    the first, and the two are compared by their likelihood ratio. Group columns that are combinations of the others
    (as some are where few distinct rows exist) add nothing and take no degree of freedom. A small p-value says that
    the model misses part of how the outcome depends on its predictor. The test sees no other departure: ask `brant`
    about parallel lines.
    """
    problem = fit.estimate.problem
    require_likelihood(fit.estimate, "goodness_of_fit")
    member = _quantile_groups(ranking(fit), problem.weights, _number_of_groups(fit) if groups is None else groups)
    found = np.unique(member)
    columns = _adding((member[:, None] == found[1:]).astype(float), problem)
    if not columns.shape[1]:
        raise ModelError(
            "groups",
            f"{len(found)} of rows, which the model's own columns tell apart",
            expected="rows that differ within a category",
            mend="Ask for more groups",
        )
    grouped = replace(
        problem,
        location=np.column_stack([problem.location, columns]),
        location_names=problem.location_names + tuple(f"group {number + 1}" for number in range(columns.shape[1])),
    )
    try:
        larger = estimate(grouped, fit.estimate.link)
    except ModelError as error:
        raise ModelError(
            "goodness_of_fit",
            f"the model with a column for each of {len(found)} groups cannot be fitted ({error})",
            mend="Ask for fewer groups",
        ) from error
    statistic, df = 2.0 * (float(larger.maximum.at.llf[0]) - fit.llf), columns.shape[1]
    return pd.Series(
        {
            "test": "Lipsitz",
            "statistic": statistic,
            "df": df,
            "p_value": float(stats.chi2.sf(statistic, df)),
            "groups": len(found),
        }
    )


def _ties_joined(values: FloatArray) -> FloatArray:
    spread = float(np.ptp(values)) if len(values) else 0.0
    return np.round((values - values.min()) / (TIE * spread)) if spread > 0.0 else np.zeros(len(values))


def _adding(columns: FloatArray, problem: Problem) -> FloatArray:
    """Return the columns that are no combination of the intercept, the model's columns and the columns before them."""
    own = np.column_stack([problem.location, problem.nominal])
    basis = np.column_stack([np.ones(len(own)), (own - own.mean(axis=0)) / own.std(axis=0)])
    kept = []
    for column in columns.T:
        fitted = basis @ np.linalg.lstsq(basis, column)[0]
        if np.linalg.norm(column - fitted) > _DEPENDENT * np.linalg.norm(column):
            kept.append(column)
            basis = np.column_stack([basis, column])
    return np.array(kept).reshape(-1, len(own)).T


def _number_of_groups(fit: OrdinalFit) -> int:
    most = int(np.ceil(fit.nobs / (5 * len(fit.levels)))) - 1
    if most < _MIN_GROUPS:
        warnings.warn(
            f"goodness_of_fit: {fit.nobs:g} observations of {len(fit.levels)} levels allow {most} groups; the "
            f"chi-squared p-value is not to be trusted with fewer than {_MIN_GROUPS}.",
            stacklevel=3,
        )
    return min(_MAX_GROUPS, max(_MIN_GROUPS, most))


def _quantile_groups(values: FloatArray, weights: FloatArray, count: int) -> IntArray:
    """Return the group of each row: cuts at the quantiles (R's type 7) of the observations that weights stand for."""
    joined = _ties_joined(values)
    order = np.argsort(joined, kind="stable")
    sorted_values, reached = joined[order], np.cumsum(weights[order])
    position = (reached[-1] - 1.0) * np.arange(1, count) / count
    low, high = (
        sorted_values[np.minimum(np.searchsorted(reached, rank, side="right"), len(values) - 1)]
        for rank in (np.floor(position), np.ceil(position))
    )
    cuts = low + (position - np.floor(position)) * (high - low)
    return np.asarray(np.searchsorted(cuts, joined, side="left"), dtype=np.intp)
