from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from corrtip.errors import ModelError
from corrtip.models.fitstats import association, goodness_of_fit, is_proportional, ranking
from corrtip.models.model import clm, fit_arrays
from corrtip.models.rank import goodman_kruskal_gamma

# R prints fifteen digits of a difference of two log-likelihoods of some hundreds.
LIKELIHOOD_RATIO = 1e-10
# Sums of whole numbers.
COUNTED = 1e-12


@pytest.fixture(scope="module")
def data():
    """Return coarse rows, so that predictors tie, with weights."""
    rng = np.random.default_rng(7)
    found = pd.DataFrame({"x": rng.integers(0, 5, 60), "z": rng.integers(0, 2, 60), "w": rng.integers(0, 4, 60)})
    return found.assign(y=np.digitize(0.5 * found["x"] - found["z"] + rng.logistic(size=60), [0.0, 1.5]))


def counted_one_by_one(predictor, outcome):
    signs = [
        np.sign(round(predictor[i] - predictor[j], 9)) * np.sign(outcome[i] - outcome[j])
        for i, j in combinations(range(len(outcome)), 2)
    ]
    compared = [(i, j) for i, j in combinations(range(len(outcome)), 2) if outcome[i] != outcome[j]]
    concordant, discordant = signs.count(1.0), signs.count(-1.0)
    return {
        "somers_d": (concordant - discordant) / len(compared),
        "tau_a": (concordant - discordant) / len(signs),
        "gamma": (concordant - discordant) / (concordant + discordant),
        "c_index": (concordant + (len(compared) - concordant - discordant) / 2) / len(compared),
    }


def test_association_counts_pairs(data):
    fit = clm("y ~ x + z", data)
    found = association(fit)
    expected = counted_one_by_one(ranking(fit), data["y"].to_numpy())
    assert found[list(expected)].to_dict() == pytest.approx(expected, rel=COUNTED)


def test_a_row_twice_is_a_weight_of_two(data):
    weighted = association(clm("y ~ x + z", data, weights="w"))
    repeated = association(clm("y ~ x + z", data.loc[data.index.repeat(data["w"])]))
    pd.testing.assert_series_equal(weighted, repeated, rtol=1e-10)


def test_sampling_weights_of_one_are_no_weights(data):
    plain = association(clm("y ~ x + z", data))
    sampled = association(clm("y ~ x + z", data, weights=np.ones(60), weight_type="sampling", cov_type="HC0"))
    pd.testing.assert_series_equal(sampled, plain, rtol=COUNTED)


def test_association_is_that_of_other_programs(sim400):
    fit = clm("y ~ a + b + c", sim400)
    found, predictor, outcome = association(fit), ranking(fit), sim400["y"].to_numpy()
    assert found["somers_d"] == pytest.approx(stats.somersd(outcome, predictor).statistic, rel=COUNTED)
    assert found["gamma"] == pytest.approx(goodman_kruskal_gamma(predictor, outcome).estimate, rel=COUNTED)


def test_two_levels_give_the_area_under_the_curve(sim400):
    data = sim400.assign(y=sim400["y"] > 2)
    fit = clm("y ~ a + b + c", data)
    high, low = (ranking(fit)[data["y"] == side] for side in (True, False))
    area = stats.mannwhitneyu(high, low).statistic / (len(high) * len(low))
    assert association(fit)["c_index"] == pytest.approx(area, rel=COUNTED)


def test_the_pseudo_r_squared_follow_from_the_likelihoods(sim400):
    fit = clm("y ~ a + b + c", sim400)
    found, n = association(fit), 400
    cox_snell = 1.0 - np.exp(2.0 * (fit.llnull - fit.llf) / n)
    assert found["mcfadden_r2"] == fit.prsquared
    assert found["nagelkerke_r2"] == pytest.approx(cox_snell / (1.0 - np.exp(2.0 * fit.llnull / n)), rel=COUNTED)


def test_reversing_the_outcome_leaves_the_measures(sim400):
    turned = sim400.assign(y=5 - sim400["y"])
    left, right = (association(clm("y ~ a + b + c", rows)) for rows in (sim400, turned))
    pd.testing.assert_series_equal(left, right, rtol=1e-9)


