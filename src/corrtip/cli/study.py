"""`corrtip study`: published studies, their claims and whether we meet them."""

from __future__ import annotations

import typer

app = typer.Typer(help="List published studies, and replicate one.", no_args_is_help=True)
