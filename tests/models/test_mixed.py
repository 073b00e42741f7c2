import numpy as np
import pandas as pd
import pytest
from scipy import integrate, optimize, special, stats

from corrtip.errors import ConvergenceError, FormulaError, ModelError, SeparationError
from corrtip.models.links import get_link
from corrtip.models.mixed import _Likelihood, clmm
from corrtip.models.model import clm

CDF = {
    "logit": special.expit,
    "probit": special.ndtr,
    "cloglog": lambda x: -np.expm1(-np.exp(x)),
    "loglog": lambda x: np.exp(-np.exp(-x)),
    "cauchit": lambda x: 0.5 + np.arctan(x) / np.pi,
}
# Twenty-one points integrate the wine judges to about 1e-11; quad is asked for 1e-12.
INTEGRAL = 1e-8
# A cauchit's likelihood is far from normal: as many points integrate it less well.
INTEGRAL_CAUCHIT = 1e-4
# The gradient is analytic but for five-point differences of the curvature, of error 1e-10.
GRADIENT = 1e-6
# R prints three or four decimals.
PRINTED = 5.1e-4
PRINTED_4 = 5.1e-5
# R differentiates numerically: its 0.5125 is 0.51256 by differences of our likelihood as by its analytic gradient.
PRINTED_ERROR = 1e-4


@pytest.fixture(scope="module")
def laplace(wine):
    return clmm("rating ~ temp + contact", wine, groups="judge")


@pytest.fixture(scope="module")
def quadrature(wine):
    return clmm("rating ~ temp + contact", wine, groups="judge", nodes=21)


def plain_density(fit, data, params):
    """Return a function of group and intercepts: the product of its rows' chances and the intercept's density."""
    problem = fit.fixed.estimate.problem
    k, q = len(problem.levels) - 1, problem.nominal.shape[1]
    theta, gamma = params[:k], params[k : k * (1 + q)].reshape(q, k)
    heights = theta + problem.nominal @ gamma - (problem.location @ params[k * (1 + q) : -1])[:, None]
    edges = np.column_stack([np.full(len(heights), -np.inf), heights, np.full(len(heights), np.inf)])
    rows = np.arange(len(heights))
    upper, lower = edges[rows, problem.codes + 1], edges[rows, problem.codes]
    cdf, group = CDF[fit.fixed.link], data[fit.group].to_numpy()

    def density(label, u):
        mine = group == label
        with np.errstate(over="ignore"):
            chance = cdf(upper[mine, None] - u) - cdf(lower[mine, None] - u)
        return chance.prod(axis=0) * stats.norm.pdf(u, scale=params[-1])

    return density


def adaptive_integral(fit, data, params):
    """Return the marginal log-likelihood by scipy's adaptive quadrature, group by group."""
    density, sd = plain_density(fit, data, params), params[-1]
    total = 0.0
    for label in fit.modes.index:
        grid = np.linspace(-5.0 * sd, 5.0 * sd, 201)
        peak = grid[np.argmax(density(label, grid))]
        parts = [(-12.0 * sd, peak - sd), (peak - sd, peak), (peak, peak + sd), (peak + sd, 12.0 * sd)]
        pieces = [
            integrate.quad(lambda u, label=label: density(label, u)[0], *part, epsabs=0.0, epsrel=1e-12, limit=200)
            for part in parts
        ]
        total += np.log(sum(piece[0] for piece in pieces))
    return total


def trapezoid_integral(fit, data, params):
    """Return the same by the trapezoid rule, which converges geometrically for such bells and is quicker."""
    density = plain_density(fit, data, params)
    grid = np.linspace(-12.0 * params[-1], 12.0 * params[-1], 801)
    return sum(np.log(np.trapezoid(density(label, grid), grid)) for label in fit.modes.index)


def panel(seed, groups=60, rows=8, sd=1.0, link="logit"):
    """Return a simulated panel with a random intercept by country, and the intercepts."""
    rng = np.random.default_rng(seed)
    country = np.repeat(np.arange(groups), rows)
    intercept = sd * rng.normal(size=groups)
    x, w = rng.normal(size=groups * rows), (rng.random(groups * rows) < 0.5).astype(float)
    latent = 0.8 * x - 0.5 * w + intercept[country] + get_link(link).ppf(rng.random(groups * rows))
    y = np.searchsorted([-1.0, 0.5, 2.0], latent)
    return pd.DataFrame({"y": y, "x": x, "w": w, "country": country}), intercept


# R: ordinal's vignette, "Cumulative link mixed models": clmm(rating ~ temp + contact + (1 | judge), data = wine)


def test_laplace_meets_the_published_fit_of_the_wine_data(laplace):
    assert laplace.llf == pytest.approx(-81.57, abs=5.1e-3)
    assert laplace.params["sd[judge]"] ** 2 == pytest.approx(1.279, abs=PRINTED)
    published = {"temp[T.warm]": (3.063, 0.5954), "contact[T.yes]": (1.835, 0.5125)}
    for name, (estimate, std_error) in published.items():
        assert laplace.params[name] == pytest.approx(estimate, abs=PRINTED)
        assert laplace.bse[name] == pytest.approx(std_error, abs=PRINTED_ERROR)
    np.testing.assert_allclose(laplace.estimates[:4], [-1.6237, 1.5134, 4.2285, 6.0888], atol=PRINTED_4)


