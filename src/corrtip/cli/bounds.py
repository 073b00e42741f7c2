"""`corrtip bounds`: a predictor's effect under every set of controls from a pool."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from corrtip.cli.completion import WORLD_BANK, complete_pool, complete_variable
from corrtip.cli.running import Jobs, Keep, Scheduler, running
from corrtip.cli.stated import Link
from corrtip.cli.terminal import Json, print_json, print_table, print_text
from corrtip.spec import Spec

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from corrtip.data.panel import Panel
    from corrtip.robustness.bounds import ExtremeBounds

_SCALES = {"effect": "P(best)", "latent": "y* (sd)"}
_HEADS = ("low", "median", "high", "from", "to", "below 0", "p < .05", "cdf N", "cdf")
_LEGEND = (
    "The effect of one standard deviation of the predictor: on P(best), the probability of the best level, and on y*, "
    "in its standard deviations. Low, median, high: of the estimates. From, to: the lowest and highest end of any 95 % "
    "interval. Below 0, p < .05: shares of the models. Cdf: the mass of the effect on the side that holds more of it, "
    "as a mean over the models; N: under one normal distribution of all of them."
)
# Columns of `tidy` before the figures: index, term, scale, models, fitted.
_FIRST = 5
# Rows and columns of the product that stands for the machine's speed: large enough to leave the cache's first level.
_PRODUCT = 384


_Focal = Annotated[
    str,
    typer.Option(
        metavar="NAMES",
        help="Predictors whose effect is asked for, separated by commas.",
        autocompletion=complete_variable,
    ),
]
_Pool = Annotated[
    str,
    typer.Option(
        metavar="NAMES",
        help=f"Controls, separated by commas, or {WORLD_BANK}: every World Bank indicator.",
        autocompletion=complete_pool,
    ),
]
_Coverage = Annotated[
    float, typer.Option(metavar="SHARE", help="Share of the countries that a control must cover.", min=0, max=1)
]


def bounds(
    *,
    focal: _Focal,
    year: Annotated[int, typer.Option(metavar="YEAR", help="Year of the report.")],
    pool: _Pool = WORLD_BANK,
    size: Annotated[int, typer.Option(metavar="NUMBER", help="Controls in a model.", min=1)] = 3,
    coverage: _Coverage = 0.6,
    link: Link = "logit",
    jobs: Jobs = 2,
    scheduler: Scheduler = None,
    keep: Keep = None,
    json: Json = False,
) -> None:
    """Fit one model for every set of controls from a pool, and say between which bounds the effect lies.

    \b
    Examples:
      corrtip bounds --focal cpi_pre2012 --year 2005 --pool wdi --size 3
      corrtip bounds --focal cpi --year 2016 --pool gdp_growth,urban_population --size 2 --json
    """
    import corrtip as ct
    from corrtip.robustness.bounds import extreme_bounds

    panel = ct.load_panel()
    names, vintages = pool_of(panel, pool)
    focals = [name.strip() for name in focal.split(",")]
    spec = Spec(outcome="tier", focal=focals[0], years=(year, year), link=link)
    began = time.perf_counter()
    with running(jobs, scheduler, keep) as run:
        found = extreme_bounds(
            panel,
            spec,
            focal=focals,
            pool=names,
            vintages=vintages,
            size=size,
            coverage=coverage,
            run=run,
        )
    seconds = time.perf_counter() - began
    if json:
        print_json({"bounds": found.tidy(), "outcomes": found.outcomes(), "models": found.models, "seconds": seconds})
        return
    _print(found, seconds)


def pool_of(panel: Panel, pool: str) -> tuple[list[str], dict[str, str]]:
    """Return the controls that a command line names, and their vintages."""
    if pool != WORLD_BANK:
        return [name.strip() for name in pool.split(",")], {}
    held = {
        name: [vintage for vintage in known.vintages if vintage.startswith("wdi-")]
        for name, known in panel.catalogue.items()
    }
    vintages = {name: found[-1] for name, found in held.items() if found}
    return list(vintages), vintages


def _print(found: ExtremeBounds, seconds: float) -> None:
    table = found.tidy()
    for term, lines in table.groupby("term", sort=False):
        typer.echo(f"\n{term}")
        print_table(
            ("", *_HEADS),
            ([_SCALES[line.scale], *(f"{value:.3f}" for value in line[_FIRST:])] for line in lines.itertuples()),
            numbers=_HEADS,
        )
    typer.echo()
    print_text(_LEGEND)
    typer.echo()
    for line in found.outcomes().itertuples():
        if line.models:
            typer.echo(f"{line.term}: {line.models:,} models {line.outcome.replace('_', ' ')}")
    for focal in found.focals:
        left_out = ", ".join(f"{name} ({share:.0%})" for name, share in focal.left_out.items())
        print_text(f"{focal.focal}: n = {focal.n}, {len(focal.pool)} controls; left the pool: {left_out or 'none'}")
    each = 1e6 * seconds / found.models
    print_text(
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
