"""The one engine of the ordinal models: log-likelihood, score and information of a whole batch, and Newton's method on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
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


def evaluate(
    design: Design, link: Link, params: FloatArray, weights: FloatArray, varying: FloatArray | None = None
) -> Evaluation:
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
    varying : ndarray, shape (models, varying columns, rows), optional
        Location columns that differ between models, in the sorted order of the design, of about unit spread.

    Notes
    -----
    A row contributes ``w log(F(a) - F(b))`` with cuts ``a, b = (C psi - offset) / exp(z' zeta)``. With
    ``e = (C / sigma, -cut z)`` the gradient of a cut, the Hessian is the sum over cuts of ``w l_cc e e'``, over
    inner rows of ``w l_ab (e_a e_b' + e_b e_a')``, and over cuts of ``w l_c`` times the cut's own Hessian.
    """
    size = design.layout.size
    result = Evaluation(np.zeros(len(params)), np.zeros((len(params), size)), np.zeros((len(params), size, size)))
    # A disordered candidate has a log-likelihood of -inf and meaningless derivatives; the caller steps back.
    with np.errstate(invalid="ignore", over="ignore"):
        for block in design.blocks():
            inside = None if varying is None else varying[:, :, block.rows]
            _subtract_hessian(design, block, link, params, weights[:, block.rows], inside, result)
    return result


def cut_points(
    design: Design, block: Block, params: FloatArray, varying: FloatArray | None = None
) -> tuple[Cuts, FloatArray | None]:
    """Return the cut points of a block at ``params`` (models, parameters), and 1 / sigma by cut (None without scale)."""
    lay = design.layout
    values = params[:, : lay.n_linear] @ block.cuts.T
    if varying is not None:
        values -= block.by_cut(np.einsum("rv,rvi->ri", params[:, lay.varying], varying))
    if block.offset is not None:
        values -= block.offset
    inverse = None
    if block.scale is not None:
        inverse = np.exp(-(params[:, lay.scale] @ block.scale.T))
        values *= inverse
    gaps = None if block.gap_of_row is None else np.diff(params[:, : lay.n_thresholds], axis=1)
    return Cuts(values, block.n_upper, block.n_first, gaps, block.gap_of_row), inverse


@dataclass(frozen=True, slots=True)
class _Weighted:
    """Weighted derivatives of the log-likelihood by the cut points: by cut, by cut, by inner row."""

    gradient: FloatArray
    curvature: FloatArray
    cross: FloatArray


def _subtract_hessian(
    design: Design,
    block: Block,
    link: Link,
    params: FloatArray,
    weights: FloatArray,
    varying: FloatArray | None,
    result: Evaluation,
) -> None:
    """Add a block's log-likelihood and score to ``result`` and subtract its Hessian from the information."""
    lay = design.layout
    cuts, inverse = cut_points(design, block, params, varying)
    terms = link.interval(cuts)
    by_cut = block.by_cut(weights)
    at = _Weighted(
        by_cut * terms.gradient,
        by_cut * terms.curvature,
        weights[:, block.n_first : block.n_upper] * terms.cross,
    )
    result.llf[:] += np.vecdot(weights, terms.log_p)
    if inverse is not None:
        _scale_part(design, block, cuts, inverse, at, varying, result)
        at = _Weighted(
            at.gradient * inverse, at.curvature * inverse**2, at.cross * inverse[:, block.inner_upper] ** 2
        )
    result.score[:, : lay.n_linear] += at.gradient @ block.cuts
    result.information[:, : lay.n_linear, : lay.n_linear] -= _cross_products(block, at)
    if varying is not None:
        _varying_part(design, block, at, varying, result)


def _varying_part(design: Design, block: Block, at: _Weighted, varying: FloatArray, result: Evaluation) -> None:
    """Add what the models' own location columns contribute: a row's two cuts move together."""
    lay = design.layout
    columns = block.by_cut(varying)
    result.score[:, lay.varying] -= np.einsum("rvc,rc->rv", columns, at.gradient)
    together = _both_cuts(block, at)
    moved = columns * together[:, None, :]
    mixed = moved @ block.cuts
    result.information[:, lay.varying, : lay.n_linear] += mixed
    result.information[:, : lay.n_linear, lay.varying] += mixed.transpose(0, 2, 1)
    result.information[:, lay.varying, lay.varying] -= moved @ columns.transpose(0, 2, 1)


def _both_cuts(block: Block, at: _Weighted) -> FloatArray:
    """Return the second derivative by each cut where both cuts of the row move alike."""
    together = at.curvature.copy()
    together[:, block.inner_upper] += at.cross
    together[:, block.inner_lower] += at.cross
    return together


