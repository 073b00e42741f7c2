"""Time batches of refits beside statsmodels and R's clm, and beside the matrix products that they cannot do without.

Each side has one thread. The other two fit a sample of the draws one by one, and their time is scaled to all of them.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.line import Line
from benchmarks.simulate import FloatArray, IntArray, fit_ours, simulate
from benchmarks.single_fits import fit_theirs, seconds
from corrtip.models.newton import Status, maximise
from corrtip.models.results import OrdinalFit
from corrtip.robustness.resampling import BLOCK, draw_weights

DRAWS = 10_000
THEIR_SAMPLE = 15
CLM_SAMPLE = 100
COUNTS = (1_000, 10_000, 100_000, 1_000_000)
ROWS = (150, 1_500, 15_000)
PLOT = Path("build/bench/scaling.png")
# Rows and columns of the product that stands for the machine's speed: large enough to leave the first cache.
PRODUCT = 384


def refit(fit: OrdinalFit, weights: FloatArray) -> FloatArray:
    """Return estimate and standard error of every parameter, standardised, of each draw: shape (2, draws, parameters).

    The path of `corrtip.bootstrap`, with a standard error for each draw.
    """
    estimate = fit.estimate
    start = np.tile(estimate.maximum.params, (len(weights), 1))
    found = maximise(estimate.design, estimate.link, weights[:, estimate.design.order], start=start, quick=True)
    if not (found.status == Status.CONVERGED).all():
        raise RuntimeError("a draw of the benchmark has no maximum: its time would mean nothing")
    variances = np.diagonal(np.linalg.inv(found.at.information), axis1=1, axis2=2)
    return np.stack([found.params, np.sqrt(variances)])


def refits(rows: int, count: int) -> float:
    """Return the processor time of ``count`` refits of four columns and four levels, in blocks, draws included."""
    x, y = simulate(rows, 4, 4)
    fit = fit_ours(x, y)
    weights = draw_weights(np.arange(rows), 1, BLOCK)
    began = time.process_time()
    for _ in range(max(count // BLOCK, 1)):
        refit(fit, weights[: min(count, BLOCK)])
    return time.process_time() - began


def bootstrap_lines() -> list[Line]:
    """Refit 150 rows, 4 columns and 4 levels ten thousand times, beside statsmodels and, if there, R's clm."""
    x, y = simulate(150, 4, 4)
    fit = fit_ours(x, y)
    refit(fit, draw_weights(np.arange(len(y)), 1, BLOCK))
    began = time.process_time()
    for block in np.split(draw_weights(np.arange(len(y)), 1, DRAWS), DRAWS // BLOCK):
        refit(fit, block)
    ours = time.process_time() - began
    lines = [
        _line("statsmodels", ours, _statsmodels(x, y), THEIR_SAMPLE, at_least=1_500),
        _limit(fit, ours),
    ]
    clm = _clm(x, y)
    if clm is not None:
        lines.insert(1, _line("R's clm", ours, clm, CLM_SAMPLE, at_least=100))
    return lines


def _line(name: str, ours: float, each: float, sample: int, *, at_least: float) -> Line:
    return Line(
        what=f"{DRAWS:,} bootstrap refits with errors, n = 150: times {name}",
        ours=f"{ours:.2f} s",
        theirs=f"{each * DRAWS:,.0f} s, from {sample}",
        value=each * DRAWS / ours,
        bound=at_least,
        at_least=True,
    )


def _statsmodels(x: FloatArray, y: IntArray) -> float:
    generator = np.random.default_rng(1)
    draws = [generator.integers(0, len(y), len(y)) for _ in range(THEIR_SAMPLE)]
    return float(np.mean([seconds(fit_theirs, x[draw], y[draw]) for draw in draws]))


def _clm(x: FloatArray, y: IntArray) -> float | None:
    rscript = shutil.which("Rscript")
    if rscript is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        rows = Path(folder) / "rows.csv"
        pd.DataFrame(x).add_prefix("x").assign(y=y).to_csv(rows, index=False)
        script = Path(__file__).with_name("bootstrap.R")
        answer = subprocess.run(
            [rscript, str(script), str(rows), str(CLM_SAMPLE)], check=True, capture_output=True, text=True
        )
    return float(answer.stdout)


def _limit(fit: OrdinalFit, ours: float) -> Line:
    """Compare a refit with the matrix products of its Newton steps at the speed of a large product."""
    (block,) = fit.estimate.design.kept or ()
    products = 0 if block.products is None else block.products.size
    # Cut points, score and second derivatives of the five evaluations that a refit takes.
    least = 5 * 2.0 * (2 * block.cuts.size + products) / product_rate()
    return Line(
        what="microseconds a refit: times its matrix products alone",
        ours=f"{1e6 * ours / DRAWS:.1f} us",
        theirs=f"{1e6 * least:.1f} us at {product_rate() / 1e9:.0f} Gflop/s",
        value=ours / DRAWS / least,
        bound=20,
        at_least=False,
    )


def product_rate() -> float:
    """Return the floating-point operations a second of a matrix product on one core: the best of ten."""
    matrix = np.random.default_rng(1).normal(size=(PRODUCT, PRODUCT))
    return 2.0 * PRODUCT**3 / min(_time(lambda: matrix @ matrix) for _ in range(10))


def _time(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def scaling_lines() -> list[Line]:
    """Refit from a thousand to a million models, and from 150 to 15,000 rows; draw both to `PLOT`."""
    refits(ROWS[0], COUNTS[0])
    # The short ones three times: a disturbance weighs more on them.
    by_count = [min(refits(ROWS[0], count) for _ in range(3 if count < COUNTS[-1] else 1)) for count in COUNTS]
    by_rows = [min(refits(rows, COUNTS[0]) for _ in range(3)) for rows in ROWS]
    _draw(by_count, by_rows)
    return [
        _growth("models", COUNTS, by_count),
        _growth("rows", ROWS, by_rows),
    ]


def _growth(what: str, sizes: tuple[int, ...], times: list[float]) -> Line:
    slope = float(np.polyfit(np.log(sizes), np.log(times), 1)[0])
    return Line(
        what=f"{sizes[0]:,} to {sizes[-1]:,} {what}: power by which time grows",
        ours=f"{times[0]:.3f} s to {times[-1]:.2f} s",
        theirs="",
        value=slope,
        bound=1.15,  # weights of many draws of many rows come from memory, not from a cache
        at_least=False,
    )


def _draw(by_count: list[float], by_rows: list[float]) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.0, 3.6), layout="constrained")
    panels = figure.subplots(1, 2, sharey=True)
    drawn = zip(panels, (COUNTS, ROWS), (by_count, by_rows), ("Models (150 rows)", "Rows (1,000 models)"), strict=True)
    for ax, sizes, times, label in drawn:
        ax.loglog(sizes, times, marker="o", label="measured")
        proportional = times[0] * np.array(sizes) / sizes[0]
        ax.loglog(sizes, proportional, linestyle="dashed", color="0.5", label="in proportion")
        ax.set_xlabel(label)
        ax.grid(alpha=0.3)
    panels[0].set_ylabel("Processor time, s")
    panels[0].legend()
    PLOT.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(PLOT, dpi=150)
