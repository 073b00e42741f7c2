"""The stated answer of each case in docs/edge_cases.md."""

import numpy as np
import pandas as pd
import pytest

from corrtip.errors import FormulaError, ModelError
from corrtip.models.model import clm, fit_arrays


@pytest.fixture
def data():
    rng = np.random.default_rng(12)
    frame = pd.DataFrame({"x": rng.normal(size=90), "z": rng.normal(size=90)})
    frame["region"] = np.tile(["Asia", "Africa", "Europe"], 30)
    frame["y"] = np.digitize(frame["x"] + rng.logistic(size=90), [-1.0, 1.0])
    return frame


def test_empty_level(data):
    data["y"] = pd.Categorical(data["y"], categories=[0, 1, 2, 3], ordered=True)
    with pytest.raises(FormulaError, match="remove_unused_categories"):
        clm("y ~ x", data)
    with pytest.raises(ModelError, match='level "d" has no observation'):
        fit_arrays(data["y"].cat.codes.to_numpy(), data[["x"]], levels=list("abcd"), names=["x"])


def test_constant_column(data):
    data["z"] = 1.5
    with pytest.raises(ModelError, match='column "z": the same value in every row'):
        clm("y ~ x + z", data)


def test_duplicated_column(data):
    data["z"] = 3.0 * data["x"] + 1.0
    with pytest.raises(ModelError, match="x, z are linearly dependent"):
        clm("y ~ x + z", data)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_missing_and_infinite(data, value):
    data.loc[7, "x"] = value
    with pytest.raises(FormulaError, match="7"):
        clm("y ~ x", data)
    with pytest.raises(ModelError, match='row 7, column "x"'):
        fit_arrays(data["y"].to_numpy(), data[["x"]], levels=list("abc"), names=["x"])


def test_one_observation_per_level():
    x = np.array([0.3, 1.1, -0.2, 1.6, 0.9, 2.4, 1.8, 3.0])
    fit = clm("y ~ x", pd.DataFrame({"y": np.arange(8), "x": x}))
    assert len(fit.thresholds) == 7
    assert (np.diff(fit.thresholds) > 0).all()
    assert np.isfinite(fit.bse).all()


def test_two_levels_are_a_binary_logit(data):
    data["y"] = (data["y"] > 0).astype(int)
    fit = clm("y ~ x", data)
    chance = 1.0 / (1.0 + np.exp(fit.params["0|1"] - fit.params["x"] * data["x"]))
    # The binary logit's own score equations, to rounding in sums of ninety terms.
    assert (data["y"] - chance).sum() == pytest.approx(0.0, abs=1e-10)
    assert ((data["y"] - chance) * data["x"]).sum() == pytest.approx(0.0, abs=1e-10)


def test_thirty_levels():
    rng = np.random.default_rng(5)
    x = rng.normal(size=900)
    y = pd.qcut(x + rng.logistic(size=900), 30, labels=False)
    fit = clm("y ~ x", pd.DataFrame({"y": y, "x": x}))
    assert len(fit.thresholds) == 29
    assert fit.params["x"] == pytest.approx(1.0, abs=4.0 * fit.bse["x"])


def test_rows_of_weight_zero_do_not_count(data):
    weights = np.ones(90)
    weights[::9] = 0.0
    with_zeros, without = clm("y ~ x", data, weights=weights), clm("y ~ x", data[weights > 0.0])
    np.testing.assert_allclose(with_zeros.params, without.params, rtol=1e-10)
    np.testing.assert_allclose(with_zeros.bse, without.bse, rtol=1e-10)
    assert with_zeros.nobs == without.nobs == 80


def test_an_unseen_level_at_prediction_is_named(data):
    fit = clm("y ~ x + region", data)
    with pytest.raises(FormulaError, match="Oceania"):
        fit.predict(pd.DataFrame({"x": [0.0], "region": ["Oceania"]}))


def test_a_plain_text_outcome_is_refused_with_the_remedy(data):
    data["y"] = data["y"].map({0: "low", 1: "middle", 2: "high"})
    with pytest.raises(FormulaError, match="order"):
        clm("y ~ x", data)
