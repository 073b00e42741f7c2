import itertools
import os
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from corrtip.data.sample import Sample, build_sample
from corrtip.errors import ModelError, SeparationError, SpecError
from corrtip.estimate import fit
from corrtip.models.model import fit_arrays
from corrtip.robustness.blocks import Run
from corrtip.robustness.permutation import permutation_test
from corrtip.spec import Spec
from corrtip.studies.study import load_study


def sample_of(y, x, years=(2005,), covariance="nonrobust"):
    """A sample of the columns of x, the focal one first; rows by country, then year."""
    names = [f"x{place}" for place in range(x.shape[1])]
    spec = Spec(
        outcome="tier", focal="x0", controls=tuple(names[1:]), years=(years[0], years[-1]), covariance=covariance
    )
    iso3 = [f"C{place:03d}" for place in range(len(y) // len(years))]
    index = pd.MultiIndex.from_product([iso3, years], names=["iso3", "year"])
    present, codes = np.unique(y, return_inverse=True)
    outcome = pd.Categorical.from_codes(codes, categories=[f"{level + 1}" for level in present], ordered=True)
    columns = pd.DataFrame(x, columns=names, index=index)
    return Sample(
        spec=spec,
        data=columns.assign(tier=outcome),
        y=codes,
        x=columns,
        weights=np.ones(len(y)),
        clusters=index.get_level_values("iso3").to_numpy(dtype=object),
        attrition=pd.DataFrame(),
        universe=len(y),
        thin_levels={},
        doubts=(),
    )


def simulated(rng, n, effect, correlation=0.7):
    """A focal variable correlated with a control that matters, and an outcome with three levels."""
    control = rng.normal(size=n)
    focal = correlation * control + np.sqrt(1.0 - correlation**2) * rng.normal(size=n)
    y = np.digitize(1.5 * control + effect * focal + rng.logistic(size=n), [-1.0, 1.0])
    return sample_of(y, np.column_stack([focal, control]))


def share_rejected(n, effect, samples, draws, seed):
    rng = np.random.default_rng(seed)
    found = [permutation_test(simulated(rng, n, effect), n=draws).p_value for _ in range(samples)]
    return np.mean(np.array(found) <= 0.05)


def test_the_size_is_five_per_cent_where_the_focal_variable_goes_with_a_control_that_matters():
    rejected = share_rejected(n=40, effect=0.0, samples=400, draws=199, seed=1)
    # 400 samples at a true 5 %: 99.9 % of such shares lie within these bounds.
    low, high = stats.binom.ppf([0.0005, 0.9995], 400, 0.05) / 400
    assert low <= rejected <= high


def test_an_effect_is_found():
    # A slope of 1.5 beside a control that takes half of the variance: Wald's test has power near one at n = 80.
    assert share_rejected(n=80, effect=1.5, samples=20, draws=99, seed=2) >= 0.9


def test_few_arrangements_give_the_share_of_all_of_them():
    y = np.array([0, 0, 0, 0, 0, 1, 0, 1, 1, 1, 1])
    x = np.array([0.0, 0, 0, 0, 1, 0, 0, 1, 1, 0, 1])
    observed = fit_arrays(y, x[:, None], levels=("1", "2"), names=["x"]).tvalues["x"]
    sizes = []
    for chosen in itertools.combinations(range(len(y)), 4):
        column = np.zeros((len(y), 1))
        column[list(chosen)] = 1.0
        try:
            z = fit_arrays(y, column, levels=("1", "2"), names=["x"]).tvalues["x"]
        except SeparationError:
            z = np.inf
        sizes.append(abs(z))
    draws = 5_000
    found = permutation_test(sample_of(y, x[:, None]), n=draws)
    # All 330 arrangements are equally likely: four standard errors of the share in so many draws.
    for share, among in (
        (np.mean(np.array(sizes) >= abs(observed) * (1.0 - 1e-9)), found.p_value),
        (np.mean(np.isinf(sizes)), found.lost / draws),
    ):
        assert among == pytest.approx(share, abs=4.0 * np.sqrt(share * (1.0 - share) / draws))
        assert 0.01 < share < 0.5


def test_a_draw_is_the_fit_to_residuals_dealt_out_anew():
    sample = simulated(np.random.default_rng(5), 50, 0.0)
    found = permutation_test(sample, n=3)
    focal, control = sample.x.to_numpy().T
    basis = np.linalg.qr(np.column_stack([np.ones(50), control]))[0]
    fitted = basis @ (basis.T @ focal)
    residual = (focal - fitted) / np.sqrt(1.0 - (basis**2).sum(axis=1))
    order = np.argsort(np.random.default_rng([1, 0]).random((3, 50)), axis=1)
    for draw, taken in zip(found.draws, order, strict=True):
        x = np.column_stack([fitted + residual[taken], control])
        alone = fit_arrays(sample.y, x, levels=sample.levels, names=["x0", "x1"])
        assert draw == pytest.approx(alone.tvalues["x0"], rel=1e-7)  # a batched fit stops elsewhere


def test_the_bits_do_not_depend_on_the_number_of_processes_or_of_further_draws():
    sample = simulated(np.random.default_rng(6), 40, 0.5)
    one, two = permutation_test(sample, n=700), permutation_test(sample, n=700, run=Run(jobs=2))
    rounding = 0.0 if os.environ.get("OPENBLAS_NUM_THREADS") == "1" else 1e-10
    np.testing.assert_allclose(one.draws, two.draws, rtol=rounding)
    np.testing.assert_array_equal(one.draws[:500], permutation_test(sample, n=500).draws)
    assert not np.array_equal(one.draws, permutation_test(sample, n=700, seed=2).draws)


def test_a_draw_without_a_maximum_counts_as_extreme():
    # Eight countries: many arrangements of the figures separate the two levels.
    y = np.array([0, 0, 0, 1, 0, 1, 1, 1])
    found = permutation_test(sample_of(y, np.arange(8.0)[:, None]), n=199)
    assert found.lost > 0
    assert np.isnan(found.draws).sum() == found.lost
    beyond = (np.abs(found.draws) >= abs(found.statistic) * (1 - 1e-7)).sum()
    assert found.p_value == (1 + found.lost + beyond) / 200


def test_within_labels_the_figures_stay_in_their_group():
    # The focal variable is the group, up to a little: within groups there is next to nothing to exchange.
    rng = np.random.default_rng(3)
    group = np.repeat([0.0, 1.0], 40)
    y = np.digitize(3.0 * group + rng.logistic(size=80), [0.0, 2.0])
    sample = sample_of(y, (group + 0.1 * rng.normal(size=80))[:, None])
    labels = pd.Series(group, index=sample.data.index)
    assert permutation_test(sample, n=199).p_value < 0.02
    assert permutation_test(sample, n=199, within=labels).p_value > 0.05


def test_within_counts_who_can_move_and_passes_over_strange_rows():
    sample = simulated(np.random.default_rng(4), 30, 0.0)
    labels = pd.Series(["alone", *["rest"] * 29], index=sample.data.index)
    strange = pd.Series(["alone"], index=pd.MultiIndex.from_tuples([("ZZZ", 2005)], names=["iso3", "year"]))
    found = permutation_test(sample, n=9, within=pd.concat([strange, labels])).tidy().iloc[0]
    assert (found["countries"], found["movable"]) == (30, 29)


def test_the_years_of_a_country_stay_together():
    # Every country three times: as one year the rows look like 120 countries, and the test like one of 40.
    rng = np.random.default_rng(8)
    focal, y = rng.normal(size=40), np.digitize(rng.logistic(size=40), [-1.0, 1.0])
    once = sample_of(y, focal[:, None], covariance="HC0")
    thrice = sample_of(np.repeat(y, 3), np.repeat(focal, 3)[:, None], years=(2005, 2006, 2007), covariance="cluster")
    one, three = permutation_test(once, n=99), permutation_test(thrice, n=99)
    assert three.countries == 40
    # Each z is that of the threefold rows, and the comparison the same.
    np.testing.assert_allclose(three.draws, one.draws * np.sqrt(3.0), rtol=1e-6)
    assert three.p_value == one.p_value


@pytest.mark.parametrize("covariance", ["nonrobust", "HC1"])
def test_the_statistic_is_that_of_the_fit(covariance):
    sample = simulated(np.random.default_rng(9), 60, 1.0)
    sample = replace(sample, spec=sample.spec.replace(covariance=covariance))
    found = permutation_test(sample, n=1)
    assert found.statistic == fit(sample).tvalues["x0"]
    assert found.covariance == covariance


def test_the_replications_index_is_no_chance_within_regions_either(panel):
    sample = build_sample(panel, load_study("zhang_pineda_2008").spec)
    region = panel.wide((2005, 2005), ["region"])["region"]
    found = permutation_test(sample, n=499, within=region)
    assert found.countries == len(sample.y)
    assert found.p_value <= 0.01


def test_bad_requests(panel):
    sample = simulated(np.random.default_rng(4), 30, 0.0)
    index = sample.data.index
    with pytest.raises(ModelError, match="one permutation or more"):
        permutation_test(sample, n=0)
    with pytest.raises(ModelError, match="no label for C029, 2005"):
        permutation_test(sample, within=pd.Series("here", index=index[:-1]))
    with pytest.raises(ModelError, match="no two countries"):
        permutation_test(sample, within=pd.Series(range(30), index=index))
    with pytest.raises(SpecError, match='"clm" or "logit"'):
        permutation_test(replace(sample, spec=sample.spec.replace(estimator="ols")))
    y, x = np.repeat([0, 1, 0, 2], 10), np.random.default_rng(1).normal(size=(40, 1))
    years = sample_of(y, x, years=(2005, 2006))
    with pytest.raises(ModelError, match="C000 changes its label"):
        permutation_test(years, within=pd.Series(range(40), index=years.data.index))
    with pytest.raises(SpecError, match="levels without order"):
        permutation_test(build_sample(panel, Spec(outcome="tier", focal="region", years=(2005, 2005))))