@pytest.mark.parametrize("link", CDF)
def test_quadrature_is_the_integral(link, wine):
    fit = clmm("rating ~ temp + contact", wine, groups="judge", nodes=21, link=link)
    expected = adaptive_integral(fit, wine, fit.estimates)
    assert fit.llf == pytest.approx(expected, abs=INTEGRAL_CAUCHIT if link == "cauchit" else INTEGRAL)


def test_estimates_and_standard_errors_are_those_of_the_integral(quadrature, wine):
    top, errors = quadrature.estimates, quadrature.bse.to_numpy()
    assert trapezoid_integral(quadrature, wine, top) == pytest.approx(quadrature.llf, abs=INTEGRAL)

    def height(in_errors):
        return trapezoid_integral(quadrature, wine, top + in_errors * errors)

    slope = optimize.approx_fprime(np.zeros(len(top)), height, 1e-4)
    slope_back = -optimize.approx_fprime(np.zeros(len(top)), lambda at: height(-at), 1e-4)
    np.testing.assert_allclose((slope + slope_back) / 2.0, 0.0, atol=1e-6)
    unit = 1e-2 * np.eye(len(top))
    hessian = np.array(
        [
            [
                height(a + b) - height(a - b) - height(b - a) + height(-a - b) if i <= j else 0.0
                for j, b in enumerate(unit)
            ]
            for i, a in enumerate(unit)
        ]
    ) / (4.0 * 1e-2**2)
    hessian = np.triu(hessian) + np.triu(hessian, 1).T
    # In units of our standard errors, those of the integral are one; the differences err by the step squared.
    np.testing.assert_allclose(np.sqrt(np.diag(np.linalg.inv(-hessian))), 1.0, atol=1e-4)


@pytest.mark.parametrize("nodes", [1, 2, 7])
@pytest.mark.parametrize("link", ["logit", "cloglog", "cauchit"])
def test_the_gradient_is_the_derivative_of_the_approximation(link, nodes, wine):
    fixed = clm("rating ~ temp", wine, link=link, nominal="~ contact")
    likelihood = _Likelihood(fixed, pd.factorize(wine["judge"])[0].astype(np.intp), nodes)
    rng = np.random.default_rng(1)
    params = np.append(likelihood.start, 0.9) + 0.05 * rng.normal(size=len(likelihood.start) + 1)
    _, gradient = likelihood.value_and_gradient(params)
    numeric = optimize.approx_fprime(params, lambda at: likelihood.value_and_gradient(at)[0], 1e-6)
    back = -optimize.approx_fprime(-params, lambda at: likelihood.value_and_gradient(-at)[0], 1e-6)
    np.testing.assert_allclose(gradient, (numeric + back) / 2.0, atol=GRADIENT * np.abs(gradient).max())


def test_groups_that_do_not_differ_have_no_spread():
    # Every group holds the same rows, so that any spread between groups only costs likelihood.
    rng = np.random.default_rng(2)
    x = rng.normal(size=30)
    y = np.searchsorted([-0.5, 0.7], x + rng.logistic(size=30))
    data = pd.DataFrame({"y": np.tile(y, 8), "x": np.tile(x, 8), "g": np.repeat(list("abcdefgh"), 30)})
    fit = clmm("y ~ x", data, groups="g", nodes=5)
    plain = clm("y ~ x", data)
    assert fit.params["sd[g]"] == 0.0
    assert fit.llf == plain.llf
    np.testing.assert_allclose(fit.params.iloc[:-1], plain.params, rtol=1e-12)
    np.testing.assert_allclose(fit.bse.iloc[:-1], plain.bse, rtol=1e-12)
    assert np.isnan(fit.bse["sd[g]"])
    assert fit.llr_pvalue == 0.5
    assert fit.intraclass_correlation == 0.0
    assert (fit.modes == 0.0).all()
    last = fit.tidy().iloc[-1]
    assert last[["std_error", "statistic", "conf_low", "conf_high"]].isna().all()


def test_a_simulated_panel_gives_its_parameters_back():
    truth = np.array([-1.0, 0.5, 2.0, 0.8, -0.5, 1.0])
    draws = []
    for seed in range(10):
        fit = clmm("y ~ x + w", panel(seed)[0], groups="country", nodes=5)
        draws.append((fit.estimates - truth) / fit.bse.to_numpy())
    # Ten draws: a mean standardised error beyond 1.1 has a chance below one in a thousand.
    assert np.abs(np.mean(draws, axis=0)).max() < 1.1
    assert 0.5 < np.std(draws) < 1.5


