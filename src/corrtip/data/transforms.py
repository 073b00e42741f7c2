"""Named transforms of predictors, each with its definition: the only ones that a specification can ask for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from corrtip.errors import SpecError, nearest

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Transform:
    """One named transform.

    Parameters
    ----------
    name : str
        As a specification writes it.
    phrase : str
        For tables: "log of", "rank within the year of".
    within_year : bool
        Does it make years comparable that are not comparable as published?
    apply : callable
        From the figures of one year (countries,), NaN where there is none, to the same shape.
    """

    name: str
    phrase: str
    within_year: bool
    apply: Callable[[FloatArray], FloatArray]


def log(values: FloatArray) -> FloatArray:
    """Return the natural logarithm of figures above 0.

    Raises
    ------
    SpecError
        If a figure is 0 or less: leaving it out in silence would choose the sample by the figure.

    Examples
    --------
    >>> log(np.array([1.0, np.nan])).tolist()
    [0.0, nan]
    """
    if (values <= 0).any():
        seen = f"{int((values <= 0).sum())} figures of 0 or less, the lowest {np.nanmin(values):g}"
        raise SpecError("log", seen, expected="figures above 0", mend="Use rank_within_year or zscore_within_year")
    return np.log(values)


def rank_within_year(values: FloatArray) -> FloatArray:
    """Return the fractional rank (r - 1/2) / n among all n countries published in the year; ties share their mean rank.

    The result lies between 0 and 1 whatever n, and a higher figure has a higher rank: the variable keeps its direction.

    Examples
    --------
    >>> rank_within_year(np.array([1.9, 9.7, np.nan, 1.9])).round(3).tolist()
    [0.333, 0.833, nan, 0.333]
    """
    known = ~np.isnan(values)
    ranks = np.full_like(values, np.nan)
    ranks[known] = (rankdata(values[known], method="average") - 0.5) / max(known.sum(), 1)
    return ranks


def zscore_within_year(values: FloatArray) -> FloatArray:
    """Return (x - mean) / standard deviation over all n countries published in the year, the deviation with divisor n.

    The published countries are the whole of the edition, not a sample of it; hence n and not n - 1.

    Raises
    ------
    SpecError
        If all figures of the year are equal.

    Examples
    --------
    >>> zscore_within_year(np.array([1.0, 3.0, np.nan])).tolist()
    [-1.0, 1.0, nan]
    """
    known = values[~np.isnan(values)]
    if not known.size:
        return values
    if known.min() == known.max():
        raise SpecError(
            "zscore_within_year", f"all figures of the year are {known[0]:g}", expected="figures that differ"
        )
    return np.asarray((values - known.mean()) / known.std(), dtype=np.float64)


TRANSFORMS: Mapping[str, Transform] = {
    item.name: item
    for item in (
        Transform(name="log", phrase="log of", within_year=False, apply=log),
        Transform(name="rank_within_year", phrase="rank within the year of", within_year=True, apply=rank_within_year),
        Transform(
            name="zscore_within_year", phrase="z-score within the year of", within_year=True, apply=zscore_within_year
        ),
    )
}
"""All transforms by name."""


def find_transform(name: str, where: str) -> Transform:
    """Return a transform by name.

    Raises
    ------
    SpecError
        If there is none; names the nearest.
    """
    if name not in TRANSFORMS:
        choice = ", ".join(TRANSFORMS)
        raise SpecError(
            where, f'"{name}" is not a transform', expected=f"one of {choice}", mend=nearest(name, TRANSFORMS)
        )
    return TRANSFORMS[name]
