import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from scipy import stats

from corrtip.errors import ModelError
from corrtip.models.fitstats import ranking
from corrtip.models.links import LINKS, get_link
from corrtip.models.model import clm, fit_arrays
from corrtip.models.predict import cut_points
from corrtip.models.residuals import plot_residuals, surrogate_residuals

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


@pytest.mark.parametrize("link", LINKS)
def test_the_plot_draws_what_it_says(link, simulated):
    data = simulated(link, rows=120).assign(w=lambda rows: np.where(rows.index < 20, 0.0, 1.0))
    fit = clm("y ~ x + z", data, link=link, weights="w")
    residuals = surrogate_residuals(fit, seed=2).to_numpy()[20:]
    quantiles, fitted, variable = (Figure().subplots() for _ in range(3))
    assert plot_residuals(fit, seed=2, ax=quantiles) is quantiles
    assert plot_residuals(fit, against="fitted", seed=2, ax=fitted) is fitted
    assert plot_residuals(fit, against="z", seed=2, ax=variable) is variable
    np.testing.assert_array_equal(points(quantiles)[1], np.sort(residuals))
    np.testing.assert_array_equal(points(fitted), [ranking(fit)[20:], residuals])
    np.testing.assert_array_equal(points(variable), [data["z"].to_numpy()[20:], residuals])
    assert quantiles.get_xlabel() == f"Quantile of the {link} distribution"
    assert (fitted.get_xlabel(), variable.get_xlabel()) == ("Linear predictor", "z")


def points(axes):
    (line,) = [line for line in axes.lines if line.get_marker() == "o"]
    return np.asarray(line.get_data())


def test_the_plot_makes_its_own_axes_and_names_what_it_cannot_draw(simulated, wine):
    import matplotlib.pyplot as plt

    partial = clm("y ~ x", simulated("logit"), nominal="~ b")
    axes = plot_residuals(partial, against="fitted")
    assert axes.get_xlabel() == "Expected level number"
    plt.close(axes.figure)
    with pytest.raises(ModelError, match="not in the model"):
        plot_residuals(partial, against="fited", ax=Figure().subplots())
    with pytest.raises(ModelError, match='"temp" is a category'):
        plot_residuals(clm("rating ~ temp", wine), against="temp", ax=Figure().subplots())
