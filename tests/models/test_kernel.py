import numpy as np
import pytest

from corrtip.models import design as design_module
from corrtip.models.design import prepare
from corrtip.models.kernel import evaluate
from corrtip.models.links import LINKS

# Sums in another order.
VALUE = 1e-12
# The plain distribution functions lose digits of small probabilities, and their slopes are judged by the largest.
PLAIN = 1e-9
# Central differences of exact gradients, step 1e-5.
CURVATURE = 1e-6


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


@pytest.fixture(params=[(1, 1), (0, 0), (1, 0), (0, 1)], ids=["nominal scale", "location", "nominal", "scale"])
def problem(request, random_problem):
    nominal, scale = request.param
    return random_problem(nominal=nominal, scale=scale)


@pytest.fixture
def points(problem):
    """Two standardised points with thresholds in order in every row."""
    layout = prepared(problem).layout
    found = np.random.default_rng(5).normal(0.0, 0.1, (2, layout.size))
    found[:, : layout.n_thresholds] += np.linspace(-1.0, 0.5, layout.n_thresholds)
    return found


@pytest.fixture
def plain(problem, plain_log_likelihood):
    """The plain log-likelihood as a function of standardised parameters, complex ones included."""
    standardisation = prepared(problem).standardisation

    def value(link, params):
        return plain_log_likelihood(problem, link, standardisation.to_user(params[None])[0])

    return value


def complex_step(function, at):
    steps = np.eye(len(at)) * 1e-30j
    return np.array([function(at + step).imag / 1e-30 for step in steps])


@pytest.mark.parametrize("link", LINKS)
def test_value_score_and_information_are_those_of_the_definition(problem, points, plain, link):
    design = prepared(problem)
    weights = np.tile(problem.weights[design.order], (2, 1))
    found = evaluate(design, LINKS[link], points, weights)
    for model, at in enumerate(points):

        def gradient(where):
            return complex_step(lambda params: plain(link, params), where)

        steps = np.eye(len(at)) * 1e-5
        hessian = np.array([(gradient(at + step) - gradient(at - step)) / 2e-5 for step in steps])
        assert found.llf[model] == pytest.approx(plain(link, at), rel=PLAIN)
        slope = gradient(at)
        assert found.score[model] == pytest.approx(slope, rel=PLAIN, abs=PLAIN * np.abs(slope).max())
        largest = np.abs(hessian).max()
        assert found.information[model] == pytest.approx(-hessian, rel=CURVATURE, abs=CURVATURE * largest)


@pytest.mark.parametrize("link", LINKS)
def test_a_batch_is_its_models_one_by_one(problem, points, link):
    design = prepared(problem)
    weights = np.stack([problem.weights[design.order], np.ones(design.n_rows)])
    together = evaluate(design, LINKS[link], points, weights)
    for model in range(2):
        alone = evaluate(design, LINKS[link], points[[model]], weights[[model]])
        assert alone.llf[0] == pytest.approx(together.llf[model], rel=VALUE)
        assert alone.score[0] == pytest.approx(together.score[model], rel=VALUE, abs=VALUE)
        assert alone.information[0] == pytest.approx(together.information[model], rel=VALUE, abs=VALUE)


def test_blocks_give_what_kept_products_give(problem, points, monkeypatch):
    whole = prepared(problem)
    weights = np.tile(problem.weights[whole.order], (2, 1))
    monkeypatch.setattr(design_module, "BLOCK_ROWS", 16)
    pieces = prepared(problem)
    assert whole.kept is not None
    assert pieces.kept is None
    kept, blocked = (evaluate(design, LINKS["probit"], points, weights) for design in (whole, pieces))
    assert blocked.llf == pytest.approx(kept.llf, rel=VALUE)
    assert blocked.score == pytest.approx(kept.score, rel=VALUE, abs=VALUE)
    assert blocked.information == pytest.approx(kept.information, rel=VALUE, abs=VALUE)


def test_columns_that_vary_by_model_enter_as_the_shared_ones_do(random_problem):
    problem = random_problem(nominal=1, scale=1)
    shared = prepared(problem)
    own = prepare(
        problem.codes,
        problem.location[:, :1],
        n_levels=len(problem.levels),
        nominal=problem.nominal,
        scale=problem.scale,
        offset=problem.offset,
        n_varying=1,
    )
    at = np.random.default_rng(5).normal(0.0, 0.1, (1, shared.layout.size))
    at[:, :3] += [-1.0, 0.0, 1.0]
    weights = problem.weights[shared.order][None]
    one = evaluate(shared, LINKS["cloglog"], at, weights)
    other = evaluate(own, LINKS["cloglog"], at, weights, varying=shared.location[:, 1][None, None])
    assert other.llf == pytest.approx(one.llf, rel=VALUE)
    assert other.score == pytest.approx(one.score, rel=VALUE, abs=VALUE)
    assert other.information == pytest.approx(one.information, rel=VALUE, abs=VALUE)


def test_thresholds_out_of_order_have_no_likelihood(problem, points):
    design = prepared(problem)
    points[0, :2] = points[0, 1::-1]
    found = evaluate(design, LINKS["logit"], points, np.ones((2, design.n_rows)))
    assert not found.llf[0] > -np.inf
    assert np.isfinite(found.llf[1])


def test_the_likelihood_may_be_left_out(problem, points):
    design = prepared(problem)
    weights = np.ones((2, design.n_rows))
    without = evaluate(design, LINKS["logit"], points, weights, log_likelihood=False)
    assert np.isnan(without.llf).all()
    assert np.array_equal(without.score, evaluate(design, LINKS["logit"], points, weights).score)
