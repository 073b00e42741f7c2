import numpy as np
import pandas as pd
import pytest
from scipy import stats

from corrtip.models.model import clm, fit_arrays
from corrtip.models.termtests import (
    TermTests,
    chi_squared,
    columns_of_terms,
    failing_terms,
    parallel_remedy,
    term_table,
)


def table(**p_values):
    return pd.DataFrame([{"term": term, "p_value": value} for term, value in p_values.items()])


def test_a_row_has_its_p_value():
    assert chi_squared("x", 5.0, 2, llf=-3.0) == {
        "term": "x",
        "statistic": 5.0,
        "df": 2,
        "p_value": pytest.approx(stats.chi2.sf(5.0, 2)),
        "llf": -3.0,
    }
    assert np.isnan(chi_squared("x", float("nan"), 2)["p_value"])
    assert np.isnan(chi_squared("x", 0.0, 0)["p_value"])
    # A statistic that overflowed is no evidence.
    assert np.isnan(chi_squared("x", float("inf"), 2)["p_value"])


def test_several_terms_are_adjusted_for_their_number_and_all_together_is_one_test():
    rows = [chi_squared("(all)", 12.0, 2), chi_squared("a", 9.0, 1), chi_squared("b", 2.0, 1)]
    several = term_table(rows).set_index("term")
    assert several.loc["(all)", ["p_holm", "p_bh"]].isna().all()
    assert several.loc["a", "p_holm"] == 2.0 * several.loc["a", "p_value"]
    assert several.loc["b", "p_holm"] == several.loc["b", "p_value"]
    assert "p_holm" not in term_table(rows[:2])


def test_terms_fail_one_by_one_or_all_together():
    assert failing_terms(table(**{"(all)": 0.01, "a": 0.01, "b": 0.2})) == ("a",)
    assert failing_terms(table(**{"(all)": 0.01, "a": 0.06})) == ("(all)",)
    assert failing_terms(table(a=0.5, b=float("nan"))) == ()


def test_the_remedy_names_what_to_fit():
    assert parallel_remedy(table(a=0.5)) == ""
    assert parallel_remedy(table(a=0.001, b=0.01)).startswith("Taken one at a time, not parallel")
    assert 'nominal="~ a + b"' in parallel_remedy(table(a=0.001, b=0.01))
    assert "Try another link" in parallel_remedy(table(**{"(all)": 0.01, "a": 0.06}))


def test_by_formula_a_factor_is_one_term_and_from_arrays_a_column_is(wine):
    fit = clm("rating ~ judge + x1", wine, nominal="~ contact", scale="~ temp")
    assert columns_of_terms(fit, "location") == {"judge": list(range(8)), "x1": [8]}
    assert columns_of_terms(fit, "nominal") == {"contact": [0]}
    assert columns_of_terms(fit, "scale") == {"temp": [0]}
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(40, 2)), rng.integers(0, 3, 40)
    by_array = fit_arrays(y, x, levels=list("abc"), names=["u", "v"])
    assert columns_of_terms(by_array, "location") == {"u": [0], "v": [1]}
    assert columns_of_terms(by_array, "scale") == {}


def test_the_text_holds_title_numbers_notes_and_remedy():
    found = TermTests(
        title="A test",
        table=pd.DataFrame([chi_squared("x", 9.0, 1), chi_squared("y", float("nan"), 1)]),
        remedy="Do this.",
        notes=("y is missing",),
    )
    lines = repr(found).splitlines()
    assert lines[0] == "A test"
    assert lines[2].split() == ["x", "9", "1", "0.0027"]
    assert lines[3].split() == ["y", "nan", "1", "nan"]
    assert lines[4:] == ["Note: y is missing.", "Do this."]
    assert found.failing == ("x",)
