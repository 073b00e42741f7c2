"""Drawings of residuals: every row a point where its residual says, and refusals that name what cannot be drawn."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from corrtip.errors import ModelError
from corrtip.models.fitstats import ranking
from corrtip.models.links import LINKS, get_link
from corrtip.models.model import clm
from corrtip.models.residuals import surrogate_residuals
from corrtip.report.residual_figures import plot_residuals
from corrtip.report.style import drawn, new_axes


def simulated(link: str = "logit") -> pd.DataFrame:
    """Return rows of four levels that follow the link, of which the first twenty weigh nothing."""
    rng = np.random.default_rng(11)
    data = pd.DataFrame({"x": rng.normal(size=120), "z": rng.normal(size=120), "b": ["low", "high"] * 60})
    latent = data["x"] + 0.5 * data["z"] + get_link(link).ppf(rng.random(120))
    levels = pd.cut(latent, [-np.inf, -1.5, 0.0, 1.5, np.inf], labels=list("abcd"))
    return data.assign(y=levels, w=np.where(data.index < 20, 0.0, 1.0))


def points(axes) -> np.ndarray:
    (line,) = [line for line in axes.lines if line.get_marker() == "o"]
    return np.asarray(line.get_data())


@pytest.mark.parametrize("link", LINKS)
def test_the_plot_draws_what_it_says(link):
    data = simulated(link)
    fit = clm("y ~ x + z", data, link=link, weights="w")
    residuals = surrogate_residuals(fit, seed=2).to_numpy()[20:]
    quantiles, fitted, variable = (new_axes() for _ in range(3))
    assert plot_residuals(fit, seed=2, ax=quantiles) is quantiles
    assert plot_residuals(fit, against="fitted", seed=2, ax=fitted) is fitted
    assert plot_residuals(fit, against="z", seed=2, ax=variable) is variable
    np.testing.assert_array_equal(points(quantiles)[1], np.sort(residuals))
    np.testing.assert_array_equal(points(fitted), [ranking(fit)[20:], residuals])
    np.testing.assert_array_equal(points(variable), [data["z"].to_numpy()[20:], residuals])
    assert quantiles.get_xlabel() == f"Quantile of the {link} distribution"
    assert (fitted.get_xlabel(), variable.get_xlabel()) == ("Linear predictor", "z")
    # The others are drawn alike under every link.
    for axes in (quantiles, fitted, variable) if link == "logit" else (quantiles,):
        drawn(axes, "residuals")


def test_the_plot_makes_its_own_axes():
    axes = plot_residuals(clm("y ~ x", simulated(), nominal="~ z"), against="fitted")
    assert axes.get_xlabel() == "Expected level number"
    drawn(axes, "own")


@pytest.mark.parametrize(
    ("against", "problem"), [("fited", "not in the model"), ("b", '"b" is a category')], ids=["unknown", "category"]
)
def test_what_cannot_be_drawn_is_named_before_anything_is(against, problem):
    import matplotlib.pyplot as plt

    before = plt.get_fignums()
    with pytest.raises(ModelError, match=problem):
        plot_residuals(clm("y ~ x + b", simulated()), against=against)
    assert plt.get_fignums() == before
