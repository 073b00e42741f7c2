import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from corrtip.errors import ModelError
from corrtip.models.rank import TIE, count_pairs, goodman_kruskal_gamma, rank_associations

# Income by job satisfaction, black males, General Social Survey 1996: Agresti, Categorical Data Analysis, 2nd ed.
# (2002), table 2.8 and section 3.4.3; the figures below as printed there and by R's vcdExtra::GKgamma(JobSat).
JOB_SATISFACTION = np.array([[1, 3, 10, 6], [2, 3, 10, 7], [1, 6, 14, 12], [0, 1, 9, 11]])
PRINTED = 5e-4  # three decimals
CLOSED_FORM = 1e-12  # the same sums in another order


def rows(table):
    income, satisfaction = np.indices(table.shape)
    return np.repeat(income.ravel(), table.ravel()), np.repeat(satisfaction.ravel(), table.ravel())


def test_gamma_is_the_published_worked_example():
    found = goodman_kruskal_gamma(*rows(JOB_SATISFACTION))
    assert found.n == 96
    assert found.estimate == pytest.approx((1331 - 849) / (1331 + 849), rel=CLOSED_FORM)
    assert found.estimate == pytest.approx(0.221, abs=PRINTED)
    assert found.std_error == pytest.approx(0.117, abs=PRINTED)
    assert (found.conf_low, found.conf_high) == pytest.approx((-0.009, 0.451), abs=PRINTED)


def test_gammas_test_is_the_one_of_all_measures_of_concordance():
    # Gamma, tau-b and Somers' D share their statistic without association (Brown and Benedetti 1977).
    found = goodman_kruskal_gamma(*rows(JOB_SATISFACTION))
    assert found.p_value == pytest.approx(stats.somersd(JOB_SATISFACTION).pvalue, rel=1e-9)


def test_spearman_and_kendall_are_scipys():
    x, y = rows(JOB_SATISFACTION)
    rho, tau, _ = rank_associations(x, y)
    assert (rho.measure, tau.measure) == ("spearman", "kendall_tau_b")
    assert (rho.estimate, rho.p_value) == pytest.approx(tuple(stats.spearmanr(x, y)), rel=CLOSED_FORM)
    assert (tau.estimate, tau.p_value) == pytest.approx(tuple(stats.kendalltau(x, y)), rel=CLOSED_FORM)
    assert np.isnan(tau.std_error)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3)), min_size=4, max_size=30))
def test_reversing_one_order_flips_every_sign_and_no_p_value(pairs):
    x, y = np.array(pairs, dtype=float).T
    assume(len(set(x)) > 1 and len(set(y)) > 1)
    for there, back in zip(rank_associations(x, y), rank_associations(-x, y), strict=True):
        assert there.estimate == pytest.approx(-back.estimate, abs=CLOSED_FORM)
        assert there.p_value == pytest.approx(back.p_value, abs=1e-9, nan_ok=True)


def test_without_spread_there_is_no_test_of_gamma():
    assert np.isnan(goodman_kruskal_gamma([1, 2, 3, 4], [1, 2, 3, 4]).p_value)


def test_perfect_order_has_gamma_one_and_no_error():
    found = goodman_kruskal_gamma([1, 2, 3, 4], [1, 1, 2, 3])
    assert (found.estimate, found.std_error) == (1.0, 0.0)
    assert (found.conf_low, found.conf_high) == (1.0, 1.0)


@pytest.mark.parametrize(
    ("x", "y", "seen"),
    [
        ([1, 2, 3], [1, 2], "shapes"),
        ([1, 2, np.nan], [1, 2, 3], "x: a value is missing"),
        ([1, 2, 3], [2, 2, 2], "y: all values are equal"),
    ],
)
def test_what_has_no_order_is_refused(x, y, seen):
    with pytest.raises(ModelError, match=seen):
        rank_associations(x, y)


@given(st.integers(0, 2**32 - 1), st.integers(2, 4))
def test_batches_count_the_pairs_that_one_by_one_comparison_finds(seed, levels):
    rng = np.random.default_rng(seed)
    codes = np.append(rng.integers(0, levels, 20), [0, levels - 1])
    values = rng.integers(0, 6, (3, 22)).astype(float)
    weights = rng.integers(0, 3, (3, 22)).astype(float)
    found = count_pairs(codes, values, weights)
    outcome = np.sign(codes[:, None] - codes)
    for model in range(3):
        pairs = np.sign(values[model][:, None] - values[model]) * outcome
        both = np.outer(weights[model], weights[model])
        assert found.concordant[model] == both[pairs > 0].sum() / 2
        assert found.discordant[model] == both[pairs < 0].sum() / 2
        assert found.comparable[model] == both[outcome != 0].sum() / 2


def test_somers_d_of_a_batch_is_scipys():
    x, y = rows(JOB_SATISFACTION)
    found = count_pairs(y, x[None].astype(float), np.ones((1, len(y)))).somers_d[0]
    assert found == pytest.approx(stats.somersd(JOB_SATISFACTION.T).statistic, rel=CLOSED_FORM)


def test_rounding_apart_is_tied():
    values = np.array([[0.0, TIE / 10, 1.0]])
    assert count_pairs(np.array([1, 0, 1]), values, np.ones((1, 3))).somers_d[0] == 0.5


def test_without_two_outcomes_there_is_no_somers_d():
    weights = np.array([[1.0, 1.0, 0.0]])
    assert np.isnan(count_pairs(np.array([0, 0, 1]), np.array([[1.0, 2.0, 3.0]]), weights).somers_d[0])
