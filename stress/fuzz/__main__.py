"""Run some targets, `python -m stress.fuzz [--budget B] [NAME ...]`, or see one input again: `... NAME INDEX`."""

from __future__ import annotations

import argparse
import sys

from stress.campaign import table
from stress.fuzz import run, scratch, targets
from stress.fuzz.target import damaged, judge


def main() -> int:
    """Run what was named, or show the input and let what it raises be seen."""
    parser = argparse.ArgumentParser(prog="python -m stress.fuzz", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--budget", type=float, default=1.0)
    asked = parser.parse_args()
    if len(asked.names) == 2 and asked.names[1].isdecimal():
        return _show(asked.names[0], int(asked.names[1]))
    result = run(asked.budget, tuple(asked.names))
    sys.stdout.write(f"{table({'fuzz': result})}\n")
    return int(not result.stood)


def _show(name: str, index: int) -> int:
    with scratch() as folder:
        (target,) = (target for target in targets(folder) if target.name == name)
        data, harmless = damaged(target, index)
        sys.stdout.write(f"{data[:2000]!r}\n{'must be accepted' if harmless else ''}\n")
        outcome, why = judge(target, data, harmless=harmless)
        sys.stdout.write(f"{outcome} {why}\n")
        if outcome == "lost":
            target.read(data)
    return int(outcome != "survived")


if __name__ == "__main__":
    sys.exit(main())
