"""How commands run long work: processes or a cluster, progress with the time left, and a Ctrl-C that loses nothing.

A command takes the three options below and does its work inside `running`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from corrtip.robustness.blocks import Run

Jobs = Annotated[int, typer.Option(help="Processes; the result does not depend on it.", min=1)]
Scheduler = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS",
        help="A Dask scheduler, tcp://HOST:PORT, whose workers compute instead; needs corrtip\\[dask].",
        show_default=False,
    ),
]
Keep = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER",
        help="Where finished blocks are kept until the command ends, so that it resumes after Ctrl-C.",
        show_default="the user's cache",
    ),
]

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""


@contextmanager
def running(jobs: int, scheduler: str | None, keep: Path | None) -> Iterator[Run]:
    """Yield where to compute; show progress on the error stream, and leave with one line and 130 after Ctrl-C."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    from corrtip.robustness.blocks import Run

    console = Console(stderr=True)
    columns = (
        BarColumn(),
        TextColumn("{task.completed:,.0f} of {task.total:,.0f} models"),
        TimeElapsedColumn(),
        TextColumn("left:"),
        TimeRemainingColumn(),
    )
    done = 0
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("models", total=0)

        def tell(models: int, total: int) -> None:
            nonlocal done
            done = models
            bar.update(task, completed=models, total=total)

        try:
            yield Run(jobs=jobs, scheduler=scheduler, keep=keep or _cache(), progress=tell)
        except KeyboardInterrupt:
            bar.stop()
            typer.echo(f"Interrupted: {done:,} models are kept, and the same command goes on from there.", err=True)
            raise typer.Exit(INTERRUPTED) from None


def _cache() -> Path:
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "corrtip" / "blocks"
