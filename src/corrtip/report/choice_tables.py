"""The same question under other ordinal models, as people read it: table, sentence, and the words beside a drawing."""

from __future__ import annotations

import pandas as pd

from corrtip.report.formats import MISSING, format_interval, format_list, format_number
from corrtip.report.p_values import p_cells, p_heads, p_note
from corrtip.report.tables import Table
from corrtip.report.words import tier_name


def table_choices(effects: pd.DataFrame, level: str, *, caption: str) -> Table:
    """Return the average effect on one level, a row for each choice of model.

    Parameters
    ----------
    effects : DataFrame
        What `corrtip.robustness.choices.compare_choices` gives.
    level : str
        The outcome level.
    caption : str

    Returns
    -------
    Table
        Effect in percentage points with its interval, p-value as it is and adjusted for the number of models,
        log-likelihood and AIC; a choice that was refused has open cells and its reason below.
    """
    shown = effects[(effects["level"] == level) | (effects["refusal"] != "")]
    rows = [
        (
            str(row["choice"]),
            format_number(row["estimate"], "points"),
            MISSING if row["refusal"] else format_interval(row["conf_low"], row["conf_high"], "points"),
            *p_cells(row),
            format_number(row["llf"], "loglik"),
            format_number(row["aic"], "loglik"),
        )
        for row in shown.to_dict(orient="records")
    ]
    refused = shown[shown["refusal"] != ""]
    effect, ps = f"Effect on {tier_name(level).lower()}", p_heads(shown)
    return Table(
        caption=caption,
        columns=("Model", effect, "95 % interval", *ps, "Log-likelihood", "AIC"),
        align="lrr" + "r" * len(ps) + "rr",
        rows=tuple(rows),
        note=" ".join(
            [
                "Percentage points for one point more, averaged over the countries; delta method. Each model departs "
                f"from the first in one thing.{p_note(shown, 'models that give an effect')}",
                *(f"{name}: {why}." for name, why in zip(refused["choice"], refused["refusal"], strict=True)),
            ]
        ),
    )


def sentence_choices(effects: pd.DataFrame, level: str) -> str:
    """Return how far the effect on one level moves over the choices, and whether its sign and its interval hold."""
    known = effects[effects["level"] == level]
    total, first = effects["choice"].nunique(), known.iloc[0]
    same = int((known["estimate"] * first["estimate"] > 0).sum())
    apart = int(((known["conf_low"] > 0) | (known["conf_high"] < 0)).sum())
    refused = total - len(known)
    counted = f"{format_number(refused, 'count')} of {format_number(total, 'count')} models"
    missing = f" For {counted} no effect can be computed; the table says why." if refused else ""
    low, high = (format_number(bound, "points") for bound in (known["estimate"].min(), known["estimate"].max()))
    return (
        f"One point more of the index changes the probability of {tier_name(level).lower()} by "
        f"{format_number(first['estimate'], 'points')} percentage points in the proportional-odds model, and by "
        f"{low} to {high} over the {format_number(len(known), 'count')} models. The sign is that of the first model in "
        f"{format_number(same, 'count')} of them, and the 95 % interval leaves out zero in "
        f"{format_number(apart, 'count')}.{missing}"
    )


def sentence_best(effects: pd.DataFrame) -> str:
    """Return which choices fit better than the first, by Akaike's criterion, and by how much the best one does."""
    aic = effects.dropna(subset=["aic"]).groupby("choice", sort=False)["aic"].first()
    gain = (aic.iloc[0] - aic.iloc[1:]).sort_values(ascending=False)
    better = gain[gain > 0]
    if better.empty:
        return "By Akaike's criterion no other model fits better than the first."
    return (
        f"By Akaike's criterion these fit better than the first, the best by {format_number(better.iloc[0], 'score')}: "
        f"{format_list([str(name) for name in better.index])}."
    )


def intervals_of_choices(effects: pd.DataFrame, levels: tuple[str, ...]) -> pd.DataFrame:
    """Return what `corrtip.plot_coefficients` draws: percentage points for each model, a term for each level."""
    drawn = effects[effects["level"].isin(levels)].rename(columns={"choice": "model", "level": "term"})
    points = ["estimate", "conf_low", "conf_high"]
    return drawn[["model", "term"]].join(100 * drawn[points])
