from itertools import combinations

import numpy as np
import pytest

from corrtip.models.links import LINKS, get_link
from corrtip.models.model import fit_arrays
from corrtip.robustness.subsets import Outcome, Pool, fit_block, join, prefixes

# A batched fit starts elsewhere than a single one and stops by the same rule at the same maximum.
SAME_MAXIMUM = 1e-9


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(3)
    factors = rng.normal(size=(150, 2))
    pool = factors @ rng.normal(size=(2, 7)) + rng.normal(size=(150, 7))
    focal = factors[:, 0] + rng.normal(size=150)
    codes = np.digitize(-focal + factors[:, 1] + rng.logistic(size=150), [-1.5, 0.5, 2.0])
    pool[rng.random(pool.shape) < 0.1] = np.nan
    focal[:3] = np.nan
    return Pool(codes=codes, n_levels=4, focal=focal, always=np.empty((150, 0)), pool=pool)


def every(data, link, size):
    return join([fit_block(data, get_link(link), prefix, size) for prefix in prefixes(data.pool.shape[1], size)])


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 7])
def test_every_subset_comes_once(data, size):
    found = every(data, "logit", size)
    assert sorted(map(tuple, found.subsets)) == list(combinations(range(7), size))


@pytest.mark.parametrize("link", list(LINKS))
def test_each_model_equals_the_single_fit_of_its_complete_rows(data, link):
    found = every(data, link, 4)
    for place, subset in enumerate(found.subsets):
        x = np.column_stack([data.focal, data.pool[:, subset]])
        rows = np.isfinite(x).all(axis=1)
        assert found.n[place] == rows.sum()
        alone = fit_arrays(
            data.codes[rows], x[rows], levels=list("abcd"), names=["f", *(f"x{i}" for i in range(4))], link=link
        )
        assert found.estimate[place] == pytest.approx(alone.params["f"], rel=SAME_MAXIMUM)
        assert found.std_error[place] == pytest.approx(alone.bse["f"], rel=SAME_MAXIMUM)
        assert found.llf[place] == pytest.approx(alone.llf, rel=SAME_MAXIMUM)
        latent = x[rows] @ alone.coefficients.to_numpy()
        assert found.latent_sd[place] == pytest.approx(latent.std(), rel=SAME_MAXIMUM)
        step = 1e-5
        raised = np.column_stack([x[rows][:, 0] + step, x[rows][:, 1:]])
        change = (alone.predict(raised)["a"] - alone.predict(x[rows])["a"]).mean() / step
        # A one-sided difference of step 1e-5 is off by some 1e-5 of itself.
        assert found.average_effect[place] == pytest.approx(change, rel=1e-3)


def test_a_model_that_is_not_fitted_keeps_its_place_with_the_reason(data):
    pool = data.pool.copy()
    pool[:100, 0] = np.nan
    pool[data.codes == 3, 1] = np.nan
    pool[:, 2] = data.codes == 0
    found = every(Pool(codes=data.codes, n_levels=4, focal=data.focal, always=data.always, pool=pool), "logit", 1)
    outcomes = dict(zip(found.subsets[:, 0], found.outcome, strict=True))
    assert outcomes[0] == Outcome.TOO_FEW_ROWS
    assert outcomes[1] == Outcome.THIN_LEVEL
    assert outcomes[2] == Outcome.NO_MAXIMUM
    assert outcomes[3] == Outcome.FITTED
    assert np.isnan(found.std_error[found.outcome != Outcome.FITTED]).all()
