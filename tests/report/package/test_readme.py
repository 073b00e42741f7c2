"""The README has the template's sections, and every file, table and figure in them."""

import re

import pytest

from corrtip import project
from corrtip.errors import ReportError
from corrtip.report.artifacts import sha256
from corrtip.report.package.contents import Contents, read_contents
from corrtip.report.package.readme import EFFORT, write_licences, write_readme

ROOT = project.require_checkout("tests")

# https://social-science-data-editors.github.io/template_README/
SECTIONS = [
    "Overview",
    "Data Availability and Provenance Statements",
    "Dataset list",
    "Computational requirements",
    "Description of programs/code",
    "Instructions to Replicators",
    "List of tables, figures and programs",
    "References",
]
WITHIN = [
    "Statement about Rights",
    "License for Data",
    "Summary of Availability",
    "Details on each Data Source",
    "Software Requirements",
    "Controlled Randomness",
    "Memory, Runtime, Storage Requirements",
    "License for Code",
    "Details",
]


@pytest.fixture
def contents(small) -> Contents:
    return read_contents(small, small / "build")


def test_the_sections_are_those_of_the_template(contents):
    readme = write_readme(contents)
    assert re.findall(r"^## (.*)$", readme, flags=re.MULTILINE) == SECTIONS
    assert re.findall(r"^### (.*)$", readme, flags=re.MULTILINE) == WITHIN


def test_every_file_table_and_figure_is_in_it(contents):
    readme = write_readme(contents)
    assert "| `code/data/raw/cpi/2005.csv` | Transparency International, Corruption Perceptions Index 2005 |" in readme
    assert re.search(r"\| `code/data/raw/three_p/2013\.csv` \|.*\| No \|", readme)
    assert (
        "| Table 1 | `code/notebooks/01_x.ipynb` | 3 | `tables/table-01.tex`, `tables/table-01.md` | Reads " in readme
    )
    assert (
        "| Figure 1 | `code/notebooks/01_x.ipynb` | 3 | `figures/figure-01.svg`, `figures/figure-01.png` |  |" in readme
    )
    assert "What is in it?" in readme


def test_what_it_says_is_read_from_where_it_stands(contents):
    readme = write_readme(contents)
    assert readme.startswith("# Small \\& whole: replication package\n")
    assert f"  - `numpy` {contents.manifest.libraries['numpy']}\n" in readme
    assert "2 packages, to versions and hashes" in readme
    assert "line 3 of program `code/src/corrtip/studies/evidence.py`" in readme
    assert "Doe, Ann. 2005. On R². https://doi.org/10.1/a_b." in readme
    assert "Transparency International. Corruption Perceptions Index 2005 \\[dataset\\]. https://" in readme


def test_the_boxes_say_what_is_withheld(contents):
    readme = write_readme(contents)
    assert "- [x] Some data **cannot be made** publicly available." in readme
    assert contents.withheld[0].source.sha256 in readme
    assert "read for Table 1, `s.a`; no other" in readme
    assert "- [x] Selected tables and figures" in readme
    assert "- [ ] I certify that" in readme
    assert "- [x] I certify that" not in readme


def test_the_boxes_say_that_nothing_is_withheld(small):
    sidecar = small / "data/raw/three_p/2013.toml"
    before = sha256(sidecar)
    sidecar.write_text(sidecar.read_text().replace("redistribute = false", "redistribute = true"))
    manifest = small / "build/manifest.json"
    manifest.write_text(manifest.read_text().replace(before, sha256(sidecar)))
    readme = write_readme(read_contents(small, small / "build"))
    assert "- [x] All data **are** publicly available." in readme
    assert "- [x] All numbers provided in text in the paper" in readme
    assert "not provided)" not in readme


def test_each_file_has_its_licence(contents):
    licences = write_licences(contents)
    assert "CC BY-ND 4.0" in licences
    assert "- `code/data/raw/cpi/2005.csv`\n" in licences
    assert "- `code/data/raw/three_p/2013.csv` (not provided)\n" in licences


def test_a_name_that_is_not_known_is_refused(contents):
    contents.code["report/package.md"].write_text("{{pinnned}}")
    with pytest.raises(ReportError, match=r"nothing is named \{\{pinnned\}\}.*pinned"):
        write_readme(contents)


def test_the_text_types_no_count_by_hand():
    text = re.sub(r"\{\{.*?\}\}", "", (ROOT / "report/package.md").read_text(encoding="utf-8"))
    assert re.findall(r"\d+", re.sub(r"^\d\. |SHA256SUMS|sha256sum|UTF-8", "", text, flags=re.MULTILINE)) == []


def test_the_effort_is_within_the_scales():
    assert 0 < EFFORT.minutes + EFFORT.install <= 60
    assert 0 < EFFORT.storage <= 25
