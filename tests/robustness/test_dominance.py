import os

import numpy as np
import pytest

from corrtip.data.sample import build_sample
from corrtip.errors import ModelError, SeparationError, SpecError
from corrtip.estimate import fit
from corrtip.models.fitstats import association
from corrtip.models.model import fit_arrays
from corrtip.robustness.blocks import Run
from corrtip.robustness.dominance import Dominance, dominance, dominance_of_arrays, grouped_columns
from corrtip.robustness.resampling import draw_weights
from corrtip.studies.study import load_study

ROUNDING = 1e-12  # sums and means of numbers of size one
LEVELS = ("1", "2", "3")
NAMES = ("x0", "x1", "x2", "x3")


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(20050601)
    x = rng.normal(size=(200, 4))
    x[:, 1] += x[:, 0]
    latent = 1.2 * x[:, 0] + 0.4 * x[:, 1] + rng.logistic(size=200)
    return np.digitize(latent, [-1.0, 1.0]), x


def test_two_predictors_by_hand():
    # R2: first .30, second .10, both .36. The first adds .30 and .26, the second .10 and .06.
    found = Dominance(names=("first", "second"), n=9, values=np.array([0.0, 0.30, 0.10, 0.36]), draws=np.empty((0, 4)))
    assert found.general().to_dict() == pytest.approx({"first": 0.28, "second": 0.08}, abs=ROUNDING)
    assert found.conditional().loc["first"].tolist() == pytest.approx([0.30, 0.26], abs=ROUNDING)
    assert found.complete().loc["first"].tolist() == [False, True]
    assert found.tidy()["term"].tolist() == ["first", "second"]
    assert found.tidy()["share"].tolist() == pytest.approx([0.28 / 0.36, 0.08 / 0.36], abs=ROUNDING)


def test_subsets_name_their_members(data):
    y, x = data
    found = dominance_of_arrays(y, x, levels=LEVELS, names=NAMES, columns={"a": [0], "b": [1], "c": [2]})
    table = found.subsets().set_index("members")["value"]
    alone = fit_arrays(y, x[:, [0, 2]], levels=LEVELS, names=["a", "c"]).prsquared
    assert table[("a", "c")] == alone
    assert table[()] == 0.0
    assert len(table) == 8


def test_a_group_enters_whole(data):
    y, x = data
    grouped = dominance_of_arrays(y, x, levels=LEVELS, names=NAMES, columns={"a": [0], "rest": [1, 2, 3]})
    every = dominance_of_arrays(y, x, levels=LEVELS, names=NAMES, columns={"a": [0], "b": [1], "c": [2], "d": [3]})
    assert grouped.full == pytest.approx(every.full, abs=1e-10)  # the columns in another order
    assert grouped.subsets()["value"][2] == pytest.approx(every.subsets()["value"][14], abs=1e-10)


def test_the_order_of_predictors_changes_nothing(data):
    y, x = data
    forth = dominance_of_arrays(y, x, levels=LEVELS, names=NAMES, columns={"a": [0], "b": [1], "c": [2]}).general()
    back = dominance_of_arrays(y, x, levels=LEVELS, names=NAMES, columns={"c": [2], "b": [1], "a": [0]}).general()
    assert back[forth.index].to_numpy() == pytest.approx(forth.to_numpy(), abs=1e-10)


def test_the_predictors_that_made_the_outcome_dominate_the_one_that_did_not(data):
    y, x = data
    found = dominance_of_arrays(y, x, levels=LEVELS, names=NAMES, columns={"a": [0], "b": [1], "noise": [2]})
    assert found.complete()["noise"].to_dict() == {"a": True, "b": True, "noise": False}
    assert found.tidy()["term"].iloc[-1] == "noise"


def test_a_subset_that_separates_the_outcome_stops_with_the_column():
    y = np.repeat([0, 1, 2], 10)
    x = np.column_stack([np.tile([0.0, 1.0], 15), y + 0.0])
    with pytest.raises(SeparationError, match="fit of tier: x1 separates"):
        dominance_of_arrays(y, x, levels=LEVELS, names=NAMES, columns={"a": [0], "exact": [1]}, outcome="tier")


@pytest.mark.parametrize(
    ("groups", "seen"),
    [
        ({"poverty": ["births", "gini"]}, "no member is a predictor"),
        ({"cpi": ["deaths"]}, "a predictor bears this name"),
        ({"people": ["deaths"], "health": ["deaths"]}, '"deaths" is in "people" too'),
    ],
)
def test_a_group_needs_members_and_a_name_of_its_own(groups, seen):
    with pytest.raises(SpecError, match=seen):
        grouped_columns({"cpi": [0], "deaths": [1]}, groups)


def test_a_sample_gives_its_model_by_indicator_and_by_group(panel):
    spec = load_study("zhang_pineda_2008").spec.replace(link="probit")
    sample = build_sample(panel, spec)
    by_indicator = dominance(sample)
    by_group = dominance(sample, {"poverty": ("infant_mortality", "life_expectancy")})
    assert by_indicator.names == spec.predictors
    assert by_group.names == ("cpi_pre2012", "poverty")
    for found in (by_indicator, by_group):
        assert found.full == pytest.approx(fit(sample).prsquared, rel=1e-9)
        assert found.general().sum() == pytest.approx(found.full, abs=ROUNDING)


def test_least_squares_has_no_mcfadden_r2(panel):
    sample = build_sample(panel, load_study("zhang_pineda_2008").spec.replace(estimator="ols"))
    with pytest.raises(SpecError, match="McFadden"):
        dominance(sample)


