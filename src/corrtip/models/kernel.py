"""The one engine of the ordinal models: log-likelihood, score and information of a whole batch, and Newton's method on it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from corrtip.models.design import Block, Design, pairs
from corrtip.models.links import Cuts, Link

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

# Newton's error after a step is of the order of the step squared: a last step of 1e-7 standard deviations
# leaves the parameters exact to rounding.
STEP_TOLERANCE = 1e-7
MAX_ITERATIONS = 100
# The log-likelihood is a sum of rounded terms; a change below this share of it is no decrease.
_ROUNDING = 1e-12
_MAX_HALVINGS = 30


class Status(IntEnum):
    """How a model of a batch ended; everything but CONVERGED is a suspect."""

    CONVERGED = 0
    MAX_ITERATIONS = 1
    SINGULAR = 2
    NO_ASCENT = 3
    LEVEL_LOST = 4


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Log-likelihood with its derivatives at one point of each model, in standardised parameters.

    Parameters
    ----------
    llf : ndarray, shape (models,)
    score : ndarray, shape (models, parameters)
    information : ndarray, shape (models, parameters, parameters)
        The negative Hessian (observed information).
    """

    llf: FloatArray
    score: FloatArray
    information: FloatArray

    def take(self, index: IntArray) -> Evaluation:
        """Return the models at ``index``."""
        return Evaluation(self.llf[index], self.score[index], self.information[index])

    def put(self, index: IntArray, other: Evaluation) -> None:
        """Overwrite the models at ``index``."""
        self.llf[index], self.score[index], self.information[index] = other.llf, other.score, other.information


@dataclass(frozen=True, slots=True)
class Maximum:
    """Where Newton's method ended, for each model of the batch, in standardised parameters.

    Parameters
    ----------
    params : ndarray, shape (models, parameters)
    at : Evaluation
        The likelihood there.
    iterations : ndarray of int, shape (models,)
    status : ndarray of int8, shape (models,)
        A `Status` for each model.
    """

    params: FloatArray
    at: Evaluation
    iterations: IntArray
    status: npt.NDArray[np.int8]


def evaluate(design: Design, link: Link, params: FloatArray, weights: FloatArray) -> Evaluation:
    """Return log-likelihood, score and observed information of each model.

    Parameters
    ----------
    design : Design
        Shared by all models of the batch.
    link : Link
    params : ndarray, shape (models, parameters)
        Standardised parameters.
    weights : ndarray, shape (models, rows)
        Case weights, in the sorted order of the design (``weights[:, design.order]``).

    Notes
    -----
    A row contributes ``w log(F(a) - F(b))`` with cuts ``a, b = (C psi - offset) / exp(z' zeta)``. With
    ``e = (C / sigma, -cut z)`` the gradient of a cut, the Hessian is the sum over cuts of ``w l_cc e e'``, over
    inner rows of ``w l_ab (e_a e_b' + e_b e_a')``, and over cuts of ``w l_c`` times the cut's own Hessian.
    """
    size = design.layout.size
    llf = np.zeros(len(params))
    score = np.zeros((len(params), size))
    hessian = np.zeros((len(params), size, size))
    # A disordered candidate has a log-likelihood of -inf and meaningless derivatives; the caller steps back.
    with np.errstate(invalid="ignore", over="ignore"):
        for block in design.blocks():
            _add_block(design, block, link, params, weights[:, block.rows], llf, score, hessian)
    return Evaluation(llf, score, -hessian)


def cut_points(design: Design, block: Block, params: FloatArray) -> tuple[Cuts, FloatArray | None]:
    """Return the cut points of a block at ``params`` (models, parameters), and 1 / sigma by cut (None without scale)."""
    lay = design.layout
    values = params[:, : lay.n_linear] @ block.cuts.T
    if block.offset is not None:
        values -= block.offset
    inverse = None
    if block.scale is not None:
        inverse = np.exp(-(params[:, lay.scale] @ block.scale.T))
        values *= inverse
    gaps = None if block.gap_of_row is None else np.diff(params[:, : lay.n_thresholds], axis=1)
    return Cuts(values, block.n_upper, block.n_first, gaps, block.gap_of_row), inverse


