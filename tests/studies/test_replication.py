import json

import pytest

from corrtip.data.panel import load_panel
from corrtip.errors import SpecError
from corrtip.studies.replication import decide, replicate
from corrtip.studies.study import Claim

BASE = """
citation = "Somebody (2008)."
doi = "10.1/1"
question = "Is it?"
departures = ["All of it."]

[spec]
outcome = "tier"
focal = "cpi_pre2012"
controls = ["infant_mortality"]
years = [2005, 2005]
vintages = { infant_mortality = "factbook-2005" }

[groups]
poverty = ["infant_mortality", "gini"]
"""
CLAIMS = """
[[claims]]
id = "A"
at = "p. 1"
text = "Most are."
test = "most_related_alone"

[[claims]]
id = "B"
at = "p. 2"
text = "One is."
test = "only_focal_stands_out"
parameters = { sign = "-" }

[[claims]]
id = "C"
at = "p. 3"
text = "It is most."
test = "most_important"

[[claims]]
id = "D"
at = "p. 4"
text = "They go together."
test = "ranks_together"
parameters = { sign = "-" }
"""
VARIANTS = """
[[variants]]
name = "one_country_region"
why = "A region of one country."
change = { controls = ["infant_mortality", "region"] }

[[variants]]
name = "few"
why = "One small region."
change = { sample = { region = ["South Asia"] } }

[[variants]]
name = "nobody"
why = "The only country of a region: one level."
change = { sample = { region = ["North America"] } }
"""


@pytest.fixture(scope="module")
def panel():
    return load_panel()


@pytest.fixture(scope="module")
def run_study(tmp_path_factory, panel):
    def run(text):
        path = tmp_path_factory.mktemp("study") / "somebody_2008.toml"
        path.write_text(text)
        return replicate(path, panel)

    return run


@pytest.fixture(scope="module")
def replication(run_study):
    return run_study(BASE + CLAIMS + VARIANTS)


def test_the_base_comes_first_and_gives_the_verdicts(replication):
    assert [run.name for run in replication.runs] == ["base", "one_country_region", "few", "nobody"]
    assert replication.base is replication.run("base")
    assert list(replication.verdicts) == ["A", "B", "C", "D"]
    table = replication.table()
    assert table.loc[table["variant"] == "base", "verdict"].tolist() == [
        decision.verdict for decision in replication.verdicts.values()
    ]


def test_every_model_of_a_variant_has_the_same_countries(replication):
    run = replication.base
    models = [run.fits.joint, *run.fits.alone.values()]
    assert {int(fitted.nobs) for fitted in models} == {run.evidence.n}
    assert {found.n for found in run.fits.dominance.values()} == {run.evidence.n}
    assert run.fits.dominance["indicator"].full == pytest.approx(run.fits.joint.prsquared, rel=1e-9)
    assert run.fits.dominance["group"].names == ("cpi_pre2012", "poverty")


def test_a_variant_that_separates_keeps_its_place_with_the_columns_named(replication):
    run = replication.run("one_country_region")
    assert run.fits.joint is None
    for claim in "BC":
        assert run.decisions[claim].verdict == "not_attempted"
        assert "region[T.North America] separates" in run.decisions[claim].because
    assert run.decisions["D"].verdict == "agrees"  # needs no model
    assert run.name not in set(replication.coefficients()["variant"])


def test_a_variant_with_too_few_countries_keeps_its_place_and_its_account(replication):
    run = replication.run("few")
    assert 0 < run.evidence.n < 30
    assert {decision.verdict for decision in run.decisions.values()} == {"not_attempted"}
    assert f"{run.evidence.n} rows are left, fewer than 30" in run.decisions["A"].because
    assert run.name in set(replication.attrition()["variant"])
    assert "Fewer than five countries in tier" in run.caution


def test_a_variant_without_a_sample_keeps_its_place_with_the_reason(replication):
    run = replication.run("nobody")
    assert run.sample is None
    assert "at least two levels" in run.decisions["A"].because
    assert (run.evidence.n, run.caution) == (0, "")


def test_a_slip_in_a_variant_stops_the_run(run_study):
    slip = '\n[[variants]]\nname = "slip"\nwhy = ""\nchange = { controls = [], vintages = {}, focal = "cip_pre2012" }\n'
    with pytest.raises(SpecError, match="Nearest: 'cpi_pre2012'"):
        run_study(BASE + CLAIMS + slip)


def test_the_sources_are_the_editions_used_and_no_other(replication):
    assert list(replication.sources) == ["cpi/2005", "factbook/2005", "groups/current", "tip/2005"]


def test_the_record_is_json_and_holds_verdicts_fits_and_attrition_of_every_variant(replication):
    record = json.loads(json.dumps(replication.as_dict(), allow_nan=False))
    assert [claim["id"] for claim in record["claims"]] == ["A", "B", "C", "D"]
    assert record["claims"][1]["by_variant"]["few"] == "not_attempted"
    assert record["claims"][1]["rule"].startswith("All predictors in one model.")
    base, separated, few, nobody = record["variants"]
    joint = replication.base.fits.joint
    assert base["joint"]["llf"] == joint.llf
    assert [row["term"] for row in base["joint"]["thresholds"]] == ["1|2", "2|2WL", "2WL|3"]
    assert base["joint"]["coefficients"][0]["std_error"] == joint.bse["cpi_pre2012"]
    assert set(base["alone"]) == {"cpi_pre2012", "infant_mortality"}
    assert sum(base["dominance"]["indicator"]["general"].values()) == pytest.approx(base["joint"]["mcfadden_r2"])
    assert (
        base["universe"] - sum(line["rows"] for line in base["attrition"]) == base["n"] == sum(base["levels"].values())
    )
    assert "PRK" in next(line["iso3"] for line in base["attrition"] if line["step"] == "cpi_pre2012")
    assert separated["joint"] is None
    assert separated["missing"]["joint"]
    assert few["quartiles"]
    assert nobody["attrition"] == []


def test_a_replication_gives_the_same_record_twice(replication, run_study):
    again = run_study(BASE + CLAIMS + VARIANTS)
    assert json.dumps(again.as_dict()) == json.dumps(replication.as_dict())


@pytest.mark.parametrize(
    ("printed", "verdict"),
    [
        ({"joint.n": "137"}, "met"),
        ({"joint.n": "137", "alone.cpi_pre2012.cpi_pre2012.estimate": "-0.55"}, "met"),
        ({"joint.n": "138"}, "agrees"),
        ({"joint.n": "137", "joint.gini.p_value": ".05"}, "agrees"),
    ],
)
def test_printed_numbers_are_met_all_or_not(replication, printed, verdict):
    from corrtip.studies.evidence import numbers

    run = replication.base
    claim = Claim(id="D", at="", text="", test="ranks_together", parameters={"sign": "-"}, printed=printed)
    decision = decide(claim, run.evidence, numbers(run.fits))
    assert decision.verdict == verdict
    assert "joint.n printed 13" in decision.because
