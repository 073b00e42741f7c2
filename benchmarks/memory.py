"""Measure the peak memory of a fit of a million rows above its input, in a process of its own."""

from __future__ import annotations

import subprocess
import sys

from benchmarks.line import Line

_PROGRAM = """
import resource, sys
from benchmarks.simulate import fit_ours, simulate
fit_ours(*simulate(150, 10, 5))     # what is imported at the first fit is not the fit's
x, y = simulate(1_000_000, 10, 5)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
fit_ours(x, y)
unit = 1 if sys.platform == "darwin" else 1024
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * unit / 1e6, (x.nbytes + y.nbytes) / 1e6)
"""


def million_rows() -> Line:
    """Fit a million rows, 10 columns and 5 levels; megabytes by which the fit raises the peak.

    The peak before the fit holds the input, and what drawing it took for a moment (two vectors); the fit's own peak is
    understated by no more than that.
    """
    ran = subprocess.run([sys.executable, "-c", _PROGRAM], check=True, capture_output=True, text=True)
    above, held = map(float, ran.stdout.split())
    return Line(
        what="peak memory above the input, n = 1,000,000: MB",
        ours=f"{above:.0f} MB",
        theirs=f"input {held:.0f} MB",
        value=above,
        bound=200,
        at_least=False,
    )
