from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import special, stats

from corrtip.errors import ModelError
from corrtip.models.effects import average_effects, average_probabilities, odds_ratios, predicted_probabilities
from corrtip.models.links import LINKS, get_link
from corrtip.models.model import clm, fit_arrays
from corrtip.models.results import OrdinalFit

# The reference has 20 digits; doubles leave the estimates of this model about 1e-14.
FIFTY_DIGITS = 1e-12
# The same arithmetic in another order.
SAME = 1e-12
# Central differences of exact values, with steps of a ten-thousandth of a standard error.
DIFFERENCES = 1e-6
# What R prints of its profile, between whose twenty points it interpolates.
PROFILE = 1e-3


@pytest.fixture(scope="module")
def simulated():
    """Return rows whose outcome depends on a transformed number, an interaction, a category and a boolean."""

    def make(link="logit", rows=300, seed=3):
        rng = np.random.default_rng(seed)
        data = pd.DataFrame(
            {
                "x": rng.gamma(2.0, 1.0, rows) + 0.01,
                "z": rng.normal(size=rows),
                "g": rng.choice(["a", "b", "c"], rows),
                "b": rng.random(rows) < 0.4,
                "w": rng.integers(1, 4, rows),
                "off": rng.normal(0.0, 0.3, rows),
            }
        )
        centre = 1.2 * np.log(data["x"]) + 0.6 * data["z"] + 0.5 * (data["g"] == "b") - 0.4 * data["b"] + data["off"]
        error = get_link(link).ppf(rng.random(rows)) * np.exp(0.2 * data["z"])
        return data.assign(y=np.digitize(centre + error, [-1.0, 0.3, 1.5]) + 1)

    return make


def everything(data, link):
    return clm(
        "y ~ log(x) * z + g + b", data, link=link, nominal="~ b", scale="~ z + I(x ** 2)", weights="w", offset="off"
    )


def error_along_a_direction(fit, ask):
    """Return the standard errors under the covariance ``v v'``, ``|gradient . v|``, and the same by differences."""
    direction = np.random.default_rng(1).normal(size=len(fit.names)) * fit.bse.to_numpy()

    def moved(distance):
        estimate = replace(
            fit.estimate,
            params=fit.estimate.params + distance * direction,
            covariance=np.outer(direction, direction),
        )
        return ask(OrdinalFit(estimate, fit.terms, fit.data))

    step = 1e-4
    slope = (moved(step)["estimate"] - moved(-step)["estimate"]) / (2.0 * step)
    return moved(0.0)["std_error"], np.abs(slope)


@pytest.mark.parametrize("model", ["wine_temp_contact_logit", "wine_temp_contact_probit", "wine_collinear_logit"])
def test_averages_are_those_of_fifty_digits(model, reference, wine):
    figures = reference("mp_margins")[model]
    formula = "rating ~ temp + contact" + (" + x1 + x2" if "collinear" in model else "")
    fit = clm(formula, wine, link="probit" if "probit" in model else "logit")
    found = {
        "avg_prediction": average_probabilities(fit),
        "avg_discrete_change_temp": average_effects(fit, "temp"),
        "avg_discrete_change_contact": average_effects(fit, "contact"),
    }
    if "collinear" in model:
        found |= {f"avg_derivative_{name}": average_effects(fit, name) for name in ("x1", "x2")}
    assert found.keys() == figures.keys()
    for name, table in found.items():
        for column, key in (("estimate", "est"), ("std_error", "se")):
            expected = [float(value) for value in figures[name][key]]
            np.testing.assert_allclose(table[column], expected, rtol=FIFTY_DIGITS, err_msg=f"{name} {key}")


QUESTIONS = {
    "slope in an interaction and the scale": ("z", {}),
    "step": ("x", {"step": 0.5}),
    "category": ("g", {}),
    "nominal boolean": ("b", {}),
    "slope at the mean": ("z", {"at": "mean"}),
}
# The columns do not depend on the parameters, so that one link shows what a transform does.
CASES = [(link, question) for link in LINKS for question in QUESTIONS.values()]
CASES += [("cloglog", ("x", {})), ("cloglog", ("x", {"at": {"z": 1.0, "g": "c"}}))]


