import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from corrtip.models.multiplicity import adjusted

ROUNDING = 1e-12  # products of a number of size one and a count

chances = arrays.arrays(float, st.integers(1, 9), elements=st.floats(0.0, 1.0, allow_subnormal=False))


def test_a_worked_case():
    # Benjamini and Hochberg (1995), section 4.1: fifteen comparisons of two treatments of heart attacks. At 5 % Holm
    # and Bonferroni reject three, Benjamini and Hochberg four.
    p = [
        0.0001,
        0.0004,
        0.0019,
        0.0095,
        0.0201,
        0.0278,
        0.0298,
        0.0344,
        0.0459,
        0.324,
        0.4262,
        0.5719,
        0.6528,
        0.759,
        1,
    ]
    found = adjusted(p)
    assert (found["p_holm"] < 0.05).sum() == 3
    assert (found["p_bh"] < 0.05).sum() == 4
    assert found["p_bh"].iloc[3] == pytest.approx(0.0095 * 15 / 4, abs=ROUNDING)


@given(chances)
def test_the_adjustments_are_their_definitions(p):
    found, n, order = adjusted(p), len(p), np.argsort(p, kind="stable")
    ordered = p[order]
    holm = [max(min(1.0, (n - j) * ordered[j]) for j in range(i + 1)) for i in range(n)]
    bh = [min(min(1.0, n / (j + 1) * ordered[j]) for j in range(i, n)) for i in range(n)]
    np.testing.assert_allclose(found["p_holm"].to_numpy()[order], holm, atol=ROUNDING)
    np.testing.assert_allclose(found["p_bh"].to_numpy()[order], bh, atol=ROUNDING)


def test_a_missing_test_does_not_count():
    found = adjusted(pd.Series([0.01, np.nan, 0.04], index=["a", "b", "c"]))
    assert found.loc["a", "p_holm"] == pytest.approx(0.02, abs=ROUNDING)
    assert found.loc["b"].isna().all()
    assert adjusted([np.nan]).isna().all(axis=None)


def test_families_are_adjusted_each_for_itself():
    found = adjusted([0.01, 0.01, 0.04, 0.04], families=["x", "y", "x", None])
    assert found["p_holm"].tolist() == pytest.approx([0.02, 0.01, 0.04, 0.04], abs=ROUNDING)
