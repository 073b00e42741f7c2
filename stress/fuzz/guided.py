"""The search that coverage guides, in a process of its own: atheris looks for bytes that reach new lines."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from stress.campaign import Result
from stress.fuzz.target import Target

GUIDED = (
    *("cpi", "tip", "factbook", "groups", "wdi", "freedom_house", "treaties", "sidecar", "spec", "study", "grid"),
    *("correction", "catalogue", "numbers", "fetched", "new_cpi", "new_tip", "new_tip_by_tier", "new_wdi", "new_wgi"),
    *("new_wdi_json", "workbook", "record", "saved_data", "countries", "supplied", "formula"),
)
"""The targets whose inputs are bytes as such."""

LOST, WRONG = 77, 78
"""Exit codes of the search."""

_LONGEST = 20_000
_SECONDS = 20
_MEGABYTES = 2_000


def run_guided(target: Target, count: int, finds: Path, folder: Path) -> Result:
    """Return how ``count`` inputs ended that coverage led to; the search ends at the first that is lost or wrong.

    The readers have their files in ``folder``: the search ends its process without taking anything away.
    """
    finds.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as corpus:
        for place, seed in enumerate(target.seeds):
            Path(corpus, f"seed-{place}").write_bytes(seed)
        ended = subprocess.run(
            [
                *(sys.executable, "-m", "stress.fuzz.search", target.name, str(folder), corpus),
                *(f"-runs={count}", "-seed=1", f"-max_len={_LONGEST}", f"-timeout={_SECONDS}"),
                *(f"-rss_limit_mb={_MEGABYTES}", f"-artifact_prefix={finds}/{target.name}-guided-"),
            ],
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
    tried = max([int(number) for number in re.findall(r"^#([0-9]+)\s", ended.stderr, re.MULTILINE)], default=0)
    if ended.returncode == 0:
        return Result(tried=tried, survived=tried)
    why = re.findall(r"^FOUND (.*)$", ended.stderr, re.MULTILINE) or [ended.stderr[-300:]]
    wrong = ended.returncode == WRONG
    return Result(
        tried=max(tried, 1),
        survived=max(tried, 1) - 1,
        lost=int(not wrong),
        silently_wrong=int(wrong),
        notes=(why[0],),
    )
