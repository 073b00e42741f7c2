import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from corrtip.robustness.increments import (
    KINDS,
    complete_dominance,
    conditional_dominance,
    dominates,
    general_dominance,
)

ROUNDING = 1e-12  # sums and means of numbers of size one


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


@given(fits_of(3), st.sampled_from(KINDS))
def test_two_predictors_dominate_each_other_by_turns(r2, kind):
    found = dominates(r2, kind)
    np.testing.assert_array_equal(found + found.T, np.ones((3, 3)))
    np.testing.assert_array_equal(np.diag(found), 0.5)


@given(st.integers(2, 4).flatmap(fits_of))
def test_a_weaker_kind_decides_as_the_stronger_does(r2):
    complete, conditional, general = (dominates(r2, kind) for kind in reversed(KINDS))
    # Means of the same numbers in another order can turn a draw into a lead.
    decided = (complete != 0.5) & (np.abs(np.subtract.outer(general_dominance(r2), general_dominance(r2))) > ROUNDING)
    np.testing.assert_array_equal(general[decided], complete[decided])
    assert (np.abs(conditional - complete)[decided] < 1.0).all()


def test_undecided_is_a_half():
    # The first adds .30 and .26 where the second adds .10 and .06.
    two = np.array([0.0, 0.30, 0.10, 0.36])
    for kind in KINDS:
        assert dominates(two, kind)[0].tolist() == [0.5, 1.0]
    # Alone the first is better, beside the third the second is.
    three = np.array([0.0, 0.3, 0.2, 0.4, 0.1, 0.3, 0.35, 0.5])
    assert dominates(three, "complete")[0, 1] == 0.5
    assert dominates(three, "general")[0, 1] != 0.5
    np.testing.assert_array_equal(dominates(np.stack([three, three]), "general")[1], dominates(three, "general"))
