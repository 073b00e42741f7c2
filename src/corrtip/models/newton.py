"""Newton's method on a batch of models: each stops by its own rule and says how it ended."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from corrtip.models.design import Design
from corrtip.models.kernel import Evaluation, evaluate
from corrtip.models.links import Link

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]

# Newton's error after a step is of the order of the step squared: a last step of 1e-7 standard deviations
# leaves the parameters exact to rounding.
STEP_TOLERANCE = 1e-7
MAX_ITERATIONS = 100
# Of a quick fit, whose models are many and start near: one that has not settled in so many nearly separates.
QUICK_ITERATIONS = 25
# A sound model takes four to eight plain steps; one that takes more is better led by its likelihood.
_PLAIN_ITERATIONS = 12
# A plain step goes no further than this, in standard deviations and logits: from afar the full step overshoots, once in
# twenty models of skewed columns so far that it never comes back.
_LONGEST_STEP = 1.0
# In a quick fit the step that follows the last evaluation is taken too: the estimates are then exact to the square of
# this, and the information was taken so near to them that standard errors keep nine digits.
_QUICK_TOLERANCE = 1e-5
# Single precision costs half and knows the parameters to some 1e-5, where two more steps in double precision finish.
_SINGLE_TOLERANCE = 1e-2
_SINGLE_ITERATIONS = 6
# The log-likelihood is a sum of rounded terms; a change below this share of it is no decrease.
_ROUNDING = 1e-12
_MAX_HALVINGS = 30
# From as many rows on, every fiftieth row is fitted first: its maximum is some hundredths of a standard deviation away,
# which saves half of the steps over all rows.
_MANY_ROWS = 100_000
# The C library of Linux hands freed memory back to the system unless it has seen a block of this size freed.
_LARGE_BLOCK = 31 << 20
_STRIDE = 50


class Status(IntEnum):
    """How a model of a batch ended; everything but CONVERGED is a suspect."""

    CONVERGED = 0
    MAX_ITERATIONS = 1
    SINGULAR = 2
    NO_ASCENT = 3
    LEVEL_LOST = 4


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


def _start_from_few(design: Design, link: Link, weights: FloatArray) -> FloatArray:
    """Return the maximum over every fiftieth row; `start_values` of the models that have none there."""
    params = start_values(design, link, weights)
    # Plain steps or none: a level that these rows lack would send its threshold away for as long as it may go.
    found = maximise(design.every(_STRIDE), link, weights[:, ::_STRIDE], start=params, max_iterations=0)
    settled = found.status == Status.CONVERGED
    params[settled] = found.params[settled]
    return params


def maximise(
    design: Design,
    link: Link,
    weights: FloatArray,
    *,
    varying: FloatArray | None = None,
    start: FloatArray | None = None,
    fixed: BoolArray | None = None,
    max_iterations: int | None = None,
    quick: bool = False,
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
        Standardised starting values; the default is `start_values`, or the fit of a share of very many rows.
    fixed : ndarray of bool, shape (models, parameters), optional
        Parameters that stay at their starting value (an inactive column is one that is fixed at zero).
    max_iterations : int, optional
        Of the careful kind; `MAX_ITERATIONS`, in a quick fit `QUICK_ITERATIONS`, if not given.
    quick : bool
        Approach in single precision and stop one evaluation earlier: half the time for thousands of small models, whose
        estimates and standard errors are then those of a single fit to 1e-9, not to rounding.

    Notes
    -----
    Each model stops by its own rule, when its largest step falls below ``STEP_TOLERANCE`` standard deviations.
    Where the log-likelihood is concave, a stationary point is the maximum however it was reached, so plain Newton
    steps go first and need no likelihood. What they do not settle starts anew with steps that are halved until the
    likelihood does not fall; where the information matrix is not positive definite there (cauchit, scale terms),
    the direction comes from its absolute eigenvalues.
    """
    _keep_freed_memory()
    plain = link.concave and not design.layout.n_scale
    if start is not None:
        params = np.array(start, dtype=float)
    elif plain and design.n_rows >= _MANY_ROWS and varying is None and fixed is None:
        params = _start_from_few(design, link, weights)
    else:
        params = start_values(design, link, weights)
    models, size = params.shape
    ended = Maximum(
        params=params.copy(),
        at=Evaluation(np.full(models, -np.inf), np.zeros((models, size)), np.zeros((models, size, size))),
        iterations=np.zeros(models, dtype=np.intp),
        status=np.full(models, Status.LEVEL_LOST, dtype=np.int8),
    )
    startable = np.isfinite(params).all(axis=1)
    work = _Work(np.arange(models), params, weights, varying, fixed)
    if not startable.all():
        work = work.take(np.flatnonzero(startable))
    if plain:
        work = _plain(design, link, work, ended, quick)
    if len(work.index):
        usual = QUICK_ITERATIONS if quick else MAX_ITERATIONS
        _careful(design, link, work, ended, usual if max_iterations is None else max_iterations)
    return ended


