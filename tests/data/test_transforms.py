"""The named transforms: their definitions, their laws and what they refuse."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corrtip.data.transforms import find_transform, log, rank_within_year, zscore_within_year
from corrtip.errors import SpecError

# Two-place decimals, as the publishers print scores; some missing.
SCORES = st.lists(st.one_of(st.integers(0, 1000).map(lambda k: k / 100), st.just(np.nan)), min_size=2, max_size=40)


@given(SCORES)
def test_a_rank_lies_between_0_and_1_has_mean_one_half_and_keeps_the_order(scores):
    values = np.array(scores)
    ranks = rank_within_year(values)
    known = ~np.isnan(values)
    assert (np.isnan(ranks) == ~known).all()
    assert ((ranks[known] > 0) & (ranks[known] < 1)).all()
    if known.any():
        assert ranks[known].mean() == pytest.approx(0.5, abs=1e-12)  # rounding of a mean of 40
    assert (
        np.sign(np.subtract.outer(ranks[known], ranks[known]))
        == np.sign(np.subtract.outer(values[known], values[known]))
    ).all()


@given(SCORES)
def test_z_scores_have_mean_0_and_variance_1_over_the_published(scores):
    values = np.array(scores)
    known = values[~np.isnan(values)]
    if len(set(known)) > 1:
        z = zscore_within_year(values)
        assert (np.isnan(z) == np.isnan(values)).all()
        assert np.nanmean(z) == pytest.approx(0, abs=1e-9)  # the mean is taken off 0.01 apart at worst
        assert np.nanmean(z**2) == pytest.approx(1, abs=1e-9)


@given(SCORES, st.integers(1, 9), st.integers(-50, 50))
def test_ranks_and_z_scores_do_not_know_the_unit(scores, factor, shift):
    values = np.array(scores)
    assert np.array_equal(rank_within_year(values), rank_within_year(factor * values + 1000 * shift), equal_nan=True)
    if len(set(values[~np.isnan(values)])) > 1:
        other = zscore_within_year(factor * values + shift)
        assert other == pytest.approx(zscore_within_year(values), abs=1e-9, nan_ok=True)


def test_log_is_natural_and_refuses_what_has_none():
    assert log(np.array([np.e, np.nan])).tolist() == pytest.approx([1.0, np.nan], nan_ok=True)
    with pytest.raises(SpecError, match=r"log: 2 figures of 0 or less, the lowest -3\..*above 0"):
        log(np.array([1.0, 0.0, -3.0]))
    with pytest.raises(SpecError, match="log: 1 figures of 0 or less, the lowest -3"):
        log(np.array([1.0, -3.0]))


def test_a_year_without_spread_has_no_z_scores():
    with pytest.raises(SpecError, match="all figures of the year are 2"):
        zscore_within_year(np.array([2.0, np.nan, 2.0]))


def test_a_year_without_figures_stays_without():
    nothing = np.array([np.nan, np.nan])
    assert np.isnan(rank_within_year(nothing)).all()
    assert np.isnan(zscore_within_year(nothing)).all()


def test_an_unknown_transform_is_refused_with_the_nearest():
    assert find_transform("log", "here").apply is log
    with pytest.raises(SpecError, match=r"here: .zscore_within. is not a transform.*Nearest: .zscore_within_year."):
        find_transform("zscore_within", "here")
