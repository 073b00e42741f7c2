"""`corrtip data`: the published figures, checked and traced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from corrtip.cli.completion import complete_country, complete_variable, complete_vintage_of
from corrtip.cli.editions import add, fetch
from corrtip.cli.export import export
from corrtip.cli.terminal import Json, print_facts, print_json, print_table, print_text
from corrtip.errors import CorrtipError, nearest

if TYPE_CHECKING:
    import pandas as pd

    from corrtip.data.panel import Lineage, Panel

app = typer.Typer(help="Check the published figures, trace one, add new editions, export them.", no_args_is_help=True)
app.command("add", short_help="Take in a publisher's new edition.")(add)
app.command("fetch", short_help="Download a publisher's files.")(fetch)
app.command("export", short_help="Write figures for Stata, R, spreadsheets.")(export)


@app.command("list", short_help="List the variables that formulas know.")
def list_(
    word: Annotated[
        str | None, typer.Argument(metavar="WORD", help="Only those whose name or label holds it.", show_default="all")
    ] = None,
    json: Json = False,
) -> None:
    """List the variables that formulas and `corrtip data show` know: name, label, direction, vintages.

    \b
    Examples:
      corrtip data list
      corrtip data list mortality --json
    """
    from corrtip.data.catalogue import load_catalogue

    catalogue = load_catalogue()
    found = [known for known in catalogue.values() if (word or "").lower() in f"{known.name} {known.label}".lower()]
    if not found and word:
        raise CorrtipError("WORD", f'"{word}" is in no name and no label', mend=nearest(word, catalogue))
    if json:
        print_json(found)
        return
    print_table(
        ("name", "label", "direction", "vintages"),
        ([known.name, known.label, known.direction, " ".join(known.vintages)] for known in found),
    )


@app.command(short_help="Check every file and figure.")
def check(json: Json = False) -> None:
    """Check every file against its sidecar, its hash and the catalogue.

    The first thing that is wrong is refused with file, row and how to mend it. Nothing is written.

    \b
    Examples:
      corrtip data check
      corrtip data check --json
    """
    import corrtip as ct

    rows = holdings(ct.load_panel())
    if json:
        print_json(rows)
        return
    columns = tuple(rows[0])
    print_table(
        [column.replace("_", " ") for column in columns],
        ([str(cell) for cell in row.values()] for row in rows),
        numbers=[column.replace("_", " ") for column in columns[1:]],
    )
    typer.echo()
    print_text("country years counted: those whose independent sources were counted, and how many have two or more.")
    print_text("Every file is as its sidecar says, and every figure as the catalogue says.")


@app.command(short_help="Show one figure and its source.")
def show(
    iso3: Annotated[str, typer.Argument(metavar="ISO3", help="Country code, NGA.", autocompletion=complete_country)],
    year: Annotated[int, typer.Argument(metavar="YEAR", help="Year of the edition or report.")],
    variable: Annotated[
        str,
        typer.Argument(metavar="VARIABLE", help="Name of the variable, cpi_pre2012.", autocompletion=complete_variable),
    ],
    vintage: Annotated[
        str | None,
        typer.Option(
            metavar="VINTAGE",
            help="State of knowledge, where there are several.",
            show_default=False,
            autocompletion=complete_vintage_of,
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Show one figure: what it is, who published it, and the line of the file that holds it.

    \b
    Examples:
      corrtip data show NGA 2005 cpi_pre2012
      corrtip data show AGO 2005 infant_mortality --vintage factbook-2005
    """
    import corrtip as ct

    found = ct.load_panel().lineage(iso3.upper(), year, variable, vintage)
    if json:
        print_json({**_record(found), "sha256": found.sha256})
    else:
        print_facts(facts(found))


def holdings(panel: Panel) -> list[dict[str, Any]]:
    """Return what each source holds: editions, years, figures, and how far they are confirmed."""
    frame = panel.frame[~panel.frame["status"].isin(["missing", "not_listed"])]
    by_source = frame.groupby(frame["source"].astype("str").str.partition("/")[0])
    return [_holding(str(source), rows) for source, rows in by_source]


def _holding(source: str, rows: pd.DataFrame) -> dict[str, Any]:
    # Sources are counted by line: a score's rank and range share the count of their score.
    counts = rows.dropna(subset="n_independent").drop_duplicates(["source", "line"])["n_independent"]
    return {
        "source": source,
        "editions": int(rows["source"].nunique()),
        "years": f"{rows['year'].min()}-{rows['year'].max()}",
        "figures": len(rows),
        "country_years_counted": len(counts),
        "by_two_or_more": int((counts >= 2).sum()),
    }


def _record(found: Lineage) -> dict[str, object]:
    import dataclasses

    return {field.name: getattr(found, field.name) for field in dataclasses.fields(found)}


def facts(found: Lineage) -> list[tuple[str, str]]:
    """Return a figure and where it comes from, as names and facts to print."""
    source = found.source
    counted = {None: "not counted", 1: "1 source, unconfirmed"}
    return [
        (found.figure or found.status.replace("_", " "), f"{found.label}, {found.country} ({found.iso3}) {found.year}"),
        ("unit", f"{found.unit}; {found.direction}"),
        ("status", f"{found.status.replace('_', ' ')}; in the file: {found.raw!r}"),
        ("vintage", f"{found.vintage}, about the year {found.data_year}"),
        (
            "confirmed",
            counted.get(found.n_independent, f"by {found.n_independent} independent sources")
            + (", deduced from an explicit statement" if found.derived else ""),
        ),
        ("published", f"{source.publisher}, {source.title}, edition {source.edition}"),
        ("page", source.landing_page),
        ("licence", source.licence),
        ("file", f"{found.file}, " + (f"line {found.line}" if found.line else "the whole file: it is not listed")),
        ("sha256", found.sha256),
        *([("corrected", str(found.correction))] if found.correction else []),
    ]