@pytest.mark.parametrize(("link", "question"), CASES)
def test_standard_errors_follow_from_the_gradient_of_the_estimates(link, question, simulated):
    fit = everything(simulated(link), link)
    variable, options = question
    found = average_effects(fit, variable, **options)
    np.testing.assert_allclose(
        *error_along_a_direction(fit, lambda moved: average_effects(moved, variable, **options)),
        rtol=DIFFERENCES,
        atol=DIFFERENCES * found["std_error"].max(),
    )
    by_contrast = found.groupby("contrast")["estimate"].sum()
    np.testing.assert_allclose(by_contrast, 0.0, atol=SAME)


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("variable", ["x", "z"])
def test_a_slope_is_the_limit_of_changes_in_the_predictions(variable, link, simulated):
    data = simulated(link)
    fit, weights, step = everything(data, link), data["w"] / data["w"].sum(), 1e-5
    above, below = (
        weights @ fit.predict(data.assign(**{variable: data[variable] + sign * step}), offset=data["off"])
        for sign in (1, -1)
    )
    found = average_effects(fit, variable)
    # Rounding of the predictions over the step.
    np.testing.assert_allclose(found["estimate"], (above - below) / (2.0 * step), atol=1e-10)


def test_changes_are_those_of_the_predictions(simulated):
    data = simulated()
    fit, weights = everything(data, "logit"), data["w"] / data["w"].sum()

    def mean(**changed):
        return (weights @ fit.predict(data.assign(**changed), offset=data["off"])).to_numpy()

    rise = average_effects(fit, "x", step=2)
    np.testing.assert_allclose(rise["estimate"], mean(x=data["x"] + 2) - mean(), atol=SAME)
    assert set(rise["contrast"]) == {"+2"}
    groups = average_effects(fit, "g").groupby("contrast")["estimate"]
    assert list(groups.groups) == ["b - a", "c - a"]
    for level in "bc":
        np.testing.assert_allclose(groups.get_group(f"{level} - a"), mean(g=level) - mean(g="a"), atol=SAME)
    flag = average_effects(fit, "b", at={"z": 1.0})
    assert set(flag["contrast"]) == {"1 - 0"}
    np.testing.assert_allclose(flag["estimate"], mean(b=True, z=1.0) - mean(b=False, z=1.0), atol=SAME)
    np.testing.assert_allclose(average_probabilities(fit, at={"g": "c"})["estimate"], mean(g="c"), atol=SAME)


def test_the_reference_level_is_that_of_the_formula(wine):
    turned = average_effects(clm('rating ~ C(temp, Treatment("warm"))', wine), "temp")
    plain = average_effects(clm("rating ~ temp", wine), "temp")
    assert set(turned["contrast"]) == {"cold - warm"}
    # Two codings end at two points of the last rounding.
    np.testing.assert_allclose(turned["estimate"], -plain["estimate"], atol=1e-10)


def test_arrays_and_formulas_agree(wine):
    columns = np.column_stack([wine["temp"] == "warm", wine["contact"] == "yes", wine["x1"]]).astype(float)
    codes = wine["rating"].cat.codes.to_numpy()
    names = ["temp", "contact", "x1"]
    by_array = fit_arrays(codes, columns, levels=list("12345"), names=names)
    by_formula = clm("rating ~ temp + contact + x1", wine)
    for name in names:
        left, right = (average_effects(fit, name) for fit in (by_array, by_formula))
        np.testing.assert_allclose(left["estimate"], right["estimate"], rtol=1e-10)
        np.testing.assert_allclose(left["std_error"], right["std_error"], rtol=1e-10)
    shifted_rows = pd.DataFrame(columns + 1.0, columns=names)
    left, right = (average_effects(by_array, "x1", data=shifted_rows), average_effects(by_array, "x1"))
    assert (np.abs(left["estimate"] - right["estimate"]) > 1e-4).any()
    with pytest.raises(ModelError, match='no column "contact"'):
        average_effects(by_array, "x1", data=shifted_rows[["temp", "x1"]])


