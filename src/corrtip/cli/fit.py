"""`corrtip fit`: one ordinal model of published figures, from a formula of variable names."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, cast

import typer

from corrtip.cli.terminal import Json, print_json, print_table
from corrtip.errors import SpecError
from corrtip.spec import LinkName, Spec

if TYPE_CHECKING:
    from corrtip.data.sample import Sample
    from corrtip.models.results import OrdinalFit

_FORMULA = re.compile(r"\s*(\w+)\s*~\s*(\w+(?:\s*\+\s*\w+)*)\s*")
_YEARS = re.compile(r"(\d{4})(?:-(\d{4}))?")


def fit(
    formula: Annotated[
        str, typer.Argument(metavar="FORMULA", help='"outcome ~ focal + control + ...", plain names of variables.')
    ],
    years: Annotated[str, typer.Option(help="Year of the report, or first and last: 2005 or 2013-2016.")],
    link: Annotated[LinkName, typer.Option(help="Link of the cumulative link model.")] = "logit",
    vintage: Annotated[
        list[str] | None,
        typer.Option(help="NAME=VINTAGE, where a variable has more than one; may be repeated.", show_default=False),
    ] = None,
    json: Json = False,
) -> None:
    """Fit a cumulative link model to published figures, and say which countries are not in it.

    A positive coefficient means a worse tier.

    Examples:

    corrtip fit "tier ~ cpi_pre2012" --years 2005

    corrtip fit "tier ~ cpi + gdp_per_capita_ppp" --years 2016 --link probit --json
    """
    import corrtip as ct

    spec = spec_of(formula, years=years, link=link, vintages=vintage or ())
    sample = ct.build_sample(ct.load_panel(), spec)
    fitted = cast("OrdinalFit", ct.fit(sample))  # the command states a cumulative link model
    if json:
        print_json(answer(sample, fitted))
        return
    typer.echo(str(fitted.summary()))
    _print_account(sample)


def spec_of(formula: str, *, years: str, link: LinkName, vintages: Sequence[str]) -> Spec:
    """Return the specification that a command line states: the first predictor is the focal one.

    Raises
    ------
    SpecError
        If the formula holds more than names, or the years or a vintage cannot be read.

    Examples
    --------
    >>> spec_of("tier ~ cpi + gini", years="2013-2016", link="logit", vintages=()).predictors
    ('cpi', 'gini')
    """
    parts = _FORMULA.fullmatch(formula)
    if parts is None:
        raise SpecError(
            "FORMULA",
            f'"{formula}"',
            expected='"outcome ~ focal + control + ...", plain names of variables',
            mend="For transformations, interactions, nominal and scale terms use ct.clm(formula, data) in Python",
        )
    focal, *controls = re.split(r"\s*\+\s*", parts[2])
    return Spec(
        outcome=parts[1],
        focal=focal,
        controls=tuple(controls),
        years=years_of(years),
        vintages=vintages_of(vintages),
        link=link,
    )


def years_of(text: str) -> tuple[int, int]:
    """Return the first and the last year that a command line names.

    Raises
    ------
    SpecError
        If it is neither a year nor two.

    Examples
    --------
    >>> years_of("2005"), years_of("2013-2016")
    ((2005, 2005), (2013, 2016))
    """
    span = _YEARS.fullmatch(text)
    if span is None:
        raise SpecError("--years", f'"{text}"', expected="a year or two, 2005 or 2013-2016")
    return int(span[1]), int(span[2] or span[1])


def vintages_of(settings: Sequence[str]) -> dict[str, str]:
    """Return the vintages that a command line names, by variable.

    Raises
    ------
    SpecError
        If one is not NAME=VINTAGE.
    """
    return dict(_vintage(setting) for setting in settings)


def _vintage(setting: str) -> tuple[str, str]:
    name, equals, vintage = setting.partition("=")
    if not (name and equals and vintage):
        raise SpecError("--vintage", f'"{setting}"', expected="NAME=VINTAGE, infant_mortality=factbook-2005")
    return name, vintage


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


def _print_account(sample: Sample) -> None:
    typer.echo(f"\n{len(sample.y)} of {sample.universe} country-years that existed are in the model. The others:\n")
    print_table(
        ("rows", "why", "countries"),
        ((str(row.rows), str(row.reason), " ".join(row.iso3)) for row in sample.attrition.itertuples()),
        numbers=("rows",),
    )
    for level, countries in sample.thin_levels.items():
        typer.echo(f"\nOnly {countries} countries are in level {level}: too few for a claim about it.")
    for doubt in sample.doubts:
        typer.echo(f"\nDoubtful figure: {doubt}")
