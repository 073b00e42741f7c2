"""Measure everything that has a budget and print one table; 1 if a bound is missed."""

from __future__ import annotations

import os
import sys


def main() -> int:
    """Measure, print, and say whether all bounds are kept."""
    from benchmarks.batches import bootstrap_lines, scaling_lines
    from benchmarks.bounds import bounds_lines
    from benchmarks.imports import imports
    from benchmarks.line import table
    from benchmarks.memory import million_rows
    from benchmarks.single_fits import million_fits, small_fits

    sys.stdout.write("Both sides with one thread; statsmodels at a million rows takes some minutes\n")
    lines = [
        small_fits(),
        million_fits(),
        million_rows(),
        *bootstrap_lines(),
        *scaling_lines(),
        *bounds_lines(),
        *imports(),
    ]
    sys.stdout.write(table(lines) + "\n")
    return int(not all(line.met for line in lines))


if __name__ == "__main__":
    # Threads are counted when numpy is imported, which happens in main.
    for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = "1"
    sys.exit(main())
