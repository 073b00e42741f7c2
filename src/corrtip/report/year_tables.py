"""Every year, and countries over time, as people read them: tables and sentences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from corrtip.data.transitions import History
from corrtip.report.formats import MISSING, format_interval, format_list, format_number, format_p_phrase
from corrtip.report.tables import Table
from corrtip.report.year_figures import state_name
from corrtip.robustness.between_within import MODELS
from corrtip.robustness.years import FOCAL

_MOVES: Mapping[str, str] = {"grows": "grows", "fades": "fades", "unresolved": "neither"}


def table_years(effects: pd.DataFrame, counts: pd.DataFrame, measures: Mapping[str, str]) -> Table:
    """Return the effect of corruption in every year, beside how far the year's placements are confirmed.

    Parameters
    ----------
    effects : DataFrame
        ``EveryYear.table``.
    counts : DataFrame
        What `corrtip.report.coverage.count_by_year` gives for the outcome.
    measures : mapping of str to str
        How people read each measure.
    """
    rows = []
    for row in effects[effects["term"] == FOCAL].to_dict(orient="records"):
        count = counts.loc[row["year"]]
        listed = count["held"] + count["special_case"]
        rows.append(
            (
                format_number(row["year"], "year"),
                format_number(count["held"], "count"),
                format_number(count["confirmed"] / listed, "percent"),
                measures.get(str(row["measure"]), MISSING),
                format_number(row["n"], "count") if not row["reason"] else MISSING,
                format_number(row["effect"], "points"),
                format_interval(row["effect_low"], row["effect_high"], "points"),
                format_number(row["estimate"], "statistic"),
                str(row["reason"]),
            )
        )
    why = [f"{row[0]}: {row[-1].removesuffix('.')}." for row in rows if row[-1]]
    return Table(
        caption="Corruption and the tier in every year: effect of one standard deviation more control of corruption",
        columns=("Report", "Placed", "Confirmed", "Measure", "In the model", "Effect", "95 % interval", "Coefficient"),
        align="rrrlrrrr",
        rows=tuple(row[:-1] for row in rows),
        note=" ".join(
            [
                "Effect: percentage points on the probability of tier 1, averaged over the countries. Coefficient: log "
                "odds of a worse tier. Placed: countries with a tier that we hold; confirmed: of these and the special "
                "cases, those that two or more independent sources give.",
                *why,
            ]
        ),
    )


def sentence_years(effects: pd.DataFrame) -> str:
    """Return in how many years the effect of corruption has the expected sign and an interval without zero."""
    known = effects[(effects["term"] == FOCAL) & effects["estimate"].notna()]
    missing = effects[(effects["term"] == FOCAL) & effects["estimate"].isna()]["year"].tolist()
    apart = int((known["effect_low"] > 0).sum())
    low, high = (format_number(bound, "points") for bound in (known["effect"].min(), known["effect"].max()))
    open_years = f" Not fitted: {format_list([format_number(year, 'year') for year in missing])}." if missing else ""
    return (
        f"Of {len(known)} years, the cleaner countries have the higher probability of tier 1 in "
        f"{int((known['effect'] > 0).sum())}, with an interval above zero in {apart}; one standard deviation goes with "
        f"{low} to {high} percentage points.{open_years}"
    )


def table_trends(trends: pd.DataFrame, names: Mapping[str, str]) -> Table:
    """Return whether coefficients move over the years; takes what ``EveryYear.trends`` gives."""
    rows = [
        (
            names[str(row["term"])],
            format_number(row["negative_years"], "count"),
            format_number(row["positive_years"], "count"),
            format_number(row["estimate"], "statistic"),
            format_interval(row["conf_low"], row["conf_high"], "statistic"),
            _MOVES[str(row["moves"])],
        )
        for row in trends.to_dict(orient="records")
    ]
    return Table(
        caption="Do the coefficients move over the years?",
        columns=(
            "Predictor",
            "Years below 0",
            "Years above 0",
            "Change in ten years",
            "95 % interval",
            "Grows or fades",
        ),
        align="lrrrrl",
        rows=tuple(rows),
        note=(
            "Coefficients: log odds of a worse tier for one standard deviation within the year. Change: least-squares "
            "slope of the yearly coefficients; its interval comes from resampled countries, each with all its years. "
            "Grows or fades: away from or towards zero, where the interval excludes no change."
        ),
    )


def sentence_trends(trends: pd.DataFrame, names: Mapping[str, str]) -> str:
    """Return for every predictor whether its coefficient keeps its sign and whether it moves."""
    parts = []
    for row in trends.to_dict(orient="records"):
        signs = f"{row['negative_years']} years below zero and {row['positive_years']} above"
        parts.append(f"{names[str(row['term'])]}: {signs}; over time it {_MOVES_SAID[str(row['moves'])]}")
    return f"{'. '.join(parts)}."


_MOVES_SAID: Mapping[str, str] = {
    "grows": "grows",
    "fades": "fades",
    "unresolved": "neither grows nor fades beyond what chance would do",
}


def table_between_within(table: pd.DataFrame, names: Mapping[str, str], *, caption: str) -> Table:
    """Return between and within coefficients, a row a model, predictor and part.

    Parameters
    ----------
    table : DataFrame
        What `corrtip.between_within` gives.
    names : mapping of str to str
        How people read each predictor.
    caption : str
    """
    rows, before = [], ""
    for row in table.to_dict(orient="records"):
        term, part, model = str(row["term"]), str(row["part"]), MODELS[str(row["model"])]
        rows.append(
            (
                "" if model == before else model,
                f"Year before: {state_name(term)}" if part == "previous" else f"{names[term]}, {part}",
                format_number(row["estimate"], "estimate"),
                format_interval(row["conf_low"], row["conf_high"], "estimate"),
            )
        )
        before = model
    sizes = table.groupby("model", sort=False)[["rows", "countries"]].first()
    counted = ", ".join(
        f"{MODELS[str(model)].lower()}: {format_number(size['rows'], 'count')} country-years of "
        f"{size['countries']} countries"
        for model, size in sizes.iterrows()
    )
    return Table(
        caption=caption,
        columns=("Model", "Predictor", "Coefficient", "95 % interval"),
        align="llrr",
        rows=tuple(rows),
        note=(
            "Log odds of a worse tier for one unit more; thresholds of their own in each year. "
            "Between: the country's mean over the years. Within: the deviation from it. "
            f"{counted[0].upper()}{counted[1:]}."
        ),
    )


def sentence_between_within(table: pd.DataFrame, focal: str, name: str) -> str:
    """Return what the model with random intercepts says of the two questions about one predictor."""
    rows = table[(table["model"] == "intercepts") & (table["term"] == focal)].set_index("part")
    between, within = (
        f"{format_number(rows.loc[part, 'estimate'], 'estimate')} "
        f"({format_interval(rows.loc[part, 'conf_low'], rows.loc[part, 'conf_high'], 'estimate')}; "
        f"{format_p_phrase(rows.loc[part, 'p_value'])})"
        for part in ("between", "within")
    )
    return (
        f"{name}, with a random intercept for each country: between countries {between}; within a country over time "
        f"{within}."
    )


def table_stays(history: History) -> Table:
    """Return how long countries stay in each state."""
    spells = history.spells()
    rows = []
    for state in dict.fromkeys([*history.levels, *spells["state"]]):
        part = spells[spells["state"] == state]
        closed = part[part["begun"] & part["ended"]]
        rows.append(
            (
                state_name(state),
                format_number(len(part), "count"),
                format_number(len(closed), "count"),
                format_number(closed["years"].median() if len(closed) else None, "score"),
                format_number(part["years"].max(), "count"),
            )
        )
    return Table(
        caption="How long countries stay",
        columns=("State", "Stays", "Seen from beginning to end", "Their median length, years", "Longest, years"),
        align="lrrrr",
        rows=tuple(rows),
        note=(
            "A stay is an unbroken run of years in one state. Only stays that are seen to begin and to end have a "
            "known length, and they are the shorter ones: a country that never left its tier is not among them."
        ),
    )


def table_movers(history: History, names: Mapping[str, str], countries: int = 15) -> Table:
    """Return the countries that changed their tier most often."""
    rows = [
        (
            names[str(row.iso3)],
            *(format_number(count, "count") for count in (row.moves, row.better, row.worse, row.years)),
        )
        for row in history.movers().head(countries).itertuples()
    ]
    return Table(
        caption="Who moved most",
        columns=("Country", "Moves", "To a better tier", "To a worse tier", "Years with a tier"),
        align="lrrrr",
        rows=tuple(rows),
        note="Moves between tiers of two successive reports; among equals in the order of their codes.",
    )


def sentence_transitions(counts: pd.DataFrame) -> str:
    """Return the share of country-years that keep their state for each tier."""
    shares = [
        f"{state_name(str(state))} {format_number(counts.loc[state, state] / counts.loc[state].sum(), 'percent')}"
        for state in counts.index
        if counts.loc[state].sum()
    ]
    total = int(counts.to_numpy().sum())
    return f"Of {total:,} steps from one report to the next, the share that stays where it was: {format_list(shares)}."


def drawn_years(tables: Iterable[pd.DataFrame], measures: Mapping[str, str]) -> pd.DataFrame:
    """Return what `corrtip.plot_years` draws of several measures: percentage points in each year."""
    shown = pd.concat([table[table["term"] == FOCAL] for table in tables], ignore_index=True)
    return pd.DataFrame(
        {
            "year": shown["year"],
            "series": shown["measure"].map(measures),
            "estimate": 100 * shown["effect"],
            "conf_low": 100 * shown["effect_low"],
            "conf_high": 100 * shown["effect_high"],
        }
    ).dropna(subset="series")
