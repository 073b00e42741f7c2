"""A notebook runs alone, leaves equal bytes twice, and leaves nothing when it fails."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, writes

from corrtip.errors import ReportError
from corrtip.report.notebooks import main, run_notebook

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


def test_two_runs_leave_equal_bytes_and_no_trace_of_place_or_time(tmp_path: Path) -> None:
    source = notebook_in(tmp_path, SAVES, DRAWS)
    for build in ("a", "b"):
        run_notebook(source, tmp_path / build / "notebooks/01_x.ipynb")
    first, second = bytes_below(tmp_path / "a"), bytes_below(tmp_path / "b")
    assert first == second
    results = [f"results/01_x/{name}" for name in ("fig.json", "fig.png", "fig.svg", "n.json")]
    assert sorted(first) == ["notebooks/01_x.html", "notebooks/01_x.ipynb", *results]
    assert not [name for name, content in first.items() if str(tmp_path).encode() in content]
    executed = json.loads(first["notebooks/01_x.ipynb"])
    assert executed["cells"][1]["outputs"][0]["data"]["text/plain"] == ["3"]
    assert "image/png" in executed["cells"][2]["outputs"][0]["data"]
    assert not [cell for cell in executed["cells"] if cell["metadata"]]
    assert b"://" not in first["notebooks/01_x.html"]


def test_a_failing_cell_is_named_and_the_last_good_run_stays(tmp_path: Path) -> None:
    destination = tmp_path / "build/notebooks/01_x.ipynb"
    run_notebook(notebook_in(tmp_path, SAVES), destination)
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
