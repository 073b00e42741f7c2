"""Only the project's own files go into an archive, and only with a build that is of them."""

import json
import subprocess

import pytest

from corrtip import project
from corrtip.errors import CorrtipError
from corrtip.report.package.contents import list_checkout, numbered, read_contents

ROOT = project.require_checkout("tests")


def test_every_file_under_version_control_is_the_project_s():
    if not (ROOT / ".git").exists():
        pytest.skip("not a clone: nothing here says which files are the project's")
    said = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    held = {name for name in said.decode().split("\0") if name and (ROOT / name).is_file()}
    assert held - list_checkout(ROOT).keys() == set()


def test_what_tools_and_editors_leave_is_not(small):
    listed = list_checkout(small)
    assert {".ci/run", "LICENSE", "data/raw/cpi/2005.csv", "report/report.md"} <= listed.keys()
    assert not [
        name for name in listed if "processed" in name or "pycache" in name or ".swp" in name or "notes" in name
    ]


def test_exhibits_have_the_number_of_the_report_and_the_cell_that_made_them(small):
    contents = read_contents(small, small / "build")
    found = [(exhibit.stem, exhibit.record.name, exhibit.cell, exhibit.notebook) for exhibit in contents.exhibits]
    notebook = "notebooks/01_x.ipynb"
    assert found == [("table-01", "t.a", 3, notebook), ("figure-01", "f.a", 3, notebook)]
    assert [bool(exhibit.needs) for exhibit in contents.exhibits] == [True, False]


def test_numbers_are_read_with_their_own_kind():
    figure = '<figure id="figure-b"></figure><strong>Figure 1.</strong>'
    table = '<table class="x" id="table-a"><caption><strong>Table 1.</strong></caption></table>'
    assert list(numbered(figure + table)) == [("Table", 1, "table-a"), ("Figure", 1, "figure-b")]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("report/report.md", "other", "it is newer than the build"),
        ("data/raw/cpi/2005.csv", "other", "it is newer than the build"),
        ("src/corrtip/studies/evidence.py", "SEED = 2", "it is newer than the build"),
        ("src/corrtip/new.py", "", "it is newer than the build"),
        ("notebooks/02_new.ipynb", "{}", "it is newer than the build"),
        ("data/raw/cpi/2006.csv", "", "it is newer than the build"),
        ("src/corrtip/studies/__init__.py", None, "it is gone since the build"),
        ("build/report.html", "other", "it is not the file that the build wrote"),
        ("build/results/01_x/t.a.json", None, "it is not the file that the build wrote"),
        ("build/manifest.json", None, "nothing was built"),
    ],
)
def test_a_build_of_other_files_is_refused_and_the_file_named(small, name, text, said):
    path = small / name
    if text is None:
        path.unlink()
    else:
        path.write_text(text)
    with pytest.raises(CorrtipError) as refused:
        read_contents(small, small / "build")
    assert refused.value.where == name
    assert said in refused.value.seen
    assert "make report" in refused.value.mend


def test_a_link_is_refused(small, tmp_path):
    (tmp_path / "elsewhere.md").write_text("not the project's")
    (small / "docs").mkdir()
    (small / "docs/page.md").symlink_to(tmp_path / "elsewhere.md")
    with pytest.raises(CorrtipError, match=r"docs/page\.md: a link"):
        list_checkout(small)


def test_an_output_outside_the_build_is_refused(small):
    path = small / "build/manifest.json"
    manifest = json.loads(path.read_text())
    manifest["outputs"]["../LICENSE"] = manifest["outputs"].pop("report.html")
    path.write_text(json.dumps(manifest))
    with pytest.raises(CorrtipError, match=r"the output \"\.\./LICENSE\""):
        read_contents(small, small / "build")
