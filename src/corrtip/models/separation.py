"""Whether a likelihood has a maximum: a sound fit proves it, a linear programme decides on a suspect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from corrtip.errors import ConvergenceError, ModelError, SeparationError
from corrtip.models.design import Design
from corrtip.models.newton import Maximum, Status
from corrtip.models.problem import Problem

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

# A converged fit whose standardised information has a condition number below this has its maximum where it says:
# Newton's last step then fixes at least six digits of the worst direction, and separation, where information decays
# to nothing along the way out, cannot look like that.
SOUND_CONDITION = 1e8
# Above this the information holds no digit of the worst direction.
SINGULAR_CONDITION = 1e15
# The linear programme works to 1e-7 on columns of unit spread; its answer is then checked to this.
_DIRECTION_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Separation:
    """A direction along which no row's probability falls and some row's rises: the estimate lies at infinity.

    Parameters
    ----------
    names : tuple of str
        The columns without which nothing separates; no threshold moves alone, since each level has rows.
    complete : bool
        Whether every row's probability tends to one (complete separation) or only some do (quasi-complete).
    """

    names: tuple[str, ...]
    complete: bool


def check_maximum(problem: Problem, design: Design, maximum: Maximum) -> None:
    """Return silently where the kernel ended at a maximum, else raise.

    Raises
    ------
    ModelError
        If columns are linearly dependent (named).
    SeparationError
        If a combination of columns separates the outcome's levels (named), so that no finite estimate exists.
    ConvergenceError
        If the maximum exists but was not reached, or its information is singular.
    """
    status = Status(maximum.status[0])
    information = maximum.at.information[0]
    condition = float(np.linalg.cond(information)) if np.isfinite(information).all() else np.inf
    if status == Status.CONVERGED and condition < SOUND_CONDITION:
        return
    refuse_dependence(problem, design)
    found = find_separation(problem)
    if found is not None:
        kind = "completely" if found.complete else "for some rows"
        raise SeparationError(
            f"fit of {problem.outcome}",
            f"{', '.join(found.names)} separate{'s' if len(found.names) == 1 else ''} the levels {kind}: "
            "the likelihood rises for ever and no finite estimate exists",
            expected="columns under which the levels overlap",
            mend='Drop or merge them, or ask for finite estimates with separation="reduce_bias"',
        )
    if status != Status.CONVERGED or condition >= SINGULAR_CONDITION:
        raise ConvergenceError(
            f"fit of {problem.outcome}",
            f"Newton's method ended with {status.name.lower()} after {maximum.iterations[0]} steps, "
            f"condition number {condition:.1e}",
            expected="a maximum",
            mend="Fewer or less related terms, or a link whose likelihood is concave, may have one",
        )


def find_separation(problem: Problem) -> Separation | None:
    """Return the separation of a problem's levels, or None where the maximum exists.

    Exact for location and nominal terms; scale terms take no part. The names are those of columns that separate
    together, none of which can be spared; if others separate without them, of those as well.

    Notes
    -----
    The maximum is finite and unique if and only if no direction ``d`` has ``u'd >= 0`` for every upper cut and
    ``v'd <= 0`` for every lower cut with one of them strict (Albert and Anderson 1984, for cumulative models Haberman
    1980). The programme maximises the sum of these slacks over ``-1 <= d <= 1`` (Konis 2007), on columns that are
    scaled to unit spread.
    """
    slacks = _slacks(problem)
    size = np.abs(slacks).max(axis=0)
    scaled = slacks / np.where(size > 0.0, size, 1.0)
    is_column = np.arange(scaled.shape[1]) >= problem.layout.n_thresholds
    found = _rising_direction(scaled, np.ones(scaled.shape[1], dtype=bool))
    if found is None:
        return None
    named = np.zeros_like(is_column)
    while (fewest := _fewest(scaled, found, is_column)).any():
        named |= fewest
        further = _rising_direction(scaled, ~named)
        if further is None:
            break
        found = further
    names = tuple(name for name, part in zip(problem.param_names, named, strict=False) if part)
    return Separation(names=names, complete=_is_complete(scaled))


def _rising_direction(scaled: FloatArray, free: BoolArray) -> FloatArray | None:
    """Return a direction in the free parameters along which no slack falls and some rise, or None."""
    reach = np.where(free, 1.0, 0.0)
    solution = _programme(scaled.sum(axis=0), scaled, reach)
    direction = np.where(np.abs(solution) > _DIRECTION_TOLERANCE, solution, 0.0)
    gained = _gains(scaled, direction)
    return direction if (gained >= 0.0).all() and (gained > 0.0).any() else None


def _is_complete(scaled: FloatArray) -> bool:
    """Return whether some direction raises every slack: the largest that all can share is then positive."""
    shared = np.column_stack([scaled, -np.ones(len(scaled))])
    wanted = np.append(np.zeros(scaled.shape[1]), 1.0)
    return bool(_programme(wanted, shared, np.ones(shared.shape[1]))[-1] > _DIRECTION_TOLERANCE)


def _programme(wanted: FloatArray, rising: FloatArray, reach: FloatArray) -> FloatArray:
    """Return the point of the box ``|x| <= reach`` that maximises ``wanted'x`` while ``rising @ x`` stays positive."""
    from scipy.optimize import linprog

    bounds = np.column_stack([-reach, reach])
    solved = linprog(-wanted, A_ub=-rising, b_ub=np.zeros(len(rising)), bounds=bounds, method="highs")
    if solved.status != 0:
        raise ConvergenceError("separation", f"the linear programme ended with: {solved.message}")
    return np.asarray(solved.x, dtype=float)


