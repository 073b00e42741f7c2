import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

from corrtip.errors import ModelError
from corrtip.models.brant import brant
from corrtip.models.model import clm, fit_arrays

# R's brant takes each glm's covariance at its last but one step, when the deviance moved by less than 1e-8 of itself.
R_GLM = 1e-5
# What R prints: two decimals.
R_PRINTED = 5e-3
# What R computes where a binary logit separates depends on where its glm stopped.
R_SEPARATED = 5e-3
SAME = 1e-8


def stacked(y, x):
    """Coefficients of all binary logits without intercepts, their covariance, and the one that R's brant uses."""
    fits = [sm.Logit((y > cut).astype(float), sm.add_constant(x)).fit(disp=0, tol=1e-14) for cut in np.unique(y)[:-1]]
    columns, chances = sm.add_constant(x), [fit.predict() for fit in fits]
    k, p = len(fits), x.shape[1]
    right, as_in_r = np.zeros((2, k * p, k * p))
    bread = [np.linalg.inv((columns.T * (chance * (1 - chance))) @ columns) for chance in chances]
    for i in range(k):
        for j in range(i, k):
            meat = (columns.T * (chances[j] - chances[i] * chances[j])) @ columns
            block = (bread[i] @ meat @ bread[j])[1:, 1:]
            here, there = slice(i * p, (i + 1) * p), slice(j * p, (j + 1) * p)
            right[here, there], right[there, here] = block, block.T
            as_in_r[there, here] = as_in_r[here, there] = block  # not transposed
    return np.concatenate([fit.params[1:] for fit in fits]), right, as_in_r


def omnibus(estimates, covariance, p):
    k = len(estimates) // p
    contrast = np.kron(np.column_stack([np.ones(k - 1), -np.eye(k - 1)]), np.eye(p))
    apart = contrast @ estimates
    return apart @ np.linalg.solve(contrast @ covariance @ contrast.T, apart)


def test_single_terms_are_rs(reference, sim400):
    printed = np.array(reference("brant_and_fit_tests")["brant_sim400"]["values"])
    table = brant(clm("y ~ a + b + c", sim400)).table
    assert table["term"].tolist() == ["(all)", "a", "b", "c"]
    assert table["df"].tolist() == printed[:, 1].tolist()
    assert table["statistic"].to_numpy()[1:] == pytest.approx(printed[1:, 0], rel=R_GLM)
    assert table["p_value"].to_numpy()[1:] == pytest.approx(printed[1:, 2], rel=R_GLM)
    assert table["statistic"][0] == pytest.approx(printed[0, 0], abs=R_PRINTED)
    assert table["p_value"][0] == pytest.approx(printed[0, 2], abs=R_PRINTED)


def test_rs_omnibus_is_that_of_blocks_it_forgot_to_transpose(reference, sim400):
    printed = reference("brant_and_fit_tests")["brant_sim400"]["values"][0][0]
    estimates, right, as_in_r = stacked(sim400["y"].to_numpy(), sim400[["a", "b", "c"]].to_numpy())
    ours = brant(clm("y ~ a + b + c", sim400)).table["statistic"][0]
    assert omnibus(estimates, as_in_r, 3) == pytest.approx(printed, rel=R_GLM)
    assert omnibus(estimates, right, 3) == pytest.approx(ours, rel=SAME)
    assert abs(ours / printed - 1.0) > 5e-5


def test_where_logits_separate_the_infinite_does_not_count(reference, fit_wine):
    # No warm wine has level 1 and no cold one level 5. R counts the two infinite coefficients among the six and three
    # degrees of freedom, and its statistics are those at which its iterations stopped.
    printed = np.array(reference("brant_and_fit_tests")["brant_wine"]["values"])
    message = r"separate \(at 1\|2 by temp\[T.warm\]; at 4\|5 by temp\[T.warm\]\).*no observation has level 5 with temp"
    with pytest.warns(UserWarning, match=message):
        found = brant(fit_wine("wine_temp_contact_logit"))
    assert found.table["statistic"].to_numpy() == pytest.approx(printed[:, 0], abs=R_SEPARATED)
    assert found.table["df"].tolist() == [4, 1, 3]
    as_in_r = stats.chi2.sf(found.table["statistic"], printed[:, 1])
    assert as_in_r == pytest.approx(printed[:, 2], abs=R_SEPARATED)
    assert found.table["p_value"].to_numpy() == pytest.approx(
        stats.chi2.sf(found.table["statistic"], [4, 1, 3]), rel=1e-12
    )
    assert len(found.notes) == 2


