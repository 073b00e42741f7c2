import warnings

import numpy as np
import pytest
from scipy import linalg

from corrtip.errors import ModelError, SeparationError
from corrtip.models.links import get_link
from corrtip.models.model import estimate, fit_arrays
from corrtip.models.newton import Status
from corrtip.models.problem import check_problem
from corrtip.models.separation import find_separation

LINKS = ("logit", "probit", "cloglog", "loglog", "cauchit")
# Of each kind, for each link: 180 designs of a kind in all. Cauchit climbs from many places, none of which ends soon.
DESIGNS = {"logit": 40, "probit": 40, "cloglog": 40, "loglog": 40, "cauchit": 20}
# Standard errors on ill-conditioned columns, as the issue asks; they come out at 1e-11 and better.
SE_RTOL = 1e-8


def draw(rng, n_levels=None):
    """Return a sound outcome with independent columns: codes, columns, number of levels."""
    rows, columns = int(rng.integers(50, 140)), int(rng.integers(1, 4))
    k = n_levels or int(rng.integers(2, 6))
    x = rng.normal(size=(rows, columns))
    latent = x @ rng.normal(0.0, 0.7, columns) + rng.logistic(size=rows)
    return np.searchsorted(np.quantile(latent, np.arange(1, k) / k), latent), x, k


def names_of(x, *last):
    return [f"x{number}" for number in range(x.shape[1] - len(last))] + list(last)


def sound(rng):
    y, x, k = draw(rng)
    return y, x, names_of(x), k, {}


def nearly_separated(rng):
    """Return a dummy whose rows are all in the top level but for one: the maximum is far out, and exists."""
    y, x, k = draw(rng)
    dummy = rng.random(len(y)) < 0.2
    dummy[:4] = True
    y[dummy] = k - 1
    y[0] = k - 2
    x = np.column_stack([x, dummy])
    return y, x, names_of(x, "d"), k, {}


def quasi_complete(rng):
    """Return a dummy whose rows are all in the first or all in the last level."""
    y, x, k = draw(rng)
    dummy = rng.random(len(y)) < 0.1
    dummy[:3], dummy[3] = True, False
    y[dummy] = rng.choice([0, k - 1])
    x = np.column_stack([x, dummy])
    return y, x, names_of(x, "d"), k, {}


def complete(rng):
    """Return a column that orders the levels without overlap."""
    y, x, k = draw(rng)
    x = np.column_stack([x, y + rng.uniform(-0.4, 0.4, len(y))])
    return y, x, names_of(x, "z"), k, {}


def interaction_cell(rng):
    """Return two sound dummies whose common rows are all in the last level."""
    y, x, k = draw(rng)
    a, b = rng.random((2, len(y))) < np.array([[0.5], [0.3]])
    a[:2] = b[:2] = True
    y[a & b] = k - 1
    x = np.column_stack([x, a, b, a & b])
    return y, x, names_of(x, "a", "b", "a:b"), k, {}


def nominal_term(rng):
    """Return a nominal term whose rows never pass a level, and reach each one up to it."""
    y, x, k = draw(rng, n_levels=int(rng.integers(3, 6)))
    w = (rng.random(len(y)) < 0.3).astype(float)
    w[:4] = 1.0
    highest = int(rng.integers(1, k - 1))
    y = np.where(w > 0.0, np.minimum(y, highest), y)
    y[: highest + 1] = np.arange(highest + 1)
    return y, x, names_of(x), k, {"nominal": w[:, None], "nominal_names": ["w"]}


