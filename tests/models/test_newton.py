import numpy as np
import pytest

from corrtip.models.design import prepare
from corrtip.models.links import LINKS
from corrtip.models.newton import Status, maximise, start_values

# Newton's last step bounds what two ways to one maximum may differ by, in standard deviations.
SAME_MAXIMUM = 1e-10


# What a quick fit promises.
NINE_DIGITS = 1e-9


@pytest.fixture
def design(wine):
    columns = np.column_stack([wine["temp"] == "warm", wine["contact"] == "yes", wine["x1"]]).astype(float)
    return prepare(wine["rating"].cat.codes.to_numpy().astype(np.intp), columns, n_levels=5)


def test_the_start_is_the_maximum_without_predictors(design):
    alone = prepare(design.codes, np.empty((design.n_rows, 0)), n_levels=5)
    for link in LINKS.values():
        found = maximise(alone, link, np.ones((1, design.n_rows)))
        assert found.status[0] == Status.CONVERGED
        assert found.params == pytest.approx(start_values(alone, link, np.ones((1, design.n_rows))), rel=SAME_MAXIMUM)


@pytest.mark.parametrize("link", LINKS)
def test_a_batch_ends_where_its_models_end_alone(design, link):
    weights = np.random.default_rng(2).integers(1, 4, (6, design.n_rows)).astype(float)
    together = maximise(design, LINKS[link], weights)
    assert (together.status == Status.CONVERGED).all()
    for model in range(6):
        alone = maximise(design, LINKS[link], weights[[model]])
        assert alone.params[0] == pytest.approx(together.params[model], rel=SAME_MAXIMUM, abs=SAME_MAXIMUM)
        assert alone.at.llf[0] == pytest.approx(together.at.llf[model], rel=1e-12)
        assert alone.iterations[0] == together.iterations[model]


@pytest.mark.parametrize("link", LINKS)
def test_weight_zero_leaves_a_row_out_and_two_is_a_row_twice(design, link):
    weights = np.ones((1, design.n_rows))
    weights[0, ::7], weights[0, 1::7] = 0.0, 2.0
    rows = np.repeat(np.arange(design.n_rows), weights[0].astype(int))
    by_weight = maximise(design, LINKS[link], weights)
    # The same columns, not standardised anew: the parameters are then comparable as they stand.
    mean, spread = design.standardisation.location
    other = prepare(design.codes[rows], design.location[rows] * spread + mean, n_levels=5)
    by_row = maximise(other, LINKS[link], np.ones((1, len(rows))))
    assert other.standardisation.to_user(by_row.params) == pytest.approx(
        design.standardisation.to_user(by_weight.params), rel=SAME_MAXIMUM
    )
    assert by_row.at.llf == pytest.approx(by_weight.at.llf, rel=1e-12)


@pytest.mark.parametrize("link", LINKS)
def test_a_fixed_parameter_stays_and_the_others_reach_their_maximum(design, link):
    weights = np.ones((2, design.n_rows))
    start = start_values(design, LINKS[link], weights)
    start[0, 4] = 0.3
    fixed = np.zeros(start.shape, dtype=bool)
    fixed[0, 4] = fixed[1, 6] = True
    found = maximise(design, LINKS[link], weights, start=start, fixed=fixed)
    assert (found.status == Status.CONVERGED).all()
    assert (found.params[0, 4], found.params[1, 6]) == (0.3, 0.0)
    assert found.at.score[~fixed] == pytest.approx(0.0, abs=1e-9)
    assert np.abs(found.at.score[fixed]).min() > 1e-3
    without = prepare(design.codes, design.location[:, :2], n_levels=5)
    assert maximise(without, LINKS[link], weights[:1]).at.llf[0] == pytest.approx(found.at.llf[1], rel=1e-12)


def test_each_model_of_a_batch_says_how_it_ended(design):
    weights = np.ones((4, design.n_rows))
    weights[1, design.codes == 2] = 0.0
    weights[2] = 0.0
    found = maximise(design, LINKS["logit"], weights)
    assert found.status.tolist() == [Status.CONVERGED, Status.LEVEL_LOST, Status.LEVEL_LOST, Status.CONVERGED]
    assert found.params[0] == pytest.approx(found.params[3], rel=SAME_MAXIMUM)


@pytest.mark.parametrize("link", LINKS)
def test_a_separated_model_does_not_count_as_converged_to_a_sound_maximum(link):
    codes = np.repeat([0, 1, 2], 10)
    design = prepare(codes, np.arange(30.0)[:, None], n_levels=3)
    found = maximise(design, LINKS[link], np.ones((1, 30)))
    sound = found.status[0] == Status.CONVERGED and np.linalg.cond(found.at.information[0]) < 1e8
    assert not sound