def test_the_expected_level_orders_rows_as_the_linear_predictor_does(sim400):
    fit = clm("y ~ a + b", sim400, link="cloglog")
    expected_level = fit.predict().to_numpy() @ np.arange(1, 5)
    assert is_proportional(fit)
    assert stats.kendalltau(ranking(fit), expected_level).statistic == pytest.approx(1.0)
    partial = clm("y ~ a", sim400, nominal="~ c")
    assert not is_proportional(partial)
    np.testing.assert_allclose(ranking(partial), partial.predict().to_numpy() @ np.arange(1, 5), rtol=COUNTED)


def test_the_lipsitz_test_is_rs(reference, sim400):
    expected = reference("brant_and_fit_tests")["lipsitz_sim400"]
    found = goodness_of_fit(clm("y ~ a + b + c", sim400))
    assert (found["test"], found["df"], found["groups"]) == ("Lipsitz", expected["parameter"], 10)
    assert found["statistic"] == pytest.approx(expected["statistic"], rel=LIKELIHOOD_RATIO)
    assert found["p_value"] == pytest.approx(expected["p"], rel=LIKELIHOOD_RATIO)


def test_groups_of_frequency_weights_are_those_of_repeated_rows(sim400):
    weights = np.random.default_rng(2).integers(1, 4, 400)
    weighted = goodness_of_fit(clm("y ~ a + b", sim400, weights=weights))
    repeated = goodness_of_fit(clm("y ~ a + b", sim400.loc[sim400.index.repeat(weights)]))
    assert weighted["statistic"] == pytest.approx(repeated["statistic"], rel=1e-8)
    assert weighted["df"] == repeated["df"]


@pytest.mark.parametrize("link", ["logit", "cauchit"])
def test_a_bend_that_the_model_misses_is_found(link):
    rng = np.random.default_rng(4)
    x = rng.normal(size=500)
    data = pd.DataFrame({"x": x, "y": np.digitize(x + x**2 + rng.logistic(size=500), [0.0, 2.0])})
    assert goodness_of_fit(clm("y ~ x", data, link=link))["p_value"] < 1e-4
    assert goodness_of_fit(clm("y ~ x + I(x ** 2)", data, link="logit"))["p_value"] > 0.01


def test_a_right_model_is_refused_as_often_as_the_level_says():
    rng = np.random.default_rng(6)
    p_values = []
    for _ in range(150):
        x = rng.normal(size=(300, 1))
        y = np.digitize(x[:, 0] + rng.logistic(size=300), [-1.0, 1.0])
        p_values.append(goodness_of_fit(fit_arrays(y, x, levels=list("abc"), names=["x"]), groups=8)["p_value"])
    refused = int(np.sum(np.array(p_values) < 0.05))
    assert stats.binomtest(refused, 150, 0.05).pvalue > 0.01


def test_without_a_likelihood_there_is_no_test(sim400):
    with pytest.raises(ModelError, match="sampling weights"):
        goodness_of_fit(clm("y ~ a", sim400, weights=np.ones(400), weight_type="sampling", cov_type="HC0"))


def test_groups_that_add_nothing_take_no_degree_of_freedom(wine):
    # Four distinct rows: the only thing left to find is the interaction.
    found = goodness_of_fit(clm("rating ~ temp + contact", wine), groups=6)
    interaction = clm("rating ~ temp * contact", wine).llf - clm("rating ~ temp + contact", wine).llf
    assert (found["groups"], found["df"]) == (4, 1)
    assert found["statistic"] == pytest.approx(2.0 * interaction, rel=1e-8)
    with pytest.raises(ModelError, match="tell apart"):
        goodness_of_fit(clm("rating ~ temp", wine), groups=6)


def test_few_observations_are_warned_of(wine):
    with pytest.warns(UserWarning, match="72 observations of 5 levels allow 2 groups"):
        goodness_of_fit(clm("rating ~ x1 + temp", wine))
    with pytest.raises(ModelError, match="1 of rows"):
        goodness_of_fit(clm("rating ~ x1 + temp", wine), groups=1)
