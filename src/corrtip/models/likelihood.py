"""When likelihoods may be compared, where a smaller model lies inside a larger one, and the score test there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from corrtip.errors import ModelError
from corrtip.models.design import Design

if TYPE_CHECKING:
    from corrtip.models.results import Estimate

FloatArray = npt.NDArray[np.float64]

# A cut point of the smaller model, in standard deviations of the link, is met by the larger one to this.
_NESTING_TOLERANCE = 1e-8


def require_likelihood(estimate: Estimate, question: str) -> None:
    """Raise unless the estimate is a maximum of a likelihood, which ``question`` needs.

    Raises
    ------
    ModelError
        If the rows carry sampling weights, or the estimate is bias-reduced.
    """
    if estimate.problem.weight_type == "sampling":
        raise ModelError(
            question,
            "a fit with sampling weights",
            expected="a likelihood: frequency weights or none",
            mend="A weighted sum of log-probabilities has no chi-squared differences; use fit.wald_test",
        )
    if estimate.method == "reduce_bias":
        raise ModelError(
            question,
            "a bias-reduced fit, which does not maximise the likelihood",
            expected="a maximum-likelihood fit",
            mend="Use its Wald intervals and fit.wald_test",
        )


def embed(small: Design, params: FloatArray, large: Design, where: str) -> FloatArray:
    """Return the parameters at which a larger model gives every row the cut points of a smaller one.

    Parameters
    ----------
    small, large : Design
        Over the same rows and outcome.
    params : ndarray, shape (parameters,)
        Standardised parameters of the smaller model.
    where : str
        What an error calls the pair.

    Returns
    -------
    ndarray, shape (parameters of ``large``,)
        Standardised.

    Raises
    ------
    ModelError
        If the larger model cannot reproduce the smaller one, which is then not nested in it.

    Notes
    -----
    The cut points before scaling are linear in the columns, so least squares finds them: a location term of the
    smaller model that is nominal in the larger one becomes ``gamma_j = -beta`` for every threshold.
    """
    lay = large.layout
    heights = _heights(small, params)
    basis = np.concatenate([np.ones((large.n_rows, 1)), large.nominal, large.location], axis=1)
    found = np.linalg.lstsq(basis, heights)[0]
    shared = found[1 + lay.n_nominal :]
    spread, missed = _spread(small, params, large)
    beside = _largest(basis @ found - heights) / (1.0 + _largest(heights))
    if max(missed, beside, _largest(np.diff(shared, axis=1))) > _NESTING_TOLERANCE:
        raise ModelError(
            where,
            "the larger model cannot give every row the cut points of the smaller one",
            expected="a smaller model inside a larger one",
            mend="Compare aic instead",
        )
    embedded = np.concatenate([found[: 1 + lay.n_nominal].reshape(-1), -shared[:, 0], spread[1:]])
    embedded[: lay.n_linear] *= np.exp(-spread[0])
    return embedded


def score_statistic(score: FloatArray, information: FloatArray) -> tuple[float, bool]:
    """Return Rao's ``s' I^- s``, and whether the information has full rank; nan where it is not positive semi-definite.

    Parameters
    ----------
    score : ndarray, shape (parameters,)
    information : ndarray, shape (parameters, parameters)
    """
    values, vectors = np.linalg.eigh(information)
    rounding = len(values) * np.finfo(float).eps * values[-1]
    if values[0] < -rounding:
        return float("nan"), True
    solid = values > rounding
    return float((((vectors.T @ score)[solid]) ** 2 / values[solid]).sum()), bool(solid.all())


def _heights(design: Design, params: FloatArray) -> FloatArray:
    """Return ``theta_j + w'gamma_j - x'beta`` of every row, shape (rows, K - 1)."""
    lay, k = design.layout, design.layout.n_thresholds
    gamma = params[lay.nominal].reshape(lay.n_nominal, k)
    return np.asarray(params[:k] + design.nominal @ gamma - (design.location @ params[lay.location])[:, None])


def _spread(small: Design, params: FloatArray, large: Design) -> tuple[FloatArray, float]:
    """Return intercept and coefficients of the larger model's log-spread, and how far it misses the smaller one's."""
    if not small.layout.n_scale:
        return np.zeros(1 + large.layout.n_scale), 0.0
    wanted = small.scale @ params[small.layout.scale]
    basis = np.concatenate([np.ones((large.n_rows, 1)), large.scale], axis=1)
    found = np.linalg.lstsq(basis, wanted)[0]
    missed = _largest(basis @ found - wanted)
    # An offset has coefficient one before scaling: no constant can be moved out of the spread past it.
    return found, missed if large.offset is None else max(missed, abs(float(found[0])))


def _largest(values: FloatArray) -> float:
    return float(np.abs(values).max(initial=0.0))
