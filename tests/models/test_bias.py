import numpy as np
import pytest
from scipy import optimize

from corrtip.errors import ConvergenceError, ModelError
from corrtip.models.bias import bias_reduced
from corrtip.models.design import prepare
from corrtip.models.kernel import evaluate
from corrtip.models.links import get_link
from corrtip.models.model import fit_arrays
from corrtip.models.newton import maximise

LINKS = ("logit", "probit", "cloglog", "loglog", "cauchit")
# Fisher scoring stops at 1e-12 of a standard deviation.
SAME = 1e-10
# Far out under complete separation the expected information keeps fewer digits.
SAME_FAR_OUT = 1e-7


def reduce(y, x, link="logit", **options):
    k = int(y.max()) + 1
    names = [f"x{number}" for number in range(x.shape[1])]
    levels = [str(level) for level in range(k)]
    return fit_arrays(y, x, levels=levels, names=names, link=link, separation="reduce_bias", **options)


def firth(y, x):
    """Return Firth's logistic regression by its own equations: intercept first, then coefficients."""
    z = np.column_stack([np.ones(len(y)), x])

    def score(beta):
        chance = 1.0 / (1.0 + np.exp(-z @ beta))
        root = z * np.sqrt(chance * (1.0 - chance))[:, None]
        hat = np.einsum("ij,jk,ik->i", root, np.linalg.inv(root.T @ root), root)
        return z.T @ (y - chance + hat * (0.5 - chance))

    found = optimize.root(score, np.zeros(z.shape[1]), tol=1e-13)
    beta = found.x
    chance = 1.0 / (1.0 + np.exp(-z @ beta))
    assert np.abs(score(beta)).max() < 1e-11
    return beta, np.sqrt(np.diag(np.linalg.inv((z * (chance * (1.0 - chance))[:, None]).T @ z)))


def separated(seed=1, n_levels=4, rows=80):
    """Return an outcome that a column orders without overlap."""
    rng = np.random.default_rng(seed)
    y = np.arange(rows) % n_levels
    return y, np.column_stack([rng.normal(size=rows), y + rng.uniform(-0.4, 0.4, rows)])


def sound(seed=2, rows=90):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, 3))
    latent = x @ [1.0, -0.5, 0.0] + rng.logistic(size=rows)
    return np.searchsorted(np.quantile(latent, [0.2, 0.6, 0.85]), latent), x


def quasi_separated():
    y, x = sound()
    dummy = np.zeros(len(y))
    dummy[:6] = 1.0
    y[:6] = 3
    return y, np.column_stack([x, dummy])


@pytest.mark.parametrize("data", [sound, quasi_separated])
def test_two_levels_are_firths_logistic_regression(data):
    y, x = data()
    y = (y >= 2).astype(int)
    if data is quasi_separated:
        assert y[:6].all()
    beta, std_error = firth(y, x)
    fit = reduce(y, x)
    np.testing.assert_allclose(fit.params, np.append(-beta[0], beta[1:]), rtol=SAME, atol=SAME)
    np.testing.assert_allclose(fit.bse, std_error, rtol=SAME)


def test_two_levels_completely_separated_are_firths_too():
    y, x = separated(n_levels=2, rows=40)
    beta, _ = firth(y, x)
    np.testing.assert_allclose(reduce(y, x).params, np.append(-beta[0], beta[1:]), rtol=SAME_FAR_OUT)


@pytest.mark.parametrize("link", LINKS)
def test_estimates_without_columns_are_those_of_adjusted_shares(link):
    # With thresholds alone, z_s' F^-1 z_s is the delta-method variance of cut point s, known in closed form.
    held = np.array([3.0, 9.0, 14.0, 6.0])
    y = np.repeat(np.arange(4), held.astype(int))
    design = prepare(y, np.empty((len(y), 0)), n_levels=4)
    theta = bias_reduced(design, get_link(link), np.ones((1, len(y)))).params[0]
    below = np.exp(get_link(link).log_cdf(theta))
    steep = np.exp(get_link(link).log_pdf(theta))
    bend = steep * get_link(link).d_log_pdf(theta)
    variance = below * (1.0 - below) / len(y) / steep**2
    # The bias of F^-1(share) is -f' / (2 f) times its variance; reduction moves the share by as much.
    shares = np.cumsum(held)[:-1] / len(y)
    np.testing.assert_allclose(below, shares + 0.5 * bend * variance, rtol=SAME)


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("data", [separated, quasi_separated])
def test_estimates_are_finite_under_separation(data, link):
    y, x = data()
    fit = reduce(y, x, link=link)
    assert np.isfinite(fit.params).all()
    assert np.isfinite(fit.bse).all()
    assert fit.coefficients.iloc[-1 if data is quasi_separated else 1] > 0.0
    assert fit.estimate.method == "reduce_bias"
    table = fit.tidy()
    assert np.isfinite(table[["conf_low", "conf_high"]].to_numpy()).all()


