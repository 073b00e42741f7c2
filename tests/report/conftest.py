"""A browser to open what the tests make, a checkout in small with its build, and results that several tests lay out."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot
from playwright.sync_api import Browser, sync_playwright

from corrtip import project
from corrtip.data.panel import Panel
from corrtip.report.artifacts import Results, read_results
from corrtip.report.manifest import build_manifest
from corrtip.report.style import new_axes
from corrtip.report.tables import Table
from corrtip.robustness.bounds import ExtremeBounds, FocalBounds
from corrtip.robustness.curve import SpecificationCurve
from corrtip.robustness.dominance import Dominance
from corrtip.robustness.grid import Choice, Grid, Option
from corrtip.robustness.subsets import Outcome, Pool, SubsetFits
from corrtip.spec import Spec
from corrtip.studies.scoreboard import Scoreboard, scoreboard

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
# Nothing but the page that a test opens: what the browser would ask of its makers is off, and no name leads anywhere.
FLAGS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--no-first-run",
    "--no-sandbox",
)


@pytest.fixture(autouse=True)
def no_figure_stays_open() -> Iterator[None]:
    """Close what a test plots and does not draw: at twenty open figures matplotlib warns whoever opens the next."""
    yield
    pyplot.close("all")


# Of a module, not of the run: while it is open no other test could start a loop of its own, as running a notebook does.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium without a window."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield opened
        opened.close()


SMALL = {
    ".ci/run": "#!/bin/sh\n",
    "LICENSE": "MIT License\n",
    "Makefile": "report:\n",
    "data/processed/panel.csv": "made by a tool\n",
    "notes.txt": "not the project's\n",
    "pyproject.toml": '[project]\nrequires-python = ">=3.11,<3.14"\nlicense = "MIT"\n',
    "requirements.lock": "numpy==2.4.6 \\\n    --hash=sha256:0\npandas==3.1.1 \\\n    --hash=sha256:0\n",
    "report/.report.md.swp": "an editor's\n",
    "report/references.bib": "@book{a, author = {Doe, Ann}, title = {On $R^2$}, year = {2005}, doi = {10.1/a_b}}\n",
    "report/report.md": "---\ntitle: Small & whole\n---\n\n{{t.a}}\n\n{{f.a}}\n",
    "src/corrtip/studies/__init__.py": '"""Studies."""\n',
    "src/corrtip/studies/evidence.py": '"""Evidence."""\n\nSEED = 1\n',
    "src/corrtip/studies/__pycache__/evidence.pyc": "made by Python\n",
}
PAGE = (
    '<table id="table-t-a"><caption><strong>Table 1.</strong> A</caption></table>\n'
    '<figure id="figure-f-a"><figcaption><strong>Figure 1.</strong> B</figcaption></figure>\n'
    '<table id="table-origins"><caption><strong>Table 2.</strong> Origins</caption></table>\n'
)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A checkout in small whose build is of its files: one edition that may be passed on, one that may not."""
    root = project.require_checkout("tests")
    checkout = tmp_path / "checkout"
    for name in ("countries.csv", "variables.toml", "raw/cpi/2005.csv", "raw/cpi/2005.toml"):
        _copied(root / "data" / name, checkout / "data" / name)
    for ending in ("csv", "toml"):
        _copied(root / "data/raw/three_p" / f"2013.{ending}", checkout / "data/raw/three_p" / f"2013.{ending}")
    for name in ("package.md", "template.typ", "filters/number.lua", "filters/typst.lua"):
        _copied(root / "report" / name, checkout / "report" / name)
    cells = [("markdown", "# What is in it?"), ("code", "one = 1"), ("code", 'results.table("t.a", t)\nsave("f.a")')]
    notebook = {"cells": [{"cell_type": kind, "source": [text]} for kind, text in cells]}
    for name, text in {**SMALL, "notebooks/01_x.ipynb": json.dumps(notebook)}.items():
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        (checkout / name).write_text(text)
    (checkout / ".ci/run").chmod(0o755)
    _built(checkout, checkout / "build")
    return checkout


