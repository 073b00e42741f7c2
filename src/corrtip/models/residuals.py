"""Residuals of an ordinal model that behave like those of a regression: surrogate residuals."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from corrtip.models.links import Link, get_link
from corrtip.models.predict import cut_points
from corrtip.models.results import OrdinalFit

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
