"""Results keep what they were given, once each, and are read back strictly."""

from __future__ import annotations

import hashlib
import json
import math
from pathlib import Path

import pandas as pd
import pytest

from corrtip.errors import DeclarationError, ReportError
from corrtip.report.artifacts import (
    Data,
    Figure,
    Number,
    Results,
    Sentence,
    open_results,
    read_columns,
    read_record,
    read_results,
)
from corrtip.report.style import new_axes
from corrtip.report.tables import Table

TABLE = Table(caption="T", columns=("a", "b"), align="lr", rows=(("x", "1"),), note="n")


def results_in(build: Path, notebook: str = "01_x") -> Results:
    """Return results as the notebook runner would place them."""
    return Results(build / "results" / notebook, ["data/b.csv", "data/a.csv", "data/b.csv"])


def test_everything_saved_is_read_back(tmp_path: Path) -> None:
    results = results_in(tmp_path)
    number = results.number("n.countries", 1846, "count")
    sentence = results.sentence("answer", "Yes & <no>")
    table = results.table("tab", TABLE)
    axes = new_axes(2, 2)
    axes.plot([0, 1], [0, 1])
    results.figure("fig", axes, caption="C", alt="A line")
    read = {record.name: (record, artifact) for record, artifact in read_results(tmp_path, ["01_x"])}
    assert {name: record.content for name, (record, _) in read.items()} == {
        "n.countries": number,
        "answer": sentence,
        "tab": table,
        "fig": Figure(caption="C", alt="A line", svg="fig.svg", png="fig.png"),
    }
    assert number == Number(value=1846.0, format="count", text="1,846")
    assert sentence == Sentence(text="Yes & <no>")
    for _, artifact in read.values():
        assert artifact.inputs == ("data/a.csv", "data/b.csv")
        assert artifact.sha256 == hashlib.sha256((tmp_path / artifact.path).read_bytes()).hexdigest()
    assert read["fig"][1].path == "results/01_x/fig.svg"
    assert read["tab"][1].kind == "table"


def test_data_come_back_to_the_last_digit_and_missing_stays_missing(tmp_path: Path) -> None:
    whole = pd.array([2001, None], dtype="Int64")
    frame = pd.DataFrame({"year": whole, "name": ["Lao, PDR", ""], "share": [0.1 + 0.2, math.nan]})
    assert results_in(tmp_path).data("some.values", frame, caption="C") is frame
    ((record, artifact),) = read_results(tmp_path, ["01_x"])
    kinds = {"name": "text", "share": "number", "year": "number"}
    assert record.content == Data(caption="C", csv="some.values.csv", columns=kinds)
    assert artifact.path == "results/01_x/some.values.csv"
    read = read_columns(record.content, tmp_path / artifact.path)
    assert read == {"name": ["Lao, PDR", ""], "share": [0.1 + 0.2, None], "year": [2001, None]}
    assert list(read) == ["year", "name", "share"]
    assert type(read["year"][0]) is int


def test_data_with_other_columns_than_their_record_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x\n1\n")
    with pytest.raises(ReportError, match=r"a\.csv: columns x\. Expected y"):
        read_columns(Data(caption="C", csv="a.csv", columns={"y": "number"}), tmp_path / "a.csv")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not a table"),
        ("y\n\xff\n", "not a table"),
        ('y\n"1\n', "not a table"),
        ("y\n1,2\n", "record 1: 2 cells"),
        ("y\n1\n\n", "record 2: 0 cells"),
        ("y\n1\n1_000\n", "record 2: '1_000'"),
        ("y\n\xb2\n", "not a table"),
        ("y\n--1\n", "record 1: '--1'"),
        ("y\nnan\n", "record 1: 'nan'"),
    ],
)
def test_data_that_are_no_table_of_their_record_are_refused(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "a.csv").write_bytes(text.encode("latin-1"))
    with pytest.raises(ReportError, match=said):
        read_columns(Data(caption="C", csv="a.csv", columns={"y": "number"}), tmp_path / "a.csv")


