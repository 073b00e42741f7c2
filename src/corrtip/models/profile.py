"""Profile-likelihood intervals: the two values of a parameter at which its likelihood has fallen to the cut."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from corrtip.errors import ConvergenceError, ModelError, nearest
from corrtip.models.design import Design, prepare
from corrtip.models.kernel import Evaluation, evaluate
from corrtip.models.likelihood import require_likelihood
from corrtip.models.links import Link
from corrtip.models.newton import Maximum, Status, maximise

if TYPE_CHECKING:
    from corrtip.models.results import Estimate, OrdinalFit

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]

# The signed root is met to this: twice the likelihood's fall then has nine digits. A log-likelihood is known to about
# 1e-15 of itself, which bounds what a large sample can give.
_ROOT_TOLERANCE = 1e-10
_LIKELIHOOD_ROUNDING = 1e-14
_MAX_ROUNDS = 100
# An end is open if the root has not been met this many standard errors out, or if at the profile's present slope it
# would not be met for another million: the profile has levelled off. A concave one never does.
_FAR = 1e3
_LEVEL = 1e6
# Numbers that the case weights of one batch of searches may hold (80 MB).
_BATCH_NUMBERS = 10_000_000


def profile_intervals(fit: OrdinalFit, parameters: Sequence[str] | None = None, *, alpha: float = 0.05) -> pd.DataFrame:
    """Return profile-likelihood confidence intervals at level ``1 - alpha``.

    Parameters
    ----------
    fit : OrdinalFit
        Any link, with or without nominal and scale terms.
    parameters : sequence of str, optional
        Names of the parameters; all of them (thresholds too) if not given.
    alpha : float

    Returns
    -------
    DataFrame
        Index: the parameters. Columns: conf_low, conf_high, in the user's units. An end at which the likelihood never
        falls to the cut is infinite, and a warning says so.

    Raises
    ------
    ModelError
        If a name is unknown, or the fit has no likelihood (sampling weights, bias reduction).
    ConvergenceError
        If a search does not end, or meets a likelihood above the fit's own.

    See Also
    --------
    R: ``confint(clm(...), type = "profile")``, which interpolates between some twenty points of the profile.

    Notes
    -----
    The interval holds the values ``v`` with ``2 (l_max - l(v)) <= chi2_1(1 - alpha)``, where ``l(v)`` is the likelihood
    maximised over all other parameters with this one at ``v`` (Venables and Ripley 2002, section 8.4). Each end is
    found by Newton's method on the signed root ``r = sqrt(2 (l_max - l(v)))``, which is close to linear in ``v`` and
    has the slope ``-s / r`` with ``s`` the score of the fixed parameter. The covariance type does not enter.
    """
    estimate = fit.estimate
    require_likelihood(estimate, "profile intervals")
    known = estimate.problem.param_names
    names = list(known if parameters is None else parameters)
    for name in names:
        if name not in known:
            raise ModelError("parameters", f'"{name}"', expected=f"among {', '.join(known)}", mend=nearest(name, known))
    wanted = np.array([known.index(name) for name in names], dtype=np.intp)
    root = float(stats.norm.ppf(1.0 - alpha / 2.0))
    ends = np.empty((len(wanted), 2))
    for place, design, start in _designs(estimate, wanted):
        per_batch = max(1, _BATCH_NUMBERS // (2 * design.n_rows))
        for first in range(0, len(place), per_batch):
            some = place[first : first + per_batch]
            ends[some] = _Profile.at(estimate, design, start).ends(wanted[some], root)
    for name, (low, high) in zip(names, ends, strict=True):
        for end, side in ((low, "lower"), (high, "upper")):
            if np.isinf(end):
                warnings.warn(f"{name}: the likelihood never falls to the cut; the {side} end is open.", stacklevel=2)
    return pd.DataFrame(ends, index=names, columns=["conf_low", "conf_high"])


def _designs(estimate: Estimate, wanted: IntArray) -> list[tuple[IntArray, Design, FloatArray]]:
    """Return designs in which the wanted parameters are coordinates: places in ``wanted``, design, parameters there.

    In the fit's own design a threshold is mixed with the columns' means, and scale terms mix all linear parameters;
    those are searched on columns that keep their origin.
    """
    problem, own, layout = estimate.problem, estimate.design, estimate.design.layout
    mixed = wanted < (layout.n_linear if layout.n_scale else layout.n_thresholds)
    found = []
    if not mixed.all():
        found.append((np.flatnonzero(~mixed), own, estimate.maximum.params[0]))
    if mixed.any():
        design = prepare(
            problem.codes,
            problem.location,
            n_levels=len(problem.levels),
            nominal=problem.nominal,
            scale=problem.scale,
            offset=problem.offset,
            centre=False,
        )
        start = design.standardisation.from_user(estimate.params[None])[0]
        found.append((np.flatnonzero(mixed), design, start))
    return found


@dataclass(slots=True)
class _Search:
    """The searches of one batch: each a fixed parameter and a side; distances count outwards from the maximum.

    ``inside`` is the farthest distance known to lie above the cut, ``outside`` the nearest below it; ``params`` and
    ``information`` are those of the last constrained maximum, from which the next one starts.
    """

    index: IntArray
    side: FloatArray
    distance: FloatArray
    inside: FloatArray
    outside: FloatArray
    reached: FloatArray
    params: FloatArray
    information: FloatArray

    def take(self, place: BoolArray) -> _Search:
        """Return the searches at ``place``."""
        return _Search(*(getattr(self, name)[place] for name in self.__dataclass_fields__))


@dataclass(frozen=True, slots=True)
class _Profile:
    """The likelihood about its maximum, in a design whose parameters can be held fixed one by one."""

    design: Design
    link: Link
    names: tuple[str, ...]
    weights: FloatArray
    params: FloatArray
    peak: Evaluation
    std_error: FloatArray

    @classmethod
    def at(cls, estimate: Estimate, design: Design, params: FloatArray) -> _Profile:
        """Return the profile of an estimate, which stands at ``params`` in ``design``."""
        weights = estimate.problem.weights[design.order][None]
        peak = evaluate(design, estimate.link, params[None], weights)
        std_error = np.sqrt(np.diag(np.linalg.inv(peak.information[0])))
        return cls(design, estimate.link, estimate.problem.param_names, weights, params, peak, std_error)

    def ends(self, wanted: IntArray, root: float) -> FloatArray:
        """Return both ends of the intervals of the parameters ``wanted``, in the user's units."""
        index, side = np.repeat(wanted, 2), np.tile([-1.0, 1.0], len(wanted))
        count = len(index)
        search = _Search(
            index=index,
            side=side,
            distance=root * self.std_error[index],
            inside=np.zeros(count),
            outside=np.full(count, np.inf),
            reached=np.zeros(count),
            params=np.tile(self.params, (count, 1)),
            information=np.tile(self.peak.information[0], (count, 1, 1)),
        )
        found = np.full(count, np.nan)
        waiting = np.arange(count)
        for _ in range(_MAX_ROUNDS):
            met, open_ended = self._advance(search, root)
            found[waiting[met]] = self._in_user_units(search.take(met))
            found[waiting[open_ended]] = search.side[open_ended] * np.inf
            going_on = ~(met | open_ended)
            search, waiting = search.take(going_on), waiting[going_on]
            if not len(waiting):
                return found.reshape(-1, 2)
        raise ConvergenceError(
            f"profile of {self.names[search.index[0]]}",
            f"its {'upper' if search.side[0] > 0.0 else 'lower'} end was not found in {_MAX_ROUNDS} steps",
            expected="a likelihood that falls on both sides of the estimate",
            mend="Use Wald intervals for this parameter",
        )

    def _advance(self, search: _Search, root: float) -> tuple[BoolArray, BoolArray]:
        """Move every search one step; return which have met the cut and which are open."""
        maximum = self._constrained(search)
        usable = np.isfinite(maximum.at.llf)
        fall = np.where(usable, 2.0 * (self.peak.llf[0] - maximum.at.llf), np.nan)
        height = np.sqrt(np.maximum(fall, 0.0))
        # Short of the constrained maximum the likelihood is too low: what lies above the cut all the same is inside.
        lost = usable & (maximum.status != Status.CONVERGED) & (height >= root)
        self._refuse(search, lost, "no maximum of the other parameters")
        self._refuse(search, usable & self._is_higher(maximum.at.llf), "a likelihood above the fit's own")
        tolerance = _ROOT_TOLERANCE + _LIKELIHOOD_ROUNDING * abs(self.peak.llf[0]) / root
        met = np.abs(height - root) <= tolerance
        search.params[usable], search.information[usable] = maximum.params[usable], maximum.at.information[usable]
        search.reached[usable] = search.distance[usable]
        search.inside = np.where(usable & (height < root), search.distance, search.inside)
        search.outside = np.where(usable & (height >= root), search.distance, search.outside)
        with np.errstate(divide="ignore", invalid="ignore"):
            slope = -search.side * maximum.at.score[np.arange(len(height)), search.index] / height
            ahead = search.distance + (root - height) / slope
        error = self.std_error[search.index]
        unbounded = usable & (height < root) & np.isinf(search.outside)
        level = ~(slope * _LEVEL * error > root - height)
        open_ended = ~met & unbounded & (level | (search.distance > _FAR * error))
        search.distance = _next_distance(search, ahead, usable, error)
        return met, open_ended

    def _constrained(self, search: _Search) -> Maximum:
        """Return the maxima with the searched parameters fixed, started along the tangent of the profile."""
        count, size = search.params.shape
        line = np.arange(count)
        fixed = np.zeros((count, size), dtype=bool)
        fixed[line, search.index] = True
        free = ~fixed
        system = search.information * (free[:, :, None] & free[:, None, :])
        system[line, search.index, search.index] = 1.0
        tangent: FloatArray = -search.information[line, :, search.index]
        tangent[line, search.index] = 1.0
        tangent = np.asarray(np.linalg.solve(system, tangent[:, :, None])[:, :, 0])
        value = self.params[search.index] + search.side * search.distance
        start = search.params + tangent * (search.side * (search.distance - search.reached))[:, None]
        start[line, search.index] = value
        weights = np.broadcast_to(self.weights, (count, self.weights.shape[1]))
        return maximise(self.design, self.link, weights, start=start, fixed=fixed)

    def _is_higher(self, llf: FloatArray) -> BoolArray:
        rounding = _LIKELIHOOD_ROUNDING * abs(self.peak.llf[0]) + _ROOT_TOLERANCE
        return np.asarray(llf > self.peak.llf[0] + rounding)

    def _refuse(self, search: _Search, wrong: BoolArray, seen: str) -> None:
        if not wrong.any():
            return
        place = int(np.argmax(wrong))
        raise ConvergenceError(
            f"profile of {self.names[search.index[place]]} at {self._in_user_units(search)[place]:.6g}",
            seen,
            expected="a fit at its highest maximum",
            mend="Centre the columns of scale terms; the likelihood of cauchit and scale terms can have several maxima",
        )

    def _in_user_units(self, search: _Search) -> FloatArray:
        user = self.design.standardisation.to_user(search.params)
        return user[np.arange(len(user)), search.index]


def _next_distance(search: _Search, ahead: FloatArray, usable: BoolArray, error: FloatArray) -> FloatArray:
    """Return Newton's next distance, kept between what is known to lie inside and outside."""
    # Where no start was feasible (thresholds out of order) the way there is taken in halves.
    nearer = 0.5 * (search.distance + search.reached)
    farthest = np.where(np.isinf(search.outside), 2.0 * search.inside + error, search.outside)
    between = 0.5 * (search.inside + farthest)
    good = (ahead > search.inside) & (ahead < farthest)
    onwards = np.where(np.isinf(search.outside), farthest, between)
    return np.where(usable, np.where(good, ahead, onwards), nearer)
