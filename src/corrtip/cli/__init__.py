"""The command line: each command is one call of the library, said in words for people or in JSON for machines.

Start-up is light: what a command needs is imported when it runs. Exit codes: 0 done, 1 refused or failed with one
message on the error stream, 2 the command line itself is wrong.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from corrtip.cli.bounds import bounds as bounds_command
from corrtip.cli.curve import app as curve_commands
from corrtip.cli.data import app as data_commands
from corrtip.cli.doctor import doctor as doctor_command
from corrtip.cli.fit import fit as fit_command
from corrtip.cli.package import package as package_command
from corrtip.cli.report import app as report_commands
from corrtip.cli.study import app as study_commands
from corrtip.cli.table import table as table_command
from corrtip.cli.terminal import print_error
from corrtip.errors import CorrtipError

app = typer.Typer(
    name="corrtip",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(data_commands, name="data")
app.add_typer(study_commands, name="study")
app.command("fit")(fit_command)
app.command("table")(table_command)
app.command("bounds")(bounds_command)
app.add_typer(curve_commands, name="curve")
app.add_typer(report_commands, name="report")
app.command("package")(package_command)
app.command("doctor")(doctor_command)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"corrtip {version('corrtip')}")
        raise typer.Exit


@app.callback()
def corrtip(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and stop.", callback=_print_version, is_eager=True)
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="With an error, show Python's traceback too; may stand anywhere.")
    ] = False,
) -> None:
    """Corruption and trafficking in persons: published figures, ordinal models, a verdict on every claim.

    Examples:

    corrtip data show NGA 2005 cpi_pre2012

    corrtip study run zhang_pineda_2008

    corrtip fit "tier ~ cpi_pre2012 + infant_mortality" --years 2005 --vintage infant_mortality=factbook-2005
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit code.

    Parameters
    ----------
    arguments : sequence of str, optional
        What follows the program's name; what the shell gave by default.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        app([argument for argument in given if argument != "--debug"], prog_name="corrtip")
    except CorrtipError as error:
        if "--debug" in given:
            raise
        print_error(error)
        sys.exit(1)
