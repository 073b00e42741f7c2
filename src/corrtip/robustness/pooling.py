"""Rubin's rules: one answer from fits to several completed data sets, and the uncertainty about what was not seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from corrtip.errors import ModelError

FloatArray = npt.NDArray[np.float64]


class Poolable(Protocol):
    """A fit that can be pooled: labelled estimates, their covariance, and the number of rows."""

    @property
    def params(self) -> pd.Series:
        """Estimates."""

    @property
    def nobs(self) -> float:
        """Number of rows."""

    def cov_params(self) -> pd.DataFrame:
        """Return their covariance."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pooled:
    """Estimates over several completed data sets.

    Parameters
    ----------
    names : tuple of str
    params : ndarray, shape (parameters,)
        Means over the data sets.
    covariance : ndarray, shape (parameters, parameters)
        Within plus (1 + 1/m) between.
    df : ndarray, shape (parameters,)
        Degrees of freedom of Student's t (Barnard and Rubin 1999).
    fmi : ndarray, shape (parameters,)
        Fraction of missing information.
    draws : int
        Data sets pooled.
    nobs : float
    """

    names: tuple[str, ...]
    params: FloatArray
    covariance: FloatArray
    df: FloatArray
    fmi: FloatArray
    draws: int
    nobs: float

    def tidy(self, alpha: float = 0.05) -> pd.DataFrame:
        """Return one row a parameter: term, estimate, std_error, statistic, p_value, conf_low, conf_high, df, fmi."""
        error = np.sqrt(np.diag(self.covariance))
        statistic = self.params / error
        reach = stats.t.ppf(1.0 - alpha / 2.0, self.df) * error
        return pd.DataFrame(
            {
                "term": self.names,
                "estimate": self.params,
                "std_error": error,
                "statistic": statistic,
                "p_value": 2.0 * stats.t.sf(np.abs(statistic), self.df),
                "conf_low": self.params - reach,
                "conf_high": self.params + reach,
                "df": self.df,
                "fmi": self.fmi,
            }
        )


def pool(fits: Sequence[Poolable]) -> Pooled:
    """Pool fits of one model to several completed data sets.

    Parameters
    ----------
    fits : sequence
        Fits with the same parameters: `OrdinalFit`, `LinearFit`, or what has ``params``, ``cov_params()``, ``nobs``.

    Returns
    -------
    Pooled

    Raises
    ------
    ModelError
        If there are fewer than two fits, or their parameters differ.
    """
    names = [tuple(fit.params.index) for fit in fits]
    if len(set(names)) > 1:
        raise ModelError("pool", "fits of different parameters", expected="one model, fitted to each data set")
    params = np.array([fit.params.to_numpy() for fit in fits])
    covariances = np.array([fit.cov_params().to_numpy() for fit in fits])
    return pool_arrays(params, covariances, names=names[0] if names else (), nobs=fits[0].nobs if fits else 0.0)


def pool_arrays(params: FloatArray, covariances: FloatArray, *, names: Sequence[str], nobs: float) -> Pooled:
    """Pool estimates and covariances, shapes (draws, parameters) and (draws, parameters, parameters).

    Raises
    ------
    ModelError
        If there are fewer than two draws, or one of them has no estimate.

    Notes
    -----
    Rubin (1987): with m data sets, mean estimate q, mean covariance u within and covariance b between, the total is
    ``t = u + (1 + 1/m) b``. With ``r = (1 + 1/m) b / u`` and ``lambda = (1 + 1/m) b / t`` Rubin's degrees of freedom
    are ``v = (m - 1) / lambda^2``; Barnard and Rubin (1999) join them with those of the complete data, ``v_obs =
    (n - p + 1) / (n - p + 3) (n - p) (1 - lambda)``, as ``1 / (1/v + 1/v_obs)``. The fraction of missing information
    is ``(r + 2 / (df + 3)) / (r + 1)``.
    """
    draws, size = params.shape
    if draws < 2:
        raise ModelError("pool", f"{draws} data sets", expected="two or more")
    lost = int((~np.isfinite(params).all(axis=1)).sum())
    if lost:
        raise ModelError(
            "pool",
            f"{lost} of {draws} data sets have no estimate",
            expected="an estimate of each: leaving some out would choose among the draws",
            mend="Use a model that every completed data set can carry: fewer predictors, or levels joined",
        )
    within = covariances.mean(axis=0)
    between = np.cov(params, rowvar=False, ddof=1).reshape(size, size)
    total = within + (1.0 + 1.0 / draws) * between
    extra = (1.0 + 1.0 / draws) * np.diag(between)
    share, ratio = extra / np.diag(total), extra / np.diag(within)
    complete = nobs - size
    with np.errstate(divide="ignore"):
        rubin = (draws - 1) / share**2
    observed = (complete + 1.0) / (complete + 3.0) * complete * (1.0 - share)
    df = 1.0 / (1.0 / rubin + 1.0 / observed)
    fmi = (ratio + 2.0 / (df + 3.0)) / (ratio + 1.0)
    answers: dict[str, Any] = {"params": params.mean(axis=0), "covariance": total, "df": df, "fmi": fmi}
    return Pooled(names=tuple(names), draws=draws, nobs=nobs, **answers)
