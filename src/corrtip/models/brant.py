"""Brant's test: do the binary logits at all thresholds share their coefficients?"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy import special

from corrtip.errors import ModelError
from corrtip.models.likelihood import require_likelihood
from corrtip.models.newton import maximise
from corrtip.models.problem import Problem
from corrtip.models.relax import design_of, is_sound
from corrtip.models.separation import SOUND_CONDITION, check_maximum, find_separation
from corrtip.models.termtests import ALL_TERMS, TermTests, chi_squared, columns_of_terms, parallel_remedy, term_table

if TYPE_CHECKING:
    from corrtip.models.links import Link
    from corrtip.models.results import OrdinalFit

FloatArray = npt.NDArray[np.float64]

# Contrasts whose variance is below this share of the largest, in correlation units, are no random quantity: two binary
# logits that agree on every row of some group differ there by exactly nothing.
_NO_VARIANCE = 1e-10
# So many thin cells are named in a note.
_NAMED_CELLS = 3


def brant(fit: OrdinalFit) -> TermTests:
    """Test parallel lines after Brant (1990): all terms, and each term.

    Parameters
    ----------
    fit : OrdinalFit
        Logit link, location terms only, three outcome levels or more.

    Returns
    -------
    TermTests
        ``table``: term, statistic, df, p_value; first ``"(all)"``; p-values adjusted for the number of terms. By
        formula a factor is one term; from arrays each column is.

    Raises
    ------
    ModelError
        If the link is not logit, there are nominal or scale terms, two levels, no location term, or no likelihood
        (sampling weights, bias reduction).

    Warns
    -----
    UserWarning
        If a binary logit separates, or a level has no observation at a value of a two-valued column.

    See Also
    --------
    R: ``brant::brant``. Stata: ``brant``. For other links `nominal_test` and `parallel_score_test`.

    Notes
    -----
    Each threshold j gives a binary logit of ``Y > j``. With ``X`` the columns and the intercept and ``p_j`` the fitted
    probabilities, the estimates at j and l > j have covariance ``A_j^-1 A_jl A_l^-1``, where
    ``A_jl = X' diag(p_l (1 - p_j)) X`` and ``A_j = A_jj``. The statistic is the distance, in that covariance, to the
    nearest point with equal coefficients (Brant, Biometrics 46, 1990).

    Two differences to R's brant 0.3-0. It copies the blocks for l > j to the places for l < j without transposing them,
    which changes its omnibus statistic (by 1e-4 of itself in our reference data) and leaves single columns alone. And
    where a binary logit separates, it uses the estimates at which its iterations stopped and counts the infinite ones
    among the degrees of freedom; here they are left out of both, which is the limit, and a warning says so.

    Examples
    --------
    >>> from corrtip.models.model import fit_arrays
    >>> y = [0, 0, 1, 1, 2, 2, 0, 1, 2, 1]
    >>> x = [[9], [8], [5], [6], [2], [5], [4], [3], [1], [7]]
    >>> brant(fit_arrays(y, x, levels=["a", "b", "c"], names=["x"])).table["df"].tolist()
    [1, 1]
    """
    _require_brant(fit)
    estimate, problem = fit.estimate, fit.estimate.problem
    at_thresholds, separated = _binary_logits(problem, estimate.link)
    stacked = _Stacked.of(at_thresholds, problem.weights)
    every = list(range(problem.location.shape[1]))
    rows = [
        chi_squared(term, *stacked.test(columns))
        for term, columns in {ALL_TERMS: every, **columns_of_terms(fit, "location")}.items()
    ]
    notes = (*_infinite(separated), *_thin_cells(problem))
    if notes:
        warnings.warn(f"brant: {'; '.join(notes)}.", stacklevel=2)
    table = term_table(rows)
    return TermTests(
        title=f"Parallel lines of {problem.outcome}, Brant", table=table, remedy=parallel_remedy(table), notes=notes
    )


def _require_brant(fit: OrdinalFit) -> None:
    layout = fit.estimate.design.layout
    require_likelihood(fit.estimate, "brant")
    instead = "Use nominal_test or parallel_score_test"
    if fit.link != "logit":
        raise ModelError("brant", f"link {fit.link}", expected="logit: the test compares binary logits", mend=instead)
    if layout.n_nominal or layout.n_scale:
        raise ModelError("brant", "nominal or scale terms", expected="location terms only", mend=instead)
    if layout.n_levels < 3:
        raise ModelError("brant", "two levels, hence one line", expected="three levels or more")
    if not layout.n_location:
        raise ModelError("brant", "no location term", expected="a term with one coefficient for all thresholds")


@dataclass(frozen=True, slots=True)
class _Binary:
    """A binary logit of ``Y > j``: intercept and standardised columns, coefficients, and the fitted probabilities."""

    columns: FloatArray
    params: FloatArray
    chance: FloatArray


def _binary_logits(problem: Problem, link: Link) -> tuple[list[_Binary], dict[str, tuple[str, ...]]]:
    """Return the logit at each threshold, rows in the user's order, and the columns that separate, by threshold."""
    fits: list[_Binary] = []
    separated: dict[str, tuple[str, ...]] = {}
    for j, cut in enumerate(problem.threshold_names):
        low = problem.levels[j]
        binary = replace(
            problem, codes=(problem.codes > j).astype(np.intp), levels=(f"up to {low}", f"above {low}"), groups=None
        )
        design = design_of(binary)
        maximum = maximise(design, link, binary.weights[design.order][None])
        if not is_sound(maximum):
            found = find_separation(binary)
            if found is None:
                check_maximum(binary, design, maximum)
            else:
                separated[cut] = found.names
        columns = np.ones((len(problem.codes), 1 + problem.location.shape[1]))
        columns[design.order, 1:] = design.location
        params = maximum.params[0].copy()
        params[0] *= -1.0  # the threshold of P(Y <= j) is less the intercept of P(Y > j)
        predictor = columns @ params
        if problem.offset is not None:
            predictor += problem.offset
        fits.append(_Binary(columns, params, special.expit(predictor)))
    return fits, separated


