"""`kill -9` in the middle of a long curve: what was finished is kept, and the next run gives the same numbers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

from stress.campaign import Result
from stress.checkout import ROOT, environment
from stress.killing import MARK, processes, wait_for

_PATIENCE = 600.0
_SECONDS_TO_END = 30.0
_DRAWS = 4000
CASES = ((1, 1), (3, 2), (20, 1), (30, 2))
"""Blocks that are kept when it is killed, and processes."""

_GRID = """\
question = "Does the curve go on where it was killed?"
fewest = 60

[spec]
outcome = "tier"
focal = "cpi_pre2012"
years = [2005, 2005]

[[choices]]
name = "report"
{reports}

[[choices]]
name = "link"

[[choices.options]]
name = "logit"
why = "The usual one."
change.link = "logit"

[[choices.options]]
name = "probit"
why = "Another one."
change.link = "probit"
"""
_REPORT = """
[[choices.options]]
name = "{year}"
why = "One of several."
change.years = [{year}, {year}]
"""


def resume(folder: Path, cases: tuple[tuple[int, int], ...]) -> Result:
    """Kill a curve after so many kept blocks, with so many processes; resume it, and compare with one never killed."""
    grid = folder / "grid.toml"
    reports = "".join(_REPORT.format(year=year) for year in range(2004, 2008))
    grid.write_text(_GRID.format(reports=reports), encoding="utf-8")
    goal = _answer(_run(grid, folder / "goal", 1))
    complaints = {
        f"after {count} blocks, {jobs} processes": list(
            _killed(grid, folder / f"keep-{count}-{jobs}", count, jobs, goal)
        )
        for count, jobs in cases
    }
    lost = {name: texts for name, texts in complaints.items() if texts}
    return Result(
        tried=len(complaints),
        survived=len(complaints) - len(lost),
        lost=len(lost),
        notes=tuple(f"{name}: {text}" for name, texts in lost.items() for text in texts),
    )


def _killed(grid: Path, keep: Path, count: int, jobs: int, goal: object) -> Iterator[str]:
    mark = uuid.uuid4().hex
    with subprocess.Popen(
        _command(grid, keep, jobs),
        env=environment(**{MARK: mark}),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as curve:
        if not wait_for(lambda: curve.poll() is not None or _blocks(keep) >= count, _PATIENCE):
            yield "it kept no blocks"
        os.kill(curve.pid, signal.SIGKILL)
    held = _blocks(keep)
    if held < count:
        yield f"it was done before it was killed: {held} blocks are kept"
    if not wait_for(lambda: not processes(mark), _SECONDS_TO_END):
        yield f"processes live on: {', '.join(processes(mark).values())}"
    again = _run(grid, keep, jobs)
    if "Resumed" not in again.stderr:
        yield f"it began anew: {again.stderr[-500:]}"
    if _answer(again) != goal:
        yield "other numbers"
    if list(keep.iterdir()):
        yield "blocks are left behind"


def _blocks(keep: Path) -> int:
    return len(list(keep.glob("*/block-*.npz")))


def _command(grid: Path, keep: Path, jobs: int) -> list[str]:
    program = "from corrtip.cli import main; main()"
    options = ["--draws", str(_DRAWS), "--jobs", str(jobs), "--keep", str(keep), "--json"]
    return [sys.executable, "-c", program, "curve", "run", str(grid), *options]


def _run(grid: Path, keep: Path, jobs: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        _command(grid, keep, jobs), env=environment(), cwd=ROOT, capture_output=True, text=True, check=False
    )


def _answer(ran: subprocess.CompletedProcess[str]) -> object:
    if ran.returncode:
        return ran.stderr
    found = json.loads(ran.stdout)
    del found["seconds"]
    return found
