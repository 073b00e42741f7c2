"""Which comes first? Last year's corruption beside this placement, and last year's placement beside this corruption."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from corrtip.errors import SpecError
from corrtip.models.model import fit_arrays

if TYPE_CHECKING:
    from corrtip.data.panel import Panel
    from corrtip.spec import Spec


def two_way(panel: Panel, spec: Spec) -> pd.DataFrame:
    """Return whether last year's corruption goes with this year's placement, and last year's placement with corruption.

    Parameters
    ----------
    panel : Panel
    spec : Spec
        Several years; its focal variable must be comparable over them.

    Returns
    -------
    DataFrame
        One row a direction: direction, estimate, std_error, statistic, p_value, conf_low, conf_high, rows, countries.
        ``corruption leads``: coefficient of last year's score in a cumulative link model of this year's level, beside
        last year's level; ``placement leads``: coefficient of last year's level (its number, best is 0) in least
        squares of this year's score, beside last year's score. Both within countries: each predictor as the deviation
        from the country's mean, errors clustered by country, thresholds or intercepts of each year.

    Raises
    ------
    SpecError
        If the specification covers fewer than three years.

    Notes
    -----
    Granger's (1969) question, asked of short panels: a lead in time, given the past of what is led. Deviations from a
    mean over few years bias the coefficient of the own past (Nickell 1981); with twenty years the bias is small. What
    moves both, with a delay of its own, can look like a lead. It is no evidence of a cause.
    """
    if spec.years[1] - spec.years[0] < 2:
        raise SpecError("Spec.years", f"{spec.years}", expected="three years or more")
    data = _lagged(panel, spec)
    return pd.DataFrame([_corruption_leads(data), _placement_leads(data)])


def _lagged(panel: Panel, spec: Spec) -> pd.DataFrame:
    """Return this year's and last year's level and score, joined by country and year, and their deviations."""
    figures = panel.wide(spec.years, [spec.outcome, spec.focal], dict(spec.vintages)).dropna().reset_index()
    figures["level"] = figures[spec.outcome].cat.codes.astype(float)
    figures["score"] = figures[spec.focal].astype(float)
    now = figures[["iso3", "year", "level", "score"]]
    before = now.assign(year=now["year"] + 1).rename(columns={"level": "level_before", "score": "score_before"})
    data = now.merge(before, on=["iso3", "year"], how="inner")
    for name in ("score", "level_before", "score_before"):
        data[f"{name}_within"] = data[name] - data.groupby("iso3")[name].transform("mean")
    return data


def _corruption_leads(data: pd.DataFrame) -> dict[str, Any]:
    years = pd.get_dummies(data["year"], drop_first=True, dtype=float)
    x = np.column_stack([data["score_before_within"], years])
    past = pd.get_dummies(data["level_before"], drop_first=True, dtype=float)
    mean = data.groupby("iso3")["score_before"].transform("mean")
    fitted = fit_arrays(
        data["level"].to_numpy().astype(np.intp),
        np.column_stack([x, past, mean]),
        levels=[str(level) for level in range(int(data["level"].max()) + 1)],
        names=["led", *(f"c{place}" for place in range(x.shape[1] - 1 + past.shape[1] + 1))],
        cov_type="cluster",
        groups=data["iso3"].to_numpy(),
    )
    row = fitted.tidy().set_index("term").loc["led"]
    return _direction("corruption leads", row.drop("level"), data)


def _placement_leads(data: pd.DataFrame) -> dict[str, Any]:
    from statsmodels.regression.linear_model import OLS

    years = pd.get_dummies(data["year"], dtype=float).to_numpy()
    x = np.column_stack([data["level_before_within"], data["score_before_within"], years])
    groups = pd.factorize(data["iso3"])[0]
    fitted = OLS(data["score_within"].to_numpy(), x).fit(cov_type="cluster", cov_kwds={"groups": groups}, use_t=True)
    low, high = fitted.conf_int()[0]
    row = pd.Series(
        {
            "estimate": fitted.params[0],
            "std_error": fitted.bse[0],
            "statistic": fitted.tvalues[0],
            "p_value": fitted.pvalues[0],
            "conf_low": low,
            "conf_high": high,
        }
    )
    return _direction("placement leads", row, data)


def _direction(name: str, row: pd.Series, data: pd.DataFrame) -> dict[str, Any]:
    return {"direction": name, **row, "rows": len(data), "countries": data["iso3"].nunique()}
