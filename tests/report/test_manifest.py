"""The manifest says which inputs made which outputs, and nothing of the machine."""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version
from pathlib import Path

import pytest

from corrtip.errors import CorrtipError, ReportError
from corrtip.report.artifacts import Artifact, Results, read_results
from corrtip.report.manifest import build_manifest, read_manifest
from corrtip.report.style import new_axes


@pytest.fixture
def artifacts(tmp_path: Path) -> list[Artifact]:
    """Save a number and a figure in a small checkout, and return their lines."""
    for name in (
        "data/a.csv",
        "report/report.md",
        "report/.report.md.swp",
        "src/corrtip/spec.py",
        "src/corrtip/a.pyc",
        "data/corrections/one.toml",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    for ending in ("ipynb", "html"):
        (tmp_path / "build/notebooks").mkdir(parents=True, exist_ok=True)
        (tmp_path / f"build/notebooks/01_x.{ending}").write_text(ending)
        (tmp_path / f"build/notebooks/00_gone.{ending}").write_text("of a notebook that is no more")
    results = Results(tmp_path / "build/results/01_x", ["data/a.csv"])
    results.number("n", 1, "count")
    results.figure("fig", new_axes(1, 1), caption="C", alt="A")
    return [artifact for _, artifact in read_results(tmp_path / "build", ["01_x"])]


def test_it_names_every_input_and_output_with_its_hash(tmp_path: Path, artifacts: list[Artifact]) -> None:
    manifest = json.loads(build_manifest(tmp_path, tmp_path / "build", artifacts, {"report.html": b"<p>page</p>"}))
    assert set(manifest["inputs"]) == {"data/a.csv", "data/corrections/one.toml", "report/report.md"}
    assert manifest["inputs"]["data/a.csv"] == hashlib.sha256(b"data/a.csv").hexdigest()
    results = {f"results/01_x/{name}" for name in ("n.json", "fig.svg", "fig.png")}
    assert set(manifest["outputs"]) == {"report.html", "notebooks/01_x.ipynb", "notebooks/01_x.html", *results}
    assert manifest["outputs"]["report.html"] == hashlib.sha256(b"<p>page</p>").hexdigest()
    assert [line["name"] for line in manifest["artifacts"]] == ["fig", "n"]
    for line in manifest["artifacts"]:
        assert manifest["outputs"][line["path"]] == line["sha256"]
    assert manifest["code"] == {"src/corrtip/spec.py": hashlib.sha256(b"src/corrtip/spec.py").hexdigest()}
    assert manifest["libraries"]["numpy"] == version("numpy")


def test_it_tells_nothing_of_the_machine(tmp_path: Path, artifacts: list[Artifact]) -> None:
    assert str(tmp_path) not in build_manifest(tmp_path, tmp_path / "build", artifacts, {})


def test_an_input_that_is_gone_is_named(tmp_path: Path, artifacts: list[Artifact]) -> None:
    (tmp_path / "data/a.csv").unlink()
    with pytest.raises(ReportError, match=r"data/a\.csv"):
        build_manifest(tmp_path, tmp_path / "build", artifacts, {})


def test_it_is_read_as_it_was_written(tmp_path: Path, artifacts: list[Artifact]) -> None:
    (tmp_path / "build/manifest.json").write_text(build_manifest(tmp_path, tmp_path / "build", artifacts, {}))
    found = read_manifest(tmp_path / "build")
    assert set(found.artifacts) == set(artifacts)
    assert found.libraries["numpy"] == version("numpy")


@pytest.mark.parametrize(("text", "said"), [(None, "nothing was built"), ("{", "not a manifest"), ("{}", "is missing")])
def test_what_is_no_manifest_is_refused(tmp_path: Path, text: str | None, said: str) -> None:
    if text is not None:
        (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(CorrtipError, match=said):
        read_manifest(tmp_path)
