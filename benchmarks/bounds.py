"""Fit more than two million ordinal models of published figures, in a process of its own, and check some of them.

Five controls at a time from the World Bank's indicators, beside three measures of corruption, with two processes: the
time of a model, the memory of all processes together, and how far the batched estimates are from single fits. The time
is half of the processor time of all processes, reading of figures and single fits included: what two cores need that
have nothing else to do.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.line import Line

FOCALS = ("cpi_pre2012", "wgi_control_of_corruption", "vdem_corruption")
SIZE = 5
JOBS = 2
REFITTED = 1_000

_PROGRAM = """
import json, sys, time
import numpy as np
import corrtip as ct
from corrtip.cli.bounds import pool_of
from corrtip.models.model import fit_arrays
from corrtip.robustness.subsets import Outcome

focals, size, jobs, refitted = json.loads(sys.argv[1])
panel = ct.load_panel()
names, vintages = pool_of(panel, "wdi")
spec = ct.Spec(outcome="tier", focal=focals[0], years=(2005, 2005))
began = time.perf_counter()
found = ct.extreme_bounds(panel, spec, focal=focals, pool=names, vintages=vintages, size=size, run=ct.Run(jobs=jobs))
seconds = time.perf_counter() - began
rng = np.random.default_rng(1)
largest = 0.0
for bounds in found.focals:
    data, fits = bounds.data, bounds.fits
    for place in rng.choice(np.flatnonzero(fits.outcome == Outcome.FITTED), refitted // len(focals) + 1, replace=False):
        x = np.column_stack([data.focal, data.pool[:, fits.subsets[place]]])
        rows = np.isfinite(x).all(axis=1)
        alone = fit_arrays(data.codes[rows], x[rows], levels=list("abcd"), names=[f"x{k}" for k in range(x.shape[1])])
        pairs = ((fits.estimate, alone.params["x0"]), (fits.std_error, alone.bse["x0"]), (fits.llf, alone.llf))
        largest = max(largest, *(abs(batch[place] / single - 1.0) for batch, single in pairs))
print(json.dumps({"models": found.models, "seconds": seconds, "largest": float(largest)}))
"""


def bounds_lines() -> list[Line]:
    """Run the models, watch the memory, and refit a random thousand one by one."""
    from benchmarks.batches import product_rate

    arguments = json.dumps([FOCALS, SIZE, JOBS, REFITTED])
    before = _processor_time()
    process = subprocess.Popen([sys.executable, "-c", _PROGRAM, arguments], stdout=subprocess.PIPE, text=True)
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, sum(map(_resident, _family(process.pid))))
        time.sleep(0.2)
    answer = json.loads(process.communicate()[0])
    each = 1e6 * (_processor_time() - before) / JOBS / answer["models"]
    return [
        Line(
            what=f"{answer['models']:,} bounds models: microseconds each, on two cores",
            ours=f"{answer['seconds']:.0f} s here and now",
            theirs=f"{product_rate() / 1e9:.0f} Gflop/s",
            value=each,
            bound=40,
            at_least=False,
        ),
        Line(
            what="their memory, all processes, MB",
            ours=f"{peak / 1e6:.0f} MB",
            theirs="",
            value=peak / 1e6,
            bound=1_000,
            at_least=False,
        ),
        Line(
            what=f"{REFITTED:,} of them fitted singly: largest relative difference, times 1e9",
            ours=f"{answer['largest']:.1e}",
            theirs="",
            value=1e9 * answer["largest"],
            bound=1,
            at_least=False,
        ),
    ]


def _processor_time() -> float:
    """Return the processor time of all processes that this one started and that have ended, their own ones included."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _family(process: int) -> list[int]:
    """Return a process and its descendants, as Linux tells them."""
    found = [process]
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            found += [member for child in task.read_text().split() for member in _family(int(child))]
        except OSError:  # it has ended meanwhile
            continue
    return found


def _resident(process: int) -> float:
    """Return the memory of a process in bytes, what it shares with others divided among them."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return 1024.0 * sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
