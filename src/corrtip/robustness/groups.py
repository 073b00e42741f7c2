"""Models that share a sample, fitted together: once for each link, on the rows as they are or in every draw."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
import numpy.typing as npt

from corrtip.models.covariance import inverse_columns, white_variances
from corrtip.models.design import Design, prepare
from corrtip.models.links import Link, get_link
from corrtip.models.newton import Maximum, Status, maximise
from corrtip.robustness.blocks import Arrays, Run, run_blocks

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

# Groups whose models are estimated as one piece of work: a tenth of a second.
_TOGETHER = 32
# Newton's method takes information with eigenvalues further apart than rounding for singular; columns enter it squared.
_RANK = float(np.sqrt(np.finfo(float).eps))


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One sample and the models that are fitted to it.

    Parameters
    ----------
    codes : ndarray of int, shape (rows,)
        Outcome levels 0 .. n_levels - 1, the best first.
    n_levels : int
    focal : ndarray, shape (rows,)
        The column whose effect is asked for.
    controls : ndarray, shape (rows, columns)
    country : ndarray of int, shape (rows,)
        Place of each row's country among all countries of the grid.
    measure : ndarray of int, shape (rows,)
        Place of the row's focal variable and year among all those of the grid.
    step : float
        One standard deviation of the focal variable, with the sign that its coefficient is expected to have; towards
        the better end the variable moves by its negative.
    models : tuple of (str, str)
        Link and covariance (nonrobust, HC0 or HC1) of each model.
    starts : mapping of str to ndarray
        Standardised estimates on the rows as they are, by link.
    """

    codes: IntArray
    n_levels: int
    focal: FloatArray
    controls: FloatArray
    country: IntArray
    measure: IntArray
    step: float
    models: tuple[tuple[str, str], ...]
    starts: Mapping[str, FloatArray] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What the models of one link and one sample say, one entry a fit; nan where there is no maximum.

    Parameters
    ----------
    params : ndarray, shape (fits, parameters)
        Standardised: thresholds, focal, controls.
    status : ndarray of int8, shape (fits,)
        How each fit ended, a `Status`.
    estimate : ndarray, shape (fits,)
        Of the focal column, in its units.
    errors : mapping of str to ndarray
        Its standard errors by covariance.
    effect : ndarray, shape (fits,)
        Mean over the rows of what the probability of the best level gains when the focal variable moves one step
        towards its better end.
    """

    params: FloatArray
    status: npt.NDArray[np.int8]
    estimate: FloatArray
    errors: Mapping[str, FloatArray]
    effect: FloatArray


def fit_group(group: Group) -> dict[str, Answers]:
    """Return the fits on the rows as they are, by link."""
    design, weights = _shared(group), np.ones((1, len(group.codes)))
    return {
        link: _fit(design, link, weights, kinds, step=group.step, start=None) for link, kinds in _by_link(group).items()
    }


def fit_groups(groups: Sequence[Group], run: Run, *, identity: str) -> list[dict[str, Answers]]:
    """Return what `fit_group` returns of each group; what ``run`` keeps of it stays, under ``identity``."""
    pieces = [tuple(groups[start : start + _TOGETHER]) for start in range(0, len(groups), _TOGETHER)]
    sizes = [sum(len(group.models) for group in piece) for piece in pieces]
    found = run_blocks(_fit_piece, pieces, run, identity=identity, sizes=sizes, stays=True)
    numbers = chain.from_iterable(array for (array,) in found)
    return [{link: _unpacked(numbers, group, kinds) for link, kinds in _by_link(group).items()} for group in groups]


def _fit_piece(groups: tuple[Group, ...]) -> Arrays:
    return (np.concatenate([_packed(found) for group in groups for found in fit_group(group).values()]),)


def _packed(found: Answers) -> FloatArray:
    """Return the numbers of one fit in a row: an array of its own for each would be mostly its header on the disk."""
    errors = (found.errors[kind] for kind in sorted(found.errors))
    return np.concatenate([found.params[0], found.status, found.estimate, found.effect, *errors])


def _unpacked(numbers: Iterator[float], group: Group, kinds: Set[str]) -> Answers:
    parameters = group.n_levels + group.controls.shape[1]

    def take(count: int = 1) -> FloatArray:
        return np.fromiter(numbers, dtype=np.float64, count=count)

    return Answers(
        params=take(parameters)[None],
        status=take().astype(np.int8),
        estimate=take(),
        effect=take(),
        errors={kind: take() for kind in sorted(kinds)},
    )


def why_lost(group: Group, link: str, status: int) -> str:
    """Return why a model of the group has no estimate on the rows as they are, given the `Status` of its fit.

    A status alone does not tell columns that depend on each other from columns that separate the levels: on the way to
    infinity the information becomes singular too, or rounding ends the ascent. The rank of the columns does, for where
    the likelihood is concave nothing else but separation is left.
    """
    columns = _shared(group).location
    if np.linalg.matrix_rank(columns, rtol=_RANK) < columns.shape[1]:
        return "no estimate is one column's alone: the columns are collinear"
    if get_link(link).concave:
        return "the likelihood has no maximum: some columns separate the levels"
    return f"the search for a maximum found none: {Status(status).name.lower().replace('_', ' ')}"


def refit_rows(group: Group, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return z and effect of every model on reweighted rows, both of shape (draws, models); nan without a maximum.

    Parameters
    ----------
    group : Group
        With starts.
    weights : ndarray, shape (draws, rows)
    """
    design = _shared(group)
    sorted_weights = np.ascontiguousarray(weights[:, design.order])
    found = {
        link: _fit(design, link, sorted_weights, kinds, step=group.step, start=group.starts[link])
        for link, kinds in _by_link(group).items()
    }
    return _by_model(group, found)


