import numpy as np
import pytest
from scipy.optimize import root

from corrtip.data.sample import build_sample
from corrtip.estimate import fit
from corrtip.studies.study import load_study

AGREEMENT = 1e-10  # what the project promises between its kernel and an independent fit
STEP = 1e-200  # of the complex step: no difference is taken, so that nothing is lost however small it is


@pytest.fixture(scope="module")
def study():
    return load_study("zhang_pineda_2008")


def test_the_decision_rules_are_those_fixed_beforehand(study):
    assert {claim.id: (claim.test, dict(claim.parameters)) for claim in study.claims} == {
        "A": ("most_related_alone", {"alpha": 0.05}),
        "B": ("only_focal_stands_out", {"alpha": 0.10, "sign": "-"}),
        "C": ("most_important", {"views": ["indicator", "group"]}),
        "D": ("ranks_together", {"measure": "kendall_tau_b", "sign": "-", "alpha": 0.05}),
    }


def test_no_number_is_called_printed_since_the_tables_could_not_be_had(study):
    assert not any(claim.printed for claim in study.claims)


def test_the_claim_of_significance_says_what_its_lack_does_not_mean(study):
    claim = next(claim for claim in study.claims if claim.id == "B")
    assert "does not show that it is not a factor" in claim.text


def test_the_base_and_every_variant_are_as_declared(study):
    specs = study.specs()
    base = specs.pop("base")
    assert (base.estimator, base.link, base.special_cases, dict(base.merge)) == ("clm", "logit", "drop", {})
    assert set(base.vintages.values()) == {"factbook-2005"}
    differs = {
        name: sorted(key for key, value in spec.as_dict().items() if value != base.as_dict()[key])
        for name, spec in specs.items()
    }
    assert differs == {
        "wdi": ["vintages"],
        "three_levels": ["merge"],
        "special_worst": ["special_cases"],
        "probit": ["link"],
        "ols": ["estimator"],
        "rank": ["estimator"],
        "gdp": ["controls", "transforms", "vintages"],
        "gdp_wdi": ["controls", "transforms", "vintages"],
        "poverty_wide": ["controls", "transforms", "vintages"],
        "poverty_wide_wdi": ["controls", "transforms", "vintages"],
        "cpi_2004": ["lag"],
        "region": ["controls", "merge"],
    }


def test_income_enters_as_a_logarithm_and_the_variant_says_so(study):
    for variant in study.variants:
        spec = study.specs()[variant.name]
        if "gdp_per_capita_ppp" in spec.predictors:
            assert spec.transforms == {"gdp_per_capita_ppp": "log"}
            assert "logarithm" in variant.why


def log_likelihood(params, y, x):
    """The cumulative logit, written out: P(Y <= j) = 1 / (1 + exp(-(threshold j - x'beta))); any complex params."""
    thresholds, beta = params[: y.max()], params[y.max() :]
    linear = x @ beta
    cumulative = [np.zeros(len(y), complex)]
    cumulative += [1.0 / (1.0 + np.exp(-(threshold - linear))) for threshold in thresholds]
    cumulative += [np.ones(len(y), complex)]
    rows = np.arange(len(y))
    return np.log(np.array(cumulative)[y + 1, rows] - np.array(cumulative)[y, rows]).sum()


def score(params, y, x):
    directions = np.eye(len(params)) * STEP * 1j
    return np.array([log_likelihood(params + direction, y, x).imag / STEP for direction in directions])


@pytest.mark.parametrize("name", ["base", "wdi", "three_levels", "special_worst", "gdp", "region"])
def test_the_joint_model_is_that_of_an_independent_likelihood(study, panel, name):
    sample = build_sample(panel, study.specs()[name])
    found = fit(sample)
    y, x = sample.y, sample.x.to_numpy()
    centre, spread = x.mean(axis=0), x.std(axis=0)
    share = np.cumsum(np.bincount(y))[:-1] / len(y)
    start = np.concatenate([np.log(share / (1.0 - share)), np.zeros(x.shape[1])])
    solved = root(score, start, args=(y, (x - centre) / spread), tol=1e-14)
    cuts, beta = solved.x[: y.max()], solved.x[y.max() :] / spread
    apart = np.concatenate([cuts + centre @ beta, beta])
    assert np.abs(score(solved.x, y, (x - centre) / spread)).max() < 1e-11  # solved, whatever root says of itself
    assert found.params.to_numpy() == pytest.approx(apart, rel=AGREEMENT, abs=0.0)
    assert found.llf == pytest.approx(log_likelihood(apart, y, x).real, rel=AGREEMENT, abs=0.0)


def test_the_verdicts_are_these_and_a_change_is_to_be_explained(replication):
    assert {run.name: " ".join(found.verdict for found in run.decisions.values()) for run in replication.runs} == {
        "base": "agrees agrees agrees agrees",
        "wdi": "agrees agrees agrees agrees",
        "three_levels": "agrees agrees agrees agrees",
        "special_worst": "agrees agrees agrees agrees",
        "probit": "agrees agrees agrees agrees",
        "ols": "agrees agrees not_attempted agrees",
        "rank": "agrees not_attempted not_attempted agrees",
        "gdp": "agrees agrees agrees agrees",
        "gdp_wdi": "agrees unresolved agrees agrees",  # income stands out too
        "poverty_wide": "agrees unresolved unresolved agrees",  # life expectancy and unemployment stand out too
        "poverty_wide_wdi": "not_attempted not_attempted not_attempted not_attempted",  # six countries
        "cpi_2004": "agrees agrees agrees agrees",
        "region": "agrees unresolved unresolved agrees",  # regions stand out too
    }


def test_every_country_of_2005_is_in_the_sample_or_in_the_account(replication):
    for run in replication.runs:
        assert run.sample.universe - run.sample.attrition["rows"].sum() == len(run.sample.y), run.name


def test_what_is_known_today_differs_from_what_was_printed(replication):
    then, now = (replication.run(name).sample.data["infant_mortality"] for name in ("base", "wdi"))
    assert (then["AGO", 2005], round(now["AGO", 2005])) == (191.19, 79)


def test_the_timing_variant_uses_the_index_of_the_year_before(replication, panel):
    of_2004 = replication.run("cpi_2004").sample.data["cpi_pre2012"]
    assert of_2004["NGA", 2005] == panel.lineage("NGA", 2004, "cpi_pre2012").value


def test_canada_is_the_only_country_of_its_region_that_was_ranked(study, panel):
    spec = study.specs()["region"]
    regions = build_sample(panel, spec.replace(merge={})).data["region"]
    assert list(regions[regions == "North America"].index) == [("CAN", 2005)]
    joined = build_sample(panel, spec).data["region"]
    assert joined["CAN", 2005] == "Europe & Central Asia"
