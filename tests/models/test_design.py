from dataclasses import replace

import numpy as np
import pytest

from corrtip.models import design as design_module
from corrtip.models.design import Layout, prepare

# Solving for the standardised parameters and multiplying back loses a digit or two.
INVERSE = 1e-12
# Central differences of step 1e-6.
DIFFERENCE = 1e-7


def prepared(problem, **options):
    return prepare(
        problem.codes,
        problem.location,
        n_levels=len(problem.levels),
        nominal=problem.nominal,
        scale=problem.scale,
        offset=problem.offset,
        **options,
    )


@pytest.fixture
def design(random_problem):
    return prepared(random_problem())


@pytest.fixture
def params(design):
    return np.random.default_rng(1).normal(size=(3, design.layout.size))


def test_parameters_stand_in_the_declared_order():
    layout = Layout(n_levels=4, n_nominal=2, n_location=3, n_scale=1)
    assert (layout.n_thresholds, layout.nominal, layout.location, layout.scale) == (
        3,
        slice(3, 9),
        slice(9, 12),
        slice(12, 13),
    )
    assert (layout.n_linear, layout.size) == (12, 13)


def test_rows_are_sorted_by_level_and_keep_their_order_within(random_problem, design):
    problem = random_problem()
    assert (np.diff(design.codes) >= 0).all()
    assert np.array_equal(problem.codes[design.order], design.codes)
    for level in range(4):
        assert (np.diff(design.order[design.codes == level]) > 0).all()


def test_columns_have_mean_zero_and_spread_one(random_problem):
    problem = random_problem()
    design = prepare(problem.codes, problem.location, n_levels=4, nominal=problem.nominal, scale=problem.scale)
    for columns in (design.location, design.nominal, design.scale):
        assert columns.mean(axis=0) == pytest.approx(0.0, abs=INVERSE)
        assert columns.std(axis=0) == pytest.approx(1.0, rel=INVERSE)


def test_a_constant_column_stays_finite():
    found = prepare(np.array([0, 1, 1]), np.full((3, 1), 7.0), n_levels=2)
    assert np.array_equal(found.location, np.zeros((3, 1)))


@pytest.mark.parametrize("centre", [True, False])
def test_to_user_and_from_user_are_inverses(random_problem, params, centre):
    standardisation = prepared(random_problem(), centre=centre).standardisation
    assert standardisation.from_user(standardisation.to_user(params)) == pytest.approx(params, rel=INVERSE, abs=INVERSE)


@pytest.mark.parametrize(("centre", "offset"), [(True, True), (True, False), (False, True)])
def test_the_jacobian_is_the_derivative_of_to_user(random_problem, params, centre, offset):
    # Without an offset the spread has its own centre, which all linear parameters then move with.
    problem = random_problem()
    problem = problem if offset else replace(problem, offset=None)
    standardisation = prepared(problem, centre=centre).standardisation
    jacobian = standardisation.jacobian(params)
    for place in range(params.shape[1]):
        step = np.zeros_like(params)
        step[:, place] = 1e-6
        slope = (standardisation.to_user(params + step) - standardisation.to_user(params - step)) / 2e-6
        assert jacobian[:, :, place] == pytest.approx(slope, rel=DIFFERENCE, abs=DIFFERENCE * np.abs(jacobian).max())


def test_standardised_cut_points_are_the_users(random_problem, design, params):
    problem, layout = random_problem(), design.layout
    (block,) = design.blocks()
    user = design.standardisation.to_user(params[:1])[0]
    k = layout.n_thresholds
    heights = user[:k] + problem.nominal @ user[layout.nominal].reshape(1, k)
    heights -= (problem.location @ user[layout.location])[:, None]
    spread = np.exp(problem.scale @ user[layout.scale])
    cuts = (heights / spread[:, None])[design.order]
    inverse = np.exp(-block.scale @ params[0, layout.scale])
    found = block.cuts @ params[0, : layout.n_linear] * inverse
    codes = design.codes
    upper, lower = codes < k, codes > 0
    wanted = np.concatenate([cuts[upper, codes[upper]], cuts[lower, codes[lower] - 1]])
    assert found == pytest.approx(wanted, rel=1e-10, abs=1e-10)


def test_values_by_row_come_back_once_for_each_cut_of_the_row(random_problem):
    # Inner rows have two cuts, those of the first and the last level one.
    for levels in (2, 3, 5):
        design = prepared(random_problem(levels=levels))
        (block,) = design.blocks()
        values = np.arange(2.0 * design.n_rows).reshape(2, -1)
        cuts_of_row = 2 - np.isin(design.codes, (0, levels - 1))
        assert np.array_equal(block.by_row(block.by_cut(values)), values * cuts_of_row)


def test_rows_taken_at_a_stride_keep_all_that_is_theirs(random_problem):
    problem = random_problem()
    whole, part = prepared(problem), prepared(problem).every(3)
    assert part.n_rows == 27
    for name in ("order", "codes", "nominal", "location", "scale", "offset"):
        assert np.array_equal(getattr(part, name), getattr(whole, name)[::3])
    assert prepare(problem.codes, problem.location, n_levels=4).every(3).offset is None


def test_single_precision_is_that_of_all_numbers_and_of_no_code(random_problem):
    design = prepared(random_problem()).single()
    (block,) = design.blocks()
    for numbers in (design.location, design.nominal, design.scale, design.offset, block.cuts, block.products):
        assert numbers.dtype == np.float32
    assert design.codes.dtype == design.order.dtype == np.intp


def test_without_centring_each_parameter_is_a_coordinate(random_problem):
    design = prepared(random_problem(), centre=False)
    matrix = design.standardisation.jacobian(np.zeros((1, design.layout.size)))[0]
    assert np.array_equal(matrix, np.diag(np.diag(matrix)))


def test_long_designs_come_in_blocks_that_hold_the_same_rows(random_problem, monkeypatch):
    whole = prepared(random_problem())
    monkeypatch.setattr(design_module, "BLOCK_ROWS", 16)
    blocks = list(prepared(random_problem()).blocks())
    assert [block.rows for block in blocks] == [slice(start, start + 16) for start in range(0, 80, 16)]
    (kept,) = whole.blocks()
    for part in ("upper", "lower"):
        lines = [block.cuts[: block.n_upper] if part == "upper" else block.cuts[block.n_upper :] for block in blocks]
        wanted = kept.cuts[: kept.n_upper] if part == "upper" else kept.cuts[kept.n_upper :]
        assert np.array_equal(np.concatenate(lines), wanted)
    assert kept.products is not None
    assert all(block.products is None for block in blocks)
