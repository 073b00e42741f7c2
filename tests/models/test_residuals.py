import numpy as np
import pandas as pd
import pytest
from scipy import stats

from corrtip.models.links import LINKS, get_link
from corrtip.models.model import clm, fit_arrays
from corrtip.models.predict import cut_points
from corrtip.models.residuals import surrogate_residuals

# A fixed seed; a right model stays above, a wrong one far below.
LIKELY, UNLIKELY = 0.05, 1e-6


@pytest.fixture(scope="module")
def simulated():
    """Return rows that follow the link, with a spread that depends on z and a threshold that depends on b."""

    def make(link, rows=800):
        rng = np.random.default_rng(11)
        data = pd.DataFrame(
            {"x": rng.normal(size=rows), "z": rng.normal(size=rows), "b": rng.integers(0, 2, rows), "w": 1.0}
        )
        error = get_link(link).ppf(rng.random(rows)) * np.exp(0.4 * data["z"])
        latent = data["x"] + 0.5 * data["z"] + error
        cuts = np.array([-1.5, 0.0, 1.5]) + data["b"].to_numpy()[:, None] * np.array([0.8, 0.0, -0.4])
        return data.assign(
            y=(latent.to_numpy()[:, None] > cuts).sum(axis=1), bent=np.digitize(latent + x2(data), [0, 2])
        )

    def x2(data):
        return 0.8 * data["x"] ** 2

    return make


@pytest.mark.parametrize("link", LINKS)
def test_residuals_of_a_right_model_follow_the_link(link, simulated):
    data = simulated(link)
    fit = clm("y ~ x + z", data, link=link, nominal="~ b", scale="~ z")
    found = surrogate_residuals(fit, seed=3)
    distribution = get_link(link).cdf
    assert stats.kstest(found, distribution).pvalue > LIKELY
    for part in (data["b"] == 1, data["z"] > 0.5, data["x"] < -0.5):
        assert stats.kstest(found[part], distribution).pvalue > LIKELY


def test_residuals_of_a_wrong_link_do_not():
    rng = np.random.default_rng(12)
    x = rng.normal(size=3000)
    latent = 2.0 * x + get_link("loglog").ppf(rng.random(3000))
    data = pd.DataFrame({"x": x, "y": np.digitize(latent, [-2.0, -1.0, 0.0, 1.0, 2.0])})
    right, wrong = (surrogate_residuals(clm("y ~ x", data, link=link)) for link in ("loglog", "cloglog"))
    assert stats.kstest(right, get_link("loglog").cdf).pvalue > LIKELY
    assert stats.kstest(wrong, get_link("cloglog").cdf).pvalue < UNLIKELY


@pytest.mark.parametrize("link", LINKS)
def test_each_residual_lies_between_the_cut_points_of_its_level(link, simulated):
    fit = clm("y ~ x + z", simulated(link), link=link, nominal="~ b", scale="~ z")
    cuts = cut_points(fit.estimate.design.layout, fit.estimate.params, fit.rows())
    edge = np.full((len(cuts), 1), np.inf)
    bounds, rows = np.concatenate([-edge, cuts, edge], axis=1), np.arange(len(cuts))
    codes = fit.estimate.problem.codes
    for seed in range(3):
        found = surrogate_residuals(fit, seed).to_numpy()
        assert np.isfinite(found).all()
        assert (bounds[rows, codes] <= found).all()
        assert (found <= bounds[rows, codes + 1]).all()


@pytest.mark.parametrize("link", LINKS)
def test_far_tails_keep_their_digits(link):
    # One row far from the others on each side: its level had next to no chance.
    rng = np.random.default_rng(5)
    x = np.concatenate([rng.normal(size=300), [40.0, -40.0]])
    y = np.concatenate([np.digitize(x[:300] + rng.logistic(size=300), [-0.5, 0.5]), [1, 1]])
    fit = fit_arrays(y, x[:, None], levels=list("abc"), names=["x"], link=link)
    found = surrogate_residuals(fit).to_numpy()[-2:]
    cuts = cut_points(fit.estimate.design.layout, fit.estimate.params, fit.rows())[-2:]
    share = (found - cuts[:, 0]) / (cuts[:, 1] - cuts[:, 0])
    assert ((share > 0.0) & (share < 1.0)).all()


def test_a_seed_decides(simulated):
    fit = clm("y ~ x", simulated("logit"))
    pd.testing.assert_series_equal(surrogate_residuals(fit, seed=4), surrogate_residuals(fit, seed=4))
    assert (surrogate_residuals(fit, seed=4) != surrogate_residuals(fit, seed=5)).all()
    pd.testing.assert_index_equal(surrogate_residuals(fit).index, fit.data.index)


def test_a_missing_bend_shows_against_its_variable(simulated):
    data = simulated("probit")
    straight, bent = clm("bent ~ x + z", data, link="probit"), clm("bent ~ x + I(x ** 2) + z", data, link="probit")
    # The square of x goes with the residuals of the first model only.
    assert stats.spearmanr(surrogate_residuals(straight), data["x"] ** 2).pvalue < UNLIKELY
    assert stats.spearmanr(surrogate_residuals(bent), data["x"] ** 2).pvalue > LIKELY