def _keep_freed_memory() -> None:
    """Let the allocator keep what an iteration frees for the next one: page faults cost as much as the arithmetic."""
    np.empty(_LARGE_BLOCK, dtype=np.int8)


@dataclass(frozen=True, slots=True)
class _Work:
    """Models that are still moving; ``index`` is their place in the batch."""

    index: IntArray
    params: FloatArray
    weights: FloatArray
    varying: FloatArray | None
    fixed: BoolArray | None

    def single(self) -> _Work:
        return replace(
            self,
            params=self.params.astype(np.float32),
            weights=self.weights.astype(np.float32),
            varying=None if self.varying is None else self.varying.astype(np.float32),
        )

    def take(self, place: IntArray) -> _Work:
        return _Work(
            self.index[place],
            self.params[place],
            self.weights[place],
            None if self.varying is None else self.varying[place],
            None if self.fixed is None else self.fixed[place],
        )

    def evaluate(self, design: Design, link: Link, *, log_likelihood: bool = True) -> Evaluation:
        return evaluate(design, link, self.params, self.weights, self.varying, log_likelihood=log_likelihood)


def _end(ended: Maximum, work: _Work, at: Evaluation, status: Status | npt.NDArray[np.int8], steps: Any) -> None:
    ended.params[work.index] = work.params
    ended.at.put(work.index, at)
    ended.status[work.index] = status
    ended.iterations[work.index] = steps


def _plain(design: Design, link: Link, work: _Work, ended: Maximum, quick: bool) -> _Work:
    """Take plain Newton steps; end the models that settle and return the others, back at their start."""
    begin = work
    if quick:
        near, steps = _steps(design.single(), link, work.single(), _SINGLE_TOLERANCE, _SINGLE_ITERATIONS)
        begin = replace(work, params=np.where(steps[:, None] > 0, near, work.params))
    params, steps = _steps(design, link, begin, _QUICK_TOLERANCE if quick else STEP_TOLERANCE, _PLAIN_ITERATIONS)
    found = replace(work, params=params).take(np.flatnonzero(steps))
    at = found.evaluate(design, link)
    if quick:
        found = replace(found, params=found.params + _newton_step(at, found.fixed))
    # The score continues beyond the likelihood's domain, where it can vanish too: cut points out of order.
    inside = np.flatnonzero(np.isfinite(at.llf) & np.isfinite(found.params).all(axis=1))
    _end(ended, found.take(inside), at.take(inside), Status.CONVERGED, steps[steps > 0][inside])
    steps[np.flatnonzero(steps)[inside]] = -1
    return work.take(np.flatnonzero(steps >= 0))


def _steps(design: Design, link: Link, work: _Work, tolerance: float, limit: int) -> tuple[FloatArray, IntArray]:
    """Return where plain steps lead each model, and how many it took until one was small (0: none was)."""
    params, steps = np.array(work.params), np.zeros(len(work.index), dtype=np.intp)
    place = np.arange(len(work.index))
    for step_number in range(1, limit + 1):
        if not len(place):
            break
        step = _newton_step(work.evaluate(design, link, log_likelihood=False), work.fixed)
        largest = np.abs(step).max(axis=1, initial=0.0)
        shrunk = _LONGEST_STEP / np.maximum(largest, _LONGEST_STEP)
        work = replace(work, params=work.params + step * shrunk[:, None])
        small = largest <= tolerance
        params[place[small]], steps[place[small]] = work.params[small], step_number
        onward = np.flatnonzero((largest > tolerance) & np.isfinite(largest))
        if len(onward) < len(place):
            work, place = work.take(onward), place[onward]
    return params, steps


