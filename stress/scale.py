"""Ten to a thousand times the usual size: five million rows, a million figures, a hundred thousand specifications."""

from __future__ import annotations

import json
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from stress.campaign import Result, total
from stress.checkout import ROOT, environment

if TYPE_CHECKING:
    from corrtip.robustness.grid import Option

MEMORY = 4_000_000_000
"""Bytes that a survey-sized sample may take, the sample included."""
LINEAGE_SECONDS = 0.010
"""A look-up of one figure's origin in a million of them."""
LOADING_SECONDS = 30.0
"""A million figures read from their files and checked, on a machine that is busy: "in seconds"."""

_ROWS, _COLUMNS = 5_000_000, 20
_FIGURES = 1_000_000

_LEVELS = 5


def survey(share: float) -> dict[str, float]:
    """Fit an ordinal model on a simulated survey within the limit of memory; return how far off, and what it took."""
    import numpy as np
    import pandas as pd

    import corrtip as ct

    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    rows, predictors = round(share * _ROWS), _COLUMNS - 1
    rng = np.random.default_rng(1)
    x = rng.normal(size=(rows, predictors))
    effects = np.linspace(-0.5, 0.5, predictors)
    codes = np.digitize(x @ effects + rng.logistic(size=rows), [-2.0, -1.0, 0.0, 1.5])
    names = [f"x{number}" for number in range(predictors)]
    data = pd.DataFrame(x, columns=names, copy=False)
    del x
    data["answer"] = pd.Categorical.from_codes(codes, list("12345"), ordered=True)
    began = time.process_time()
    fit = ct.clm(f"answer ~ {' + '.join(names)}", data)
    errors = (fit.params[names] - effects) / fit.bse[names]
    return {
        "rows": rows,
        "seconds": time.process_time() - began,
        "bytes": 1024.0 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
        "off": float(errors.abs().max()),
    }


def panel(share: float) -> dict[str, float]:
    """Read and check a million figures, in editions made of one that we hold; look up where one is from."""
    import corrtip as ct

    with tempfile.TemporaryDirectory(prefix="corrtip.stress.") as folder:
        root = Path(folder) / "data"
        shutil.copytree(ROOT / "data", root, ignore=shutil.ignore_patterns("processed"))
        _add_editions(root, round(share * _FIGURES))
        began = time.process_time()
        held = ct.load_panel(root)
        loading = time.process_time() - began
        asked = [
            ("NGA", 2005, "cpi_pre2012", None),
            ("ALB", 2010, "infant_mortality", "wdi-1000-01"),
            ("BRA", 2015, "tier", None),
            ("IND", 1999, "population", "wdi-2026-07"),
        ]
        first = _slowest(lambda: [_timed(held, question) for question in asked])
        again = _slowest(lambda: [_timed(held, question) for question in 25 * asked])
    return {"figures": len(held.frame), "loading": loading, "first": first, "again": again}


