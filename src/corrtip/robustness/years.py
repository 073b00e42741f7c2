"""One year is an anecdote: the same specification in every year, side by side, and whether the effect moves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from corrtip.data.sample import Sample, build_sample
from corrtip.errors import CorrtipError, ModelError, SpecError
from corrtip.estimate import fit as fit_sample
from corrtip.models.effects import average_effects
from corrtip.models.multiplicity import adjusted
from corrtip.models.results import OrdinalFit
from corrtip.robustness.resampling import FEWEST_USABLE, draw_weights, refit_draws

if TYPE_CHECKING:
    from corrtip.data.panel import Panel
    from corrtip.spec import Spec

FloatArray = npt.NDArray[np.float64]

# The coefficients of the corruption measures of a year stand under one name, whatever the measure is called.
FOCAL = "focal"
_ESTIMATES = ("estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EveryYear:
    """One specification fitted in each year for itself.

    Parameters
    ----------
    spec : Spec
        What was asked for; its focal variable is that of the first measure.
    table : DataFrame
        One row a year and term, the focal predictor under the name ``focal``: year, measure (the variable that stands
        for it), term, estimate, std_error, statistic, p_value, conf_low, conf_high, n, levels, effect, effect_low,
        effect_high, reason, p_holm, p_bh (adjusted for the number of years of a term). A year without an estimate
        keeps one row, with its reason.
    draws : ndarray, shape (draws, years, terms)
        Estimates on resampled countries, the same countries in every year of a draw; nan where there is none.
    years : tuple of int
        The years of ``draws``: those with an estimate.
    terms : tuple of str
        The terms of ``draws``, ``focal`` first.

    Notes
    -----
    ``effect`` is the average change of the probability of the best level when the predictor rises by one unit; with
    predictors as z-scores within the year that is one standard deviation of the countries published that year.
    """

    spec: Spec
    table: pd.DataFrame
    draws: FloatArray
    years: tuple[int, ...]
    terms: tuple[str, ...]

    def trends(self, alpha: float = 0.05) -> pd.DataFrame:
        """Return for each term whether its coefficient moves over the years.

        Parameters
        ----------
        alpha : float
            The percentile interval has level ``1 - alpha``.

        Returns
        -------
        DataFrame
            term, estimate (change of the coefficient in ten years: the least-squares slope of the yearly estimates),
            std_error, conf_low, conf_high (of the slope, over the draws), moves: ``grows``, ``fades`` (the coefficient
            moves away from or towards zero, and the interval excludes no movement), or ``unresolved``;
            negative_years, positive_years: years with an estimate below and above zero.

        Raises
        ------
        ModelError
            If there are no draws, or fewer than nine in ten have an estimate in every year.

        Notes
        -----
        Yearly estimates of the same countries are not independent. The draws resample countries and keep each one's
        years together, so that the interval holds what years share. Years count alike.
        """
        usable = self.draws[np.isfinite(self.draws).all(axis=(1, 2))]
        if len(usable) < max(1.0, FEWEST_USABLE * len(self.draws)):
            raise ModelError(
                "trends",
                f"{len(usable)} of {len(self.draws)} draws have an estimate in every year",
                expected="nine in ten",
                mend="Ask for draws, or leave out the years with the fewest countries",
            )
        wide = self.table.dropna(subset="estimate").pivot_table(index="year", columns="term", values="estimate")
        rows = []
        for place, term in enumerate(self.terms):
            observed = wide.loc[list(self.years), term].to_numpy()
            slope, slopes = _slope(self.years, observed), _slope(self.years, usable[:, :, place])
            low, high = np.quantile(slopes, [alpha / 2.0, 1.0 - alpha / 2.0])
            rows.append(
                {
                    "term": term,
                    "estimate": float(slope),
                    "std_error": float(slopes.std(ddof=1)),
                    "conf_low": float(low),
                    "conf_high": float(high),
                    "moves": _movement(float(observed.mean()), float(low), float(high)),
                    "negative_years": int((observed < 0.0).sum()),
                    "positive_years": int((observed > 0.0).sum()),
                }
            )
        return pd.DataFrame(rows)


def every_year(
    panel: Panel,
    spec: Spec,
    years: Iterable[int],
    *,
    measures: Sequence[str] = (),
    draws: int = 0,
    seed: int = 1,
) -> EveryYear:
    """Fit a specification in each year for itself.

    Parameters
    ----------
    panel : Panel
    spec : Spec
        Its years are replaced by each year in turn. Predictors that are not comparable over years should enter as
        ``zscore_within_year`` or ``rank_within_year``.
    years : iterable of int
    measures : sequence of str
        The focal variables, of which each year takes the first that is defined for it: ``("cpi_pre2012", "cpi")`` sets
        the two lives of the index side by side without joining them. The specification's focal variable by default;
        what it says of that one (transform, lag) holds for all of them.
    draws : int
        Bootstrap draws of countries, the same in every year, for `EveryYear.trends`.
    seed : int

    Returns
    -------
    EveryYear

    Raises
    ------
    SpecError
        If the estimator is not clm, or no year has an estimate.

    Notes
    -----
    A year of which we hold the outcome in part only is not fitted: it is no cross-section of all countries. Nor is one
    that cannot be estimated; both say why.
    """
    if spec.estimator != "clm":
        raise SpecError("Spec.estimator", f'"{spec.estimator}"', expected='"clm"')
    asked = tuple(measures) or (spec.focal,)
    fits: dict[int, tuple[Sample, OrdinalFit]] = {}
    parts = []
    for year in years:
        try:
            sample = sample_of_year(panel, spec, year, asked)
            fitted = fit_sample(sample)
        except CorrtipError as error:
            parts.append(pd.DataFrame({"year": [year], "term": [FOCAL], "reason": [error.seen]}))
            continue
        if isinstance(fitted, OrdinalFit):
            fits[year] = (sample, fitted)
            parts.append(_rows(year, sample, fitted))
    if not fits:
        raise SpecError("years", "none has an estimate", expected="one or more", mend="See the reasons year by year")
    table = pd.concat(parts, ignore_index=True)
    table = table.join(adjusted(table["p_value"], table["term"]))
    return EveryYear(
        spec=spec.replace(focal=asked[0], **_settings(spec, asked[0])),
        table=table.astype({"n": "Int64", "levels": "Int64"}),
        draws=_draw(fits, draws, seed),
        years=tuple(fits),
        terms=(FOCAL, *_controls(next(iter(fits.values()))[0])),
    )


def sample_of_year(panel: Panel, spec: Spec, year: int, measures: Sequence[str]) -> Sample:
    """Return the sample of one year, with the first of the measures that is defined for it as the focal variable.

    Raises
    ------
    SpecError
        If we hold the outcome of the year in part only, no measure is defined for it, or no row is left.
    """
    if year in panel.column(spec.outcome, panel.catalogue[spec.outcome].choose_vintage(None, spec.outcome)).partial:
        raise SpecError(
            f"{spec.outcome} of {year}", "held in part only, which is no cross-section of all countries", expected="all"
        )
    defined = [name for name in measures if _covers(panel, name, year)]
    if not defined:
        raise SpecError(f"measures in {year}", "none is defined for the year", expected=", ".join(measures))
    return build_sample(panel, spec.replace(focal=defined[0], years=(year, year), **_settings(spec, defined[0])))


def _covers(panel: Panel, name: str, year: int) -> bool:
    variable = panel.catalogue[name]
    return (variable.first_year or year) <= year <= (variable.last_year or year)


def _settings(spec: Spec, focal: str) -> dict[str, Mapping[str, Any]]:
    """Return lag, transforms and vintages in which the focal variable bears another name."""

    def renamed(setting: Mapping[str, Any]) -> dict[str, Any]:
        return {focal if name == spec.focal else name: value for name, value in setting.items()}

    return {name: renamed(getattr(spec, name)) for name in ("lag", "transforms", "vintages")}


def _controls(sample: Sample) -> tuple[str, ...]:
    return tuple(name for name in sample.x.columns if name != sample.spec.focal)


def _rows(year: int, sample: Sample, fitted: OrdinalFit) -> pd.DataFrame:
    focal = sample.spec.focal
    names = (focal, *_controls(sample))
    table = fitted.tidy().set_index("term").loc[list(names), list(_ESTIMATES)].reset_index()
    effects = pd.concat([average_effects(fitted, name).iloc[:1] for name in names], ignore_index=True)  # the best level
    return table.assign(
        year=year,
        term=[FOCAL, *names[1:]],
        measure=focal,
        n=len(sample.y),
        levels=len(sample.levels),
        effect=effects["estimate"],
        effect_low=effects["conf_low"],
        effect_high=effects["conf_high"],
        reason="",
    )


def _draw(fits: Mapping[int, tuple[Sample, OrdinalFit]], draws: int, seed: int) -> FloatArray:
    """Return the estimates on resampled countries, shape (draws, years, terms)."""
    everyone = sorted({country for sample, _ in fits.values() for country in sample.clusters})
    places = {country: place for place, country in enumerate(everyone)}
    weights = draw_weights(np.arange(len(everyone)), seed, draws)
    found = []
    for sample, fitted in fits.values():
        params = refit_draws(fitted, weights[:, [places[country] for country in sample.clusters]])[0]
        names = (sample.spec.focal, *_controls(sample))
        found.append(params[:, [fitted.names.index(name) for name in names]])
    return np.stack(found, axis=1)


def _slope(years: Sequence[int], estimates: FloatArray) -> FloatArray:
    """Return the least-squares slopes over ten years, along the last axis."""
    centred = (np.array(years, dtype=float) - np.mean(years)) / 10.0
    return np.asarray(estimates @ centred / (centred @ centred))


def _movement(mean: float, low: float, high: float) -> str:
    if low <= 0.0 <= high:
        return "unresolved"
    return "grows" if (low > 0.0) == (mean > 0.0) else "fades"
