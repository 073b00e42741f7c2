"""The silent errors of peers and the promises of SECURITY.md, through the public names: corrtip is right or refuses."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

from stress.campaign import Result, total
from stress.checkout import ROOT, environment

PARTS = {"traps": "tests/test_traps.py", "promises": "tests/test_security.py"}
"""The test file of each part: they are quick, and so never run in a smaller number."""


def run(budget: float) -> Result:
    """Set every trap."""
    return total({name: _set(file) for name, file in PARTS.items()})


def _set(file: str) -> Result:
    with tempfile.TemporaryDirectory(prefix="corrtip.stress.") as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junit-xml={report}", file]
        ran = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)
        if not report.exists():
            return Result(tried=1, survived=0, lost=1, notes=(ran.stderr.strip()[-500:],))
        return judge(report.read_text(encoding="utf-8"))


def judge(report: str) -> Result:
    """Return the count of a run of pytest from its report: what fails a trap is taken for silently wrong."""
    cases = list(ElementTree.fromstring(report).iter("testcase"))  # noqa: S314 - pytest wrote it just now
    kinds = {kind: [case.get("name", "") for case in cases if case.find(kind) is not None] for kind in _KINDS}
    skipped, wrong, lost = kinds["skipped"], kinds["failure"], kinds["error"]
    tried = len(cases) - len(skipped)
    return Result(
        tried=tried,
        survived=tried - len(wrong) - len(lost),
        lost=len(lost),
        silently_wrong=len(wrong),
        notes=tuple(f"{kind}: {name}" for kind in _KINDS for name in kinds[kind]),
    )


_KINDS = ("failure", "error", "skipped")
