"""Mean-bias-reduced estimates: finite where maximum likelihood is not (Kosmidis 2014)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from corrtip.errors import ConvergenceError, ModelError
from corrtip.models.design import Design
from corrtip.models.kernel import Evaluation, evaluate
from corrtip.models.links import Link
from corrtip.models.newton import Maximum, Status, start_values
from corrtip.models.predict import Rows, cut_points, probabilities, probability_gradients

FloatArray = npt.NDArray[np.float64]

# Fisher scoring converges at a linear rate here, so the step bounds the error: 1e-12 standard deviations.
_STEP_TOLERANCE = 1e-12
_MAX_ITERATIONS = 2000
# A step of more than this many standard deviations is shortened: far out the expected information is nearly flat.
_LONGEST_STEP = 2.0


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
        If Fisher scoring does not settle.

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
    rows = Rows(location=design.location, nominal=design.nominal, scale=design.scale, offset=design.offset)
    params = start_values(design, link, weights)[0]
    for iteration in range(_MAX_ITERATIONS):
        score, information = adjusted_score(design, link, params, weights[0], rows)
        step = np.asarray(np.linalg.solve(information, score), dtype=float)
        largest = float(np.abs(step).max())
        step *= min(1.0, _LONGEST_STEP / largest) if largest > 0.0 else 1.0
        params = _ordered_step(layout.n_thresholds, params, step)
        if largest <= _STEP_TOLERANCE * max(1.0, float(np.abs(params).max())):
            return _as_maximum(design, link, params, weights, rows, iteration + 1)
    raise ConvergenceError("fit", f"bias reduction did not settle in {_MAX_ITERATIONS} steps", expected="convergence")


def _as_maximum(
    design: Design, link: Link, params: FloatArray, weights: FloatArray, rows: Rows, iterations: int
) -> Maximum:
    score, information = adjusted_score(design, link, params, weights[0], rows)
    llf = evaluate(design, link, params[None], weights).llf
    return Maximum(
        params=params[None],
        at=Evaluation(llf, score[None], information[None]),
        iterations=np.array([iterations]),
        status=np.array([Status.CONVERGED], dtype=np.int8),
    )


def adjusted_score(
    design: Design, link: Link, params: FloatArray, weights: FloatArray, rows: Rows
) -> tuple[FloatArray, FloatArray]:
    """Return the bias-reducing adjusted score and the expected information at ``params``."""
    layout, k = design.layout, design.layout.n_thresholds
    cuts = cut_points(layout, params, rows)
    chance = probabilities(link, cuts)
    gradient = probability_gradients(layout, link, params, rows)
    information = np.einsum("r,rji,rjk->ik", weights, gradient / chance[:, :, None], gradient, optimize=True)

    steep = link.pdf(cuts)
    slope = np.cumsum(gradient, axis=1)[:, :k] / steep[:, :, None]  # z_s: gradient of the cut point itself
    leverage = np.einsum("rsi,ij,rsj->rs", slope, np.linalg.inv(information), slope, optimize=True)
    moved = 0.5 * weights[:, None] * steep * link.d_log_pdf(cuts) * leverage
    counts = np.zeros_like(chance)
    counts[np.arange(len(counts)), design.codes] = weights
    counts[:, :k] += moved
    counts[:, 1:] -= moved
    return np.einsum("rj,rji->i", counts / chance, gradient), information


def _ordered_step(n_thresholds: int, params: FloatArray, step: FloatArray) -> FloatArray:
    """Return ``params + step``, the step halved until the thresholds are in order."""
    moved = params + step
    while (np.diff(moved[:n_thresholds]) <= 0.0).any():
        step = step / 2.0
        moved = params + step
    return np.asarray(moved)
