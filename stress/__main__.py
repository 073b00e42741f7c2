"""Run campaigns and print one table; 1 if anything was lost or silently wrong: `python -m stress [NAME ...]`."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import time
from collections.abc import Sequence

CAMPAIGNS: tuple[str, ...] = ("traps", "faults", "scale", "long_run", "reproduce", "fuzz")
"""Modules of this package: the first line of each is its title, and its ``run(budget)`` gives a ``Result``."""


INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""


def main() -> int:
    """Run what was named, or everything; print the table; say whether all stood."""
    parser = argparse.ArgumentParser(prog="python -m stress", description="Try to break corrtip.")
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"one of {', '.join(CAMPAIGNS)}; all, if none is named"
    )
    parser.add_argument("--budget", type=float, default=1.0, help="share of a full campaign: 0.01 tries a hundredth")
    asked = parser.parse_args()
    for name in asked.names:
        if name not in CAMPAIGNS:
            parser.error(f"no campaign {name!r}: there are {', '.join(CAMPAIGNS)}")
    return try_all(asked.names or CAMPAIGNS, asked.budget)


def try_all(names: Sequence[str], budget: float) -> int:
    """Run campaigns, tell how each ended, and print the table; after Ctrl-C that of those that were done."""
    from stress.campaign import table

    results = {}
    interrupted = False
    try:
        for name in names:
            campaign = importlib.import_module(f"stress.{name}")
            sys.stderr.write(f"{name}: {(campaign.__doc__ or '').splitlines()[0]}\n")
            started = time.monotonic()
            results[name] = campaign.run(budget)
            sys.stderr.write(f"{table({name: results[name]})}\n{name}: {time.monotonic() - started:.0f} s\n")
    except KeyboardInterrupt:
        interrupted = True
    sys.stdout.write(table(results) + "\n")
    return INTERRUPTED if interrupted else int(not all(result.stood for result in results.values()))


if __name__ == "__main__":
    # Threads are counted when numpy is imported, which happens in the campaigns.
    for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = "1"
    sys.exit(main())
