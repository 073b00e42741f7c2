"""The whole pipeline fifty times in a row: memory, files, temporary folders, threads and processes do not grow."""

from __future__ import annotations

import gc
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from stress.campaign import Result
from stress.checkout import DOCUMENTS, ROOT, environment, hashes, lay_out

ROUNDS = 50
# What is loaded once, and pools that fill, are there after so many rounds.
_WARM = 10
MAY_GROW = 10e6
"""Bytes from the first warm round to the last: what the allocator scatters, and far below one panel a round."""


def rounds(root: Path, count: int) -> Iterator[dict[str, float]]:
    """Run the pipeline so many times in this process; yield what it holds after each round."""
    from corrtip.report.notebooks import run_notebook
    from corrtip.report.rendering import build_report

    notebooks = sorted((root / "notebooks").glob("*.ipynb"))
    for notebook in notebooks:
        run_notebook(notebook, root / "build" / "notebooks" / notebook.name)
    for number in range(count):
        _pipeline(root)
        build_report(root, root / "build")
        if number % _WARM == 0:
            run_notebook(notebooks[-1], root / "build" / "notebooks" / notebooks[-1].name)
        yield _held(root)


def _pipeline(root: Path) -> None:
    from matplotlib import pyplot

    import corrtip as ct
    from corrtip.report.coverage import count_by_year

    panel = ct.load_panel()
    spec = ct.Spec(
        outcome="tier",
        focal="cpi_pre2012",
        controls=("infant_mortality",),
        years=(2005, 2005),
        vintages={"infant_mortality": "factbook-2005"},
    )
    fit = ct.fit(ct.build_sample(panel, spec))
    ct.bootstrap(fit, n=50, seed=1, run=ct.Run(jobs=2, keep=root / "keep"))
    axes = ct.plot_coverage(count_by_year(panel, "tier"), label="Placements")
    axes.figure.savefig(root / "figure.png")
    pyplot.close(axes.figure)
    ct.etable([fit])
    ct.replicate("bales_2007", panel)


def _held(root: Path) -> dict[str, float]:
    gc.collect()
    me = Path("/proc/self")
    return {
        "bytes": float(int((me / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")),
        "open files": len(list((me / "fd").iterdir())),
        "threads": len(list((me / "task").iterdir())),
        "processes": len((me / "task" / str(os.getpid()) / "children").read_text().split()),
        "temporary files": len(list(Path(tempfile.gettempdir()).rglob("*"))),
        "files": len(list(root.rglob("*"))),
    }


def judge(held: Sequence[Mapping[str, float]], documents: Sequence[Mapping[str, str]]) -> Result:
    """Return whether what is held after each round stays what it was when all was warm."""
    warm = held[min(_WARM, len(held) // 2) :]
    growth = warm[-1]["bytes"] - warm[0]["bytes"]
    wrong = [f"memory grew by {growth / 1e6:.1f} MB"] if growth > MAY_GROW else []
    wrong += [
        f"{name} grew from {warm[0][name]:.0f} to {warm[-1][name]:.0f}"
        for name in warm[0]
        if name != "bytes" and warm[-1][name] > warm[0][name]
    ]
    note = (
        f"{len(held)} rounds: {warm[0]['bytes'] / 1e6:.0f} MB when warm, {growth / 1e6:+.1f} MB to the last; "
        + ", ".join(f"{warm[-1][name]:.0f} {name}" for name in warm[0] if name != "bytes")
    )
    wrong_bytes = any(found != documents[0] for found in documents)
    wrong += ["the documents changed"] if wrong_bytes else []
    survived = 0 if wrong else len(held)
    return Result(
        tried=len(held),
        survived=survived,
        lost=len(held) - survived,
        silently_wrong=int(wrong_bytes),
        notes=(note, *wrong),
    )


def run(budget: float) -> Result:
    """Run the pipeline fifty times, or a share of it, in one process of its own."""
    count = max(4, round(budget * ROUNDS))
    with tempfile.TemporaryDirectory(prefix="corrtip.stress.") as folder:
        root, scratch = lay_out(Path(folder) / "checkout"), Path(folder) / "scratch"
        shutil.copytree(ROOT / "data", root / "data", dirs_exist_ok=True)
        scratch.mkdir()
        command = [sys.executable, "-m", "stress.long_run", str(root), str(count)]
        own = environment(TMPDIR=str(scratch), PYTHONPATH=f"{root}/src")
        ran = subprocess.run(command, cwd=ROOT, env=own, capture_output=True, text=True, check=False)
        if ran.returncode:
            return Result(tried=count, survived=0, lost=count, notes=(ran.stderr.strip()[-500:],))
        after = hashes(root / "build", DOCUMENTS)
    found = json.loads(ran.stdout)
    return judge(found["held"], [found["documents"], after])


if __name__ == "__main__":
    where, how_often = Path(sys.argv[1]), int(sys.argv[2])
    going = rounds(where, how_often)
    first = next(going)
    built_first = hashes(where / "build", DOCUMENTS)
    sys.stdout.write(json.dumps({"held": [first, *going], "documents": built_first}))
