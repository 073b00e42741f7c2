import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
INPUTS = [
    "requirements.lock",
    "pyproject.toml",
    "src/corrtip/spec.py",
    "src/corrtip/studies/one.toml",
    "data/countries.csv",
    "data/raw/cpi/2005.csv",
    "data/raw/cpi/2005.toml",
    "notebooks/01_figures.ipynb",
    "notebooks/02_study.ipynb",
    "report/report.md",
]
# In the order in which a build makes them.
OUTPUTS = [
    ".venv/.locked",
    ".venv/.ready",
    "build/.figures-checked",
    "build/notebooks/01_figures.ipynb",
    "build/notebooks/02_study.ipynb",
    "build/report.html",
    "build/report.pdf",
    "build/report.docx",
    "build/explore.html",
    "build/manifest.json",
]
CHECK = "corrtip data check"
FIRST, SECOND = (f"notebooks/{name}.ipynb build/notebooks/{name}.ipynb" for name in ("01_figures", "02_study"))
BUILD = "corrtip report build"


@pytest.fixture
def built(tmp_path):
    """A checkout in small, in which everything has been built."""
    shutil.copyfile(ROOT / "Makefile", tmp_path / "Makefile")
    for age, name in enumerate([*INPUTS, *OUTPUTS]):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
        os.utime(path, (1_000_000 + age, 1_000_000 + age))
    for folder in sorted(path for path in tmp_path.rglob("*") if path.is_dir()):
        os.utime(folder, (999_999, 999_999))
    return tmp_path


def planned(checkout: Path, goal: str = "report") -> list[str]:
    """Return which of the steps make would run, in order."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    command = ["make", "--dry-run", goal]
    ran = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=True, env=environment)
    steps = (
        "pip install --quiet --disable-pip-version-check --no-input --require",
        "-e .",
        CHECK,
        FIRST,
        SECOND,
        BUILD,
    )
    return [step for line in ran.stdout.splitlines() for step in steps if step in line]


def test_nothing_is_done_twice(built):
    assert planned(built) == []


@pytest.mark.parametrize(
    ("touched", "steps"),
    [
        ("notebooks/01_figures.ipynb", [FIRST, BUILD]),
        ("notebooks/02_study.ipynb", [SECOND, BUILD]),
        ("report/report.md", [BUILD]),
        ("data/raw/cpi/2005.csv", [CHECK, FIRST, SECOND, BUILD]),
        ("data/raw/cpi/2005.toml", [CHECK, FIRST, SECOND, BUILD]),
        ("src/corrtip/spec.py", [CHECK, FIRST, SECOND, BUILD]),
        ("src/corrtip/studies/one.toml", [CHECK, FIRST, SECOND, BUILD]),
        ("pyproject.toml", ["-e .", CHECK, FIRST, SECOND, BUILD]),
    ],
)
def test_what_changed_is_done_again_and_no_more(built, touched, steps):
    os.utime(built / touched)
    assert planned(built) == steps


@pytest.mark.parametrize("lost", ["build/report.html", "build/manifest.json"])
def test_a_lost_page_is_built_again_once(built, lost):
    (built / lost).unlink()
    assert planned(built) == [BUILD]


def test_what_was_made_before_the_clock_was_put_back_is_made_anew(built):
    for name in OUTPUTS[2:]:
        os.utime(built / name, (5_000_000_000, 5_000_000_000))
    (built / "report/report.md").write_text("changed, by the clock long before it was built")
    assert planned(built) == [CHECK, FIRST, SECOND, BUILD]


def test_a_figure_that_was_taken_away_is_noticed(built):
    (built / "data/raw/cpi/2005.csv").unlink()
    assert planned(built) == [CHECK, FIRST, SECOND, BUILD]


def test_an_interrupted_install_is_started_again(built):
    (built / ".venv/.locked").unlink()
    assert planned(built, "test")[:2] == [
        "pip install --quiet --disable-pip-version-check --no-input --require",
        "-e .",
    ]


def test_a_python_that_is_not_supported_is_refused_before_anything_is_removed(built):
    (built / ".venv/.locked").unlink()
    fake = built / "python3.14"
    fake.write_text("#!/bin/sh\nexit 1\n")
    fake.chmod(0o755)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    ran = subprocess.run(
        ["make", "report", f"PYTHON={fake}"], cwd=built, capture_output=True, text=True, check=False, env=environment
    )
    assert ran.returncode != 0
    assert (built / ".venv/.ready").exists()
