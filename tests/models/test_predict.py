import numpy as np
import pytest

from corrtip.errors import ModelError
from corrtip.models.design import Layout
from corrtip.models.links import LINKS
from corrtip.models.predict import Rows, cut_points, probabilities, probability_gradients

# Probabilities from differences in one tail, against differences of the distribution function.
PROBABILITY = 1e-12
# Central differences of step 1e-6.
DIFFERENCE = 1e-8


@pytest.fixture
def layout():
    return Layout(n_levels=4, n_nominal=1, n_location=2, n_scale=1)


@pytest.fixture
def params():
    return np.array([-1.0, 0.2, 1.5, 0.1, -0.2, 0.3, 0.7, -0.4, 0.25])


@pytest.fixture
def rows():
    rng = np.random.default_rng(8)
    return Rows(
        location=rng.normal(size=(7, 2)),
        nominal=rng.uniform(0.0, 1.0, (7, 1)),
        scale=rng.normal(size=(7, 1)),
        offset=rng.normal(size=7),
    )


def test_cut_points_are_the_formulas(layout, params, rows):
    found = cut_points(layout, params, rows)
    for row in range(7):
        for j in range(3):
            height = params[j] + rows.nominal[row, 0] * params[3 + j]
            height -= rows.location[row] @ params[6:8] + rows.offset[row]
            assert found[row, j] == pytest.approx(height / np.exp(rows.scale[row, 0] * params[8]), rel=1e-14)


@pytest.mark.parametrize("link", LINKS)
def test_probabilities_are_differences_of_the_distribution_and_sum_to_one(layout, params, rows, link):
    cuts = cut_points(layout, params, rows)
    found = probabilities(LINKS[link], cuts)
    below = np.concatenate([np.zeros((7, 1)), LINKS[link].cdf(cuts), np.ones((7, 1))], axis=1)
    assert found == pytest.approx(np.diff(below, axis=1), abs=PROBABILITY)
    assert found.sum(axis=1) == pytest.approx(1.0, rel=PROBABILITY)


@pytest.mark.parametrize("link", LINKS)
def test_gradients_are_derivatives(layout, params, rows, link):
    found = probability_gradients(layout, LINKS[link], params, rows)
    for place in range(layout.size):
        step = np.zeros(layout.size)
        step[place] = 1e-6
        ahead, behind = (
            probabilities(LINKS[link], cut_points(layout, params + sign * step, rows)) for sign in (1.0, -1.0)
        )
        assert found[:, :, place] == pytest.approx((ahead - behind) / 2e-6, abs=DIFFERENCE)


def test_a_far_row_keeps_its_digits():
    layout, far = (
        Layout(n_levels=3, n_location=1),
        Rows(location=np.array([[-200.0]]), nominal=np.empty((1, 0)), scale=np.empty((1, 0))),
    )
    found = probabilities(LINKS["logit"], cut_points(layout, np.array([0.0, 1.0, 1.0]), far))
    assert found[0, 2] == pytest.approx(np.exp(-201.0), rel=1e-12)
    assert found[0, 1] == pytest.approx(np.exp(-200.0) - np.exp(-201.0), rel=1e-12)


def test_crossing_thresholds_are_refused(layout, params, rows):
    params[3] = 5.0
    with pytest.raises(ModelError, match=r"row 0: the cumulative probabilities cross there, and in \d of 7 rows"):
        cut_points(layout, params, rows)
