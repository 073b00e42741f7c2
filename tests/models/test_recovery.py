"""Simulated samples give back their coefficients, and 95 % intervals cover them as often as they say."""

from pathlib import Path

import numpy as np
import pytest

from corrtip.models.model import fit_arrays
from corrtip.models.profile import profile_intervals
from corrtip.robustness.resampling import bootstrap

BETA = np.array([1.0, -0.5])
CUTS = np.array([-1.0, 0.5, 2.0])
TRUE = np.concatenate([CUTS, BETA])
LEVELS, NAMES = ("1", "2", "3", "4"), ("a", "b")
PAGE = Path(__file__).parents[2] / "docs" / "coverage.md"


def as_documented(covered, row):
    """Return the shares of intervals that hold the truth, which must be what docs/coverage.md prints in a row."""
    share = np.mean(covered, axis=0)
    cells = next(line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith(f"| {row}"))
    samples, printed = [cell.strip() for cell in cells.strip("|").split("|")][1:]
    digits = 1 if len(covered) > 100 else 0
    assert int(samples) == len(covered)
    assert printed == f"{100.0 * share.min():.{digits}f} %, {100.0 * share.max():.{digits}f} %"
    return share


def covers(covered, row):
    """Return whether the shares are near 95 %.

    Near is 3.3 binomial standard errors: five parameters are looked at, and a right program should fail once in two
    hundred seeds.
    """
    error = np.sqrt(0.95 * 0.05 / len(covered))
    return bool((np.abs(as_documented(covered, row) - 0.95) < 3.3 * error).all())


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
    assert covers([held(fit.conf_int()) for fit in fits], "Wald |")


def test_profile_intervals_cover(fits):
    assert covers([held(profile_intervals(fit)) for fit in fits], "Profile likelihood")


@pytest.mark.parametrize(("method", "row"), [("percentile", "Bootstrap, percentile"), ("bca", "Bootstrap, BCa")])
def test_bootstrap_intervals_cover(fits, method, row):
    assert covers([held(bootstrap(fit, n=199).tidy(method=method)) for fit in fits[:100]], row)


def clustered(cov_type, clusters):
    """Return what 500 fits cover: clusters of ten rows, a column constant within each, errors shared by pairs."""
    rows, groups = 10 * clusters, np.repeat(np.arange(clusters), 10)
    covered = []
    for seed in range(500):
        rng = np.random.default_rng([151, seed])
        x = rng.normal(size=(rows, 2))
        x[:, 0] = rng.normal(size=clusters)[groups]
        y = np.digitize(x @ BETA + np.repeat(rng.logistic(size=rows // 2), 2), CUTS)
        fit = fit_arrays(y, x, levels=LEVELS, names=NAMES, groups=groups, cov_type=cov_type)
        covered.append(held(fit.conf_int()))
    return covered


def test_cluster_intervals_cover_where_errors_are_shared():
    assert covers(clustered("cluster", 40), "Wald with the cluster sandwich, 40")


def test_intervals_without_the_sandwich_fall_short_there():
    # All but the coefficient of the column that varies freely within clusters.
    assert as_documented(clustered("nonrobust", 40), "Wald without")[:4].max() < 0.9


@pytest.mark.filterwarnings("ignore:groups. 12 clusters")
def test_few_clusters_cover_less_than_they_say():
    assert as_documented(clustered("cluster", 12), "Wald with the cluster sandwich, 12").max() < 0.95
