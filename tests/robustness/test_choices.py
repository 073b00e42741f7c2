from dataclasses import replace

import numpy as np
import pytest

import corrtip as ct
from corrtip.robustness.choices import compare_choices, list_choices


@pytest.fixture(scope="module")
def sample(panel):
    return ct.build_sample(panel, ct.load_study("zhang_pineda_2008").spec)


@pytest.fixture(scope="module")
def effects(sample):
    return compare_choices(sample)


def test_the_first_choice_is_the_plain_model(sample, effects):
    formula = f"tier ~ {' + '.join(sample.spec.predictors)}"
    plain = ct.average_effects(ct.clm(formula, sample.data), sample.spec.focal)
    first = effects[effects["choice"] == effects["choice"].iloc[0]]
    assert first["estimate"].tolist() == plain["estimate"].tolist()
    assert list_choices(sample)[0].options == {}


def test_every_choice_has_all_levels_or_says_why_not(sample, effects):
    for choice in list_choices(sample):
        rows = effects[effects["choice"] == choice.name]
        refused = rows["refusal"] != ""
        assert refused.all() or rows["level"].tolist() == list(sample.levels)
        assert rows["estimate"].isna().equals(refused)


def test_another_covariance_moves_errors_and_no_estimate(effects):
    by_choice = effects.set_index(["choice", "level"])
    plain, robust = by_choice.loc["Logit, parallel lines"], by_choice.loc["Sandwich errors (HC1)"]
    assert plain["estimate"].equals(robust["estimate"])
    assert (plain["std_error"] != robust["std_error"]).all()


def test_crossing_probabilities_are_told(effects):
    (refusal,) = effects.loc[effects["choice"] == "Index by border", "refusal"]
    assert "cross" in refusal


def test_p_values_are_adjusted_for_the_models_that_answer_for_a_level(effects):
    for _, rows in effects.dropna(subset=["level"]).groupby("level"):
        smallest = rows.loc[rows["p_value"].idxmin()]
        assert smallest["p_holm"] == pytest.approx(min(1.0, len(rows) * smallest["p_value"]))
        assert (rows["p_bh"] <= rows["p_holm"] + 1e-12).all()
    assert effects.loc[effects["refusal"] != "", "p_holm"].isna().all()


def test_where_every_choice_is_refused_the_reasons_are_there_and_the_numbers_open(sample, effects):
    # An index that is the tier itself separates the levels under every link.
    exact = sample.data.assign(**{sample.spec.focal: sample.y.astype(float)})
    found = compare_choices(replace(sample, data=exact))
    assert list(found.columns) == list(effects.columns)
    assert (found["refusal"] != "").all()
    assert np.isnan(found[["estimate", "p_value", "p_holm", "p_bh"]].to_numpy(dtype=float)).all()
