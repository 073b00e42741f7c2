import numpy as np
import pytest

from corrtip.models.links import LINKS
from corrtip.models.model import fit_arrays
from corrtip.models.newton import Status
from corrtip.robustness.redrawn import fit_redrawn

# What a quick fit promises.
NINE_DIGITS = 1e-9


@pytest.mark.parametrize("link", LINKS)
def test_each_draw_is_the_single_fit_of_its_columns(link):
    rng = np.random.default_rng(5)
    fixed = rng.normal(3.0, 2.0, size=(120, 2))
    drawn = rng.normal(50.0, 9.0, size=(6, 120, 2))
    codes = np.digitize(0.5 * fixed[:, 0] + 0.1 * drawn[0, :, 0] + rng.logistic(size=120), [5.5, 6.5, 8.0])
    found = fit_redrawn(codes, drawn, fixed, n_levels=4, link=link)
    assert found.usable.all()
    for draw in range(6):
        x = np.column_stack([drawn[draw], fixed])
        alone = fit_arrays(codes, x, levels=list("abcd"), names=list("klmn"), link=link)
        np.testing.assert_allclose(found.params[draw], alone.params, rtol=NINE_DIGITS, atol=NINE_DIGITS)
        np.testing.assert_allclose(found.covariances[draw], alone.cov_params(), rtol=1e-8, atol=1e-10)
        assert found.llf[draw] == pytest.approx(alone.llf, rel=NINE_DIGITS)


def test_a_draw_that_separates_keeps_its_place():
    rng = np.random.default_rng(5)
    codes = np.repeat([0, 1, 2], 20)
    drawn = rng.normal(size=(3, 60, 1))
    drawn[1, :, 0] = codes
    found = fit_redrawn(codes, drawn, np.empty((60, 0)), n_levels=3, link="logit")
    assert found.status[1] != Status.CONVERGED
    assert np.isnan(found.params[1]).all()
    assert found.usable.tolist() == [True, False, True]
