"""A checkout in small: two cheap notebooks and a short report, which make builds in seconds as it does the whole."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

DOCUMENTS = ("report.html", "report.pdf", "report.docx", "manifest.json")
"""What `make report` leaves for people, below ``build/``."""

EDITIONS = ("cpi/2005", "tip/2005")
_ENDINGS = ("csv", "toml")

_FIGURES = """\
import corrtip as ct
from corrtip.report.artifacts import open_results
from corrtip.report.coverage import list_sources, table_sources

panel = ct.load_panel()
results = open_results("01_figures", editions=panel.sources)
results.table("sources", table_sources(list_sources(panel)))"""

_STUDY = """\
import corrtip as ct
from corrtip.report.artifacts import open_results
from corrtip.report.style import new_axes

panel = ct.load_panel()
spec = ct.Spec(outcome="tier", focal="cpi_pre2012", years=(2005, 2005))
fit = ct.fit(ct.build_sample(panel, spec))
results = open_results("02_study", editions=["cpi/2005", "tip/2005"])
results.number("n", fit.nobs, "count")
axes = new_axes(4, 3)
axes.plot(fit.params.to_numpy())
results.figure("coefficients", axes, caption="The coefficients", alt="A line through the coefficients")"""

_REPORT = """\
---
title: A report in small
lang: en
---

# The answer

{{n}} countries.

{{coefficients}}

{{sources}}
"""


def lay_out(root: Path, notebooks: Mapping[str, str] | None = None) -> Path:
    """Write a checkout to ``root`` that is ready to build, with the code and figures of this one; return it.

    Parameters
    ----------
    root : Path
        A folder that is not there.
    notebooks : mapping of str to str, optional
        The one cell of each notebook, by its name.
    """
    shutil.copytree(ROOT / "src", root / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "report", root / "report")
    for name in (
        "countries.csv",
        "variables.toml",
        *(f"raw/{edition}.{end}" for edition in EDITIONS for end in _ENDINGS),
    ):
        (root / "data" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / "data" / name, root / "data" / name)
    for name in ("Makefile", "pyproject.toml", "requirements.lock"):
        shutil.copy2(ROOT / name, root / name)
    (root / "report" / "report.md").write_text(_REPORT, encoding="utf-8")
    (root / "notebooks").mkdir()
    for name, cell in (notebooks or {"01_figures": _FIGURES, "02_study": _STUDY}).items():
        (root / "notebooks" / f"{name}.ipynb").write_text(_notebook(cell), encoding="utf-8")
    _install(root)
    return root


def _notebook(cell: str) -> str:
    code = {"cell_type": "code", "execution_count": None, "id": "a", "metadata": {}, "outputs": [], "source": cell}
    return json.dumps({"cells": [code], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def _install(root: Path) -> None:
    """Write the two programs that the Makefile calls: this Python, with the package of the checkout around it."""
    programs = root / ".venv" / "bin"
    programs.mkdir(parents=True)
    around = 'root=$(cd "$(dirname "$0")/../.." && pwd)'
    python = f'#!/bin/sh\n{around}\nPYTHONPATH="$root/src" exec "{sys.executable}" "$@"\n'
    command = f'#!/bin/sh\n{around}\nexec "$root/.venv/bin/python" -c "from corrtip.cli import main; main()" "$@"\n'
    for name, script in {"python": python, "corrtip": command}.items():
        (programs / name).write_text(script, encoding="utf-8")
        (programs / name).chmod(0o755)
    for stamp in (".locked", ".ready"):
        (root / ".venv" / stamp).touch()


def change(root: Path) -> None:
    """Change the report's text and one notebook, so that both are stale and the next documents are others."""
    prose, notebook = root / "report" / "report.md", root / "notebooks" / "02_study.ipynb"
    prose.write_text(prose.read_text(encoding="utf-8").replace("The answer", "The new answer"), encoding="utf-8")
    notebook.write_text(
        notebook.read_text(encoding="utf-8").replace("The coefficients", "Coefficients"), encoding="utf-8"
    )


def environment(**more: str) -> dict[str, str]:
    """Return the surroundings of this process without what an outer make hands down, and with ``more``."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "PYTEST"))}
    return own | more


def hashes(folder: Path, names: Sequence[str] = ()) -> dict[str, str]:
    """Return the hash of each file below ``folder``, or of those named; what is not there has none."""
    paths = [folder / name for name in names] or sorted(folder.rglob("*"))
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in paths
        if path.is_file()
    }
