"""A notebook runs alone, leaves equal bytes twice, and leaves nothing when it fails."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, writes

from corrtip.errors import ReportError, WriteError
from corrtip.report.notebooks import main, run_notebook
from corrtip.report.turns import alone

SAVES = """\
from corrtip.report.artifacts import open_results
from corrtip.report.style import new_axes

results = open_results("01_x", editions=[])
results.number("n", 3, "count")"""
DRAWS = """\
axes = new_axes(2, 2)
axes.plot([0, 1], [0, 1])
results.figure("fig", axes, caption="C", alt="A rising line")"""


def notebook_in(folder: Path, *cells: str, stem: str = "01_x") -> Path:
    """Write a notebook of code cells below a heading."""
    made = [new_markdown_cell("# Question?"), *(new_code_cell(cell) for cell in cells)]
    for place, cell in enumerate(made):
        cell["id"] = f"cell-{place}"
    path = folder / "notebooks" / f"{stem}.ipynb"
    path.parent.mkdir(exist_ok=True)
    path.write_text(writes(new_notebook(cells=made)))
    return path


def bytes_below(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def saves(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the build of a notebook that saves a number."""
    folder = tmp_path_factory.mktemp("saves")
    run_notebook(notebook_in(folder, SAVES), folder / "build/notebooks/01_x.ipynb")
    return folder / "build"


@pytest.fixture(scope="module")
def draws(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the build of a notebook that saves a number and a figure."""
    folder = tmp_path_factory.mktemp("draws")
    run_notebook(notebook_in(folder, SAVES, DRAWS), folder / "build/notebooks/01_x.ipynb")
    return folder / "build"


def test_two_runs_leave_equal_bytes_and_no_trace_of_place_or_time(tmp_path: Path, draws: Path) -> None:
    run_notebook(notebook_in(tmp_path, SAVES, DRAWS), tmp_path / "b/notebooks/01_x.ipynb")
    first, second = bytes_below(draws), bytes_below(tmp_path / "b")
    assert first == second
    results = [f"results/01_x/{name}" for name in ("fig.json", "fig.png", "fig.svg", "n.json")]
    assert sorted(first) == ["notebooks/01_x.html", "notebooks/01_x.ipynb", *results]
    places = [str(folder).encode() for folder in (draws, tmp_path)]
    assert not [name for name, content in first.items() for place in places if place in content]
    executed = json.loads(first["notebooks/01_x.ipynb"])
    assert executed["cells"][1]["outputs"][0]["data"]["text/plain"] == ["3"]
    assert "image/png" in executed["cells"][2]["outputs"][0]["data"]
    assert not [cell for cell in executed["cells"] if cell["metadata"]]
    assert b"://" not in first["notebooks/01_x.html"]


def test_a_failing_cell_is_named_and_the_last_good_run_stays(tmp_path: Path, saves: Path) -> None:
    destination = shutil.copytree(saves, tmp_path / "build") / "notebooks/01_x.ipynb"
    before = bytes_below(tmp_path / "build")
    bad = notebook_in(tmp_path, SAVES, "results.number('m', 1, 'count')\n1 / 0")
    with pytest.raises(ReportError, match=r"notebooks/01_x\.ipynb, cell 3: ZeroDivisionError: division by zero"):
        run_notebook(bad, destination)
    assert bytes_below(tmp_path / "build") == before
    assert [path.name for path in (tmp_path / "build").iterdir() if path.name.startswith(".")] == []


def test_a_notebook_saves_under_its_own_name(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=r'open_results\("02_y"'):
        run_notebook(notebook_in(tmp_path, SAVES, stem="02_y"), tmp_path / "build/notebooks/02_y.ipynb")
    assert not (tmp_path / "build/results").exists()


def test_what_is_not_a_notebook_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "notebooks").mkdir()
    source = tmp_path / "notebooks/01_x.ipynb"
    source.write_text("not JSON")
    assert main([str(source), str(tmp_path / "build/notebooks/01_x.ipynb")]) == 1
    assert "notebooks/01_x.ipynb: not a notebook" in capsys.readouterr().err
    assert main([]) == 2


def test_what_a_killed_run_left_is_taken_away_and_what_another_one_uses_is_not(tmp_path: Path) -> None:
    build = tmp_path / "build"
    left, used, other = (build / name for name in (".01_x.killed", ".01_x.living", ".02_y.killed"))
    for folder in (left, used, other):
        (folder / "results").mkdir(parents=True)
    with alone(used):
        run_notebook(notebook_in(tmp_path, SAVES), build / "notebooks/01_x.ipynb")
    assert not left.exists()
    assert used.exists()
    assert other.exists()


@pytest.mark.parametrize(("renamed", "results"), [(0, "old"), (1, "old"), (2, "new"), (3, "new")])
def test_when_a_file_cannot_be_put_in_its_place_the_executed_copy_stays_old_and_make_runs_it_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, saves: Path, renamed: int, results: str
) -> None:
    build, replace = shutil.copytree(saves, tmp_path / "build"), os.replace
    destination = build / "notebooks/01_x.ipynb"
    before = bytes_below(build)
    changed = notebook_in(tmp_path, SAVES, "results.number('m', 1, 'count')")
    left = renamed

    def full(source: Path, target: Path) -> None:
        nonlocal left
        if Path(target).is_relative_to(build):
            left -= 1
            if left < 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        replace(source, target)

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(WriteError, match="No space left on device"):
        run_notebook(changed, destination)
    after = bytes_below(build)
    assert after["notebooks/01_x.ipynb"] == before["notebooks/01_x.ipynb"]
    assert after == before if results == "old" else sorted(set(after) - set(before)) == ["results/01_x/m.json"]


def test_two_runs_of_one_notebook_at_once_leave_the_bytes_of_one(tmp_path: Path, draws: Path) -> None:
    source = notebook_in(tmp_path, SAVES, DRAWS)
    command = [
        sys.executable,
        "-m",
        "corrtip.report.notebooks",
        str(source),
        str(tmp_path / "build/notebooks/01_x.ipynb"),
    ]
    both = [subprocess.Popen(command) for _ in range(2)]
    assert [run.wait() for run in both] == [0, 0]
    assert bytes_below(tmp_path / "build") == bytes_below(draws)
    assert sorted(path.name for path in (tmp_path / "build").iterdir()) == ["notebooks", "results"]