def test_modes_have_the_sign_and_size_of_the_intercepts():
    data, intercept = panel(3, rows=20)
    fit = clmm("y ~ x + w", data, groups="country", nodes=5)
    assert np.corrcoef(fit.modes, intercept)[0, 1] > 0.9
    # The group with the highest mode holds higher levels.
    means = data.groupby("country")["y"].mean()
    assert means[fit.modes.idxmax()] > means.mean() > means[fit.modes.idxmin()]
    within = np.abs(fit.modes - intercept) < 3.0 * fit.mode_spread
    assert within.mean() > 0.95


def test_a_nominal_term_is_estimated_by_threshold(wine):
    fit = clmm("rating ~ temp", wine, groups="judge", nominal="~ contact", nodes=21)
    assert [name for name in fit.names if name.startswith("contact")] == [
        f"contact[T.yes][{cut}]" for cut in ("1|2", "2|3", "3|4", "4|5")
    ]
    expected = adaptive_integral(fit, wine, fit.estimates)
    assert fit.llf == pytest.approx(expected, abs=INTEGRAL)
    assert fit.llf > clmm("rating ~ temp + contact", wine, groups="judge", nodes=21).llf


def test_reversing_the_outcome_turns_coefficients_and_modes(wine, laplace):
    turned = wine.assign(rating=wine["rating"].cat.reorder_categories(list("54321"), ordered=True))
    fit = clmm("rating ~ temp + contact", turned, groups="judge")
    assert fit.llf == pytest.approx(laplace.llf, abs=1e-10)
    np.testing.assert_allclose(fit.estimates[:4], -laplace.estimates[:4][::-1], rtol=1e-7)
    np.testing.assert_allclose(fit.estimates[4:6], -laplace.estimates[4:6], rtol=1e-7)
    np.testing.assert_allclose(fit.modes, -laplace.modes, atol=1e-6)


def test_tables_hold_what_the_fit_says(laplace):
    table = laplace.tidy().set_index("term")
    assert list(laplace.params.index) == ["1|2", "2|3", "3|4", "4|5", "temp[T.warm]", "contact[T.yes]", "sd[judge]"]
    warm = table.loc["temp[T.warm]"]
    assert warm["p_value"] == pytest.approx(2.0 * stats.norm.sf(warm["estimate"] / warm["std_error"]))
    assert warm["conf_low"] == pytest.approx(warm["estimate"] - stats.norm.ppf(0.975) * warm["std_error"])
    spread = table.loc["sd[judge]"]
    assert spread["conf_low"] > 0.0
    assert spread["conf_low"] * spread["conf_high"] == pytest.approx(spread["estimate"] ** 2)
    assert spread["p_value"] == pytest.approx(0.5 * stats.chi2.sf(2.0 * (laplace.llf - laplace.fixed.llf), 1))
    line = laplace.glance()
    assert (line["n"], line["groups"], line["nodes"]) == (72, 9, 1)
    assert line["aic"] == pytest.approx(-2.0 * laplace.llf + 14.0)
    assert line["intraclass_correlation"] == pytest.approx(1.2795 / (1.2795 + np.pi**2 / 3.0), abs=1e-4)


@pytest.mark.parametrize(
    ("link", "error"),
    [
        ("logit", stats.logistic),
        ("probit", stats.norm),
        ("cloglog", stats.gumbel_l),
        ("loglog", stats.gumbel_r),
        ("cauchit", stats.cauchy),
    ],
)
def test_the_intraclass_correlation_is_a_share_of_the_latent_variance(link, error, wine):
    fit = clmm("rating ~ temp + contact", wine, groups="judge", link=link)
    between = fit.params["sd[judge]"] ** 2
    assert fit.intraclass_correlation == pytest.approx(between / (between + error.var()), rel=1e-12, nan_ok=True)


def test_groups_each_in_one_level_have_no_finite_spread():
    rng = np.random.default_rng(4)
    country = np.repeat(np.arange(12), 6)
    data = pd.DataFrame({"y": country % 3, "x": rng.normal(size=72), "country": country})
    for nodes in (1, 7):
        with pytest.raises(ConvergenceError, match="nearly every group keeps to one level"):
            clmm("y ~ x", data, groups="country", nodes=nodes)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"groups": "judges"}, FormulaError, '"judges" is not a column.*judge'),
        ({"nodes": 0}, ModelError, "quadrature points"),
        ({"groups": "row"}, ModelError, "72 groups, the largest of 1"),
        ({"groups": "all"}, ModelError, "1 groups"),
        ({"groups": "gap"}, ModelError, "groups"),
    ],
)
def test_what_makes_no_groups_is_refused(change, error, message, wine):
    data = wine.assign(row=np.arange(72), all=1, gap=[None, *["a", "b"] * 35, "a"])
    with pytest.raises(error, match=message):
        clmm("rating ~ temp + contact", data, **{"groups": "judge", **change})


def test_separation_is_refused_as_by_clm(wine):
    data = wine.assign(top=(wine["rating"] == "5").astype(float))
    with pytest.raises(SeparationError, match="top separates"):
        clmm("rating ~ temp + top", data, groups="judge")
