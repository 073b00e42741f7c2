import pytest
from scipy import stats

from corrtip.data.sample import build_sample
from corrtip.studies.evidence import fit_all, numbers, weigh
from corrtip.studies.study import load_study

GROUPS = {"poverty": ("infant_mortality", "life_expectancy", "gini"), "war": ("deaths",)}


@pytest.fixture(scope="module")
def of(panel):
    """Sample, fits and evidence of the base specification with some fields changed."""

    def make(**changes):
        sample = build_sample(panel, load_study("zhang_pineda_2008").spec.replace(**changes))
        fits = fit_all(sample, GROUPS)
        return sample, fits, weigh(sample, fits, {"cpi_pre2012": "Corruption"})

    return make


@pytest.fixture(scope="module")
def base(of):
    return of()


def test_groups_hold_the_members_that_are_there_and_groups_without_any_are_left_out(base):
    _, fits, _ = base
    assert fits.dominance["indicator"].names == ("cpi_pre2012", "infant_mortality", "life_expectancy")
    assert fits.dominance["group"].names == ("cpi_pre2012", "poverty")


def test_evidence_is_what_the_fits_say(base):
    sample, fits, evidence = base
    assert (evidence.focal, evidence.n) == ("cpi_pre2012", len(sample.y))
    assert [test.p_value for test in evidence.joint] == pytest.approx(list(fits.joint.pvalues.iloc[3:]), rel=1e-9)
    alone = {test.predictor: test.estimate for test in evidence.alone}
    assert alone == {name: fits.alone[name].params[name] for name in sample.x}
    assert evidence.ranks[1].estimate == stats.kendalltau(sample.x["cpi_pre2012"], sample.y).statistic


def test_region_is_one_predictor_with_several_coefficients(of):
    _, _, evidence = of(controls=("region",), vintages={}, merge={"region": {"North America": "Europe & Central Asia"}})
    assert [(test.predictor, test.df) for test in evidence.joint] == [("cpi_pre2012", 1), ("region", 5)]


def test_ranks_have_no_joint_model_and_test_one_predictor_by_tau(of):
    sample, fits, evidence = of(estimator="rank")
    assert fits.joint is None
    assert "no joint model" in evidence.missing["joint"]
    tau = stats.kendalltau(sample.x["infant_mortality"], sample.y)
    assert (evidence.alone[1].estimate, evidence.alone[1].p_value) == (tau.statistic, tau.pvalue)


def test_least_squares_has_no_dominance_of_mcfaddens_r2(of):
    _, fits, evidence = of(estimator="ols")
    assert "McFadden" in evidence.missing["dominance"]
    assert evidence.joint[0].p_value == pytest.approx(fits.joint.tidy()["p_value"][1], rel=1e-9)


def test_every_number_has_the_name_under_which_a_study_prints_it(base, of):
    sample, fits, _ = base
    found = numbers(fits)
    assert found["joint.n"] == len(sample.y)
    assert found["joint.2|2WL.estimate"] == fits.joint.thresholds["2|2WL"]
    assert found["joint.infant_mortality.p_value"] == fits.joint.pvalues["infant_mortality"]
    assert found["alone.infant_mortality.mcfadden_r2"] == fits.alone["infant_mortality"].prsquared
    assert found["alone.infant_mortality.infant_mortality.std_error"] == fits.alone["infant_mortality"].bse.iloc[-1]
    ranks = numbers(of(estimator="rank")[1])
    assert ranks["alone.cpi_pre2012.cpi_pre2012.kendall_tau_b.estimate"] < 0.0