def refit_columns(group: Group, columns: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return z and effect of every model with other focal columns, both of shape (draws, models).

    Parameters
    ----------
    group : Group
        With starts.
    columns : ndarray, shape (draws, rows)
    """
    design = prepare(group.codes, group.controls, n_levels=group.n_levels, n_varying=1)
    spread = float(group.focal.std())
    varying = ((columns - group.focal.mean()) / spread)[:, None, design.order]
    weights, k = np.ones((len(columns), len(group.codes))), design.layout.n_thresholds
    found = {}
    for link, kinds in _by_link(group).items():
        start = group.starts[link]
        turned = np.concatenate([start[:k], start[k + 1 :], start[k : k + 1]])
        found[link] = _fit(design, link, weights, kinds, step=group.step, start=turned, varying=varying, spread=spread)
    return _by_model(group, found)


def _by_link(group: Group) -> dict[str, set[str]]:
    """Return the covariances that are asked for of each link."""
    found: dict[str, set[str]] = {}
    for link, covariance in group.models:
        found.setdefault(link, set()).add(covariance)
    return found


def _shared(group: Group) -> Design:
    return prepare(group.codes, np.column_stack([group.focal, group.controls]), n_levels=group.n_levels)


def _fit(
    design: Design,
    link_name: str,
    weights: FloatArray,
    kinds: Set[str],
    *,
    step: float,
    start: FloatArray | None,
    varying: FloatArray | None = None,
    spread: float = 0.0,
) -> Answers:
    """Return the answers of a batch whose focal column is the design's first or, with ``spread``, the varying one."""
    lay, link = design.layout, get_link(link_name)
    found = _maximum(design, link, weights, start, varying)
    place = lay.location.start if varying is None else lay.varying.start
    spread = float(design.standardisation.location[1][0]) if varying is None else spread
    good = np.flatnonzero(found.status == Status.CONVERGED)
    held = Maximum(found.params[good], found.at.take(good), found.iterations[good], found.status[good])
    inside, counts = None if varying is None else varying[good], weights[good]
    n, inverse = counts.sum(axis=1), inverse_columns(held, place)
    variances = {"nonrobust": inverse[:, place]}
    if kinds - {"nonrobust"}:
        white = white_variances(design, link, held, counts, inverse, inside)
        variances |= {"HC0": white, "HC1": white * n / (n - lay.size)}
    latent = held.params[:, lay.location] @ design.location.T
    if inside is not None:
        latent += held.params[:, lay.varying] * inside[:, 0]
    estimate, first = held.params[:, place] / spread, held.params[:, :1] - latent
    gained = link.cdf(first + step * estimate[:, None]) - link.cdf(first)
    whole = len(weights)
    return Answers(
        params=found.params,
        status=found.status,
        estimate=_spread_out(estimate, good, whole),
        errors={kind: _spread_out(np.sqrt(variances[kind]) / spread, good, whole) for kind in kinds},
        effect=_spread_out(np.vecdot(counts, gained) / n, good, whole),
    )


def _maximum(
    design: Design, link: Link, weights: FloatArray, start: FloatArray | None, varying: FloatArray | None
) -> Maximum:
    if start is None:
        return maximise(design, link, weights, varying=varying)
    begin = np.tile(start, (len(weights), 1))
    return maximise(design, link, weights, varying=varying, start=begin, quick=True)


def _spread_out(values: FloatArray, place: IntArray, size: int) -> FloatArray:
    result = np.full(size, np.nan)
    result[place] = values
    return result


def _by_model(group: Group, found: Mapping[str, Answers]) -> tuple[FloatArray, FloatArray]:
    sign = np.sign(group.step)
    z = [sign * found[link].estimate / found[link].errors[covariance] for link, covariance in group.models]
    effect = [found[link].effect for link, _ in group.models]
    return np.stack(z, axis=1), np.stack(effect, axis=1)
