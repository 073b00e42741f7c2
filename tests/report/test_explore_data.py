"""What the interactive page is given says what the library says: reasons, merges, figures with file and line."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from corrtip import project
from corrtip.report import explore_data
from corrtip.robustness.curve import FITTED, run_grid
from corrtip.robustness.grid import load_grid

YEARS = (2004, 2012)
LIVES = [("cpi_pre2012", "cpi")]
# The same formula, in another order of operations.
ROUNDING = 1e-12


@pytest.fixture(scope="module")
def grid():
    one_way = ("region", "income", "regime", "report", "vintage", "special", "countries", "link", "covariance")
    whole = load_grid("zhang_pineda")
    taken = {choice.name: [choice.options[0].name] for choice in whole.choices if choice.name in one_way}
    return whole.restricted({**taken, "vintage": ["now"], "focal": ["CPI", "V-Dem"]})


@pytest.fixture(scope="module")
def variables(panel, grid):
    return explore_data.variables_of(panel, grid, LIVES)


@pytest.fixture(scope="module")
def figures(panel, variables):
    return explore_data.figures_of(panel, variables, YEARS)


def test_choices_left_open_are_given_with_their_reasons(grid):
    options = explore_data.options_of(grid)
    assert options["choice"].unique().tolist() == ["focal", "controls", "tiers"]
    reasons = {item.name: item.why for choice in grid.choices for item in choice.options}
    assert options["why"].tolist() == [reasons[option] for option in options["option"]]


def test_levels_become_what_the_codings_make_of_them(panel, grid):
    levels = explore_data.levels_of(panel, grid).set_index(["option", "level"])["becomes"]
    assert levels["watch list in 2"].to_dict() == {"1": "1", "2": "2", "2WL": "2", "3": "3"}
    assert levels["1 or not"].nunique() == 2
    assert (levels["four levels"] == levels["four levels"].index).all()


def test_options_bring_the_variables_of_their_specifications(variables):
    brought = variables.groupby(["choice", "option"])["variable"].agg(list)
    assert brought["focal", "CPI"] == ["cpi_pre2012", "cpi"]
    assert brought["controls", "with GDP"] == ["infant_mortality", "life_expectancy", "gdp_per_capita_ppp"]
    assert ("controls", "none") not in brought.index
    assert variables.set_index("variable").loc["vdem_corruption", "better"] == "low"
    assert set(variables["vintage"]) == {"published", "first-published", "vdem-2026-11", "wdi-2026-07", "hdr-2025"}


def test_every_figure_is_the_panels_with_its_file_and_line(panel, variables, figures):
    vintage = variables.drop_duplicates("variable").set_index("variable")["vintage"]
    root = project.figures_root()
    drawn = figures.sample(60, random_state=1)
    assert drawn["variable"].nunique() > 5
    for row in drawn.to_dict(orient="records"):
        found = panel.lineage(row["iso3"], row["year"], row["variable"], vintage[row["variable"]])
        assert f"data/raw/{row['source']}.csv" == found.file
        assert (row["line"], row["status"]) == (found.line, found.status)
        np.testing.assert_equal(row["value"], found.value)
        if row["line"]:
            lines = (root / "raw" / f"{row['source']}.csv").read_text(encoding="utf-8").splitlines()
            assert found.raw in lines[row["line"] - 1]


def test_no_figure_is_lost_and_none_is_there_twice(panel, figures):
    assert not figures.duplicated(["iso3", "year", "variable"]).any()
    held = panel.wide((2004, 2004), ["cpi_pre2012"])["cpi_pre2012"].dropna()
    ours = figures.query("variable == 'cpi_pre2012' and status == 'observed'").set_index("iso3")["value"]
    assert set(held.droplevel("year").index) <= set(ours.index)
    pd.testing.assert_series_equal(ours[held.index.get_level_values("iso3")], held.droplevel("year"), check_names=False)


def test_countries_and_editions_are_named(panel, figures):
    countries = explore_data.countries_of(panel, figures).set_index("iso3")["name"]
    assert set(countries.index) == set(figures["iso3"])
    assert countries["SRB"] == "Serbia"
    editions = explore_data.editions_of(panel, figures).set_index("source")
    assert set(editions.index) == set(figures["source"])
    assert editions.loc["cpi/2004", "publisher"] == "Transparency International"


def test_a_curve_comes_in_order_with_intervals_that_its_p_values_match(panel, grid):
    curve = run_grid(panel, grid.restricted({"controls": ["none", "HDI"]}), draws=0)
    data = explore_data.curve_of(curve)
    assert len(data) == (curve.table["outcome"] == FITTED).sum()
    assert data["effect"].is_monotonic_increasing
    apart = (data["effect_low"] > 0) | (data["effect_high"] < 0)
    assert (apart == (data["p_value"] < 0.05)).all()
    half = (data["effect_high"] - data["effect_low"]) / 2
    z = stats.norm.isf(data["p_value"] / 2)
    np.testing.assert_allclose(half / data["effect"].abs() * z, stats.norm.ppf(0.975), rtol=ROUNDING)
    assert list(data.columns[:3]) == ["focal", "controls", "tiers"]


def test_the_sentence_counts_what_is_fitted_expected_and_apart_from_zero():
    table = pd.DataFrame(
        {"effect": [0.1, 0.2, -0.05, None], "effect_low": [0.05, -0.1, -0.2, None], "reason": ["", "", "", "none"]}
    )
    said = explore_data.sentence_by_year(table)
    assert said.startswith("Of 4 combinations of year, measure, poverty and coding, 3 have an estimate. In 2 of them")
    assert "in 1 with an interval above zero" in said
    assert "−5.0 to 20.0 percentage points" in said
