"""`corrtip data export`: the panel for Stata, R and spreadsheets."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from corrtip.cli.completion import complete_variable
from corrtip.cli.stated import Vintages, vintages_of, years_of
from corrtip.cli.terminal import Json, print_json, print_text


def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What to write: .csv, .parquet or .dta (Stata).")],
    *,
    years: Annotated[
        str | None, typer.Option(metavar="YEARS", help="A year, or first and last: 2001-2025.", show_default="all")
    ] = None,
    variables: Annotated[
        str | None,
        typer.Option(
            metavar="NAMES",
            help="Names, with commas between them: tier,cpi.",
            show_default="all",
            autocompletion=complete_variable,
        ),
    ] = None,
    vintage: Vintages = None,
    json: Json = False,
) -> None:
    """Write country-years to a file, with labels, and a codebook beside it.

    A row is a country and year, a column a variable in one vintage. Tiers and other levels have value labels in
    Stata. tier_status tells a country that is not listed from one whose placement is unknown. Figures that their
    publisher does not allow to be passed on are left out and named. A variable with several vintages has a column
    for each, unless --vintage names one.

    \b
    Examples:
      corrtip data export panel.dta
      corrtip data export tiers.csv --years 2001-2025 --variables tier,cpi,cpi_pre2012
      corrtip data export panel.parquet --vintage infant_mortality=wdi-2026-07
    """
    import corrtip as ct

    done = ct.export_panel(
        ct.load_panel(),
        file,
        years=None if years is None else years_of(years),
        variables=None if variables is None else [name.strip() for name in variables.split(",")],
        vintages=vintages_of(vintage or ()),
    )
    if json:
        print_json(done)
        return
    typer.echo(f"Wrote {done.path}: {done.rows:,} country-years, {len(done.columns)} columns.")
    typer.echo(f"Wrote {done.codebook}: what each column is, who published it, under which terms.")
    for terms in sorted(set(done.left_out.values())):
        names = ", ".join(name for name, item in done.left_out.items() if item == terms)
        print_text(f"Left out: {names}. They may not be passed on. {terms}.")