def draws(kind, link):
    """Yield designs of a kind, other ones for each link."""
    rng = np.random.default_rng([LINKS.index(link), *kind.__name__.encode()])
    found = 0
    while found < DESIGNS[link]:
        y, x, names, k, options = kind(rng)
        if np.bincount(y, minlength=k).min() == 0:
            continue
        found += 1
        yield y, {"x": x, "names": names, "levels": [str(level) for level in range(k)], **options}


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("kind", [sound, nearly_separated])
def test_sound_designs_raise_no_alarm(kind, link):
    for y, options in draws(kind, link):
        fit = fit_arrays(y, link=link, **options)
        assert np.isfinite(fit.bse).all()
        assert find_separation(fit.estimate.problem) is None


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize(
    ("kind", "culprits", "how"),
    [
        (quasi_complete, {"d"}, "for some rows"),
        (complete, {"z"}, "completely"),
        (interaction_cell, {"a:b"}, "for some rows"),
    ],
)
def test_separation_is_always_found_and_its_column_named(kind, culprits, how, link):
    for y, options in draws(kind, link):
        with pytest.raises(SeparationError, match=f" levels {how}: ") as caught:
            fit_arrays(y, link=link, **options)
        assert set(caught.value.seen.split(" separate")[0].split(", ")) == culprits


@pytest.mark.parametrize("link", LINKS)
def test_separation_by_a_nominal_term_is_found_at_its_threshold(link):
    for y, options in draws(nominal_term, link):
        highest = y[options["nominal"][:, 0] > 0.0].max()
        with pytest.raises(SeparationError) as caught:
            fit_arrays(y, link=link, **options)
        named = set(caught.value.seen.split(" separate")[0].split(", "))
        assert named == {f"w[{highest}|{highest + 1}]"}


def test_of_several_nominal_terms_the_one_that_separates_is_named():
    rng = np.random.default_rng(10)
    y, x, _ = draw(rng, n_levels=4)
    nominal = rng.integers(0, 2, size=(len(y), 3)).astype(float)
    nominal[:6, 2] = 1.0
    reached = nominal[:, 2] > 0.0
    y[reached] = np.minimum(y[reached], 1)
    problem = check_problem(
        y, x, levels="abcd", names=names_of(x), nominal=nominal, nominal_names=["sound", "too", "culprit"]
    )
    assert find_separation(problem).names == ("culprit[b|c]",)


def test_every_column_that_separates_is_named_and_no_other():
    rng = np.random.default_rng(3)
    y, x, k = draw(rng, n_levels=3)
    left, right = np.zeros(len(y)), np.zeros(len(y))
    left[:3], right[3:6] = 1.0, 1.0
    y[:3], y[3:6] = 0, k - 1
    x = np.column_stack([x, left, right])
    problem = check_problem(y, x, levels="abc", names=names_of(x, "left", "right"))
    found = find_separation(problem)
    assert found.names == ("left", "right")
    assert not found.complete


def test_columns_that_separate_only_together_are_both_named():
    rng = np.random.default_rng(4)
    first = rng.normal(size=80)
    second = first + rng.normal(0.0, 0.2, 80)
    noise = rng.normal(size=80)
    y = (second > first).astype(int)
    problem = check_problem(y, np.column_stack([first, noise, second]), levels="ab", names=["u", "noise", "v"])
    assert find_separation(problem).names == ("u", "v")


def test_rows_without_weight_neither_make_nor_break_separation():
    rng = np.random.default_rng(5)
    y, x, k = draw(rng, n_levels=3)
    dummy = np.zeros(len(y))
    dummy[:5] = 1.0
    y[:4], y[4] = k - 1, 0
    x = np.column_stack([x, dummy])
    options = {"levels": "abc", "names": names_of(x, "d")}
    weights = np.ones(len(y))
    assert np.isfinite(fit_arrays(y, x, weights=weights, **options).bse).all()
    weights[4] = 0.0
    with pytest.raises(SeparationError, match="d separates the levels for some rows"):
        fit_arrays(y, x, weights=weights, **options)


def test_the_refusal_says_what_can_be_done():
    y, options = next(draws(quasi_complete, "logit"))
    with pytest.raises(SeparationError, match="Drop or merge them, or ask for finite estimates") as caught:
        fit_arrays(y, outcome="tier", **options)
    assert caught.value.where == "fit of tier"


# Ill-conditioned and sound: a fit of well-scaled columns, carried to the awkward ones by their linear map, says what
# the standard errors are.


def affine(map_of_columns, n_thresholds, shift):
    """Return the matrix that carries parameters of columns ``x`` to those of ``x @ map_of_columns + shift``."""
    inverse = linalg.inv(map_of_columns)
    columns = len(inverse)
    matrix = np.eye(n_thresholds + columns)
    matrix[n_thresholds:, n_thresholds:] = inverse
    matrix[:n_thresholds, n_thresholds:] = shift @ inverse
    return matrix


