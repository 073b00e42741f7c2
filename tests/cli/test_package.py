import json
from pathlib import Path

from corrtip.report.package import archive
from corrtip.report.package.archive import Package

DONE = Package(path=Path("a.zip"), files=7, tables=2, figures=1, withheld={"data/raw/a/1.csv": "No licence stated"})


def test_it_says_what_it_wrote_and_what_it_left_out(say, monkeypatch):
    asked = []
    monkeypatch.setattr(archive, "save_package", lambda to: asked.append(to) or DONE)
    said = say("package", "--to", "a.zip")
    assert (said.code, asked) == (0, [Path("a.zip")])
    assert said.out == (
        "Wrote a.zip: 7 files, 2 tables and 1 figures of the report.\n"
        "Left out: data/raw/a/1.csv. It may not be passed on. No licence stated.\n"
    )


def test_as_json(say, monkeypatch):
    monkeypatch.setattr(archive, "save_package", lambda to: DONE)
    found = json.loads(say("package", "--json").out)
    assert found["withheld"] == {"data/raw/a/1.csv": "No licence stated"}
    assert found["files"] == 7


def test_in_a_wheel_it_is_refused_with_the_remedy(say, monkeypatch):
    monkeypatch.setattr("corrtip.project.checkout_root", lambda: None)
    said = say("package")
    assert said.code == 1
    assert "Clone the repository and run `make report` there" in said.err
