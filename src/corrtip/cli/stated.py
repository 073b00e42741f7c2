"""What a command line states of models: the options that several commands share, and the specification they make."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated

import typer

from corrtip.cli.completion import complete_vintage
from corrtip.errors import SpecError
from corrtip.spec import Covariance, LinkName, Spec

FORMULA_HELP = '"outcome ~ focal + control + ...", plain names of variables'
YEARS = typer.Option("--years", metavar="YEARS", help="Year of the report, or first and last: 2005 or 2013-2016.")
Link = Annotated[LinkName, typer.Option(help="Link of the cumulative link model.")]
Errors = Annotated[
    Covariance,
    typer.Option("--covariance", help="What standard errors rest on; for several years of a country: cluster."),
]
Vintages = Annotated[
    list[str] | None,
    typer.Option(
        "--vintage",
        metavar="NAME=VINTAGE",
        help="Which vintage, where a variable has more than one; may be repeated.",
        autocompletion=complete_vintage,
    ),
]

_FORMULA = re.compile(r"\s*(\w+)\s*~\s*(\w+(?:\s*\+\s*\w+)*)\s*")
_YEARS = re.compile(r"(\d{4})(?:-(\d{4}))?")


def spec_of(
    formula: str,
    *,
    years: str,
    link: LinkName = "logit",
    vintages: Sequence[str] = (),
    covariance: Covariance = "nonrobust",
) -> Spec:
    """Return the specification that a command line states: the first predictor is the focal one.

    Raises
    ------
    SpecError
        If the formula holds more than names, or the years or a vintage cannot be read.

    Examples
    --------
    >>> spec_of("tier ~ cpi + gini", years="2013-2016").predictors
    ('cpi', 'gini')
    """
    outcome, focal, *controls = _names(formula)
    return Spec(
        outcome=outcome,
        focal=focal,
        controls=tuple(controls),
        years=years_of(years),
        vintages=vintages_of(vintages),
        link=link,
        covariance=covariance,
    )


def specs_of(
    formulas: Sequence[str], *, years: str, link: LinkName, vintages: Sequence[str], covariance: Covariance
) -> list[Spec]:
    """Return the specifications of several formulas; a vintage goes to those that use its variable.

    Raises
    ------
    SpecError
        As `spec_of`; also if no formula uses a variable whose vintage is named.

    Examples
    --------
    >>> given = ["gini=wdi-2026-07"]
    >>> two = ["tier ~ cpi", "tier ~ cpi + gini"]
    >>> specs = specs_of(two, years="2013", link="logit", vintages=given, covariance="nonrobust")
    >>> [dict(spec.vintages) for spec in specs]
    [{}, {'gini': 'wdi-2026-07'}]
    """
    names = [set(_names(formula)) for formula in formulas]
    specs = []
    for formula, own in zip(formulas, names, strict=True):
        others = set().union(*names) - own
        held = [setting for setting in vintages if setting.partition("=")[0] not in others]
        specs.append(spec_of(formula, years=years, link=link, vintages=held, covariance=covariance))
    return specs


def _names(formula: str) -> list[str]:
    parts = _FORMULA.fullmatch(formula)
    if parts is None:
        raise SpecError(
            "FORMULA",
            f'"{formula}"',
            expected=FORMULA_HELP,
            mend="For transformations, interactions, nominal and scale terms use ct.clm(formula, data) in Python",
        )
    return [parts[1], *re.split(r"\s*\+\s*", parts[2])]


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
