import numpy as np
import pytest

from corrtip.data.sample import build_sample
from corrtip.errors import SpecError
from corrtip.estimate import fit
from corrtip.robustness.measurement import MeasurementError, published_error
from corrtip.robustness.simex import LAMBDAS, simex, simex_of_arrays
from corrtip.spec import Spec

TRUTH = 1.0
SAMPLES = 30
NAMES = ("1|2", "2|3", "3|4", "x", "z")
# What a quick fit promises.
NINE_DIGITS = 1e-9


def simulated(seed, rows=400):
    """Scores whose error is 0.6 around a truth with coefficient one, beside a control that goes with it."""
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(rows, 1))
    truth = 0.5 * z[:, 0] + rng.normal(size=rows)
    codes = np.digitize(TRUTH * truth - 0.5 * z[:, 0] + rng.logistic(size=rows), [-1.5, 0.0, 1.5])
    return codes, truth + 0.6 * rng.normal(size=rows), z, np.full(rows, 0.6)


def test_it_recovers_the_truth_where_the_naive_fit_does_not():
    tables = [
        simex_of_arrays(*simulated(seed), names=NAMES, draws=40, seed=seed).tidy().set_index("term")
        for seed in range(SAMPLES)
    ]
    naive = np.array([table.loc["x", "naive"] for table in tables])
    corrected = np.array([table.loc["x", "estimate"] for table in tables])
    assert naive.mean() < 0.8
    # The quadratic undoes most of the attenuation; what it leaves is a few hundredths.
    assert abs(corrected.mean() - TRUTH) < 0.1
    covered = sum(table.loc["x", "conf_low"] < TRUTH < table.loc["x", "conf_high"] for table in tables)
    naive_covered = sum(
        abs(table.loc["x", "naive"] - TRUTH) < 1.96 * table.loc["x", "std_error"] * 0.7 for table in tables
    )
    assert covered >= 24  # 95 % of 30 is 28.5; the bias costs a little
    assert naive_covered < 15
    errors = np.mean([table.loc["x", "std_error"] for table in tables])
    assert errors == pytest.approx(corrected.std(ddof=1), rel=0.4)  # a spread of 30 is known to a quarter


def test_without_error_nothing_is_corrected():
    codes, score, z, _ = simulated(1)
    found = simex_of_arrays(codes, score, z, np.zeros(len(codes)), names=NAMES, draws=3)
    np.testing.assert_allclose(found.params, found.path[0], rtol=1e-8)
    np.testing.assert_allclose(found.covariance, found.naive_covariance, rtol=1e-6)


@pytest.fixture(scope="module")
def real(panel):
    sample = build_sample(panel, Spec(outcome="tier", focal="cpi_pre2012", years=(2005, 2005)))
    return sample, published_error(panel, sample)


def test_the_naive_row_is_the_fit_and_the_quadratic_goes_through_the_estimate(real):
    sample, error = real
    found = simex(sample, error)
    alone = fit(sample)
    np.testing.assert_allclose(found.path[0], alone.params, rtol=NINE_DIGITS)
    line = found.extrapolation("cpi_pre2012")
    assert line["multiple"].iloc[[0, -1]].tolist() == [0.0, 1.0 + LAMBDAS[-1]]
    assert line["estimate"].iloc[0] == pytest.approx(found.params[3])
    assert found.reliability == error.reliability
    # More reliable than .98: a correction of a few per cent, away from zero.
    assert 1.0 < found.params[3] / found.path[0, 3] < 1.1


def test_the_same_seed_gives_the_same_answer(real):
    sample, error = real
    one, two = (simex(sample, error, draws=10, seed=4) for _ in range(2))
    np.testing.assert_array_equal(one.params, two.params)


def test_an_error_of_another_variable_is_refused(real):
    sample, error = real
    other = MeasurementError(variable="cpi", std_error=error.std_error, origin="range", reliability=0.9)
    with pytest.raises(SpecError, match="of cpi"):
        simex(sample, other)
