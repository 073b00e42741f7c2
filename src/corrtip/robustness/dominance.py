"""Which predictor matters most: what each adds to the fit, averaged over all subsets of the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from corrtip.errors import ModelError, SpecError
from corrtip.estimate import predictor_columns
from corrtip.models.links import LinkName
from corrtip.models.model import fit_arrays
from corrtip.models.newton import Status
from corrtip.models.results import OrdinalFit
from corrtip.robustness.resampling import FEWEST_USABLE, draw_weights, refit_draws

if TYPE_CHECKING:
    from corrtip.data.sample import Sample

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dominance:
    """McFadden's R2 of every subset of some predictors, and what it says of their importance.

    Parameters
    ----------
    names : tuple of str
        The predictors, or groups of them that enter and leave together.
    n : int
        Number of rows: every subset was fitted on the same ones.
    r2 : ndarray, shape (2 ** p,)
        R2 of the subset whose members are the bits of the place: place 5 = 101 holds the first and the third name.
    draws : ndarray, shape (draws, 2 ** p)
        The same on resampled rows; nan in a draw in which a subset has no estimate.

    Notes
    -----
    Budescu (1993), Azen and Budescu (2003); for models fitted by likelihood Azen and Traxel (2009). Importance here is
    a share of fit among these predictors on these rows: neither an effect nor a cause, and it moves with the company.
    """

    names: tuple[str, ...]
    n: int
    r2: FloatArray
    draws: FloatArray

    @property
    def full(self) -> float:
        """R2 of the model with all predictors."""
        return float(self.r2[-1])

    def general(self) -> pd.Series:
        """Return the average R2 that each predictor adds; the values sum to the full model's R2.

        Notes
        -----
        The mean of `conditional` over the sizes: the Shapley value of R2, called LMG for least squares.
        """
        return pd.Series(general_dominance(self.r2), index=list(self.names), name="estimate")

    def conditional(self) -> pd.DataFrame:
        """Return the average R2 that each predictor (row) adds to subsets of each size (column) of the others."""
        return pd.DataFrame(
            conditional_dominance(self.r2),
            index=list(self.names),
            columns=pd.RangeIndex(len(self.names), name="size"),
        )

    def complete(self) -> pd.DataFrame:
        """Return whether the predictor of the row adds more than that of the column to every subset of the rest."""
        names = list(self.names)
        return pd.DataFrame(complete_dominance(self.r2), index=names, columns=names)

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
        usable = self.draws[np.isfinite(self.draws).all(axis=1)]
        if len(usable) < max(1.0, FEWEST_USABLE * len(self.draws)):
            raise ModelError(
                "dominance",
                f"{len(usable)} of {len(self.draws)} draws have an estimate of every subset",
                expected="nine in ten",
                mend="Ask for draws, or drop what nearly separates",
            )
        place = self.names.index(name)
        leads = _leads(general_dominance(usable), place)
        low, high = np.quantile(leads, [alpha / 2.0, 1.0 - alpha / 2.0])
        rivals = self.general().drop(name)
        return Lead(
            rival=str(rivals.idxmax()),
            estimate=float(_leads(general_dominance(self.r2[None]), place)[0]),
            conf_low=float(low),
            conf_high=float(high),
            draws=len(usable),
        )

    def subsets(self) -> pd.DataFrame:
        """Return one row per subset: members, size, r2."""
        members = [
            tuple(name for place, name in enumerate(self.names) if subset >> place & 1)
            for subset in range(len(self.r2))
        ]
        return pd.DataFrame({"members": members, "size": [len(held) for held in members], "r2": self.r2})

    def tidy(self) -> pd.DataFrame:
        """Return one row per predictor, the most important first: term, estimate (general dominance), share of R2."""
        general = self.general().sort_values(ascending=False, kind="stable")
        return pd.DataFrame(
            {"term": general.index, "estimate": general.to_numpy(), "share": general.to_numpy() / self.full}
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """A predictor's general dominance less that of its strongest rival, with a bootstrap interval.

    Parameters
    ----------
    rival : str
        The strongest other predictor on the rows as they are.
    estimate, conf_low, conf_high : float
        In units of McFadden's R2.
    draws : int
        Draws behind the interval.
    """

    rival: str
    estimate: float
    conf_low: float
    conf_high: float
    draws: int


def dominance(
    sample: Sample, groups: Mapping[str, Sequence[str]] | None = None, *, draws: int = 0, seed: int = 1
) -> Dominance:
    """Fit the sample's model to every subset of its predictors, all on the sample's countries.

    Parameters
    ----------
    sample : Sample
    groups : mapping of str to sequence of str, optional
        Predictors that enter and leave together: ``{"poverty": ("infant_mortality", "life_expectancy")}``. All
        columns of a predictor with unordered levels always do.
    draws : int
        Bootstrap draws of the rows, the same for every subset, for `Dominance.lead`.
    seed : int

    Returns
    -------
    Dominance

    Raises
    ------
    SpecError
        If the specification asks for another estimator than clm or logit, or a group has no member.
    ModelError
        If a subset cannot be estimated.
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
    draws, seed : int
        As for `dominance`.

    Returns
    -------
    Dominance

    Raises
    ------
    ModelError
        If a subset cannot be estimated.

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
    design = np.asarray(x, dtype=float)
    places = list(columns.values())
    r2 = np.zeros(2 ** len(places))
    drawn = np.zeros((draws, len(r2)))
    weights = draw_weights(np.arange(len(design)), seed, draws)
    for subset in range(1, len(r2)):
        held = [column for bit, place in enumerate(places) if subset >> bit & 1 for column in place]
        held_names = [names[column] for column in held]
        found = fit_arrays(y, design[:, held], levels=levels, names=held_names, link=link, outcome=outcome)
        r2[subset] = found.prsquared
        drawn[:, subset] = _r2_of_draws(found, weights)
    return Dominance(names=tuple(columns), n=len(design), r2=r2, draws=drawn)


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


def general_dominance(r2: FloatArray) -> FloatArray:
    """Return the average increments, shape (..., p), of fits over all subsets, shape (..., 2 ** p)."""
    general: FloatArray = conditional_dominance(r2).mean(axis=-1)
    return general


def conditional_dominance(r2: FloatArray) -> FloatArray:
    """Return the average increments by size of the subset, shape (..., p, p), of fits, shape (..., 2 ** p)."""
    p = int(r2.shape[-1]).bit_length() - 1
    averages = np.empty((*r2.shape[:-1], p, p))
    for place in range(p):
        without = _without(p, place)
        increments = r2[..., without | 1 << place] - r2[..., without]
        sizes = np.bitwise_count(without)
        for size in range(p):
            averages[..., place, size] = increments[..., sizes == size].mean(axis=-1)
    return averages


def complete_dominance(r2: FloatArray) -> npt.NDArray[np.bool_]:
    """Return whether each predictor beats each other in every subset of the rest, shape (..., p, p)."""
    p = int(r2.shape[-1]).bit_length() - 1
    beats = np.zeros((*r2.shape[:-1], p, p), dtype=bool)
    for one in range(p):
        for other in range(p):
            if one != other:
                rest = _without(p, one, other)
                beats[..., one, other] = (r2[..., rest | 1 << one] > r2[..., rest | 1 << other]).all(axis=-1)
    return beats


def _without(p: int, *places: int) -> IntArray:
    subsets = np.arange(2**p)
    rest: IntArray = subsets[(subsets & sum(1 << place for place in places)) == 0]
    return rest