@pytest.mark.parametrize("alpha", [0.05, 0.2])
def test_statistic_p_value_and_interval_are_those_of_estimate_and_error(simulated, alpha):
    table = average_effects(everything(simulated(), "logit"), "g", alpha=alpha)
    ratio = table["estimate"] / table["std_error"]
    np.testing.assert_allclose(table["statistic"], ratio, rtol=SAME)
    np.testing.assert_allclose(table["p_value"], 2.0 * stats.norm.cdf(-ratio.abs()), rtol=1e-10)
    for column, tail in (("conf_low", alpha / 2.0), ("conf_high", 1.0 - alpha / 2.0)):
        end = stats.norm.ppf(tail, table["estimate"], table["std_error"])
        np.testing.assert_allclose(table[column], end, rtol=1e-10, atol=SAME)


def test_a_row_twice_is_a_weight_of_two(simulated):
    data = simulated()
    twice = data.loc[data.index.repeat(data["w"])]
    options = {"nominal": "~ b", "scale": "~ z", "offset": "off"}
    weighted, repeated = clm("y ~ log(x) + z", data, weights="w", **options), clm("y ~ log(x) + z", twice, **options)
    for question in ({"variable": "x"}, {"variable": "z", "at": "mean"}, {"variable": "b"}):
        left, right = (average_effects(fit, **question) for fit in (weighted, repeated))
        np.testing.assert_allclose(left["estimate"], right["estimate"], rtol=1e-8, atol=SAME)
        np.testing.assert_allclose(left["std_error"], right["std_error"], rtol=1e-8, atol=SAME)


def test_effects_are_of_the_data_as_they_were_at_the_fit(simulated):
    data = simulated()
    fit = everything(data, "logit")
    before = average_effects(fit, "x")
    data["x"], data["g"] = 1.0, "a"
    pd.testing.assert_frame_equal(average_effects(fit, "x"), before)


def test_new_rows_count_once_each(simulated):
    data = simulated()
    fit = everything(data, "logit")
    new = data.head(5)
    mean = fit.predict(new, offset=new["off"]).mean()
    np.testing.assert_allclose(average_probabilities(fit, data=new, offset=new["off"])["estimate"], mean, rtol=SAME)


@pytest.mark.parametrize(
    ("link", "error"),
    [("logit", stats.logistic), ("probit", stats.norm), ("cloglog", stats.gumbel_l), ("loglog", stats.gumbel_r)],
)
def test_the_latent_effect_is_in_standard_deviations_of_the_latent_outcome(wine, link, error):
    fit = clm("rating ~ temp + x1", wine, link=link)
    beta, (theta,) = fit.params[["temp[T.warm]", "x1"]].to_numpy(), [fit.thresholds.size]
    columns = np.column_stack([wine["temp"] == "warm", wine["x1"]]).astype(float)
    assert fit.params.size == theta + 2
    deviation = np.sqrt(np.var(columns @ beta) + error.var())
    for place, name in enumerate(("temp", "x1")):
        found = average_effects(fit, name, on="latent")
        assert found["level"].isna().all()
        np.testing.assert_allclose(found["estimate"], beta[place] / deviation, rtol=SAME)


@pytest.mark.parametrize("link", ["logit", "probit", "cloglog", "loglog"])
def test_latent_effects_carry_the_error_of_the_deviation(link, simulated):
    fit = clm("y ~ log(x) * z + g + b", simulated(link), link=link, scale="~ z", weights="w", offset="off")
    for variable, step in (("z", None), ("z", 1.0), ("g", None)):
        errors = error_along_a_direction(
            fit, lambda moved, variable=variable, step=step: average_effects(moved, variable, step=step, on="latent")
        )
        np.testing.assert_allclose(*errors, rtol=DIFFERENCES)


