"""Uncertain, missing, contested and collinear figures, as people read them: tables and sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from corrtip.report.formats import MISSING, format_interval, format_list, format_number, format_p_phrase
from corrtip.report.tables import Table
from corrtip.report.words import tier_name
from corrtip.robustness.uncertainty import WAYS

if TYPE_CHECKING:
    from corrtip.robustness.collinearity import Collinearity
    from corrtip.robustness.confounding import EValue, RobustnessValue
    from corrtip.robustness.contested import Fragility
    from corrtip.robustness.imputation import Imputation

_LEADS: Mapping[str, str] = {
    "corruption leads": "Corruption of the year before, on the tier",
    "placement leads": "Tier of the year before, on corruption",
}


def table_uncertainty(table: pd.DataFrame, caption: str) -> Table:
    """Return one coefficient in every way; takes what `corrtip.compare_uncertainty` gives."""
    rows = [
        (
            WAYS[str(row["way"])],
            format_number(row["n"], "count"),
            format_number(row["estimate"], "estimate"),
            format_interval(row["conf_low"], row["conf_high"], "estimate"),
            format_number(row["ratio"], "statistic"),
        )
        for row in table.to_dict(orient="records")
    ]
    refused = [
        f"{WAYS[str(row['way'])]}: {row['refusal']}." for row in table.to_dict(orient="records") if row["refusal"]
    ]
    return Table(
        caption=caption,
        columns=("Way", "Countries", "Coefficient", "95 % interval", "Times the published"),
        align="lrrrr",
        rows=tuple(rows),
        note=" ".join(
            [
                "Log odds of a worse tier for one point more. The last two rows are no estimates: every country that "
                "has the figures but no rank is placed so that the coefficient comes out as near to zero, or as far "
                "from it, as changing one placement after another can make it.",
                *refused,
            ]
        ),
    )


def sentence_uncertainty(table: pd.DataFrame) -> str:
    """Return what the published error takes away, and what the worst placement of unranked countries would leave."""
    rows = table.set_index("way")
    parts = [f"The published errors leave a reliability of {format_number(table.attrs['reliability'], 'r2')}."]
    for way, words in (("simex", "without them the coefficient is"), ("overimputed", "with scores drawn within them")):
        if not rows.loc[way, "refusal"]:
            ratio = format_number(rows.loc[way, "ratio"], "statistic")
            parts.append(f"{words[0].upper()}{words[1:]} {ratio} times the published one.")
    if not rows.loc["against", "refusal"]:
        against = rows.loc["against"]
        apart = "leaves out" if against["conf_low"] * against["conf_high"] > 0 else "holds"
        added = int(against["n"] - rows.loc["naive", "n"])
        parts.append(
            f"With all {added} unranked countries placed against the finding it is "
            f"{format_number(against['ratio'], 'statistic')} times the published one, and its interval {apart} zero."
        )
    return " ".join(parts)


def table_uncertain_years(tables: Mapping[int, pd.DataFrame]) -> Table:
    """Return every year beside the others: the published coefficient, and the other ways as multiples of it."""
    others = [way for way in WAYS if way != "naive"]
    rows = []
    for year, table in tables.items():
        ways = table.set_index("way")
        cells = []
        for way in others:
            row = ways.loc[way]
            crosses = way in ("against", "with") and row["conf_low"] * row["conf_high"] <= 0
            cells.append(f"{format_number(row['ratio'], 'statistic')}{'*' if crosses else ''}")
        naive = ways.loc["naive"]
        rows.append(
            (
                format_number(year, "year"),
                format_number(naive["n"], "count"),
                format_number(table.attrs["reliability"], "r2"),
                format_number(naive["estimate"], "estimate"),
                *cells,
            )
        )
    return Table(
        caption="Uncertain figures in every year with published errors: coefficients as multiples of the published one",
        columns=(
            "Report",
            "Countries",
            "Reliability",
            "As published",
            "SIMEX",
            "Overimputed",
            "Imputed",
            "Against",
            "With",
        ),
        align="r" * 9,
        rows=tuple(rows),
        note=f"*: the interval of that placement holds zero. {MISSING}: not to be had in that year.",
    )


def sentence_fragility(found: Fragility, names: Mapping[str, str], label: str) -> str:
    """Return how many placements must be shifted before the conclusion about a predictor changes, and whose."""
    shifts = [
        f"{names[shift.iso3]} ({tier_name(shift.was)} to {tier_name(shift.becomes).lower()})" for shift in found.shifts
    ]
    count = len(shifts)
    bound = "" if found.exhaustive >= count else "at most "
    if not found.changed:
        return (
            f"{label}: {count} placements shifted by one tier, the most damaging first, do not change the conclusion."
        )
    end = format_p_phrase(found.path[-1][1])
    return (
        f"{label} ({format_p_phrase(found.p_value)}): {bound}{count} placements, each shifted by one tier, change the "
        f"conclusion ({end} after them): {format_list(shifts)}."
    )


def table_left_out(found: Imputation, names: Mapping[str, str]) -> Table:
    """Return who the complete cases leave out, by tier and by region."""
    rows = [
        (
            tier_name(str(row["level"])) if row["group"] == "tier" else str(row["level"]),
            format_number(row["countries"], "count"),
            format_number(row["left_out"], "count"),
            format_number(row["share"], "percent"),
        )
        for row in found.left_out.to_dict(orient="records")
    ]
    missing = [
        f"{names[str(row['term'])]}: {format_number(row['missing'], 'count')}"
        for row in found.missing.to_dict(orient="records")
    ]
    return Table(
        caption="Who is left out where every figure is asked for",
        columns=("Tier or region", "Ranked countries", "Left out", "Share"),
        align="lrrr",
        rows=tuple(rows),
        note=f"Countries without a figure: {format_list(missing)}.",
    )


def table_collinearity(found: Collinearity, names: Mapping[str, str]) -> Table:
    """Return what the predictors cost one another."""
    rows = [
        (
            names[str(row["term"])],
            format_number(row["vif"], "statistic"),
            format_number(row["inflation"], "statistic"),
            *(format_number(found.correlations.loc[row["term"], other], "statistic") for other in found.correlations),
        )
        for row in found.table.to_dict(orient="records")
    ]
    return Table(
        caption="What the predictors repeat of one another",
        columns=(
            "Predictor",
            "Variance inflation",
            "Of the error",
            *(f"r: {names[str(o)]}" for o in found.correlations),
        ),
        align="l" + "r" * (2 + len(found.correlations.columns)),
        rows=tuple(rows),
        note=f"Condition number {format_number(found.condition_number, 'score')}; 30 and more is called harmful.",
    )


def sentence_confounding(strength: EValue, robust: RobustnessValue, names: Mapping[str, str]) -> str:
    """Return how strong an unmeasured cause would have to be, beside what the controls explain."""
    benchmarks = [
        f"{names[str(row['term'])]} explains {format_number(row['r2_predictor'], 'percent')} and "
        f"{format_number(row['r2_outcome'], 'percent')}"
        for row in robust.benchmarks.to_dict(orient="records")
    ]
    interval = format_interval(strength.conf_low, strength.conf_high, "statistic")
    return (
        f"One standard deviation more of the index goes with {format_number(strength.risk_ratio, 'statistic')} times "
        f"the probability of tier 1 ({interval}). An unmeasured cause would have to be related to both by a risk ratio "
        f"of {format_number(strength.e_value, 'statistic')} to explain that away, and of "
        f"{format_number(strength.e_value_limit, 'statistic')} to move the interval to one. In least squares it would "
        f"have to explain {format_number(robust.value, 'percent')} of what the controls leave of both corruption and "
        f"placement ({format_number(robust.value_alpha, 'percent')} for insignificance); of these two, beside the "
        f"other controls, {'; '.join(benchmarks)}."
    )


def table_two_way(tables: Mapping[str, pd.DataFrame]) -> Table:
    """Return both directions of each measure; takes what `corrtip.two_way` gives, by the measure's name."""
    rows = [
        (
            measure,
            _LEADS[str(row["direction"])],
            format_number(row["estimate"], "estimate"),
            format_interval(row["conf_low"], row["conf_high"], "estimate"),
            format_number(row["p_value"], "p"),
            format_number(row["rows"], "count"),
        )
        for measure, table in tables.items()
        for row in table.to_dict(orient="records")
    ]
    return Table(
        caption="Which comes first? Within countries, given the year before",
        columns=("Measure", "Direction", "Coefficient", "95 % interval", "p", "Country-years"),
        align="llrrrr",
        rows=tuple(rows),
        note=(
            "On the tier: log odds of a worse tier for one unit more. On corruption: units of the measure for one tier "
            "worse. Errors clustered by country. A lead in time is no cause."
        ),
    )
