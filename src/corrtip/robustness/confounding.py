"""How strong must something unmeasured be to explain an association away? E-values and robustness values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from corrtip.errors import ModelError, SpecError

if TYPE_CHECKING:
    from corrtip.data.sample import Sample
    from corrtip.models.results import OrdinalFit

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class EValue:
    """The strength of confounding that would explain a risk ratio away.

    Parameters
    ----------
    term : str
    level : str
        The level whose probability is compared: the best.
    step : float
        Change of the term.
    risk_ratio, conf_low, conf_high : float
        Mean probability of the level after the step over that before it, with its 95 % interval.
    e_value : float
        Of the risk ratio.
    e_value_limit : float
        Of the limit of the interval that is nearer to one; one where the interval holds one.
    """

    term: str
    level: str
    step: float
    risk_ratio: float
    conf_low: float
    conf_high: float
    e_value: float
    e_value_limit: float


def e_value(fit: OrdinalFit, term: str, step: float | None = None, alpha: float = 0.05) -> EValue:
    """Return the E-value of a term on the risk-ratio scale of the best level.

    Parameters
    ----------
    fit : OrdinalFit
        With proportional terms only.
    term : str
        One of its coefficients.
    step : float, optional
        One standard deviation of the column if not given.
    alpha : float
        One less the level of the interval.

    Returns
    -------
    EValue

    Raises
    ------
    ModelError
        If the term is not a coefficient, or the fit has nominal or scale terms.

    Notes
    -----
    VanderWeele and Ding (2017): an unmeasured confounder would have to be related to both the predictor and the outcome
    by a risk ratio of at least ``RR + sqrt(RR (RR - 1))``, beyond the measured controls, to explain RR away (ratios
    below one are inverted). The best tier is common, so that an odds ratio would overstate a risk ratio: the
    probabilities themselves are compared, averaged over the rows, with the delta method on the logarithm.
    """
    problem = fit.estimate.problem
    if problem.nominal.shape[1] or problem.scale.shape[1]:
        raise ModelError("e_value", "nominal or scale terms", expected="a fit with proportional terms")
    if term not in problem.location_names:
        raise ModelError("e_value", f'"{term}" is not a coefficient', expected=", ".join(problem.location_names))
    column = problem.location_names.index(term)
    before = problem.location
    change = float(before[:, column].std()) if step is None else float(step)
    after = before.copy()
    after[:, column] += change
    params, layout, link = fit.estimate.params, problem.layout, fit.estimate.link
    weights = problem.weights / problem.weights.sum()
    means, slopes = [], []
    for rows in (before, after):
        shift = rows @ params[layout.location] + (0.0 if problem.offset is None else problem.offset)
        cut = params[0] - shift
        density = weights * link.pdf(cut)
        slope = np.zeros(layout.size)
        slope[0] = density.sum()
        slope[layout.location] = -density @ rows
        means.append(float(weights @ link.cdf(cut)))
        slopes.append(slope)
    gradient = slopes[1] / means[1] - slopes[0] / means[0]
    error = float(np.sqrt(gradient @ fit.estimate.covariance @ gradient))
    log_ratio = float(np.log(means[1] / means[0]))
    reach = float(stats.norm.ppf(1.0 - alpha / 2.0)) * error
    ratio, low, high = (float(np.exp(value)) for value in (log_ratio, log_ratio - reach, log_ratio + reach))
    limit = 1.0 if low <= 1.0 <= high else (low if ratio > 1.0 else high)
    return EValue(
        term=term,
        level=fit.levels[0],
        step=change,
        risk_ratio=ratio,
        conf_low=low,
        conf_high=high,
        e_value=e_value_of(ratio),
        e_value_limit=e_value_of(limit),
    )


def e_value_of(risk_ratio: float) -> float:
    """Return the E-value of a risk ratio.

    Examples
    --------
    >>> round(e_value_of(3.9), 2), round(e_value_of(1 / 3.9), 2), e_value_of(1.0)
    (7.26, 7.26, 1.0)
    """
    ratio = max(risk_ratio, 1.0 / risk_ratio)
    return float(ratio + np.sqrt(ratio * (ratio - 1.0)))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RobustnessValue:
    """The strength of confounding that would bring a least-squares coefficient to zero.

    Parameters
    ----------
    term : str
    partial_r2 : float
        Share of the outcome's remaining variance that the predictor explains.
    value : float
        Share of the remaining variance of both predictor and outcome that a confounder must explain to bring the
        estimate to zero.
    value_alpha : float
        The same, to bring it into insignificance; zero where it is not significant.
    benchmarks : DataFrame
        For each control what it explains: term, r2_outcome, r2_predictor (both partial), for comparison.
    """

    term: str
    partial_r2: float
    value: float
    value_alpha: float
    benchmarks: pd.DataFrame


def robustness_value(sample: Sample, alpha: float = 0.05) -> RobustnessValue:
    """Return the robustness value of the focal predictor in least squares on the level's number.

    Parameters
    ----------
    sample : Sample
        Its estimator does not matter: least squares is fitted.
    alpha : float

    Raises
    ------
    SpecError
        If the focal predictor has levels.

    Notes
    -----
    Cinelli and Hazlett (2020), with ``f = |t| / sqrt(df)`` and ``RV = (sqrt(f^4 + 4 f^2) - f^2) / 2``; for significance
    f is reduced by ``t* / sqrt(df - 1)``, t* the critical value with df - 1 degrees of freedom. It rests on least
    squares, which takes the steps between tiers to be equally long.
    """
    spec = sample.spec
    if spec.focal not in sample.x.columns:
        raise SpecError(f"Spec.focal {spec.focal}", "it has levels", expected="a numeric predictor")
    x = sample.x.to_numpy()
    focal = list(sample.x.columns).index(spec.focal)
    t, df = _t_statistics(x, sample.y.astype(float))
    strength = float(abs(t[focal]) / np.sqrt(df))
    reduced = max(strength - float(stats.t.ppf(1.0 - alpha / 2.0, df - 1) / np.sqrt(df - 1)), 0.0)
    others = [place for place in range(x.shape[1]) if place != focal]
    by_predictor, df_predictor = _t_statistics(x[:, others], x[:, focal])
    benchmarks = pd.DataFrame(
        {
            "term": [sample.x.columns[place] for place in others],
            "r2_outcome": [_partial_r2(t[place], df) for place in others],
            "r2_predictor": [_partial_r2(value, df_predictor) for value in by_predictor],
        }
    )
    return RobustnessValue(
        term=spec.focal,
        partial_r2=_partial_r2(t[focal], df),
        value=_robustness(strength),
        value_alpha=_robustness(reduced),
        benchmarks=benchmarks,
    )


def _t_statistics(x: FloatArray, y: FloatArray) -> tuple[FloatArray, float]:
    """Return the t-statistics of the columns of a regression with an intercept, and its degrees of freedom."""
    from statsmodels.regression.linear_model import OLS

    fitted = OLS(y, np.column_stack([np.ones(len(x)), x])).fit()
    return fitted.tvalues[1:], float(fitted.df_resid)


def _partial_r2(t: float, df: float) -> float:
    return float(t**2 / (t**2 + df))


def _robustness(strength: float) -> float:
    return float((np.sqrt(strength**4 + 4.0 * strength**2) - strength**2) / 2.0)
