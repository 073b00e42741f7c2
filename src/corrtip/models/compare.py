"""Does a larger model fit better? Likelihood-ratio and score tests of nested fits."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from corrtip.errors import ConvergenceError, ModelError
from corrtip.models.kernel import evaluate
from corrtip.models.likelihood import embed, require_likelihood, score_statistic

if TYPE_CHECKING:
    from corrtip.models.results import Estimate, OrdinalFit

FloatArray = npt.NDArray[np.float64]

# By this share of itself a larger model's log-likelihood may lie below a smaller one's: rounding.
_ROUNDING = 1e-10


def anova(*fits: OrdinalFit, test: Literal["lr", "score"] = "lr") -> pd.DataFrame:
    """Compare nested fits, each with the next smaller one.

    Parameters
    ----------
    *fits : OrdinalFit
        Two or more maximum-likelihood fits of one outcome to the same rows, one link, in any order.
    test : {"lr", "score"}
        Likelihood ratio, or Rao's score test of the larger model at the smaller one's estimate.

    Returns
    -------
    DataFrame
        One row a fit, fewest parameters first: model, n_params, llf, aic, statistic, df, p_value. The first row has no
        test. The covariance type of the fits does not enter.

    Raises
    ------
    ModelError
        If rows, outcome, weights, offset or link differ, two fits have as many parameters, a smaller one does not lie
        inside the next, or there is no likelihood (sampling weights, bias reduction).
    ConvergenceError
        If a larger model fits worse.

    See Also
    --------
    R: ``anova(clm, clm)``, which compares any two fits with as many rows.

    Notes
    -----
    The likelihood-ratio statistic is ``2 (llf_large - llf_small)``; the score statistic ``s' I^- s`` with the score
    and observed information of the larger model where it equals the smaller (nan where that information is not positive
    semi-definite, as it may be for cauchit and scale terms). Both are asymptotically chi-squared, on as
    many degrees of freedom as the models differ in parameters. One fit lies inside another if the larger model can
    give every row the smaller fit's cut points, however its columns are coded.

    Examples
    --------
    >>> from corrtip.models.model import fit_arrays
    >>> y = [0, 0, 1, 1, 2, 2, 0, 1, 2, 1]
    >>> x = [[9, 1], [8, 3], [5, 2], [6, 1], [2, 4], [5, 1], [4, 5], [3, 2], [1, 1], [7, 4]]
    >>> large = fit_arrays(y, x, levels=["a", "b", "c"], names=["u", "v"])
    >>> small = fit_arrays(y, [row[:1] for row in x], levels=["a", "b", "c"], names=["u"])
    >>> anova(small, large)["n_params"].tolist()
    [3, 4]
    """
    if len(fits) < 2:
        raise ModelError("anova", f"{len(fits)} fit", expected="two or more")
    for fit in fits:
        require_likelihood(fit.estimate, "anova")
    ordered = sorted(fits, key=lambda fit: len(fit.names))
    rows = [_row(ordered[0], float("nan"), 0)]
    for small, large in pairwise(ordered):
        inside = _require_nested(small, large)
        statistic = _likelihood_ratio(small, large) if test == "lr" else _score(large.estimate, inside)
        rows.append(_row(large, statistic, len(large.names) - len(small.names)))
    return pd.DataFrame(rows)


def _row(fit: OrdinalFit, statistic: float, df: int) -> dict[str, object]:
    return {
        "model": _describe(fit),
        "n_params": len(fit.names),
        "llf": fit.llf,
        "aic": fit.aic,
        "statistic": statistic,
        "df": df if df else float("nan"),
        "p_value": float(stats.chi2.sf(statistic, df)) if df else float("nan"),
    }


def _describe(fit: OrdinalFit) -> str:
    problem, terms = fit.estimate.problem, fit.terms
    parts = {
        "": problem.location_names if terms is None else dict.fromkeys(terms.location.term_names),
        "nominal": problem.nominal_names if terms is None or terms.nominal is None else terms.nominal.term_names,
        "scale": problem.scale_names if terms is None or terms.scale is None else terms.scale.term_names,
    }
    texts = {part: " + ".join(dict.fromkeys(names)) for part, names in parts.items()}
    extra = [f"{part} ~ {text}" for part, text in texts.items() if part and text]
    return ", ".join([f"{problem.outcome} ~ {texts[''] or '1'}", *extra])


def _likelihood_ratio(small: OrdinalFit, large: OrdinalFit) -> float:
    gain = large.llf - small.llf
    if gain < -_ROUNDING * abs(large.llf):
        raise ConvergenceError(
            f"anova, {_describe(large)}",
            f"log-likelihood {large.llf:.6f}, below the {small.llf:.6f} of {_describe(small)}",
            expected="a larger model that fits at least as well",
            mend="It stands at a local maximum (cauchit, scale terms): the likelihood has several",
        )
    return max(2.0 * gain, 0.0)


def _score(large: Estimate, inside: FloatArray) -> float:
    there = evaluate(large.design, large.link, inside[None], large.problem.weights[large.design.order][None])
    return score_statistic(there.score[0], there.information[0])[0]


def _require_nested(small: OrdinalFit, large: OrdinalFit) -> FloatArray:
    """Return the larger model's parameters at which it equals the smaller fit, or raise."""
    ours, theirs = small.estimate.problem, large.estimate.problem
    where = f"anova, {_describe(small)} and {_describe(large)}"
    if ours.levels != theirs.levels or not np.array_equal(ours.codes, theirs.codes):
        raise ModelError(
            where,
            f"different outcomes: {len(ours.codes)} and {len(theirs.codes)} rows, "
            f"levels {', '.join(ours.levels)} and {', '.join(theirs.levels)}",
            expected="the same rows in the same order",
            mend="Leave out the rows with a missing value before both fits",
        )
    same = {
        "weights": np.array_equal(ours.weights, theirs.weights),
        "offsets": np.array_equal(_offset(small), _offset(large)),
        "links": small.link == large.link,
    }
    for what, agree in same.items():
        if not agree:
            raise ModelError(where, f"different {what}", expected=f"one and the same {what.removesuffix('s')}")
    if len(small.names) == len(large.names):
        raise ModelError(
            where,
            f"{len(small.names)} parameters each",
            expected="a smaller model inside a larger one",
            mend="Compare aic instead",
        )
    return embed(small.estimate.design, small.estimate.maximum.params[0], large.estimate.design, where)


def _offset(fit: OrdinalFit) -> FloatArray:
    problem = fit.estimate.problem
    return np.zeros(len(problem.codes)) if problem.offset is None else problem.offset
