"""`corrtip curve`: one question answered by every defensible model."""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from corrtip.cli.completion import complete_grid
from corrtip.cli.running import Jobs, Keep, Scheduler, running
from corrtip.cli.terminal import Json, print_json, print_table, print_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from corrtip.robustness.curve import SpecificationCurve

app = typer.Typer(help="List grids of specifications, and fit one.", no_args_is_help=True)

_SUFFIX = ".toml"


@app.command("list", short_help="List the grids and their choices.")
def list_(json: Json = False) -> None:
    """List the grids that can be run, with their questions, choices and what speaks for each option.

    \b
    Examples:
      corrtip curve list
      corrtip curve list --json
    """
    import corrtip as ct

    grids = ct.list_grids()
    counts = {grid.id: len(grid.specifications()) for grid in grids}
    if json:
        print_json(
            [
                {
                    "id": grid.id,
                    "question": grid.question,
                    "specifications": counts[grid.id],
                    "choices": grid.choices,
                    "excluded": grid.excluded,
                }
                for grid in grids
            ]
        )
        return
    for grid in grids:
        typer.echo(f"{grid.id}: {counts[grid.id]:,} specifications, {len(grid.choices)} choices")
        print_text(grid.question, indent="  ")
        for choice in grid.choices:
            typer.echo(f"  {choice.name}")
            for option in choice.options:
                print_text(f"{option.name}: {option.why}", indent="    ")


@app.command(short_help="Fit every specification of a grid.")
def run(
    grid: Annotated[
        str,
        typer.Argument(
            metavar="GRID",
            help="A grid, as `corrtip curve list` names it, or a path to a TOML file.",
            autocompletion=complete_grid,
        ),
    ],
    *,
    draws: Annotated[
        int, typer.Option(metavar="NUMBER", help="Of the bootstrap, and as many of the null; 0 for none.", min=0)
    ] = 999,
    seed: Annotated[int, typer.Option(metavar="NUMBER", help="Of the draws.", min=0)] = 1,
    jobs: Jobs = 2,
    scheduler: Scheduler = None,
    keep: Keep = None,
    json: Json = False,
) -> None:
    """Fit every specification of a grid, resample the countries, and test all of them at once.

    With --json also every specification with its estimate, or with the reason why it has none.

    \b
    Examples:
      corrtip curve run zhang_pineda --draws 99
      corrtip curve run my_grid.toml --draws 0 --json
    """
    import corrtip as ct

    chosen = ct.load_grid(Path(grid) if grid.endswith(_SUFFIX) else grid)
    panel = ct.load_panel()
    began = time.perf_counter()
    with running(jobs, scheduler, keep) as where:
        found = ct.run_grid(panel, chosen, draws, seed, run=where)
    seconds = time.perf_counter() - began
    if json:
        print_json(
            {
                "grid": chosen.id,
                "question": chosen.question,
                "draws": draws,
                "seed": seed,
                "statistics": found.tidy(),
                "options": found.by_option(),
                "outcomes": found.outcomes(),
                "specifications": found.table,
                "doubts": found.doubts,
                "seconds": seconds,
            }
        )
        return
    _print_curve(found, draws, seconds)


def _print_curve(found: SpecificationCurve, draws: int, seconds: float) -> None:
    print_text(found.grid.question)
    typer.echo()
    for line in found.outcomes().itertuples():
        typer.echo(f"{line.specifications:,} specifications: {line.outcome}")
    typer.echo(
        "\nOver all that are fitted (effect: on the probability of the best level, of one standard deviation):\n"
    )
    _print_frame(found.tidy(), text=["statistic"])
    typer.echo("\nBy option:\n")
    _print_frame(found.by_option(), text=["choice", "option"])
    for doubt in found.doubts:
        print_text(f"Doubt: {doubt}")
    models = found.models * (1 + 2 * draws)
    typer.echo(f"\n{models:,} models in {seconds:.1f} s, {1e6 * seconds / models:.1f} microseconds a model")
    if draws:
        typer.echo(f"Intervals and p-values from {draws:,} draws each; what they mean: docs/specification_curve.md")


def _print_frame(frame: pd.DataFrame, text: Iterable[str]) -> None:
    labels = set(text)
    print_table(
        list(frame.columns),
        ([_cell(value) for value in line] for line in frame.itertuples(index=False)),
        numbers=[name for name in frame.columns if name not in labels],
    )


def _cell(value: object) -> str:
    if not isinstance(value, float):
        return str(value)
    return "" if math.isnan(value) else f"{value:.3f}"
