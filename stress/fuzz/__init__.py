"""Corrupts what every reader reads: each input ends in the right answer or in an error that names the place."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stress.campaign import Result, total
from stress.fuzz.guided import GUIDED, run_guided
from stress.fuzz.limits import run_target
from stress.fuzz.target import Target

INPUTS = 100_000
"""Damaged inputs of each reader in a full campaign."""

GUIDED_INPUTS = 20_000
"""As many more whose damage coverage guides, of each reader of bytes."""

FINDS = Path("build/stress/fuzz")
"""Where inputs that were lost or silently wrong are left."""


@contextmanager
def scratch() -> Iterator[Path]:
    """Yield a folder for the files that readers read, in memory where the system has such a place."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield Path(folder)


def targets(folder: Path) -> list[Target]:
    """Return everything that is fuzzed; readers of files have theirs in ``folder``."""
    from stress.fuzz import books, commands, declarations, formulas, publishers, raw, saved

    modules = (raw, declarations, publishers, books, saved, formulas, commands)
    return [target for module in modules for target in module.targets(folder)]


def run(budget: float, names: tuple[str, ...] = ()) -> Result:
    """Return how damaged inputs of every reader ended, or of those that are named."""
    parts = {}
    with scratch() as folder:
        for target in targets(folder):
            if not names or target.name in names:
                parts[target.name] = run_target(target, max(1, round(budget * INPUTS)), FINDS)
                if target.name in GUIDED:
                    parts[f"{target.name}, guided"] = run_guided(target, max(1, round(budget * GUIDED_INPUTS)), FINDS)
    return total(parts)
