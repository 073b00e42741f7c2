"""`kill -9`, full disks, closed folders, two builds at once, other clocks and locales: nothing is lost, all goes on."""

from __future__ import annotations

import tempfile
from pathlib import Path

from stress.campaign import Result, total
from stress.killing import BLOWS, prepare, strike_make
from stress.operations import strike_all
from stress.resuming import CASES, resume
from stress.starving import starve


def run(budget: float) -> Result:
    """Try everything; a budget below one takes a share of each kind, one case at least."""
    share = min(budget, 1.0)
    parts = strike_all()
    with tempfile.TemporaryDirectory(prefix="corrtip.stress.") as name:
        folder = Path(name)
        project = prepare(folder)
        parts["make report killed"] = strike_make(project, folder, BLOWS[: max(1, round(share * len(BLOWS)))])
        parts |= starve(project, folder, share)
        parts["curve killed"] = resume(folder, CASES[: max(1, round(share * len(CASES)))])
    return total(parts)
