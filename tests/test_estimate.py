import json
import math

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

from corrtip.data.sample import Sample
from corrtip.errors import SeparationError, SpecError
from corrtip.estimate import LinearFit, RankFit, as_record, fit, predictor_columns, predictor_tests, rank_fit
from corrtip.models.model import clm, fit_arrays
from corrtip.spec import Spec

SAME_SUMS = 1e-10  # the same estimator by another road
MAXIMUM = 1e-6  # statsmodels' logit stops at 1e-8 of its own criterion
VOCABULARY = ["term", "level", "estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high"]
REGIONS = ("Africa", "Asia", "Europe")


def simulated(rows=180, levels=("1", "2", "2WL", "3"), **changes):
    """A sample in which corruption moves the tier, births do a little, and regions not at all."""
    rng = np.random.default_rng(2005)
    cpi, births = rng.uniform(1.0, 10.0, rows), rng.gamma(4.0, 10.0, rows)
    region = rng.integers(0, 3, rows)
    latent = -0.6 * cpi + 0.01 * births + rng.logistic(size=rows)
    y = np.searchsorted(np.quantile(latent, np.arange(1, len(levels)) / len(levels)), latent)
    spec = Spec(
        **{"outcome": "tier", "focal": "cpi", "controls": ("births", "region"), "years": (2005, 2005), **changes}
    )
    iso3 = np.array([f"C{number // 2:02d}" for number in range(rows)], dtype=object)  # two rows a country
    index = pd.MultiIndex.from_arrays([iso3, np.tile([2005, 2006], rows // 2)], names=["iso3", "year"])
    columns = {"cpi": cpi, "births": births}
    columns |= {f"region[T.{name}]": (region == place).astype(float) for place, name in enumerate(REGIONS) if place}
    named = {name: values for name, values in columns.items() if name.split("[")[0] in spec.predictors}
    data = {"tier": pd.Categorical.from_codes(y, list(levels), ordered=True), "cpi": cpi, "births": births}
    data["region"] = pd.Categorical.from_codes(region, list(REGIONS))
    return Sample(
        spec=spec,
        data=pd.DataFrame(data, index=index),
        y=y,
        x=pd.DataFrame(named, index=index),
        weights=np.ones(rows),
        clusters=iso3,
        attrition=pd.DataFrame(),
        universe=rows,
        thin_levels={},
        doubts=(),
    )


@pytest.mark.parametrize("link", ["logit", "probit"])
def test_clm_is_the_formula_model_of_the_samples_data(link):
    sample = simulated(link=link, covariance="HC1")
    # Category names carry the level alone in one and the treatment in the other: values are compared in their order.
    by_formula = clm("tier ~ cpi + births + region", sample.data, link=link, cov_type="HC1")
    found = fit(sample)
    assert found.params.to_numpy() == pytest.approx(by_formula.params.to_numpy(), rel=SAME_SUMS)
    assert found.bse.to_numpy() == pytest.approx(by_formula.bse.to_numpy(), rel=SAME_SUMS)
    assert list(found.params.index) == [
        "1|2", "2|2WL", "2WL|3", "cpi", "births", "region[T.Asia]", "region[T.Europe]"
    ]  # fmt: skip


def test_clustered_errors_take_the_country_as_cluster():
    sample = simulated(covariance="cluster")
    numbers = np.arange(len(sample.y)) // 2
    direct = fit_arrays(
        sample.y, sample.x, levels=sample.levels, names=list(sample.x), cov_type="cluster", groups=numbers
    )
    assert fit(sample).bse.to_numpy() == pytest.approx(direct.bse.to_numpy(), rel=SAME_SUMS)


def test_some_predictors_are_fitted_on_all_the_samples_rows():
    sample = simulated()
    alone = fit(sample, ("region",))
    assert alone.nobs == len(sample.y)
    assert list(alone.coefficients.index) == ["region[T.Asia]", "region[T.Europe]"]


def test_ols_is_least_squares_on_the_levels_number():
    sample = simulated(estimator="ols")
    found = fit(sample)
    design = np.column_stack([np.ones(len(sample.y)), sample.x])
    beta, squares = np.linalg.lstsq(design, sample.y + 1.0)[:2]
    sigma2 = squares[0] / (len(design) - design.shape[1])
    error = np.sqrt(np.diag(sigma2 * np.linalg.inv(design.T @ design)))
    table = found.tidy()
    assert list(table) == VOCABULARY
    assert table["term"][0] == "Intercept"
    assert table["estimate"].to_numpy() == pytest.approx(beta, rel=1e-8)
    assert table["std_error"].to_numpy() == pytest.approx(error, rel=1e-8)
    reach = stats.t.ppf(0.975, len(design) - design.shape[1]) * error
    assert (table["conf_high"] - table["estimate"]).to_numpy() == pytest.approx(reach, rel=1e-8)
    assert found.glance()["r2"] == pytest.approx(1.0 - squares[0] / ((sample.y - sample.y.mean()) ** 2).sum())


@pytest.mark.parametrize("covariance", ["nonrobust", "HC0", "HC1", "cluster"])
def test_ols_tidy_is_statsmodels_own_table(covariance):
    sample = simulated(estimator="ols", covariance=covariance)
    groups = {"cov_kwds": {"groups": np.arange(len(sample.y)) // 2}} if covariance == "cluster" else {}
    theirs = sm.OLS(sample.y + 1.0, sm.add_constant(sample.x.to_numpy())).fit(cov_type=covariance, use_t=True, **groups)
    table = fit(sample).tidy()
    assert table["std_error"].to_numpy() == pytest.approx(theirs.bse, rel=SAME_SUMS)
    assert table["p_value"].to_numpy() == pytest.approx(theirs.pvalues, rel=1e-7)
    assert table[["conf_low", "conf_high"]].to_numpy() == pytest.approx(theirs.conf_int(), rel=1e-7)


def test_logit_is_the_binary_logit_of_the_worse_level():
    sample = simulated(levels=("1", "2"), estimator="logit")
    found = fit(sample)
    theirs = sm.Logit(sample.y, sm.add_constant(sample.x.to_numpy())).fit(disp=0)
    assert found.coefficients.to_numpy() == pytest.approx(theirs.params[1:], rel=MAXIMUM)
    assert found.thresholds.to_numpy() == pytest.approx(-theirs.params[:1], rel=MAXIMUM)
    assert found.bse.to_numpy() == pytest.approx(theirs.bse, rel=1e-4)
    assert found.llf == pytest.approx(theirs.llf, rel=SAME_SUMS)


@pytest.mark.parametrize("changes", [{}, {"levels": ("1", "2"), "link": "probit"}])
def test_logit_wants_two_levels_and_its_own_link(changes):
    with pytest.raises(SpecError, match="two levels and the link logit"):
        fit(simulated(estimator="logit", **changes))


def test_rank_gives_three_measures_of_each_predictor():
    sample = simulated(estimator="rank", controls=("births",))
    found = fit(sample)
    assert isinstance(found, RankFit)
    table = found.tidy()
    assert list(table) == ["measure", *VOCABULARY, "p_holm", "p_bh"]
    # Two predictors, by each measure: the smaller p-value counts twice.
    smallest = table.groupby("measure")[["p_value", "p_holm", "p_bh"]].min()
    np.testing.assert_allclose(smallest["p_holm"], 2.0 * smallest["p_value"])
    assert list(fit(sample, ("cpi",)).tidy()) == ["measure", *VOCABULARY]
    assert table["term"].tolist() == ["cpi"] * 3 + ["births"] * 3
    tau = table[(table["measure"] == "kendall_tau_b") & (table["term"] == "cpi")].iloc[0]
    assert tau["estimate"] == stats.kendalltau(sample.x["cpi"], sample.y).statistic
    assert found.glance().to_dict() == {"n": 180}


def test_rank_of_what_has_no_order_is_refused():
    with pytest.raises(SpecError, match='"region", whose levels have no order'):
        fit(simulated(estimator="rank"))
    assert set(rank_fit(simulated(), ("cpi", "births")).associations) == {"cpi", "births"}


def test_an_unknown_predictor_is_refused():
    with pytest.raises(SpecError, match='"gini"'):
        fit(simulated(), ("gini",))


def test_separation_is_not_an_estimate():
    sample = simulated(controls=("births",))
    sample.x["births"] = sample.y.astype(float)
    with pytest.raises(SeparationError, match="births"):
        fit(sample)


def test_a_predictor_is_tested_with_all_its_columns():
    sample = simulated()
    columns = {
        name: [sample.x.columns[place] for place in places] for name, places in predictor_columns(sample).items()
    }
    found = fit(sample)
    cpi, births, region = predictor_tests(found, columns)
    assert (cpi.df, births.df, region.df) == (1, 1, 2)
    assert cpi.p_value == pytest.approx(found.pvalues["cpi"], rel=SAME_SUMS)
    assert cpi.estimate == found.params["cpi"]
    assert math.isnan(region.estimate)
    theirs = found.wald_test(np.eye(len(found.params))[-2:])
    assert region.p_value == pytest.approx(float(theirs.pvalue), rel=1e-9)


def test_least_squares_tests_a_predictor_by_f():
    sample = simulated(estimator="ols")
    found = fit(sample)
    assert isinstance(found, LinearFit)
    columns = {"cpi": ["cpi"], "region": ["region[T.Asia]", "region[T.Europe]"]}
    cpi, region = predictor_tests(found, columns)
    theirs = sm.OLS(sample.y + 1.0, sm.add_constant(sample.x.to_numpy())).fit()
    assert cpi.p_value == pytest.approx(theirs.pvalues[1], rel=1e-9)
    assert region.p_value == pytest.approx(float(theirs.f_test(np.eye(5)[3:]).pvalue), rel=1e-9)


@pytest.mark.parametrize(
    "changes", [{}, {"estimator": "ols"}, {"estimator": "rank", "controls": ("births",)}], ids=["clm", "ols", "rank"]
)
def test_every_fit_is_a_record_for_json(changes):
    sample = simulated(**changes)
    found = fit(sample)
    record = json.loads(json.dumps(as_record(found), allow_nan=False))
    assert record["n"] == 180
    assert len(record["thresholds"]) == (3 if sample.spec.estimator == "clm" else 0)
    assert len(record["thresholds"]) + len(record["coefficients"]) == len(found.tidy())
    first = record["coefficients"][0]
    assert first["estimate"] == found.tidy()["estimate"][len(record["thresholds"])]
    assert first["level"] is None
