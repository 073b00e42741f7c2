import hashlib
import json
import pickle

import pytest

from corrtip.declare import declared
from corrtip.errors import SpecError
from corrtip.spec import Spec

JOINT = Spec(
    outcome="tier",
    focal="cpi_pre2012",
    controls=("infant_mortality", "life_expectancy"),
    years=(2005, 2005),
    vintages={"infant_mortality": "factbook-2005", "life_expectancy": "factbook-2005"},
)


def test_predictors_are_focal_then_controls():
    assert JOINT.predictors == ("cpi_pre2012", "infant_mortality", "life_expectancy")


def test_id_is_the_hash_of_the_fields_as_sorted_json():
    fields = {
        "outcome": "tier",
        "focal": "cpi_pre2012",
        "controls": ["infant_mortality", "life_expectancy"],
        "years": [2005, 2005],
        "lag": {},
        "vintages": {"infant_mortality": "factbook-2005", "life_expectancy": "factbook-2005"},
        "transforms": {},
        "merge": {},
        "special_cases": "drop",
        "sample": {},
        "estimator": "clm",
        "link": "logit",
        "covariance": "nonrobust",
    }
    assert JOINT.id == hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()[:12]


def test_equal_specs_have_equal_ids_and_hashes_whatever_the_order_of_settings():
    turned = JOINT.replace(vintages=dict(reversed(JOINT.vintages.items())))
    assert turned == JOINT
    assert turned.id == JOINT.id
    assert len({turned, JOINT}) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"controls": ("life_expectancy", "infant_mortality")},
        {"years": (2004, 2005)},
        {"lag": {"cpi_pre2012": 1}},
        {"vintages": {}},
        {"transforms": {"cpi_pre2012": "rank_within_year"}},
        {"merge": {"tier": {"2WL": "2"}}},
        {"special_cases": "worst"},
        {"sample": {"region": ("South Asia",)}},
        {"estimator": "ols"},
        {"link": "probit"},
        {"covariance": "HC1"},
    ],
)
def test_every_field_counts_in_the_id(change):
    assert JOINT.replace(**change).id != JOINT.id


def test_a_spec_is_declared_as_written_in_toml():
    table = {"outcome": "tier", "focal": "cpi_pre2012", "years": [2005, 2005], "sample": {"region": ["South Asia"]}}
    spec = declared(Spec, table, "x.toml, spec")
    assert spec.sample == {"region": ("South Asia",)}
    assert declared(Spec, json.loads(json.dumps(JOINT.as_dict())), "again") == JOINT


def test_a_spec_crosses_process_borders():
    assert pickle.loads(pickle.dumps(JOINT)) == JOINT


def test_reversed_years_are_refused():
    with pytest.raises(SpecError, match=r"Spec\.years: \(2005, 2004\)\. Expected first year, then last year"):
        JOINT.replace(years=(2005, 2004))


@pytest.mark.parametrize("controls", [("cpi_pre2012",), ("tier",), ("gini", "gini")])
def test_a_variable_named_twice_is_refused(controls):
    with pytest.raises(SpecError, match=f"{controls[0]} named twice"):
        JOINT.replace(controls=controls, vintages={})


@pytest.mark.parametrize("setting", ["lag", "vintages", "transforms", "merge"])
def test_a_setting_of_an_unused_variable_is_refused(setting):
    with pytest.raises(SpecError, match='"gini" is not used') as caught:
        JOINT.replace(**{setting: {"gini": 1}})
    assert caught.value.where == f"Spec.{setting}"


def test_a_sample_variable_may_have_a_vintage():
    spec = JOINT.replace(sample={"region": ("South Asia",)}, vintages={"region": "current"})
    assert spec.vintages == {"region": "current"}
