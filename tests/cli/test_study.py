import io
import json

import pytest

import corrtip
from corrtip.studies.numbers import read_numbers

ID = "zhang_pineda_2008"


def test_list_names_the_studies(say):
    assert ID in say("study", "list").out
    listed = json.loads(say("study", "list", "--json").out)
    assert ID in [study["id"] for study in listed]
    assert all(study["citation"] and study["question"] for study in listed)


@pytest.fixture
def carried_out(replication, monkeypatch):
    """Let the first study be one that was carried out already: what is tested is what is printed of it."""

    def replicate(study, data, numbers):
        assert (study, data, numbers) == (ID, None, None)
        return replication

    monkeypatch.setattr(corrtip, "replicate", replicate)


@pytest.mark.usefixtures("carried_out")
def test_run_prints_every_claim_with_its_test_and_verdict(say):
    out = say("study", "run", ID).out
    for claim in "ABCD":
        assert f"\n{claim}. " in out
    assert out.count("   Test: ") == 4
    assert out.count("Verdict: ") == 4
    assert "Departures from the study:" in out


@pytest.mark.usefixtures("carried_out")
def test_run_says_which_rule_came_after_the_first_result(say):
    # A reader of the verdicts must not have to open the study's file to learn it.
    assert "this one alone was set after a first run" in say("study", "run", ID).out


@pytest.mark.usefixtures("carried_out")
def test_run_as_json_has_verdicts_fits_and_attrition_of_every_variant(say):
    answer = json.loads(say("study", "run", ID, "--json").out)
    assert answer["study"]["id"] == ID
    assert [claim["id"] for claim in answer["claims"]] == list("ABCD")
    for variant in answer["variants"]:
        assert set(variant["verdicts"]) == set("ABCD")
        assert all(decision["verdict"] and decision["because"] for decision in variant["verdicts"].values())
        assert all(set(row) == {"step", "reason", "rows", "countries", "iso3"} for row in variant["attrition"])
        assert variant["universe"] - sum(row["rows"] for row in variant["attrition"]) == variant["n"]
    base = answer["variants"][0]["joint"]
    assert [row["level"] for row in base["thresholds"]] == ["1|2", "2|2WL", "2WL|3"]
    assert all({"estimate", "std_error", "p_value"} <= set(row) for row in base["coefficients"])
    assert base["llf"] < 0


def test_an_unknown_study_is_refused_with_the_nearest(say):
    said = say("study", "run", "zhang_pineda_2007")
    assert said.code == 1
    assert f"Nearest: '{ID}'" in said.err


def test_run_all_prints_a_table_of_counts(say):
    out = say("study", "run", "--all").out
    assert "  B. contradicts: 65 % of the answers is a share of eight answers." in out
    (row,) = [line.split() for line in out.splitlines() if line.startswith("unodc_2011_survey ")]
    assert row[1:] == ["3", "1", "1", "0", "0"]


def test_one_study_or_all_but_not_both_and_not_neither(say):
    assert say("study", "run").code == 2
    assert say("study", "run", ID, "--all").code == 2


def test_a_study_without_a_model_is_printed_too(say):
    out = say("study", "run", "unodc_2011_survey").out
    assert "Verdict: met." in out
    assert "(n = 0)" not in out


def test_numbers_are_entered_into_a_file_that_decides_where_it_is_named(say, tmp_path):
    path = tmp_path / "mine.toml"
    said = say("study", "enter", "lyday_2001", "--set", "A.kendall_tau_b=-0.39", "--numbers", str(path))
    assert "Kept in" in said.out
    assert "Verdict: met." in say("study", "run", "lyday_2001", "--numbers", str(path)).out
    assert "Verdict: met." not in say("study", "run", "lyday_2001").out


def test_run_all_as_json_lists_every_claim_and_takes_numbers_too(say, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('[lyday_2001.A]\nkendall_tau_b = "-0.39"\n')
    listed = json.loads(say("study", "run", "--all", "--numbers", str(path), "--json").out)
    assert [study["id"] for study in listed] == [
        study["id"] for study in json.loads(say("study", "list", "--json").out)
    ]
    claims = [claim for study in listed for claim in study["claims"]]
    assert {"text", "verdict", "published", "rebuilt", "reason"} <= set.intersection(*(set(claim) for claim in claims))
    assert all(claim["verdict"] and claim["reason"] for claim in claims)
    (claim,) = next(study for study in listed if study["id"] == "lyday_2001")["claims"]
    assert (claim["verdict"], claim["published"]["kendall_tau_b"]) == ("met", "-0.39")


def test_without_set_each_open_number_is_asked_for(say, tmp_path, monkeypatch):
    path = tmp_path / "mine.toml"
    monkeypatch.setattr("sys.stdin", io.StringIO("\n-0.50\n\n"))
    out = say("study", "enter", "lyday_2001", "--numbers", str(path)).out
    assert "leaves 3 numbers open" in out
    assert read_numbers(path) == {"lyday_2001": {"A": {"spearman": "-0.50"}}}


def test_ctrl_c_at_a_question_is_ctrl_c_and_enters_nothing(say, tmp_path, monkeypatch, interrupted):
    path = tmp_path / "mine.toml"
    monkeypatch.setattr("sys.stdin", interrupted("-0.50\n"))
    assert say("study", "enter", "lyday_2001", "--numbers", str(path)).code == 130
    # The end of what is typed is no Ctrl-C.
    monkeypatch.setattr("sys.stdin", io.StringIO("-0.50\n"))
    assert say("study", "enter", "lyday_2001", "--numbers", str(path)).code == 1
    assert not path.exists()


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("A=3", "CLAIM.NAME=TEXT"),
        ("A.kendal=0.4", "kendal"),
        ("A.spearman=about 0.4", "a number as printed"),
    ],
)
def test_a_slip_enters_nothing(say, tmp_path, text, seen):
    path = tmp_path / "mine.toml"
    said = say("study", "enter", "lyday_2001", "--set", text, "--numbers", str(path))
    assert said.code != 0
    assert seen in said.err
    assert not path.exists()


def test_a_study_without_open_numbers_says_so(say, tmp_path):
    said = say("study", "enter", "unodc_2011_survey", "--numbers", str(tmp_path / "mine.toml"))
    assert "leaves 0 numbers open" in said.out


def test_a_file_is_known_by_its_name_among_all(say, tmp_path):
    said = say("study", "run", "--all", "--data", str(tmp_path / "other.dta"))
    assert said.code == 2
    assert "kelley_simmons_ajps_2014_replication.dta" in " ".join(said.err.replace("│", " ").split())


def test_a_file_that_is_not_the_studys_is_refused(say, tmp_path):
    said = say("study", "run", "kelley_simmons_2015", "--data", str(tmp_path / "other.dta"))
    assert said.code == 1
    assert "other.dta: not read" in said.err