AWKWARD = {
    "scales from 1e-3 to 1e5": (np.diag([1e-3, 1.0, 1e5]), np.zeros(3)),
    "correlated .98 on unequal scales": (
        np.array([[1.0, 0.98 * 1e5, 0.0], [0.0, np.sqrt(1.0 - 0.98**2) * 1e5, 0.0], [0.0, 0.0, 1e-3]]),
        np.array([0.0, 0.0, 0.0]),
    ),
    "GDP per head beside a year": (
        np.array([[12_000.0, 0.0, 0.0], [0.0, 6.0, 0.0], [0.0, 0.0, 1.0]]),
        np.array([14_000.0, 2010.0, 0.0]),
    ),
}


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("case", AWKWARD)
def test_ill_conditioned_columns_keep_their_standard_errors(case, link):
    columns, shift = AWKWARD[case]
    rng = np.random.default_rng(6)
    x = rng.normal(size=(300, 3))
    latent = x @ [0.8, -0.5, 0.3] + rng.logistic(size=300)
    y = np.searchsorted(np.quantile(latent, [0.3, 0.6, 0.8]), latent)
    options = {"levels": "abcd", "names": ["u", "v", "w"], "link": link}
    plain = fit_arrays(y, x, **options)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        awkward = fit_arrays(y, x @ columns + shift, **options)
    carry = affine(columns, 3, shift)
    expected = carry @ plain.estimate.covariance @ carry.T
    np.testing.assert_allclose(awkward.bse, np.sqrt(np.diag(expected)), rtol=SE_RTOL)
    np.testing.assert_allclose(awkward.params, carry @ plain.estimate.params, rtol=SE_RTOL)
    assert find_separation(awkward.estimate.problem) is None


def test_dependent_columns_are_named_and_the_others_are_not():
    rng = np.random.default_rng(7)
    y = draw(rng, n_levels=3)[0]
    base = rng.normal(size=(len(y), 3))
    twice = np.column_stack([base, base[:, 1]])
    with pytest.raises(ModelError, match="columns b, again are linearly dependent"):
        fit_arrays(y, twice, levels="abc", names=["a", "b", "c", "again"])
    total = np.column_stack([base, 1e4 + 3.0 * base[:, 0] - 200.0 * base[:, 2]])
    with pytest.raises(ModelError, match="columns a, c, total are linearly dependent"):
        fit_arrays(y, total, levels="abc", names=["a", "b", "c", "total"])
    nominal = {"nominal": base[:, :1], "nominal_names": ["same"]}
    with pytest.raises(ModelError, match="columns a, same are linearly dependent"):
        fit_arrays(y, base, levels="abc", names=["a", "b", "c"], **nominal)
    with pytest.raises(ModelError, match="scale: columns u, v are linearly dependent"):
        fit_arrays(y, base, levels="abc", names=["a", "b", "c"], scale=base[:, [0, 0]], scale_names=["u", "v"])


def test_dependent_columns_are_refused_by_bias_reduction_too():
    rng = np.random.default_rng(8)
    y, x, _ = draw(rng, n_levels=3)
    with pytest.raises(ModelError, match="columns a, b are linearly dependent"):
        fit_arrays(y, x[:, [0, 0]], levels="abc", names=["a", "b"], separation="reduce_bias")


def test_more_columns_than_rows_are_dependent():
    rng = np.random.default_rng(9)
    with pytest.raises(ModelError, match="are linearly dependent"):
        fit_arrays(np.arange(6) % 3, rng.normal(size=(6, 8)), levels="abc", names=list("pqrstuvw"))


def test_a_fit_that_proves_itself_asks_no_programme(monkeypatch):
    def refuse(problem):
        raise AssertionError("a sound fit was taken for a suspect")

    monkeypatch.setattr("corrtip.models.separation.find_separation", refuse)
    y, options = next(draws(sound, "logit"))
    problem = check_problem(y, **options)
    assert estimate(problem, get_link("logit")).maximum.status[0] == Status.CONVERGED