def test_the_limit_is_the_one_that_a_vanishing_share_of_the_other_level_approaches(wine):
    # A warm wine at level 1 and a cold one at level 5, of next to no weight, make every logit finite.
    rows = pd.DataFrame({"rating": ["1", "5"], "temp": ["warm", "cold"], "contact": ["no", "no"]})
    data = pd.concat([wine[["rating", "temp", "contact"]].astype(str), rows], ignore_index=True)
    data["rating"] = pd.Categorical(data["rating"], ordered=True)
    with pytest.warns(UserWarning, match="separate"):
        limit = brant(clm("rating ~ temp + contact", wine)).table["statistic"].to_numpy()
    near = brant(clm("rating ~ temp + contact", data, weights=np.r_[np.ones(72), 1e-6, 1e-6])).table
    assert near["df"].tolist() == [6, 3, 3]
    assert near["statistic"].to_numpy() == pytest.approx(limit, rel=1e-3)


def test_a_factor_is_one_term_and_units_do_not_matter(sim400):
    data = sim400.assign(group=np.where(sim400["a"] > 0.5, "u", np.where(sim400["a"] < -0.5, "v", "w")))
    one = brant(clm("y ~ group + b", data)).table
    two = brant(clm("y ~ group + b", data.assign(b=2005.0 + 1e-3 * data["b"]))).table
    assert one["term"].tolist() == ["(all)", "group", "b"]
    assert one["df"].tolist() == [6, 4, 2]
    assert two["statistic"].to_numpy() == pytest.approx(one["statistic"].to_numpy(), rel=1e-6)


def test_weights_count_as_rows_and_an_offset_enters(sim400):
    weights = np.tile([1, 2], 200)
    long = sim400.loc[np.repeat(sim400.index, weights)].reset_index(drop=True)
    one = brant(clm("y ~ a + b", sim400, weights=weights, offset=0.3 * sim400["c"])).table
    two = brant(clm("y ~ a + b", long, offset=0.3 * long["c"])).table
    assert one["statistic"].to_numpy() == pytest.approx(two["statistic"].to_numpy(), rel=SAME)
    without = brant(clm("y ~ a + b", long)).table
    assert np.abs(without["statistic"] / two["statistic"] - 1.0).min() > 1e-3


def test_three_levels_and_one_column_are_the_textbook_contrast():
    rng = np.random.default_rng(3)
    x = rng.normal(size=300)
    y = np.digitize(x + rng.logistic(size=300), [-0.5, 1.0])
    estimates, covariance, _ = stacked(y, x[:, None])
    contrast = (estimates[0] - estimates[1]) ** 2 / (covariance[0, 0] + covariance[1, 1] - 2.0 * covariance[0, 1])
    table = brant(fit_arrays(y, x[:, None], levels=list("abc"), names=["x"])).table
    assert table["statistic"].to_numpy() == pytest.approx([contrast, contrast], rel=SAME)


@pytest.mark.parametrize(
    ("formula", "options", "message"),
    [
        ("y ~ a", {"link": "probit"}, "brant: link probit. Expected logit.*nominal_test"),
        ("y ~ a", {"nominal": "~ b"}, "nominal or scale terms"),
        ("y ~ a", {"scale": "~ b"}, "nominal or scale terms"),
        ("y ~ 1", {}, "no location term"),
        ("z ~ a", {}, "two levels"),
    ],
)
def test_where_brant_does_not_apply_it_says_why(sim400, formula, options, message):
    with pytest.raises(ModelError, match=message):
        brant(clm(formula, sim400.assign(z=(sim400["y"] > 2).astype(int)), **options))
