from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from corrtip.errors import ModelError
from corrtip.models.covariance import inverse_columns, score_blocks, white_variances
from corrtip.models.design import prepare
from corrtip.models.links import get_link
from corrtip.models.model import clm
from corrtip.models.newton import maximise

# The same matrix up to a factor, or from rows in another order.
SAME = 1e-12

pytestmark = pytest.mark.filterwarnings("ignore:groups. . clusters")


def covariance(data, cov_type, **options):
    return clm("rating ~ temp + contact", data, cov_type=cov_type, **options).cov_params().to_numpy()


def test_small_sample_factors(wine):
    n, k, g = 72, 6, 9
    hc0, cr0 = covariance(wine, "HC0"), covariance(wine, "CR0", groups="judge")
    assert covariance(wine, "HC1") == pytest.approx(hc0 * n / (n - k), rel=SAME)
    assert covariance(wine, "stata", groups="judge") == pytest.approx(cr0 * g / (g - 1), rel=SAME)
    assert covariance(wine, "cluster", groups="judge") == pytest.approx(cr0 * g / (g - 1) * (n - 1) / (n - k), rel=SAME)


def test_clusters_of_one_row_are_no_clusters(wine):
    single = np.arange(len(wine))
    assert covariance(wine, "CR0", groups=single) == pytest.approx(covariance(wine, "HC0"), rel=1e-10)


@pytest.mark.parametrize("cov_type", ["nonrobust", "HC0", "HC1", "CR0", "cluster"])
def test_a_frequency_weight_of_two_is_the_row_twice(wine, cov_type):
    weights = np.tile([1, 2, 1], 24)
    long = wine.loc[np.repeat(wine.index, weights)].reset_index(drop=True)
    by_weight = covariance(wine, cov_type, weights=weights, groups="judge")
    assert by_weight == pytest.approx(covariance(long, cov_type, groups="judge"), rel=1e-10)


def test_the_scale_of_sampling_weights_changes_nothing(wine):
    one = covariance(wine, "HC1", weights="w", weight_type="sampling")
    ten = covariance(wine.assign(w=10.0 * wine["w"]), "HC1", weights="w", weight_type="sampling")
    assert ten == pytest.approx(one, rel=1e-10)


def test_sampling_weights_differ_from_frequency_weights(wine):
    frequency = covariance(wine, "HC0", weights="w")
    sampling = covariance(wine, "HC0", weights="w", weight_type="sampling")
    assert np.abs(frequency / sampling - 1.0).min() > 0.01


def test_scores_sum_to_zero_at_the_maximum(wine):
    fit = clm("rating ~ temp", wine, nominal="~ contact", scale="~ temp").estimate
    total = sum(scores.sum(axis=0) for _, scores in score_blocks(fit.design, fit.link, fit.maximum.params[0]))
    assert total == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("link", ["logit", "cauchit"])
def test_a_score_is_the_slope_of_its_rows_likelihood(random_problem, plain_log_likelihood, link):
    # Away from the maximum, with all kinds of terms at once, in the user's row order and units.
    problem = random_problem(seed=5, rows=40, levels=3, nominal=2, scale=2)
    design = prepare(
        problem.codes,
        problem.location,
        n_levels=3,
        nominal=problem.nominal,
        scale=problem.scale,
        offset=problem.offset,
    )
    params = np.concatenate([[-1.0, 1.0], [0.1, 0.2, -0.1, 0.1], [0.3, -0.2], [0.1, -0.1]])
    user = design.standardisation.to_user(params[None])[0]
    found = np.empty((40, len(params)))
    for rows, scores in score_blocks(design, get_link(link), params):
        found[design.order[rows]] = scores @ np.linalg.inv(design.standardisation.jacobian(params[None])[0])
    step = 1e-30
    for row, alone in enumerate(np.eye(40)):
        only = replace(problem, weights=alone)
        slope = [plain_log_likelihood(only, link, user + line).imag / step for line in np.eye(len(user)) * step * 1j]
        assert found[row] == pytest.approx(slope, rel=1e-9, abs=1e-12)


def test_few_clusters_are_said(wine):
    with pytest.warns(UserWarning, match="9 clusters; below 30"):
        covariance(wine, "cluster", groups="judge")
    many = wine.assign(pair=np.arange(len(wine)) // 2)
    covariance(many, "cluster", groups="pair")  # 36 clusters, and a warning would be an error


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"cov_type": "HC3"}, 'cov_type: "HC3". Expected one of nonrobust'),
        ({"cov_type": "cluster"}, "groups: none given"),
        ({"cov_type": "cluster", "groups": np.zeros(72)}, "groups: 1 cluster. Expected two"),
        ({"cov_type": "nonrobust", "weights": "w", "weight_type": "sampling"}, "nonrobust.*sampling weights"),
    ],
)
def test_what_has_no_covariance_is_refused(wine, options, message):
    with pytest.raises(ModelError, match=message):
        covariance(wine, **options)


def test_a_cluster_without_weight_is_none(wine):
    weights = np.where(wine["judge"] == "1", 0.0, 1.0)
    kept = pd.DataFrame(wine[wine["judge"] != "1"])
    assert covariance(wine, "stata", weights=weights, groups="judge") == pytest.approx(
        covariance(kept, "stata", groups="judge"), rel=1e-10
    )


@pytest.mark.parametrize("link", ["logit", "probit", "cloglog"])
def test_a_batch_has_the_variances_of_its_single_fits(wine, link):
    weights = np.array([np.ones(72), np.tile([1.0, 2.0, 0.0], 24)])
    fits = [clm("rating ~ temp + contact", wine[w > 0], link=link, weights=w[w > 0]).estimate for w in weights]
    robust = [
        clm("rating ~ temp + contact", wine[w > 0], link=link, weights=w[w > 0], cov_type="HC0").cov_params().iloc[4, 4]
        for w in weights
    ]
    design, by_link = fits[0].design, fits[0].link
    found = maximise(design, by_link, weights[:, design.order])
    inverse = inverse_columns(found, 4)
    white = white_variances(design, by_link, found, weights[:, design.order], inverse)
    spread = design.standardisation.location[1][0]
    assert inverse[:, 4] / spread**2 == pytest.approx([fit.covariance[4, 4] for fit in fits], rel=1e-9)
    assert white / spread**2 == pytest.approx(robust, rel=1e-9)

    # The same column, brought by each model itself.
    codes, columns = fits[0].problem.codes, fits[0].problem.location
    own = prepare(codes, columns[:, 1:], n_levels=5, n_varying=1)
    mine = np.tile(columns[own.order, 0], (2, 1, 1))
    found = maximise(own, by_link, weights[:, own.order], varying=mine)
    inverse = inverse_columns(found, 5)
    white = white_variances(own, by_link, found, weights[:, own.order], inverse, mine)
    assert inverse[:, 5] == pytest.approx([fit.covariance[4, 4] for fit in fits], rel=1e-9)
    assert white == pytest.approx(robust, rel=1e-9)


def test_a_batch_with_scale_terms_has_no_such_variances(wine):
    fit = clm("rating ~ temp", wine, scale="~ contact").estimate
    with pytest.raises(ModelError, match="scale terms or an offset"):
        white_variances(fit.design, fit.link, fit.maximum, np.ones((1, 72)), inverse_columns(fit.maximum, 4))