@dataclass(frozen=True, slots=True)
class _Stacked:
    """What the binary logits estimate, whitened: ``observed`` has unit covariance, ``maps[j]`` takes (intercept,
    coefficients) of threshold j there."""

    observed: FloatArray
    maps: tuple[FloatArray, ...]

    @classmethod
    def of(cls, fits: list[_Binary], weights: FloatArray) -> _Stacked:
        """Return the stacked estimates; where a logit is infinite there is no information, and nothing is counted."""
        bases, scaled = [], []
        for fit in fits:
            values, vectors = np.linalg.eigh(_information(fit, fit, weights))
            solid = values > values[-1] / SOUND_CONDITION
            bases.append(vectors[:, solid])
            scaled.append(vectors[:, solid] / values[solid])
        covariance = np.block(
            [
                [left.T @ _information(fit, other, weights) @ right for other, right in zip(fits, scaled, strict=True)]
                for fit, left in zip(fits, scaled, strict=True)
            ]
        )
        deviation = np.sqrt(np.diag(covariance))
        values, vectors = np.linalg.eigh(covariance / np.outer(deviation, deviation))
        random = values > _NO_VARIANCE * values[-1]
        whiten = (vectors[:, random] / np.sqrt(values[random])).T / deviation
        sizes = [basis.shape[1] for basis in bases]
        parts = np.split(whiten, np.cumsum(sizes)[:-1], axis=1)
        maps = tuple(part @ basis.T for part, basis in zip(parts, bases, strict=True))
        observed = sum((chart @ fit.params for chart, fit in zip(maps, fits, strict=True)), np.zeros(len(whiten)))
        return cls(observed, maps)

    def test(self, columns: list[int]) -> tuple[float, int]:
        """Return statistic and degrees of freedom of equal coefficients of ``columns`` at all thresholds."""
        shared = 1 + np.array(columns)
        own = np.setdiff1d(np.arange(self.maps[0].shape[1]), shared)
        allowed = np.concatenate(
            [np.sum(self.maps, axis=0)[:, shared], *(chart[:, own] for chart in self.maps)], axis=1
        )
        nearest, _, rank, _ = np.linalg.lstsq(allowed, self.observed)
        missed = self.observed - allowed @ nearest
        return float(missed @ missed), len(self.observed) - int(rank)


def _information(fit: _Binary, other: _Binary, weights: FloatArray) -> FloatArray:
    """Return the covariance of the scores of two binary logits; of two events one implies the other."""
    both = np.minimum(fit.chance, other.chance) * (1.0 - np.maximum(fit.chance, other.chance))
    return np.asarray((fit.columns * (weights * both)[:, None]).T @ other.columns)


def _infinite(separated: dict[str, tuple[str, ...]]) -> list[str]:
    if not separated:
        return []
    places = "; ".join(f"at {cut} by {', '.join(names)}" for cut, names in separated.items())
    return [
        f"binary logits separate ({places}); the statistics are their limits, and what is infinite does not count "
        "among the degrees of freedom"
    ]


def _thin_cells(problem: Problem) -> list[str]:
    """Return a note that names levels without observation at a value of a two-valued column."""
    used = problem.weights > 0.0
    codes = problem.codes[used]
    empty = []
    for name, column in zip(problem.location_names, problem.location[used].T, strict=True):
        low, high = column.min(), column.max()
        if not ((column == low) | (column == high)).all():
            continue
        for value in (low, high):
            held = np.bincount(codes[column == value], minlength=len(problem.levels))
            empty += [f"{problem.levels[level]} with {name} = {value:g}" for level in np.flatnonzero(held == 0)]
    if not empty:
        return []
    more = f" and {len(empty) - _NAMED_CELLS} more" if len(empty) > _NAMED_CELLS else ""
    return [f"no observation has level {', '.join(empty[:_NAMED_CELLS])}{more}; the test may mislead"]
