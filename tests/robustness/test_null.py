from dataclasses import replace

import numpy as np
import pytest

from corrtip.errors import ModelError
from corrtip.robustness.draws import Unit, Work, summarise
from corrtip.robustness.groups import Group, fit_group
from corrtip.robustness.null import build_exchange, focal_columns, p_value, permutations

COUNTRIES = 100
# A p-value of at most 5 % has a chance of exactly 5 % where draws and one are a multiple of twenty.
DRAWS = 39
CODINGS = ((np.arange(4), 4), (np.array([0, 1, 1, 2]), 3))
LOGIT = (("logit", "nonrobust"),)


def figures(rng, effect):
    """Controls, a focal variable that correlates .7 with them, a later edition, and tiers that follow controls."""
    controls = rng.normal(size=(COUNTRIES, 2))
    poverty = controls @ [0.8, 0.6]
    own = rng.normal(size=COUNTRIES)
    focal = 0.7 * poverty + np.sqrt(1.0 - 0.7**2) * own
    later = focal + 0.3 * rng.normal(size=COUNTRIES)
    latent = 1.2 * poverty + effect * own + rng.logistic(size=COUNTRIES)
    return controls, np.array([focal, later]), np.digitize(latent, [-1.5, 0.5, 2.0])


def joint_test(seed, effect):
    """Return the p-values of median z and of the share significant, of eight models."""
    controls, values, y = figures(np.random.default_rng(seed), effect)
    groups, z, effects = [], [], []
    for place, focal in enumerate(values):
        for coding, levels in CODINGS:
            for columns in ([0], [0, 1]):
                group = Group(
                    codes=coding[y],
                    n_levels=levels,
                    focal=focal,
                    controls=controls[:, columns],
                    country=np.arange(COUNTRIES),
                    measure=np.full(COUNTRIES, place),
                    step=float(focal.std()),
                    models=LOGIT,
                )
                answers = fit_group(group)["logit"]
                z.append(answers.estimate[0] / answers.errors["nonrobust"][0])
                effects.append(answers.effect[0])
                groups.append(replace(group, starts={"logit": answers.params[0]}))
    observed = summarise(np.array([z]), np.array([effects])).iloc[0]
    work = Work(countries=COUNTRIES, exchange=build_exchange(values, [controls, controls]), seed=seed)
    drawn = summarise(*work(Unit(kind="null", block=0, draws=DRAWS, groups=tuple(groups))))
    return [p_value(observed[name], drawn[name].to_numpy()) for name in ("median_z", "share_significant")]


def test_a_true_null_is_rejected_in_one_sample_of_twenty():
    samples = 400
    rejected = (np.array([joint_test(seed, effect=0.0) for seed in range(samples)]) <= 0.05).sum(axis=0)
    # Two and a half binomial standard errors; the share significant has ties, which can only make it reject less.
    margin = 2.5 * np.sqrt(samples * 0.05 * 0.95)
    assert abs(rejected[0] - 0.05 * samples) <= margin
    assert rejected[1] <= 0.05 * samples + margin


def test_an_effect_is_found():
    found = (np.array([joint_test(seed, effect=0.7) for seed in range(40)]) <= 0.05).mean(axis=0)
    assert (found >= 0.8).all()


@pytest.fixture
def exchange():
    rng = np.random.default_rng(3)
    controls, values, _ = figures(rng, 0.0)
    values[1, :10] = np.nan
    controls = controls.copy()
    controls[5:8, 1] = np.nan
    return values, controls, build_exchange(values, [controls, controls])


def test_fitted_values_are_those_of_least_squares_with_means_and_marks_for_what_is_missing(exchange):
    values, controls, found = exchange
    missing = np.isnan(controls[:, 1])
    filled = np.where(missing, np.nanmean(controls[:, 1]), controls[:, 1])
    design = np.column_stack([np.ones(COUNTRIES), controls[:, 0], filled, missing])
    hat = design @ np.linalg.pinv(design)
    assert found.fitted[0] == pytest.approx(hat @ values[0], abs=1e-12)
    scaled = (values[0] - hat @ values[0]) / np.sqrt(1.0 - np.diag(hat))
    assert found.residual[0] == pytest.approx(scaled, abs=1e-12)
    assert np.isnan(found.fitted[1, :10]).all()
    assert np.isfinite(found.fitted[1, 10:]).all()


def test_a_country_that_the_controls_fit_perfectly_keeps_its_figure(exchange):
    values, controls, _ = exchange
    alone = np.column_stack([controls[:, 0], np.arange(COUNTRIES) == 50])
    found = build_exchange(values, [alone, alone])
    taken = permutations(found.strata, np.random.default_rng(1), 20)
    assert (taken[:, 50] == 50).all()
    columns = focal_columns(found, taken, np.zeros(COUNTRIES, dtype=int), np.arange(COUNTRIES))
    assert columns[:, 50] == pytest.approx(np.full(20, values[0, 50]), abs=1e-12)


def test_countries_are_exchanged_whole_and_within_those_with_the_same_measures(exchange):
    _, _, found = exchange
    taken = permutations(found.strata, np.random.default_rng(1), 50)
    assert (np.sort(taken, axis=1) == np.arange(COUNTRIES)).all()
    assert (taken[:, :10] < 10).all()
    country = np.arange(10, COUNTRIES)
    first, second = (
        focal_columns(found, taken, np.full(len(country), measure), country) - found.fitted[measure, country]
        for measure in (0, 1)
    )
    # Whose residual of the one measure it takes, it takes that of the other too.
    assert first == pytest.approx(found.residual[0][taken[:, country]], abs=1e-12)
    assert second == pytest.approx(found.residual[1][taken[:, country]], abs=1e-12)


def test_a_draw_that_has_no_statistic_speaks_against_the_claim_and_no_statistic_has_no_p_value():
    assert p_value(2.0, np.array([0.0, 1.0, np.nan, 3.0])) == 3 / 5
    assert p_value(2.0, np.full(9, np.nan)) == 1.0
    assert np.isnan(p_value(np.nan, np.array([0.0, 1.0])))


def test_figures_that_leave_nothing_to_exchange_are_refused():
    with pytest.raises(ModelError, match="no two with residuals"):
        build_exchange(np.arange(3.0)[None], [np.eye(3)])
