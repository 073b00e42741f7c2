"""Run campaigns and print one table; 1 if anything was lost or silently wrong: `python -m stress [NAME ...]`."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import time

CAMPAIGNS: tuple[str, ...] = ("fuzz", "faults", "scale", "long_run", "reproduce")
"""Modules of this package: the first line of each is its title, and its ``run(budget)`` gives a ``Result``."""


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
    from stress.campaign import table

    results = {}
    for name in asked.names or CAMPAIGNS:
        campaign = importlib.import_module(f"stress.{name}")
        sys.stderr.write(f"{name}: {(campaign.__doc__ or '').splitlines()[0]}\n")
        started = time.monotonic()
        results[name] = campaign.run(asked.budget)
        sys.stderr.write(f"{name}: {time.monotonic() - started:.0f} s\n")
    sys.stdout.write(table(results) + "\n")
    return int(not all(result.stood for result in results.values()))


if __name__ == "__main__":
    # Threads are counted when numpy is imported, which happens in the campaigns.
    for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = "1"
    sys.exit(main())
