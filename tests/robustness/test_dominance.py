import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from corrtip.data.sample import build_sample
from corrtip.errors import SeparationError, SpecError
from corrtip.estimate import fit
from corrtip.models.model import fit_arrays
from corrtip.robustness.dominance import (
    Dominance,
    complete_dominance,
    conditional_dominance,
    dominance,
    dominance_of_arrays,
    general_dominance,
    grouped_columns,
)
from corrtip.studies.study import load_study

ROUNDING = 1e-12  # sums and means of numbers of size one
LEVELS = ("1", "2", "3")
NAMES = ("x0", "x1", "x2", "x3")


def fits_of(p):
    """Any numbers as the R2 of the subsets of p predictors, none for the empty one."""
    sizes = st.floats(0.0, 1.0, allow_subnormal=False)
    return arrays.arrays(float, 2**p, elements=sizes).map(lambda r2: np.concatenate([[0.0], r2[1:]]))


def over_orders(r2):
    """The same average by another road: what each predictor adds when they enter in every possible order."""
    p = len(r2).bit_length() - 1
    added = np.zeros(p)
    orders = list(itertools.permutations(range(p)))
    for order in orders:
        subset = 0
        for place in order:
            added[place] += r2[subset | 1 << place] - r2[subset]
            subset |= 1 << place
    return added / len(orders)


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(20050601)
    x = rng.normal(size=(200, 4))
    x[:, 1] += x[:, 0]
    latent = 1.2 * x[:, 0] + 0.4 * x[:, 1] + rng.logistic(size=200)
    return np.digitize(latent, [-1.0, 1.0]), x


@given(st.integers(1, 5).flatmap(fits_of))
def test_general_dominance_sums_to_the_full_models_r2(r2):
    assert general_dominance(r2).sum() == pytest.approx(r2[-1], abs=ROUNDING)


@given(st.integers(1, 5).flatmap(fits_of))
def test_general_dominance_is_the_average_over_all_orders_of_entry(r2):
    assert general_dominance(r2) == pytest.approx(over_orders(r2), abs=ROUNDING)


@given(st.integers(2, 4).flatmap(fits_of))
def test_complete_dominance_implies_conditional_implies_general(r2):
    conditional, general = conditional_dominance(r2), general_dominance(r2)
    for one, other in zip(*np.nonzero(complete_dominance(r2)), strict=True):
        assert (conditional[one] >= conditional[other] - ROUNDING).all()
        assert general[one] >= general[other] - ROUNDING


@given(fits_of(3), fits_of(3))
def test_a_stack_of_draws_gives_a_stack_of_answers(first, second):
    both = np.stack([first, second])
    for function in (general_dominance, conditional_dominance, complete_dominance):
        assert (function(both)[1] == function(second)).all()


def test_two_predictors_by_hand():
    # R2: first .30, second .10, both .36. The first adds .30 and .26, the second .10 and .06.
    found = Dominance(names=("first", "second"), n=9, r2=np.array([0.0, 0.30, 0.10, 0.36]), draws=np.empty((0, 4)))
    assert found.general().to_dict() == pytest.approx({"first": 0.28, "second": 0.08}, abs=ROUNDING)
    assert found.conditional().loc["first"].tolist() == pytest.approx([0.30, 0.26], abs=ROUNDING)
    assert found.complete().loc["first"].tolist() == [False, True]
    assert found.tidy()["term"].tolist() == ["first", "second"]
    assert found.tidy()["share"].tolist() == pytest.approx([0.28 / 0.36, 0.08 / 0.36], abs=ROUNDING)


def test_subsets_name_their_members(data):
    y, x = data
    found = dominance_of_arrays(y, x, levels=LEVELS, names=NAMES, columns={"a": [0], "b": [1], "c": [2]})
    table = found.subsets().set_index("members")["r2"]
    alone = fit_arrays(y, x[:, [0, 2]], levels=LEVELS, names=["a", "c"]).prsquared
    assert table[("a", "c")] == alone
    assert table[()] == 0.0
    assert len(table) == 8


def test_a_group_enters_whole(data):
    y, x = data
    grouped = dominance_of_arrays(y, x, levels=LEVELS, names=NAMES, columns={"a": [0], "rest": [1, 2, 3]})
    every = dominance_of_arrays(y, x, levels=LEVELS, names=NAMES, columns={"a": [0], "b": [1], "c": [2], "d": [3]})
    assert grouped.full == pytest.approx(every.full, abs=1e-10)  # the columns in another order
    assert grouped.subsets()["r2"][2] == pytest.approx(every.subsets()["r2"][14], abs=1e-10)


def test_the_order_of_predictors_changes_nothing(data):
    y, x = data
    forth = dominance_of_arrays(y, x, levels=LEVELS, names=NAMES, columns={"a": [0], "b": [1], "c": [2]}).general()
    back = dominance_of_arrays(y, x, levels=LEVELS, names=NAMES, columns={"c": [2], "b": [1], "a": [0]}).general()
    assert back[forth.index].to_numpy() == pytest.approx(forth.to_numpy(), abs=1e-10)


def test_the_predictors_that_made_the_outcome_dominate_the_one_that_did_not(data):
    y, x = data
    found = dominance_of_arrays(y, x, levels=LEVELS, names=NAMES, columns={"a": [0], "b": [1], "noise": [2]})
    assert found.complete()["noise"].to_dict() == {"a": True, "b": True, "noise": False}
    assert found.tidy()["term"].iloc[-1] == "noise"


def test_a_subset_that_separates_the_outcome_stops_with_the_column():
    y = np.repeat([0, 1, 2], 10)
    x = np.column_stack([np.tile([0.0, 1.0], 15), y + 0.0])
    with pytest.raises(SeparationError, match="fit of tier: x1 separates"):
        dominance_of_arrays(y, x, levels=LEVELS, names=NAMES, columns={"a": [0], "exact": [1]}, outcome="tier")


@pytest.mark.parametrize(
    ("groups", "seen"),
    [
        ({"poverty": ["births", "gini"]}, "no member is a predictor"),
        ({"cpi": ["deaths"]}, "a predictor bears this name"),
        ({"people": ["deaths"], "health": ["deaths"]}, '"deaths" is in "people" too'),
    ],
)
def test_a_group_needs_members_and_a_name_of_its_own(groups, seen):
    with pytest.raises(SpecError, match=seen):
        grouped_columns({"cpi": [0], "deaths": [1]}, groups)


def test_a_sample_gives_its_model_by_indicator_and_by_group(panel):
    spec = load_study("zhang_pineda_2008").spec.replace(link="probit")
    sample = build_sample(panel, spec)
    by_indicator = dominance(sample)
    by_group = dominance(sample, {"poverty": ("infant_mortality", "life_expectancy")})
    assert by_indicator.names == spec.predictors
    assert by_group.names == ("cpi_pre2012", "poverty")
    for found in (by_indicator, by_group):
        assert found.full == pytest.approx(fit(sample).prsquared, rel=1e-9)
        assert found.general().sum() == pytest.approx(found.full, abs=ROUNDING)


def test_least_squares_has_no_mcfadden_r2(panel):
    sample = build_sample(panel, load_study("zhang_pineda_2008").spec.replace(estimator="ols"))
    with pytest.raises(SpecError, match="McFadden"):
        dominance(sample)
