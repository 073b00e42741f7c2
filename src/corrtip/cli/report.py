"""`corrtip report`: the documents that people read, from what the notebooks left."""

from __future__ import annotations

import typer

from corrtip.cli.terminal import Json, print_json, waiting

app = typer.Typer(help="Build the report.", no_args_is_help=True)


@app.callback()
def report() -> None:
    """Build the report."""


@app.command(short_help="Write page, PDF, Word file and manifest.")
def build(json: Json = False) -> None:
    """Write build/report.html, .pdf and .docx, explore.html and manifest.json from the results of the notebooks.

    `make report` runs the notebooks first, and only those whose inputs changed.

    \b
    Examples:
      corrtip report build
      corrtip report build --json
    """
    from corrtip.report.rendering import build_report

    with waiting("Building the report"):
        built = build_report()
    if json:
        print_json(built)
        return
    written = [built.report, *(path.name for path in (built.pdf, built.word, built.explore) if path)]
    typer.echo(
        f"{', '.join(map(str, written))}: "
        f"{built.names_used} of {built.names_saved} results used; inputs in {built.manifest.name}"
    )
