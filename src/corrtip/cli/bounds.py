"""`corrtip bounds`: a predictor's effect under every set of controls from a pool."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from corrtip.cli.terminal import Json, print_json, print_table
from corrtip.spec import LinkName, Spec

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from corrtip.data.panel import Panel
    from corrtip.robustness.bounds import ExtremeBounds

# Rows and columns of the product that stands for the machine's speed: large enough to leave the cache's first level.
_PRODUCT = 384


def bounds(
    *,
    focal: Annotated[str, typer.Option(help="Predictors whose effect is asked for, separated by commas.")],
    year: Annotated[int, typer.Option(help="Year of the report.")],
    pool: Annotated[
        str, typer.Option(help="Controls, separated by commas, or wdi: every World Bank indicator.")
    ] = "wdi",
    size: Annotated[int, typer.Option(help="Controls in a model.", min=1)] = 3,
    coverage: Annotated[float, typer.Option(help="Share of the countries that a control must cover.")] = 0.6,
    link: Annotated[LinkName, typer.Option(help="Link of the cumulative link model.")] = "logit",
    jobs: Annotated[int, typer.Option(help="Processes; the result does not depend on it.", min=1)] = 2,
    json: Json = False,
) -> None:
    """Fit one model for every set of controls from a pool, and say between which bounds the effect lies.

    Example:

    corrtip bounds --focal cpi_pre2012 --year 2005 --pool wdi --size 3
    """
    import corrtip as ct
    from corrtip.robustness.bounds import extreme_bounds

    panel = ct.load_panel()
    names, vintages = _pool(panel, pool)
    focals = [name.strip() for name in focal.split(",")]
    spec = Spec(outcome="tier", focal=focals[0], years=(year, year), link=link)
    began = time.perf_counter()
    with _progress() as tick:
        found = extreme_bounds(
            panel,
            spec,
            focal=focals,
            pool=names,
            vintages=vintages,
            size=size,
            coverage=coverage,
            jobs=jobs,
            progress=tick,
        )
    seconds = time.perf_counter() - began
    if json:
        print_json({"bounds": found.tidy(), "outcomes": found.outcomes(), "models": found.models, "seconds": seconds})
        return
    _print(found, seconds)


def _pool(panel: Panel, pool: str) -> tuple[list[str], dict[str, str]]:
    """Return the controls that a command line names, and their vintages."""
    if pool != "wdi":
        return [name.strip() for name in pool.split(",")], {}
    held = {
        name: [vintage for vintage in known.vintages if vintage.startswith("wdi-")]
        for name, known in panel.catalogue.items()
    }
    vintages = {name: found[-1] for name, found in held.items() if found}
    return list(vintages), vintages


@contextmanager
def _progress() -> Iterator[Callable[[int], None]]:
    """Yield a function that counts finished models on the error stream, silent where that is no terminal."""
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.completed:,.0f} models"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("models", total=None)
        yield lambda done: progress.advance(task, done)


def _print(found: ExtremeBounds, seconds: float) -> None:
    table = found.tidy()
    columns = [name for name in table.columns if name not in ("models", "fitted")]
    print_table(
        columns,
        ([value if isinstance(value, str) else f"{value:.4f}" for value in line] for line in table[columns].to_numpy()),
        numbers=columns[2:],
    )
    for line in found.outcomes().itertuples():
        if line.models:
            typer.echo(f"{line.term}: {line.models:,} models {line.outcome.replace('_', ' ')}")
    for focal in found.focals:
        left_out = ", ".join(f"{name} ({share:.0%})" for name, share in focal.left_out.items())
        typer.echo(f"{focal.focal}: n = {focal.n}, {len(focal.pool)} controls; left the pool: {left_out or 'none'}")
    each = 1e6 * seconds / found.models
    typer.echo(
        f"{found.models:,} models in {seconds:.1f} s: {found.models / seconds:,.0f} a second, {each:.1f} microseconds "
        f"a model; one core multiplies matrices at {_product_rate():.1f} Gflop/s"
    )


def _product_rate() -> float:
    """Return the speed of a matrix product in 1e9 floating-point operations a second: the best of ten."""
    import numpy as np

    matrix = np.random.default_rng(1).normal(size=(_PRODUCT, _PRODUCT))
    best = min(_seconds_of(matrix) for _ in range(10))
    return float(2.0 * _PRODUCT**3 / best / 1e9)


def _seconds_of(matrix: npt.NDArray[np.float64]) -> float:
    began = time.perf_counter()
    matrix @ matrix
    return time.perf_counter() - began
