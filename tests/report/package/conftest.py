"""A checkout in small with its build."""

import json
import shutil
from pathlib import Path

import pytest

from corrtip import project
from corrtip.report.artifacts import Results, read_results
from corrtip.report.manifest import build_manifest
from corrtip.report.style import new_axes
from corrtip.report.tables import Table

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


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout in small whose build is of its files: one edition that may be passed on, one that may not."""
    root = project.require_checkout("tests")
    checkout = tmp_path_factory.mktemp("original") / "checkout"
    for name in ("countries.csv", "variables.toml", "raw/cpi/2005.csv", "raw/cpi/2005.toml"):
        _copied(root / "data" / name, checkout / "data" / name)
    for ending in ("csv", "toml"):
        _copied(root / "data/raw/three_p" / f"2013.{ending}", checkout / "data/raw/three_p" / f"2013.{ending}")
    shutil.copytree(root / "report" / "filters", checkout / "report" / "filters")
    for name in ("package.md", "template.typ"):
        _copied(root / "report" / name, checkout / "report" / name)
    cells = [("markdown", "# What is in it?"), ("code", "one = 1"), ("code", 'results.table("t.a", t)\nsave("f.a")')]
    notebook = {"cells": [{"cell_type": kind, "source": [text]} for kind, text in cells]}
    for name, text in {**SMALL, "notebooks/01_x.ipynb": json.dumps(notebook)}.items():
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        (checkout / name).write_text(text)
    (checkout / ".ci/run").chmod(0o755)
    _built(checkout, checkout / "build")
    return checkout


@pytest.fixture
def small(original: Path, tmp_path: Path) -> Path:
    """A copy of it to change."""
    return shutil.copytree(original, tmp_path / "checkout")


def _copied(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def _built(checkout: Path, build: Path) -> None:
    """Save a table and a figure as a notebook would, the table from the figures that may not be passed on too."""
    editions = ("cpi/2005", "three_p/2013")
    files = [f"data/raw/{edition}.{ending}" for edition in editions for ending in ("csv", "toml")]
    always = ["data/countries.csv", "data/variables.toml", "notebooks/01_x.ipynb"]
    table = Table(caption="A", columns=("Term", "Estimate"), align="lr", rows=(("a_b", "-0.41"),))
    read = Results(build / "results/01_x", [*files, *always])
    read.table("t.a", table)
    read.sentence("s.a", "A sentence.")
    drawn = Results(build / "results/01_x", [*files[:2], *always])
    drawn.figure("f.a", new_axes(1, 1), caption="B", alt="An empty frame")
    for ending in ("ipynb", "html"):
        (build / "notebooks").mkdir(exist_ok=True)
        (build / f"notebooks/01_x.{ending}").write_text(ending)
    artifacts = [artifact for _, artifact in read_results(build, ["01_x"])]
    made = {"report.html": PAGE.encode()}
    (build / "report.html").write_bytes(made["report.html"])
    (build / "manifest.json").write_text(build_manifest(checkout, build, artifacts, made))