@pytest.mark.parametrize("measure", ["mcfadden_r2", "somers_d"])
def test_a_draw_is_the_fit_of_its_rows_in_every_subset(data, measure):
    y, x = data
    found = dominance_of_arrays(
        y, x, levels=LEVELS, names=NAMES, columns={"a": [0], "b": [1, 2]}, draws=2, seed=4, measure=measure
    )
    counts = [np.ones(200, dtype=int), *draw_weights(np.arange(200), 4, 2).astype(int)]
    for values, count in zip([found.values, *found.draws], counts, strict=True):
        rows = np.repeat(np.arange(200), count)
        for subset, columns in enumerate([[], [0], [1, 2], [0, 1, 2]]):
            if not columns:
                assert values[subset] == 0.0
                continue
            alone = fit_arrays(y[rows], x[rows][:, columns], levels=LEVELS, names=[NAMES[c] for c in columns])
            assert values[subset] == pytest.approx(
                association(alone)[measure], abs=1e-9
            )  # a batched fit stops elsewhere


def test_intervals_hold_the_estimate_and_the_sizes_average_to_the_whole(data):
    y, x = data
    columns = {"noise": [2], "a": [0], "b": [1]}
    found = dominance_of_arrays(y, x, levels=LEVELS, names=NAMES, columns=columns, draws=300)
    table = found.tidy()
    assert (table["conf_low"] < table["conf_high"]).all()
    inside = table.set_index("term").loc[["a", "b"]]
    assert ((inside["conf_low"] < inside["estimate"]) & (inside["estimate"] < inside["conf_high"])).all()
    by_size = found.by_size()
    assert by_size["size"].tolist() == [0, 1, 2] * 3
    means = by_size.groupby("term")["estimate"].mean()
    assert means[table["term"]].to_numpy() == pytest.approx(table["estimate"].to_numpy(), abs=ROUNDING)
    assert (by_size["conf_low"] < by_size["conf_high"]).all()
    wide = found.tidy(alpha=0.5)
    assert (wide["conf_high"] - wide["conf_low"] < table["conf_high"] - table["conf_low"]).all()


def test_without_draws_there_are_no_intervals(data):
    y, x = data
    found = dominance_of_arrays(y, x, levels=LEVELS, names=NAMES, columns={"a": [0], "b": [1]})
    assert found.tidy()["conf_low"].isna().all()
    assert found.by_size()["conf_high"].isna().all()
    with pytest.raises(ModelError, match="0 of 0 draws"):
        found.pairs()


def test_pairs_by_hand():
    # Rows as they are: the first beats the second in both subsets. Draws: so again, the other way, and by turns.
    as_is, reverse, by_turns = [0.0, 0.3, 0.1, 0.36], [0.0, 0.1, 0.3, 0.36], [0.0, 0.3, 0.3, 0.36]
    found = Dominance(
        names=("first", "second"), n=9, values=np.array(as_is), draws=np.array([as_is, as_is, reverse, by_turns])
    )
    table = found.pairs().set_index("kind")
    for kind in ("general", "conditional", "complete"):
        row = table.loc[kind]
        assert (row["term"], row["rival"], row["estimate"]) == ("first", "second", 1.0)
        assert (row["dominates"], row["dominated"], row["undecided"]) == (0.5, 0.25, 0.25)
        assert (row["mean"], row["reproducibility"]) == (0.625, 0.5)


def test_noise_is_dominated_again_and_again(data):
    y, x = data
    columns = {"a": [0], "b": [1], "noise": [2]}
    for measure in ("mcfadden_r2", "somers_d"):
        found = dominance_of_arrays(
            y, x, levels=LEVELS, names=NAMES, columns=columns, draws=200, measure=measure
        ).pairs()
        general = found[found["kind"] == "general"].set_index(["term", "rival"])
        assert general.loc[("a", "noise"), "reproducibility"] > 0.95
        assert general.loc[("a", "noise"), "estimate"] == 1.0


def test_somers_d_sums_to_the_full_models(data):
    y, x = data
    columns = {"a": [0], "b": [1], "c": [2]}
    found = dominance_of_arrays(y, x, levels=LEVELS, names=NAMES, columns=columns, measure="somers_d")
    full = association(fit_arrays(y, x[:, :3], levels=LEVELS, names=NAMES[:3]))["somers_d"]
    assert found.general().sum() == pytest.approx(full, abs=ROUNDING)
    assert found.full == pytest.approx(full, abs=ROUNDING)


def test_the_bits_do_not_depend_on_the_number_of_processes(data):
    y, x = data
    columns = {"a": [0], "b": [1]}
    one, two = (
        dominance_of_arrays(y, x, levels=LEVELS, names=NAMES, columns=columns, draws=50, run=Run(jobs=jobs))
        for jobs in (1, 2)
    )
    rounding = 0.0 if os.environ.get("OPENBLAS_NUM_THREADS") == "1" else 1e-10
    np.testing.assert_allclose(one.draws, two.draws, rtol=rounding, atol=rounding)
    np.testing.assert_allclose(one.values, two.values, rtol=rounding)


def test_an_unknown_measure_is_refused(data):
    y, x = data
    with pytest.raises(ModelError, match="one of mcfadden_r2, somers_d"):
        dominance_of_arrays(y, x, levels=LEVELS, names=NAMES, columns={"a": [0]}, measure="r2")
