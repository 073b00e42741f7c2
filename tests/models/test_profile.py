from dataclasses import replace

import numpy as np
import pytest
from scipy import optimize, stats

from corrtip.errors import ConvergenceError, ModelError
from corrtip.models.links import LINKS
from corrtip.models.model import clm, fit_arrays
from corrtip.models.newton import Status, maximise
from corrtip.models.profile import profile_intervals
from corrtip.models.results import OrdinalFit

# R's clm interpolates the profile by a spline through some twenty points; its error is what limits the comparison
# (seen: 2e-4 where two scale terms bend the profile, 7e-5 elsewhere). The equation below is held to 1e-8.
R_SPLINE = 5e-4
EQUATION = 1e-8

R_CASES = [
    *(
        f"wine_{model}_{link}"
        for link in ("logit", "probit", "cloglog", "loglog")
        for model in ("temp_contact", "scale_temp")
    ),
    "wine_scale_tempcontact_logit",
    "wine_interaction_logit",
    "wine_judge_fixed_logit",
    "wine_weights_logit",
    "wine_offset_logit",
    "wine_collinear_logit",
]


@pytest.mark.parametrize("case", R_CASES)
def test_intervals_are_rs(reference, fit_wine, case):
    fit = fit_wine(case)
    printed = np.array(reference("wine_profile_intervals")[case]["profile_ci95"]["values"])
    assert profile_intervals(fit, fit.coefficients.index).to_numpy() == pytest.approx(printed, abs=R_SPLINE)


@pytest.mark.parametrize("alpha", [0.05, 0.001])
@pytest.mark.parametrize("link", LINKS)
def test_at_an_end_twice_the_fall_of_the_likelihood_is_the_quantile(wine, link, alpha):
    # A location coefficient that is held fixed is an offset: another model, fitted from its own start.
    fit = clm("rating ~ temp + x1", wine, nominal="~ contact", link=link, offset="off")
    for end in profile_intervals(fit, ["x1"], alpha=alpha).to_numpy().ravel():
        fixed = clm("rating ~ temp", wine, nominal="~ contact", link=link, offset=wine["off"] + end * wine["x1"])
        assert 2.0 * (fit.llf - fixed.llf) == pytest.approx(stats.chi2.ppf(1.0 - alpha, 1), abs=EQUATION)


@pytest.mark.parametrize("link", ["logit", "cloglog"])
def test_every_kind_of_parameter_meets_the_equation(random_problem, plain_log_likelihood, link):
    # All kinds at once, by a general optimiser on the likelihood written down plainly.
    problem = random_problem(seed=3, rows=150, levels=3, location=1)
    fit = fit_arrays(
        problem.codes,
        problem.location,
        levels=problem.levels,
        names=problem.location_names,
        nominal=problem.nominal,
        nominal_names=problem.nominal_names,
        scale=problem.scale,
        scale_names=problem.scale_names,
        weights=problem.weights,
        offset=problem.offset,
        link=link,
    )
    bse, best = fit.bse.to_numpy(), fit.params.to_numpy()
    for place, ends in enumerate(profile_intervals(fit).to_numpy()):
        for end in ends:

            def loss(free, place=place, end=end):
                params = np.insert(free * np.delete(bse, place), place, end)
                with np.errstate(invalid="ignore", divide="ignore"):
                    value = -plain_log_likelihood(problem, link, params)
                    step = np.eye(len(params)) * 1e-30j
                    slope = [-plain_log_likelihood(problem, link, params + row).imag / 1e-30 for row in step]
                return (value, np.delete(slope * bse, place)) if np.isfinite(value) else (1e6, np.zeros(len(free)))

            # The start is the tangent of the profile.
            covariance = fit.cov_params().to_numpy()
            start = best + covariance[:, place] / covariance[place, place] * (end - best[place])
            found = optimize.minimize(loss, np.delete(start / bse, place), jac=True, tol=1e-12)
            fall = 2.0 * (fit.llf + found.fun)
            assert fall == pytest.approx(stats.chi2.ppf(0.95, 1), abs=1e-6)


@pytest.mark.parametrize("link", LINKS)
def test_an_interval_holds_its_estimate_and_shrinks_with_its_level(fit_wine, link):
    fit = fit_wine(f"wine_temp_contact_{link}")
    wide, narrow = profile_intervals(fit, alpha=0.01), profile_intervals(fit, alpha=0.5)
    assert (wide["conf_low"] < narrow["conf_low"]).all()
    assert (narrow["conf_low"] < fit.params).all()
    assert (fit.params < narrow["conf_high"]).all()
    assert (narrow["conf_high"] < wide["conf_high"]).all()


