"""Between countries or within a country over time? Two questions that one coefficient of a panel would mix."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from corrtip.data.sample import build_sample
from corrtip.errors import SpecError
from corrtip.models.mixed import clmm
from corrtip.models.model import clm

if TYPE_CHECKING:
    from corrtip.data.panel import Panel
    from corrtip.data.sample import Sample
    from corrtip.spec import Spec

MODELS = {
    "pooled": "Pooled, errors clustered by country",
    "intercepts": "Random intercept of each country",
    "persistence": "Pooled, beside the level of the year before",
}
"""The models by name, as people read them."""

_PREVIOUS = "previous"
_PARTS = ("between", "within")
_COLUMNS = ["estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high"]


def between_within(panel: Panel, spec: Spec) -> pd.DataFrame:
    """Fit a specification's country-years with each predictor split into the country's mean and deviations from it.

    Parameters
    ----------
    panel : Panel
    spec : Spec
        Several years, numeric predictors that are comparable over them (or standardised within the year).

    Returns
    -------
    DataFrame
        One row a model and coefficient: model (a name of `MODELS`), term (the predictor), part (``between``,
        ``within``; ``previous`` for levels of the year before, whose term is the level), estimate, std_error,
        statistic, p_value, conf_low, conf_high, rows, countries.

    Raises
    ------
    SpecError
        If the specification covers one year, or a predictor has levels.

    Notes
    -----
    ``between`` compares countries by their means over the years, ``within`` a country with itself as its figures move
    (Mundlak 1978; Bell and Jones 2015, who call it within-between). All models have thresholds of their own in each
    year (nominal terms of the year), so that a report that grows harsher in one year moves no coefficient. The
    intercepts are normal and take what a country keeps over the years; their coefficients hold a country's own level
    fixed and are larger by construction than the pooled ones, which average over countries. The third model asks what
    the predictors add where the level of the year before is known; the first years of its countries are not explained
    by it. Deviations are not causes: what else moves with a country's figures is not held fixed.

    Rows that have no level in the year before are left out of the third model; `rows` says how many remain.
    """
    if spec.years[0] == spec.years[1]:
        raise SpecError("Spec.years", f"{spec.years}", expected="several years")
    sample = build_sample(panel, spec)
    leveled = [name for name in spec.predictors if name not in sample.x.columns]
    if leveled:
        raise SpecError("Spec", f'"{leveled[0]}" has levels', expected="numeric predictors")
    data = split_predictors(sample.data, spec.predictors)
    return fit_split(data, _with_previous(panel, sample, data), spec.outcome, spec.predictors)


def fit_split(data: pd.DataFrame, known: pd.DataFrame, outcome: str, predictors: Sequence[str]) -> pd.DataFrame:
    """Return the table of `between_within` from rows already split.

    Parameters
    ----------
    data : DataFrame
        What `split_predictors` gives.
    known : DataFrame
        Those of its rows whose level in the year before is known, with that level as ``previous``.
    outcome : str
    predictors : sequence of str
    """
    formula = f"{outcome} ~ " + " + ".join(f"{name}_{part}" for name in predictors for part in _PARTS)
    pooled = clm(formula, data, nominal="~ year", cov_type="cluster", groups=data["iso3"])
    intercepts = clmm(formula, data, groups="iso3", nominal="~ year")
    persistence = clm(f"{formula} + {_PREVIOUS}", known, nominal="~ year", cov_type="cluster", groups=known["iso3"])
    return pd.concat(
        [
            _rows("pooled", pooled.tidy(), data),
            _rows("intercepts", intercepts.tidy(), data),
            _rows("persistence", persistence.tidy(), known),
        ],
        ignore_index=True,
    )


def split_predictors(data: pd.DataFrame, predictors: Sequence[str]) -> pd.DataFrame:
    """Return data with iso3 and year as columns and each predictor as its country mean and the deviation from it.

    Parameters
    ----------
    data : DataFrame
        Indexed by iso3 and year, as in ``Sample.data``.
    predictors : sequence of str
        Columns to split: ``<predictor>_between`` and ``<predictor>_within``; means are over the country's rows.
    """
    data = data.reset_index()
    data["year"] = pd.Categorical(data["year"].astype(str))
    for name in predictors:
        data[f"{name}_between"] = data.groupby("iso3")[name].transform("mean")
        data[f"{name}_within"] = data[name] - data[f"{name}_between"]
    return data


def _with_previous(panel: Panel, sample: Sample, data: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with a level in the year before, and that level: joined by country and year, never shifted."""
    outcome, (first, last) = sample.spec.outcome, sample.spec.years
    before = panel.wide((first - 1, last - 1), [outcome]).reset_index()
    merged = sample.spec.merge.get(outcome, {})
    before[_PREVIOUS] = pd.Categorical(before[outcome].astype("str").replace(merged), categories=sample.levels)
    before["year"] = (before["year"] + 1).astype(str)
    known = data.merge(before[["iso3", "year", _PREVIOUS]].dropna(), on=["iso3", "year"], how="inner")
    known["year"] = pd.Categorical(known["year"])
    return known


def _rows(model: str, table: pd.DataFrame, data: pd.DataFrame) -> pd.DataFrame:
    split = table["term"].str.extract(r"^(?P<term>.+)_(?P<part>between|within)$")
    level = table["term"].str.extract(rf"^{_PREVIOUS}\[T\.(?P<term>.+)\]$")["term"]
    named = pd.DataFrame(
        {
            "model": model,
            "term": split["term"].fillna(level),
            "part": split["part"].where(level.isna(), _PREVIOUS),
            **{column: table[column] for column in _COLUMNS},
            "rows": len(data),
            "countries": data["iso3"].nunique(),
        }
    )
    return named[table["level"].isna() & named["term"].notna()].reset_index(drop=True)
