"""Predictors that say nearly the same: how much it costs, one index in their place, and a ridge instead of a choice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from corrtip.errors import ConvergenceError, SpecError
from corrtip.models.kernel import evaluate
from corrtip.models.results import OrdinalFit

if TYPE_CHECKING:
    from corrtip.data.sample import Sample

FloatArray = npt.NDArray[np.float64]

_STEP = 1e-10
_MOST_STEPS = 100


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Collinearity:
    """How far predictors repeat one another.

    Parameters
    ----------
    table : DataFrame
        One row a column of the design: term, vif (variance inflation: how many times the variance of its coefficient
        is what it would be if the column went with no other), inflation (its square root: of the standard error).
    correlations : DataFrame
    condition_number : float
        Of the columns with an intercept, each of unit length (Belsley, Kuh and Welsch 1980, who call 30 and more
        harmful).
    """

    table: pd.DataFrame
    correlations: pd.DataFrame
    condition_number: float


def collinearity(sample: Sample) -> Collinearity:
    """Return variance inflation, correlations and condition number of a sample's predictors.

    Raises
    ------
    SpecError
        If there is one column only, or columns are linearly dependent.

    Notes
    -----
    ``vif`` is the diagonal of the inverse correlation matrix. It is that of least squares; in a model of ordered levels
    rows have weights, and the inflation of a standard error is near to it, not equal.
    """
    x = sample.x
    if x.shape[1] < 2:
        raise SpecError("Spec", f"one column, {x.columns[0]}", expected="two or more")
    correlations = x.corr()
    if np.linalg.cond(correlations) > 1.0 / np.finfo(float).eps:
        raise SpecError("Spec", "columns are linearly dependent", expected="columns of their own", mend="Drop one")
    vif = np.diag(np.linalg.inv(correlations))
    unit = np.column_stack([np.ones(len(x)), x])
    unit = unit / np.linalg.norm(unit, axis=0)
    return Collinearity(
        table=pd.DataFrame({"term": x.columns, "vif": vif, "inflation": np.sqrt(vif)}),
        correlations=correlations,
        condition_number=float(np.linalg.cond(unit)),
    )


def build_index(columns: pd.DataFrame, *, like: str) -> pd.Series:
    """Return the first principal component of standardised columns: one index in place of several indicators.

    Parameters
    ----------
    columns : DataFrame
        Numeric, no missing values.
    like : str
        The column with which the index goes up.

    Returns
    -------
    Series
        Mean zero and unit standard deviation, on the rows of ``columns``; ``attrs["share"]`` holds the share of the
        columns' variance that it keeps.

    Raises
    ------
    SpecError
        If there are fewer than two columns, or ``like`` is not among them.
    """
    if columns.shape[1] < 2 or like not in columns:
        raise SpecError("columns", f"{', '.join(columns)}", expected=f"two or more, {like} among them")
    standard = ((columns - columns.mean()) / columns.std(ddof=0)).to_numpy()
    left, values, right = np.linalg.svd(standard, full_matrices=False)
    sign = np.sign(right[0, list(columns.columns).index(like)])
    index = pd.Series(sign * left[:, 0] * np.sqrt(len(columns)), index=columns.index, name="index")
    index.attrs["share"] = float(values[0] ** 2 / (values**2).sum())
    return index


def build_factor_score(columns: pd.DataFrame, *, like: str) -> pd.Series:
    """Return the regression score of one common factor: what indicators share, each weighted by how well it shows it.

    Parameters
    ----------
    columns : DataFrame
        Three or more numeric columns without missing values; two do not identify a factor.
    like : str
        The column with which the score goes up.

    Returns
    -------
    Series
        Mean zero, on the rows of ``columns``.

    Raises
    ------
    SpecError
        If there are fewer than three columns, or ``like`` is not among them.

    Notes
    -----
    Maximum likelihood by `statsmodels.multivariate.factor.Factor`, scores by Thomson's regression.
    """
    if columns.shape[1] < 3 or like not in columns:
        raise SpecError("columns", f"{', '.join(columns)}", expected=f"three or more, {like} among them")
    from statsmodels.multivariate.factor import Factor

    standard = (columns - columns.mean()) / columns.std(ddof=0)
    fitted = Factor(standard, n_factor=1, method="ml").fit()
    score = np.asarray(fitted.factor_scoring(standard, method="regression"))[:, 0]
    sign = np.sign(np.corrcoef(score, standard[like])[0, 1])
    return pd.Series(sign * score, index=columns.index, name="factor")


def ridge_path(fit: OrdinalFit, penalties: Sequence[float]) -> pd.DataFrame:
    """Return the coefficients of a cumulative link model under growing ridge penalties.

    Parameters
    ----------
    fit : OrdinalFit
        A concave link, proportional terms only.
    penalties : sequence of float
        Multiples of half the squared length of the standardised coefficients, subtracted from the log-likelihood; zero
        is the fit itself.

    Returns
    -------
    DataFrame
        One row a penalty and coefficient: penalty, term, estimate (in standard deviations of the column: log odds for
        one standard deviation), llf, df (effective number of coefficients), aic (with that number and the thresholds).

    Raises
    ------
    SpecError
        If a penalty is negative, or the fit has nominal or scale terms.
    ConvergenceError
        If a maximum is not reached.

    Notes
    -----
    Le Cessie and van Houwelingen (1992), with an ordered outcome; thresholds are not penalised. The effective number is
    the trace of ``H (H + penalty I)^-1`` over the coefficients, the thresholds held out by the Schur complement. A
    ridge shares between columns what they have in common, where a choice between them would give all to one.
    """
    design, link = fit.estimate.design, fit.estimate.link
    layout = design.layout
    if layout.n_nominal or layout.n_scale or not link.concave:
        raise SpecError("fit", "nominal or scale terms, or cauchit", expected="a concave link and proportional terms")
    if min(penalties) < 0.0:
        raise SpecError("penalties", f"{min(penalties)}", expected="0 or more")
    weights = fit.estimate.problem.weights[design.order][None]
    params = fit.estimate.maximum.params.copy()
    names = fit.estimate.problem.location_names
    parts = []
    for penalty in sorted(penalties):
        wanted = np.zeros(layout.size)
        wanted[layout.location] = penalty
        for _ in range(_MOST_STEPS):
            at = evaluate(design, link, params, weights)
            step = np.linalg.solve(at.information[0] + np.diag(wanted), at.score[0] - wanted * params[0])
            params = params + step
            if np.abs(step).max() < _STEP:
                break
        else:
            raise ConvergenceError("ridge_path", f"a last step of {np.abs(step).max():.1e}", expected="a maximum")
        at = evaluate(design, link, params, weights)
        df = _effective(at.information[0], layout.n_thresholds, penalty)
        llf = float(at.llf[0])
        parts.append(
            pd.DataFrame(
                {
                    "penalty": penalty,
                    "term": names,
                    "estimate": params[0, layout.location],
                    "llf": llf,
                    "df": df,
                    "aic": -2.0 * (llf - df - layout.n_thresholds),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def _effective(information: FloatArray, thresholds: int, penalty: float) -> float:
    inner, cross = information[:thresholds, :thresholds], information[:thresholds, thresholds:]
    profile = information[thresholds:, thresholds:] - cross.T @ np.linalg.solve(inner, cross)
    return float(np.trace(np.linalg.solve(profile + penalty * np.eye(len(profile)), profile)))
