"""Time one fit from arrays, covariance included, beside statsmodels' OrderedModel by bfgs on the same arrays.

Processor time of one thread, so that what else the machine does at the moment counts for little.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

from benchmarks.line import Line
from benchmarks.simulate import FloatArray, IntArray, fit_ours, simulate


def fit_theirs(x: FloatArray, y: IntArray) -> object:
    """Fit by statsmodels and ask for the covariance, which it computes when asked."""
    from statsmodels.miscmodels.ordinal_model import OrderedModel

    return OrderedModel(y, x, distr="logit").fit(method="bfgs", disp=0).cov_params()


def seconds(fit: Callable[[FloatArray, IntArray], object], x: FloatArray, y: IntArray) -> float:
    """Return the processor time of one fit."""
    start = time.process_time()
    fit(x, y)
    return time.process_time() - start


def small_fits(rounds: int = 15) -> Line:
    """Fit 150 rows, 4 columns and 4 levels, each side in turn; medians."""
    x, y = simulate(150, 4, 4)
    fit_ours(x, y)
    fit_theirs(x, y)
    times = [(min(seconds(fit_ours, x, y) for _ in range(10)), seconds(fit_theirs, x, y)) for _ in range(rounds)]
    ours, theirs = (median(side) for side in zip(*times, strict=True))
    return Line(
        what="one fit, n = 150, p = 4, K = 4: times as fast",
        ours=f"{1e3 * ours:.2f} ms",
        theirs=f"{1e3 * theirs:.1f} ms",
        value=theirs / ours,
        bound=40,
        at_least=True,
    )


def million_fits() -> Line:
    """Fit a million rows, 10 columns and 5 levels: ours three times (the median), statsmodels once, in full."""
    x, y = simulate(1_000_000, 10, 5)
    ours = median(seconds(fit_ours, x, y) for _ in range(3))
    theirs = seconds(fit_theirs, x, y)
    return Line(
        what="one fit, n = 1,000,000, p = 10, K = 5: times as fast",
        ours=f"{ours:.2f} s",
        theirs=f"{theirs:.0f} s",
        value=theirs / ours,
        bound=70,
        at_least=True,
    )
