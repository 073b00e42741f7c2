import numpy as np
import pandas as pd

from corrtip.report.p_values import count_significant, p_cells, p_heads, p_note

SEVERAL = pd.DataFrame({"term": ["a"], "p_value": [0.04], "p_holm": [0.12], "p_bh": [np.nan]})


def test_one_test_has_one_column_and_no_note():
    assert p_heads(SEVERAL[["term", "p_value"]]) == ("p",)
    assert p_cells({"term": "a", "p_value": 0.04}) == (".040",)
    assert p_note(["p_value"], "terms") == ""


def test_several_tests_have_three_columns_and_a_note():
    row = SEVERAL.to_dict(orient="records")[0]
    assert len(p_heads(SEVERAL)) == len(p_cells(row)) == 3
    assert p_cells(row) == (".040", ".120", "–")
    assert p_note(SEVERAL, "terms").endswith("adjusted for the number of terms.")


def test_a_missing_test_is_not_counted():
    assert count_significant(pd.Series([0.01, np.nan])) == "1 of 1 (1, 1)"
