from dataclasses import replace

import numpy as np
import pytest

from corrtip.errors import ModelError
from corrtip.models.kernel import evaluate
from corrtip.models.likelihood import embed, require_likelihood, score_statistic
from corrtip.models.links import LINKS
from corrtip.models.model import clm
from corrtip.models.relax import design_of, with_nominal, with_scale

# The same cut points from other columns.
SAME = 1e-12


def without_offset(problem):
    return replace(problem, offset=None)


def recoded(problem):
    """The same model: columns mixed and moved, and a spread of another origin."""
    mixed = problem.location @ np.array([[1.0, 2.0], [0.0, -3.0]]) + 7.0
    return replace(problem, location=mixed, scale=3.0 - 2.0 * problem.scale)


LARGER = {
    "itself": lambda problem: problem,
    "a column more": lambda problem: replace(
        problem,
        location=np.column_stack([problem.location, problem.location[:, 0] ** 2]),
        location_names=(*problem.location_names, "square"),
    ),
    "a term by threshold": lambda problem: with_nominal(problem, [1]),
    "all terms by threshold": lambda problem: with_nominal(problem, [0, 1]),
    "a spread more": lambda problem: with_scale(problem, problem.location[:, :1], ["x0"]),
    "recoded": recoded,
}


@pytest.mark.parametrize("larger", LARGER)
@pytest.mark.parametrize("link", LINKS)
def test_the_larger_model_equals_the_smaller_at_one_point(random_problem, link, larger):
    problem = without_offset(random_problem())
    small, large = design_of(problem), design_of(LARGER[larger](problem))
    params = np.random.default_rng(2).normal(0.0, 0.05, small.layout.size)
    params[:3] += [-1.0, 0.0, 1.0]
    at = embed(small, params, large, "pair")
    weights = problem.weights[small.order][None]
    wanted, found = (
        evaluate(*model, weights) for model in ((small, LINKS[link], params[None]), (large, LINKS[link], at[None]))
    )
    assert found.llf == pytest.approx(wanted.llf, rel=SAME)


def test_parallel_lines_are_the_same_coefficient_turned_round_at_every_threshold(random_problem):
    problem = random_problem(nominal=0)
    params = np.array([-1.0, 0.0, 1.0, 0.3, -0.2, 0.1])
    at = embed(design_of(problem), params, design_of(with_nominal(problem, [0])), "pair")
    assert at == pytest.approx([-1.0, 0.0, 1.0, -0.3, -0.3, -0.3, -0.2, 0.1], rel=SAME)


@pytest.mark.parametrize(
    "smaller",
    [
        lambda problem: replace(problem, location=problem.location[:, :1], location_names=("x0",)),
        lambda problem: replace(problem, scale=problem.scale[:, :0], scale_names=()),
        lambda problem: replace(problem, nominal=problem.nominal[:, :0], nominal_names=()),
        lambda problem: replace(problem, scale=problem.scale + 1.0),  # beside an offset an origin matters
    ],
    ids=["a column less", "no spread", "one line", "a spread of another origin"],
)
def test_what_does_not_hold_the_smaller_model_is_refused(random_problem, smaller):
    problem = random_problem()
    large = design_of(smaller(problem))
    params = np.random.default_rng(2).normal(0.0, 0.05, design_of(problem).layout.size)
    with pytest.raises(ModelError, match=r"pair: the larger model cannot give every row.*Compare aic"):
        embed(design_of(problem), params, large, "pair")


def test_the_score_statistic_is_a_quadratic_form():
    information = np.array([[4.0, 1.0], [1.0, 3.0]])
    score = np.array([2.0, -1.0])
    statistic, full_rank = score_statistic(score, information)
    assert statistic == pytest.approx(score @ np.linalg.inv(information) @ score, rel=SAME)
    assert full_rank


def test_a_direction_without_information_does_not_count():
    statistic, full_rank = score_statistic(np.array([2.0, 0.0]), np.diag([4.0, 0.0]))
    assert (statistic, full_rank) == (1.0, False)


def test_an_information_that_is_none_gives_no_statistic():
    assert np.isnan(score_statistic(np.array([2.0, 1.0]), np.diag([4.0, -1.0]))[0])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"weights": "w", "weight_type": "sampling", "cov_type": "HC0"}, "the test: a fit with sampling weights"),
        ({"separation": "reduce_bias"}, "the test: a bias-reduced fit"),
    ],
)
def test_what_has_no_likelihood_is_refused(wine, options, message):
    with pytest.raises(ModelError, match=message):
        require_likelihood(clm("rating ~ temp", wine, **options).estimate, "the test")
    require_likelihood(clm("rating ~ temp", wine, weights="w", cov_type="HC0").estimate, "the test")
