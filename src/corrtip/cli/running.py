"""How commands run long work: processes or a cluster, progress with the time left, and a Ctrl-C that loses nothing.

A command takes the three options below and does its work inside `running`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from corrtip.robustness.blocks import Run

Jobs = Annotated[int, typer.Option(metavar="NUMBER", help="Processes; the result does not depend on it.", min=1)]
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
    """Yield where to compute; say what is done on the error stream, and leave with one line and 130 after Ctrl-C."""
    from corrtip.robustness.blocks import Run

    done = 0
    try:
        with _progress() as show:

            def tell(models: int, total: int) -> None:
                nonlocal done
                done = models
                show(models, total)

            yield Run(jobs=jobs, scheduler=scheduler, keep=keep or _cache(), progress=tell)
    except KeyboardInterrupt:
        typer.echo(f"Interrupted: {done:,} models are kept, and the same command goes on from there.", err=True)
        raise typer.Exit(INTERRUPTED) from None


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """Yield what is told of (models done, models in all): a line on what was kept, and on a terminal a bar."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (BarColumn(bar_width=None), TextColumn("{task.description}"), TimeElapsedColumn(), TextColumn("gone"))
    bar = Progress(*columns, console=console, transient=True, expand=True)
    kept, began, of = 0, time.monotonic(), -1
    task = bar.add_task("", visible=False)

    def show(models: int, total: int) -> None:
        nonlocal kept, began, of
        # Another total is other work: a curve's draws come after its estimates.
        if total != of:
            kept, began, of = models, time.monotonic(), total
            if kept:
                console.print(f"Resumed: {kept:,} of {total:,} models were kept.", highlight=False)
        # Over the whole time: blocks of several processes end in bunches, between which a short mean jumps.
        pace = (models - kept) / max(time.monotonic() - began, 1e-9)
        left = f", {pace:,.0f} a second, {timedelta(seconds=round((total - models) / pace))} left" if pace else ""
        text = f"{models:,} of {total:,} models{left},"
        bar.update(task, completed=models, total=total, description=text, visible=True)

    with bar if console.is_terminal else nullcontext():
        yield show


def _cache() -> Path:
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "corrtip" / "blocks"
