"""`corrtip fit`: one ordinal model of published figures, from a formula of variable names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, cast

import typer

from corrtip.cli.stated import FORMULA_HELP, YEARS, Errors, Link, Vintages, spec_of
from corrtip.cli.terminal import Json, print_json, print_table, print_text, width

if TYPE_CHECKING:
    from corrtip.data.sample import Sample
    from corrtip.models.results import OrdinalFit


def fit(
    formula: Annotated[str, typer.Argument(metavar="FORMULA", help=f"{FORMULA_HELP}.")],
    years: Annotated[str, YEARS],
    link: Link = "logit",
    vintage: Vintages = None,
    covariance: Errors = "nonrobust",
    json: Json = False,
) -> None:
    """Fit a cumulative link model to published figures, and say which countries are not in it.

    A positive coefficient means a worse tier.

    \b
    Examples:
      corrtip fit "tier ~ cpi_pre2012" --years 2005
      corrtip fit "tier ~ cpi + urban_population" --years 2013-2016 --covariance cluster
      corrtip fit "tier ~ cpi" --years 2016 --link probit --json
    """
    import corrtip as ct

    spec = spec_of(formula, years=years, link=link, vintages=vintage or (), covariance=covariance)
    sample = ct.build_sample(ct.load_panel(), spec)
    fitted = cast("OrdinalFit", ct.fit(sample))  # the command states a cumulative link model
    if json:
        print_json(answer(sample, fitted))
        return
    _print_fit(fitted)
    _print_account(sample)


def answer(sample: Sample, fitted: OrdinalFit) -> Mapping[str, object]:
    """Return what `corrtip fit --json` prints: the model, its estimates and the account of its rows."""
    return {
        "spec": sample.spec.as_dict(),
        "spec_id": sample.spec.id,
        "glance": fitted.glance(),
        "estimates": fitted.tidy(),
        "universe": sample.universe,
        "attrition": sample.attrition,
        "thin_levels": sample.thin_levels,
        "doubts": sample.doubts,
    }


def _print_fit(fitted: OrdinalFit) -> None:
    summary = str(fitted.summary())
    if max(map(len, summary.splitlines())) <= width():
        typer.echo(summary)
        return
    estimates = fitted.tidy().set_index("term")[["estimate", "std_error", "p_value"]]
    print_table(
        ("term", *estimates.columns),
        ([str(term), *(f"{value:.4g}" for value in row)] for term, *row in estimates.itertuples()),
        numbers=estimates.columns,
    )
    print_text(f"n = {fitted.nobs:.0f}; log-likelihood {fitted.llf:.2f}; McFadden's R2 {fitted.prsquared:.3f}")


def _print_account(sample: Sample) -> None:
    typer.echo()
    print_text(f"{len(sample.y)} of {sample.universe} country-years that existed are in the model. The others:")
    typer.echo()
    print_table(
        ("rows", "why", "countries"),
        ((str(row.rows), str(row.reason), " ".join(row.iso3)) for row in sample.attrition.itertuples()),
        numbers=("rows",),
    )
    for level, countries in sample.thin_levels.items():
        typer.echo()
        print_text(f"Only {countries} countries are in level {level}: too few for a claim about it.")
    for doubt in sample.doubts:
        typer.echo()
        print_text(f"Doubtful figure: {doubt}")
