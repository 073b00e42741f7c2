"""`corrtip package`: the project and its build as one archive, for a journal or a repository of replications."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from corrtip.cli.terminal import Json, print_json, print_text, waiting


def package(
    *,
    to: Annotated[
        Path | None,
        typer.Option(metavar="FILE.zip", help="What to write.", show_default="dist/corrtip-VERSION-replication.zip"),
    ] = None,
    json: Json = False,
) -> None:
    """Write an archive for replication: code, figures, report, checksums, and a README as data editors ask for it.

    The build must be of the files that are there: run `make report` first. Figures that their publisher does not allow
    to be passed on are left out and named.

    \b
    Examples:
      corrtip package
      corrtip package --to corrtip.zip
    """
    from corrtip.report.package.archive import save_package

    with waiting("Writing the archive"):
        done = save_package(to)
    if json:
        print_json(done)
        return
    typer.echo(f"Wrote {done.path}: {done.files} files, {done.tables} tables and {done.figures} figures of the report.")
    for name, terms in done.withheld.items():
        print_text(f"Left out: {name}. It may not be passed on. {terms}.")
