"""Measure the peak memory of a fit of a million rows above its input, in a process of its own."""

from __future__ import annotations

import subprocess
import sys

from benchmarks.line import Line

_PROGRAM = """
import resource, sys
from pathlib import Path
from benchmarks.simulate import fit_ours, simulate

def peak():
    status = Path("/proc/self/status")
    if status.exists():  # on Linux ru_maxrss begins with the peak of the process that started this one
        return 1024 * int(status.read_text().split("VmHWM:")[1].split()[0])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)

fit_ours(*simulate(150, 10, 5))  # what is imported at the first fit is not the fit's
x, y = simulate(1_000_000, 10, 5)
before = peak()
fit_ours(x, y)
print((peak() - before) / 1e6, (x.nbytes + y.nbytes) / 1e6)
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
