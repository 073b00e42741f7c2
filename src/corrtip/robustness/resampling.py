"""Bootstrap and jackknife of a fitted model: every draw is a set of case weights over one design."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from corrtip.errors import ModelError
from corrtip.models.covariance import score_blocks
from corrtip.models.newton import Status, maximise
from corrtip.models.results import OrdinalFit
from corrtip.robustness.blocks import HERE, Arrays, Run, identify, run_blocks

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

# Draws of one block: the unit that is seeded, computed and, on several processes, handed out. Fixed, so that the same
# seed gives the same draws and the same bits whatever the number of processes.
BLOCK = 500
# Below this share of usable draws an interval would describe the samples that happen to have an estimate.
FEWEST_USABLE = 0.9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bootstrap:
    """Estimates of a model on resampled rows.

    Parameters
    ----------
    fit : OrdinalFit
        The model on the rows as they are.
    draws : ndarray, shape (draws, parameters)
        Estimates in the user's units; nan where the draw has none.
    llf : ndarray, shape (draws,)
        Log-likelihoods there; nan without a refit.
    status : ndarray of int8, shape (draws,)
        A `corrtip.models.newton.Status` for each draw: a draw that separates or loses a level keeps its place.
    jackknife : ndarray, shape (units, parameters)
        Estimates with each resampled unit left out, for BCa intervals; nan where there is none.
    seed : int
    refitted : bool
        False for the preview of `score_bootstrap`, whose draws are one step each.
    """

    fit: OrdinalFit
    draws: FloatArray
    llf: FloatArray
    status: npt.NDArray[np.int8]
    jackknife: FloatArray
    seed: int
    refitted: bool = True

    @property
    def usable(self) -> npt.NDArray[np.bool_]:
        """Which draws have an estimate."""
        return np.asarray(self.status == Status.CONVERGED)

    def tidy(self, alpha: float = 0.05, method: Literal["percentile", "bca"] = "percentile") -> pd.DataFrame:
        """Return one row a parameter: term, level, estimate, std_error (of the draws), conf_low, conf_high, draws.

        Parameters
        ----------
        alpha : float
        method : {"percentile", "bca"}
            Quantiles of the draws, or bias-corrected and accelerated ones (Efron 1987).

        Raises
        ------
        ModelError
            If fewer than nine draws in ten have an estimate, or BCa intervals are asked of a preview.
        """
        if method == "bca" and not self.refitted:
            raise ModelError(
                "method",
                '"bca" of one-step draws, which know no skewness',
                expected='"percentile"',
                mend="Use bootstrap",
            )
        usable = self.usable
        if usable.mean() < FEWEST_USABLE:
            raise ModelError(
                "bootstrap",
                f"{(~usable).sum()} of {len(usable)} draws have no estimate",
                expected="an estimate in nine of ten",
                mend="Drop what nearly separates, or use profile-likelihood intervals",
            )
        draws = self.draws[usable]
        chance = np.tile([alpha / 2.0, 1.0 - alpha / 2.0], (draws.shape[1], 1))
        if method == "bca":
            chance = _bca_levels(draws, self.fit.estimate.params, self.jackknife, chance)
        bounds = np.array([np.quantile(draws[:, place], chance[place]) for place in range(draws.shape[1])])
        table = self.fit.tidy()[["term", "level", "estimate"]]
        return table.assign(
            std_error=draws.std(axis=0, ddof=1), conf_low=bounds[:, 0], conf_high=bounds[:, 1], draws=len(draws)
        )


def bootstrap(fit: OrdinalFit, n: int = 10_000, seed: int = 1, *, clusters: bool = False, run: Run = HERE) -> Bootstrap:
    """Resample the rows of a fitted model, or its clusters, with replacement and fit again.

    Parameters
    ----------
    fit : OrdinalFit
    n : int
        Number of draws.
    seed : int
    clusters : bool
        Resample whole clusters (the fit's ``groups``) instead of rows.
    run : Run
        Where it is computed; the draws do not depend on it.

    Returns
    -------
    Bootstrap

    Raises
    ------
    ModelError
        If clusters are asked for and the fit has none, or ``n`` is not positive.
    """
    if n < 1:
        raise ModelError("n", f"{n}", expected="one draw or more")
    units = _units(fit, clusters)
    sizes = [min(BLOCK, n - first) for first in range(0, n, BLOCK)]
    work = _DrawAndRefit(fit, units, seed)
    identity = identify(fit.estimate.problem, fit.link, units, seed, n)
    results = run_blocks(work, list(enumerate(sizes)), run, identity=identity, sizes=sizes)
    params, llf, status = (np.concatenate(parts) for parts in zip(*results, strict=True))
    return Bootstrap(fit=fit, draws=params, llf=llf, status=status, jackknife=_leave_out(fit, units), seed=seed)


def score_bootstrap(fit: OrdinalFit, n: int = 10_000, seed: int = 1, *, clusters: bool = False) -> Bootstrap:
    """Preview what `bootstrap` will say, without fitting again: one step from the estimate for each draw.

    Parameters
    ----------
    fit : OrdinalFit
        By maximum likelihood.
    n : int
        Number of draws.
    seed : int
        Draws the same rows as `bootstrap` does with it.
    clusters : bool
        Resample whole clusters (the fit's ``groups``) instead of rows.

    Returns
    -------
    Bootstrap
        With ``refitted`` false, no log-likelihoods and no BCa intervals.

    Raises
    ------
    ModelError
        If clusters are asked for and the fit has none, ``n`` is not positive, or the fit is no maximum of a likelihood.

    Notes
    -----
    A draw is ``estimate + I^-1 sum_i (w_i - 1) s_i`` with the scores ``s_i`` and the information of the fit, and ``w``
    how often each row is drawn (Kline and Santos 2012, in the form of Newton's first step from the estimate). Over all
    draws its covariance is exactly the sandwich HC0, or CR0 of clusters. It is a preview and no more: by construction
    it is symmetric about the estimate, knows no skewness and no separation, and its percentile interval is Wald's with
    the sandwich up to the noise of the draws. Where `bootstrap` differs from it, `bootstrap` is to be believed.
    """
    if n < 1:
        raise ModelError("n", f"{n}", expected="one draw or more")
    estimate = fit.estimate
    if estimate.method != "refuse":
        raise ModelError("score_bootstrap", "an estimate with its bias reduced", expected="a maximum of the likelihood")
    draws = step_draws(fit, draw_weights(_units(fit, clusters), seed, n))
    return Bootstrap(
        fit=fit,
        draws=draws,
        llf=np.full(n, np.nan),
        status=np.full(n, Status.CONVERGED, dtype=np.int8),
        jackknife=np.empty((0, draws.shape[1])),
        seed=seed,
        refitted=False,
    )


def influence(fit: OrdinalFit, labels: npt.ArrayLike | None = None) -> pd.DataFrame:
    """Return the estimates with each row left out: which rows carry the result.

    Parameters
    ----------
    fit : OrdinalFit
    labels : array, optional
        Names of the rows; the default is the index of the fitted data.

    Returns
    -------
    DataFrame
        Indexed by row; one column a parameter, the change ``estimate without the row - estimate`` in standard errors
        of the full fit (DFBETAS, exact, not one-step); nan where leaving the row out leaves no estimate.
    """
    without = _leave_out(fit, _units(fit, clusters=False))
    index = fit.index if labels is None else pd.Index(np.asarray(labels))
    return pd.DataFrame((without - fit.estimate.params) / fit.bse.to_numpy(), columns=list(fit.names), index=index)


def draw_weights(units: IntArray, seed: int, draws: int) -> FloatArray:
    """Return how often each row is drawn, shape (draws, rows): units with replacement, as many as there are.

    Parameters
    ----------
    units : ndarray of int, shape (rows,)
        The unit of each row, 0 .. U - 1.
    seed : int
    draws : int
        The first draws of a longer series are the draws of a shorter one.
    """
    sizes = [min(BLOCK, draws - first) for first in range(0, draws, BLOCK)]
    blocks = [draw_block(units, seed, block, size) for block, size in enumerate(sizes)]
    return np.concatenate(blocks) if blocks else np.empty((0, len(units)))


def draw_block(units: IntArray, seed: int, block: int, size: int) -> FloatArray:
    """Return one block of `draw_weights`: how often each row is drawn, shape (size, rows)."""
    # Seed and block together seed the draws, whoever computes them.
    count = int(units.max()) + 1
    drawn = np.random.default_rng([seed, block]).multinomial(count, np.full(count, 1.0 / count), size=size)
    return drawn[:, units].astype(float)


def refit_draws(fit: OrdinalFit, weights: FloatArray) -> tuple[FloatArray, FloatArray, npt.NDArray[np.int8]]:
    """Return estimates in the user's units (nan where there is none), log-likelihood and status of reweighted fits.

    Parameters
    ----------
    fit : OrdinalFit
    weights : ndarray, shape (draws, rows)
        Factors of the fit's own case weights, in the order of its data.
    """
    estimate = fit.estimate
    weights = weights * estimate.problem.weights
    parts = []
    for first in range(0, len(weights), BLOCK):
        block = weights[first : first + BLOCK, estimate.design.order]
        start = np.tile(estimate.maximum.params, (len(block), 1))
        found = maximise(estimate.design, estimate.link, block, start=start, quick=True)
        params = estimate.design.standardisation.to_user(found.params)
        params[found.status != Status.CONVERGED] = np.nan
        parts.append((params, found.at.llf, found.status))
    if not parts:
        return np.empty((0, len(fit.names))), np.empty(0), np.empty(0, dtype=np.int8)
    params, llf, status = (np.concatenate(found) for found in zip(*parts, strict=True))
    return params, llf, status


def step_draws(fit: OrdinalFit, weights: FloatArray) -> FloatArray:
    """Return estimates after one Newton step towards each reweighted fit, shape (draws, parameters), in user units.

    Parameters
    ----------
    fit : OrdinalFit
        By maximum likelihood.
    weights : ndarray, shape (draws, rows)
        Factors of the fit's own case weights, in the order of its data.
    """
    estimate = fit.estimate
    scores = np.empty((len(estimate.problem.codes), len(estimate.params)))
    for rows, part in score_blocks(estimate.design, estimate.link, estimate.maximum.params[0]):
        scores[estimate.design.order[rows]] = part
    scores *= estimate.problem.weights[:, None]
    jacobian = estimate.design.standardisation.jacobian(estimate.maximum.params)[0]
    steps = np.linalg.solve(estimate.maximum.at.information[0], scores.T).T @ jacobian.T
    return np.asarray(estimate.params + (weights - 1.0) @ steps)


@dataclass(frozen=True, slots=True)
class _DrawAndRefit:
    fit: OrdinalFit
    units: IntArray
    seed: int

    def __call__(self, block: tuple[int, int]) -> Arrays:
        number, size = block
        return refit_draws(self.fit, draw_block(self.units, self.seed, number, size))


def _leave_out(fit: OrdinalFit, units: IntArray) -> FloatArray:
    """Return the estimates with each unit left out, shape (units, parameters)."""
    return refit_draws(fit, (units != np.arange(int(units.max()) + 1)[:, None]).astype(float))[0]


def _units(fit: OrdinalFit, clusters: bool) -> IntArray:
    if not clusters:
        return np.arange(len(fit.estimate.problem.codes))
    if fit.estimate.problem.groups is None:
        raise ModelError("clusters", "the fit has no groups", expected="a fit with groups=", mend="Pass groups= to clm")
    return fit.estimate.problem.groups


def _bca_levels(draws: FloatArray, estimate: FloatArray, jackknife: FloatArray, chance: FloatArray) -> FloatArray:
    """Return the quantile levels of BCa intervals (Efron and Tibshirani 1993, equations 14.9 to 14.15)."""
    below = ((draws < estimate).sum(axis=0) + 0.5 * (draws == estimate).sum(axis=0)) / len(draws)
    bias = stats.norm.ppf(below)
    gaps = np.nanmean(jackknife, axis=0) - jackknife
    acceleration = np.nansum(gaps**3, axis=0) / (6.0 * np.nansum(gaps**2, axis=0) ** 1.5)
    z = bias[:, None] + stats.norm.ppf(chance)
    return np.asarray(stats.norm.cdf(bias[:, None] + z / (1.0 - acceleration[:, None] * z)))
