import numpy as np
import pandas as pd
import pytest

from corrtip.models.model import clm, fit_arrays
from corrtip.models.parallel import parallel_score_test
from corrtip.models.summary import Summary


@pytest.fixture(scope="module")
def uneven():
    """Rows whose spread grows with x, which no set of parallel lines describes."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=500)
    return pd.DataFrame({"y": np.digitize(x + np.exp(0.7 * x) * rng.logistic(size=500), [-1.0, 0.5, 1.5]), "x": x})


def test_a_summary_shows_itself(wine):
    text = clm("rating ~ temp + contact", wine).summary()
    assert isinstance(text, str)
    assert repr(text) == str(text) == Summary(text)


def test_coefficients_come_before_thresholds_and_each_line_fits(wine):
    lines = clm("rating ~ temp + x1", wine, nominal="~ contact", scale="~ temp").summary().splitlines()
    heads = [line.split()[0] for line in lines if line]
    assert heads.index("Coefficients") < heads.index("Thresholds") < heads.index("1|2")
    assert max(map(len, lines)) <= len(lines[1])
    assert "contact[T.yes] [1|2]" in "\n".join(lines)


def test_the_numbers_are_those_of_the_fit(wine):
    fit = clm("rating ~ temp + contact", wine, cov_type="HC1")
    text = fit.summary()
    for value in (f"{fit.llf:.4f}", f"{fit.aic:.3f}", f"{fit.params['temp[T.warm]']:.4g}", f"{fit.bse['1|2']:.4g}"):
        assert value in text
    assert "Covariance            HC1" in text
    assert "1 < 2 < 3 < 4 < 5" in text


def test_signs_are_explained(wine):
    assert "moves rating towards 5." in clm("rating ~ temp", wine).summary()
    assert "opposite sign" not in clm("rating ~ temp", wine).summary()
    assert "opposite sign" in clm("rating ~ temp", wine, nominal="~ contact").summary()


def test_parallel_lines_are_tested_and_a_failure_names_the_remedy(wine, uneven):
    sound, failing = clm("rating ~ temp + contact", wine), clm("y ~ x", uneven)
    statistic = parallel_score_test(sound).table["statistic"].iloc[0]
    assert f"score test {statistic:.3f} on 6 df" in sound.summary()
    assert "nominal=" not in sound.summary()
    assert 'nominal="~ x"' in failing.summary()
    assert 'scale="~ x"' in failing.summary()


def test_where_lines_are_no_assumption_nothing_is_said(uneven, wine):
    codes = (uneven["y"] > 1).to_numpy(dtype=int)
    two = fit_arrays(codes, uneven[["x"]].to_numpy(), levels=["low", "high"], names=["x"])
    for fit in (
        two,
        clm("rating ~ 1", wine),
        clm("rating ~ 1", wine, nominal="~ contact"),
        clm("rating ~ temp", wine, weights="w", weight_type="sampling", cov_type="HC1"),
        clm("rating ~ temp", wine, separation="reduce_bias"),
    ):
        assert "Parallel lines" not in fit.summary()
