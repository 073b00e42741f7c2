"""The whole build, twice, in two folders and two surroundings: the same bytes, and nothing of the machine in them."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from xml.etree import ElementTree

import pytest

from corrtip import project
from corrtip.report.rendering import Built, build_report

ROOT = project.require_checkout("tests")
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
# Variables and the mask of new files.
ODD = ({"TZ": "Asia/Kathmandu", "LC_ALL": "C", "PYTHONHASHSEED": "2", "COLUMNS": "40"}, 0o077)
PLAIN = ({"TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "1"}, 0o022)
# A folder deep in folders, whose name needs quotes.
FOLDER = "deeper/a build, déjà vu"


def run_notebook(notebook: Path, build: Path, surroundings: dict[str, str], umask: int) -> None:
    """Run one notebook into a build folder, as make does."""
    home = build / "home"
    home.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "corrtip.report.notebooks", str(notebook), f"{build}/notebooks/{notebook.name}"]
    environment = {**os.environ, **surroundings, "HOME": str(home)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, umask=umask, check=False)
    assert done.returncode == 0, done.stderr


def build_in(folder: Path, surroundings: dict[str, str], umask: int) -> Built:
    """Run every notebook, two at a time, and build the report of what they save."""
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda notebook: run_notebook(notebook, folder, surroundings, umask), NOTEBOOKS))
    return build_report(build=folder)


@pytest.fixture(scope="module", autouse=True)
def moment() -> Iterator[None]:
    """Date documents as make does, whoever runs the tests."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (epoch,) = re.findall(r"^export SOURCE_DATE_EPOCH := (\d+)$", makefile, flags=re.MULTILINE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", epoch)
        yield


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Return a build of the checkout."""
    return build_in(tmp_path_factory.mktemp("built") / FOLDER, *ODD)


@pytest.fixture(scope="module")
def again(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of another build: what `make report` left if nothing changed since, else one made here."""
    if is_current():
        return ROOT / "build"
    return build_in(tmp_path_factory.mktemp("again"), *PLAIN).report.parent


