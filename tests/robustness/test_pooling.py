from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from corrtip.errors import ModelError
from corrtip.models.model import fit_arrays
from corrtip.robustness.pooling import pool, pool_arrays

# Both sides are a dozen rounded operations.
RUBIN = 1e-10
SAMPLES = 300


@pytest.fixture
def draws():
    rng = np.random.default_rng(3)
    params = rng.normal([1.0, -2.0], [0.2, 0.5], size=(7, 2))
    covariances = np.array([np.diag([0.3, 0.7]) * factor for factor in rng.uniform(0.8, 1.2, 7)])
    return params, covariances


def test_rubins_rules_agree_with_an_exact_computation(draws):
    params, covariances = draws
    found = pool_arrays(params, covariances, names=("a", "b"), nobs=100)
    for place in range(2):
        estimates = [Fraction(float(value)) for value in params[:, place]]
        variances = [Fraction(float(value)) for value in covariances[:, place, place]]
        m = len(estimates)
        mean = sum(estimates) / m
        within = sum(variances) / m
        between = sum((value - mean) ** 2 for value in estimates) / (m - 1)
        total = within + between * Fraction(m + 1, m)
        share = between * Fraction(m + 1, m) / total
        rubin = Fraction(m - 1) / share**2
        complete = Fraction(98)
        observed = (complete + 1) / (complete + 3) * complete * (1 - share)
        df = rubin * observed / (rubin + observed)
        ratio = between * Fraction(m + 1, m) / within
        fmi = (ratio + 2 / (df + 3)) / (ratio + 1)
        assert found.params[place] == pytest.approx(float(mean), rel=RUBIN)
        assert found.covariance[place, place] == pytest.approx(float(total), rel=RUBIN)
        assert found.df[place] == pytest.approx(float(df), rel=RUBIN)
        assert found.fmi[place] == pytest.approx(float(fmi), rel=RUBIN)
        row = found.tidy().iloc[place]
        reach = stats.t.ppf(0.975, float(df)) * float(total) ** 0.5
        assert row["conf_high"] - row["estimate"] == pytest.approx(reach, rel=RUBIN)


def test_equal_data_sets_have_no_missing_information():
    found = pool_arrays(np.ones((5, 1)), np.full((5, 1, 1), 0.25), names=("a",), nobs=1_000)
    assert found.covariance[0, 0] == 0.25
    assert found.fmi[0] < 0.003


def test_pooled_intervals_cover():
    # A mean of normal data, 30 % of which are missing and drawn from their posterior: the textbook case.
    rng = np.random.default_rng(11)
    covered = 0
    for _ in range(SAMPLES):
        seen = rng.normal(size=35)
        params, variances = [], []
        for _ in range(20):
            sd = np.sqrt(seen.var(ddof=1) * 34 / rng.chisquare(34))
            centre = seen.mean() + sd / np.sqrt(35) * rng.normal()
            whole = np.append(seen, rng.normal(centre, sd, 15))
            params.append([whole.mean()])
            variances.append([[whole.var(ddof=1) / 50]])
        row = pool_arrays(np.array(params), np.array(variances), names=("mean",), nobs=50).tidy().iloc[0]
        covered += row["conf_low"] < 0.0 < row["conf_high"]
    # Within three binomial standard errors of 95 %.
    assert abs(covered / SAMPLES - 0.95) < 3 * np.sqrt(0.95 * 0.05 / SAMPLES)


def test_fits_are_pooled_by_their_labels():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(80, 1))
    fits = [
        fit_arrays(np.digitize(x[:, 0] + rng.logistic(size=80), [-1.0, 1.0]), x, levels="abc", names=["x"])
        for _ in range(3)
    ]
    found = pool(fits)
    assert found.names == ("a|b", "b|c", "x")
    assert found.params == pytest.approx(np.mean([fit.params for fit in fits], axis=0))


def test_what_cannot_be_pooled_is_refused(draws):
    params, covariances = draws
    with pytest.raises(ModelError, match="two or more"):
        pool_arrays(params[:1], covariances[:1], names=("a", "b"), nobs=10)
    params[2] = np.nan
    with pytest.raises(ModelError, match="1 of 7 data sets have no estimate"):
        pool_arrays(params, covariances, names=("a", "b"), nobs=10)

    class Other:
        params = pd.Series({"b": 1.0})
        nobs = 10.0

    class One:
        params = pd.Series({"a": 1.0})
        nobs = 10.0

    with pytest.raises(ModelError, match="different parameters"):
        pool([One(), Other()])
