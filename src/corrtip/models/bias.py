"""Mean-bias-reduced estimates: finite where maximum likelihood is not (Kosmidis 2014)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from corrtip.errors import ConvergenceError, ModelError
from corrtip.models.design import Design
from corrtip.models.kernel import Evaluation, evaluate
from corrtip.models.links import Link
from corrtip.models.newton import Maximum, Status, start_values
from corrtip.models.predict import Rows, linear_gradients, log_probabilities

FloatArray = npt.NDArray[np.float64]

# Fisher scoring converges at a linear rate here, so the step bounds the error: 1e-12 standard deviations, or what
# rounding leaves of the worst direction, but nine digits at least.
_STEP_TOLERANCE = 1e-12
_MOST_ROUNDING = 1e-9
_MAX_ITERATIONS = 2000
# A step of more than this many standard deviations is shortened: far out the expected information is nearly flat.
_LONGEST_STEP = 2.0
# A step that takes back more than this share of the one before went too far: from then on half of each is taken.
# Where the adjustment bends faster than the expected information says (cauchit), whole steps would go round for ever.
_TURNED = 0.5
# Cut points nearer than this hold no observation: one among a million rows would keep them farther apart.
_CLOSED_GAP = 1e-7


def bias_reduced(design: Design, link: Link, weights: FloatArray) -> Maximum:
    """Return mean-bias-reduced estimates: a batch of one, with the adjusted score and the expected information.

    Parameters
    ----------
    design : Design
        Location and nominal terms; the adjustment for scale terms is not offered.
    link : Link
    weights : ndarray, shape (1, rows)
        Frequency weights in the sorted order of the design.

    Raises
    ------
    ModelError
        If the design has scale terms.
    ConvergenceError
        If Fisher scoring does not settle, or the rows of a nominal term leave a level between the first and
        the last unobserved: its probability there is estimated as zero, by this method as by maximum likelihood.

    Notes
    -----
    Solves the score equations with the counts ``y_s`` of level s replaced by ``y_s + c_s - c_(s-1)``, where
    ``c_s = w f'(eta_s) z_s' F^-1 z_s / 2``, ``z_s`` is the gradient of cut point s, ``F`` the expected information, and
    ``c_0 = c_K = 0`` (Kosmidis, J. R. Stat. Soc. B 76, 2014, equation 7). With two levels and the logit link this
    is Firth's (1993) penalised likelihood. The estimates are equivariant under linear maps of the columns.
    """
    layout = design.layout
    if layout.n_scale:
        raise ModelError(
            "separation",
            '"reduce_bias" with scale terms',
            expected="location and nominal terms",
            mend="Leave the scale terms out, or remove what separates",
        )
    slope = linear_gradients(
        layout, Rows(location=design.location, nominal=design.nominal, scale=design.scale, offset=design.offset)
    )
    params, iterations = _settle(design, link, weights, slope)
    score, information = adjusted_score(design, link, params, weights[0], slope)
    return Maximum(
        params=params[None],
        at=Evaluation(evaluate(design, link, params[None], weights).llf, score[None], information[None]),
        iterations=np.array([iterations]),
        status=np.array([Status.CONVERGED], dtype=np.int8),
    )


def _settle(design: Design, link: Link, weights: FloatArray, slope: FloatArray) -> tuple[FloatArray, int]:
    """Return the root of the adjusted score and the number of steps of Fisher scoring."""
    params = start_values(design, link, weights)[0]
    before, share = np.zeros_like(params), 1.0
    for iteration in range(_MAX_ITERATIONS):
        score, information = adjusted_score(design, link, params, weights[0], slope)
        step = np.asarray(np.linalg.solve(information, score), dtype=float)
        largest = float(np.abs(step).max())
        rounding = np.finfo(float).eps * float(np.linalg.cond(information))
        if largest <= np.clip(rounding, _STEP_TOLERANCE, _MOST_ROUNDING) * max(1.0, float(np.abs(params).max())):
            return params, iteration
        if step @ before < -_TURNED * (before @ before):
            share /= 2.0
        before = step
        params = _ordered_step(slope, params, step * min(share, _LONGEST_STEP / largest))
        if np.diff(slope @ params, axis=1).min(initial=np.inf) < _CLOSED_GAP:
            raise ConvergenceError(
                "fit",
                "two thresholds meet: the rows of a nominal term leave a level between first and last unobserved",
                expected="rows in every level between, for each nominal term",
                mend="Merge these levels, or give the term one coefficient for all thresholds",
            )
    raise ConvergenceError("fit", f"bias reduction did not settle in {_MAX_ITERATIONS} steps", expected="convergence")


def adjusted_score(
    design: Design, link: Link, params: FloatArray, weights: FloatArray, slope: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the bias-reducing adjusted score and the expected information at ``params``.

    Parameters
    ----------
    design : Design
    link : Link
    params : ndarray, shape (parameters,)
    weights : ndarray, shape (rows,)
    slope : ndarray, shape (rows, K - 1, parameters)
        Gradients of the cut points.
    """
    k = design.layout.n_thresholds
    cuts = slope @ params - (0.0 if design.offset is None else design.offset[:, None])
    log_chance = log_probabilities(link, cuts)
    log_steep = link.log_pdf(cuts)
    # Gradient of each level's log-probability: ratios of what may both be below the smallest number.
    rate = np.zeros((*log_chance.shape, design.layout.size))
    rate[:, :k] += np.exp(log_steep - log_chance[:, :k])[:, :, None] * slope
    rate[:, 1:] -= np.exp(log_steep - log_chance[:, 1:])[:, :, None] * slope
    expected = weights[:, None] * np.exp(log_chance)
    information = np.einsum("rj,rji,rjk->ik", expected, rate, rate, optimize=True)

    leverage = np.einsum("rsi,ij,rsj->rs", slope, np.linalg.inv(information), slope, optimize=True)
    moved = 0.5 * weights[:, None] * np.exp(log_steep) * link.d_log_pdf(cuts) * leverage
    counts = np.zeros_like(log_chance)
    counts[np.arange(len(counts)), design.codes] = weights
    counts[:, :k] += moved
    counts[:, 1:] -= moved
    return np.einsum("rj,rji->i", counts, rate), information


def _ordered_step(slope: FloatArray, params: FloatArray, step: FloatArray) -> FloatArray:
    """Return ``params + step``, the step halved until every row's cut points are in order."""
    moved = params + step
    while (np.diff(slope @ moved, axis=1) <= 0.0).any():
        step = step / 2.0
        moved = params + step
    return np.asarray(moved)
