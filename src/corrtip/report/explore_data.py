"""What the interactive page is given: choices with their reasons, estimates by year, figures with file and line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

import pandas as pd
from scipy import stats

from corrtip.report.formats import format_number

if TYPE_CHECKING:
    from corrtip.data.panel import Panel
    from corrtip.robustness.curve import SpecificationCurve
    from corrtip.robustness.grid import Grid

FIGURES: Final = ("iso3", "year", "variable", "value", "level", "status", "source", "line", "n_independent")
"""The columns of `figures_of`."""

_LEVEL: Final = 0.05


def options_of(grid: Grid) -> pd.DataFrame:
    """Return what may be chosen, and why: choice, option, why; of the choices that the grid leaves open."""
    rows = [
        {"choice": choice.name, "option": option.name, "why": option.why}
        for choice in grid.choices
        if len(choice.options) > 1
        for option in choice.options
    ]
    return pd.DataFrame(rows)


def levels_of(panel: Panel, grid: Grid) -> pd.DataFrame:
    """Return what becomes of each level of the outcome under each coding: option, level, becomes."""
    outcome = grid.spec.outcome
    merges = {item.options["tiers"]: item.spec.merge.get(outcome, {}) for item in grid.specifications()}
    rows = [
        {"option": option, "level": level, "becomes": merge.get(level, level)}
        for option, merge in merges.items()
        for level in panel.catalogue[outcome].levels
    ]
    return pd.DataFrame(rows)


def variables_of(panel: Panel, grid: Grid, lives: Sequence[Sequence[str]] = ()) -> pd.DataFrame:
    """Return which variables each option of measures and controls brings, and how people read them.

    Parameters
    ----------
    panel : Panel
    grid : Grid
    lives : sequence of sequence of str
        As for `run_by_year`.

    Returns
    -------
    DataFrame
        choice, option, variable, vintage, label, unit, direction, better; the outcome in the first row, as a choice
        and option of its own.
    """
    outcome = grid.spec.outcome
    used: dict[tuple[str, str, str], str | None] = {("outcome", outcome, outcome): None}
    for item in grid.specifications():
        spec = item.spec
        for name in next((names for names in lives if spec.focal in names), (spec.focal,)):
            used["focal", item.options["focal"], name] = spec.vintages.get(name)
        for name in spec.controls:
            used["controls", item.options["controls"], name] = spec.vintages.get(name)
    rows = []
    for (choice, option, name), vintage in used.items():
        variable = panel.catalogue[name]
        rows.append(
            {
                "choice": choice,
                "option": option,
                "variable": name,
                "vintage": variable.choose_vintage(vintage, name),
                "label": variable.label,
                "unit": variable.unit,
                "direction": variable.direction,
                "better": variable.better or "",
            }
        )
    return pd.DataFrame(rows)


def figures_of(panel: Panel, variables: pd.DataFrame, years: Iterable[int]) -> pd.DataFrame:
    """Return every figure of these variables and years with where it stands.

    Parameters
    ----------
    panel : Panel
    variables : DataFrame
        As `variables_of` gives.
    years : iterable of int

    Returns
    -------
    DataFrame
        One row a figure: iso3, year, variable, value, level, status, source (edition: ``cpi/2005`` is the file
        ``data/raw/cpi/2005.csv``), line, n_independent (sources that confirm it). Figures that are missing have no row.
    """
    asked = variables[["variable", "vintage"]].drop_duplicates()
    held = panel.frame[panel.frame["year"].isin(list(years)) & (panel.frame["status"] != "missing")]
    found = held.astype({"iso3": "str", "variable": "str", "vintage": "str"}).merge(asked, on=["variable", "vintage"])
    return found.sort_values(["variable", "year", "iso3"])[list(FIGURES)].reset_index(drop=True)


def countries_of(panel: Panel, figures: pd.DataFrame) -> pd.DataFrame:
    """Return the name of every country that has a figure: iso3, name (its latest)."""
    codes = sorted(set(figures["iso3"]))
    return pd.DataFrame({"iso3": codes, "name": [panel.countries.name(code) for code in codes]})


def editions_of(panel: Panel, figures: pd.DataFrame) -> pd.DataFrame:
    """Return who published what the figures come from: source, publisher, title, edition."""
    sources = sorted(set(figures["source"]))
    held = [panel.sources[source] for source in sources]
    return pd.DataFrame(
        {
            "source": sources,
            "publisher": [source.publisher for source in held],
            "title": [source.title for source in held],
            "edition": [source.edition for source in held],
        }
    )


def curve_of(curve: SpecificationCurve) -> pd.DataFrame:
    """Return the specifications with an estimate, from the lowest effect to the highest.

    Returns
    -------
    DataFrame
        The option of each choice that the grid leaves open, n, thin, effect, effect_low, effect_high, p_value. The
        effect is that of `run_grid`; the ends are as many of its standard errors away as the coefficient's, at 95 %.
    """
    held = curve.fitted.reset_index(drop=True)
    reach = stats.norm.ppf(1 - _LEVEL / 2) * (held["effect"] / held["z"]).abs()
    open_choices = [choice.name for choice in curve.grid.choices if len(choice.options) > 1]
    ends = held.assign(effect_low=held["effect"] - reach, effect_high=held["effect"] + reach)
    return ends[[*open_choices, "n", "thin", "effect", "effect_low", "effect_high", "p_value"]]


def sentence_by_year(table: pd.DataFrame) -> str:
    """Return in how many of all years and choices more corruption goes with a worse tier; takes `run_by_year`'s."""
    fitted = table[table["reason"] == ""]
    count, every, expected, apart = (
        format_number(number, "count")
        for number in (len(fitted), len(table), (fitted["effect"] > 0).sum(), (fitted["effect_low"] > 0).sum())
    )
    low, high = (format_number(end, "points") for end in (fitted["effect"].min(), fitted["effect"].max()))
    return (
        f"Of {every} combinations of year, measure, poverty and coding, {count} have an estimate. In {expected} "
        f"of them more corruption goes with a placement below tier 1, in {apart} with an interval above zero; one "
        f"standard deviation of corruption goes with {low} to {high} percentage points."
    )
