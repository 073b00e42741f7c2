"""Extreme bounds: what becomes of a focal predictor's effect under every set of controls from a pool."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from corrtip.data.sample import build_sample
from corrtip.errors import SpecError
from corrtip.models.links import get_link
from corrtip.robustness.blocks import HERE, Run, identify, run_blocks
from corrtip.robustness.subsets import FitUnit, Outcome, Pool, SubsetFits, join, units_of

if TYPE_CHECKING:
    from corrtip.data.panel import Panel
    from corrtip.spec import Spec

FloatArray = npt.NDArray[np.float64]

# Standard deviation of each link's distribution, for coefficients on the scale of y*; cauchit has none.
_LINK_SD: Mapping[str, float] = {
    "logit": np.pi / np.sqrt(3.0),
    "probit": 1.0,
    "cloglog": np.pi / np.sqrt(6.0),
    "loglog": np.pi / np.sqrt(6.0),
    "cauchit": np.nan,
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FocalBounds:
    """Every model of one focal predictor.

    Parameters
    ----------
    focal : str
    data : Pool
        The rows with outcome, focal predictor and the specification's own controls, and the columns of the pool.
    pool : tuple of str
        The controls that subsets are drawn from; `SubsetFits.subsets` counts in them.
    left_out : mapping of str to float
        Controls that cover too few of the rows, or do not vary, with the share they cover.
    fits : SubsetFits
    """

    focal: str
    data: Pool
    pool: tuple[str, ...]
    left_out: Mapping[str, float]
    fits: SubsetFits

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.data.codes)

    @property
    def sd(self) -> float:
        """Standard deviation of the focal predictor over the rows."""
        return float(self.data.focal.std())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ExtremeBounds:
    """Every model of every focal predictor.

    Parameters
    ----------
    spec : Spec
    size : int
        Controls taken from the pool at a time.
    focals : tuple of FocalBounds
    """

    spec: Spec
    size: int
    focals: tuple[FocalBounds, ...]

    @property
    def models(self) -> int:
        """Number of models, those without an estimate among them."""
        return sum(len(found.fits.n) for found in self.focals)

    def tidy(self, alpha: float = 0.05) -> pd.DataFrame:
        """Return one row a focal predictor and scale: term, scale, bounds and shares over the models with an estimate.

        Columns
        -------
        scale
            ``effect``: average effect of one standard deviation of the predictor on the probability of the best level.
            ``latent``: coefficient of one standard deviation in standard deviations of y*, comparable between models
            (raw coefficients are not: their scale grows with what the model explains; Mood 2010).
        lowest, median, highest
            Of the estimates.
        lower_bound, upper_bound
            Leamer's (1985) extreme bounds: the lowest and highest end of any ``1 - alpha`` interval.
        share_below, share_significant
            Share of models with a negative estimate; with a p-value below alpha.
        cdf_normal, cdf
            Sala-i-Martin's (1997) mass of the effect on the side that holds more of it: under one normal distribution
            of all models, and as the mean over the models. Models count alike: their likelihoods are of different rows.
        """
        return pd.DataFrame(
            [_summary(found, scale, self.spec.link, alpha) for found in self.focals for scale in ("effect", "latent")]
        )

    def outcomes(self) -> pd.DataFrame:
        """Return how many models have an estimate, and why the others have none: term, outcome, models."""
        return pd.DataFrame(
            [
                {
                    "term": found.focal,
                    "outcome": outcome.name.lower(),
                    "models": int((found.fits.outcome == outcome).sum()),
                }
                for found in self.focals
                for outcome in Outcome
            ]
        )


def extreme_bounds(
    panel: Panel,
    spec: Spec,
    *,
    focal: Sequence[str] = (),
    pool: Sequence[str],
    vintages: Mapping[str, str] | None = None,
    size: int = 3,
    coverage: float = 0.6,
    run: Run = HERE,
) -> ExtremeBounds:
    """Fit the specification with every subset of ``size`` controls from a pool, for each focal predictor.

    Parameters
    ----------
    panel : Panel
    spec : Spec
        Outcome, years, link, coding, vintages, and the controls that every model has.
    focal : sequence of str
        The predictors whose effect is asked for, one at a time; by default the specification's.
    pool : sequence of str
        Controls to draw subsets from.
    vintages : mapping of str to str, optional
        Vintage of each control of the pool that has several.
    size : int
    coverage : float
        A control that covers less than this share of the rows leaves the pool, named in `FocalBounds.left_out`.
    run : Run
        Where it is computed, and whether finished blocks are kept; the result does not depend on it.

    Returns
    -------
    ExtremeBounds

    Raises
    ------
    SpecError
        If the years are several, the pool is smaller than ``size``, or the estimator is not clm.

    Notes
    -----
    Leamer (1985), Sala-i-Martin (1997); Cho (2015) did this for trafficking flows by least squares. A model with fewer
    than 60 complete countries, or fewer than five in a level, is not fitted and keeps its place with that reason.
    """
    if spec.estimator != "clm" or spec.years[0] != spec.years[1]:
        raise SpecError("Spec", f"{spec.estimator}, years {spec.years}", expected="a clm of one year")
    wanted = _Wanted(tuple(pool), vintages or {}, size, coverage)
    asked = [_ask(panel, spec.replace(focal=name), wanted) for name in tuple(focal) or (spec.focal,)]
    work = FitUnit(tuple(question.data for question in asked), get_link(spec.link), size)
    units = [unit for place, question in enumerate(asked) for unit in units_of(place, len(question.held), size)]
    parts: list[list[SubsetFits]] = [[] for _ in asked]
    results = run_blocks(work, units, run, identity=identify(work, units), sizes=[unit.models for unit in units])
    for unit, result in zip(units, results, strict=True):
        parts[unit.pool].append(SubsetFits(*result))
    # One focal predictor at a time, so that what is joined is not held twice.
    focals = tuple(question.answered(join(parts.pop(0))) for question in asked)
    return ExtremeBounds(spec=spec, size=size, focals=focals)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Asked:
    """One focal predictor's rows and columns."""

    focal: str
    held: tuple[str, ...]
    left_out: Mapping[str, float]
    data: Pool

    def answered(self, fits: SubsetFits) -> FocalBounds:
        return FocalBounds(
            focal=self.focal,
            data=self.data,
            pool=self.held,
            left_out=self.left_out,
            fits=fits,
        )


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is asked of the pool."""

    pool: tuple[str, ...]
    vintages: Mapping[str, str]
    size: int
    coverage: float


def _ask(panel: Panel, spec: Spec, wanted: _Wanted) -> _Asked:
    sample = build_sample(panel, spec)
    names = [name for name in wanted.pool if name not in spec.predictors]
    vintages = {name: vintage for name, vintage in wanted.vintages.items() if name in names}
    columns = panel.wide(spec.years, names, vintages).reindex(sample.data.index).astype(float)
    share = columns.notna().mean()
    held = [name for name in names if share[name] >= wanted.coverage and columns[name].max() > columns[name].min()]
    if len(held) < wanted.size:
        raise SpecError(
            "pool", f"{len(held)} controls cover {wanted.coverage:.0%} of the rows", expected=f"{wanted.size} or more"
        )
    data = Pool(
        codes=sample.y,
        n_levels=len(sample.levels),
        focal=sample.x[spec.focal].to_numpy(),
        always=sample.x.drop(columns=spec.focal).to_numpy(),
        pool=columns[held].to_numpy(),
    )
    return _Asked(
        focal=spec.focal,
        held=tuple(held),
        left_out={name: float(share[name]) for name in names if name not in held},
        data=data,
    )


def _summary(found: FocalBounds, scale: str, link: str, alpha: float) -> dict[str, Any]:
    fits = found.fits
    fitted = fits.outcome == Outcome.FITTED
    raw, error = fits.estimate[fitted], fits.std_error[fitted]
    if scale == "effect":
        # The effect is the coefficient times a mean density, whose own error is of second order.
        factor = found.sd * fits.average_effect[fitted] / raw
    else:
        factor = found.sd / np.hypot(fits.latent_sd[fitted], _LINK_SD[link])
    estimate, spread = raw * factor, error * np.abs(factor)
    reach = float(stats.norm.ppf(1.0 - alpha / 2.0)) * spread
    normal = float(stats.norm.cdf(0.0, estimate.mean(), np.sqrt((spread**2).mean())))
    mean = float(stats.norm.cdf(-estimate / spread).mean())
    return {
        "term": found.focal,
        "scale": scale,
        "models": len(fitted),
        "fitted": int(fitted.sum()),
        "lowest": estimate.min(),
        "median": float(np.median(estimate)),
        "highest": estimate.max(),
        "lower_bound": (estimate - reach).min(),
        "upper_bound": (estimate + reach).max(),
        "share_below": (estimate < 0.0).mean(),
        "share_significant": (2.0 * stats.norm.sf(np.abs(raw / error)) < alpha).mean(),
        "cdf_normal": max(normal, 1.0 - normal),
        "cdf": max(mean, 1.0 - mean),
    }
