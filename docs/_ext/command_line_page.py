"""The command line as its own help says it."""

import re
import textwrap

import typer
from typer.cli import get_docs_for_click
from typer.main import get_command

from corrtip.cli import app

# A heading of the help, and the lines below it, which stand further in.
_LISTED = re.compile(r"^(Examples|Exit codes):\n((?:  .+\n)+)", flags=re.MULTILINE)


def command_line_page() -> str:
    """Return every command, its arguments and options, from the help that it prints."""
    command = get_command(app)
    text = get_docs_for_click(obj=command, ctx=typer.Context(command), name="corrtip", title="Command line")
    return _LISTED.sub(_block, text)


def _block(listed: re.Match[str]) -> str:
    language = "sh" if listed[1] == "Examples" else "text"
    return f"{listed[1]}:\n\n```{language}\n{textwrap.dedent(listed[2])}```\n"
