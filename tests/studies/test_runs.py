import pytest

from corrtip.errors import DataError
from corrtip.studies.evidence import numbers
from corrtip.studies.replication import replicate
from corrtip.studies.runs import decide, run_supplied
from corrtip.studies.study import Claim, load_study


@pytest.mark.parametrize(
    ("printed", "verdict"),
    [
        ({"joint.n": "137"}, "agrees"),  # a number of rows is no finding
        ({"alone.cpi_pre2012.cpi_pre2012.estimate": "-0.55", "joint.n": ""}, "met"),  # an open slot decides nothing
        ({"joint.n": "137", "alone.cpi_pre2012.cpi_pre2012.estimate": "-0.55"}, "met"),
        ({"joint.n": "138"}, "agrees"),
        ({"joint.n": "137", "joint.gini.p_value": ".05"}, "agrees"),
    ],
)
def test_printed_numbers_are_met_all_or_not(somebodys_replication, printed, verdict):
    run = somebodys_replication.base
    claim = Claim(id="D", at="", text="", test="ranks_together", parameters={"sign": "-"}, printed=printed)
    decision = decide(claim, run.evidence, numbers(run.fits))
    assert decision.verdict == verdict
    assert ("joint.n printed 13" in decision.because) == bool(printed.get("joint.n"))


def test_a_model_of_its_own_has_its_own_claims_and_its_variants_share_them(panel):
    found = replicate("van_dijk_klerx_2014", panel)
    assert set(found.base.decisions) == {"A", "E"}
    assert set(found.run("three_p_wgi").decisions) == set(found.run("three_p_wgi_2005").decisions) == {"D"}
    assert found.run("three_p_wgi_2005").spec.outcome == "three_p_overall"
    assert found.verdicts["D"] is found.run("three_p_wgi").decisions["D"]
    assert list(found.verdicts) == ["A", "B", "C", "D", "E"]


def test_without_variants_only_the_studys_own_models_are_run(panel):
    found = replicate("van_dijk_klerx_2014", panel, variants=False)
    assert [run.name for run in found.runs] == ["base", "tier_wgi", "three_p_cpi", "three_p_wgi"]


def test_importance_is_weighed_only_where_a_claim_asks_for_it(panel):
    run = replicate("lyday_2001", panel, variants=False).base
    assert run.fits.dominance == {}
    assert "No claim" in run.fits.missing["dominance"]


def test_counts_need_no_model(panel):
    found = replicate("unodc_2011_survey", panel)
    (run,) = found.runs
    assert (run.spec, run.sample, run.caution) == (None, None, "")
    assert found.sources == {}
    assert [found.verdicts[claim].verdict for claim in "ABCDE"] == ["agrees", "contradicts", "met", "met", "met"]


def test_a_study_that_asks_for_no_file_refuses_one(tmp_path):
    with pytest.raises(DataError, match="asks for none"):
        run_supplied(load_study("lyday_2001"), tmp_path / "x.dta")
