"""What a result survives, as people read it: tables and sentences on intervals, countries, controls and choices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd
from scipy import stats

from corrtip.data.catalogue import Variable
from corrtip.models.multiplicity import adjusted
from corrtip.models.results import OrdinalFit
from corrtip.report.formats import format_interval, format_list, format_number, format_p_phrase
from corrtip.report.p_values import count_significant
from corrtip.report.tables import Table
from corrtip.report.words import FIT_WORDS, term_name
from corrtip.robustness.bounds import ExtremeBounds, FocalBounds
from corrtip.robustness.curve import FITTED, SpecificationCurve
from corrtip.robustness.dominance import Dominance
from corrtip.robustness.permutation import PermutationTest
from corrtip.robustness.resampling import Bootstrap
from corrtip.robustness.subsets import Outcome

_KINDS: Final = ("Wald", "profile likelihood", "bootstrap, percentile", "bootstrap, BCa")
_LEVEL: Final = 0.05


def intervals_of(fit: OrdinalFit, draws: Bootstrap) -> pd.DataFrame:
    """Return four kinds of 95 % interval for every coefficient: term, kind, estimate, conf_low, conf_high."""
    terms = list(fit.coefficients.index)
    tables = (
        fit.conf_int().loc[terms],
        fit.conf_int(cols=terms, method="profile"),
        draws.tidy().set_index("term").loc[terms],
        draws.tidy(method="bca").set_index("term").loc[terms],
    )
    parts = [
        pd.DataFrame(
            {
                "term": terms,
                "kind": kind,
                "estimate": fit.coefficients.to_numpy(),
                "conf_low": table["conf_low"].to_numpy(),
                "conf_high": table["conf_high"].to_numpy(),
            }
        )
        for kind, table in zip(_KINDS, tables, strict=True)
    ]
    return pd.concat(parts, ignore_index=True)


def table_intervals(intervals: pd.DataFrame, draws: Bootstrap, catalogue: Mapping[str, Variable]) -> Table:
    """Return the coefficients with their intervals of four kinds, a row for each kind.

    Parameters
    ----------
    intervals : DataFrame
        What `intervals_of` gives.
    draws : Bootstrap
    catalogue : mapping of str to Variable
    """
    rows = [
        (
            f"{term_name(str(term), catalogue)}: {format_number(line['estimate'], 'estimate')}" if place == 0 else "",
            str(line["kind"]),
            format_interval(line["conf_low"], line["conf_high"], "estimate"),
        )
        for term, part in intervals.groupby("term", sort=False)
        for place, line in enumerate(part.to_dict(orient="records"))
    ]
    lost = int((~draws.usable).sum())
    return Table(
        caption="Four kinds of interval for the joint model",
        columns=("Coefficient", "Kind", "95 % interval"),
        align="llr",
        rows=tuple(rows),
        note=(
            f"Bootstrap: {format_number(len(draws.draws), 'count')} draws of the countries with replacement, each "
            f"fitted again; {format_number(lost, 'count')} of them have no estimate."
        ),
    )


def sentence_intervals(intervals: pd.DataFrame, term: str) -> str:
    """Return what the four kinds of interval say of one coefficient, and how many leave out zero."""
    part = intervals[intervals["term"] == term]
    said = [
        f"{row['kind']} {format_interval(row['conf_low'], row['conf_high'], 'estimate')}"
        for row in part.to_dict(orient="records")
    ]
    apart = int(((part["conf_low"] > 0) | (part["conf_high"] < 0)).sum())
    return (
        f"The coefficient of the index is {format_number(part['estimate'].iloc[0], 'estimate')}. Its 95 % intervals: "
        f"{'; '.join(said)}. Of these {format_number(len(part), 'count')}, {format_number(apart, 'count')} leave out "
        "zero."
    )


def sentence_influence(fit: OrdinalFit, changes: pd.Series, names: Mapping[str, str]) -> str:
    """Return between which values a coefficient lies when any one country is left out, and which country moves it most.

    Parameters
    ----------
    fit : OrdinalFit
    changes : Series
        A column of what `corrtip.influence` gives, indexed by iso3 code; its name is the coefficient's.
    names : mapping of str to str
        Country names by iso3 code.
    """
    known = changes.dropna()
    without = fit.params[known.name] + known * fit.bse[known.name]
    most = known.abs().idxmax()
    turned = int((np.sign(without) != np.sign(fit.params[known.name])).sum())
    return (
        f"With each of {format_number(len(known), 'count')} countries left out in turn, the coefficient of the index "
        f"lies between {format_number(without.min(), 'estimate')} and {format_number(without.max(), 'estimate')}, and "
        f"has the other sign in {format_number(turned, 'count')} cases. {names[str(most)]} moves it most, by "
        f"{format_number(known[most], 'statistic')} standard errors."
    )


def sentence_permutation(tests: Mapping[str, PermutationTest]) -> str:
    """Return what permutation tests say; each key says between whom residuals were exchanged."""
    parts = []
    for whom, test in tests.items():
        sizes = np.where(np.isnan(test.draws), np.inf, np.abs(test.draws))
        as_large = int((sizes >= abs(test.statistic)).sum())
        still = test.countries - test.movable
        alone = f"; {format_number(still, 'count')} had nobody to exchange with" if still else ""
        parts.append(
            f"{whom}, {format_number(as_large, 'count')} of {format_number(len(test.draws), 'count')} exchanges give "
            f"a z as large ({format_p_phrase(test.p_value)}{alone})"
        )
    first = next(iter(tests.values()))
    return f"The index has z = {format_number(first.statistic, 'statistic')}. {'. '.join(parts)}."


def sentence_lead(views: Mapping[str, Dominance], focal: str, names: Mapping[str, str]) -> str:
    """Return by how much one predictor leads its strongest rival in each view, with intervals.

    Parameters
    ----------
    views : mapping of str to Dominance
        With draws and of one measure of fit; each key says what enters and leaves together.
    focal : str
        The predictor; it has the same name in every view.
    names : mapping of str to str
        How people read the rivals.
    """
    parts, apart = [], 0
    for view, found in views.items():
        lead = found.lead(focal)
        apart += lead.conf_low > 0.0
        interval = format_interval(lead.conf_low, lead.conf_high, "r2")
        said = f"{format_number(lead.estimate, 'r2')} more than {names[lead.rival]} ({interval})"
        parts.append(f"taken by {view}, {said}")
    return (
        f"Averaged over all subsets of the others, the index adds to {FIT_WORDS[found.measure]}, beside its strongest "
        f"rival: {'; '.join(parts)}. In brackets 95 % intervals of the bootstrap, in each draw over the strongest "
        f"rival there; {apart} of {len(parts)} lie above zero."
    )


def table_bounds(found: ExtremeBounds, catalogue: Mapping[str, Variable]) -> Table:
    """Return the effect of each focal predictor over all sets of controls: a row for each.

    Parameters
    ----------
    found : ExtremeBounds
    catalogue : mapping of str to Variable
        Says how predictors are called and which end is better.
    """
    table = _turned(found, catalogue)
    rows = [
        (
            f"{catalogue[focal.focal].label}, n = {format_number(focal.n, 'count')}",
            format_number(line["fitted"], "count"),
            format_number(line["median"], "points"),
            format_interval(line["lowest"], line["highest"], "points"),
            format_interval(line["lower_bound"], line["upper_bound"], "points"),
            *(format_number(share, "percent") for share in _shares(focal)),
        )
        for focal, line in zip(found.focals, table.to_dict(orient="records"), strict=True)
    ]
    columns = ("Measure", "Models", "Median", "Estimates", "Leamer's bounds")
    return Table(
        caption=f"The effect of less corruption beside every {_counted(found.size)} of a pool of controls",
        columns=(*columns, "p < .05", "Holm", "BH"),
        align="lr" + "r" * (len(columns) + 1),
        rows=tuple(rows),
        note=" ".join(
            [
                "The average slope of the probability of the best tier, in percentage points for one standard "
                "deviation less corruption. Estimates: the lowest and the highest. Leamer's bounds: the lowest and "
                "the highest end of any 95 % interval. p < .05: share of the models; Holm, BH (Benjamini and "
                "Hochberg): the same, adjusted for the number of models.",
                *_reasons(found, catalogue),
            ]
        ),
    )


def _counted(size: int) -> str:
    return {1: "one", 2: "pair", 3: "three", 4: "four", 5: "five"}.get(size, str(size))


def _turned(found: ExtremeBounds, catalogue: Mapping[str, Variable]) -> pd.DataFrame:
    """Return the rows on the scale of effects, turned to one standard deviation towards the better end."""
    table = found.tidy().query("scale == 'effect'").reset_index(drop=True)
    low = np.array([catalogue[name].better == "low" for name in table["term"]])
    for lower, upper in (("lowest", "highest"), ("lower_bound", "upper_bound"), ("median", "median")):
        ends = table[[lower, upper]].to_numpy()
        table[lower], table[upper] = np.where(low, -ends[:, 1], ends[:, 0]), np.where(low, -ends[:, 0], ends[:, 1])
    return table


def _p_values(focal: FocalBounds) -> pd.Series:
    fitted = focal.fits.outcome == Outcome.FITTED
    z = focal.fits.estimate[fitted] / focal.fits.std_error[fitted]
    return pd.Series(2.0 * stats.norm.sf(np.abs(z)))


def _shares(focal: FocalBounds) -> list[float]:
    """Return the shares of significant models: as they are, by Holm, by Benjamini and Hochberg."""
    plain = _p_values(focal)
    many = adjusted(plain)
    return [float((values < _LEVEL).mean()) for values in (plain, many["p_holm"], many["p_bh"])]


def _reasons(found: ExtremeBounds, catalogue: Mapping[str, Variable]) -> list[str]:
    """Return why some models have no estimate, and which controls left the pool."""
    why = {"too_few_rows": "fewer than 60 countries", "thin_level": "fewer than five in a tier", "no_maximum": "none"}
    counts = found.outcomes().groupby("outcome", sort=False)["models"].sum()
    parts = [f"{format_number(counts[name], 'count')} with {said}" for name, said in why.items() if counts[name]]
    lost = dict.fromkeys(name for focal in found.focals for name in focal.left_out)
    labels = ", ".join(catalogue[name].label for name in lost)
    pool = format_list([format_number(size, "count") for size in sorted({len(focal.pool) for focal in found.focals})])
    models = format_number(len(found.focals[0].fits.n), "count")
    return [
        *([f"Not fitted, over all rows: {format_list(parts)}."] if parts else []),
        f"The pool has {pool} controls, which make {models} models for each measure"
        + (f"; left out of it, because they cover too few of the countries or do not vary: {labels}." if lost else "."),
    ]


def sentence_bounds(found: ExtremeBounds, catalogue: Mapping[str, Variable]) -> str:
    """Return how far the effect of each focal predictor moves over all sets of controls, and if bounds hold zero."""
    parts = []
    for line in _turned(found, catalogue).to_dict(orient="records"):
        interval = format_interval(line["lowest"], line["highest"], "points")
        holds = "hold" if line["lower_bound"] <= 0 <= line["upper_bound"] else "leave out"
        share = format_number(line["share_significant"], "percent")
        parts.append(
            f"{catalogue[str(line['term'])].label}: {interval} percentage points over "
            f"{format_number(line['fitted'], 'count')} models, {share} of them with p < .05; Leamer's bounds {holds} "
            "zero"
        )
    return f"{'. '.join(parts)}."


def table_curve(curve: SpecificationCurve) -> Table:
    """Return what all specifications say together, beside what they say where there is no effect; takes draws."""
    formats = {"median_effect": "points", "share_expected": "percent", "share_significant": "percent"}
    fitted, draws = (format_number(size, "count") for size in (len(curve.fitted), len(curve.null)))
    rows = [
        (
            _STATISTICS[str(row["statistic"])],
            format_number(row["estimate"], formats[str(row["statistic"])]),
            format_interval(row["conf_low"], row["conf_high"], formats[str(row["statistic"])]),
            format_interval(row["null_low"], row["null_high"], formats[str(row["statistic"])]),
            format_number(row["p_value"], "p"),
        )
        for row in curve.tidy().to_dict(orient="records")
    ]
    return Table(
        caption="All specifications at once",
        columns=("Statistic", "Found", "95 % interval", "Without an effect", "p"),
        align="lrrrr",
        rows=tuple(rows),
        note=(
            f"{format_number(curve.models, 'count')} specifications, of which {fitted} have an estimate. Interval: "
            f"{draws} draws of the countries. Without an effect: the middle 95 % of as many draws in which what the "
            "controls do not say of corruption is exchanged between countries; p is one-sided, the share of these "
            "draws that are as large, the figures counted among them. The median effect is tested by the median z."
        ),
    )


_STATISTICS: Final[Mapping[str, str]] = {
    "median_effect": "Median effect, percentage points",
    "share_expected": "Specifications with the expected sign",
    "share_significant": "Specifications with the expected sign and p < .05",
}


def table_options(curve: SpecificationCurve) -> Table:
    """Return every option with its reason, and what the specifications that take it say."""
    reasons = {(choice.name, option.name): option.why for choice in curve.grid.choices for option in choice.options}
    rows = [
        (
            str(row["choice"]),
            str(row["option"]),
            reasons[row["choice"], row["option"]],
            format_number(row["fitted"], "count"),
            format_number(row["median_effect"], "points"),
            format_number(row["share_significant"], "percent"),
        )
        for row in curve.by_option().to_dict(orient="records")
    ]
    return Table(
        caption="The choices, what speaks for each option, and what follows from it",
        columns=("Choice", "Option", "Why", "Fitted", "Median effect", "p < .05"),
        align="lllrrr",
        rows=tuple(rows),
        note=(
            "Percentage points on the probability of the best tier, for one standard deviation less corruption, over "
            "the specifications that take the option; p < .05: the share of them with the expected sign and p < .05."
        ),
    )


def table_excluded(curve: SpecificationCurve) -> Table:
    """Return the combinations of options that are not fitted, and why."""
    rows = [
        ("; ".join(f"{choice}: {' or '.join(options)}" for choice, options in item.options.items()), item.why)
        for item in curve.grid.excluded
    ]
    return Table(
        caption="Combinations that are left out",
        columns=("Combination", "Why"),
        align="ll",
        rows=tuple(rows),
    )


def sentence_curve(curve: SpecificationCurve) -> str:
    """Return the median effect, its sign and significance over all specifications, and where the effect is smallest."""
    held, options = curve.fitted, curve.by_option().dropna(subset="median_effect")
    found = curve.tidy().set_index("statistic")["estimate"]
    low, median, high = (
        format_number(value, "points") for value in (held["effect"].min(), found["median_effect"], held["effect"].max())
    )
    weakest = options.loc[options["median_effect"].idxmin()]
    return (
        f"Over {format_number(len(held), 'count')} specifications the effect lies between {low} and {high} percentage "
        f"points, with a median of {median}. The sign is the expected one in "
        f"{format_number(found['share_expected'], 'percent')} of them. p is below .05 in "
        f"{count_significant(held['p_value'])}; in brackets adjusted for their number by Holm, and by Benjamini and "
        f"Hochberg. The lowest median of any option is {format_number(weakest['median_effect'], 'points')} "
        f"({weakest['choice']}: {weakest['option']}).{_lost(curve)}"
    )


def _lost(curve: SpecificationCurve) -> str:
    """Return how many specifications have no estimate, and why, beginning with a space; nothing where all have one."""
    counts = curve.outcomes().set_index("outcome")["specifications"].drop(FITTED)
    if counts.empty:
        return ""
    reasons = "; ".join(f"{why}: {format_number(count, 'count')}" for why, count in counts.items())
    lost, total = (format_number(count, "count") for count in (counts.sum(), curve.models))
    return f" {lost} of {total} specifications have no estimate ({reasons})."


def sentence_null(curve: SpecificationCurve) -> str:
    """Return what the curve says beside draws without an effect given the controls; takes draws."""
    lines = curve.tidy().set_index("statistic")
    effect, strong = lines.loc["median_effect"], lines.loc["share_significant"]
    return (
        "Where corruption has nothing to do with placement once all controls are given, the median effect lies between "
        f"{format_interval(effect['null_low'], effect['null_high'], 'points').replace(' to ', ' and ')} percentage "
        f"points in the middle 95 % of {format_number(len(curve.null), 'count')} draws; the median found is "
        f"{format_number(effect['estimate'], 'points')} ({format_p_phrase(effect['p_value'])}). The share with the "
        f"expected sign and p < .05 is {format_number(strong['estimate'], 'percent')}, and in these draws "
        f"{format_interval(strong['null_low'], strong['null_high'], 'percent')} "
        f"({format_p_phrase(strong['p_value'])})."
    )
