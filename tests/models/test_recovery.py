"""Simulated samples give back their coefficients, and 95 % intervals cover them as often as they say."""

import numpy as np
import pytest

from corrtip.models.model import fit_arrays
from corrtip.models.profile import profile_intervals
from corrtip.robustness.resampling import bootstrap

BETA = np.array([1.0, -0.5])
CUTS = np.array([-1.0, 0.5, 2.0])
TRUE = np.concatenate([CUTS, BETA])
LEVELS, NAMES = ("1", "2", "3", "4"), ("a", "b")


def within_binomial_error(covered):
    """Shares of intervals that hold the truth, against 95 % give or take 3.3 binomial standard errors: five
    parameters are looked at, and a right program should fail once in two hundred seeds."""
    share = np.mean(covered, axis=0)
    error = np.sqrt(0.95 * 0.05 / len(covered))
    return bool((np.abs(share - 0.95) < 3.3 * error).all())


def held(intervals):
    return (intervals["conf_low"].to_numpy() <= TRUE) & (intervals["conf_high"].to_numpy() >= TRUE)


def fitted(seed, **options):
    rng = np.random.default_rng([150, seed])
    x = rng.normal(size=(150, 2))
    y = np.digitize(x @ BETA + rng.logistic(size=150), CUTS)
    return fit_arrays(y, x, levels=LEVELS, names=NAMES, **options)


@pytest.fixture(scope="module")
def fits():
    return [fitted(seed) for seed in range(500)]


def test_coefficients_come_back(fits):
    estimates = np.array([fit.estimate.params for fit in fits])
    error = estimates.std(axis=0) / np.sqrt(len(fits))
    # Maximum likelihood is biased outwards by some 2 % at n = 150; the simulation's own error comes on top.
    assert (np.abs(estimates.mean(axis=0) - TRUE) < 0.04 * np.abs(TRUE) + 3.0 * error).all()
    mean_error = np.array([fit.bse.to_numpy() for fit in fits]).mean(axis=0)
    np.testing.assert_allclose(mean_error, estimates.std(axis=0), rtol=0.1)  # 500 draws know a spread to 3 %


def test_wald_intervals_cover(fits):
    assert within_binomial_error([held(fit.conf_int()) for fit in fits])


def test_profile_intervals_cover(fits):
    assert within_binomial_error([held(profile_intervals(fit)) for fit in fits[:200]])


@pytest.mark.parametrize("method", ["percentile", "bca"])
def test_bootstrap_intervals_cover(fits, method):
    assert within_binomial_error([held(bootstrap(fit, n=199).tidy(method=method)) for fit in fits[:100]])


def test_cluster_intervals_cover_where_errors_are_shared():
    """Forty clusters of ten rows; a column is constant within a cluster and errors are shared by pairs of rows."""
    covered = []
    for seed in range(500):
        rng = np.random.default_rng([151, seed])
        x = rng.normal(size=(400, 2))
        x[:, 0] = np.repeat(rng.normal(size=40), 10)
        errors = np.repeat(rng.logistic(size=200), 2)
        y = np.digitize(x @ BETA + errors, CUTS)
        fit = fit_arrays(y, x, levels=LEVELS, names=NAMES, groups=np.repeat(np.arange(40), 10), cov_type="cluster")
        covered.append(held(fit.conf_int()))
    assert within_binomial_error(covered)