def _add_block(
    design: Design,
    block: Block,
    link: Link,
    params: FloatArray,
    weights: FloatArray,
    llf: FloatArray,
    score: FloatArray,
    hessian: FloatArray,
) -> None:
    lay = design.layout
    cuts, inverse = cut_points(design, block, params)
    terms = link.interval(cuts)
    llf += np.vecdot(weights, terms.log_p)
    by_cut = np.concatenate([weights[:, : block.n_upper], weights[:, block.n_first :]], axis=1)
    gradient = by_cut * terms.gradient
    curvature = by_cut * terms.curvature
    cross = weights[:, block.n_first : block.n_upper] * terms.cross
    if inverse is not None and block.scale is not None:
        _add_scale(design, block, cuts, inverse, gradient, curvature, cross, score, hessian)
        gradient = gradient * inverse
        curvature = curvature * inverse**2
        cross = cross * inverse[:, block.inner_upper] ** 2
    score[:, : lay.n_linear] += gradient @ block.cuts
    hessian[:, : lay.n_linear, : lay.n_linear] += _cross_products(block, curvature, cross)


def _add_scale(
    design: Design,
    block: Block,
    cuts: Cuts,
    inverse: FloatArray,
    gradient: FloatArray,
    curvature: FloatArray,
    cross: FloatArray,
    score: FloatArray,
    hessian: FloatArray,
) -> None:
    lay, z = design.layout, block.scale
    assert z is not None  # the caller has looked
    values = cuts.values
    moved = curvature * values + gradient
    moved[:, block.inner_upper] += cross * values[:, block.inner_lower]
    moved[:, block.inner_lower] += cross * values[:, block.inner_upper]
    score[:, lay.scale] -= (gradient * values) @ z
    mixed = -np.einsum("rc,ci,cj->rij", moved * inverse, block.cuts, z, optimize=True)
    hessian[:, : lay.n_linear, lay.scale] += mixed
    hessian[:, lay.scale, : lay.n_linear] += mixed.transpose(0, 2, 1)
    hessian[:, lay.scale, lay.scale] += np.einsum("rc,ci,cj->rij", moved * values, z, z, optimize=True)


def _cross_products(block: Block, curvature: FloatArray, cross: FloatArray) -> FloatArray:
    """Return the sums of weighted products of the columns of ``cuts``, shape (models, linear, linear)."""
    size = block.cuts.shape[1]
    result = np.empty((len(curvature), size, size))
    if block.products is not None:
        packed = np.concatenate([curvature, cross], axis=1) @ block.products
        left, right = pairs(size)
        result[:, left, right] = packed
        result[:, right, left] = packed
        return result
    upper, lower = block.cuts[block.inner_upper], block.cuts[block.inner_lower]
    for model in range(len(curvature)):
        result[model] = (block.cuts * curvature[model][:, None]).T @ block.cuts
        across = (upper * cross[model][:, None]).T @ lower
        result[model] += across + across.T
    return result


def start_values(design: Design, link: Link, weights: FloatArray) -> FloatArray:
    """Return the maximum without predictors: thresholds at the quantiles of the weighted shares, all else zero.

    A level without weight gives equal or infinite thresholds; `maximise` refuses such a model.
    """
    lay = design.layout
    starts = np.searchsorted(design.codes, np.arange(lay.n_levels))
    shares = np.add.reduceat(weights, starts, axis=1) if len(design.codes) else np.zeros((len(weights), lay.n_levels))
    params = np.zeros((len(weights), lay.size))
    with np.errstate(invalid="ignore", divide="ignore"):
        below = np.cumsum(shares[:, :-1], axis=1) / shares.sum(axis=1, keepdims=True)
        params[:, : lay.n_thresholds] = link.ppf(below)
    return params


