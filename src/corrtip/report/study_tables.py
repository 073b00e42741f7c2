"""Tables of a replication: its verdicts, models, lost countries and measures of importance, as they were computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from corrtip.data.catalogue import Variable
from corrtip.data.countries import Countries
from corrtip.estimate import RankFit
from corrtip.models.termtests import ALL_TERMS
from corrtip.report.formats import MISSING, format_interval, format_number
from corrtip.report.p_values import count_significant, p_cells, p_heads, p_note
from corrtip.report.tables import Table
from corrtip.report.words import FIGURE_WORDS, FIT_WORDS, VERDICT_WORDS, term_name, tier_name, variant_name
from corrtip.robustness.dominance import Dominance
from corrtip.studies.replication import Replication
from corrtip.studies.runs import VariantRun

_DAGGER: Final = "\N{DAGGER}"


def table_verdicts(replication: Replication) -> Table:
    """Return the verdict on every claim in every variant: a row for each variant, a column for each claim."""
    claims = [claim.id for claim in replication.study.claims]
    rows = [
        (
            variant_name(run.name) + (f" {_DAGGER}" if run.caution else ""),
            format_number(run.evidence.n, "count"),
            *(VERDICT_WORDS[run.decisions[claim].verdict] for claim in claims),
        )
        for run in replication.runs
    ]
    cautions = [f"{_DAGGER} {variant_name(run.name)}: {run.caution}" for run in replication.runs if run.caution]
    return Table(
        caption="Verdict on each claim, by variant",
        columns=("Variant", "n", *(f"Claim {claim}" for claim in claims)),
        align="lr" + "l" * len(claims),
        rows=tuple(rows),
        note=" ".join(cautions),
    )


def table_variants(replication: Replication) -> Table:
    """Return what each variant does otherwise than the base, and why."""
    rows = [(variant_name(run.name), run.variant.why) for run in replication.runs]
    return Table(
        caption="The variants, and why each is defensible",
        columns=("Variant", "Why"),
        align="ll",
        rows=tuple(rows),
    )


def table_departures(replication: Replication) -> Table:
    """Return what of the study could not be had, and what stands in for it."""
    return Table(
        caption="What is not known of the study, and what stands in for it",
        columns=("Departure",),
        align="l",
        rows=tuple((departure,) for departure in replication.study.departures),
    )


def table_coefficients(
    replication: Replication, terms: Sequence[str], catalogue: Mapping[str, Variable], *, caption: str
) -> Table:
    """Return coefficients of the joint models: a row for each variant that has any of ``terms``.

    Parameters
    ----------
    replication : Replication
    terms : sequence of str
        Which coefficients; variants without one leave its cells open.
    catalogue : mapping of str to Variable
        Says how terms are called and which way is better.
    caption : str

    Returns
    -------
    Table
        For each term the estimate with its standard error, and the p-value.
    """
    found = replication.coefficients().set_index(["variant", "term"])
    names = [run.name for run in replication.runs if any((run.name, term) in found.index for term in terms)]
    rows = [
        (
            variant_name(name),
            format_number(replication.run(name).evidence.n, "count"),
            *(cell for term in terms for cell in _estimate(found, name, term)),
        )
        for name in names
    ]
    heads = [head for term in terms for head in (term_name(term, catalogue), "p")]
    return Table(
        caption=caption,
        columns=("Variant", "n", *heads),
        align="lr" + "r" * len(heads),
        rows=tuple(rows),
        note=(
            "Estimate (standard error). A positive coefficient goes with a worse tier. Log odds for each unit of the "
            f"predictor, except in the variants probit and ols, whose scales are their own. {MISSING}: not in the "
            f"model.{_transformed(replication, terms, catalogue)}{_significant(found, names, terms, catalogue)}"
        ),
    )


def _transformed(replication: Replication, terms: Sequence[str], catalogue: Mapping[str, Variable]) -> str:
    used = {
        term: run.spec.transforms[term]
        for run in replication.runs
        for term in terms
        if run.spec is not None and term in run.spec.transforms
    }
    named = "; ".join(f"{catalogue[term].label} as {transform.replace('_', ' ')}" for term, transform in used.items())
    return f" Transformed: {named}." if named else ""


def _significant(
    found: pd.DataFrame, names: Sequence[str], terms: Sequence[str], catalogue: Mapping[str, Variable]
) -> str:
    counted = []
    for term in terms:
        shown = found[found.index.isin([(name, term) for name in names])]
        if len(shown) > 1:
            label = catalogue[term].label if term in catalogue else term_name(term, catalogue)
            counted.append(f"{label} {count_significant(shown['p_value'])}")
    if not counted:
        return ""
    return (
        " Variants with p below .05, in brackets adjusted for their number by Holm, and by Benjamini and Hochberg: "
        f"{'; '.join(counted)}."
    )


def _estimate(found: pd.DataFrame, variant: str, term: str) -> tuple[str, str]:
    if (variant, term) not in found.index:
        return MISSING, MISSING
    row = found.loc[(variant, term)]
    size = f"{format_number(row['estimate'], 'estimate')} ({format_number(row['std_error'], 'estimate')})"
    return size, format_number(row["p_value"], "p")


def table_model(run: VariantRun, catalogue: Mapping[str, Variable], *, caption: str) -> Table:
    """Return one joint model in full, thresholds included; how well it fits stands in the note.

    Raises
    ------
    KeyError
        If the variant has no joint model; ``run.fits.missing`` says why.
    """
    if run.fits.joint is None:
        raise KeyError(run.name)
    rows = [
        (
            term_name(str(row["term"]), catalogue),
            format_number(row["estimate"], "estimate"),
            format_number(row["std_error"], "estimate"),
            format_number(row["statistic"], "statistic"),
            format_number(row["p_value"], "p"),
            format_interval(row["conf_low"], row["conf_high"], "estimate"),
        )
        for row in run.fits.joint.tidy().to_dict(orient="records")
    ]
    return Table(
        caption=caption,
        columns=("Term", "Estimate", "Std. error", "z", "p", "95 % interval"),
        align="lrrrrr",
        rows=tuple(rows),
        note=_fit_line(run.fits.joint.glance()),
    )


def _fit_line(line: pd.Series[Any]) -> str:
    said = [f"n = {format_number(line['n'], 'count')}", f"log-likelihood {format_number(line['llf'], 'loglik')}"]
    if "mcfadden_r2" in line:
        said.append(f"McFadden's R2 {format_number(line['mcfadden_r2'], 'r2')}")
        test = f"{format_number(line['lr_chi2'], 'statistic')} with {format_number(line['lr_df'], 'count')}"
        said.append(f"likelihood ratio against no predictors {test} degrees of freedom")
    return "; ".join(said) + "."


def table_quartiles(quartiles: pd.DataFrame, *, caption: str) -> Table:
    """Return the plain table of the outcome by quartile, from `corrtip.studies.describe.build_quartiles`."""
    levels = list(dict.fromkeys(quartiles["level"]))
    rows = []
    for _, part in quartiles.groupby("quartile", sort=True):
        first = part.iloc[0]
        cells = [
            f"{format_number(count, 'count')} ({format_number(share, 'percent')})"
            for count, share in zip(part["count"], part["share"], strict=True)
        ]
        span = format_interval(first["low"], first["high"], "score")
        rows.append((span, format_number(part["count"].sum(), "count"), *cells))
    return Table(
        caption=caption,
        columns=("Scores of the quartile", "Countries", *(tier_name(level) for level in levels)),
        align="lr" + "r" * len(levels),
        rows=tuple(rows),
        note="Countries, and their share of the quartile. Equal scores stay together: quartiles differ in size.",
    )


def table_attrition(run: VariantRun, countries: Countries, catalogue: Mapping[str, Variable], *, caption: str) -> Table:
    """Return the account of the countries that fell out of a variant, each with the first reason that met it."""
    if run.sample is None:
        raise KeyError(run.name)
    year = run.sample.spec.years[1]
    rows = [
        (
            catalogue[str(row["step"])].label if row["step"] in catalogue else str(row["step"]),
            str(row["reason"]),
            format_number(row["countries"], "count"),
            ", ".join(sorted(countries.name(iso3, year) for iso3 in row["iso3"])),
        )
        for row in run.sample.attrition.to_dict(orient="records")
    ]
    kept = f"{format_number(run.evidence.n, 'count')} of {format_number(run.sample.universe, 'count')}"
    return Table(
        caption=caption,
        columns=("Figure", "Reason", "Countries", "Which"),
        align="llrl",
        rows=tuple(rows),
        note=f"{kept} countries are left. Each lost country is counted once, at the first figure that it lacks.",
    )


def table_dominance(views: Mapping[str, Dominance], catalogue: Mapping[str, Variable], *, caption: str) -> Table:
    """Return what each predictor adds to the fit, averaged over all subsets of the others, in each view."""
    rows = [
        (
            f"by {view}",
            term_name(str(row["term"]), catalogue),
            format_number(row["estimate"], "r2"),
            format_interval(row["conf_low"], row["conf_high"], "r2"),
            format_number(row["share"], "percent"),
        )
        for view, found in views.items()
        for row in found.tidy().to_dict(orient="records")
    ]
    # Every view holds the same predictors: with all of them the fit is one.
    first = next(iter(views.values()))
    full = f"{FIT_WORDS[first.measure]}, which is {format_number(first.full, 'r2')} with all predictors"
    return Table(
        caption=caption,
        columns=("View", "Predictor", "General dominance", "95 % interval", "Share"),
        align="llrrr",
        rows=tuple(rows),
        note=f"In units of {full}. An account of fit, not of cause. Percentile intervals of the bootstrap: every "
        "predictor adds something in every draw, so that an interval above zero does not show that one matters.",
    )


def table_ranks(ranks: RankFit, catalogue: Mapping[str, Variable], *, caption: str) -> Table:
    """Return the rank correlations of each predictor with the outcome."""
    table = ranks.tidy()
    heads = p_heads(table)
    rows = [
        (
            term_name(str(row["term"]), catalogue),
            FIGURE_WORDS[str(row["measure"])],
            format_number(row["estimate"], "statistic"),
            format_interval(row["conf_low"], row["conf_high"], "statistic"),
            *p_cells(row),
        )
        for row in table.to_dict(orient="records")
    ]
    return Table(
        caption=caption,
        columns=("Predictor", "Measure", "Estimate", "95 % interval", *heads),
        align="llrr" + "r" * len(heads),
        rows=tuple(rows),
        note=f"n = {format_number(ranks.nobs, 'count')}. Tiers count from best to worst: positive goes with worse."
        f"{p_note(table, 'predictors, within a measure')}",
    )


def table_parallel(brant: pd.DataFrame, nominal: pd.DataFrame, catalogue: Mapping[str, Variable]) -> Table:
    """Return the tests of parallel lines, a row for each term.

    Parameters
    ----------
    brant, nominal : DataFrame
        The tables of ``corrtip.models.brant.brant`` and ``corrtip.models.parallel.nominal_test``.
    catalogue : mapping of str to Variable
    """
    ratio, heads = nominal.set_index("term"), p_heads(brant)
    rows = [
        (
            "All together" if row["term"] == ALL_TERMS else term_name(str(row["term"]), catalogue),
            *_test(row),
            *(_test(ratio.loc[row["term"]]) if row["term"] in ratio.index else (MISSING, *(MISSING for _ in heads))),
        )
        for row in brant.to_dict(orient="records")
    ]
    return Table(
        caption="Is one coefficient enough for every border between tiers?",
        columns=("Predictor", "Brant, chi-squared", *heads, "Likelihood ratio, chi-squared", *heads),
        align="lr" + "r" * len(heads) + "r" + "r" * len(heads),
        rows=tuple(rows),
        note=f"A small p-value speaks against one coefficient for all borders.{p_note(brant, 'predictors')}",
    )


def _test(row: Mapping[Any, Any] | pd.Series[Any]) -> tuple[str, ...]:
    statistic = format_number(row["statistic"], "statistic")
    return f"{statistic} ({format_number(row['df'], 'count')} df)", *p_cells(row)


def coefficients_per_deviation(replication: Replication, variants: Sequence[str], terms: Sequence[str]) -> pd.DataFrame:
    """Return coefficients in a unit that predictors share: for a rise by the sample's standard deviation.

    Parameters
    ----------
    replication : Replication
    variants : sequence of str
        Models on one scale, such as log odds.
    terms : sequence of str

    Returns
    -------
    DataFrame
        Columns model, term, estimate, conf_low, conf_high, as `corrtip.report.figures.plot_coefficients` takes them.

    Notes
    -----
    A change of unit, ``b * sd(x)``, and of nothing else: the deviation is that of the variant's own countries and is
    taken as known.
    """
    found = replication.coefficients().set_index(["variant", "term"])
    rows = []
    for name in variants:
        sample = replication.run(name).sample
        for term in terms:
            if sample is not None and (name, term) in found.index:
                line = found.loc[(name, term), ["estimate", "conf_low", "conf_high"]] * float(
                    sample.x[term].std(ddof=0)
                )
                rows.append({"model": variant_name(name), "term": term, **line.to_dict()})
    return pd.DataFrame(rows, columns=["model", "term", "estimate", "conf_low", "conf_high"])
