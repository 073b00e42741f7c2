"""The command line: each command is one call of the library, said in words for people or in JSON for machines.

Start-up is light: what a command needs is imported when it runs.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated, Final

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
from corrtip.cli.terminal import print_error, speak_plainly
from corrtip.errors import CorrtipError

EXIT_CODES: Final = """\b
Exit codes:
  0    done
  1    refused or failed, with one message on the error stream
  2    the command line is wrong
  130  interrupted by Ctrl-C
"""

app = typer.Typer(
    name="corrtip",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    epilog=EXIT_CODES,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("fit", short_help="Fit a model of published figures.")(fit_command)
app.command("table", short_help="Lay out a table for a paper.")(table_command)
app.add_typer(study_commands, name="study", short_help="List published studies, and carry them out.")
app.add_typer(data_commands, name="data", short_help="Check, trace, add and export figures.")
app.add_typer(curve_commands, name="curve")
app.command("bounds", short_help="Fit one model for every set of controls.")(bounds_command)
app.add_typer(report_commands, name="report")
app.command("package", short_help="Write an archive for replication.")(package_command)
app.command("doctor", short_help="Say what is missing, and how to mend it.")(doctor_command)


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

    \b
    Examples:
      corrtip data show NGA 2005 cpi_pre2012
      corrtip study run zhang_pineda_2008
      corrtip fit "tier ~ cpi_pre2012" --years 2005
      corrtip table "tier ~ cpi_pre2012" --years 2005 --to table.docx
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit code.

    Parameters
    ----------
    arguments : sequence of str, optional
        What follows the program's name; what the shell gave by default.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    speak_plainly(sys.stdout, sys.stderr)
    try:
        typer.main.get_command(app)([argument for argument in given if argument != "--debug"], prog_name="corrtip")
    except Exception as error:
        # The last place where anything can be caught: a fault of ours is one message too.
        if "--debug" in given:
            raise
        print_error(_told(error))
        sys.exit(1)


def _told(error: Exception) -> str:
    if isinstance(error, CorrtipError):
        return str(error)
    if isinstance(error, OSError):
        return ": ".join(str(part) for part in (error.filename, error.strerror or error) if part)
    return f"{type(error).__name__}: {error}. This is a fault of corrtip. --debug shows where it arose."
