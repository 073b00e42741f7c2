import pickle
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.base.model import LikelihoodModelResults

from corrtip.errors import ModelError
from corrtip.models.model import clm, fit_arrays
from corrtip.models.profile import profile_intervals
from corrtip.models.results import OrdinalFit

# The same numbers by another path of plain algebra.
ALGEBRA = 1e-12
# R prints fifteen digits of intervals whose standard errors it knows to ten.
R_WALD = 1e-8

WALD_CASES = [
    "wine_temp_contact_logit",
    "wine_temp_contact_probit",
    "wine_temp_contact_cloglog",
    "wine_temp_contact_loglog",
    "wine_scale_temp_logit",
    "wine_scale_temp_probit",
    "wine_scale_temp_cloglog",
    "wine_scale_temp_loglog",
    "wine_weights_logit",
    "wine_offset_logit",
    "wine_collinear_logit",
]


@pytest.fixture
def fit(wine):
    return clm("rating ~ temp + contact", wine)


@pytest.fixture
def full(wine):
    return clm("rating ~ temp + x1", wine, nominal="~ contact", scale="~ temp")


def test_statsmodels_users_find_their_names(fit):
    assert isinstance(fit, LikelihoodModelResults)
    for name in ("params", "bse", "tvalues", "pvalues"):
        assert list(getattr(fit, name).index) == ["1|2", "2|3", "3|4", "4|5", "temp[T.warm]", "contact[T.yes]"]
    assert list(fit.thresholds.index) == ["1|2", "2|3", "3|4", "4|5"]
    assert list(fit.coefficients.index) == ["temp[T.warm]", "contact[T.yes]"]
    assert (fit.nobs, fit.df_model, fit.df_resid) == (72, 2, 66)
    assert fit.aic == pytest.approx(-2.0 * fit.llf + 12.0, rel=ALGEBRA)
    assert fit.bic == pytest.approx(-2.0 * fit.llf + 6.0 * np.log(72.0), rel=ALGEBRA)
    assert fit.prsquared == pytest.approx(1.0 - fit.llf / fit.llnull, rel=ALGEBRA)
    assert fit.llr == pytest.approx(2.0 * (fit.llf - fit.llnull), rel=ALGEBRA)
    assert fit.llr_pvalue == pytest.approx(stats.chi2.sf(fit.llr, 2), rel=ALGEBRA)
    assert fit.pvalues.to_numpy() == pytest.approx(2.0 * stats.norm.sf(np.abs(fit.params / fit.bse)), rel=ALGEBRA)
    assert np.array_equal(fit.normalized_cov_params, fit.cov_params().to_numpy())


def test_a_model_without_predictors_has_no_test_of_them(wine):
    fit = clm("rating ~ 1", wine)
    assert fit.llr == pytest.approx(0.0, abs=1e-9)
    assert np.isnan(fit.llr_pvalue)


@pytest.mark.parametrize("case", WALD_CASES)
def test_wald_intervals_are_rs(reference, fit_wine, case):
    wald = np.array(reference("wine_profile_intervals")[case]["wald_ci95"]["values"])
    assert fit_wine(case).conf_int().to_numpy() == pytest.approx(wald, rel=R_WALD)


def test_intervals_by_level_name_and_method(fit):
    wide, narrow = fit.conf_int(alpha=0.01), fit.conf_int(alpha=0.1)
    assert (wide["conf_low"] < narrow["conf_low"]).all()
    assert list(fit.conf_int(cols=["3|4"]).index) == ["3|4"]
    profile = fit.conf_int(alpha=0.1, cols=["contact[T.yes]"], method="profile")
    pd.testing.assert_frame_equal(profile, profile_intervals(fit, ["contact[T.yes]"], alpha=0.1))
    assert list(fit.conf_int(method="profile").index) == list(fit.names)
    with pytest.raises(ModelError, match=r'method: "bootstrap"\. Expected "wald" or "profile"'):
        fit.conf_int(method="bootstrap")


