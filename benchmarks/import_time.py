"""Time `import corrtip` against its budget: 1.5 times the import of pandas, scipy.stats and statsmodels.api together.

Names are loaded when they are first used, so the second line is the honest one: every public name, used.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

BUDGET = 1.5
ROUNDS = 7
STATEMENTS = {
    "pandas, scipy.stats, statsmodels.api": "import pandas, scipy.stats, statsmodels.api",
    "corrtip": "import corrtip",
    "corrtip, every public name": "import corrtip; [getattr(corrtip, name) for name in corrtip.__all__]",
}


def seconds(statement: str) -> float:
    """Return the time of a fresh interpreter that runs ``statement``, its own start included."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", statement], check=True)
    return time.perf_counter() - start


def main() -> int:
    """Print the medians; return 1 if the budget is passed."""
    for statement in STATEMENTS.values():
        seconds(statement)  # compiled and in the disk's cache from here on
    # In turn, so that a slow minute of the machine meets all three alike.
    rounds = [{name: seconds(statement) for name, statement in STATEMENTS.items()} for _ in range(ROUNDS)]
    medians = {name: statistics.median(times[name] for times in rounds) for name in STATEMENTS}
    yardstick = next(iter(medians.values()))
    for name, median in medians.items():
        print(f"import {name:38} {median:6.2f} s  {median / yardstick:5.2f}")
    print(f"budget {'':38} {BUDGET * yardstick:6.2f} s  {BUDGET:5.2f}")
    return int(max(medians.values()) > BUDGET * yardstick)


if __name__ == "__main__":
    sys.exit(main())