def _copied(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def _built(checkout: Path, build: Path) -> None:
    """Save a table and a figure as a notebook would, the table from the figures that may not be passed on too."""
    editions = ("cpi/2005", "three_p/2013")
    files = [f"data/raw/{edition}.{ending}" for edition in editions for ending in ("csv", "toml")]
    always = ["data/countries.csv", "data/variables.toml", "notebooks/01_x.ipynb"]
    table = Table(caption="A", columns=("Term", "Estimate"), align="lr", rows=(("a_b", "-0.41"),))
    Results(build / "results/01_x", [*files, *always]).table("t.a", table)
    drawn = Results(build / "results/01_x", [*files[:2], *always])
    drawn.figure("f.a", new_axes(1, 1), caption="B", alt="An empty frame")
    for ending in ("ipynb", "html"):
        (build / "notebooks").mkdir(exist_ok=True)
        (build / f"notebooks/01_x.{ending}").write_text(ending)
    artifacts = [artifact for _, artifact in read_results(build, ["01_x"])]
    made = {"report.html": PAGE.encode()}
    (build / "report.html").write_bytes(made["report.html"])
    (build / "manifest.json").write_text(build_manifest(checkout, build, artifacts, made))


@pytest.fixture(scope="session")
def board(panel: Panel) -> Scoreboard:
    """The claims of two small studies."""
    return scoreboard(panel, studies=["lyday_2001", "unodc_2011_survey"])


def made_curve(n: int, draws: int = 0) -> SpecificationCurve:
    """Return a curve whose low half takes one option; every fourth is significant, the lowest tenth negative."""
    effect = (np.arange(n) - n / 10 + 0.5) / n / 5
    low = np.arange(n) < n // 2
    strong = np.arange(n) % 4 == 3
    table = pd.DataFrame(
        {
            "half": np.where(low, "low", "high"),
            "whole": "any",
            "z": np.sign(effect) * np.where(strong, 3.0, 1.0),
            "p_value": np.where(strong, 0.001, 0.3),
            "effect": effect,
            "outcome": "fitted",
        }
    )
    choices = (
        Choice(name="half", options=(Option(name="low", why="."), Option(name="high", why="."))),
        Choice(name="whole", options=(Option(name="one", why="."),)),
    )
    grid = Grid(
        id="made", question="?", spec=Spec(outcome="tier", focal="cpi_pre2012", years=(2005, 2005)), choices=choices
    )
    numbers = np.linspace(0.0, 0.02, draws)
    null = pd.DataFrame(
        dict.fromkeys(("median_effect", "median_z", "share_expected", "share_significant"), numbers), dtype=float
    )
    shuffled = table.sample(frac=1, random_state=1)
    return SpecificationCurve(
        grid=grid, specifications=(), table=shuffled, bootstrap=null, null=null, doubts=(), seed=1
    )


@pytest.fixture(scope="session")
def curve_of() -> Callable[..., SpecificationCurve]:
    """What makes a curve of so many specifications."""
    return made_curve


def focal_bounds(name: str, sign: float) -> FocalBounds:
    """Return ninety models with effects about ``sign`` times .05 a unit, and ten that were not fitted."""
    effects = np.append(sign * np.linspace(0.03, 0.07, 90), np.full(10, np.nan))
    outcome = np.array([Outcome.FITTED] * 90 + [Outcome.THIN_LEVEL] * 10, dtype=np.int8)
    fits = SubsetFits(
        subsets=np.zeros((100, 1), dtype=np.int8),
        outcome=outcome,
        n=np.full(100, 80, dtype=np.int16),
        estimate=-10.0 * effects,
        std_error=np.full(100, 0.2),
        latent_sd=np.ones(100),
        average_effect=effects,
        llf=np.zeros(100),
    )
    column = np.tile([0.0, 4.0], 40)  # of standard deviation two
    data = Pool(
        codes=np.zeros(80, dtype=np.intp), n_levels=2, focal=column, always=np.empty((80, 0)), pool=column[:, None]
    )
    return FocalBounds(focal=name, data=data, pool=("gini",), left_out={}, fits=fits)


@pytest.fixture(scope="session")
def bounds() -> ExtremeBounds:
    return ExtremeBounds(
        spec=Spec(outcome="tier", focal="cpi_pre2012", years=(2005, 2005)),
        size=1,
        focals=(focal_bounds("cpi_pre2012", 1.0), focal_bounds("vdem_corruption", -1.0)),
    )


@pytest.fixture(scope="session")
def importance() -> Dominance:
    values = np.array([0.0, 0.2, 0.1, 0.25])
    draws = values + np.linspace(0.0, 0.1, 11)[:, None] * [0.0, 1.0, 1.0, 1.0]
    return Dominance(names=("a", "b"), n=50, values=values, draws=draws)
