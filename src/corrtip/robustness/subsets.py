"""Every subset of a pool of columns beside a focal one: blocks of models that share a prefix of columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from enum import IntEnum
from itertools import combinations
from math import comb
from typing import Any

import numpy as np
import numpy.typing as npt

from corrtip.models.design import Design, prepare
from corrtip.models.kernel import evaluate
from corrtip.models.links import Link
from corrtip.models.newton import Status, maximise

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]

# Columns that differ between the models of a block; the others stand in the design that they share. Three make
# blocks of a thousand models where one would make blocks of eight.
_VARYING = 3
# Models fitted at a time: the last few, which take more steps than the others, then cost little beside them.
_CHUNK = 1024
# Models of a unit of work: about a second, so that an interruption loses little and progress is seen.
_UNIT = 15_000


class Outcome(IntEnum):
    """Why a model has an estimate or has none."""

    FITTED = 0
    TOO_FEW_ROWS = 1
    THIN_LEVEL = 2
    NO_MAXIMUM = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """The rows and columns from which subsets are drawn.

    Parameters
    ----------
    codes : ndarray of int, shape (rows,)
        Outcome levels 0 .. K - 1.
    n_levels : int
    focal : ndarray, shape (rows,)
        The column whose coefficient is asked for; nan where missing.
    always : ndarray, shape (rows, columns)
        Columns that every model has; nan where missing.
    pool : ndarray, shape (rows, columns)
        Columns of which every subset enters; nan where missing.
    min_rows, min_level : int
        A model with fewer complete rows, or fewer in a level, is not fitted and says so.
    """

    codes: IntArray
    n_levels: int
    focal: FloatArray
    always: FloatArray
    pool: FloatArray
    min_rows: int = 60
    min_level: int = 5


@dataclass(frozen=True, slots=True)
class SubsetFits:
    """One entry for each model, in the order of `combinations`.

    Parameters
    ----------
    subsets : ndarray of int8, shape (models, size)
        Which columns of the pool.
    outcome : ndarray of int8, shape (models,)
        An `Outcome`.
    n : ndarray of int16, shape (models,)
        Complete rows.
    estimate, std_error : ndarray, shape (models,)
        Of the focal column, in its own units; nan where not fitted.
    latent_sd : ndarray, shape (models,)
        Standard deviation of ``x'beta`` over the model's rows: the scale of y* is this and the link's.
    average_effect : ndarray, shape (models,)
        Average derivative of the probability of the first level by the focal column.
    llf : ndarray, shape (models,)
    """

    subsets: npt.NDArray[np.int8]
    outcome: npt.NDArray[np.int8]
    n: npt.NDArray[np.int16]
    estimate: FloatArray
    std_error: FloatArray
    latent_sd: FloatArray
    average_effect: FloatArray
    llf: FloatArray


def prefixes(columns: int, size: int) -> Iterator[tuple[int, ...]]:
    """Yield the prefixes whose blocks together hold every subset of that size once."""
    yield from combinations(range(columns - min(size, _VARYING)), max(size - _VARYING, 0))


def fit_block(data: Pool, link: Link, prefix: tuple[int, ...], size: int) -> SubsetFits:
    """Return the fits of all subsets of ``size`` columns that begin with ``prefix``.

    Parameters
    ----------
    data : Pool
    link : Link
    prefix : tuple of int
        The first ``size - 3`` columns of the pool, increasing (none where ``size`` is three or less).
    size : int
    """
    first = prefix[-1] + 1 if prefix else 0
    tails = np.array(list(combinations(range(first, data.pool.shape[1]), size - len(prefix))), dtype=np.intp)
    shared = np.column_stack([data.focal, data.always, data.pool[:, list(prefix)]])
    rows = np.flatnonzero(np.isfinite(shared).all(axis=1))
    fits = _empty(prefix, tails)
    observed = np.isfinite(data.pool[rows])
    complete = np.asarray(observed[:, tails].all(axis=2)).T
    fits.n[:] = complete.sum(axis=1)
    levels = np.eye(data.n_levels)[data.codes[rows]]
    fits.outcome[(complete @ levels).min(axis=1) < data.min_level] = Outcome.THIN_LEVEL
    fits.outcome[fits.n < data.min_rows] = Outcome.TOO_FEW_ROWS
    able = np.flatnonzero(fits.outcome == Outcome.FITTED)
    if not len(able):
        return fits
    design = prepare(data.codes[rows], shared[rows], n_levels=data.n_levels, n_varying=tails.shape[1])
    columns = np.ascontiguousarray(_standardised(data.pool[rows], observed)[design.order].T)
    weights = complete.T[design.order].T.astype(float)
    start = _start(design, link, columns, tails)
    for begin in range(0, len(able), _CHUNK):
        chosen = able[begin : begin + _CHUNK]
        chunk = _Chunk(
            place=chosen,
            weights=weights[chosen],
            varying=columns[tails[chosen]],
            start=None if start is None else start[chosen],
        )
        _fit_chunk(design, link, chunk, fits)
    return fits


def join(parts: Sequence[SubsetFits]) -> SubsetFits:
    """Return the fits of several blocks as one."""
    return SubsetFits(
        **{field.name: np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(SubsetFits)}
    )


@dataclass(frozen=True, slots=True)
class Unit:
    """Blocks that are computed, kept and handed out together: the pool's place, prefixes, and number of models."""

    pool: int
    prefixes: tuple[tuple[int, ...], ...]
    models: int


