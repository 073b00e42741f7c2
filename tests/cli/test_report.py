import json
from pathlib import Path

from corrtip.report import rendering

BUILT = rendering.Built(
    report=Path("build/report.html"),
    pdf=Path("build/report.pdf"),
    word=Path("build/report.docx"),
    explore=Path("build/explore.html"),
    manifest=Path("build/manifest.json"),
    names_used=3,
    names_saved=4,
)


def test_build_says_what_it_wrote(say, monkeypatch):
    monkeypatch.setattr(rendering, "build_report", lambda: BUILT)
    said = say("report", "build")
    assert said.code == 0
    written = "build/report.html, report.pdf, report.docx, explore.html"
    assert said.out == f"{written}: 3 of 4 results used; inputs in manifest.json\n"


def test_build_as_json(say, monkeypatch):
    monkeypatch.setattr(rendering, "build_report", lambda: BUILT)
    assert json.loads(say("report", "build", "--json").out)["names_used"] == 3


def test_build_in_a_wheel_is_refused_with_the_remedy(say, monkeypatch):
    monkeypatch.setattr("corrtip.project.checkout_root", lambda: None)
    said = say("report", "build")
    assert said.code == 1
    assert "Clone the repository and run `make report` there" in said.err
