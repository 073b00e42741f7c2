from dataclasses import replace

import numpy as np
import pytest

from corrtip.models.model import fit_arrays
from corrtip.models.newton import Status
from corrtip.robustness.blocks import HERE
from corrtip.robustness.groups import Group, fit_group, fit_groups, refit_columns, refit_rows, why_lost

ROWS = 150
# Quick fits are those of a single fit to 1e-9.
SAME = 1e-8
MODELS = (("logit", "nonrobust"), ("logit", "HC1"), ("probit", "HC0"), ("probit", "nonrobust"))


@pytest.fixture(scope="module")
def group():
    rng = np.random.default_rng(5)
    controls = rng.normal(size=(ROWS, 2))
    focal = 3.0 + 2.0 * (controls[:, 0] + rng.normal(size=ROWS))
    codes = np.digitize(-0.4 * focal + controls[:, 1] + rng.logistic(size=ROWS), [-2.5, -1.0, 0.5])
    made = Group(
        codes=codes,
        n_levels=4,
        focal=focal,
        controls=controls,
        country=np.arange(ROWS),
        measure=np.zeros(ROWS, dtype=np.intp),
        step=-2.0,
        models=MODELS,
    )
    starts = {link: answers.params[0] for link, answers in fit_group(made).items()}
    return Group(**{name: getattr(made, name) for name in Group.__dataclass_fields__} | {"starts": starts})


def single(group, link, covariance, *, focal=None, weights=None):
    """Return z and the average effect of a step, by the single fit."""
    held = np.ones(ROWS, dtype=bool) if weights is None else weights > 0
    x = np.column_stack([group.focal if focal is None else focal, group.controls])
    options = {"levels": list("abcd"), "names": ["focal", "one", "two"], "link": link, "cov_type": covariance}
    counts = None if weights is None else weights[held]
    fit = fit_arrays(group.codes[held], x[held], weights=counts, **options)
    moved = x[held].copy()
    moved[:, 0] -= group.step
    change = fit.predict(moved)["a"].to_numpy() - fit.predict(x[held])["a"].to_numpy()
    z = np.sign(group.step) * fit.params["focal"] / fit.bse["focal"]
    return z, np.average(change, weights=counts)


def test_the_fits_are_the_single_fits(group):
    found = fit_group(group)
    for link, covariance in MODELS:
        answers = found[link]
        z, effect = single(group, link, covariance)
        assert np.sign(group.step) * answers.estimate[0] / answers.errors[covariance][0] == pytest.approx(z, rel=SAME)
        assert answers.effect[0] == pytest.approx(effect, rel=SAME)


def test_many_groups_have_their_own_fits_in_their_order(group):
    other = replace(group, focal=group.focal**2, models=MODELS[:1])
    groups = [group, other] * 20  # more than one piece of work
    for held, found in zip(groups, fit_groups(groups, HERE, identity="estimates"), strict=True):
        expected = fit_group(held)
        assert list(found) == list(expected)
        for link, answers in found.items():
            assert answers.errors.keys() == expected[link].errors.keys()
            np.testing.assert_array_equal(answers.params, expected[link].params)
            np.testing.assert_array_equal(answers.effect, expected[link].effect)
            for kind, errors in answers.errors.items():
                np.testing.assert_array_equal(errors, expected[link].errors[kind])


def test_draws_of_rows_are_single_fits_with_weights(group):
    rng = np.random.default_rng(6)
    weights = rng.multinomial(ROWS, np.full(ROWS, 1.0 / ROWS), size=3).astype(float)
    z, effect = refit_rows(group, weights)
    for draw in range(3):
        expected = [single(group, *model, weights=weights[draw]) for model in MODELS]
        assert z[draw] == pytest.approx([item[0] for item in expected], rel=SAME)
        assert effect[draw] == pytest.approx([item[1] for item in expected], rel=SAME)


def test_draws_of_columns_are_single_fits_with_that_column(group):
    rng = np.random.default_rng(7)
    columns = group.controls[:, 0] + rng.normal(size=(3, ROWS))
    z, effect = refit_columns(group, columns)
    for draw in range(3):
        expected = [single(group, *model, focal=columns[draw]) for model in MODELS]
        assert z[draw] == pytest.approx([item[0] for item in expected], rel=SAME)
        assert effect[draw] == pytest.approx([item[1] for item in expected], rel=SAME)


def test_a_draw_without_a_maximum_is_nan_and_the_others_are_not(group):
    weights = np.ones((2, ROWS))
    weights[1, group.codes == 3] = 0.0
    z, effect = refit_rows(group, weights)
    assert np.isfinite(z[0]).all()
    assert np.isnan(z[1]).all()
    assert np.isnan(effect[1]).all()


@pytest.mark.parametrize("link", ["logit", "probit"])
def test_why_a_model_has_no_estimate_is_told_by_its_columns_and_its_status(group, link):
    only = (group.codes == 3).astype(float)  # it names the worst level, and so separates it
    one, two = group.controls.T
    for columns, why in (
        ([one, one + two, two], "collinear"),
        ([one, group.focal - 2.0 * one], "collinear"),
        ([one, one + 1e-10 * two], "collinear"),
        ([only], "separate"),
    ):
        held = replace(group, controls=np.column_stack(columns), models=((link, "nonrobust"),), starts={})
        answers = fit_group(held)[link]
        assert np.isnan(answers.estimate[0])
        assert np.isnan(answers.effect[0])
        assert why in why_lost(held, link, answers.status[0])
    # Of a link whose likelihood has several hills, the status is all that is known.
    assert "found none: no ascent" in why_lost(group, "cauchit", Status.NO_ASCENT)