def is_current() -> bool:
    """Say whether `make report` would do nothing."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    asked = subprocess.run(
        ["make", "--question", "report"], cwd=ROOT, env=environment, capture_output=True, check=False
    )
    return asked.returncode == 0


def outputs(built: Built) -> dict[str, bytes]:
    """Return every file that the build wrote."""
    folder = built.report.parent
    written = [path for path in folder.rglob("*") if path.is_file() and "home" not in path.relative_to(folder).parts]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in written}


def test_two_builds_are_the_same_bytes(built: Built, again: Path) -> None:
    written = outputs(built)
    assert [name for name, content in written.items() if (again / name).read_bytes() != content] == []
    assert {"report.html", "report.pdf", "report.docx", "explore.html", "manifest.json"} <= set(written)
    # A file that only the other build has would be an output there.
    assert set(json.loads((again / "manifest.json").read_text())["outputs"]) <= set(written)


def test_nothing_of_the_machine_is_in_them(built: Built) -> None:
    places = [str(ROOT).encode(), str(built.report.parent).encode(), str(Path.home()).encode() + b"/"]
    for name, content in outputs(built).items():
        assert not [place for place in places if place in content], name


def test_the_manifest_accounts_for_every_file(built: Built) -> None:
    manifest = json.loads(built.manifest.read_text())
    written = set(outputs(built)) - {"manifest.json"}
    records = {name for name in written if name.startswith("results/") and name.endswith(".json")}
    kept = [Path(line["path"]) for line in manifest["artifacts"] if line["kind"] in ("figure", "data")]
    beside = {path.with_suffix(".json").as_posix() for path in kept}
    assert set(manifest["outputs"]) | beside == written
    assert len(manifest["artifacts"]) == len(records) == built.names_saved
    assert {"data/raw/tip/2005.csv", "data/raw/cpi/2005.toml", "report/report.md"} <= set(manifest["inputs"])


def test_the_page_stands_alone(built: Built) -> None:
    page = built.report.read_text(encoding="utf-8")
    assert not re.findall(r"<(?:img|iframe|link|object)\b|<script\b[^>]", page)
    assert not re.findall(r"\b(?:src|style)\s*=|@import|url\((?!#)", page)
    links = re.findall(r'href="(https?://[^"]*)"', page)
    assert links
    assert [link for link in links if not link.startswith("https://doi.org/")] == []
    drawings = re.findall(r'<svg role="img" aria-label="([^"]*)"', page)
    assert len(drawings) == len(figures_shown(built))
    assert min(map(len, drawings)) > 50


def figures_shown(built: Built) -> list[str]:
    """Return the names of the figures that the prose shows."""
    prose = (ROOT / "report/report.md").read_text(encoding="utf-8")
    artifacts = json.loads(built.manifest.read_text())["artifacts"]
    return [line["name"] for line in artifacts if line["kind"] == "figure" and f"{{{{{line['name']}}}}}" in prose]


def test_the_pdf_opens_has_its_pages_and_links_citations_only(built: Built) -> None:
    made = built.pdf.read_bytes()
    assert made.startswith(b"%PDF-")
    assert made.rstrip().endswith(b"%%EOF")
    (pages,) = re.findall(rb"<xmpTPg:NPages>(\d+)</xmpTPg:NPages>", made)
    assert len(re.findall(rb"/Type\s*/Page\b", made)) == int(pages) > 10
    links = set(re.findall(rb"/URI\s*\((.*?)\)", made)) - {b"explore.html"}  # which stands beside it
    assert links
    assert [link for link in links if not link.startswith(b"https://doi.org/")] == []
    assert not re.findall(rb"/(?:JavaScript|JS|Launch|EmbeddedFiles|GoToR|SubmitForm|AA|OpenAction)\b", made)
    assert made.count(b"/Alt") >= len(figures_shown(built))
    assert b"/CreationDate" not in made


def test_the_word_file_opens_shows_its_figures_and_links_citations_only(built: Built) -> None:
    with zipfile.ZipFile(built.word) as held:
        assert held.testzip() is None
        parts = {name: held.read(name) for name in held.namelist()}
    places = [str(ROOT).encode(), str(built.report.parent).encode()]
    assert not [name for name, content in parts.items() for place in places if place in content]
    assert len([name for name in parts if name.endswith(".png")]) == len(figures_shown(built))
    # A template, a picture or an object from elsewhere would be one more kind of outside target.
    outside = [
        relation.attrib
        for name, part in parts.items()
        if name.endswith(".rels")
        for relation in ElementTree.fromstring(part)
        if relation.get("TargetMode") == "External"
    ]
    assert outside
    assert {target["Type"].rpartition("/")[2] for target in outside} == {"hyperlink"}
    links = {target["Target"] for target in outside} - {"explore.html"}  # which stands beside it
    assert [link for link in links if not link.startswith("https://doi.org/")] == []
    assert not [name for name, part in parts.items() if b"<w:instrText" in part or b"attachedTemplate" in part]


def test_every_result_of_the_text_is_on_its_map(built: Built) -> None:
    page = built.report.read_text(encoding="utf-8")
    prose = (ROOT / "report/report.md").read_text(encoding="utf-8")
    origins = page[page.index('<table id="table-origins"') :]
    leads = set(re.findall(r'href="#((?:number|sentence|table|figure)-[^"]*)"', origins))
    used = {hole.strip() for hole in re.findall(r"\{\{(.*?)\}\}", prose)}
    assert {lead.partition("-")[2] for lead in leads} == {re.sub(r"[._]", "-", name) for name in used}
    assert leads <= set(re.findall(r'\bid="([^"]*)"', page))


def test_the_prose_types_no_result_by_hand() -> None:
    prose = (ROOT / "report/report.md").read_text(encoding="utf-8")
    outside = re.sub(r"\{\{.*?\}\}", "", prose)
    assert not re.findall(r"\d\.\d|\d\s?%|[<>=] ?\.?\d", outside.replace("= \\frac{1}", ""))


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_are_thin_and_committed_without_outputs(notebook: Path) -> None:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert not [cell for cell in code if cell["outputs"] or cell["execution_count"]]
    tree = ast.parse("\n".join("".join(cell["source"]) for cell in code))
    defined = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
    assert not [node for node in ast.walk(tree) if isinstance(node, defined)]
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, float)]
    assert "".join(cells[0]["source"]).splitlines()[0].endswith("?"), "it starts with its question"
    assert cells[-2]["source"] == ["## The answer"]
