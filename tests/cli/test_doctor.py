import json
from importlib.metadata import metadata

import pytest

import corrtip
from corrtip import project
from corrtip.cli import doctor
from corrtip.errors import DataError


def found(what: str) -> doctor.Finding:
    return next(finding for finding in doctor.examine() if finding.what == what)


def test_a_sound_checkout_has_nothing_wrong(say):
    said = say("doctor")
    assert said.code == 0
    assert "To mend" not in said.out


def test_it_says_where_the_figures_are_and_that_they_are_verified(say, panel):
    rows = {row["what"]: row for row in json.loads(say("doctor", "--json").out)}
    assert rows["figures"]["seen"].startswith(f"{len(panel.sources)} editions in {project.figures_root()}")
    assert rows["pandoc"]["state"] == "good"


def test_a_changed_figure_is_found_and_the_exit_code_is_one(say, monkeypatch):
    def changed() -> None:
        raise DataError("data/raw/cpi/2005.csv", "sha256 00", expected="sha256 11")

    monkeypatch.setattr(corrtip, "load_panel", changed)
    said = say("doctor")
    assert said.code == 1
    assert "data/raw/cpi/2005.csv" in said.out
    assert "To mend figures:" in said.out


@pytest.mark.parametrize(
    ("version", "state"), [((3, 10), "wrong"), ((3, 11), "good"), ((3, 13), "good"), ((3, 14), "wrong")]
)
def test_python_must_be_one_that_is_supported(monkeypatch, panel, version, state):
    monkeypatch.setattr(corrtip, "load_panel", lambda: panel)
    monkeypatch.setattr(doctor.sys, "version_info", (*version, 0))
    assert found("Python").state == state


def test_a_library_that_is_not_there_is_named(monkeypatch, panel):
    monkeypatch.setattr(corrtip, "load_panel", lambda: panel)
    monkeypatch.setattr(doctor, "LIBRARIES", ("no-such-library",))
    assert found("no-such-library").state == "wrong"


def test_the_extras_are_those_of_the_package_but_its_developers():
    declared = set(metadata("corrtip").get_all("Provides-Extra"))
    assert set(doctor.EXTRAS) == declared - {"dev"}
    for name in doctor.EXTRAS:
        assert doctor._requirements(name)


def test_an_extra_that_is_not_there_is_optional_and_said_with_its_purpose(say, monkeypatch):
    monkeypatch.setattr(doctor, "_installed", lambda name: name != "openpyxl")
    said = say("doctor")
    assert said.code == 0
    assert "openpyxl not installed, for corrtip data add and corrtip data fetch" in said.out
    assert "To have editions: pip install openpyxl\n" in said.out


def test_what_a_checkout_builds_with_must_be_there(say, monkeypatch):
    monkeypatch.setattr(doctor, "_installed", lambda name: name != "typst")
    said = say("doctor")
    assert said.code == 1
    assert "To mend build: run `make report`" in said.out


def test_a_wheel_needs_no_notebooks(monkeypatch, panel):
    monkeypatch.setattr(corrtip, "load_panel", lambda: panel)
    monkeypatch.setattr(doctor, "checkout_root", lambda: None)
    assert found("report").state == "not needed"
    monkeypatch.setattr(doctor, "_installed", lambda name: name != "typst")
    assert found("build").state == "optional"


def test_a_build_folder_that_cannot_be_written_is_found(monkeypatch, panel, tmp_path):
    monkeypatch.setattr(corrtip, "load_panel", lambda: panel)
    (tmp_path / "build").write_text("a file where the folder should be")
    monkeypatch.setattr(doctor, "checkout_root", lambda: tmp_path)
    assert found("build folder").state == "wrong"