def test_iterations_may_be_limited():
    # Nine rows far from a normal likelihood: cauchit takes careful steps from the first.
    design = prepare(np.array([0, 1, 2, 0, 1, 2, 0, 2, 1]), np.arange(9.0)[:, None] ** 3, n_levels=3)
    found = maximise(design, LINKS["cauchit"], np.ones((1, 9)), max_iterations=1)
    assert found.status[0] == Status.MAX_ITERATIONS
    assert found.iterations[0] == 1


def test_the_same_maximum_from_another_start(design):
    weights = np.ones((1, design.n_rows))
    for link in LINKS.values():
        start = start_values(design, link, weights)
        start[:, 4:] = [[2.0, -1.0, 1.0]]
        assert maximise(design, link, weights, start=start).params == pytest.approx(
            maximise(design, link, weights).params, rel=SAME_MAXIMUM, abs=SAME_MAXIMUM
        )


def test_plain_steps_that_end_outside_the_domain_start_anew():
    # From equal slopes plain Newton steps reach a point where cut points are out of order and the score is zero.
    rng = np.random.default_rng(0)
    x, group = rng.normal(size=500), rng.choice(["a", "b", "c"], 500)
    codes = np.digitize(x + np.exp(0.7 * x) * rng.logistic(size=500), [-1.0, 0.5, 1.5])
    dummies = (group[:, None] == ["b", "c"]).astype(float)
    design = prepare(codes, dummies, n_levels=4, nominal=x[:, None])
    weights, link = np.ones((1, 500)), LINKS["logit"]
    parallel = prepare(codes, np.column_stack([x, dummies]), n_levels=4)
    small = maximise(parallel, link, weights).params[0]
    start = np.concatenate([small[:3], np.repeat(-small[3], 3), small[4:]])[None]
    found, wanted = maximise(design, link, weights, start=start), maximise(design, link, weights)
    assert found.status[0] == Status.CONVERGED
    assert found.at.llf == pytest.approx(wanted.at.llf, rel=1e-12)


def test_many_rows_start_from_a_share_of_them():
    rng = np.random.default_rng(4)
    x = rng.normal(size=(100_000, 2))
    codes = np.digitize(x @ [0.7, -0.4] + rng.logistic(size=len(x)), [-1.0, 1.0])
    design, link, weights = prepare(codes, x, n_levels=3), LINKS["logit"], np.ones((1, len(x)))
    led, plain = (
        maximise(design, link, weights),
        maximise(design, link, weights, start=start_values(design, link, weights)),
    )
    assert led.iterations[0] < plain.iterations[0]
    assert led.params == pytest.approx(plain.params, rel=SAME_MAXIMUM)


def test_a_level_that_the_share_misses_costs_nothing_but_steps():
    rng = np.random.default_rng(4)
    x = rng.normal(size=(100_000, 1))
    codes = np.digitize(x[:, 0] + rng.logistic(size=len(x)), [-1.0, 1.0])
    codes[:3] = 3
    design, link, weights = prepare(codes, x, n_levels=4), LINKS["logit"], np.ones((1, len(x)))
    assert not (design.every(50).codes == 3).any()
    found = maximise(design, link, weights)
    assert found.status[0] == Status.CONVERGED
    assert np.abs(found.at.score).max() < 1e-6


@pytest.mark.parametrize("link", LINKS)
def test_a_quick_fit_has_nine_digits_of_the_careful_one(design, link):
    weights = np.random.default_rng(4).integers(0, 3, (40, design.n_rows)).astype(float)
    careful = maximise(design, LINKS[link], weights)
    quick = maximise(design, LINKS[link], weights, quick=True)
    np.testing.assert_array_equal(quick.status, careful.status)
    held = careful.status == Status.CONVERGED
    assert held.sum() > 30
    errors = [np.sqrt(np.linalg.inv(found.at.information[held])[:, -1, -1]) for found in (quick, careful)]
    np.testing.assert_allclose(quick.params[held], careful.params[held], rtol=NINE_DIGITS, atol=NINE_DIGITS)
    np.testing.assert_allclose(*errors, rtol=NINE_DIGITS)
    np.testing.assert_allclose(quick.at.llf[held], careful.at.llf[held], rtol=NINE_DIGITS)


def test_models_that_bring_skewed_columns_settle_by_plain_steps():
    rng = np.random.default_rng(8)
    rows, models = 150, 200
    column = rng.normal(size=rows)
    codes = np.digitize(column + rng.logistic(size=rows), [-1.0, 0.5, 2.0])
    design = prepare(codes, column[:, None], n_levels=4, n_varying=2)
    own = rng.lognormal(sigma=2.0, size=(models, 2, rows))
    own = (own - own.mean(axis=2, keepdims=True)) / own.std(axis=2, keepdims=True)
    found = maximise(design, LINKS["logit"], np.ones((models, rows)), varying=own, max_iterations=0)
    # Without a step of the careful kind: a full plain step would send some of them away for good.
    assert (found.status == Status.CONVERGED).all()
    assert np.abs(found.at.score).max() < 1e-8
