"""What a fitted model says in a reader's terms: probabilities, changes in them, and ratios, with their uncertainty."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special, stats

from corrtip.errors import ModelError
from corrtip.models.counterfactual import Population, categories, check_variable, column_derivatives, population
from corrtip.models.links import MOMENTS
from corrtip.models.predict import (
    Rows,
    by_level,
    cut_gradients,
    cut_points,
    linear_gradients,
    probabilities,
    probability_gradients,
    spread,
)
from corrtip.models.results import Estimate, OrdinalFit

FloatArray = npt.NDArray[np.float64]
At = Mapping[str, Any] | Literal["mean"] | None

# The gradients of a block (rows x levels x parameters) then stay within a few MB.
_BLOCK_ROWS = 4096


def predicted_probabilities(
    fit: OrdinalFit, data: Any = None, alpha: float = 0.05, *, offset: npt.ArrayLike | None = None
) -> pd.DataFrame:
    """Return the probability of each level for each row, with a confidence band.

    Parameters
    ----------
    fit : OrdinalFit
    data : DataFrame or array, optional
        New rows, as for `OrdinalFit.predict`; the fitted rows if not given.
    alpha : float
        One less the confidence level.
    offset : array, optional
        Offset of the new rows; zero if not given.

    Returns
    -------
    DataFrame
        A line for each row and level: row (its label), level, estimate, std_error, conf_low, conf_high.

    Raises
    ------
    ModelError
        If the cumulative probabilities cross at a new row (nominal terms).
    FormulaError
        If new data lack a column, hold an unseen level or a missing value.

    See Also
    --------
    R: ``predict(clm, se.fit=TRUE, interval=TRUE)``, ``marginaleffects::predictions``.

    Notes
    -----
    ``std_error`` is the delta method's, ``sqrt(g' V g)`` with the gradient ``g`` of the probability. The band is taken
    on the logit scale, ``logit(p) +- z * std_error / (p (1 - p))``, and carried back, as in R's ordinal: it lies within
    0 and 1 and is not symmetric about the estimate.

    Examples
    --------
    >>> from corrtip.models.model import fit_arrays
    >>> x = [[1.0], [2.0], [3.0], [4.0], [5.0], [6.0]]
    >>> fit = fit_arrays([0, 1, 0, 1, 2, 1], x, levels=["low", "mid", "high"], names=["x"])
    >>> band = predicted_probabilities(fit, [[3.5]])
    >>> list(band.columns)
    ['row', 'level', 'estimate', 'std_error', 'conf_low', 'conf_high']
    >>> round(float(band["estimate"].sum()), 12)
    1.0
    """
    rows = fit.rows(data, offset)
    blocks = [_probabilities_with_errors(fit.estimate, block) for block in _blocks(rows)]
    estimate, error = (np.concatenate(part) for part in zip(*blocks, strict=True))
    low, high = _logit_band(estimate, error, alpha)
    n_rows, n_levels = estimate.shape
    given = fit.index if data is None else data.index if isinstance(data, pd.DataFrame) else None
    labels = pd.RangeIndex(n_rows) if given is None else given
    return pd.DataFrame(
        {
            "row": np.repeat(labels.to_numpy(), n_levels),
            "level": np.tile(np.array(fit.levels, dtype=object), n_rows),
            "estimate": estimate.ravel(),
            "std_error": error.ravel(),
            "conf_low": low.ravel(),
            "conf_high": high.ravel(),
        }
    )


def average_probabilities(
    fit: OrdinalFit,
    *,
    at: At = None,
    data: pd.DataFrame | None = None,
    offset: npt.ArrayLike | None = None,
    alpha: float = 0.05,
) -> pd.DataFrame:
    """Return the probability of each level averaged over rows, all of them with some variables at chosen values.

    Parameters
    ----------
    fit : OrdinalFit
    at : mapping or "mean", optional
        As for `average_effects`.
    data : DataFrame, optional
        New rows; the fitted rows with their weights if not given.
    offset : array, optional
        Offset of the new rows; zero if not given.
    alpha : float
        One less the confidence level.

    Returns
    -------
    DataFrame
        A line for each level: level, estimate, std_error, conf_low, conf_high; the band as `predicted_probabilities`.

    See Also
    --------
    Stata: ``margins, at()``; R: ``marginaleffects::avg_predictions``.
    """
    people = population(fit, data, offset, at)
    found = _averaged(_probability_effect(fit.estimate), people.weights, people.rows())
    error = found.std_error(fit.estimate.covariance)
    low, high = _logit_band(found.value, error, alpha)
    return pd.DataFrame(
        {"level": list(fit.levels), "estimate": found.value, "std_error": error, "conf_low": low, "conf_high": high}
    )


def average_effects(
    fit: OrdinalFit,
    variable: str,
    *,
    step: float | None = None,
    at: At = None,
    data: pd.DataFrame | None = None,
    offset: npt.ArrayLike | None = None,
    on: Literal["probability", "latent"] = "probability",
    alpha: float = 0.05,
) -> pd.DataFrame:
    """Return the average marginal effect of a variable on the probability of each level.

    Parameters
    ----------
    fit : OrdinalFit
    variable : str
        A variable of the formulas, however it enters (transformed, in interactions, in nominal or scale terms); for
        a fit from arrays, the name of a column.
    step : float, optional
        Change in the probabilities when the variable rises by so much; their derivative if not given. A category, a
        boolean and a number that is only ever 0 or 1 always give the change from the reference level to each other.
    at : mapping or "mean", optional
        Values of variables at which to evaluate every row, ``{"cpi": 5.0}`` or ``{"cpi": "mean"}``; ``"mean"``
        evaluates one row, with numbers at their mean and categories at the most frequent. Otherwise each row stays
        as it is.
    data : DataFrame, optional
        New rows to average over, each counting once; the fitted rows with their weights if not given.
    offset : array, optional
        Offset of the new rows; zero if not given.
    on : {"probability", "latent"}
        ``"latent"`` gives one effect, on the mean of the latent outcome in units of its standard deviation
        (y*-standardised).
    alpha : float
        One less the confidence level.

    Returns
    -------
    DataFrame
        term, contrast (``slope``, ``+1``, ``warm - cold``), level, estimate, std_error, statistic, p_value,
        conf_low, conf_high. The effects on the probabilities add up to zero over the levels.

    Raises
    ------
    ModelError
        If the variable is not in the model, a step has no meaning for it, or the latent outcome has no variance
        (cauchit) or no single mean (nominal terms).
    FormulaError
        If a changed row leaves what the formula can represent.

    See Also
    --------
    statsmodels: ``get_margeff``; Stata: ``margins, dydx()``; R: ``marginaleffects::avg_slopes``, ``avg_comparisons``.

    Notes
    -----
    The variable is changed in the data, and the columns are built again by the formula. Derivatives are analytic in
    the columns, by `column_derivatives` in the variable. Standard errors are the delta method's, with the rows taken
    as given. The latent outcome is ``y* = x'beta + offset + exp(z'zeta) e`` with ``e`` of the link's distribution; its
    standard deviation is that over the fitted rows, and is itself part of the delta method (McKelvey and Zavoina 1975).

    Examples
    --------
    >>> from corrtip.models.model import clm
    >>> data = pd.DataFrame({"tier": [1, 1, 2, 2, 3, 3, 1, 2, 3, 2], "cpi": [9, 8, 5, 6, 2, 5, 4, 3, 1, 7]})
    >>> effects = average_effects(clm("tier ~ cpi", data), "cpi", step=1)
    >>> list(effects["contrast"].unique()), bool(effects["estimate"].iloc[0] > 0)
    (['+1'], True)
    """
    check_variable(fit, variable)
    people = population(fit, data, offset, at)
    measure = _probability_effect(fit.estimate) if on == "probability" else _latent_effect(fit.estimate)
    found = {}
    for label, designs in _contrasts(people, variable, step).items():
        parts = [_averaged(measure, people.weights, *design) for design in designs]
        found[label] = parts[0] if len(parts) == 1 else parts[0].less(parts[1])
    if on == "latent":
        deviation = _latent_deviation(fit)
        found = {label: effect.over(deviation) for label, effect in found.items()}
    levels: list[str | None] = [*fit.levels] if on == "probability" else [None]
    return _effects_table(variable, levels, found, fit.estimate.covariance, alpha)


def odds_ratios(fit: OrdinalFit, alpha: float = 0.05, *, method: Literal["wald", "profile"] = "wald") -> pd.DataFrame:
    """Return the ratio that each coefficient stands for: of odds under logit, of hazards under cloglog.

    Parameters
    ----------
    fit : OrdinalFit
    alpha : float
        One less the confidence level.
    method : {"wald", "profile"}
        Kind of interval, as for `OrdinalFit.conf_int`.

    Returns
    -------
    DataFrame
        term, level (the threshold of a nominal term, or missing), measure, estimate, std_error, statistic, p_value,
        conf_low, conf_high. The interval is that of the coefficient, exponentiated.

    Raises
    ------
    ModelError
        If the link has no such ratio, or scale terms make it depend on the row.

    See Also
    --------
    Stata: ``ologit, or``; R: ``exp(coef(clm))``; statsmodels: ``np.exp(fit.params)``.

    Notes
    -----
    ``logit``: the factor on the odds of a higher level, ``P(Y > j) / P(Y <= j)``, when the variable rises by one:
    ``exp(beta)``, and ``exp(-gamma_j)`` for a nominal term, whose sign is the opposite. ``cloglog``: the factor on the
    hazard ``P(Y = j | Y >= j)`` of stopping at a level, in the proportional-hazards sense: ``exp(-beta)``, and
    ``exp(gamma_j)`` for a nominal term. A ratio's standard error is the delta method's; the test is the coefficient's.
    """
    layout = fit.estimate.design.layout
    measures = {"logit": ("odds ratio", 1.0), "cloglog": ("hazard ratio", -1.0)}
    if fit.link not in measures:
        raise ModelError(
            "link",
            f'"{fit.link}"',
            expected='"logit" (odds ratios) or "cloglog" (hazard ratios)',
            mend="Under another link no ratio is the same at every level; ask average_effects for probabilities",
        )
    if layout.n_scale:
        raise ModelError(
            "odds_ratios", "scale terms", expected="no scale terms: with them the ratio differs from row to row"
        )
    measure, sign = measures[fit.link]
    table = fit.tidy(alpha).iloc[layout.n_thresholds :].reset_index(drop=True)
    ends = fit.conf_int(alpha, list(fit.names[layout.n_thresholds :]), method).to_numpy()
    towards = np.where(table["level"].isna(), sign, -sign)
    ratio = np.exp(towards * table["estimate"])
    low, high = np.sort(towards[:, None] * ends, axis=1).T
    return pd.DataFrame(
        {
            "term": table["term"],
            "level": table["level"],
            "measure": measure,
            "estimate": ratio,
            "std_error": ratio * table["std_error"],
            "statistic": towards * table["statistic"],
            "p_value": table["p_value"],
            "conf_low": np.exp(low),
            "conf_high": np.exp(high),
        }
    )


@dataclass(frozen=True, slots=True)
class _Effect:
    """Quantities with their gradients by the parameters: shapes (quantities,) and (quantities, parameters)."""

    value: FloatArray
    gradient: FloatArray

    def less(self, other: _Effect) -> _Effect:
        return _Effect(self.value - other.value, self.gradient - other.gradient)

    def over(self, other: _Effect) -> _Effect:
        ratio = self.value / other.value
        return _Effect(ratio, (self.gradient - ratio[:, None] * other.gradient) / other.value[:, None])

    def std_error(self, covariance: FloatArray) -> FloatArray:
        return np.asarray(np.sqrt(np.einsum("kp,pq,kq->k", self.gradient, covariance, self.gradient)))


# From rows, and for a derivative those of their columns, to quantities (rows, k) and gradients (rows, k, parameters).
_Measure = Callable[..., tuple[FloatArray, FloatArray]]


def _averaged(measure: _Measure, weights: FloatArray, *designs: Rows) -> _Effect:
    value, gradient = np.zeros(1), np.zeros(1)
    shares, start = weights / weights.sum(), 0
    for blocks in zip(*(_blocks(rows) for rows in designs), strict=True):
        values, gradients = measure(*blocks)
        share = shares[start : start + len(values)]
        value, gradient = value + share @ values, gradient + np.tensordot(share, gradients, 1)
        start += len(values)
    return _Effect(value, gradient)


def _contrasts(people: Population, variable: str, step: float | None) -> dict[str, list[tuple[Rows, ...]]]:
    """Return for each contrast the designs to average: one with its derivatives, or two to be subtracted."""
    levels = categories(people.fit, variable)
    if levels is not None:
        if step not in (None, 1):
            raise ModelError(f'variable "{variable}"', f"step {step}", expected="no step: it is a category, or 0 and 1")
        reference = people.rows({variable: levels[0]})
        return {f"{level} - {levels[0]}": [(people.rows({variable: level}),), (reference,)] for level in levels[1:]}
    if step is None:
        return {"slope": [(people.rows(), column_derivatives(people, variable))]}
    if not np.isfinite(step) or step == 0.0:
        raise ModelError("step", f"{step}", expected="a finite number that is not zero")
    raised = people.rows({variable: people.frame[variable].to_numpy(dtype=float) + step})
    return {f"{step:+g}": [(raised,), (people.rows(),)]}


def _probability_effect(estimate: Estimate) -> _Measure:
    layout, link, params = estimate.design.layout, estimate.link, estimate.params

    def measure(rows: Rows, derivative: Rows | None = None) -> tuple[FloatArray, FloatArray]:
        cuts = cut_points(layout, params, rows)
        if derivative is None:
            return probabilities(link, cuts), probability_gradients(layout, link, params, rows)
        sigma, by_params = spread(layout, params, rows)[:, None], cut_gradients(layout, params, rows)
        # With N / sigma the cut, its derivative is e = N' / sigma - cut * s', where s is the logarithm of sigma.
        linear = linear_gradients(layout, derivative, threshold=0.0) / sigma[:, :, None]
        moved = linear @ params
        widened = derivative.scale @ params[layout.scale]
        slope = moved - cuts * widened[:, None]
        gradient = linear - widened[:, None, None] * by_params
        gradient[:, :, layout.scale] -= moved[:, :, None] * rows.scale[:, None, :]
        gradient[:, :, layout.scale] -= cuts[:, :, None] * derivative.scale[:, None, :]
        density = link.pdf(cuts)
        gradient += (link.d_log_pdf(cuts) * slope)[:, :, None] * by_params
        return by_level(density * slope), by_level(density[:, :, None] * gradient)

    return measure


def _latent_effect(estimate: Estimate) -> _Measure:
    """Return the measure of the latent mean ``x'beta + offset + E(e) exp(z'zeta)``."""
    layout, params = estimate.design.layout, estimate.params
    if estimate.link.name not in MOMENTS:
        raise ModelError("on", '"latent" with the link cauchit', expected="a latent outcome that has a variance")
    if layout.n_nominal:
        raise ModelError(
            "on",
            '"latent" with nominal terms',
            expected="proportional terms alone",
            mend="A nominal term moves thresholds, not the latent outcome; ask for probabilities",
        )
    mean = MOMENTS[estimate.link.name][0]

    def measure(rows: Rows, derivative: Rows | None = None) -> tuple[FloatArray, FloatArray]:
        sigma = spread(layout, params, rows)
        gradient = np.zeros((len(sigma), 1, layout.size))
        if derivative is None:
            gradient[:, 0, layout.location] = rows.location
            gradient[:, 0, layout.scale] = mean * sigma[:, None] * rows.scale
            value = rows.location @ params[layout.location] + mean * sigma
            return (value if rows.offset is None else value + rows.offset)[:, None], gradient
        widened = derivative.scale @ params[layout.scale]
        gradient[:, 0, layout.location] = derivative.location
        gradient[:, 0, layout.scale] = mean * sigma[:, None] * (derivative.scale + widened[:, None] * rows.scale)
        return (derivative.location @ params[layout.location] + mean * sigma * widened)[:, None], gradient

    return measure


def _latent_deviation(fit: OrdinalFit) -> _Effect:
    """Return the standard deviation of the latent outcome over the fitted rows: of its mean, and about its mean."""
    estimate, people = fit.estimate, population(fit)
    layout, params, rows = estimate.design.layout, estimate.params, people.rows()
    means, gradients = _latent_effect(estimate)(rows)
    share = people.weights / people.weights.sum()
    apart = means[:, 0] - share @ means[:, 0]
    within = MOMENTS[estimate.link.name][1] * spread(layout, params, rows) ** 2
    deviation = np.sqrt(share @ (apart**2 + within))
    gradient = (share * apart) @ gradients[:, 0]
    gradient[layout.scale] += (share * within) @ rows.scale
    return _Effect(np.array([deviation]), gradient[None] / deviation)


def _effects_table(
    term: str, levels: list[str | None], found: dict[str, _Effect], covariance: FloatArray, alpha: float
) -> pd.DataFrame:
    estimate = np.concatenate([effect.value for effect in found.values()])
    error = np.concatenate([effect.std_error(covariance) for effect in found.values()])
    reach = float(stats.norm.ppf(1.0 - alpha / 2.0)) * error
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = estimate / error
    return pd.DataFrame(
        {
            "term": term,
            "contrast": np.repeat(np.array(list(found), dtype=object), len(levels)),
            "level": pd.array(levels * len(found), dtype="str"),
            "estimate": estimate,
            "std_error": error,
            "statistic": statistic,
            "p_value": 2.0 * stats.norm.sf(np.abs(statistic)),
            "conf_low": estimate - reach,
            "conf_high": estimate + reach,
        }
    )


def _blocks(rows: Rows) -> Iterator[Rows]:
    for start in range(0, len(rows.location), _BLOCK_ROWS):
        part = slice(start, start + _BLOCK_ROWS)
        yield Rows(
            location=rows.location[part],
            nominal=rows.nominal[part],
            scale=rows.scale[part],
            offset=None if rows.offset is None else rows.offset[part],
        )


def _probabilities_with_errors(estimate: Estimate, rows: Rows) -> tuple[FloatArray, FloatArray]:
    layout, link, params = estimate.design.layout, estimate.link, estimate.params
    gradients = probability_gradients(layout, link, params, rows)
    variance = np.einsum("rkp,pq,rkq->rk", gradients, estimate.covariance, gradients, optimize=True)
    return probabilities(link, cut_points(layout, params, rows)), np.sqrt(variance)


def _logit_band(estimate: FloatArray, error: FloatArray, alpha: float) -> tuple[FloatArray, FloatArray]:
    """Return the ends of the band; the last axis holds the levels, so that one minus a probability keeps its digits."""
    z = float(stats.norm.ppf(1.0 - alpha / 2.0))
    other = np.stack([np.delete(estimate, level, axis=-1).sum(axis=-1) for level in range(estimate.shape[-1])], axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = np.log(estimate) - np.log(other)
        reach = z * error / (estimate * other)
    reach[error == 0.0] = 0.0  # a probability of 0 or 1 to the last bit
    return special.expit(centre - reach), special.expit(centre + reach)
