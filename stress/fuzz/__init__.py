"""Corrupts what every reader reads: each input ends in the right answer or in an error that names the place."""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path

import joblib

from stress.campaign import Result, total
from stress.fuzz.guided import GUIDED, run_guided
from stress.fuzz.limits import run_target
from stress.fuzz.target import Target

INPUTS = 100_000
"""Damaged inputs of each reader in a full campaign."""

GUIDED_INPUTS = 5_000
"""As many more whose damage coverage guides, of each reader of bytes."""

FINDS = Path("build/stress/fuzz")
"""Where inputs that were lost or silently wrong are left."""

FEWER = {"arithmetic": 0.2}
"""A share of the inputs: formulas as such have theirs, and this one asks beyond them whether the columns are right."""

LONGEST = ("arithmetic", "treaties", "command", "tip", "workbook", "blocks", "supplied", "groups")
"""Targets that begin first, the slowest before the others: no processor waits for one of them at the end."""

_GUIDED = ", guided"


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
    """Return how damaged inputs of every reader ended, or of those that are named; one part for each processor."""
    with scratch() as folder:
        named = [target.name for target in targets(folder) if not names or target.name in names]
    parts = [part for name in named for part in (name, f"{name}{_GUIDED}") if part == name or name in GUIDED]
    found = {}
    # Each process has all the readers from this one, which has no other threads yet.
    pool = ProcessPoolExecutor(joblib.cpu_count(), multiprocessing.get_context("fork"))
    try:
        begun = {pool.submit(_run_part, part, budget): part for part in sorted(parts, key=_turn)}
        for ended in as_completed(begun):
            part = begun[ended]
            found[part], seconds = ended.result()
            sys.stderr.write(
                f"fuzz: {part}: {found[part].survived:,} of {found[part].tried:,} survived, {seconds:.0f} s\n"
            )
            sys.stderr.flush()
    finally:
        pool.shutdown(cancel_futures=True)
    return total({part: found[part] for part in parts})


def _turn(part: str) -> tuple[bool, int]:
    return part.endswith(_GUIDED), LONGEST.index(part) if part in LONGEST else len(LONGEST)


def _run_part(part: str, budget: float) -> tuple[Result, float]:
    """Return how the inputs of one part ended, and the processor time that they took."""
    before = sum(os.times()[:4])
    # A folder for each part: readers of two of them may give their files the same name.
    with scratch() as folder:
        (target,) = (target for target in targets(folder) if target.name == part.removesuffix(_GUIDED))
        if part.endswith(_GUIDED):
            result = run_guided(target, max(1, round(budget * GUIDED_INPUTS)), FINDS, folder)
        else:
            result = run_target(target, max(1, round(budget * FEWER.get(target.name, 1.0) * INPUTS)), FINDS)
    return result, sum(os.times()[:4]) - before