def _gains(scaled: FloatArray, direction: FloatArray) -> FloatArray:
    """Return how each slack changes along a direction, zero where the sum is not known to be anything else."""
    gained = scaled @ direction
    # The sizes of the summands say how well the sum is known.
    noise = _DIRECTION_TOLERANCE * np.maximum(np.abs(scaled) @ np.abs(direction), 1.0)
    return np.asarray(np.where(np.abs(gained) > noise, gained, 0.0))


def _fewest(scaled: FloatArray, direction: FloatArray, is_column: BoolArray) -> BoolArray:
    """Return which columns of a separating direction are left when every one that can be spared is."""
    needed: BoolArray = (direction != 0.0) & is_column
    for column in np.argsort(np.abs(direction)):
        if needed[column]:
            without = needed.copy()
            without[column] = False
            if without.any() and _rising_direction(scaled, without | ~is_column) is not None:
                needed = without
    return needed


def _slacks(problem: Problem) -> FloatArray:
    """Return a line for each cut of each weighted row, signed so that a rise helps."""
    lay = problem.layout
    k = lay.n_thresholds
    used = problem.weights > 0.0
    rows = np.flatnonzero(used)
    codes = problem.codes
    upper, lower = rows[codes[rows] < k], rows[codes[rows] > 0]
    row_of_slack = np.concatenate([upper, lower])
    threshold = np.concatenate([codes[upper], codes[lower] - 1])
    sign = np.concatenate([np.ones(len(upper)), -np.ones(len(lower))])
    centred = problem.location - problem.location[used].mean(axis=0)
    lines = np.zeros((len(row_of_slack), lay.n_linear))
    line = np.arange(len(lines))
    lines[line, threshold] = 1.0
    for column in range(lay.n_nominal):
        values = problem.nominal[:, column] - problem.nominal[used, column].mean()
        lines[line, k * (1 + column) + threshold] = values[row_of_slack]
    lines[:, lay.location] = -centred[row_of_slack]
    return np.asarray(lines * sign[:, None])


def refuse_dependence(problem: Problem, design: Design) -> None:
    """Return silently where no column is a combination of the others.

    Raises
    ------
    ModelError
        If columns are linearly dependent (named).
    """
    parts: list[tuple[str, FloatArray, Sequence[str]]] = [
        (
            "x",
            np.concatenate([design.location, design.nominal], axis=1),
            problem.location_names + problem.nominal_names,
        ),
        ("scale", design.scale, problem.scale_names),
    ]
    used = problem.weights[design.order] > 0.0
    for where, columns, names in parts:
        if not columns.shape[1]:
            continue
        centred = columns[used] - columns[used].mean(axis=0)
        _, size, directions = np.linalg.svd(centred, full_matrices=False)
        if len(size) == columns.shape[1] and size[-1] > np.finfo(float).eps * max(centred.shape) * size[0]:
            continue
        involved = np.abs(directions[-1]) > np.sqrt(np.finfo(float).eps)
        named = [name for name, part in zip(names, involved, strict=True) if part]
        raise ModelError(
            where,
            f"columns {', '.join(named)} are linearly dependent",
            expected="columns none of which is a combination of the others",
            mend="Leave one of them out",
        )
