"""`corrtip data`: the published figures, checked and traced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from corrtip.cli.terminal import Json, print_facts, print_json, print_table

if TYPE_CHECKING:
    from corrtip.data.panel import Lineage, Panel

app = typer.Typer(help="Check the published figures, and see where one comes from.", no_args_is_help=True)


@app.command()
def check(json: Json = False) -> None:
    """Check every file against its sidecar, its hash and the catalogue.

    The first thing that is wrong is refused with file, row and how to mend it. Nothing is written.
    """
    import corrtip as ct

    rows = holdings(ct.load_panel())
    if json:
        print_json(rows)
        return
    columns = ("source", "editions", "years", "figures", "counted", "by two or more")
    print_table(columns, ([str(cell) for cell in row.values()] for row in rows), numbers=columns[1:])
    typer.echo("\nEvery file is as its sidecar says, and every figure as the catalogue says.")
    typer.echo(
        "counted: figures whose independent sources were counted; by two or more: share that two or more of them give"
    )


@app.command()
def show(
    iso3: Annotated[str, typer.Argument(metavar="ISO3", help="Country code, NGA.")],
    year: Annotated[int, typer.Argument(metavar="YEAR", help="Year of the edition or report.")],
    variable: Annotated[str, typer.Argument(metavar="VARIABLE", help="Name of the variable, cpi_pre2012.")],
    vintage: Annotated[
        str | None, typer.Option(help="State of knowledge, where there are several.", show_default=False)
    ] = None,
    json: Json = False,
) -> None:
    """Show one figure: what it is, who published it, and the line of the file that holds it.

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
    frame = panel.frame[panel.frame["line"] > 0]
    by_source = frame.groupby(frame["source"].astype("str").str.partition("/")[0])
    return [
        {
            "source": str(source),
            "editions": int(rows["source"].nunique()),
            "years": f"{rows['year'].min()}-{rows['year'].max()}",
            "figures": len(rows),
            "counted": int(rows["n_independent"].notna().sum()),
            "by_two_or_more": _share(rows["n_independent"].dropna()),
        }
        for source, rows in by_source
    ]


def _share(counts: Any) -> str:
    return f"{100 * float((counts >= 2).mean()):.1f} %" if len(counts) else "-"


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