def test_with_many_rows_the_interval_is_walds():
    rng = np.random.default_rng(9)
    x = rng.normal(size=(20_000, 2))
    y = np.digitize(x @ [0.5, -1.0] + rng.logistic(size=len(x)), [-1.0, 0.0, 2.0])
    fit = fit_arrays(y, x, levels=list("abcd"), names=["u", "v"])
    apart = (profile_intervals(fit) - fit.conf_int()).abs().max(axis=1)
    assert (apart < 0.01 * fit.bse).all()


def test_units_of_a_column_are_the_units_of_its_interval(wine):
    one = profile_intervals(clm("rating ~ x1", wine))
    two = profile_intervals(clm("rating ~ x1", wine.assign(x1=1e4 * wine["x1"] + 2005.0)))
    assert 1e4 * two.loc["x1"].to_numpy() == pytest.approx(one.loc["x1"].to_numpy(), rel=1e-8)


def test_a_threshold_far_from_the_data_is_found_too(wine, plain_log_likelihood):
    # At year 0 the threshold stands 2005 units of the column away from the data, and moves with the slope.
    near = clm("rating ~ x1", wine)
    far = clm("rating ~ x1", wine.assign(x1=wine["x1"] + 2005.0))
    problem = near.estimate.problem
    for end in profile_intervals(far, ["1|2"]).loc["1|2"]:

        def loss(free, end=end):
            # The threshold at the given columns' origin is the far one less 2005 slopes.
            def value(some):
                return -plain_log_likelihood(problem, "logit", np.append(some, (end - some[0]) / 2005.0))

            slope = [value(free + step).imag / 1e-30 for step in np.eye(4) * 1e-30j]
            return value(free), np.array(slope)

        found = optimize.minimize(loss, near.thresholds.to_numpy(), jac=True, tol=1e-12)
        assert 2.0 * (far.llf + found.fun) == pytest.approx(stats.chi2.ppf(0.95, 1), abs=1e-7)


def nearly_separated(seed, **options):
    """A fit whose spread differs by group, where in the second group x all but separates the outer levels."""
    rng = np.random.default_rng(seed)
    size = rng.integers(6, 14)
    group, x = np.repeat([0.0, 1.0], [40, size]), rng.normal(size=40 + size)
    y = np.concatenate([rng.integers(0, 3, 40), rng.integers(0, 3, size)])
    y[40:] = np.where(x[40:] + 0.3 * rng.normal(size=size) > 0.0, 2, 0)
    y[-1] = 1
    return fit_arrays(
        y, x[:, None], levels=list("abc"), names=["x"], scale=group[:, None], scale_names=["g"], **options
    )


def test_an_end_at_which_the_likelihood_levels_off_is_open_and_said():
    # No spread at all describes the second group about as well as the estimated one.
    fit = nearly_separated(91)
    with pytest.warns(UserWarning, match=r"^scale\[g\]: the likelihood never falls.* lower end is open.$"):
        low, high = profile_intervals(fit, ["scale[g]"]).loc["scale[g]"]
    assert low == -np.inf
    assert np.isfinite(high)


def test_a_fit_below_a_higher_maximum_is_found_out(wine):
    # A fit that stopped short: with the effect of contact held at nothing.
    sound = clm("rating ~ temp + contact", wine).estimate
    held = np.zeros((1, 6), dtype=bool)
    held[0, 5] = True
    short = maximise(sound.design, sound.link, np.ones((1, 72)), fixed=held)
    fit = OrdinalFit(replace(sound, maximum=short, params=sound.design.standardisation.to_user(short.params)[0]))
    with pytest.raises(ConvergenceError, match=r"profile of .* at .*: a likelihood above the fit's own"):
        profile_intervals(fit)


def test_a_fall_that_may_only_be_a_search_that_stopped_short_is_no_end(wine, monkeypatch):
    def short(*given, **options):
        found = maximise(*given, **options)
        return replace(found, status=np.full_like(found.status, Status.MAX_ITERATIONS))

    fit = clm("rating ~ x1", wine)
    monkeypatch.setattr("corrtip.models.profile.maximise", short)
    with pytest.raises(ConvergenceError, match=r"profile of x1 at .*: no maximum of the other parameters"):
        profile_intervals(fit, ["x1"])


def test_names_and_likelihoods_are_required(wine):
    fit = clm("rating ~ temp", wine)
    with pytest.raises(ModelError, match=r'parameters: "temp". Expected among 1\|2,'):
        profile_intervals(fit, ["temp"])
    sampled = clm("rating ~ temp", wine, weights="w", weight_type="sampling", cov_type="HC0")
    with pytest.raises(ModelError, match="profile intervals: a fit with sampling weights"):
        profile_intervals(sampled)
    with pytest.raises(ModelError, match="bias-reduced"):
        profile_intervals(clm("rating ~ temp", wine, separation="reduce_bias"))