def test_a_drawing_elsewhere_is_not_read(tmp_path: Path) -> None:
    results_in(tmp_path).figure("fig", new_axes(1, 1), caption="C", alt="A")
    path = tmp_path / "results/01_x/fig.json"
    path.write_text(path.read_text().replace('"fig.svg"', '"../01_x/fig.svg"'))
    with pytest.raises(ReportError, match=r"\.\./01_x/fig\.svg is not beside it"):
        list(read_results(tmp_path, ["01_x"]))


def test_a_missing_number_stays_missing(tmp_path: Path) -> None:
    assert results_in(tmp_path).number("p", math.nan, "p") == Number(value=None, format="p", text="–")


def test_a_name_is_saved_once(tmp_path: Path) -> None:
    results = results_in(tmp_path)
    results.sentence("answer", "one")
    with pytest.raises(ReportError, match="saved twice"):
        results.sentence("answer", "two")
    assert read_record(tmp_path / "results/01_x/answer.json", "x").sentence == Sentence(text="one")


@pytest.mark.parametrize("name", ["", "Answer", "a b", "../a", "a/b", "1a", "a..b"])
def test_what_is_not_a_name_is_refused_and_nothing_is_written(tmp_path: Path, name: str) -> None:
    with pytest.raises(ReportError, match="not a name"):
        results_in(tmp_path).sentence(name, "text")
    assert not (tmp_path / "results").exists()


def test_two_notebooks_cannot_share_a_name(tmp_path: Path) -> None:
    for notebook in ("01_x", "02_y"):
        results_in(tmp_path, notebook).sentence("answer", notebook)
    with pytest.raises(ReportError, match=r"results/01_x/answer\.json too"):
        list(read_results(tmp_path, ["01_x", "02_y"]))


def test_a_notebook_without_results_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=r"Run notebooks/03_z\.ipynb"):
        list(read_results(tmp_path, ["03_z"]))


def test_a_lost_drawing_is_named(tmp_path: Path) -> None:
    results_in(tmp_path).figure("fig", new_axes(1, 1), caption="C", alt="A")
    (tmp_path / "results/01_x/fig.svg").unlink()
    with pytest.raises(ReportError, match=r"fig\.svg is not beside it"):
        list(read_results(tmp_path, ["01_x"]))


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("{", ReportError),
        ('{"name": "a"}', DeclarationError),
        ("\xff", ReportError),
        ("[" * 100_000, ReportError),
        ("9" * 5_000, ReportError),
        (
            '{"name": "a", "inputs": [], "number": {"value": 1' + "0" * 400 + ', "format": "p", "text": "1"}}',
            DeclarationError,
        ),
        ('{"name": "a", "inputs": []}', ReportError),
        ('{"name": "a", "inputs": [], "sentence": {"text": "s"}, "sentence": {"text": "t"}}', ReportError),
        (
            '{"name": "a", "inputs": [], "sentence": {"text": "s"}, "data": {"caption": "", "csv": "", "columns": {}}}',
            ReportError,
        ),
    ],
)
def test_a_broken_record_is_refused(tmp_path: Path, text: str, error: type[Exception]) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(error, match=r"a\.json"):
        read_record(path, "a.json")


def test_the_environment_sends_results_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORRTIP_RESULTS", str(tmp_path))
    open_results("01_x", editions=["cpi/2005"], files=["x.toml"]).sentence("answer", "here")
    record = json.loads((tmp_path / "01_x/answer.json").read_text())
    assert record["sentence"] == {"text": "here"}
    assert record["inputs"] == [
        "data/countries.csv",
        "data/raw/cpi/2005.csv",
        "data/raw/cpi/2005.toml",
        "data/variables.toml",
        "notebooks/01_x.ipynb",
        "x.toml",
    ]
