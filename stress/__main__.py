"""Run campaigns and print one table; 1 if anything was lost or silently wrong: `python -m stress [NAME ...]`."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict

from stress.campaign import Result, restored, table

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
    parser.add_argument("--json", action="store_true", help="run one here, and print what it found as JSON")
    asked = parser.parse_args()
    for name in asked.names:
        if name not in CAMPAIGNS:
            parser.error(f"no campaign {name!r}: there are {', '.join(CAMPAIGNS)}")
    if asked.json and len(asked.names) != 1:
        parser.error("--json runs one campaign: name it")
    if asked.json:
        (name,) = asked.names
        sys.stdout.write(json.dumps(asdict(run(name, asked.budget))))
        return 0
    return try_all(asked.names or CAMPAIGNS, asked.budget)


def run(name: str, budget: float) -> Result:
    """Return how one campaign ended, in this process."""
    campaign = importlib.import_module(f"stress.{name}")
    sys.stderr.write(f"{name}: {(campaign.__doc__ or '').splitlines()[0]}\n")
    result: Result = campaign.run(budget)
    return result


def try_all(names: Sequence[str], budget: float) -> int:
    """Run each campaign in a process of its own, tell how it ended, and print the table; after Ctrl-C what there is.

    Fuzzing, which takes as long as all others, runs beside them.
    """
    results: dict[str, Result] = {}

    def one_by_one(some: Sequence[str]) -> None:
        for name in some:
            results[name] = apart(name, budget)

    lanes = [threading.Thread(target=one_by_one, args=(some,), daemon=True) for some in _lanes(names)]
    interrupted = False
    try:
        for lane in lanes:
            lane.start()
        for lane in lanes:
            lane.join()
    except KeyboardInterrupt:
        interrupted = True
    ended = {name: results[name] for name in names if name in results}
    sys.stdout.write(table(ended) + "\n")
    # A campaign whose own run broke off is not in the table, and not for good.
    good = len(ended) == len(names) and all(result.stood for result in ended.values())
    return INTERRUPTED if interrupted else int(not good)


def _lanes(names: Sequence[str]) -> list[list[str]]:
    return [[name for name in names if (name == "fuzz") is alone] for alone in (True, False)]


def apart(name: str, budget: float) -> Result:
    """Return how one campaign ended in a process of its own."""
    started = time.monotonic()
    command = [sys.executable, "-m", "stress", name, "--budget", str(budget), "--json"]
    ran = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if ran.returncode:
        result = Result(tried=1, survived=0, lost=1, notes=(f"the campaign ended with {ran.returncode}",))
    else:
        result = restored(json.loads(ran.stdout))
    sys.stderr.write(f"{table({name: result})}\n{name}: {time.monotonic() - started:.0f} s\n")
    return result


if __name__ == "__main__":
    # Threads are counted when numpy is imported, which happens in the campaigns.
    for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = "1"
    sys.exit(main())
