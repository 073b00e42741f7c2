"""A fit with one term set free: the larger problem, its maximum, and the likelihood ratio between the two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from corrtip.errors import ConvergenceError
from corrtip.models.design import Design, prepare
from corrtip.models.likelihood import embed
from corrtip.models.newton import Maximum, Status, maximise
from corrtip.models.problem import Problem
from corrtip.models.separation import SOUND_CONDITION, find_separation
from corrtip.models.starts import highest_maximum

if TYPE_CHECKING:
    from corrtip.models.results import Estimate

FloatArray = npt.NDArray[np.float64]

# A likelihood that still rises, towards a maximum at infinity, has reached its limit to this where Newton's method
# ended: the rise that remains is of the order of the score times the next step.
_REMAINING_RISE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Relaxed:
    """The maximum of a larger model.

    Parameters
    ----------
    llf : float
        Its log-likelihood; nan where no maximum was found.
    n_params : int
    note : str
        Empty, or why the number is a limit or missing.
    """

    llf: float
    n_params: int
    note: str = ""


def with_nominal(problem: Problem, columns: Sequence[int]) -> Problem:
    """Return the problem with location columns moved to the nominal part."""
    kept = [column for column in range(problem.location.shape[1]) if column not in columns]
    return replace(
        problem,
        location=problem.location[:, kept],
        location_names=tuple(problem.location_names[column] for column in kept),
        nominal=np.concatenate([problem.nominal, problem.location[:, columns]], axis=1),
        nominal_names=problem.nominal_names + tuple(problem.location_names[column] for column in columns),
    )


def with_scale(problem: Problem, columns: FloatArray, names: Sequence[str]) -> Problem:
    """Return the problem with columns added to the scale part."""
    return replace(
        problem, scale=np.concatenate([problem.scale, columns], axis=1), scale_names=problem.scale_names + tuple(names)
    )


def design_of(problem: Problem) -> Design:
    """Return the design of a problem."""
    return prepare(
        problem.codes,
        problem.location,
        n_levels=len(problem.levels),
        nominal=problem.nominal,
        scale=problem.scale,
        offset=problem.offset,
    )


def relaxed(estimate: Estimate, larger: Problem) -> Relaxed:
    """Return the maximum of a larger problem, found from the smaller fit that lies inside it.

    Raises
    ------
    ConvergenceError
        If the larger model fits worse, which shows that one of the two is not at its highest maximum.
    """
    design = design_of(larger)
    start = embed(estimate.design, estimate.maximum.params[0], design, f"fit of {larger.outcome}")
    weights = larger.weights[design.order][None]
    maximum = maximise(design, estimate.link, weights, start=start[None])
    if design.layout.n_scale or not estimate.link.concave:  # several maxima, of which the start may lead to a lower
        other = highest_maximum(design, estimate.link, weights)
        maximum = other if other.at.llf[0] > maximum.at.llf[0] else maximum
    llf, size = float(maximum.at.llf[0]), design.layout.size
    if llf < estimate.maximum.at.llf[0] - 1e-8 * abs(llf):
        raise ConvergenceError(
            f"fit of {larger.outcome}", "a larger model with a lower likelihood", expected="maxima of both likelihoods"
        )
    if is_sound(maximum):
        return Relaxed(llf=llf, n_params=size)
    found = find_separation(larger)
    if _rise(maximum) <= _REMAINING_RISE:
        infinite = "some estimates" if found is None else ", ".join(found.names)
        return Relaxed(llf=llf, n_params=size, note=f"infinite are {infinite}; the likelihood is its limit there")
    how = Status(maximum.status[0]).name.lower()
    return Relaxed(llf=float("nan"), n_params=size, note=f"no maximum was found ({how})")


def is_sound(maximum: Maximum) -> bool:
    """Return whether Newton's method ended at a finite, well-conditioned maximum."""
    information = maximum.at.information[0]
    return bool(maximum.status[0] == Status.CONVERGED and np.linalg.cond(information) < SOUND_CONDITION)


def _rise(maximum: Maximum) -> float:
    """Return by how much the likelihood still rises, to second order; infinite where that cannot be told."""
    score, information = maximum.at.score[0], maximum.at.information[0]
    if not np.isfinite(information).all():
        return float("inf")
    values, vectors = np.linalg.eigh(information)
    along = (vectors.T @ score) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.where(along > 0.0, along / np.abs(values), 0.0).sum())
