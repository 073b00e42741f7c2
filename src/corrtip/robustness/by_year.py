"""The same choices in every year: each specification of a grid fitted to each year's report by itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np
import pandas as pd

from corrtip.errors import CorrtipError, SpecError
from corrtip.estimate import fit
from corrtip.models.effects import average_effects
from corrtip.robustness.years import sample_of_year
from corrtip.spec import Spec

if TYPE_CHECKING:
    from corrtip.data.panel import Panel
    from corrtip.models.results import OrdinalFit
    from corrtip.robustness.grid import Grid

_COEFFICIENT: Final = ("estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high")
_EFFECT: Final = {"effect": "estimate", "effect_low": "conf_low", "effect_high": "conf_high"}


def run_by_year(panel: Panel, grid: Grid, years: Iterable[int], *, lives: Sequence[Sequence[str]] = ()) -> pd.DataFrame:
    """Fit every specification of a grid in each year for itself, with all focal variables turned one way.

    Parameters
    ----------
    panel : Panel
    grid : Grid
        Its own years are replaced by each year in turn.
    years : iterable of int
    lives : sequence of sequence of str
        Variables that are one measure on different scales, ``[("cpi_pre2012", "cpi")]``: a specification whose focal
        variable is among them takes the one that is defined for the year.

    Returns
    -------
    DataFrame
        One row a specification and year: the option of each choice that the grid leaves open; year; measure (the focal
        variable); n; thin (levels with fewer than five countries); estimate, std_error, statistic, p_value, conf_low,
        conf_high: the coefficient of one standard deviation more of what is worse (more corruption), positive where it
        goes with a worse level; effect, effect_low, effect_high: what the probability of any level but the best
        gains by it, on average over the rows; reason: why there is no estimate, else empty.

    Raises
    ------
    SpecError
        If the estimator of a specification is not clm, or a focal variable has no better end.

    Notes
    -----
    The focal variable is a z-score within its year, over all countries published that year, so that measures on
    different scales stand side by side. Which end is worse says the catalogue. The effect is the average slope of the
    probability (`average_effects`), as in `every_year`, with the sign turned. No p-value is adjusted.
    """
    asked = [int(year) for year in years]
    specifications = grid.specifications()
    names = [choice.name for choice in grid.choices]
    left_open = [name for name in names if len({item.options[name] for item in specifications}) > 1]
    rows = []
    for item in specifications:
        spec = _in_deviations(item.spec)
        measures = next((tuple(names) for names in lives if spec.focal in names), (spec.focal,))
        taken = {name: item.options[name] for name in left_open}
        rows += [{**taken, "year": year, **_answer(panel, spec, year, measures)} for year in asked]
    return pd.DataFrame(rows).astype({"n": "Int64"})


def _in_deviations(spec: Spec) -> Spec:
    if spec.estimator != "clm":
        raise SpecError("Spec.estimator", f'"{spec.estimator}"', expected='"clm"')
    return spec.replace(transforms={**spec.transforms, spec.focal: "zscore_within_year"})


def _answer(panel: Panel, spec: Spec, year: int, measures: Sequence[str]) -> dict[str, Any]:
    try:
        sample = sample_of_year(panel, spec, year, measures)
        fitted = cast("OrdinalFit", fit(sample))
    except CorrtipError as error:
        nothing = dict.fromkeys((*_COEFFICIENT, *_EFFECT), np.nan)
        return {"measure": "", "n": pd.NA, "thin": "", **nothing, "reason": error.seen}
    focal = sample.spec.focal
    # What the best level loses the others gain.
    worse = _worse_end(panel, focal)
    coefficient = _facing(fitted.tidy().set_index("term").loc[focal], worse)
    effect = _facing(average_effects(fitted, focal).iloc[0], -worse)
    return {
        "measure": focal,
        "n": len(sample.y),
        "thin": ", ".join(f"{level}: {count}" for level, count in sample.thin_levels.items()),
        **{name: coefficient[name] for name in _COEFFICIENT},
        **{name: effect[source] for name, source in _EFFECT.items()},
        "reason": "",
    }


def _worse_end(panel: Panel, focal: str) -> float:
    """Return 1 if more of the variable is worse, -1 if less of it is."""
    better = panel.catalogue[focal].better
    if better is None:
        raise SpecError(
            f'focal variable "{focal}"', "neither end of it is better", expected="one that has a better end"
        )
    return -1.0 if better == "high" else 1.0


def _facing(line: pd.Series[Any], sign: float) -> dict[str, float]:
    """Return an estimate's line, or the same for a step the other way."""
    low, high = sorted((sign * line["conf_low"], sign * line["conf_high"]))
    turned = {name: sign * float(line[name]) for name in ("estimate", "statistic")}
    return {**turned, "std_error": line["std_error"], "p_value": line["p_value"], "conf_low": low, "conf_high": high}