@pytest.mark.parametrize(
    ("text", "contrast", "value"),
    [
        ("temp[T.warm] = 1", [0, 0, 0, 0, 1, 0], 1.0),
        ("1|2 = 2|3", [1, -1, 0, 0, 0, 0], 0.0),
        ("temp[T.warm] = 2 * contact[T.yes]", [0, 0, 0, 0, 1, -2], 0.0),
    ],
)
def test_hypotheses_are_read_as_text(fit, text, contrast, value):
    contrast = np.array(contrast, dtype=float)
    effect = contrast @ fit.params - value
    error = np.sqrt(contrast @ fit.cov_params() @ contrast)
    found = fit.t_test(text)
    assert float(np.squeeze(found.statistic)) == pytest.approx(effect / error, rel=ALGEBRA)
    assert float(np.squeeze(found.pvalue)) == pytest.approx(2.0 * stats.norm.sf(abs(effect / error)), rel=1e-10)
    by_matrix = fit.t_test((contrast[None], np.array([value])))
    assert float(np.squeeze(by_matrix.statistic)) == pytest.approx(effect / error, rel=ALGEBRA)


def test_joint_hypotheses(fit):
    both = fit.wald_test("temp[T.warm] = 0, contact[T.yes] = 0")
    part = fit.cov_params().iloc[4:, 4:].to_numpy()
    wanted = fit.params.iloc[4:] @ np.linalg.solve(part, fit.params.iloc[4:])
    assert float(both.statistic) == pytest.approx(wanted, rel=ALGEBRA)
    assert float(both.pvalue) == pytest.approx(stats.chi2.sf(wanted, 2), rel=1e-10)
    listed = fit.wald_test(["temp[T.warm] = 0", "contact[T.yes] = 0"])
    assert float(listed.statistic) == pytest.approx(wanted, rel=ALGEBRA)


def test_a_hypothesis_on_an_unknown_name_lists_the_names(fit):
    with pytest.raises(ModelError, match=r"hypothesis \"warm = 0\".*1\|2"):
        fit.t_test("warm = 0")


def test_cov_params_serves_contrasts(fit):
    contrast = np.array([[0.0, 0.0, 0.0, 0.0, 1.0, -1.0]])
    wanted = contrast @ fit.cov_params().to_numpy() @ contrast.T
    assert fit.cov_params(r_matrix=contrast) == pytest.approx(wanted, rel=ALGEBRA)


def test_tidy_is_one_row_a_parameter(full):
    table = full.tidy()
    assert list(table) == [
        "term", "level", "estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high",
    ]  # fmt: skip
    assert list(zip(table["term"], table["level"].fillna("-"), strict=True)) == [
        *((cut, cut) for cut in ("1|2", "2|3", "3|4", "4|5")),
        *(("contact[T.yes]", cut) for cut in ("1|2", "2|3", "3|4", "4|5")),
        ("temp[T.warm]", "-"),
        ("x1", "-"),
        ("scale[temp[T.warm]]", "-"),
    ]
    assert np.array_equal(table["estimate"], full.params)
    assert np.array_equal(table[["conf_low", "conf_high"]], full.conf_int())
    assert np.array_equal(full.tidy(alpha=0.5)["conf_high"], full.conf_int(alpha=0.5)["conf_high"])


def test_glance_is_the_fit_in_one_line(wine):
    line = clm("rating ~ temp", wine, link="cloglog", cov_type="HC1").glance()
    assert list(line.index) == [
        "n", "llf", "aic", "bic", "mcfadden_r2", "lr_chi2", "lr_df", "lr_p_value", "link", "cov_type",
    ]  # fmt: skip
    assert (line["n"], line["lr_df"], line["link"], line["cov_type"]) == (72, 1, "cloglog", "HC1")


def test_a_fit_survives_pickling_with_its_formula(full, wine):
    back = pickle.loads(pickle.dumps(full))
    new = wine.head(9).drop(columns="rating")
    pd.testing.assert_frame_equal(back.tidy(), full.tidy())
    pd.testing.assert_frame_equal(back.predict(new), full.predict(new))
    assert str(back.summary()) == str(full.summary())
    assert repr(back) == f"<OrdinalFit: rating, 5 levels, link logit, n = 72, log-likelihood {full.llf:.4f}>"


def test_predictions_are_labelled_by_row_and_level(fit, wine):
    data = wine.set_index("response").iloc[:5]
    found = fit.predict(data)
    assert list(found.columns) == list(fit.levels)
    assert list(found.index) == list(data.index)
    assert found.sum(axis=1).to_numpy() == pytest.approx(1.0, rel=ALGEBRA)
    assert fit.predict().iloc[:5].to_numpy() == pytest.approx(found.to_numpy(), rel=ALGEBRA)


def test_an_offset_shifts_new_rows(wine):
    fit = clm("rating ~ temp", wine, offset="off")
    assert fit.predict(wine, offset=wine["off"]).to_numpy() == pytest.approx(fit.predict().to_numpy(), rel=ALGEBRA)
    assert (fit.predict(wine, offset=np.full(72, 5.0))["5"] > fit.predict(wine)["5"]).all()


