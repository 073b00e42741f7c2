import numpy as np
import pandas as pd
import pytest

from corrtip.errors import ModelError
from corrtip.models.model import clm
from corrtip.models.scaletest import scale_test

# R's clm ends at a gradient of 1e-6: its likelihoods have all digits.
R_DIGITS = 1e-10


@pytest.mark.parametrize("link", ["logit", "probit", "cloglog", "loglog"])
def test_likelihood_ratios_are_rs(reference, fit_wine, link):
    printed = reference("wine_nominal_scale_tests")[f"wine_scale_{link}"]
    table = scale_test(fit_wine(f"wine_temp_contact_{link}")).table.set_index("term")
    for term in ("temp", "contact"):
        row = printed[term]
        wanted = [row["LRT"], row["Df"], row["Pr(>Chi)"], row["logLik"], row["AIC"]]
        assert table.loc[term, ["statistic", "df", "p_value", "llf", "aic"]].to_numpy(dtype=float) == pytest.approx(
            wanted, rel=R_DIGITS
        )


def test_nominal_terms_are_tried_too_and_scale_terms_are_not(sim400):
    fit = clm("y ~ a + b", sim400, nominal="~ c", scale="~ a")
    table = scale_test(fit).table.set_index("term")
    assert list(table.index) == ["b", "c"]
    wanted = clm("y ~ a + b", sim400, nominal="~ c", scale="~ a + c")
    assert table.loc["c", "llf"] == pytest.approx(wanted.llf, rel=1e-12)


def test_a_spread_that_differs_is_named_with_its_remedy():
    rng = np.random.default_rng(4)
    x, z = rng.normal(size=(2, 600))
    y = np.digitize(x + np.exp(0.6 * z) * rng.logistic(size=600), [-1.0, 0.0, 1.0])
    found = scale_test(clm("y ~ x + z", pd.DataFrame({"y": y, "x": x, "z": z})))
    assert found.failing == ("z",)
    assert found.remedy == 'The spread differs at the 5 % level with z. Fit scale="~ z".'


def test_what_has_no_spread_to_test_is_refused(sim400, wine):
    with pytest.raises(ModelError, match="scale_test: two levels"):
        scale_test(clm("y ~ a", sim400.assign(y=(sim400["y"] > 2).astype(int))))
    with pytest.raises(ModelError, match="scale_test: no term to add"):
        scale_test(clm("rating ~ temp", wine, scale="~ temp"))
    with pytest.raises(ModelError, match="scale_test: a bias-reduced fit"):
        scale_test(clm("rating ~ temp", wine, separation="reduce_bias"))
