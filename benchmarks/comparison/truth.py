"""The truth of a case: its likelihood as the textbook writes it, maximised without any of the programs compared.

Derivatives are taken by complex steps (Squire and Trapp 1998), exact to rounding, on standardised columns.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import minimize

from benchmarks.comparison.case import Case, Truth

ComplexArray = npt.NDArray[np.complex128]
FloatArray = npt.NDArray[np.float64]
Params = FloatArray | ComplexArray
Likelihood = Callable[[Params], complex]

_CDF: dict[str, Callable[[Params], Params]] = {
    "logit": lambda eta: 1.0 / (1.0 + np.exp(-eta)),
    "cauchit": lambda eta: 0.5 + np.arctan(eta) / np.pi,
}
_COMPLEX_STEP = 1e-30
_STEP = 1e-4
_NEWTON_STEPS = 20
_SMALL_SCORE = 1e-9


def find_truth(case: Case) -> Truth | None:
    """Return the maximum of a case's reference rows, or None where no answer exists."""
    if case.reference is None:
        return None
    levels = [level for level in case.levels if (case.reference["y"] == level).any()]
    columns = case.reference[list(case.terms)].to_numpy(dtype=float)
    codes = case.reference["y"].map(levels.index).to_numpy(dtype=int)
    centre, spread = columns.mean(axis=0), columns.std(axis=0)
    log_likelihood = _likelihood(codes, (columns - centre) / spread, len(levels), case.link)
    params = _maximise(log_likelihood, np.bincount(codes), len(case.terms), case.link)
    covariance = np.linalg.inv(-_hessian(log_likelihood, params))
    # theta + centre / spread * beta and beta / spread are the parameters in the user's units.
    cuts = len(levels) - 1
    back = np.eye(len(params))
    back[:cuts, cuts:] = centre / spread
    back[cuts:, cuts:] = np.diag(1.0 / spread)
    names = [*(f"{low}|{high}" for low, high in pairwise(levels)), *case.terms]
    errors = np.sqrt(np.diag(back @ covariance @ back.T))
    return Truth(
        estimates=dict(zip(names, map(float, back @ params), strict=True)),
        errors=dict(zip(names, map(float, errors), strict=True)),
    )


def _likelihood(codes: npt.NDArray[np.int_], columns: FloatArray, n_levels: int, link: str) -> Likelihood:
    cdf, cuts = _CDF[link], n_levels - 1
    above, below = np.minimum(codes, cuts - 1), np.maximum(codes - 1, 0)

    def log_likelihood(params: Params) -> complex:
        predictor = columns @ params[cuts:]
        upper, lower = cdf(params[above] - predictor), cdf(params[below] - predictor)
        shares = np.where(codes == cuts, 1.0, upper) - np.where(codes == 0, 0.0, lower)
        return complex(np.log(shares).sum())

    return log_likelihood


def _score(log_likelihood: Likelihood, params: FloatArray) -> FloatArray:
    steps = 1j * _COMPLEX_STEP * np.eye(len(params))
    return np.array([log_likelihood(params + step).imag / _COMPLEX_STEP for step in steps])


def _hessian(log_likelihood: Likelihood, params: FloatArray) -> FloatArray:
    """Differences of the score, of fourth order: an error of 1e-12 or so on standardised columns."""
    columns = []
    for step in _STEP * np.eye(len(params)):
        near = _score(log_likelihood, params + step) - _score(log_likelihood, params - step)
        far = _score(log_likelihood, params + 2 * step) - _score(log_likelihood, params - 2 * step)
        columns.append((8 * near - far) / (12 * _STEP))
    hessian = np.array(columns)
    return (hessian + hessian.T) / 2


def _maximise(log_likelihood: Likelihood, counts: npt.NDArray[np.int_], n_terms: int, link: str) -> FloatArray:
    shares = np.cumsum(counts)[:-1] / counts.sum()
    quantiles = np.log(shares / (1 - shares)) if link == "logit" else np.tan(np.pi * (shares - 0.5))
    n_cuts = len(shares)

    def unfold(free: FloatArray) -> FloatArray:
        # The search moves the logarithms of the gaps, so that thresholds stay in order.
        return np.concatenate([free[:1] + np.concatenate([[0.0], np.cumsum(np.exp(free[1:n_cuts]))]), free[n_cuts:]])

    start = np.concatenate([quantiles[:1], np.log(np.diff(quantiles)), np.zeros(n_terms)])
    with np.errstate(divide="ignore", invalid="ignore"):
        found = minimize(lambda free: -log_likelihood(unfold(free)).real, start, method="BFGS")
    params = unfold(found.x)
    for _ in range(_NEWTON_STEPS):
        score = _score(log_likelihood, params)
        if np.abs(score).max() < _SMALL_SCORE:
            return params
        params = params - np.linalg.solve(_hessian(log_likelihood, params), score)
    raise ArithmeticError("the reference did not reach its maximum")


def pooled(frame: pd.DataFrame) -> pd.DataFrame:
    """Return weighted rows as what the weights say: each row as often as ``w``."""
    return frame.loc[frame.index.repeat(frame["w"].astype(int))].reset_index(drop=True)