@pytest.mark.parametrize("link", LINKS)
def test_bias_reduction_settles_on_every_completely_separated_draw(link):
    for seed in range(12):
        y, x = separated(seed, n_levels=2 + seed % 4, rows=40 + 10 * seed)
        assert np.isfinite(reduce(y, x, link=link).params).all()


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("data", [sound, separated])
def test_linear_maps_of_the_columns_carry_over(data, link):
    y, x = data()
    columns = x.shape[1]
    rng = np.random.default_rng(4)
    map_of_columns = rng.normal(size=(columns, columns)) + 2.0 * np.eye(columns)
    shift = np.array([5.0, -300.0, 0.2])[:columns]
    plain, mapped = reduce(y, x, link=link), reduce(y, x @ map_of_columns + shift, link=link)
    tolerance = SAME if data is sound else SAME_FAR_OUT
    back = map_of_columns @ mapped.coefficients.to_numpy()
    np.testing.assert_allclose(back, plain.coefficients, rtol=tolerance, atol=tolerance)
    moved = mapped.thresholds - shift @ mapped.coefficients.to_numpy()
    np.testing.assert_allclose(moved, plain.thresholds, rtol=tolerance, atol=tolerance)
    assert mapped.llf == pytest.approx(plain.llf, rel=tolerance)


@pytest.mark.parametrize("link", ["logit", "cauchit"])
def test_a_weight_of_two_is_the_row_twice(link):
    y, x = quasi_separated()
    weights = 1.0 + (np.arange(len(y)) % 3 == 0)
    again = np.repeat(np.arange(len(y)), weights.astype(int))
    weighted, repeated = reduce(y, x, link=link, weights=weights), reduce(y[again], x[again], link=link)
    np.testing.assert_allclose(weighted.params, repeated.params, rtol=SAME, atol=SAME)
    np.testing.assert_allclose(weighted.bse, repeated.bse, rtol=SAME)


def test_an_offset_equal_to_a_column_takes_one_from_its_coefficient():
    y, x = sound()
    plain = reduce(y, x)
    moved = reduce(y, x, offset=x[:, 0])
    np.testing.assert_allclose(moved.coefficients, plain.coefficients - [1.0, 0.0, 0.0], atol=SAME)


@pytest.mark.parametrize("link", ["logit", "probit", "cloglog"])
def test_simulated_bias_is_smaller_than_that_of_maximum_likelihood(link):
    rng = np.random.default_rng(5)
    rows, draws, beta = 40, 200, 1.5
    x = rng.normal(size=(rows, 1))
    estimates = []
    for _ in range(draws):
        latent = beta * x[:, 0] + get_link(link).ppf(rng.random(rows))
        y = np.searchsorted([-0.5, 1.0], latent)
        if np.bincount(y, minlength=3).min() == 0:
            continue
        design, weights = prepare(y, x, n_levels=3), np.ones((1, rows))
        spread = design.standardisation.location[1][0]
        maximum = maximise(design, get_link(link), weights)
        if maximum.status[0] == 0:
            reduced = bias_reduced(design, get_link(link), weights)
            estimates.append([maximum.params[0, -1] / spread, reduced.params[0, -1] / spread])
    bias = np.mean(estimates, axis=0) - beta
    noise = np.std(estimates, axis=0) / np.sqrt(len(estimates))
    assert len(estimates) > 0.95 * draws
    assert bias[0] > 3.0 * noise[0]  # maximum likelihood overstates
    assert abs(bias[1]) < 2.5 * noise[1]


def test_the_adjustment_fades_with_the_sample():
    y, x = sound(rows=20_000)
    design, weights = prepare(y, x, n_levels=4), np.ones((1, len(y)))
    maximum = maximise(design, get_link("logit"), weights)
    reduced = bias_reduced(design, get_link("logit"), weights)
    np.testing.assert_allclose(reduced.params, maximum.params, atol=1e-3)
    assert reduced.at.llf[0] <= maximum.at.llf[0]
    assert reduced.at.llf[0] == evaluate(design, get_link("logit"), reduced.params, weights).llf[0]


def test_a_nominal_term_is_reduced_where_its_rows_hold_every_inner_level():
    y, x = sound()
    w = (np.arange(len(y)) % 3 == 0).astype(float)
    y = np.where((w > 0.0) & (y == 3), 2, y)  # the last level is empty there: maximum likelihood is infinite
    fit = reduce(y, x, nominal=w[:, None], nominal_names=["w"])
    assert np.isfinite(fit.params).all()
    assert fit.params["w[2|3]"] > 0.0
    assert fit.predict().to_numpy().min() > 0.0


def test_a_nominal_term_that_leaves_an_inner_level_empty_is_refused_with_the_reason():
    y, x = sound()
    w = (np.arange(len(y)) % 3 == 0).astype(float)
    y = np.where((w > 0.0) & (y == 2), 3, y)
    with pytest.raises(ConvergenceError, match="leave a level between first and last unobserved"):
        reduce(y, x, nominal=w[:, None], nominal_names=["w"])


def test_scale_terms_are_refused():
    y, x = sound()
    with pytest.raises(ModelError, match=r'"reduce_bias" with scale terms.*Leave the scale terms out'):
        reduce(y, x, scale=x[:, :1], scale_names=["x0"])
