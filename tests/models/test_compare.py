import numpy as np
import pytest
from scipy import stats

from corrtip.errors import ModelError
from corrtip.models.compare import anova
from corrtip.models.links import LINKS
from corrtip.models.model import clm, fit_arrays

# Sums of two likelihoods.
SAME = 1e-12


@pytest.fixture(scope="module")
def chain(wine):
    return [
        clm("rating ~ temp", wine),
        clm("rating ~ temp + contact", wine),
        clm("rating ~ temp", wine, nominal="~ contact"),
        clm("rating ~ temp + x1", wine, nominal="~ contact", scale="~ temp"),
    ]


def test_each_fit_is_compared_with_the_next_smaller(chain):
    table = anova(chain[2], chain[0], chain[3], chain[1])
    assert table["model"].tolist() == [
        "rating ~ temp",
        "rating ~ temp + contact",
        "rating ~ temp, nominal ~ contact",
        "rating ~ temp + x1, nominal ~ contact, scale ~ temp",
    ]
    assert table["n_params"].tolist() == [5, 6, 9, 11]
    assert table["llf"].tolist() == [fit.llf for fit in chain]
    assert table["aic"].tolist() == [fit.aic for fit in chain]
    assert table["df"].tolist()[1:] == [1, 3, 2]
    wanted = 2.0 * np.diff([fit.llf for fit in chain])
    assert table["statistic"].to_numpy()[1:] == pytest.approx(wanted, rel=SAME)
    assert table["p_value"].to_numpy()[1:] == pytest.approx(stats.chi2.sf(wanted, [1, 3, 2]), rel=SAME)
    assert table.loc[0, ["statistic", "df", "p_value"]].isna().all()


def test_the_likelihood_ratio_is_rs(reference, wine):
    printed = reference("wine_nominal_scale_tests")["wine_scale_probit"]["temp"]
    small = clm("rating ~ temp + contact", wine, link="probit")
    row = anova(small, clm("rating ~ temp + contact", wine, link="probit", scale="~ temp")).iloc[1]
    assert (row["statistic"], row["p_value"]) == pytest.approx((printed["LRT"], printed["Pr(>Chi)"]), rel=1e-10)


def test_the_score_test_is_that_of_a_binary_logit_by_hand():
    # With two levels the score is X'(y - p) and the information X' diag(p (1 - p)) X.
    rng = np.random.default_rng(5)
    x = rng.normal(size=(120, 3))
    y = (x[:, 0] + 0.5 * x[:, 1] + rng.logistic(size=120) > 0.0).astype(int)
    small = fit_arrays(y, x[:, :1], levels=["no", "yes"], names=["u"])
    large = fit_arrays(y, x, levels=["no", "yes"], names=["u", "v", "w"])
    chance = small.predict()["yes"].to_numpy()
    columns = np.column_stack([np.ones(120), x])
    score = columns.T @ (y - chance)
    wanted = score @ np.linalg.solve((columns.T * (chance * (1.0 - chance))) @ columns, score)
    found = anova(small, large, test="score").iloc[1]
    assert found["statistic"] == pytest.approx(wanted, rel=1e-9)
    assert found["df"] == 2


@pytest.mark.parametrize("link", LINKS)
def test_score_and_likelihood_ratio_agree_in_large_samples(link):
    rng = np.random.default_rng(6)
    x = rng.normal(size=(40_000, 2))
    y = np.digitize(x @ [0.5, 0.03] + rng.logistic(size=len(x)), [-1.0, 0.5, 1.5])
    small = fit_arrays(y, x[:, :1], levels=list("abcd"), names=["u"], link=link)
    large = fit_arrays(y, x, levels=list("abcd"), names=["u", "v"], link=link)
    ratio, score = (anova(small, large, test=test)["statistic"][1] for test in ("lr", "score"))
    assert score == pytest.approx(ratio, rel=0.01)


def test_nesting_is_of_models_and_not_of_names(wine):
    data = wine.assign(cold=(wine["temp"] == "cold").astype(float))
    table = anova(clm("rating ~ cold", data), clm("rating ~ temp + x1", data))
    assert table["statistic"][1] > 0.0


def test_sandwiches_do_not_enter(wine):
    one = anova(clm("rating ~ temp", wine), clm("rating ~ temp + x1", wine))
    two = anova(clm("rating ~ temp", wine, cov_type="HC0"), clm("rating ~ temp + x1", wine, cov_type="HC1"))
    assert one.equals(two)


@pytest.mark.parametrize(
    ("formula", "options", "message"),
    [
        ("rating ~ temp + x1", {}, "6 parameters each"),
        ("rating ~ x1 + x2 + judge", {}, "cannot give every row the cut points"),
        ("rating ~ temp + contact + x1", {"link": "probit"}, "different links. Expected one and the same link"),
        ("rating ~ temp + contact + x1", {"weights": "w"}, "different weights"),
        ("rating ~ temp + contact + x1", {"offset": "off"}, "different offsets"),
        ("bottle ~ temp + contact + x1", {"separation": "reduce_bias"}, "bias-reduced"),
    ],
)
def test_what_cannot_be_compared_is_refused(wine, formula, options, message):
    small = clm("rating ~ temp + contact", wine)
    with pytest.raises(ModelError, match=message):
        anova(small, clm(formula, wine, **options))


def test_other_rows_are_other_data(wine):
    small = clm("rating ~ temp + contact", wine)
    with pytest.raises(
        ModelError, match=r"different outcomes: 72 and 70 rows.*Leave out the rows with a missing value"
    ):
        anova(small, clm("rating ~ temp + contact + x1", wine.iloc[:70]))
    with pytest.raises(ModelError, match="different outcomes"):
        anova(small, clm("rating ~ temp + contact + x1", wine.iloc[::-1]))


def test_one_fit_is_no_comparison(wine):
    with pytest.raises(ModelError, match="anova: 1 fit"):
        anova(clm("rating ~ temp", wine))
