"""Contested placements: how few must stand one tier elsewhere to change a conclusion, and how far any could push it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations, islice
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy import stats

from corrtip.errors import ModelError, SpecError
from corrtip.models.design import Design, prepare
from corrtip.models.links import Link, get_link
from corrtip.models.newton import Status, maximise

if TYPE_CHECKING:
    from corrtip.data.sample import Sample

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

# Placements tried at a time.
_CHUNK = 500
# A change of this share of a coefficient is what a quick fit leaves open.
_NO_FURTHER = 1e-8


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """A country placed one tier better or worse than it was."""

    iso3: str
    was: str
    becomes: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fragility:
    """How few shifted placements change the conclusion about the focal predictor.

    Parameters
    ----------
    focal : str
    estimate, p_value : float
        As placed.
    alpha : float
        Level of the conclusion.
    shifts : tuple of Shift
        In the order in which they were made; all together change the conclusion, or as many as were asked for.
    path : tuple of (float, float)
        Estimate and p-value after each shift.
    changed : bool
        Whether the conclusion changed: a significant coefficient became insignificant or changed its sign; an
        insignificant one became significant.
    exhaustive : int
        For so many shifts every choice was tried, and none of fewer changes the conclusion; beyond, the shifts are
        chosen one by one (greedily), so that their number is an upper bound.
    """

    focal: str
    estimate: float
    p_value: float
    alpha: float
    shifts: tuple[Shift, ...]
    path: tuple[tuple[float, float], ...]
    changed: bool
    exhaustive: int


def fragility(
    sample: Sample,
    *,
    alpha: float = 0.05,
    most: int = 30,
    exhaustive: int = 1,
    among: Iterable[str] | None = None,
) -> Fragility:
    """Shift placements by one tier, the most damaging first, until the conclusion changes.

    Parameters
    ----------
    sample : Sample
        Of one year.
    alpha : float
    most : int
        Shifts after which the search ends.
    exhaustive : {0, 1, 2}
        For so many shifts every choice is tried before the greedy search: 274 models for one shift of 137 countries,
        some 37,000 for two.
    among : iterable of str, optional
        Countries whose placement is contested; all by default.

    Returns
    -------
    Fragility

    Raises
    ------
    SpecError
        If the estimator is not clm, the sample has several years, or a contested country is not in it.
    ModelError
        If the sample's own model has no estimate.

    Notes
    -----
    After Broderick, Giordano and Meager (2020), who drop rows instead of moving them, with exact refits in place of
    their approximation. The greedy path moves, at each step, the placement that brings the focal z-statistic nearest to
    the other conclusion, so that its length is an upper bound of the smallest number that would do. A placement that
    leaves a tier empty is not tried.
    """
    question = _question(sample, among)
    now = question.z(question.codes[None])[0]
    if not np.isfinite(now[0]):
        raise ModelError("fragility", "the sample's own model has no estimate", mend="Use another specification")
    critical = float(stats.norm.ppf(1.0 - alpha / 2.0))
    aim = _aim(now[1], critical)
    tried = _exhaustive(question, aim, exhaustive)
    moves, path, changed = tried if tried is not None else _greedy(question, aim, most)
    levels = sample.levels
    return Fragility(
        focal=sample.spec.focal,
        estimate=float(now[0]),
        p_value=_p(now[1]),
        alpha=alpha,
        shifts=tuple(
            Shift(iso3=str(sample.clusters[row]), was=levels[sample.y[row]], becomes=levels[sample.y[row] + step])
            for row, step in moves
        ),
        path=tuple((float(estimate), _p(z)) for estimate, z in path),
        changed=changed,
        exhaustive=exhaustive if tried is None else len(moves),
    )


Move = tuple[int, int]
Found = tuple[tuple[Move, ...], list[FloatArray], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Aim:
    """How near a z-statistic is to the other conclusion (higher is nearer), and whether it is there."""

    nearness: Callable[[FloatArray], FloatArray]
    reached: Callable[[float], bool]


def _aim(z: float, critical: float) -> _Aim:
    sign = float(np.sign(z))
    if abs(z) > critical:
        return _Aim(nearness=lambda other: -sign * other, reached=lambda other: sign * other <= critical)
    return _Aim(nearness=np.abs, reached=lambda other: abs(other) > critical)


def extreme_placement(
    codes: IntArray, columns: FloatArray, free: IntArray, *, n_levels: int, link: str, towards: float
) -> IntArray:
    """Return the levels that push the first column's coefficient as far as placing some rows can, one row at a time.

    Parameters
    ----------
    codes : ndarray of int, shape (rows,)
        Levels; those of the free rows are where the search begins.
    columns : ndarray, shape (rows, columns)
    free : ndarray of int
        Rows that may stand in any level.
    n_levels : int
    link : str
    towards : {-1.0, 1.0}
        Direction of the coefficient.

    Notes
    -----
    In each step the one placement is changed that pushes the coefficient furthest, until none does. No single change
    goes further from there; several at once might, so that the end is a stress and no proven bound.
    """
    question = _Question.of(codes, columns, free, n_levels=n_levels, link=link)
    best, reach = codes.copy(), towards * question.z(codes[None])[0, 0]
    while True:
        tried = np.repeat(best[None], len(free) * n_levels, axis=0)
        tried[np.arange(len(tried)), np.repeat(free, n_levels)] = np.tile(np.arange(n_levels), len(free))
        reached = np.nan_to_num(towards * question.z(tried)[:, 0], nan=-np.inf)
        place = int(reached.argmax())
        if reached[place] <= reach + _NO_FURTHER * abs(reach):
            return best
        best, reach = tried[place], float(reached[place])


def _question(sample: Sample, among: Iterable[str] | None) -> _Question:
    spec = sample.spec
    if spec.estimator != "clm" or spec.years[0] != spec.years[1]:
        raise SpecError("Spec", f"{spec.estimator}, years {spec.years}", expected="a clm of one year")
    places: Mapping[str, int] = {str(iso3): row for row, iso3 in enumerate(sample.clusters)}
    asked = list(places) if among is None else list(among)
    unknown = [iso3 for iso3 in asked if iso3 not in places]
    if unknown:
        raise SpecError("among", f"{unknown[0]} is not in the sample", expected="countries of the sample")
    return _Question.of(
        sample.y,
        np.column_stack([sample.x[spec.focal], sample.x.drop(columns=spec.focal)]),
        np.array([places[iso3] for iso3 in asked], dtype=np.intp),
        n_levels=len(sample.levels),
        link=spec.link,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    """The model over every row in every tier: a placement is a set of weights, one for each row."""

    codes: IntArray
    n_levels: int
    contested: IntArray
    design: Design
    link: Link

    @classmethod
    def of(cls, codes: IntArray, columns: FloatArray, contested: IntArray, *, n_levels: int, link: str) -> _Question:
        levels = np.repeat(np.arange(n_levels), len(codes))
        return cls(
            codes=codes,
            n_levels=n_levels,
            contested=contested,
            design=prepare(levels, np.tile(columns, (n_levels, 1)), n_levels=n_levels),
            link=get_link(link),
        )

    def z(self, placements: IntArray) -> FloatArray:
        """Return estimate and z-statistic of the first column, shape (placements, 2); nan where there is none."""
        parts = [self._z(placements[first : first + _CHUNK]) for first in range(0, len(placements), _CHUNK)]
        return np.concatenate(parts)

    def _z(self, placements: IntArray) -> FloatArray:
        weights = (placements[:, None, :] == np.arange(self.n_levels)[:, None]).reshape(len(placements), -1)
        # The design is sorted by level as it was built, so that the weights need no reordering.
        found = maximise(self.design, self.link, weights.astype(float), quick=True)
        answer = np.full((len(placements), 2), np.nan)
        good = np.flatnonzero(found.status == Status.CONVERGED)
        focal = self.design.layout.location.start
        variance = np.linalg.inv(found.at.information[good])[:, focal, focal]
        answer[good, 0] = found.params[good, focal] / self.design.standardisation.location[1][0]
        answer[good, 1] = found.params[good, focal] / np.sqrt(variance)
        return answer

    def moves(self, codes: IntArray, without: set[int]) -> list[Move]:
        """Return every shift by one tier that leaves no tier empty, of contested rows that have not moved."""
        counts = np.bincount(codes, minlength=self.n_levels)
        return [
            (int(row), step)
            for row in self.contested
            for step in (-1, 1)
            if row not in without and 0 <= codes[row] + step < self.n_levels and counts[codes[row]] > 1
        ]


def _exhaustive(question: _Question, aim: _Aim, most: int) -> Found | None:
    """Return the first set of at most so many shifts that changes the conclusion, the nearest of its size."""
    single = question.moves(question.codes, set())
    for size in range(1, most + 1):
        best: tuple[float, tuple[Move, ...], FloatArray] | None = None
        choices = combinations(single, size)
        while chunk := list(islice(choices, _CHUNK)):
            kept = [moves for moves in chunk if len({row for row, _ in moves}) == size]
            if not kept:
                continue
            found = question.z(np.array([_moved(question.codes, moves) for moves in kept]))
            nearness = np.where(np.isfinite(found[:, 1]), aim.nearness(found[:, 1]), -np.inf)
            place = int(nearness.argmax())
            if best is None or nearness[place] > best[0]:
                best = (float(nearness[place]), kept[place], found[place])
        if best is not None and np.isfinite(best[0]) and aim.reached(float(best[2][1])):
            steps = [_moved(question.codes, best[1][: place + 1]) for place in range(size)]
            return best[1], list(question.z(np.array(steps))), True
    return None


def _greedy(question: _Question, aim: _Aim, most: int) -> Found:
    codes = question.codes.copy()
    taken: list[Move] = []
    path: list[FloatArray] = []
    while len(taken) < most:
        moves = question.moves(codes, {row for row, _ in taken})
        if not moves:
            break
        found = question.z(np.array([_moved(codes, [move]) for move in moves]))
        nearness = np.where(np.isfinite(found[:, 1]), aim.nearness(found[:, 1]), -np.inf)
        place = int(nearness.argmax())
        taken.append(moves[place])
        path.append(found[place])
        codes = _moved(codes, [moves[place]])
        if aim.reached(float(found[place, 1])):
            return tuple(taken), path, True
    return tuple(taken), path, False


def _moved(codes: IntArray, moves: Iterable[Move]) -> IntArray:
    moved = codes.copy()
    for row, step in moves:
        moved[row] += step
    return moved


def _p(z: float) -> float:
    return float(2.0 * stats.norm.sf(abs(z)))