def _add_editions(root: Path, figures: int) -> None:
    """Write copies of an edition under dates of their own until there are so many figures."""
    text, about = (root / "raw" / "wdi" / f"2026-07.{ending}" for ending in ("csv", "toml"))
    cells = sum(1 for line in text.read_text(encoding="utf-8").splitlines()[1:] for cell in line.split(",")[2:] if cell)
    dates = [f"{1000 + number}-01" for number in range(max(figures - 600_000, 0) // cells + 1)]
    for date in dates:
        shutil.copyfile(text, text.with_name(f"{date}.csv"))
        sidecar = about.read_text(encoding="utf-8").replace('edition = "2026-07"', f'edition = "{date}"')
        about.with_name(f"{date}.toml").write_text(sidecar, encoding="utf-8")
    catalogue = root / "variables.toml"
    named = ", ".join(f'"wdi-{date}"' for date in ("2026-07", *dates))
    catalogue.write_text(
        catalogue.read_text(encoding="utf-8").replace('["wdi-2026-07"]', f"[{named}]"), encoding="utf-8"
    )


def _timed(held: object, question: tuple[str, int, str, str | None]) -> float:
    began = time.process_time()
    held.lineage(*question)  # type: ignore[attr-defined]
    return time.process_time() - began


def _slowest(measure: Callable[[], list[float]]) -> float:
    return max(measure())


def curve(folder: Path, share: float) -> None:
    """Run a grid of a hundred thousand specifications with a few draws, kept; print what it found."""
    import corrtip as ct
    from corrtip.models.links import LINKS

    grid = ct.load_grid("zhang_pineda")
    wider = {
        "special": [{"special_cases": name} for name in ("drop", "worst", "best")],
        "link": [{"link": name} for name in LINKS if name != "cauchit"],
        "covariance": [{"covariance": name} for name in ("nonrobust", "HC0", "HC1")],
    }
    choices = tuple(
        replace(choice, options=_options(wider[choice.name])) if choice.name in wider else choice
        for choice in grid.choices
    )
    if share < 1:
        choices = tuple(
            replace(choice, options=choice.options[:1]) if choice.name in ("focal", "countries", "special") else choice
            for choice in choices
        )
    found = ct.run_grid(
        ct.load_panel(),
        replace(grid, choices=choices),
        draws=2,
        run=ct.Run(jobs=2, keep=folder, progress=_tell),
    )
    answer = {"models": found.models, "statistics": found.tidy().to_dict("records"), "table": found.table.to_json()}
    sys.stdout.write(json.dumps(answer))


def _tell(done: int, total: int) -> None:
    sys.stderr.write(f"at {done} of {total}\n")
    sys.stderr.flush()


def _options(changes: list[dict[str, str]]) -> tuple[Option, ...]:
    from corrtip.robustness.grid import Option

    return tuple(Option(name=next(iter(change.values())), why="One of all.", change=change) for change in changes)


def _child(part: str, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        _command(part, *options), cwd=ROOT, env=environment(), capture_output=True, text=True, check=False
    )


def _command(part: str, *options: str) -> list[str]:
    return [sys.executable, "-m", "stress.scale", part, *options]


def judged(ran: subprocess.CompletedProcess[str], judge: Callable[[dict[str, float]], tuple[str, list[str]]]) -> Result:
    """Return the count of one part that ran in a process of its own."""
    if ran.returncode:
        return Result(tried=1, survived=0, lost=1, notes=(ran.stderr.strip()[-500:],))
    note, wrong = judge(json.loads(ran.stdout))
    return Result(tried=1, survived=int(not wrong), lost=int(bool(wrong)), notes=(note, *wrong))


def judge_survey(found: dict[str, float]) -> tuple[str, list[str]]:
    """Return what the survey took, and what of it is beyond its limits."""
    note = (
        f"{found['rows']:,.0f} rows, {_COLUMNS} columns: {found['seconds']:.0f} s of processor time, "
        f"{found['bytes'] / 1e9:.2f} GB at most, the sample included"
    )
    wrong = []
    if found["bytes"] > MEMORY:
        wrong.append("too much memory")
    if found["off"] > 5.0:
        wrong.append(f"an estimate is {found['off']:.1f} standard errors from the truth")
    return note, wrong


def judge_panel(found: dict[str, float]) -> tuple[str, list[str]]:
    """Return what the panel took, and what of it is beyond its limits."""
    note = (
        f"{found['figures']:,.0f} figures read and checked in {found['loading']:.1f} s; origin of one in at most "
        f"{1e3 * found['first']:.1f} ms the first time a variable is asked for, {1e3 * found['again']:.1f} ms then"
    )
    wrong = []
    if found["loading"] > LOADING_SECONDS:
        wrong.append("it takes too long to load")
    if max(found["first"], found["again"]) > LINEAGE_SECONDS:
        wrong.append("a look-up is not instant")
    return note, wrong


def resume_curve(share: float) -> Result:
    """Kill a long curve among its estimates and again among its draws, resume it; compare with one never killed."""
    with tempfile.TemporaryDirectory(prefix="corrtip.stress.") as folder:
        goal = _child("curve", f"{folder}/goal", str(share))
        keep = Path(folder) / "keep"
        killed = [_kill_curve(keep, share, stage) for stage in STAGES]
        again = _child("curve", str(keep), str(share))
        left = list(keep.glob("*"))
    return judge_curve(goal, killed, again, left)


STAGES = (1, 2)
"""Folders of kept blocks, one for the estimates and one for the draws, that a curve has when it is killed."""
_BLOCKS = 6


def _kill_curve(keep: Path, share: float, stage: int) -> str:
    """Kill a curve when it has kept some blocks of a stage; return what it said of its progress until then."""
    with subprocess.Popen(
        _command("curve", str(keep), str(share)),
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as begun:
        while begun.poll() is None and not _reached(keep, stage):
            time.sleep(0.05)
        begun.send_signal(signal.SIGKILL)
        return begun.communicate()[1]


def _reached(keep: Path, stage: int) -> bool:
    counts = [len(list(folder.glob("block-*.npz"))) for folder in keep.glob("*")]
    return len(counts) >= stage and min(counts) >= _BLOCKS


def judge_curve(
    goal: subprocess.CompletedProcess[str],
    killed: Sequence[str],
    again: subprocess.CompletedProcess[str],
    left: Sequence[Path],
) -> Result:
    """Return whether a curve that was killed went on each time from what was kept, and came to the same end."""
    if goal.returncode or again.returncode:
        return Result(tried=1, survived=0, lost=1, notes=((goal.stderr + again.stderr).strip()[-500:],))
    # A stage is told of with a total of its own, and first with what was kept of it.
    resumed = _beginnings(again.stderr)
    at_estimates, at_draws = _beginnings(killed[1])[0], resumed[-1]
    models = json.loads(goal.stdout)["models"]
    note = (
        f"{models:,} specifications, killed twice: {at_estimates:,} estimates were kept the first time, "
        f"{resumed[0]:,} and {at_draws:,} refits of draws the second"
    )
    wrong = ["blocks are left behind"] if left else []
    wrong += ["estimates began anew"] if not 0 < at_estimates < resumed[0] else []
    wrong += ["draws began anew"] if not at_draws else []
    differs = goal.stdout != again.stdout
    survived = int(not wrong and not differs)
    return Result(tried=1, survived=survived, lost=int(bool(wrong)), silently_wrong=int(differs), notes=(note, *wrong))


def _beginnings(said: str) -> list[int]:
    """Return how many models were done when each stage began, from lines like ``at 120 of 400``."""
    steps = [(int(done), total) for done, total in re.findall(r"^at (\d+) of (\d+)$", said, re.MULTILINE)]
    return [done for place, (done, total) in enumerate(steps) if not place or total != steps[place - 1][1]]


def run(budget: float) -> Result:
    """Try all three; a budget below one makes them smaller."""
    share = min(budget, 1.0)
    return total(
        {
            "survey": judged(_child("survey", str(share)), judge_survey),
            "panel": judged(_child("panel", str(share)), judge_panel),
            "curve": resume_curve(share),
        }
    )


if __name__ == "__main__":
    asked, *given = sys.argv[1:]
    if asked == "curve":
        curve(Path(given[0]), float(given[1]))
    else:
        sys.stdout.write(json.dumps({"survey": survey, "panel": panel}[asked](float(given[0]))))
