"""Which predictor matters most: what each adds to the fit, averaged over all subsets of the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from corrtip.errors import ModelError, SpecError
from corrtip.estimate import predictor_columns
from corrtip.models.links import LinkName
from corrtip.models.model import fit_arrays
from corrtip.models.newton import Status
from corrtip.models.rank import count_pairs
from corrtip.models.results import OrdinalFit
from corrtip.robustness.blocks import HERE, Arrays, Run, identify, run_blocks
from corrtip.robustness.increments import (
    KINDS,
    complete_dominance,
    conditional_dominance,
    dominates,
    general_dominance,
)
from corrtip.robustness.resampling import FEWEST_USABLE, draw_weights, refit_draws

if TYPE_CHECKING:
    from corrtip.data.sample import Sample

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
Measure = Literal["mcfadden_r2", "somers_d"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dominance:
    """How well every subset of some predictors fits, and what that says of their importance.

    Parameters
    ----------
    names : tuple of str
        The predictors, or groups of them that enter and leave together.
    n : int
        Number of rows: every subset was fitted on the same ones.
    measure : {"mcfadden_r2", "somers_d"}
        What fit is: McFadden's R2, or Somers' D between linear predictor and outcome, which hears of order alone.
    values : ndarray, shape (2 ** p,)
        Fit of the subset whose members are the bits of the place: place 5 = 101 holds the first and the third name.
    draws : ndarray, shape (draws, 2 ** p)
        The same on resampled rows; nan in a draw in which a subset has no estimate.

    Notes
    -----
    Budescu (1993), Azen and Budescu (2003); for models fitted by likelihood Azen and Traxel (2009). Importance here is
    a share of fit among these predictors on these rows: neither an effect nor a cause, and it moves with the company.

    A predictor can lower Somers' D of the subset that it joins, since the coefficients maximise the likelihood. It can
    not lower R2: an interval of what it adds to R2 lies above zero whether or not the predictor matters, and draws add
    more than the rows as they are. Only differences between predictors speak: `lead` and `pairs`.
    """

    names: tuple[str, ...]
    n: int
    measure: Measure = "mcfadden_r2"
    values: FloatArray
    draws: FloatArray

    @property
    def full(self) -> float:
        """Fit of the model with all predictors."""
        return float(self.values[-1])

    def general(self) -> pd.Series:
        """Return the average fit that each predictor adds; the averages sum to the full model's fit.

        Notes
        -----
        The mean of `conditional` over the sizes: the Shapley value of the fit, called LMG for least squares' R2.
        """
        return pd.Series(general_dominance(self.values), index=list(self.names), name="estimate")

    def conditional(self) -> pd.DataFrame:
        """Return the average fit that each predictor (row) adds to subsets of each size (column) of the others."""
        return pd.DataFrame(
            conditional_dominance(self.values),
            index=list(self.names),
            columns=pd.RangeIndex(len(self.names), name="size"),
        )

    def complete(self) -> pd.DataFrame:
        """Return whether the predictor of the row adds more than that of the column to every subset of the rest."""
        names = list(self.names)
        return pd.DataFrame(complete_dominance(self.values), index=names, columns=names)

    def lead(self, name: str, alpha: float = 0.05) -> Lead:
        """Return by how much the general dominance of a predictor exceeds its strongest rival's.

        Parameters
        ----------
        name : str
        alpha : float
            The percentile interval has level ``1 - alpha``. In each draw the rival is the strongest of that draw, so
            that the interval speaks of "more important than every other", not of one comparison picked afterwards.

        Raises
        ------
        ModelError
            If there are no draws, or fewer than nine in ten have an estimate of every subset.
        """
        usable = self._usable()
        place = self.names.index(name)
        leads = _leads(general_dominance(usable), place)
        low, high = np.quantile(leads, [alpha / 2.0, 1.0 - alpha / 2.0])
        rivals = self.general().drop(name)
        return Lead(
            rival=str(rivals.idxmax()),
            estimate=float(_leads(general_dominance(self.values[None]), place)[0]),
            conf_low=float(low),
            conf_high=float(high),
            draws=len(usable),
        )

    def subsets(self) -> pd.DataFrame:
        """Return one row per subset: members, size, value."""
        members = [
            tuple(name for place, name in enumerate(self.names) if subset >> place & 1)
            for subset in range(len(self.values))
        ]
        return pd.DataFrame({"members": members, "size": [len(held) for held in members], "value": self.values})

    def tidy(self, alpha: float = 0.05) -> pd.DataFrame:
        """Return one row per predictor, the most important first: term, estimate, conf_low, conf_high, share.

        The estimate is general dominance, the share its part of the full model's fit. Percentile intervals; nan without
        draws, or where fewer than nine in ten have an estimate of every subset.
        """
        low, high = self._percentiles(general_dominance, alpha)
        estimate = general_dominance(self.values)
        table = pd.DataFrame({"term": self.names, "estimate": estimate, "conf_low": low, "conf_high": high})
        return (
            table.assign(share=estimate / self.full)
            .sort_values("estimate", ascending=False, kind="stable")
            .reset_index(drop=True)
        )

    def by_size(self, alpha: float = 0.05) -> pd.DataFrame:
        """Return one row per predictor and size of subset: term, size, estimate, conf_low, conf_high.

        The estimate is conditional dominance: the average fit that the predictor adds to subsets of so many others.
        Intervals as in `tidy`.
        """
        p = len(self.names)
        low, high = self._percentiles(conditional_dominance, alpha)
        return pd.DataFrame(
            {
                "term": np.repeat(self.names, p),
                "size": np.tile(np.arange(p), p),
                "estimate": conditional_dominance(self.values).ravel(),
                "conf_low": low.ravel(),
                "conf_high": high.ravel(),
            }
        )

    def pairs(self) -> pd.DataFrame:
        """Return who dominates whom, and in which share of the draws.

        Returns
        -------
        DataFrame
            One row a kind of dominance (general, conditional, complete) and pair: kind, term, rival, estimate (1 where
            the term dominates its rival on the rows as they are, 0 where the rival does, 0.5 where neither), mean (of
            the same over the draws), dominates, dominated, undecided (shares of the draws), reproducibility (share of
            the draws that say what the rows as they are say).

        Raises
        ------
        ModelError
            If there are no draws, or fewer than nine in ten have an estimate of every subset.

        Notes
        -----
        Azen and Budescu (2003). The shares say how stable the ranking is, not how much the lead is worth: `lead`.
        """
        usable = self._usable()
        rows = []
        for kind in KINDS:
            observed, drawn = dominates(self.values, kind), dominates(usable, kind)
            for one, other in combinations(range(len(self.names)), 2):
                seen, found = float(observed[one, other]), drawn[:, one, other]
                rows.append(
                    {
                        "kind": kind,
                        "term": self.names[one],
                        "rival": self.names[other],
                        "estimate": seen,
                        "mean": float(found.mean()),
                        "dominates": float((found == 1.0).mean()),
                        "dominated": float((found == 0.0).mean()),
                        "undecided": float((found == 0.5).mean()),
                        "reproducibility": float((found == seen).mean()),
                    }
                )
        return pd.DataFrame(rows)

    def _usable(self) -> FloatArray:
        """Return the draws with an estimate of every subset, or raise."""
        usable = self.draws[np.isfinite(self.draws).all(axis=1)]
        if len(usable) < max(1.0, FEWEST_USABLE * len(self.draws)):
            raise ModelError(
                "dominance",
                f"{len(usable)} of {len(self.draws)} draws have an estimate of every subset",
                expected="nine in ten",
                mend="Ask for draws, or drop what nearly separates",
            )
        return usable

    def _percentiles(self, function: Callable[[FloatArray], FloatArray], alpha: float) -> FloatArray:
        """Return the two quantiles of a function of the draws; nan where there are too few."""
        try:
            usable = self._usable()
        except ModelError:
            return np.full((2, *function(self.values).shape), np.nan)
        return np.asarray(np.quantile(function(usable), [alpha / 2.0, 1.0 - alpha / 2.0], axis=0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """A predictor's general dominance less that of its strongest rival, with a bootstrap interval.

    Parameters
    ----------
    rival : str
        The strongest other predictor on the rows as they are.
    estimate, conf_low, conf_high : float
        In units of the measure of fit.
    draws : int
        Draws behind the interval.
    """

    rival: str
    estimate: float
    conf_low: float
    conf_high: float
    draws: int


def dominance(
    sample: Sample,
    groups: Mapping[str, Sequence[str]] | None = None,
    *,
    draws: int = 0,
    seed: int = 1,
    measure: Measure = "mcfadden_r2",
    run: Run = HERE,
) -> Dominance:
    """Fit the sample's model to every subset of its predictors, all on the sample's countries.

    Parameters
    ----------
    sample : Sample
    groups : mapping of str to sequence of str, optional
        Predictors that enter and leave together: ``{"poverty": ("infant_mortality", "life_expectancy")}``. All
        columns of a predictor with unordered levels always do.
    draws : int
        Bootstrap draws of the rows, the same for every subset: in each, every subset is fitted again.
    seed : int
    measure : {"mcfadden_r2", "somers_d"}
        What fit is.
    run : Run
        Where it is computed; the result does not depend on it.

    Returns
    -------
    Dominance

    Raises
    ------
    SpecError
        If the specification asks for another estimator than clm or logit, or a group has no member.
    ModelError
        If a subset cannot be estimated, or the measure is unknown.
    """
    spec = sample.spec
    if spec.estimator not in ("clm", "logit"):
        raise SpecError("Spec.estimator", f'"{spec.estimator}"', expected='"clm" or "logit", which have McFadden\'s R2')
    return dominance_of_arrays(
        sample.y,
        sample.x.to_numpy(),
        levels=sample.levels,
        names=list(sample.x.columns),
        columns=grouped_columns(predictor_columns(sample), groups or {}),
        link=spec.link,
        outcome=spec.outcome,
        draws=draws,
        seed=seed,
        measure=measure,
        run=run,
    )


def dominance_of_arrays(
    y: npt.ArrayLike,
    x: npt.ArrayLike,
    *,
    levels: Sequence[str],
    names: Sequence[str],
    columns: Mapping[str, Sequence[int]],
    link: LinkName = "logit",
    outcome: str = "y",
    draws: int = 0,
    seed: int = 1,
    measure: Measure = "mcfadden_r2",
    run: Run = HERE,
) -> Dominance:
    """Fit a cumulative link model to every subset of some predictors, all on the same rows.

    Parameters
    ----------
    y : array of int, shape (rows,)
        Level numbers 0 .. K - 1.
    x : array, shape (rows, columns)
        Location columns without intercept.
    levels, names : sequences of str
        Names of the K levels and of the columns.
    columns : mapping of str to sequence of int
        The columns of ``x`` that each predictor, or group of predictors, consists of.
    link, outcome : str
        The second is how errors call the outcome.
    draws, seed, measure, run
        As for `dominance`.

    Returns
    -------
    Dominance

    Raises
    ------
    ModelError
        If a subset cannot be estimated, or the measure is unknown.

    Notes
    -----
    ``2 ** p`` models: 8 for three predictors, 1,024 for ten.

    Examples
    --------
    >>> y = [0, 1, 0, 2, 1, 2, 0, 2, 1, 1]
    >>> x = [[1, 3], [2, 9], [3, 1], [5, 4], [1, 5], [6, 8], [2, 2], [4, 7], [6, 3], [3, 6]]
    >>> found = dominance_of_arrays(y, x, levels=("1", "2", "3"), names="ab", columns={"a": [0], "b": [1]})
    >>> bool(abs(found.general().sum() - found.full) < 1e-12)
    True
    """
    if measure not in get_args(Measure):
        raise ModelError("measure", f'"{measure}"', expected=f"one of {', '.join(get_args(Measure))}")
    design = np.asarray(x, dtype=float)
    work = _FitSubset(
        codes=np.asarray(y),
        design=design,
        levels=tuple(levels),
        names=tuple(names),
        places=tuple(columns.values()),
        link=link,
        outcome=outcome,
        measure=measure,
        weights=draw_weights(np.arange(len(design)), seed, draws),
    )
    subsets = range(1, 2 ** len(columns))
    values, drawn = np.zeros(2 ** len(columns)), np.zeros((draws, 2 ** len(columns)))
    found = run_blocks(work, subsets, run, identity=identify("dominance", work), sizes=[1 + draws] * len(subsets))
    for subset, (value, of_draws) in zip(subsets, found, strict=True):
        values[subset], drawn[:, subset] = value[0], of_draws
    return Dominance(names=tuple(columns), n=len(design), measure=measure, values=values, draws=drawn)


@dataclass(frozen=True, slots=True, kw_only=True)
class _FitSubset:
    """The fit of one subset, on the rows as they are and in every draw."""

    codes: IntArray
    design: FloatArray
    levels: tuple[str, ...]
    names: tuple[str, ...]
    places: tuple[Sequence[int], ...]
    link: LinkName
    outcome: str
    measure: Measure
    weights: FloatArray

    def __call__(self, subset: int) -> Arrays:
        held = [column for bit, place in enumerate(self.places) if subset >> bit & 1 for column in place]
        found = fit_arrays(
            self.codes,
            self.design[:, held],
            levels=self.levels,
            names=[self.names[column] for column in held],
            link=self.link,
            outcome=self.outcome,
        )
        if self.measure == "mcfadden_r2":
            return np.array([found.prsquared]), _r2_of_draws(found, self.weights)
        params = found.estimate.params[None]
        return _somers_d(found, params, np.ones((1, len(self.codes)))), self._somers_d_of_draws(found)

    def _somers_d_of_draws(self, found: OrdinalFit) -> FloatArray:
        params, _, status = refit_draws(found, self.weights)
        values = _somers_d(found, np.nan_to_num(params), self.weights)
        return np.where(status == Status.CONVERGED, values, np.nan)


def _somers_d(fit: OrdinalFit, params: FloatArray, weights: FloatArray) -> FloatArray:
    problem = fit.estimate.problem
    predictor = params[:, fit.estimate.design.layout.location] @ problem.location.T
    return count_pairs(problem.codes, predictor, weights).somers_d


def _r2_of_draws(fit: OrdinalFit, weights: FloatArray) -> FloatArray:
    llf, status = refit_draws(fit, weights)[1:]
    held = weights @ np.eye(len(fit.levels))[fit.estimate.problem.codes]
    with np.errstate(divide="ignore", invalid="ignore"):
        llnull = np.vecdot(held, np.log(held / held.sum(axis=1, keepdims=True)))
        return np.asarray(np.where(status == Status.CONVERGED, 1.0 - llf / llnull, np.nan))


def _leads(general: FloatArray, place: int) -> FloatArray:
    others = np.delete(general, place, axis=-1)
    return np.asarray(general[..., place] - others.max(axis=-1))


def grouped_columns(
    columns: Mapping[str, Sequence[int]], groups: Mapping[str, Sequence[str]]
) -> dict[str, tuple[int, ...]]:
    """Return ``columns`` with some predictors joined: each group takes the place of its first member.

    Parameters
    ----------
    columns : mapping of str to sequence of int
        The columns of each predictor.
    groups : mapping of str to sequence of str
        The predictors of each group; those that ``columns`` does not hold are passed over.

    Raises
    ------
    SpecError
        If a group has no member among the predictors, bears the name of one, or shares a member with another group.

    Examples
    --------
    >>> grouped_columns({"cpi": [0], "births": [1], "deaths": [2]}, {"people": ["births", "deaths"]})
    {'cpi': (0,), 'people': (1, 2)}
    """
    home: dict[str, str] = {}
    for group, members in groups.items():
        present = [member for member in members if member in columns]
        if not present:
            raise SpecError(f"groups.{group}", "no member is a predictor", expected=f"some of {', '.join(columns)}")
        if group in columns:
            raise SpecError(f"groups.{group}", "a predictor bears this name", expected="a name of its own")
        for member in present:
            if member in home:
                raise SpecError(f"groups.{group}", f'"{member}" is in "{home[member]}" too', expected="one group each")
        home.update(dict.fromkeys(present, group))
    joined: dict[str, tuple[int, ...]] = {}
    for name, places in columns.items():
        key = home.get(name, name)
        joined[key] = (*joined.get(key, ()), *places)
    return joined
