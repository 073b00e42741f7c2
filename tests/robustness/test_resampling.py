import os

import numpy as np
import pytest

from corrtip.errors import ModelError
from corrtip.models.model import fit_arrays
from corrtip.robustness.blocks import Run
from corrtip.robustness.resampling import (
    BLOCK,
    bootstrap,
    draw_weights,
    influence,
    refit_draws,
    score_bootstrap,
    step_draws,
)

LEVELS = ("1", "2", "3", "4")
NAMES = ("a", "b", "c")
# A batched fit and a single one stop at slightly different points on the way to the same maximum.
SAME_MAXIMUM = 1e-9


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(7)
    x = rng.normal(size=(150, 3))
    y = np.digitize(x @ [1.0, -0.5, 0.0] + rng.logistic(size=150), [-1.0, 0.5, 2.0])
    return y, x


@pytest.fixture(scope="module")
def fit(data):
    y, x = data
    return fit_arrays(y, x, levels=LEVELS, names=NAMES, groups=np.arange(150) // 3)


def test_a_draw_is_the_fit_of_its_rows(data, fit):
    y, x = data
    found = bootstrap(fit, n=3, seed=5)
    counts = draw_weights(np.arange(150), 5, 3).astype(int)
    for draw, count in zip(found.draws, counts, strict=True):
        rows = np.repeat(np.arange(150), count)
        alone = fit_arrays(y[rows], x[rows], levels=LEVELS, names=NAMES)
        np.testing.assert_allclose(draw, alone.params, rtol=SAME_MAXIMUM, atol=SAME_MAXIMUM)


def test_the_bits_do_not_depend_on_the_number_of_processes_or_of_further_draws(fit):
    one, two = bootstrap(fit, n=BLOCK + 50, seed=1), bootstrap(fit, n=BLOCK + 50, seed=1, run=Run(jobs=2))
    # Workers give BLAS one thread, make gives this process one too; with more it splits its sums elsewhere.
    rounding = 0.0 if os.environ.get("OPENBLAS_NUM_THREADS") == "1" else 1e-10
    np.testing.assert_allclose(one.draws, two.draws, rtol=rounding)
    np.testing.assert_array_equal(one.draws[:BLOCK], bootstrap(fit, n=BLOCK, seed=1).draws)
    assert not np.array_equal(one.draws, bootstrap(fit, n=BLOCK + 50, seed=2).draws)


def test_clusters_are_drawn_whole(fit):
    counts = draw_weights(np.arange(150) // 3, 1, 20)
    np.testing.assert_array_equal(counts[:, ::3], counts[:, 1::3])
    assert (counts.sum(axis=1) == 150).all()
    assert np.isfinite(bootstrap(fit, n=20, clusters=True).draws).all()


def test_standard_errors_and_intervals_are_near_walds_where_the_model_is_right(fit):
    wald = fit.tidy().set_index("term").loc[list(NAMES)]
    for method in ("percentile", "bca"):
        found = bootstrap(fit, n=1000, seed=3).tidy(method=method).set_index("term").loc[list(NAMES)]
        # n = 150 and 1,000 draws: the bootstrap's own error is some 3 %, the model's finite-sample gap some 15 %.
        np.testing.assert_allclose(found["std_error"], wald["std_error"], rtol=0.25)
        assert (found["conf_low"] < wald["estimate"]).all()
        assert (found["conf_high"] > wald["estimate"]).all()


@pytest.mark.parametrize(
    ("cov_type", "options"),
    [
        ("HC0", {}),
        ("CR0", {}),
        ("HC0", {"weights": np.arange(150) % 4 + 0.5, "weight_type": "sampling"}),
        ("HC0", {"scale": np.sin(np.arange(150.0))[:, None], "scale_names": ["s"], "link": "probit"}),
    ],
)
def test_one_step_draws_have_the_sandwich_as_their_covariance(data, cov_type, options):
    y, x = data
    units = np.arange(150) // 3 if cov_type == "CR0" else np.arange(150)
    found = fit_arrays(y, x, levels=LEVELS, names=NAMES, groups=units, cov_type=cov_type, **options)
    # Draws are linear in the weights; counts of U units drawn with replacement have covariance I - 1 / U.
    count = units.max() + 1
    steps = step_draws(found, 1.0 + np.eye(count)[:, units]) - found.estimate.params
    over_all_draws = steps.T @ (np.eye(count) - 1.0 / count) @ steps
    np.testing.assert_allclose(over_all_draws, found.estimate.covariance, rtol=1e-8, atol=1e-12)


def test_a_preview_is_near_the_bootstrap_of_the_same_draws(fit):
    preview, whole = score_bootstrap(fit, n=1000, seed=3), bootstrap(fit, n=1000, seed=3)
    for place in range(len(fit.names)):
        assert np.corrcoef(preview.draws[:, place], whole.draws[:, place])[0, 1] > 0.95
    # At n = 150 refits spread some 5 % wider than one step from the estimate.
    ratio = preview.tidy()["std_error"] / whole.tidy()["std_error"]
    assert ratio.between(0.85, 1.0).all()


def test_a_preview_says_that_it_is_one(data, fit):
    y, x = data
    preview = score_bootstrap(fit, n=20, clusters=True)
    assert not preview.refitted
    assert bootstrap(fit, n=5).refitted
    assert np.isnan(preview.llf).all()
    with pytest.raises(ModelError, match="know no skewness"):
        preview.tidy(method="bca")
    with pytest.raises(ModelError, match="one draw or more"):
        score_bootstrap(fit, n=0)
    with pytest.raises(ModelError, match="bias reduced"):
        score_bootstrap(fit_arrays(y, x, levels=LEVELS, names=NAMES, separation="reduce_bias"))


def test_bca_follows_a_known_case():
    """For the mean of an exponential sample, z0 and a are known in closed form up to resampling noise."""
    from corrtip.robustness.resampling import _bca_levels

    rng = np.random.default_rng(11)
    sample = rng.exponential(size=60)
    draws = rng.choice(sample, size=(20_000, 60)).mean(axis=1)[:, None]
    left_out = ((sample.sum() - sample) / 59)[:, None]
    levels = _bca_levels(draws, np.array([sample.mean()]), left_out, np.array([[0.025, 0.975]]))
    skewness = ((sample - sample.mean()) ** 3).mean() / sample.std() ** 3
    acceleration = skewness / (6 * np.sqrt(60))
    assert levels[0, 0] > 0.025
    assert levels[0, 1] > 0.975
    from scipy import stats

    bias = stats.norm.ppf((draws < sample.mean()).mean())
    z = bias + stats.norm.ppf([0.025, 0.975])
    np.testing.assert_allclose(levels[0], stats.norm.cdf(bias + z / (1 - acceleration * z)), rtol=1e-6)


def test_influence_is_the_change_when_a_row_is_left_out(data, fit):
    y, x = data
    rest = np.arange(150) != 4
    alone = fit_arrays(y[rest], x[rest], levels=LEVELS, names=NAMES)
    expected = (alone.params - fit.params) / fit.bse
    np.testing.assert_allclose(influence(fit).iloc[4], expected, atol=SAME_MAXIMUM)


def test_a_draw_without_a_maximum_keeps_its_place(data, fit):
    y, _ = data
    weights = np.ones((2, 150))
    weights[1, y == 3] = 0.0
    params, _, status = refit_draws(fit, weights)
    assert status[0] == 0
    assert status[1] != 0
    assert np.isfinite(params[0]).all()
    assert np.isnan(params[1]).all()


def test_too_many_lost_draws_are_refused_rather_than_dropped():
    y = np.array([0] * 20 + [1] * 20 + [2])
    x = np.random.default_rng(1).normal(size=(41, 1))
    found = bootstrap(fit_arrays(y, x, levels=("1", "2", "3"), names=("x",)), n=200)
    with pytest.raises(ModelError, match="draws have no estimate"):
        found.tidy()


def test_bad_requests(data, fit):
    y, x = data
    with pytest.raises(ModelError, match="one draw or more"):
        bootstrap(fit, n=0)
    with pytest.raises(ModelError, match="no groups"):
        bootstrap(fit_arrays(y, x, levels=LEVELS, names=NAMES), n=5, clusters=True)