def test_the_latent_mean_moves_with_the_spread_where_the_error_has_a_mean():
    # E(y*) = x'beta + E(e) exp(z'zeta), by simulating the latent outcome itself.
    rng = np.random.default_rng(8)
    data = pd.DataFrame({"z": rng.normal(size=1000)})
    error = get_link("cloglog").ppf(rng.random(1000))
    data["y"] = np.digitize(0.5 * data["z"] + np.exp(0.4 * data["z"]) * error, [-2.0, -0.5, 0.5])
    fit = clm("y ~ z", data, link="cloglog", scale="~ z")
    draws = get_link("cloglog").ppf((np.arange(10_000) + 0.5) / 10_000)
    beta, zeta = fit.params["z"], fit.params["scale[z]"]

    def latent(z):
        return beta * z[:, None] + np.exp(zeta * z)[:, None] * draws

    z = data["z"].to_numpy()[:500]
    found = average_effects(fit, "z", step=1.0, on="latent", data=data.head(500))["estimate"].iloc[0]
    deviation = latent(data["z"].to_numpy()).std()
    assert found == pytest.approx((latent(z + 1).mean() - latent(z).mean()) / deviation, rel=1e-3)


def test_what_has_no_answer_is_refused(simulated, wine):
    data = simulated()
    fit = everything(data, "logit")
    with pytest.raises(ModelError, match="nominal terms"):
        average_effects(fit, "x", on="latent")
    with pytest.raises(ModelError, match="cauchit"):
        average_effects(clm("rating ~ temp", wine, link="cauchit"), "temp", on="latent")
    with pytest.raises(ModelError, match="Nearest: 'temp'"):
        average_effects(clm("rating ~ temp", wine), "tempo")
    with pytest.raises(ModelError, match="not in the model"):
        average_effects(fit, "x", at={"off": 0.0})
    with pytest.raises(ModelError, match="step 2"):
        average_effects(fit, "b", step=2)
    with pytest.raises(ModelError, match="zero"):
        average_effects(fit, "x", step=0.0)
    with pytest.raises(ModelError, match="a list"):
        average_effects(fit, "x", data=[[1.0]])


def test_the_band_of_two_levels_is_that_of_the_linear_predictor(simulated):
    data = simulated()
    fit = clm("y ~ x + z", data.assign(y=data["y"] > 2))
    found = predicted_probabilities(fit, alpha=0.1)
    lower = found[found["level"] == "False"]
    design = np.column_stack([np.ones(len(data)), -data["x"], -data["z"]])
    centre = design @ fit.params.to_numpy()
    reach = stats.norm.ppf(0.95) * np.sqrt(np.einsum("ij,jk,ik->i", design, fit.estimate.covariance, design))
    np.testing.assert_allclose(lower["estimate"], special.expit(centre), rtol=SAME)
    np.testing.assert_allclose(lower["conf_low"], special.expit(centre - reach), rtol=1e-10)
    np.testing.assert_allclose(lower["conf_high"], special.expit(centre + reach), rtol=1e-10)


@pytest.mark.parametrize("link", LINKS)
def test_bands_stay_within_zero_and_one(link, simulated):
    data = simulated(link)
    fit = clm("y ~ x", data, link=link)
    far = pd.DataFrame({"x": [-1e4, -40.0, 0.0, 40.0, 1e4]}, index=list("abcde"))
    found = predicted_probabilities(fit, far)
    assert list(found["row"].unique()) == list("abcde")
    assert list(found["level"]) == list(fit.levels) * 5
    np.testing.assert_array_equal(found["estimate"].to_numpy().reshape(5, -1), fit.predict(far).to_numpy())
    assert found["conf_low"].min() >= 0.0
    assert found["conf_high"].max() <= 1.0
    assert (found["conf_low"] <= found["estimate"] + SAME).all()
    assert (found["estimate"] <= found["conf_high"] + SAME).all()


def test_without_uncertainty_a_band_is_its_estimate(simulated):
    data = simulated()
    fit = clm("y ~ x", data)
    certain = replace(fit.estimate, covariance=np.zeros_like(fit.estimate.covariance))
    # Far out some probabilities are 0 and 1, where the logit has no value.
    found = predicted_probabilities(OrdinalFit(certain, fit.terms, fit.data), pd.DataFrame({"x": [0.0, 1.0, 1e4]}))
    assert {0.0, 1.0} < set(found["estimate"])
    for column in ("conf_low", "conf_high"):
        np.testing.assert_allclose(found[column], found["estimate"], rtol=SAME)


