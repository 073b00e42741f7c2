import dataclasses
from itertools import combinations

import numpy as np
import pytest

from corrtip.data.sample import build_sample
from corrtip.errors import SpecError
from corrtip.estimate import fit
from corrtip.models.model import fit_arrays
from corrtip.robustness.contested import _question, extreme_placement, fragility
from corrtip.spec import Spec

CONTROLS = ("infant_mortality", "life_expectancy")
# What a quick fit promises, twice: estimate and its error.
NINE_DIGITS = 1e-8


@pytest.fixture(scope="module")
def sample(panel):
    vintages = dict.fromkeys(CONTROLS, "factbook-2005")
    spec = Spec(outcome="tier", focal="cpi_pre2012", controls=CONTROLS, years=(2005, 2005), vintages=vintages)
    return build_sample(panel, spec)


@pytest.fixture(scope="module")
def weak(panel):
    vintages = dict.fromkeys(CONTROLS, "factbook-2005")
    controls = ("cpi_pre2012", "life_expectancy")
    spec = Spec(outcome="tier", focal="infant_mortality", controls=controls, years=(2005, 2005), vintages=vintages)
    return build_sample(panel, spec)


def refitted(sample, shifts):
    codes = sample.y.copy()
    for shift in shifts:
        row = list(sample.clusters).index(shift.iso3)
        assert sample.levels[codes[row]] == shift.was
        codes[row] = sample.levels.index(shift.becomes)
        assert abs(codes[row] - sample.y[row]) == 1
    return fit_arrays(codes, sample.x.to_numpy(), levels=sample.levels, names=list(sample.x.columns))


def test_each_step_of_the_path_is_the_fit_of_the_shifted_placements(sample):
    found = fragility(sample)
    alone = fit(sample)
    assert found.estimate == pytest.approx(alone.params["cpi_pre2012"], rel=NINE_DIGITS)
    assert found.p_value == pytest.approx(alone.pvalues["cpi_pre2012"], rel=1e-6)
    for step, (estimate, p_value) in enumerate(found.path, start=1):
        shifted = refitted(sample, found.shifts[:step])
        assert estimate == pytest.approx(shifted.params["cpi_pre2012"], rel=NINE_DIGITS)
        assert p_value == pytest.approx(shifted.pvalues["cpi_pre2012"], rel=1e-6)
    assert found.changed
    assert found.path[-1][1] > 0.05 > found.path[-2][1]
    assert len({shift.iso3 for shift in found.shifts}) == len(found.shifts)


def test_two_shifts_are_the_best_of_all_pairs_among_the_contested(weak):
    contested = ["AGO", "TJK", "NGA", "PRK", "IND", "BRA"]
    among = [iso3 for iso3 in contested if iso3 in set(weak.clusters)]
    found = fragility(weak, exhaustive=2, among=among)
    best = 1.0
    rows = [list(weak.clusters).index(iso3) for iso3 in among]
    moves = [(row, step) for row in rows for step in (-1, 1) if 0 <= weak.y[row] + step < 4]
    for pair in combinations(moves, 2):
        if pair[0][0] == pair[1][0]:
            continue
        codes = weak.y.copy()
        for row, step in pair:
            codes[row] += step
        tried = fit_arrays(codes, weak.x.to_numpy(), levels=weak.levels, names=list(weak.x.columns))
        best = min(best, tried.pvalues["infant_mortality"])
    assert found.exhaustive == 2
    assert found.changed == (best <= 0.05)
    if found.changed:
        assert found.path[-1][1] == pytest.approx(best, rel=1e-6)


def test_a_conclusion_that_misplaced_countries_made_is_undone_by_as_many(weak):
    made = fragility(weak, exhaustive=2)
    assert made.changed
    assert made.p_value > 0.05
    codes = weak.y.copy()
    for shift in made.shifts:
        codes[list(weak.clusters).index(shift.iso3)] = weak.levels.index(shift.becomes)
    misplaced = dataclasses.replace(weak, y=codes)
    undone = fragility(misplaced)
    assert undone.p_value < 0.05
    assert undone.changed
    assert len(undone.shifts) <= len(made.shifts)


@pytest.mark.parametrize("towards", [-1.0, 1.0])
def test_no_placement_of_a_single_country_goes_further(sample, towards):
    free = np.arange(0, len(sample.y), 12)
    x = sample.x.to_numpy()
    codes = extreme_placement(sample.y, x, free, n_levels=4, link="logit", towards=towards)

    def coefficient(placed):
        return fit_arrays(placed, x, levels=sample.levels, names=list(sample.x.columns)).params["cpi_pre2012"]

    held = np.setdiff1d(np.arange(len(codes)), free)
    np.testing.assert_array_equal(codes[held], sample.y[held])
    best = towards * coefficient(codes)
    assert best > towards * coefficient(sample.y)
    for row in free:
        for level in range(4):
            tried = codes.copy()
            tried[row] = level
            assert towards * coefficient(tried) <= best + 1e-7


def test_a_search_that_ends_without_a_change_says_so(sample):
    found = fragility(sample, most=2)
    assert (found.changed, len(found.shifts)) == (False, 2)


def test_no_tier_is_emptied(sample):
    question = _question(sample, None)
    codes = sample.y.copy()
    codes[codes == 3] = 2
    codes[0] = 3  # the only one in its tier
    assert 0 not in {row for row, _ in question.moves(codes, set())}
    assert all(0 <= codes[row] + step <= 3 for row, step in question.moves(codes, set()))


def test_what_cannot_be_asked_is_refused(panel, sample):
    with pytest.raises(SpecError, match="ZZZ is not in the sample"):
        fragility(sample, among=["ZZZ"])
    with pytest.raises(SpecError, match="a clm of one year"):
        fragility(build_sample(panel, Spec(outcome="tier", focal="cpi", years=(2013, 2014))))
