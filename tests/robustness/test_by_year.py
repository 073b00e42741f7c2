import dataclasses

import numpy as np
import pytest

from corrtip.errors import SpecError
from corrtip.robustness.by_year import run_by_year
from corrtip.robustness.grid import load_grid
from corrtip.robustness.years import FOCAL, every_year
from corrtip.spec import Spec

CONTROLS = ("infant_mortality", "life_expectancy")
LIVES = [("cpi_pre2012", "cpi")]
# Controls in other units: the same maximum, reached by other steps.
SAME_MAXIMUM = 1e-9


@pytest.fixture(scope="module")
def grid():
    return load_grid("zhang_pineda").restricted(
        {
            "focal": ["CPI", "V-Dem"],
            "controls": ["none", "mortality, life expectancy"],
            "region": ["no"],
            "income": ["no"],
            "regime": ["no"],
            "report": ["2005"],
            "vintage": ["now"],
            "tiers": ["four levels", "1 or not"],
            "special": ["left out"],
            "countries": ["all"],
            "link": ["logit"],
            "covariance": ["model"],
        }
    )


@pytest.fixture(scope="module")
def found(panel, grid):
    return run_by_year(panel, grid, (2011, 2012, 2025), lives=LIVES)


def test_every_specification_has_a_row_in_every_year(found):
    assert list(found.columns[:4]) == ["focal", "controls", "tiers", "year"]
    assert len(found) == len(found.drop_duplicates(["focal", "controls", "tiers", "year"])) == 8 * 3


def test_both_lives_of_the_index_stand_for_one_measure(found):
    index = found[found["focal"] == "CPI"]
    assert index[index["year"] == 2011]["measure"].unique().tolist() == ["cpi_pre2012"]
    assert index[index["year"] == 2012]["measure"].unique().tolist() == ["cpi"]


def test_a_cleaner_is_better_index_is_the_specification_of_every_year_turned_round(panel, found):
    spec = Spec(
        outcome="tier",
        focal="cpi_pre2012",
        controls=CONTROLS,
        years=(2005, 2005),
        vintages=dict.fromkeys(CONTROLS, "wdi-2026-07"),
        transforms=dict.fromkeys(("cpi_pre2012", *CONTROLS), "zscore_within_year"),
    )
    table = every_year(panel, spec, (2011,), measures=LIVES[0]).table
    there = table[table["term"] == FOCAL].iloc[0]
    here = found.query("focal == 'CPI' and tiers == 'four levels' and year == 2011 and controls != 'none'").iloc[0]
    assert here["n"] == there["n"]
    pairs = {
        "estimate": -there["estimate"],
        "std_error": there["std_error"],
        "statistic": -there["statistic"],
        "p_value": there["p_value"],
        "conf_low": -there["conf_high"],
        "conf_high": -there["conf_low"],
        "effect": there["effect"],
        "effect_low": there["effect_low"],
        "effect_high": there["effect_high"],
    }
    for name, expected in pairs.items():
        np.testing.assert_allclose(here[name], expected, rtol=SAME_MAXIMUM, err_msg=name)


def test_more_corruption_goes_one_way_whatever_the_measure_calls_more(found):
    fitted = found[found["reason"] == ""]
    assert set(fitted["focal"]) == {"CPI", "V-Dem"}
    # Without controls nobody doubts the sign.
    alone = fitted[fitted["controls"] == "none"]
    assert (alone[["estimate", "conf_low", "effect", "effect_low"]] > 0).to_numpy().all()
    assert (fitted["conf_low"] < fitted["estimate"]).all()
    assert (fitted["effect_low"] < fitted["effect"]).all()
    assert (fitted["effect"] < fitted["effect_high"]).all()


def test_two_levels_leave_the_best_level_what_it_is(found):
    # A binary logit's average slope lies below a quarter of its coefficient, the slope at even odds.
    binary = found[(found["tiers"] == "1 or not") & (found["reason"] == "")]
    assert (binary["effect"] < binary["estimate"] / 4).all()


def test_a_year_held_in_part_says_so_and_has_no_number(found):
    partial = found[found["year"] == 2025]
    assert partial["reason"].str.contains("held in part only").all()
    assert partial[["estimate", "effect", "n"]].isna().to_numpy().all()


def test_a_grid_of_another_estimator_is_refused(panel, grid):
    other = dataclasses.replace(grid, spec=grid.spec.replace(estimator="ols"))
    with pytest.raises(SpecError, match='"ols"'):
        run_by_year(panel, other, (2011,))


def test_a_focal_variable_without_a_better_end_is_refused(panel, grid):
    (choice, *others) = grid.choices
    option = dataclasses.replace(
        choice.options[0], change={"focal": "net_migration", "vintages": {"net_migration": "wdi-2026-07"}}
    )
    other = dataclasses.replace(grid, choices=(dataclasses.replace(choice, options=(option,)), *others))
    with pytest.raises(SpecError, match="neither end of it is better"):
        run_by_year(panel, other, (2011,))