def _newton_step(at: Evaluation, fixed: BoolArray | None) -> FloatArray:
    """Return the plain Newton step of each model, nan where its information is singular."""
    information, score = _free(at, fixed)
    try:
        return np.asarray(np.linalg.solve(information, score[:, :, None])[:, :, 0])
    except np.linalg.LinAlgError:
        step = np.full_like(score, np.nan)
        for model in np.flatnonzero(np.isfinite(information).all(axis=(1, 2))):
            if np.linalg.cond(information[model]) < 1.0 / np.finfo(float).eps:
                step[model] = np.linalg.solve(information[model], score[model])
        return step


def _free(at: Evaluation, fixed: BoolArray | None) -> tuple[FloatArray, FloatArray]:
    """Return information and score in which fixed parameters do not move."""
    if fixed is None:
        return at.information, at.score
    free = ~fixed
    diagonal = np.arange(fixed.shape[1])
    information = at.information * (free[:, :, None] & free[:, None, :])
    information[:, diagonal, diagonal] += fixed
    return information, at.score * free


def _careful(design: Design, link: Link, work: _Work, ended: Maximum, max_iterations: int) -> None:
    """Take Newton steps that are halved until the log-likelihood does not fall; end every model."""
    at = work.evaluate(design, link)
    known = np.isfinite(at.llf)
    if not known.all():
        lost = np.flatnonzero(~known)
        _end(ended, work.take(lost), at.take(lost), Status.LEVEL_LOST, 0)
        work, at = work.take(np.flatnonzero(known)), at.take(np.flatnonzero(known))
    for iteration in range(1, max_iterations + 1):
        if not len(work.index):
            return
        step, usable = _ascent(at, work.fixed)
        work, at, moved = _advance(design, link, work, at, step)
        small = np.abs(step).max(axis=1, initial=0.0) <= STEP_TOLERANCE
        status = np.select(
            [~usable, small, ~moved], [Status.SINGULAR, Status.CONVERGED, Status.NO_ASCENT], Status.MAX_ITERATIONS
        )
        stopped = small | ~moved | ~usable | (iteration == max_iterations)
        if stopped.any():
            out, left = np.flatnonzero(stopped), np.flatnonzero(~stopped)
            _end(ended, work.take(out), at.take(out), status[out].astype(np.int8), iteration)
            work, at = work.take(left), at.take(left)


def _ascent(at: Evaluation, fixed: BoolArray | None) -> tuple[FloatArray, BoolArray]:
    """Return a direction of ascent for each model (zero where there is none), and whether there is one."""
    information, score = _free(at, fixed)
    step = _newton_step(at, fixed)
    usable = np.ones(len(step), dtype=bool)
    with np.errstate(invalid="ignore"):
        poor = ~(np.einsum("ij,ij->i", step, score) >= 0.0)
    for model in np.flatnonzero(poor):
        step[model] = 0.0
        if not np.isfinite(information[model]).all():
            usable[model] = False
            continue
        values, vectors = np.linalg.eigh(information[model])
        size = np.abs(values)
        usable[model] = size.min() > np.finfo(float).eps * size.max()
        if usable[model]:
            step[model] = vectors @ ((vectors.T @ score[model]) / size)
    return step, usable


def _advance(
    design: Design, link: Link, work: _Work, at: Evaluation, step: FloatArray
) -> tuple[_Work, Evaluation, BoolArray]:
    """Return the models after steps halved until the log-likelihood does not fall, and which of them moved."""
    floor = at.llf - _ROUNDING * np.abs(at.llf)
    ahead = replace(work, params=work.params + step)
    found = ahead.evaluate(design, link)
    moved = found.llf >= floor  # False for nan
    length = 1.0
    for _ in range(_MAX_HALVINGS):
        if moved.all():
            break
        length *= 0.5
        waiting = np.flatnonzero(~moved)
        ahead.params[waiting] = work.params[waiting] + length * step[waiting]
        found.put(waiting, ahead.take(waiting).evaluate(design, link))
        moved[waiting] = found.llf[waiting] >= floor[waiting]
    stuck = np.flatnonzero(~moved)
    ahead.params[stuck] = work.params[stuck]
    found.put(stuck, at.take(stuck))
    return ahead, found, moved
