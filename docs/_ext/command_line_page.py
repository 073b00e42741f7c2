"""The command line as its own help says it."""

import re
import textwrap
from typing import Any

import typer
from typer.cli import get_docs_for_click
from typer.main import get_command

from corrtip.cli import app

# As typer's help has them: a mark that keeps the lines apart, a heading, a line for each.
_LISTED = re.compile(r"^\x08\n(\w.*:)\n((?:  .+\n)+)", flags=re.MULTILINE)


def command_line_page() -> str:
    """Return every command, its arguments and options, from the help that it prints."""
    command = get_command(app)
    _summarise(command)
    text = get_docs_for_click(obj=command, ctx=typer.Context(command), name="corrtip", title="Command line")
    return _LISTED.sub(_block, text)


def _summarise(command: Any) -> None:
    """Let lists of commands print whole first sentences; typer cuts them after 45 signs otherwise."""
    for item in getattr(command, "commands", {}).values():
        item.short_help = item.short_help or (item.help or "").strip().split("\n\n")[0].replace("\n", " ")
        _summarise(item)


def _block(listed: re.Match[str]) -> str:
    language = "sh" if listed[1] == "Examples:" else "text"
    return f"{listed[1]}\n\n```{language}\n{textwrap.dedent(listed[2])}```\n"
