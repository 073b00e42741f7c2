"""Would the focal coefficient be as large if countries' residual figures were dealt out anew? A permutation test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from corrtip.errors import ModelError, SpecError
from corrtip.estimate import fit as fit_sample
from corrtip.models.results import OrdinalFit
from corrtip.robustness.blocks import HERE, Arrays, Run, identify, run_blocks
from corrtip.robustness.groups import Group, refit_columns
from corrtip.robustness.null import Exchange, build_exchange, focal_columns, p_value, permutations

if TYPE_CHECKING:
    from corrtip.data.sample import Sample

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

# Draws of one block: the unit that is seeded, computed and handed out.
_BLOCK = 500
# A permutation that deals out the same figures again gives the same statistic, up to where its fit stops.
_SAME = 1e-7


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PermutationTest:
    """The statistic of the figures among those of permuted figures.

    Parameters
    ----------
    focal : str
    estimate : float
        The focal coefficient on the rows as they are.
    statistic : float
        The same, divided by its standard error.
    draws : ndarray, shape (draws,)
        Statistics under the null; nan where a draw has no maximum.
    countries : int
    movable : int
        Countries that have another one to exchange residuals with.
    covariance : {"nonrobust", "HC0", "HC1"}
        Which standard error divides, in the figures and in the draws.
    seed : int
    """

    focal: str
    estimate: float
    statistic: float
    draws: FloatArray
    countries: int
    movable: int
    covariance: str
    seed: int

    @property
    def lost(self) -> int:
        """Draws without a maximum: they count as at least as extreme."""
        return int(np.isnan(self.draws).sum())

    @property
    def p_value(self) -> float:
        """Two-sided: ``(1 + draws at least as extreme) / (1 + draws)``.

        A draw that separates the levels has a coefficient without bound, which is as extreme as can be; Wald's
        statistic would fall back to zero on the way there. Counting it for the null can only enlarge the p-value.
        """
        sizes = np.where(np.isnan(self.draws), np.inf, np.abs(self.draws))
        return p_value(abs(self.statistic) * (1.0 - _SAME), sizes)

    def tidy(self) -> pd.DataFrame:
        """Return one row: term, estimate, statistic, p_value, draws, lost, countries, movable."""
        return pd.DataFrame(
            {
                "term": [self.focal],
                "estimate": [self.estimate],
                "statistic": [self.statistic],
                "p_value": [self.p_value],
                "draws": [len(self.draws)],
                "lost": [self.lost],
                "countries": [self.countries],
                "movable": [self.movable],
            }
        )


def permutation_test(
    sample: Sample, n: int = 9_999, seed: int = 1, *, within: pd.Series | None = None, run: Run = HERE
) -> PermutationTest:
    """Test the focal coefficient by exchanging, between countries, what the controls do not say of the focal variable.

    Parameters
    ----------
    sample : Sample
        Of a specification with the estimator clm or logit.
    n : int
        Number of permutations.
    seed : int
    within : Series, optional
        A label for each row, indexed as ``sample.data``, such as ``panel.wide((2005, 2005), ["region"])["region"]``:
        only countries of one label are exchanged. Rows that the sample does not hold are passed over.
    run : Run
        Where it is computed; the draws do not depend on it.

    Returns
    -------
    PermutationTest

    Raises
    ------
    SpecError
        If the estimator is another, or the focal variable has more than one column.
    ModelError
        If the model has no maximum on the rows as they are, a row has no label, the years of a country have different
        ones, no two countries can be exchanged, or ``n`` is not positive.

    Notes
    -----
    The focal variable is regressed by least squares on the controls, and ``x* = fitted + e[permuted]`` takes its place,
    with residuals ``e`` divided by ``sqrt(1 - leverage)``. The outcome, which has levels and no residual, stays where
    it is. Wald's z in the model refitted to ``x*`` is compared with the z of the figures: z, because a coefficient's
    own spread differs from draw to draw. Without controls this permutes the variable itself (Draper and Stoneman 1966)
    and is exact for any number of countries. With controls it takes the focal variable to be linear in them with
    exchangeable errors, as does Potter (2005, Statistics in Medicine 24, 693-708), who compares likelihood ratios.

    With controls a plain permutation of the focal variable is not offered. It cuts the variable off from the controls
    too, and so tests that it is independent of outcome and controls together. Correlated .7 with a control that matters
    and without an effect of its own, its coefficient was rejected in 13 % of 600 samples at the 5 % level; z, whose
    standard error knows of the correlation, in 6 %, as with the residuals. That repair rests on the standard error,
    which is what a permutation test is there to do without.

    In several years the regression is of each year for itself, and countries are exchanged whole, their years together,
    among those that are in the sample in the same years: what a country's years share stays in the draws, whatever
    the covariance. A sample of one year whose specification asks for the cluster covariance has a row in each cluster;
    z is then divided by HC0, which is the same up to a factor that all draws share.
    """
    if n < 1:
        raise ModelError("n", f"{n}", expected="one permutation or more")
    fitted = _fit(sample)
    exchange, group = _arrays(sample, fitted)
    if within is not None:
        exchange = replace(exchange, strata=_finer(exchange.strata, _labels(sample, within)))
    movable = int((np.bincount(exchange.strata)[exchange.strata] > 1).sum())
    if not movable:
        raise ModelError("within", "no two countries to exchange share a label", expected="coarser labels")
    sizes = [min(_BLOCK, n - first) for first in range(0, n, _BLOCK)]
    identity = identify("permutation", group, exchange, seed, n)
    work = _Permute(group, exchange, seed)
    draws = [block for (block,) in run_blocks(work, list(enumerate(sizes)), run, identity=identity, sizes=sizes)]
    focal = sample.spec.focal
    return PermutationTest(
        focal=focal,
        estimate=float(fitted.params[focal]),
        statistic=float(fitted.tvalues[focal]),
        draws=np.concatenate(draws),
        countries=len(exchange.strata),
        movable=movable,
        covariance=fitted.cov_type,
        seed=seed,
    )


def _fit(sample: Sample) -> OrdinalFit:
    """Return the fit with a covariance that batches have."""
    spec = sample.spec
    if spec.estimator not in ("clm", "logit"):
        raise SpecError("Spec.estimator", f'"{spec.estimator}"', expected='"clm" or "logit"')
    if spec.focal not in sample.x.columns:
        raise SpecError(f"Spec.focal {spec.focal}", "levels without order, a column for each", expected="a number")
    covariance = "HC0" if spec.covariance == "cluster" else spec.covariance
    return cast(OrdinalFit, fit_sample(replace(sample, spec=spec.replace(covariance=covariance))))


def _arrays(sample: Sample, fitted: OrdinalFit) -> tuple[Exchange, Group]:
    iso3, country = np.unique(sample.clusters, return_inverse=True)
    years, measure = np.unique(sample.data.index.get_level_values("year"), return_inverse=True)
    table = np.full((len(years), len(iso3), sample.x.shape[1]), np.nan)
    table[measure, country] = sample.x.to_numpy()
    # The focal variable is the first predictor.
    group = Group(
        codes=sample.y,
        n_levels=len(sample.levels),
        focal=sample.x.to_numpy()[:, 0],
        controls=sample.x.to_numpy()[:, 1:],
        country=country,
        measure=measure,
        step=1.0,
        models=((fitted.link, fitted.cov_type),),
        starts={fitted.link: fitted.estimate.maximum.params[0]},
    )
    return build_exchange(table[:, :, 0], list(table[:, :, 1:])), group


def _labels(sample: Sample, within: pd.Series) -> Sequence[str]:
    """Return the label of each country, in the order of their names."""
    rows = within.reindex(sample.data.index)
    if rows.isna().any():
        iso3, year = rows.index[rows.isna()][0]
        raise ModelError("within", f"no label for {iso3}, {year}", expected="one for each row of the sample")
    named = rows.astype("str")
    first = named.groupby(level="iso3", sort=True).first()
    changing = named.ne(first.reindex(rows.index, level="iso3"))
    if changing.any():
        raise ModelError(
            "within",
            f"{rows.index[changing][0][0]} changes its label",
            expected="one label for all years of a country, which are exchanged together",
        )
    return list(first)


def _finer(strata: IntArray, labels: Sequence[str]) -> IntArray:
    codes = np.unique(labels, return_inverse=True)[1]
    return np.unique(strata * (codes.max() + 1) + codes, return_inverse=True)[1].astype(np.intp)


@dataclass(frozen=True, slots=True)
class _Permute:
    group: Group
    exchange: Exchange
    seed: int

    def __call__(self, block: tuple[int, int]) -> Arrays:
        number, size = block
        taken = permutations(self.exchange.strata, np.random.default_rng([self.seed, number]), size)
        columns = focal_columns(self.exchange, taken, self.group.measure, self.group.country)
        return (refit_columns(self.group, columns)[0][:, 0],)
