"""Runs the command that makes a file, unless that is fresh: of two that ask at once the second waits, and finds it.

`python tools/alone.py FILE INPUT [INPUT ...] COMMAND`, where the command is a line for sh.
"""

import fcntl
import subprocess
import sys
from pathlib import Path


def main(target: str, *rest: str) -> int:
    """Return 0 if the file is there and no older than its inputs, else how the command ended."""
    *inputs, command = rest
    # The first input is there before anything is made, and a lock needs no writing.
    with Path(inputs[0]).open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if _is_fresh(Path(target), [Path(name) for name in inputs]):
            return 0
        return subprocess.run(["sh", "-ec", command], check=False).returncode  # noqa: S603, S607 - a recipe of the Makefile


def _is_fresh(target: Path, inputs: list[Path]) -> bool:
    return target.exists() and all(target.stat().st_mtime >= path.stat().st_mtime for path in inputs)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