def _scale_part(
    design: Design,
    block: Block,
    cuts: Cuts,
    inverse: FloatArray,
    at: _Weighted,
    varying: FloatArray | None,
    result: Evaluation,
) -> None:
    lay, z, values = design.layout, block.scale, cuts.values
    assert z is not None  # a block has a scale wherever it has 1 / sigma
    moved = at.curvature * values + at.gradient
    moved[:, block.inner_upper] += at.cross * values[:, block.inner_lower]
    moved[:, block.inner_lower] += at.cross * values[:, block.inner_upper]
    result.score[:, lay.scale] -= (at.gradient * values) @ z
    mixed = np.einsum("rc,ci,cj->rij", moved * inverse, block.cuts, z, optimize=True)
    result.information[:, : lay.n_linear, lay.scale] += mixed
    result.information[:, lay.scale, : lay.n_linear] += mixed.transpose(0, 2, 1)
    result.information[:, lay.scale, lay.scale] -= np.einsum("rc,ci,cj->rij", moved * values, z, z, optimize=True)
    if varying is not None:
        mixed = (block.by_cut(varying) * (moved * inverse)[:, None, :]) @ z
        result.information[:, lay.varying, lay.scale] -= mixed
        result.information[:, lay.scale, lay.varying] -= mixed.transpose(0, 2, 1)


def _cross_products(block: Block, at: _Weighted) -> FloatArray:
    """Return the sums of weighted products of the columns of ``cuts``, shape (models, linear, linear)."""
    size = block.cuts.shape[1]
    result = np.empty((len(at.curvature), size, size))
    if block.products is not None:
        packed = np.concatenate([at.curvature, at.cross], axis=1) @ block.products
        left, right = pairs(size)
        result[:, left, right] = packed
        result[:, right, left] = packed
        return result
    upper, lower = block.cuts[block.inner_upper], block.cuts[block.inner_lower]
    for model in range(len(at.curvature)):
        result[model] = (block.cuts * at.curvature[model][:, None]).T @ block.cuts
        across = (upper * at.cross[model][:, None]).T @ lower
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
    varying: FloatArray | None = None,
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
    varying : ndarray, shape (models, varying columns, rows), optional
        Location columns that differ between models, as for `evaluate`.
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
    at = evaluate(design, link, params, weights, varying)
    ended = Maximum(
        params=params,
        at=at,
        iterations=np.zeros(len(params), dtype=np.intp),
        status=np.full(len(params), Status.MAX_ITERATIONS, dtype=np.int8),
    )
    startable = np.isfinite(at.llf) & np.isfinite(params).all(axis=1)
    ended.status[~startable] = Status.LEVEL_LOST
    work = _Work(np.arange(len(params)), params, at, weights, varying, fixed)
    if not startable.all():
        work = work.take(np.flatnonzero(startable))
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
    varying: FloatArray | None
    fixed: npt.NDArray[np.bool_] | None

    def take(self, place: IntArray) -> _Work:
        return _Work(
            self.index[place],
            self.params[place],
            self.at.take(place),
            self.weights[place],
            None if self.varying is None else self.varying[place],
            None if self.fixed is None else self.fixed[place],
        )


def _retire(
    work: _Work, stopped: npt.NDArray[np.bool_], status: npt.NDArray[np.int8], iteration: int, ended: Maximum
) -> _Work:
    """Write the models that stopped to ``ended`` and return the others."""
    out, place = np.flatnonzero(stopped), work.index[stopped]
    ended.params[place] = work.params[out]
    ended.at.put(place, work.at.take(out))
    ended.iterations[place] = iteration
    ended.status[place] = status[out]
    return work.take(np.flatnonzero(~stopped))


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
    at = evaluate(design, link, params, work.weights, work.varying)
    moved = at.llf >= floor  # False for nan
    length = 1.0
    for _ in range(_MAX_HALVINGS):
        if moved.all():
            break
        length *= 0.5
        waiting = np.flatnonzero(~moved)
        params[waiting] = work.params[waiting] + length * step[waiting]
        part = None if work.varying is None else work.varying[waiting]
        at.put(waiting, evaluate(design, link, params[waiting], work.weights[waiting], part))
        moved[waiting] = at.llf[waiting] >= floor[waiting]
    if not moved.all():
        stuck = np.flatnonzero(~moved)
        params[stuck] = work.params[stuck]
        at.put(stuck, work.at.take(stuck))
    return replace(work, params=params, at=at), moved