def test_a_band_of_one_row_is_the_band_of_its_average(simulated):
    data = simulated()
    fit = everything(data, "probit")
    row = data.head(1)
    alone, averaged = predicted_probabilities(fit, row), average_probabilities(fit, data=row)
    columns = ["estimate", "std_error", "conf_low", "conf_high"]
    np.testing.assert_allclose(alone[columns], averaged[columns], rtol=SAME)


def odds(probabilities):
    below = np.cumsum(probabilities.to_numpy(), axis=1)[:, :-1]
    return (1.0 - below) / below


def test_odds_ratios_are_ratios_of_odds(simulated):
    data = simulated()
    fit = clm("y ~ x", data, nominal="~ z")
    found = odds_ratios(fit).set_index(["term", "level"])["estimate"]
    rise = odds(fit.predict(data.assign(x=data["x"] + 1))) / odds(fit.predict(data))
    np.testing.assert_allclose(rise, found.loc["x"].iloc[0], rtol=1e-9)
    near = data.assign(z=data["z"].clip(-1, 1) * 0.1)
    steeper = odds(fit.predict(near.assign(z=near["z"] + 0.5))) / odds(fit.predict(near))
    np.testing.assert_allclose(steeper**2, np.tile(found.loc["z"], (len(data), 1)), rtol=1e-9)


def test_hazard_ratios_are_powers_of_survival(simulated):
    data = simulated("cloglog")
    fit = clm("y ~ x", data, link="cloglog", nominal="~ b")
    found = odds_ratios(fit).set_index("term")
    assert set(found["measure"]) == {"hazard ratio"}
    before, after = (
        1.0 - np.cumsum(fit.predict(rows).to_numpy(), axis=1)[:, :-1] for rows in (data, data.assign(x=data["x"] + 1))
    )
    np.testing.assert_allclose(after, before ** found.loc["x", "estimate"], atol=SAME)
    off, on = (1.0 - np.cumsum(fit.predict(data.assign(b=flag)).to_numpy(), axis=1)[:, :-1] for flag in (False, True))
    np.testing.assert_allclose(on, off ** found.loc["b", "estimate"].to_numpy(), atol=SAME)


def test_reversing_the_outcome_inverts_odds_ratios(wine):
    order = list("54321")
    turned = wine.assign(rating=wine["rating"].cat.reorder_categories(order))
    left, right = (odds_ratios(clm("rating ~ temp", data, nominal="~ contact")) for data in (wine, turned))
    right = pd.concat([right.iloc[3::-1], right.iloc[4:]], ignore_index=True)
    np.testing.assert_allclose(left["estimate"] * right["estimate"], 1.0, rtol=1e-8)
    np.testing.assert_allclose(left["conf_low"] * right["conf_high"], 1.0, rtol=1e-8)
    np.testing.assert_allclose(left["p_value"], right["p_value"], rtol=1e-7)
    # In the logarithm, std_error over estimate is the coefficient's.
    np.testing.assert_allclose(left["std_error"] / left["estimate"], right["std_error"] / right["estimate"], rtol=1e-8)


def test_profile_intervals_of_ratios_are_rs(reference, wine):
    expected = np.exp(reference("wine_profile_intervals")["wine_temp_contact_logit"]["profile_ci95"]["values"])
    found = odds_ratios(clm("rating ~ temp + contact", wine), method="profile")
    np.testing.assert_allclose(found[["conf_low", "conf_high"]], expected, rtol=PROFILE)


def test_ratios_without_meaning_are_refused(wine):
    with pytest.raises(ModelError, match="average_effects"):
        odds_ratios(clm("rating ~ temp", wine, link="probit"))
    with pytest.raises(ModelError, match="scale terms"):
        odds_ratios(clm("rating ~ temp", wine, scale="~ contact"))
