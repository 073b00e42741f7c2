"""Sentences that the library makes of results, so that no answer is typed by hand."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from corrtip.report.coverage import CONFIRMED_IN_WORDS
from corrtip.report.formats import format_interval, format_list, format_number, format_p_phrase
from corrtip.report.words import VERDICT_WORDS, tier_name, variant_name
from corrtip.studies.replication import Replication
from corrtip.studies.runs import VariantRun


def sentence_holdings(counts: pd.DataFrame, what: str) -> str:
    """Return how much we hold of a publication and how far it is confirmed.

    Parameters
    ----------
    counts : DataFrame
        What `corrtip.report.coverage.count_by_year` gives.
    what : str
        The figures in the plural: ``tier placements``.
    """
    held, listed = counts["held"].sum(), (counts["held"] + counts["special_case"]).sum()
    years = f"{format_number(counts.index.min(), 'year')} to {format_number(counts.index.max(), 'year')}"
    special = counts["special_case"].sum()
    beside = f", and {format_number(special, 'count')} special cases" if special else ""
    confirmed = format_number(counts["confirmed"].sum() / listed, "percent")
    return (
        f"We hold {format_number(held, 'count')} {what} from {years}{beside}; {CONFIRMED_IN_WORDS} "
        f"give {confirmed} of them."
    )


def sentence_weakest(counts: pd.DataFrame, what: str, below: float = 0.5) -> str:
    """Return in which years fewer than a share of the figures are confirmed, and where figures were not found."""
    share = counts["confirmed"] / (counts["held"] + counts["special_case"])
    weak = [format_number(year, "year") for year in counts.index[share < below]]
    gaps = [
        f"{format_number(missing, 'count')} of {format_number(year, 'year')}"
        for year, missing in counts["missing"].items()
        if missing
    ]
    limit = format_number(below, "percent")
    said = f"Fewer than {limit} of the {what} are confirmed in {format_list(weak)}." if weak else ""
    lost = f"Not found: {format_list(gaps)}; such a year is no cross-section of all countries." if gaps else ""
    fine = f"In every year at least {limit} of the {what} are confirmed."
    return " ".join(part for part in (said, lost) if part) or fine


def sentence_verdicts(replication: Replication) -> str:
    """Return the verdicts on the study's own specification, in one sentence."""
    words: dict[str, list[str]] = {}
    for claim, decision in replication.verdicts.items():
        words.setdefault(VERDICT_WORDS[decision.verdict], []).append(claim)
    parts = [f"{word} for {format_list(claims)}" for word, claims in words.items()]
    rows = format_number(replication.base.evidence.n, "count")
    return f"On the specification nearest to the study's own (n = {rows}), the verdict is {'; '.join(parts)}."


def sentence_claim(replication: Replication, claim: str) -> str:
    """Return how a claim fares over all specifications, each group of them named."""
    total = len(replication.runs)
    parts = []
    for verdict, word in VERDICT_WORDS.items():
        names = [variant_name(run.name) for run in replication.runs if run.decisions[claim].verdict == verdict]
        # The many need no names: they are all but the few.
        which = f" ({format_list(names)})" if len(names) <= total / 2 else ""
        parts += [f"{word} in {len(names)}{which}"] if names else []
    return f"Claim {claim}, over {total} specifications: {', '.join(parts)}."


def sentence_coefficient(run: VariantRun, term: str, direction: str) -> str:
    """Return a coefficient of a joint model with its interval and p-value.

    Parameters
    ----------
    run : VariantRun
        With a joint model.
    term : str
    direction : str
        What a rise by one unit is, in words: ``one point more of the CPI (higher = cleaner)``.
    """
    if run.fits.joint is None:
        raise KeyError(run.name)
    row = run.fits.joint.tidy().set_index("term").loc[term]
    interval = format_interval(row["conf_low"], row["conf_high"], "estimate")
    return (
        f"With the other predictors held fixed, {direction} moves the log odds of a worse tier by "
        f"{format_number(row['estimate'], 'estimate')} (95 % interval {interval}; {format_p_phrase(row['p_value'])})."
    )


def sentence_effects(effects: pd.DataFrame, direction: str) -> str:
    """Return average effects on the probability of each level; takes what ``average_effects`` gives."""
    parts = [
        f"{tier_name(str(row['level']))} by {format_number(row['estimate'], 'points')}"
        f" ({format_interval(row['conf_low'], row['conf_high'], 'points')})"
        for row in effects.to_dict(orient="records")
    ]
    return (
        f"Averaged over the countries, {direction} changes the probability of each tier, in percentage points with "
        f"95 % intervals: {', '.join(parts)}."
    )


def sentence_parallel(overall: pd.Series, terms: pd.DataFrame, labels: Mapping[str, str]) -> str:
    """Return what tests say of the assumption that a coefficient is the same at every border between tiers.

    Parameters
    ----------
    overall : Series
        The row of Brant's test of all terms.
    terms : DataFrame
        Likelihood-ratio tests, one row a term: term, p_value.
    labels : mapping of str to str
        How people read each term.
    """
    each = [f"{labels[str(row['term'])]} {format_p_phrase(row['p_value'])}" for row in terms.to_dict(orient="records")]
    return (
        "Whether one coefficient serves at every border between tiers: Brant's test of all predictors gives "
        f"{format_p_phrase(overall['p_value'])}; likelihood-ratio tests of each give {format_list(each)}."
    )


def alt_tier_by_score(quartiles: pd.DataFrame, label: str) -> str:
    """Return the words for a drawing of tiers by a score: how the best tier's share changes over the quartiles."""
    best = quartiles[quartiles["level"] == quartiles["level"].iloc[0]].sort_values("quartile")
    first, last = (format_number(share, "percent") for share in (best["share"].iloc[0], best["share"].iloc[-1]))
    return (
        f"Every country as a point: {label} across, its tier in rows. The share in "
        f"{tier_name(str(best['level'].iloc[0]))} is {first} in the lowest quarter of scores and {last} in the highest."
    )


def alt_probabilities(bands: pd.DataFrame) -> str:
    """Return the words for curves of probabilities: each level's at the lowest and at the highest score.

    Parameters
    ----------
    bands : DataFrame
        What `corrtip.report.figures.plot_predicted_probabilities` draws, rows in the order of the score.
    """
    parts = []
    for level, band in bands.groupby("level", sort=False):
        ends = (format_number(band["estimate"].iloc[place], "percent") for place in (0, -1))
        parts.append(f"{tier_name(str(level))} from {' to '.join(ends)}")
    return f"Curves with bands. From the lowest to the highest score: {format_list(parts)}."


def alt_coefficients(estimates: pd.DataFrame, names: Mapping[str, str]) -> str:
    """Return the words for a drawing of coefficients: on which side of zero each term's intervals lie, how often.

    Parameters
    ----------
    estimates : DataFrame
        What `corrtip.report.figures.plot_coefficients` draws.
    names : mapping of str to str
        How people read each term.
    """
    parts = []
    for term, part in estimates.groupby("term", sort=False):
        below, above = (part["conf_high"] < 0).sum(), (part["conf_low"] > 0).sum()
        parts.append(f"{names[str(term)]}: {below} of {len(part)} intervals below zero, {above} above")
    return f"A row for each model, an interval for each predictor. {'; '.join(parts)}."