def maximise(
    design: Design,
    link: Link,
    weights: FloatArray,
    *,
    start: FloatArray | None = None,
    fixed: npt.NDArray[np.bool_] | None = None,
    max_iterations: int = MAX_ITERATIONS,
) -> Maximum:
    """Return the maximum-likelihood estimates of a batch of models over one design.

    Parameters
    ----------
    design : Design
    link : Link
    weights : ndarray, shape (models, rows)
        Case weights in the sorted order of the design; zero leaves a row out.
    start : ndarray, shape (models, parameters), optional
        Standardised starting values; the default is `start_values`.
    fixed : ndarray of bool, shape (models, parameters), optional
        Parameters that stay at their starting value (an inactive column is one that is fixed at zero).
    max_iterations : int

    Notes
    -----
    Newton's method with step halving. Each model stops by its own rule, when its largest step falls below
    ``STEP_TOLERANCE`` standard deviations; where the information matrix is not positive definite (cauchit,
    scale terms, far from the maximum) the direction comes from its absolute eigenvalues.
    """
    params = start_values(design, link, weights) if start is None else np.array(start, dtype=float)
    at = evaluate(design, link, params, weights)
    ended = Maximum(
        params=params,
        at=at,
        iterations=np.zeros(len(params), dtype=np.intp),
        status=np.full(len(params), Status.MAX_ITERATIONS, dtype=np.int8),
    )
    startable = np.isfinite(at.llf) & np.isfinite(params).all(axis=1)
    ended.status[~startable] = Status.LEVEL_LOST
    index = np.flatnonzero(startable)
    work = _Work(index, params, at, weights, fixed)
    if not startable.all():
        work = _Work(index, params[index], at.take(index), weights[index], None if fixed is None else fixed[index])
    for iteration in range(1, max_iterations + 1):
        if not len(work.index):
            break
        step, usable = _directions(work.at, work.fixed)
        step[~usable] = 0.0
        work, moved = _advance(design, link, work, step)
        small = np.abs(step).max(axis=1, initial=0.0) <= STEP_TOLERANCE
        status = np.where(usable, np.where(small, Status.CONVERGED, Status.NO_ASCENT), Status.SINGULAR)
        stopped = small | ~moved | ~usable
        if iteration == max_iterations:
            status[~stopped] = Status.MAX_ITERATIONS
            stopped[:] = True
        if stopped.any():
            work = _retire(work, stopped, status, iteration, ended)
    return ended


@dataclass(frozen=True, slots=True)
class _Work:
    """The models that are still moving; ``index`` is their place in the batch."""

    index: IntArray
    params: FloatArray
    at: Evaluation
    weights: FloatArray
    fixed: npt.NDArray[np.bool_] | None


def _retire(
    work: _Work, stopped: npt.NDArray[np.bool_], status: npt.NDArray[np.int8], iteration: int, ended: Maximum
) -> _Work:
    """Write the models that stopped to ``ended`` and return the others."""
    out, place = np.flatnonzero(stopped), work.index[stopped]
    ended.params[place] = work.params[out]
    ended.at.put(place, work.at.take(out))
    ended.iterations[place] = iteration
    ended.status[place] = status[out]
    left = np.flatnonzero(~stopped)
    fixed = None if work.fixed is None else work.fixed[left]
    return _Work(work.index[left], work.params[left], work.at.take(left), work.weights[left], fixed)


def _directions(at: Evaluation, fixed: npt.NDArray[np.bool_] | None) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    """Return a direction of ascent for each model, and whether there is one."""
    information, score = at.information, at.score
    if fixed is not None:
        free = ~fixed
        information = information * (free[:, :, None] & free[:, None, :])
        information[:, np.arange(fixed.shape[1]), np.arange(fixed.shape[1])] += fixed
        score = score * free
    try:
        step = np.linalg.solve(information, score[:, :, None])[:, :, 0]
    except np.linalg.LinAlgError:
        step = np.full_like(score, np.nan)
    with np.errstate(invalid="ignore"):
        poor = ~(np.einsum("ij,ij->i", step, score) >= 0.0)
    usable = np.ones(len(step), dtype=bool)
    for model in np.flatnonzero(poor):
        if not np.isfinite(information[model]).all():
            usable[model] = False
            continue
        values, vectors = np.linalg.eigh(information[model])
        size = np.abs(values)
        usable[model] = size.min() > np.finfo(float).eps * size.max()
        step[model] = vectors @ ((vectors.T @ score[model]) / np.maximum(size, np.finfo(float).tiny))
    return step, usable


def _advance(design: Design, link: Link, work: _Work, step: FloatArray) -> tuple[_Work, npt.NDArray[np.bool_]]:
    """Return the models moved along ``step``, halved until the log-likelihood does not fall, and which of them moved."""
    floor = work.at.llf - _ROUNDING * np.abs(work.at.llf)
    params = work.params + step
    at = evaluate(design, link, params, work.weights)
    moved = at.llf >= floor  # False for nan
    length = 1.0
    for _ in range(_MAX_HALVINGS):
        if moved.all():
            break
        length *= 0.5
        waiting = np.flatnonzero(~moved)
        params[waiting] = work.params[waiting] + length * step[waiting]
        at.put(waiting, evaluate(design, link, params[waiting], work.weights[waiting]))
        moved[waiting] = at.llf[waiting] >= floor[waiting]
    if not moved.all():
        stuck = np.flatnonzero(~moved)
        params[stuck] = work.params[stuck]
        at.put(stuck, work.at.take(stuck))
    return _Work(work.index, params, at, work.weights, work.fixed), moved
