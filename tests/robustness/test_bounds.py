import numpy as np
import pytest

from corrtip.errors import SpecError
from corrtip.robustness.blocks import Run
from corrtip.robustness.bounds import extreme_bounds
from corrtip.spec import Spec

POOL = ("urban_population", "gdp_growth", "merchandise_trade", "slum_population")


@pytest.fixture(scope="module")
def spec():
    return Spec(outcome="tier", focal="cpi_pre2012", years=(2005, 2005))


@pytest.fixture(scope="module")
def found(panel, spec):
    return extreme_bounds(panel, spec, pool=POOL, size=2)


def test_the_bounds_hold_every_estimate_and_name_what_left_the_pool(found):
    (focal,) = found.focals
    assert focal.pool == POOL[:3]
    assert set(focal.left_out) == {"slum_population"}
    assert found.models == 3
    table = found.tidy().set_index("scale")
    for line in table.itertuples():
        assert line.lower_bound <= line.lowest <= line.median <= line.highest <= line.upper_bound
        assert line.models == 3
    # Cleaner countries stand in better tiers: a rise of the index raises the chance of tier 1 and lowers y*.
    assert (table.loc["effect", "lowest"], table.loc["latent", "highest"]) > (0.0, -1.0)
    assert table.loc["latent", "highest"] < 0.0


def test_outcomes_count_every_model(found):
    assert found.outcomes()["models"].sum() == found.models


def test_the_result_does_not_depend_on_the_number_of_processes(panel, spec, found):
    seen = []
    run = Run(jobs=2, progress=lambda done, total: seen.append((done, total)))
    two = extreme_bounds(panel, spec, pool=POOL, size=2, run=run)
    np.testing.assert_array_equal(two.focals[0].fits.estimate, found.focals[0].fits.estimate)
    assert seen == [(0, 3), (3, 3)]


def test_what_cannot_be_asked_is_refused(panel, spec):
    with pytest.raises(SpecError, match="cover 60% of the rows"):
        extreme_bounds(panel, spec, pool=POOL, size=4)
    with pytest.raises(SpecError, match="a clm of one year"):
        extreme_bounds(panel, spec.replace(estimator="ols"), pool=POOL, size=1)
