"""Residuals of an ordinal model that behave like those of a regression: surrogate residuals, and their plot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from corrtip.errors import ModelError
from corrtip.models.counterfactual import check_variable, population
from corrtip.models.fitstats import is_proportional, ranking
from corrtip.models.links import Link, get_link
from corrtip.models.predict import cut_points
from corrtip.models.results import OrdinalFit

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FloatArray = npt.NDArray[np.float64]

# F(-x) of these links is 1 - F(x) of the other; the others are symmetric.
_MIRROR = {"cloglog": "loglog", "loglog": "cloglog"}
_TINY = np.finfo(float).tiny


def surrogate_residuals(fit: OrdinalFit, seed: int = 1) -> pd.Series:
    """Return a surrogate residual for each row: a draw of the latent error, given the level that was observed.

    Parameters
    ----------
    fit : OrdinalFit
    seed : int
        The same seed gives the same draws; a pattern should be seen under several.

    Returns
    -------
    Series
        Standardised latent errors, in the rows of the fit. If the model is right they have the link's distribution in
        every row, whatever the predictors.

    See Also
    --------
    R: ``sure::resids``, which does not divide by the spread of scale terms.

    Notes
    -----
    Row i of level j had its latent error ``e`` between its cut points ``c_(j-1)`` and ``c_j``; the residual is a draw
    from the link's distribution within these (Liu and Zhang, J. Am. Stat. Assoc. 113, 2018), by inversion in the tail
    where the probabilities keep their digits. Case weights do not enter: each row has one draw.

    Examples
    --------
    >>> from corrtip.models.model import fit_arrays
    >>> fit = fit_arrays([0, 1, 0, 1, 2, 1], [[1.0], [2.0], [3.0], [4.0], [5.0], [6.0]], levels="abc", names=["x"])
    >>> surrogate_residuals(fit, seed=1).equals(surrogate_residuals(fit, seed=1))
    True
    """
    estimate = fit.estimate
    cuts = cut_points(estimate.design.layout, estimate.params, fit.rows())
    edge = np.full((len(cuts), 1), np.inf)
    bounds = np.concatenate([-edge, cuts, edge], axis=1)
    row, level = np.arange(len(cuts)), estimate.problem.codes
    share = np.random.default_rng(seed).random(len(cuts))
    drawn = _truncated(estimate.link, bounds[row, level], bounds[row, level + 1], share)
    return pd.Series(drawn, index=fit.index, name="residual")


def plot_residuals(fit: OrdinalFit, *, against: str = "link", seed: int = 1, ax: Axes | None = None) -> Axes:
    """Draw the surrogate residuals of a fit.

    Parameters
    ----------
    fit : OrdinalFit
    against : str
        ``"link"``: quantiles against those of the link's distribution, with the band in which each point of a right
        model lies 95 times of 100; points that leave it speak against the link. ``"fitted"``: against the linear
        predictor (the expected level number where nominal or scale terms leave none). A variable of the model that is
        a number: against that. With the link's quartiles (dashed) and the local middle of the residuals (solid); a
        bend speaks against the form in which a predictor enters, a funnel against equal spread.
    seed : int
        As for `surrogate_residuals`.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    Axes

    Raises
    ------
    ModelError
        If ``against`` is neither of the two and no such variable.

    See Also
    --------
    R: ``sure::autoplot.resid``.

    Notes
    -----
    Rows of weight zero are left out. Axes of a cauchit fit are logarithmic away from zero.
    """
    if ax is None:
        import matplotlib.pyplot as plt

        ax = plt.subplots(layout="constrained")[1]
    counted = fit.estimate.problem.weights > 0.0
    residuals = surrogate_residuals(fit, seed).to_numpy()[counted]
    if against == "link":
        _draw_quantiles(ax, fit.estimate.link, residuals)
    elif against == "fitted":
        _draw_scatter(ax, fit.estimate.link, ranking(fit)[counted], residuals)
        ax.set_xlabel("Linear predictor" if is_proportional(fit) else "Expected level number")
    else:
        _draw_scatter(ax, fit.estimate.link, _numbers(fit, against)[counted], residuals)
        ax.set_xlabel(against)
    if fit.link == "cauchit":
        ax.set_yscale("symlog", linthresh=1.0)
    ax.set_ylabel("Surrogate residual")
    ax.legend(loc="upper left")
    return ax


def _numbers(fit: OrdinalFit, variable: str) -> FloatArray:
    check_variable(fit, variable)
    column = population(fit).frame[variable]
    if not pd.api.types.is_numeric_dtype(column.dtype):
        raise ModelError("against", f'"{variable}" is a category', expected='"link", "fitted" or a measured number')
    return np.asarray(column.to_numpy(dtype=float))


def _truncated(link: Link, lower: FloatArray, upper: FloatArray, share: FloatArray) -> FloatArray:
    """Return the quantiles of the link's distribution between two points at which a share of it lies below."""
    right = lower > 0.0  # count from the upper tail there: by the mirrored link, between mirrored points
    mirror = get_link(_MIRROR.get(link.name, link.name))
    drawn = np.empty_like(share)
    for side, turned in ((~right, False), (right, True)):
        here, low, high = (mirror, -upper[side], -lower[side]) if turned else (link, lower[side], upper[side])
        with np.errstate(divide="ignore"):  # the logarithm of zero, at an infinite bound
            below, above = here.cdf(low), here.cdf(high)
        inside = here.ppf(np.maximum(below + share[side] * (above - below), _TINY))
        inside = np.clip(inside, low, high)
        drawn[side] = -inside if turned else inside
    return drawn


def _draw_quantiles(ax: Axes, link: Link, residuals: FloatArray) -> None:
    count = len(residuals)
    place = np.arange(1, count + 1)
    expected = link.ppf((place - 0.5) / count)
    low, high = (link.ppf(stats.beta.ppf(level, place, count + 1 - place)) for level in (0.025, 0.975))
    ax.fill_between(expected, low, high, color="0.85", linewidth=0, label="95 % band of each point")
    ax.plot(expected, expected, color="0.3", linewidth=1)
    ax.plot(expected, np.sort(residuals), "o", color="C0", markersize=3, markeredgewidth=0)
    ax.set_xlabel(f"Quantile of the {link.name} distribution")
    if link.name == "cauchit":
        ax.set_xscale("symlog", linthresh=1.0)


def _draw_scatter(ax: Axes, link: Link, at: FloatArray, residuals: FloatArray) -> None:
    from statsmodels.nonparametric.smoothers_lowess import lowess

    for number, quartile in enumerate(link.ppf(np.array([0.25, 0.5, 0.75]))):
        label = "Quartiles of the link" if number == 0 else None
        ax.axhline(quartile, color="0.5", linestyle="--", linewidth=1, label=label)
    ax.plot(at, residuals, "o", color="C0", markersize=3, markeredgewidth=0, alpha=0.6)
    # Smoothed as normal scores, under which the residuals of every link are alike, and carried back.
    scores = stats.norm.ppf(np.clip(link.cdf(residuals), _TINY, 1.0 - np.finfo(float).eps))
    places, middle = lowess(scores, at, delta=0.01 * float(np.ptp(at))).T
    ax.plot(places, link.ppf(stats.norm.cdf(middle)), color="0.1", linewidth=1.5, label="Local middle")
