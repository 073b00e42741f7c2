"""The drawing of an ordinal model's residuals: against the link's distribution, the fitted order, a predictor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from corrtip.errors import ModelError
from corrtip.models.counterfactual import check_variable, population
from corrtip.models.fitstats import is_proportional, ranking
from corrtip.models.links import Link
from corrtip.models.residuals import surrogate_residuals
from corrtip.models.results import OrdinalFit
from corrtip.report.style import COLOURS, INK, house_style, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FloatArray = npt.NDArray[np.float64]

_TINY: Final = np.finfo(float).tiny


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
    counted = fit.estimate.problem.weights > 0.0
    residuals = surrogate_residuals(fit, seed).to_numpy()[counted]
    at, across = (None, "") if against == "link" else _places(fit, against)
    ax = new_axes(6.0, 4.2) if ax is None else ax
    with house_style(ax):
        if at is None:
            _draw_quantiles(ax, fit.estimate.link, residuals)
        else:
            _draw_scatter(ax, fit.estimate.link, at[counted], residuals)
            ax.set_xlabel(across)
        if fit.link == "cauchit":
            ax.set_yscale("symlog", linthresh=1.0)
        ax.set_ylabel("Surrogate residual")
        ax.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=2, borderaxespad=0.2, fontsize="small")
    return ax


def _places(fit: OrdinalFit, against: str) -> tuple[FloatArray, str]:
    """Return where each row stands across, and what that is."""
    if against == "fitted":
        return ranking(fit), "Linear predictor" if is_proportional(fit) else "Expected level number"
    return _numbers(fit, against), against


def _numbers(fit: OrdinalFit, variable: str) -> FloatArray:
    check_variable(fit, variable)
    column = population(fit).frame[variable]
    if not pd.api.types.is_numeric_dtype(column.dtype):
        raise ModelError("against", f'"{variable}" is a category', expected='"link", "fitted" or a measured number')
    return np.asarray(column.to_numpy(dtype=float))


def _draw_quantiles(ax: Axes, link: Link, residuals: FloatArray) -> None:
    count = len(residuals)
    place = np.arange(1, count + 1)
    expected = link.ppf((place - 0.5) / count)
    low, high = (link.ppf(stats.beta.ppf(level, place, count + 1 - place)) for level in (0.025, 0.975))
    ax.fill_between(expected, low, high, color=INK, alpha=0.12, linewidth=0, label="95 % band of each point")
    ax.plot(expected, expected, color=INK, linewidth=1)
    ax.plot(expected, np.sort(residuals), "o", color=COLOURS[0], markersize=3, markeredgewidth=0)
    ax.set_xlabel(f"Quantile of the {link.name} distribution")
    if link.name == "cauchit":
        ax.set_xscale("symlog", linthresh=1.0)


def _draw_scatter(ax: Axes, link: Link, at: FloatArray, residuals: FloatArray) -> None:
    from statsmodels.nonparametric.smoothers_lowess import lowess

    for number, quartile in enumerate(link.ppf(np.array([0.25, 0.5, 0.75]))):
        label = "Quartiles of the link" if number == 0 else None
        ax.axhline(quartile, color=INK, linestyle="--", linewidth=0.8, label=label)
    ax.plot(at, residuals, "o", color=COLOURS[0], markersize=3, markeredgewidth=0, alpha=0.6)
    # Smoothed as normal scores, under which the residuals of every link are alike, and carried back.
    scores = stats.norm.ppf(np.clip(link.cdf(residuals), _TINY, 1.0 - np.finfo(float).eps))
    places, middle = lowess(scores, at, delta=0.01 * float(np.ptp(at))).T
    ax.plot(places, link.ppf(stats.norm.cdf(middle)), color=COLOURS[1], linewidth=2, label="Local middle")
