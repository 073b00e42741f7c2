"""Multiple overimputation: draw the score that error hides, given what was published, the controls and the tier."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from corrtip.errors import ModelError
from corrtip.models.problem import name_thresholds
from corrtip.robustness.pooling import Pooled, pool_arrays
from corrtip.robustness.redrawn import fit_redrawn

if TYPE_CHECKING:
    from corrtip.data.sample import Sample
    from corrtip.robustness.measurement import MeasurementError

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

# Sweeps before the first draw and between two: successive sweeps of a regression with little error forget at once.
_BURN_IN = 200
_BETWEEN = 20


def overimpute(sample: Sample, error: MeasurementError, draws: int = 100, seed: int = 1) -> Pooled:
    """Fit a cumulative link model to scores drawn anew within their published error, and pool the fits.

    Parameters
    ----------
    sample : Sample
    error : MeasurementError
        As from `published_error`.
    draws : int
        Data sets, at least two.
    seed : int

    Returns
    -------
    Pooled

    Raises
    ------
    SpecError
        If the estimator is not clm, or the error is of another variable.
    ModelError
        If a completed data set has no estimate, or the error is as large as the variance that it leaves.

    Notes
    -----
    Blackwell, Honaker and King (2017): a score with error is a missing value about which something is known. The true
    score is normal around a regression on the controls and on the tier (a dummy for each level), the published one
    normal around the true one with the published standard error; a Gibbs sampler draws the regression and the true
    scores in turn. The tier must be among the predictors: scores drawn without it, or the published score plus noise,
    hold less of the relation than the data do, and attenuate once more. Pooled by `pool`.
    """
    error.check_suits(sample)
    controls = sample.x.drop(columns=sample.spec.focal)
    drawn = draw_scores(
        sample.y,
        sample.x[sample.spec.focal].to_numpy(),
        controls.to_numpy(),
        error.std_error,
        draws=draws,
        seed=seed,
    )
    found = fit_redrawn(
        sample.y, drawn[:, :, None], controls.to_numpy(), n_levels=len(sample.levels), link=sample.spec.link
    )
    names = (*name_thresholds(sample.levels), sample.spec.focal, *controls.columns)
    return pool_arrays(found.params, found.covariances, names=names, nobs=len(sample.y))


def draw_scores(
    codes: IntArray, score: FloatArray, controls: FloatArray, std_error: FloatArray, *, draws: int, seed: int
) -> FloatArray:
    """Return draws of the true scores, shape (draws, rows), given scores, their errors, controls and levels.

    Raises
    ------
    ModelError
        If the scores vary no more around the regression than their errors do: no variance is left for the truth.
    """
    levels = np.eye(int(codes.max()) + 1)[codes]
    spread = controls.std(axis=0)
    design = np.column_stack([levels, (controls - controls.mean(axis=0)) / np.where(spread > 0.0, spread, 1.0)])
    rows, columns = design.shape
    residual = score - design @ np.linalg.lstsq(design, score, rcond=None)[0]
    if (residual**2).sum() / (rows - columns) <= (std_error**2).mean():
        raise ModelError(
            "overimpute",
            "the scores vary no more around their regression than their published errors say",
            expected="errors smaller than what the controls and the tier leave open",
            mend="Use fewer controls, or report the reliability instead",
        )
    generator = np.random.default_rng(seed)
    covariance = np.linalg.inv(design.T @ design)
    root = np.linalg.cholesky(covariance)
    precision = 1.0 / np.where(std_error > 0.0, std_error, 1.0) ** 2
    truth = score.copy()
    kept = np.empty((draws, rows))
    for sweep in range(_BURN_IN + _BETWEEN * draws):
        centre = covariance @ (design.T @ truth)
        variance = ((truth - design @ centre) ** 2).sum() / generator.chisquare(rows - columns)
        line = design @ (centre + np.sqrt(variance) * (root @ generator.normal(size=columns)))
        weight = precision + 1.0 / variance
        drawn = (precision * score + line / variance) / weight + generator.normal(size=rows) / np.sqrt(weight)
        truth = np.where(std_error > 0.0, drawn, score)
        place, left = divmod(sweep - _BURN_IN, _BETWEEN)
        if sweep >= _BURN_IN and left == _BETWEEN - 1:
            kept[place] = truth
    return kept
