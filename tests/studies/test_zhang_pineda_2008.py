import pytest

from corrtip.studies.study import load_study


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
