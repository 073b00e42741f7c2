import numpy as np
import pytest

from corrtip.data.sample import build_sample
from corrtip.errors import ModelError, SpecError
from corrtip.robustness.measurement import MeasurementError, published_error
from corrtip.robustness.overimputation import draw_scores, overimpute
from corrtip.robustness.pooling import pool_arrays
from corrtip.robustness.redrawn import fit_redrawn
from corrtip.spec import Spec

TRUTH = 1.0
SAMPLES = 30
NAMES = ("1|2", "2|3", "3|4", "x", "z")


def simulated(seed, rows=400):
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(rows, 1))
    truth = 0.5 * z[:, 0] + rng.normal(size=rows)
    codes = np.digitize(TRUTH * truth - 0.5 * z[:, 0] + rng.logistic(size=rows), [-1.5, 0.0, 1.5])
    return codes, truth + 0.6 * rng.normal(size=rows), z, np.full(rows, 0.6)


def pooled(seed):
    codes, score, z, error = simulated(seed)
    drawn = draw_scores(codes, score, z, error, draws=20, seed=seed)
    found = fit_redrawn(codes, drawn[:, :, None], z, n_levels=4, link="logit")
    table = pool_arrays(found.params, found.covariances, names=NAMES, nobs=len(codes)).tidy().set_index("term")
    naive = fit_redrawn(codes, score[None, :, None], z, n_levels=4, link="logit").params[0, 3]
    noisy = score + 0.6 * np.random.default_rng(seed).normal(size=(20, len(score)))
    twice = fit_redrawn(codes, noisy[:, :, None], z, n_levels=4, link="logit").params[:, 3].mean()
    return table.loc["x"], naive, twice


def test_it_recovers_the_truth_and_its_pooled_intervals_cover():
    rows = [pooled(seed) for seed in range(SAMPLES)]
    estimates = np.array([row["estimate"] for row, _, _ in rows])
    assert abs(estimates.mean() - TRUTH) < 3 * estimates.std(ddof=1) / np.sqrt(SAMPLES) + 0.03
    covered = sum(row["conf_low"] < TRUTH < row["conf_high"] for row, _, _ in rows)
    assert covered >= 26  # fewer of 30 happen in one run in 60 at 95 %
    # The naive fit fades, and score plus noise fades twice.
    assert np.mean([twice for _, _, twice in rows]) < np.mean([naive for _, naive, _ in rows]) - 0.1 < TRUTH - 0.3


def test_a_score_without_error_stays_as_it_is():
    codes, score, z, error = simulated(3)
    error[:50] = 0.0
    drawn = draw_scores(codes, score, z, error, draws=4, seed=1)
    np.testing.assert_array_equal(drawn[:, :50], np.tile(score[:50], (4, 1)))
    assert (drawn[:, 50:] != score[50:]).all()


@pytest.fixture(scope="module")
def real(panel):
    sample = build_sample(panel, Spec(outcome="tier", focal="cpi_pre2012", years=(2005, 2005)))
    return sample, published_error(panel, sample)


def test_the_real_scores_are_so_reliable_that_little_is_missing(real):
    sample, error = real
    table = overimpute(sample, error, draws=20).tidy().set_index("term")
    assert table.loc["cpi_pre2012", "fmi"] < 0.1
    assert table.loc["cpi_pre2012", "conf_high"] < 0.0


def test_the_same_seed_gives_the_same_answer(real):
    sample, error = real
    one, two = (overimpute(sample, error, draws=3, seed=2) for _ in range(2))
    np.testing.assert_array_equal(one.params, two.params)


def test_impossible_errors_are_refused(real):
    sample, error = real
    huge = MeasurementError(variable="cpi_pre2012", std_error=10 * error.std_error, origin="range", reliability=0.0)
    with pytest.raises(ModelError, match="vary no more"):
        overimpute(sample, huge)
    other = MeasurementError(variable="cpi", std_error=error.std_error, origin="range", reliability=0.9)
    with pytest.raises(SpecError, match="of cpi"):
        overimpute(sample, other)
