from types import SimpleNamespace

import numpy as np
import pytest

from corrtip.models.design import prepare
from corrtip.models.links import get_link
from corrtip.models.newton import Status, maximise, start_values
from corrtip.models.starts import _best, highest_maximum

# Two starts at the same maximum differ in the likelihood by rounding.
SAME_MAXIMUM = 1e-8
RANDOM_STARTS = 24


def heavy_tailed(seed):
    """Return a small design in which cauchit's likelihood may have several maxima, and its weights."""
    rng = np.random.default_rng(seed)
    x = rng.standard_t(2, size=(40, 3))
    latent = x @ rng.normal(0.0, 1.5, 3) + rng.normal(size=40)
    codes = np.searchsorted(np.quantile(latent, [0.25, 0.5, 0.75]), latent)
    return prepare(codes, x, n_levels=4), np.ones((1, 40))


def from_random_starts(design, link, weights, seed):
    """Return the highest log-likelihood that random starts settle at."""
    rng = np.random.default_rng(seed)
    k = design.layout.n_thresholds
    start = np.repeat(start_values(design, link, weights), RANDOM_STARTS, axis=0)
    start[:, design.layout.location] += rng.normal(0.0, 2.0, (RANDOM_STARTS, design.layout.n_location))
    start[:, :k] = start[:, :k] * rng.uniform(0.3, 5.0, (RANDOM_STARTS, 1)) + rng.normal(size=(RANDOM_STARTS, 1))
    ended = maximise(design, link, np.repeat(weights, RANDOM_STARTS, axis=0), start=start)
    smallest = np.linalg.eigvalsh(ended.at.information)[:, 0]
    return ended.at.llf[(ended.status == Status.CONVERGED) & (smallest > 0.0)].max()


def test_cauchit_ends_at_the_highest_maximum_that_is_found():
    link = get_link("cauchit")
    raised = 0
    for seed in range(60):
        design, weights = heavy_tailed(seed)
        best = highest_maximum(design, link, weights)
        one = maximise(design, link, weights)
        if best.status[0] != Status.CONVERGED:
            continue
        assert best.at.llf[0] >= from_random_starts(design, link, weights, seed) - SAME_MAXIMUM
        raised += bool(best.at.llf[0] > one.at.llf[0] + SAME_MAXIMUM)
    assert raised >= 1  # else these designs show nothing


@pytest.mark.parametrize("link", ["logit", "probit", "cloglog", "loglog"])
def test_a_concave_likelihood_is_climbed_once(link):
    design, weights = heavy_tailed(1)
    np.testing.assert_array_equal(
        highest_maximum(design, get_link(link), weights).params, maximise(design, get_link(link), weights).params
    )


def test_scale_terms_are_climbed_from_the_neighbours_too():
    rng = np.random.default_rng(2)
    x, z = rng.normal(size=(60, 2)), rng.normal(size=(60, 1))
    latent = x @ [1.0, -1.0] + rng.logistic(size=60) * np.exp(0.5 * z[:, 0])
    codes = np.searchsorted(np.quantile(latent, [0.3, 0.7]), latent)
    design, weights = prepare(codes, x, n_levels=3, scale=z), np.ones((1, 60))
    for link in ("logit", "cauchit"):
        best = highest_maximum(design, get_link(link), weights)
        assert best.status[0] == Status.CONVERGED
        assert best.at.llf[0] >= maximise(design, get_link(link), weights).at.llf[0] - SAME_MAXIMUM
        assert best.params.shape == (1, design.layout.size)


def test_what_runs_to_infinity_is_kept_as_a_suspect():
    codes = np.repeat([0, 1, 2], 10)
    design = prepare(codes, codes[:, None] + np.linspace(-0.3, 0.3, 30)[:, None], n_levels=3)
    assert highest_maximum(design, get_link("cauchit"), np.ones((1, 30))).status[0] != Status.CONVERGED


def test_a_saddle_that_is_as_high_is_no_maximum():
    saddle, maximum = np.diag([-1.0, 2.0]), np.diag([1.0, 2.0])
    ended = SimpleNamespace(
        at=SimpleNamespace(llf=np.array([-5.0, -5.0]), information=[saddle, maximum]),
        status=[Status.CONVERGED, Status.CONVERGED],
    )
    assert _best(ended) == 1
