"""Tables and sentences of robustness say what they are given: every interval, share and reason, and no more."""

import numpy as np
import pandas as pd
import pytest

from corrtip.data.catalogue import load_catalogue
from corrtip.models.model import clm
from corrtip.report import robustness_tables as tables
from corrtip.robustness.bounds import ExtremeBounds, FocalBounds
from corrtip.robustness.curve import SpecificationCurve
from corrtip.robustness.dominance import Dominance
from corrtip.robustness.grid import Choice, Exclusion, Grid, Option
from corrtip.robustness.permutation import PermutationTest
from corrtip.robustness.resampling import bootstrap, influence
from corrtip.robustness.subsets import Outcome, Pool, SubsetFits
from corrtip.spec import Spec

CATALOGUE = load_catalogue()
SPEC = Spec(outcome="tier", focal="cpi_pre2012", years=(2005, 2005))


@pytest.fixture(scope="module")
def fit():
    """Return a model of ninety made-up rows in which the first predictor matters."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=(90, 2))
    codes = np.digitize(-1.2 * x[:, 0] + rng.logistic(size=90), [-1.0, 1.0])
    data = pd.DataFrame(x, columns=["cpi_pre2012", "infant_mortality"], index=[f"C{row:02d}" for row in range(90)])
    data["tier"] = pd.Categorical.from_codes(codes, ["1", "2", "3"], ordered=True)
    return clm("tier ~ cpi_pre2012 + infant_mortality", data)


def focal_bounds(name, effects, p_below):
    """Return models with the given slopes a unit, of which the first have p far below .05, and three unfitted ones."""
    count = len(effects)
    effects = np.append(effects, [np.nan] * 3)
    z = np.append(np.where(np.arange(count) < p_below, 10.0, 1.0), [np.nan] * 3)
    estimate = -np.sign(effects) * 2.0
    reasons = [Outcome.TOO_FEW_ROWS, Outcome.THIN_LEVEL, Outcome.THIN_LEVEL]
    fits = SubsetFits(
        subsets=np.zeros((count + 3, 3), dtype=np.int8),
        outcome=np.array([Outcome.FITTED] * count + reasons, dtype=np.int8),
        n=np.full(count + 3, 80, dtype=np.int16),
        estimate=estimate,
        std_error=2.0 / z,
        latent_sd=np.ones(count + 3),
        average_effect=effects,
        llf=np.zeros(count + 3),
    )
    column = np.tile([0.0, 4.0], 40)  # of standard deviation two
    data = Pool(
        codes=np.zeros(80, dtype=np.intp), n_levels=2, focal=column, always=np.empty((80, 0)), pool=column[:, None]
    )
    return FocalBounds(focal=name, data=data, pool=("unemployment",) * 41, left_out={"gini": 0.4}, fits=fits)


@pytest.fixture
def bounds():
    return ExtremeBounds(
        spec=SPEC,
        size=3,
        focals=(
            focal_bounds("cpi_pre2012", np.array([0.02, 0.04, 0.06, 0.08]), p_below=4),
            focal_bounds("vdem_corruption", np.array([-0.02, -0.04, -0.06, -0.08]), p_below=3),
        ),
    )


def curve_of(effects, p_values, draws=0):
    """Return a curve of specifications whose first two take one option and the others another."""
    table = pd.DataFrame(
        {
            "measure": ["a"] * 2 + ["b"] * (len(effects) - 2),
            "z": np.sign(effects) * np.where(np.array(p_values) < 0.05, 3.0, 1.0),
            "p_value": p_values,
            "effect": effects,
            "outcome": "fitted",
        }
    )
    options = (Option(name="a", why="Because."), Option(name="b", why="Why not."))
    grid = Grid(
        id="made",
        question="?",
        spec=SPEC,
        choices=(
            Choice(name="measure", options=options),
            Choice(name="link", options=(Option(name="c", why="."), Option(name="d", why="."))),
        ),
        excluded=(Exclusion(options={"measure": ("a", "b"), "link": ("c",)}, why="Makes no sense."),),
    )
    numbers = np.linspace(0.0, 0.1, draws)
    names = ("median_effect", "median_z", "share_expected", "share_significant")
    drawn = pd.DataFrame(dict.fromkeys(names, numbers), dtype=float)
    table["link"] = "any"
    return SpecificationCurve(grid=grid, specifications=(), table=table, bootstrap=drawn, null=drawn, doubts=(), seed=1)


def test_intervals_of_four_kinds_stand_beside_one_another(fit):
    draws = bootstrap(fit, n=400, seed=1)
    found = tables.intervals_of(fit, draws)
    wald = fit.conf_int().loc["cpi_pre2012"]
    first = found[(found["kind"] == "Wald") & (found["term"] == "cpi_pre2012")].iloc[0]
    assert (first["conf_low"], first["conf_high"]) == (wald["conf_low"], wald["conf_high"])
    table = tables.table_intervals(found, draws, CATALOGUE)
    assert [row[1] for row in table.rows] == [
        "Wald", "profile likelihood", "bootstrap, percentile", "bootstrap, BCa"
    ] * 2  # fmt: skip
    assert [row[0].partition(":")[0] for row in table.rows if row[0]] == [
        "Corruption Perceptions Index (0-10, to 2011; higher = cleaner)",
        "Infant mortality (higher = worse)",
    ]
    assert table.rows[0][2] == f"−{abs(wald['conf_low']):.3f} to −{abs(wald['conf_high']):.3f}"
    assert "400 draws" in table.note
    assert f"{(~draws.usable).sum()} of them have no estimate" in table.note
    assert tables.sentence_intervals(found, "cpi_pre2012").endswith("Of these 4, 4 leave out zero.")
    nothing = found.assign(conf_low=-1.0, conf_high=1.0)
    assert "4, 0 leave out zero" in tables.sentence_intervals(nothing, "infant_mortality")


def test_influence_names_the_country_and_the_range_without_any_one(fit):
    changes = influence(fit)["cpi_pre2012"]
    said = tables.sentence_influence(fit, changes, {code: f"{code}land" for code in changes.index})
    without = fit.params["cpi_pre2012"] + changes * fit.bse["cpi_pre2012"]
    assert f"between −{abs(without.min()):.3f} and −{abs(without.max()):.3f}" in said
    assert "each of 90 countries" in said
    assert "the other sign in 0 cases" in said
    assert f"{changes.abs().idxmax()}land moves it most" in said


def test_permutations_are_counted_lost_draws_against_the_claim():
    test = PermutationTest(
        focal="x",
        estimate=-1.0,
        statistic=-2.5,
        draws=np.array([0.1, 2.6, np.nan, -1.0, 2.4]),
        countries=10,
        movable=9,
        covariance="nonrobust",
        seed=1,
    )
    assert tables.sentence_permutation({"Between all": test}) == (
        "The index has z = −2.50. Between all, 2 of 5 exchanges give a z as large (p = .500; 1 had nobody to exchange "
        "with)."
    )


def test_the_lead_has_its_rival_and_interval_in_every_view():
    values = np.array([0.0, 0.2, 0.1, 0.25])
    view = Dominance(names=("x", "y"), n=50, values=values, draws=np.tile(values, (20, 1)))
    said = tables.sentence_lead({"indicator": view, "group": view}, "x", {"y": "poverty"})
    assert "taken by indicator, 0.100 more than poverty (0.100 to 0.100); taken by group, 0.100 more" in said
    assert "adds to McFadden's R2" in said
    assert said.endswith("2 of 2 lie above zero.")
    behind = Dominance(names=("y", "x"), n=50, measure="somers_d", values=values, draws=np.tile(values, (20, 1)))
    said = tables.sentence_lead({"indicator": behind}, "x", {"y": "poverty"})
    assert "adds to Somers' D" in said
    assert said.endswith("0 of 1 lie above zero.")


def test_bounds_of_opposite_measures_have_one_direction(bounds):
    rows = tables.table_bounds(bounds, CATALOGUE).rows
    assert rows[0][:5] == (
        "Corruption Perceptions Index (0-10, to 2011), n = 80",
        "4",
        "10.0",
        "4.0 to 16.0",
        "3.2 to 19.1",
    )
    assert rows[1][:5] == ("Political corruption (V-Dem), n = 80", "4", "10.0", "4.0 to 16.0", "−15.4 to 47.4")
    assert rows[0][5:] == ("100 %", "100 %", "100 %")
    assert rows[1][5:] == ("75 %", "75 %", "75 %")


def test_bounds_say_why_models_are_missing_and_who_left_the_pool(bounds):
    note = tables.table_bounds(bounds, CATALOGUE).note
    assert "2 with fewer than 60 countries and 4 with fewer than five in a tier" in note
    assert "The pool has 41 controls, which make 7 models for each measure; left out of it" in note
    assert note.endswith("Gini index.")


def test_the_sentence_says_whether_leamers_bounds_hold_zero(bounds):
    first, second = tables.sentence_bounds(bounds, CATALOGUE).split(". ")
    assert first.endswith("4.0 to 16.0 percentage points over 4 models, 100 % of them with p < .05; Leamer's bounds "
                          "leave out zero")  # fmt: skip
    assert second.endswith("75 % of them with p < .05; Leamer's bounds hold zero.")


def test_options_carry_their_reasons_and_what_follows():
    curve = curve_of([0.02, 0.04, 0.06, 0.10], [0.2, 0.001, 0.001, 0.03])
    rows = tables.table_options(curve).rows
    assert rows[:2] == (
        ("measure", "a", "Because.", "2", "3.0", "50 %"),
        ("measure", "b", "Why not.", "2", "8.0", "100 %"),
    )
    assert tables.table_excluded(curve).rows == (("measure: a or b; link: c", "Makes no sense."),)


def test_the_curve_is_told_with_its_adjusted_counts_and_its_weakest_option():
    said = tables.sentence_curve(curve_of([-0.02, 0.04, 0.06, 0.10], [0.2, 0.001, 0.001, 0.03]))
    assert "Over 4 specifications the effect lies between −2.0 and 10.0 percentage points, with a median of 5.0" in said
    assert "expected one in 75 % of them" in said
    assert "below .05 in 3 of 4 (2, 3)" in said
    assert said.endswith("The lowest median of any option is 1.0 (measure: a).")


def test_specifications_without_an_estimate_are_counted_with_their_reasons():
    curve = curve_of([0.02, 0.04, 0.06, 0.10], [0.2, 0.001, 0.001, 0.03])
    curve.table.loc[2:, "outcome"] = ["no maximum", "too few rows"]
    said = tables.sentence_curve(curve)
    assert said.startswith("Over 2 specifications the effect lies between 2.0 and 4.0")
    assert said.endswith(" 2 of 4 specifications have no estimate (no maximum: 1; too few rows: 1).")


def test_the_joint_test_stands_beside_draws_without_an_effect():
    curve = curve_of([0.02, 0.04, 0.06, 0.10], [0.2, 0.001, 0.001, 0.03], draws=41)
    row = tables.table_curve(curve).rows[0]
    assert row[1:4] == ("5.0", "0.2 to 9.8", "0.2 to 9.8")
    assert row[4] == ".024"  # no draw as large as the median z of the figures
    said = tables.sentence_null(curve)
    assert "between 0.2 and 9.8 percentage points in the middle 95 % of 41 draws; the median found is 5.0" in said
    assert "is 75 %, and in these draws < 1 % to 10 % (p = .024)" in said
