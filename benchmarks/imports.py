"""Time `import corrtip` beside the import of pandas, scipy.stats and statsmodels.api together.

Names are loaded when they are first used, so the honest line is the second: every public name, used.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

from benchmarks.line import Line

ROUNDS = 7
YARDSTICK = "import pandas, scipy.stats, statsmodels.api"
STATEMENTS = {
    "import corrtip: times the yardstick": "import corrtip",
    "import corrtip, every public name used": "import corrtip; [getattr(corrtip, name) for name in corrtip.__all__]",
}


def seconds(statement: str) -> float:
    """Return the time of a fresh interpreter that runs ``statement``, its own start included."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", statement], check=True)
    return time.perf_counter() - start


def imports() -> list[Line]:
    """Return the medians of both statements beside the yardstick."""
    statements = [YARDSTICK, *STATEMENTS.values()]
    for statement in statements:
        seconds(statement)  # compiled and in the disk's cache from here on
    # In turn, so that a slow minute of the machine meets all three alike.
    rounds = [[seconds(statement) for statement in statements] for _ in range(ROUNDS)]
    yardstick, *ours = (statistics.median(times) for times in zip(*rounds, strict=True))
    return [
        Line(
            what=what,
            ours=f"{time_:.2f} s",
            theirs=f"{yardstick:.2f} s",
            value=time_ / yardstick,
            bound=1.5,
            at_least=False,
        )
        for what, time_ in zip(STATEMENTS, ours, strict=True)
    ]
