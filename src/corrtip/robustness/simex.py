"""Simulation extrapolation: add more error of the published size, watch the estimate fade, and go back to none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from corrtip.errors import ModelError
from corrtip.models.problem import name_thresholds
from corrtip.robustness.redrawn import fit_redrawn
from corrtip.robustness.resampling import FEWEST_USABLE

if TYPE_CHECKING:
    from corrtip.data.sample import Sample
    from corrtip.robustness.measurement import MeasurementError

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

# Multiples of the error variance that are added; the estimate without error stands at minus one.
LAMBDAS = (0.0, 0.5, 1.0, 1.5, 2.0)
_NO_ERROR = -1.0
_DEGREE = 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Simex:
    """Estimates as error grows, and what they come to without error.

    Parameters
    ----------
    names : tuple of str
        Thresholds, the focal predictor, the controls.
    path : ndarray, shape (lambdas, parameters)
        Mean estimates with ``1 + lambda`` times the error variance; the first row is the naive fit.
    naive_covariance, covariance : ndarray, shape (parameters, parameters)
    params : ndarray, shape (parameters,)
        Extrapolated to no error.
    reliability : float
        Of the focal variable.
    """

    names: tuple[str, ...]
    path: FloatArray
    naive_covariance: FloatArray
    params: FloatArray
    covariance: FloatArray
    reliability: float

    def tidy(self, alpha: float = 0.05) -> pd.DataFrame:
        """Return one row a parameter: term, naive, estimate, std_error, statistic, p_value, conf_low, conf_high."""
        error = np.sqrt(np.diag(self.covariance))
        statistic = self.params / error
        reach = stats.norm.ppf(1.0 - alpha / 2.0) * error
        return pd.DataFrame(
            {
                "term": self.names,
                "naive": self.path[0],
                "estimate": self.params,
                "std_error": error,
                "statistic": statistic,
                "p_value": 2.0 * stats.norm.sf(np.abs(statistic)),
                "conf_low": self.params - reach,
                "conf_high": self.params + reach,
            }
        )

    def extrapolation(self, term: str, points: int = 61) -> pd.DataFrame:
        """Return the quadratic through a parameter's path, from no error to the most: multiple, estimate."""
        grid = np.linspace(_NO_ERROR, LAMBDAS[-1], points)
        values = _extrapolate(self.path[:, self.names.index(term)], grid)
        return pd.DataFrame({"multiple": 1.0 + grid, "estimate": values})


def simex(sample: Sample, error: MeasurementError, draws: int = 200, seed: int = 1) -> Simex:
    """Correct a cumulative link model for the error of its focal variable.

    Parameters
    ----------
    sample : Sample
    error : MeasurementError
        As from `published_error`.
    draws : int
        Data sets for each multiple of the error.
    seed : int

    Returns
    -------
    Simex

    Raises
    ------
    SpecError
        If the estimator is not clm, or the error is of another variable.
    ModelError
        If a tenth of the draws or more have no estimate.

    Notes
    -----
    Cook and Stefanski (1994): to each score an independent normal error of ``lambda`` times its own variance is added,
    the mean of the estimates over the draws is a function of lambda, and its quadratic extrapolation to ``lambda = -1``
    is the estimate without error. Variance by Stefanski and Cook (1995): the mean model-based covariance less the
    covariance of the estimates over the draws, extrapolated likewise. Quadratic extrapolation is conservative: it
    undoes most of the attenuation, not all, where reliability is low.
    """
    error.check_suits(sample)
    controls = sample.x.drop(columns=sample.spec.focal)
    return simex_of_arrays(
        sample.y,
        sample.x[sample.spec.focal].to_numpy(),
        controls.to_numpy(),
        error.std_error,
        names=(*name_thresholds(sample.levels), sample.spec.focal, *controls.columns),
        link=sample.spec.link,
        draws=draws,
        seed=seed,
    )


def simex_of_arrays(
    codes: IntArray,
    score: FloatArray,
    controls: FloatArray,
    std_error: FloatArray,
    *,
    names: tuple[str, ...],
    link: str = "logit",
    draws: int = 200,
    seed: int = 1,
) -> Simex:
    """Do the same with arrays: levels, scores, other columns, and the standard error of each score."""
    n_levels = int(codes.max()) + 1
    path, covariances = [], []
    for place, multiple in enumerate(LAMBDAS):
        # At no added error every draw is the naive fit: one will do.
        noise = np.random.default_rng([seed, place]).normal(size=(draws if multiple else 1, len(score)))
        drawn = (score + np.sqrt(multiple) * std_error * noise)[:, :, None]
        found = fit_redrawn(codes, drawn, controls, n_levels=n_levels, link=link)
        if found.usable.mean() < FEWEST_USABLE:
            lost = int((~found.usable).sum())
            raise ModelError(
                "simex",
                f"{lost} of {len(found.usable)} draws have no estimate at {multiple:g} times the error",
                expected="nine in ten",
                mend="Drop what nearly separates",
            )
        params = found.params[found.usable]
        spread = np.cov(params, rowvar=False, ddof=1) if len(params) > 1 else 0.0
        path.append(params.mean(axis=0))
        covariances.append(found.covariances[found.usable].mean(axis=0) - spread)
    return Simex(
        names=names,
        path=np.array(path),
        naive_covariance=covariances[0],
        params=_extrapolate(np.array(path), np.array([_NO_ERROR]))[0],
        covariance=_extrapolate(np.array(covariances), np.array([_NO_ERROR]))[0],
        reliability=float(1.0 - (std_error**2).mean() / score.var()),
    )


def _extrapolate(values: FloatArray, at: FloatArray) -> FloatArray:
    """Return the least-squares quadratic in lambda of values (lambdas, ...), at other lambdas: shape (at, ...)."""
    basis = np.vander(np.array(LAMBDAS), _DEGREE + 1)
    flat = values.reshape(len(LAMBDAS), -1)
    coefficients = np.linalg.lstsq(basis, flat, rcond=None)[0]
    return np.asarray(np.vander(at, _DEGREE + 1) @ coefficients).reshape(len(at), *values.shape[1:])