def units_of(pool: int, columns: int, size: int) -> Iterator[Unit]:
    """Yield the units that together hold every subset of ``size`` of a pool's columns, in order."""
    held: list[tuple[int, ...]] = []
    models = 0
    for prefix in prefixes(columns, size):
        held.append(prefix)
        models += comb(columns - (prefix[-1] + 1 if prefix else 0), size - len(prefix))
        if models >= _UNIT:
            yield Unit(pool, tuple(held), models)
            held, models = [], 0
    if held:
        yield Unit(pool, tuple(held), models)


@dataclass(frozen=True, slots=True)
class FitUnit:
    """From a unit to the arrays of its `SubsetFits`.

    It stands here, and not where it is asked for, so that a worker that computes it loads neither figures nor pandas.
    """

    data: tuple[Pool, ...]
    link: Link
    size: int

    def __call__(self, unit: Unit) -> tuple[npt.NDArray[Any], ...]:
        """Return the arrays of the unit's fits."""
        joined = join([fit_block(self.data[unit.pool], self.link, prefix, self.size) for prefix in unit.prefixes])
        return tuple(getattr(joined, field.name) for field in fields(joined))


def _empty(prefix: tuple[int, ...], tails: IntArray) -> SubsetFits:
    models = len(tails)
    subsets = np.empty((models, len(prefix) + tails.shape[1]), dtype=np.int8)
    subsets[:, : len(prefix)] = prefix
    subsets[:, len(prefix) :] = tails
    numbers = [np.full(models, np.nan) for _ in range(5)]
    return SubsetFits(
        subsets=subsets,
        outcome=np.full(models, Outcome.FITTED, dtype=np.int8),
        n=np.zeros(models, dtype=np.int16),
        estimate=numbers[0],
        std_error=numbers[1],
        latent_sd=numbers[2],
        average_effect=numbers[3],
        llf=numbers[4],
    )


def _standardised(columns: FloatArray, observed: BoolArray) -> FloatArray:
    """Return columns of mean zero and unit spread, zero where missing (their weight is zero there)."""
    filled = np.where(observed, columns, 0.0)
    held = np.maximum(observed.sum(axis=0), 1)
    centred = np.where(observed, filled - filled.sum(axis=0) / held, 0.0)
    spread = np.sqrt((centred**2).sum(axis=0) / held)
    return np.asarray(centred / np.where(spread > 0.0, spread, 1.0))


def _start(design: Design, link: Link, columns: FloatArray, tails: IntArray) -> FloatArray | None:
    """Return one Newton step of each model from the maximum with the shared columns alone; None where there is none.

    All first steps read one information matrix, of the shared columns and the whole pool on the rows that have the
    shared ones: a missing value stands at its column's mean, which a starting value may.
    """
    alone = prepare(design.codes, design.location, n_levels=design.layout.n_levels)
    found = maximise(alone, link, np.ones((1, design.n_rows)))
    if found.status[0] != Status.CONVERGED:
        return None
    wide = prepare(design.codes, design.location, n_levels=design.layout.n_levels, n_varying=len(columns))
    shared, models = alone.layout.size, len(tails)
    at = np.append(alone.standardisation.to_user(found.params)[0], np.zeros(len(columns)))[None]
    here = evaluate(wide, link, at, np.ones((1, design.n_rows)), columns[None], log_likelihood=False)
    held = np.concatenate([np.tile(np.arange(shared), (models, 1)), shared + tails], axis=1)
    information, score = here.information[0][held[:, :, None], held[:, None, :]], here.score[0][held]
    try:
        return np.asarray(at[0][held] + np.linalg.solve(information, score[:, :, None])[:, :, 0])
    except np.linalg.LinAlgError:  # two of the columns are one
        return np.asarray(at[0][held])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chunk:
    """Models of a block that are fitted together: place in it, weights, columns of their own, and where to start."""

    place: IntArray
    weights: FloatArray
    varying: FloatArray
    start: FloatArray | None


def _fit_chunk(design: Design, link: Link, chunk: _Chunk, fits: SubsetFits) -> None:
    lay = design.layout
    found = maximise(
        design,
        link,
        chunk.weights,
        varying=chunk.varying,
        start=chunk.start,
        quick=True,
    )
    fits.outcome[chunk.place[found.status != Status.CONVERGED]] = Outcome.NO_MAXIMUM
    good = np.flatnonzero(found.status == Status.CONVERGED)
    place, params, weights, varying = chunk.place[good], found.params[good], chunk.weights[good], chunk.varying[good]
    focal = lay.location.start
    unit = np.zeros((len(good), lay.size, 1))
    unit[:, focal] = 1.0
    scale = design.standardisation.location[1][0]
    variance = np.linalg.solve(found.at.information[good], unit)[:, focal, 0]
    fits.estimate[place] = params[:, focal] / scale
    fits.std_error[place] = np.sqrt(variance) / scale
    fits.llf[place] = found.at.llf[good]
    latent = params[:, lay.location] @ design.location.T
    latent += np.einsum("rv,rvi->ri", params[:, lay.varying], varying)
    total = weights.sum(axis=1)
    mean = np.vecdot(weights, latent) / total
    fits.latent_sd[place] = np.sqrt(np.vecdot(weights, (latent - mean[:, None]) ** 2) / total)
    density = link.pdf(params[:, :1] - latent)
    fits.average_effect[place] = -fits.estimate[place] * np.vecdot(weights, density) / total
