import numpy as np
import pandas as pd
import pytest

from corrtip.models.model import fit_arrays
from corrtip.report.uncertainty_tables import (
    sentence_confounding,
    sentence_fragility,
    sentence_uncertainty,
    table_collinearity,
    table_left_out,
    table_two_way,
    table_uncertain_years,
    table_uncertainty,
)
from corrtip.robustness.collinearity import Collinearity
from corrtip.robustness.confounding import EValue, RobustnessValue
from corrtip.robustness.contested import Fragility, Shift
from corrtip.robustness.imputation import Imputation
from corrtip.robustness.pooling import pool_arrays
from corrtip.robustness.uncertainty import WAYS

NAMES = {"x": "Corruption", "z": "Poverty", "AAA": "Aland", "BBB": "Beland"}


@pytest.fixture
def ways():
    estimates = dict(zip(WAYS, (-0.5, -0.55, np.nan, -0.51, -0.1, -0.6), strict=True))
    table = pd.DataFrame(
        {
            "way": list(estimates),
            "estimate": list(estimates.values()),
            "conf_low": [value - 0.2 for value in estimates.values()],
            "conf_high": [value + 0.2 for value in estimates.values()],
            "n": [100, 100, np.nan, 105, 112, 112],
            "ratio": [value / -0.5 for value in estimates.values()],
            "refusal": ["", "", "no errors", "", "", ""],
        }
    )
    table.attrs["reliability"] = 0.97
    return table


def test_every_way_has_a_row_and_what_was_refused_its_reason(ways):
    table = table_uncertainty(ways, "Ways")
    assert table.rows[0] == ("As published", "100", "−0.500", "−0.700 to −0.300", "1.00")
    assert table.rows[2][1:] == ("–",) * 4
    assert table.note.endswith("Scores drawn within their error: no errors.")


def test_the_sentence_says_what_the_worst_placements_leave(ways):
    said = sentence_uncertainty(ways)
    assert "reliability of 0.970" in said
    assert "Without them the coefficient is 1.10 times" in said
    assert "drawn within" not in said
    assert "With all 12 unranked countries placed against the finding it is 0.20 times" in said
    assert said.endswith("its interval holds zero.")


def test_years_are_multiples_of_the_published_coefficient_and_bounds_that_hold_zero_are_marked(ways):
    (row,) = table_uncertain_years({2005: ways}).rows
    assert row == ("2005", "100", "0.970", "−0.500", "1.10", "–", "1.02", "0.20*", "1.20")


@pytest.mark.parametrize(("changed", "exhaustive"), [(True, 0), (True, 2), (False, 0)])
def test_shifts_are_counted_and_named(changed, exhaustive):
    found = Fragility(
        focal="x",
        estimate=-1.0,
        p_value=0.01,
        alpha=0.05,
        shifts=(Shift(iso3="AAA", was="1", becomes="2"), Shift(iso3="BBB", was="2", becomes="2WL")),
        path=((-0.8, 0.04), (-0.5, 0.09)),
        changed=changed,
        exhaustive=exhaustive,
    )
    said = sentence_fragility(found, NAMES, "Corruption")
    if not changed:
        assert "do not change the conclusion" in said
        return
    assert ("at most 2 placements" in said) == (exhaustive < 2)
    assert "Aland (Tier 1 to tier 2) and Beland (Tier 2 to tier 2 watch list)." in said
    assert "p = .090 after them" in said


def test_who_is_left_out_is_counted_by_tier_and_region():
    rng = np.random.default_rng(1)
    fit = fit_arrays(np.repeat([0, 1], 20), rng.normal(size=(40, 1)), levels="ab", names=["x"])
    found = Imputation(
        pooled=pool_arrays(np.ones((2, 1)), np.ones((2, 1, 1)), names=("x",), nobs=40),
        complete=fit,
        missing=pd.DataFrame({"term": ["x"], "missing": [3], "share": [0.1]}),
        left_out=pd.DataFrame(
            {"group": ["tier", "region"], "level": ["2WL", "South Asia"], "countries": 10, "left_out": 3, "share": 0.3}
        ),
    )
    table = table_left_out(found, NAMES)
    assert table.rows[0] == ("Tier 2 watch list", "10", "3", "30 %")
    assert table.rows[1][0] == "South Asia"
    assert table.note == "Countries without a figure: Corruption: 3."


def test_collinear_predictors_confounders_and_leads_are_laid_out():
    correlations = pd.DataFrame([[1.0, 0.8], [0.8, 1.0]], index=["x", "z"], columns=["x", "z"])
    repeated = Collinearity(
        table=pd.DataFrame({"term": ["x", "z"], "vif": 2.78, "inflation": 1.67}),
        correlations=correlations,
        condition_number=12.0,
    )
    assert table_collinearity(repeated, NAMES).rows[0] == ("Corruption", "2.78", "1.67", "1.00", "0.80")
    strength = EValue(
        term="x", level="1", step=1.0, risk_ratio=2.0, conf_low=1.5, conf_high=2.5, e_value=3.41, e_value_limit=2.37
    )
    benchmarks = pd.DataFrame({"term": ["z"], "r2_outcome": [0.01], "r2_predictor": [0.2]})
    robust = RobustnessValue(term="x", partial_r2=0.1, value=0.3, value_alpha=0.2, benchmarks=benchmarks)
    said = sentence_confounding(strength, robust, NAMES)
    assert "a risk ratio of 3.41" in said
    assert "Poverty explains 20 % and 1 %" in said
    directions = pd.DataFrame(
        {
            "direction": ["corruption leads", "placement leads"],
            "estimate": 0.1,
            "conf_low": 0.0,
            "conf_high": 0.2,
            "p_value": 0.05,
            "rows": 1_000,
        }
    )
    assert table_two_way({"WGI": directions}).rows[1][1] == "Tier of the year before, on corruption"