@pytest.fixture
def from_arrays():
    """Return a fit from arrays, some with further terms, and its columns."""
    rng = np.random.default_rng(4)
    x = rng.normal(size=(60, 2))
    y = np.digitize(x[:, 0] + rng.logistic(size=60), [-1.0, 1.0])
    return lambda **terms: (fit_arrays(y, x, levels=["a", "b", "c"], names=["u", "v"], **terms), x)


def test_arrays_predict_from_arrays_of_their_columns(from_arrays):
    fit, x = from_arrays()
    assert fit.predict(x[:7]).to_numpy() == pytest.approx(fit.predict().iloc[:7].to_numpy(), rel=ALGEBRA)


@pytest.mark.parametrize("shape", [(60,), (60, 1), (60, 3), (30, 2, 2)])
def test_new_rows_of_another_shape_than_the_columns_are_refused(from_arrays, shape):
    fit, _ = from_arrays()
    with pytest.raises(ModelError) as caught:
        fit.predict(np.zeros(shape))
    assert str(caught.value).startswith(f"data: shape {shape}. Expected (rows, 2), a model of location columns alone")


@pytest.mark.parametrize("kind", ["nominal", "scale"])
def test_arrays_alone_do_not_predict_models_with_further_terms(from_arrays, kind):
    terms = {kind: np.arange(60.0)[:, None] % 2, f"{kind}_names": ["w"]}
    fit, x = from_arrays(**terms)
    with pytest.raises(ModelError, match="Fit by formula to predict models with nominal or scale terms on new data"):
        fit.predict(x)


def test_convergence_tells_the_digits_that_hold(reference, fit_wine):
    fit = fit_wine("wine_scale_temp_probit")
    exact = np.array(reference("mp_wine_50digits")["wine_scale_temp_probit"]["par"], dtype=float)
    table = fit.convergence()
    right = -np.log10(np.maximum(np.abs(fit.params.to_numpy() / exact - 1.0), 1e-16))
    # The remaining Newton step is itself rounded: half a digit of slack, and past thirteen only rounding is left.
    assert (right >= np.minimum(table["digits"], 13.0) - 0.5).all()
    assert table["digits"].min() > 10.0
    assert set(table.attrs) == {"max_score", "condition", "iterations"}
    assert table.attrs["max_score"] < 1e-9


def ending_at(fit, params, score):
    """Return the fit as if it had ended at these estimates, with this score at the standardised ones."""
    at = replace(fit.estimate.maximum.at, score=score[None])
    return OrdinalFit(replace(fit.estimate, params=params, maximum=replace(fit.estimate.maximum, at=at)))


def test_an_error_is_the_step_that_remains_in_the_users_units(wine):
    fit = clm("rating ~ temp + x1", wine, nominal="~ contact")
    maximum, standardisation = fit.estimate.maximum, fit.estimate.design.standardisation
    step = np.linspace(-1e-3, 1e-3, len(fit.names))
    moved = standardisation.to_user(maximum.params + step) - standardisation.to_user(maximum.params)
    table = ending_at(fit, fit.estimate.params, maximum.at.information[0] @ step).convergence()
    assert table["error"].to_numpy() == pytest.approx(np.abs(moved[0]), rel=1e-9)  # a difference of near numbers
    assert table["digits"].to_numpy() == pytest.approx(-np.log10(table["error"] / np.abs(fit.params)), rel=ALGEBRA)
    assert table.attrs["max_score"] == np.abs(maximum.at.information[0] @ step).max()
    assert table.attrs["condition"] == pytest.approx(np.linalg.cond(maximum.at.information[0]), rel=ALGEBRA)
    assert table.attrs["iterations"] == maximum.iterations[0]


@pytest.mark.parametrize(
    ("estimate", "score", "digits"),
    [
        (1.0, 0.0, 15.0),  # nothing remains
        (1.0, 1e-30, 15.0),  # less remains than a double holds
        (1.0, 1e30, 0.0),  # more remains than the estimate itself
        (0.0, 1e-30, 0.0),  # of a zero no digit is right, however near it is
        (0.0, 0.0, 15.0),  # but all are where it is hit
    ],
)
def test_digits_are_never_less_than_none_nor_more_than_a_double_holds(fit, estimate, score, digits):
    same = np.ones(len(fit.names))
    assert (ending_at(fit, estimate * same, score * same).convergence()["digits"] == digits).all()
