import json

ID = "zhang_pineda_2008"


def test_list_names_the_studies(say):
    assert ID in say("study", "list").out
    listed = json.loads(say("study", "list", "--json").out)
    assert ID in [study["id"] for study in listed]
    assert all(study["citation"] and study["question"] for study in listed)


def test_run_prints_every_claim_with_its_test_and_verdict(say):
    out = say("study", "run", ID).out
    for claim in "ABCD":
        assert f"\n{claim}. " in out
    assert out.count("   Test: ") == 4
    assert out.count("Verdict: ") == 4
    assert "Departures from the study:" in out


def test_run_says_which_rule_came_after_the_first_result(say):
    # A reader of the verdicts must not have to open the study's file to learn it.
    assert "this one alone was set after a first run" in say("study", "run", ID).out


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
