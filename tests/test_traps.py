"""The silent errors of peers and of the literature's own code, each set as a trap for the public names.

corrtip must be right or refuse. Where a number is compared, it is one that the trap would give otherwise.
"""

import numpy as np
import pandas as pd
import pytest

import corrtip as ct
from corrtip.errors import ModelError, SeparationError, SpecError
from corrtip.robustness.pooling import pool_arrays

CONTROLS = ("infant_mortality", "life_expectancy")
FACTBOOK = dict.fromkeys(CONTROLS, "factbook-2005")


@pytest.fixture(scope="module")
def spec():
    return ct.Spec(outcome="tier", focal="cpi_pre2012", controls=CONTROLS, years=(2005, 2005), vintages=FACTBOOK)


def rows(seed, n=200):
    rng = np.random.default_rng(seed)
    data = pd.DataFrame(rng.normal(size=(n, 2)), columns=["x", "z"])
    latent = data["x"] - 0.5 * data["z"] + rng.logistic(size=n)
    data["y"] = pd.Categorical.from_codes(np.digitize(latent, [-1.0, 0.5, 2.0]), list("abcd"), ordered=True)
    return data


def test_a_special_case_is_no_number_and_no_tier(panel, spec):
    sample = ct.build_sample(panel, spec)
    assert "SOM" not in set(sample.clusters)
    reasons = dict(zip(sample.attrition["reason"], sample.attrition["iso3"], strict=True))
    assert "SOM" in next(who for why, who in reasons.items() if "special case" in why)
    # Not in the report, a special case and not found by us stay three things.
    frame = panel.frame[(panel.frame["variable"] == "tier") & (panel.frame["year"] == 2005)]
    assert frame.loc[frame["status"] == "special_case", "value"].isna().all()
    assert frame.loc[frame["status"] == "special_case", "level"].isna().all()


def test_a_lag_never_takes_the_figure_of_the_country_above(panel, spec):
    lagged = ct.build_sample(panel, spec.replace(lag={"cpi_pre2012": 1}))
    scores = panel.wide((2004, 2004), ["cpi_pre2012"])["cpi_pre2012"]
    for (iso3, year), score in lagged.data["cpi_pre2012"].items():
        assert scores.loc[(iso3, year - 1)] == score
    # A country without a score in 2004 has none, though its neighbour in the table has.
    absent = set(panel.wide((2005, 2005), ["cpi_pre2012"]).dropna().index.get_level_values(0)) - set(
        scores.dropna().index.get_level_values(0)
    )
    assert absent
    assert not absent & set(lagged.clusters)


@pytest.mark.parametrize("years", [(2005, 2006), (2010, 2013)])
def test_editions_of_the_old_index_are_not_pooled(panel, years):
    with pytest.raises(SpecError, match=r"one year at a time|within|covers other years"):
        ct.build_sample(panel, ct.Spec(outcome="tier", focal="cpi_pre2012", years=years))


def test_the_two_lives_of_the_index_do_not_stand_in_one_model(panel):
    with pytest.raises(SpecError):
        ct.build_sample(panel, ct.Spec(outcome="tier", focal="cpi_pre2012", controls=("cpi",), years=(2011, 2011)))


def test_namibia_is_a_country_and_no_missing_value(panel):
    names = panel.wide((2005, 2005), ["tier", "cpi_pre2012"]).loc["NAM"]
    assert names["cpi_pre2012"].notna().all()
    assert panel.countries.name("NAM", 2005) == "Namibia"


def test_the_watch_list_did_not_exist_before_2004(panel):
    sample = ct.build_sample(panel, ct.Spec(outcome="tier", focal="cpi_pre2012", years=(2003, 2003)))
    assert sample.levels == ("1", "2", "3")
    both = ct.Spec(outcome="tier", focal="wgi_control_of_corruption", years=(2003, 2004))
    with pytest.raises(SpecError):
        ct.build_sample(panel, both)


def test_infant_mortality_of_2005_has_no_default_vintage(panel, spec):
    with pytest.raises(SpecError, match="vintage"):
        ct.build_sample(panel, spec.replace(vintages={"life_expectancy": "factbook-2005"}))


def test_thresholds_are_thresholds_and_not_increments():
    fit = ct.clm("y ~ x + z", rows(1))
    shares = fit.predict(pd.DataFrame({"x": [0.0], "z": [0.0]})).iloc[0].cumsum().iloc[:-1]
    assert fit.thresholds.to_numpy() == pytest.approx(np.log(shares / (1 - shares)).to_numpy())
    assert fit.thresholds.is_monotonic_increasing
    # An increment of the last threshold would have another standard error.
    assert fit.bse["c|d"] > 0.1


def test_weights_are_used():
    data = rows(2)
    weights = np.random.default_rng(1).integers(1, 4, len(data))
    weighted = ct.clm("y ~ x + z", data, weights=weights)
    repeated = ct.clm("y ~ x + z", data.loc[data.index.repeat(weights)].reset_index(drop=True))
    assert weighted.params.to_numpy() == pytest.approx(repeated.params.to_numpy(), rel=1e-9)
    assert weighted.bse.to_numpy() == pytest.approx(repeated.bse.to_numpy(), rel=1e-9)
    assert weighted.nobs == weights.sum()


def test_cauchits_infinity_is_infinite():
    data = rows(3)
    fit = ct.clm("y ~ x", data, link="cauchit")
    far = fit.predict(pd.DataFrame({"x": [1e7]})).iloc[0]
    # With an infinity of 1e5 the last level would lose probability that belongs to it.
    expected = 0.5 - np.arctan(fit.thresholds["c|d"] - fit.coefficients["x"] * 1e7) / np.pi
    assert far["d"] == pytest.approx(expected, rel=1e-12)
    assert far.sum() == pytest.approx(1.0, abs=1e-12)


def test_separation_is_refused_by_name_and_has_no_small_standard_error():
    data = rows(4)
    data["trap"] = (data["y"] == "d").astype(float)
    with pytest.raises(SeparationError, match="trap"):
        ct.clm("y ~ x + trap", data)


def test_badly_scaled_columns_change_nothing():
    data = rows(5)
    plain = ct.clm("y ~ x + z", data)
    scaled = ct.clm("y ~ x + z", data.assign(x=data["x"] * 1e9 + 3e9))
    assert scaled.params["x"] * 1e9 == pytest.approx(plain.params["x"], rel=1e-7)
    assert scaled.bse["x"] * 1e9 == pytest.approx(plain.bse["x"], rel=1e-7)


def test_a_missing_or_infinite_value_is_never_dropped_in_silence():
    data = rows(6)
    for hole in (np.nan, np.inf):
        broken = data.copy()
        broken.loc[7, "x"] = hole
        with pytest.raises(ModelError):
            ct.clm("y ~ x + z", broken)
    with pytest.raises(ModelError):
        ct.clm("y ~ np.log(x)", data)


def test_an_unseen_level_is_refused_in_prediction():
    data = rows(7).assign(group=lambda d: np.where(d["x"] > 0, "u", "v"))
    fit = ct.clm("y ~ x + group", data)
    with pytest.raises(ModelError, match="w"):
        fit.predict(pd.DataFrame({"x": [0.0], "group": ["w"]}))


def test_an_imputed_data_set_without_an_estimate_is_not_left_out():
    params = np.array([[1.0], [np.nan], [1.2]])
    with pytest.raises(ModelError, match="1 of 3 data sets have no estimate"):
        pool_arrays(params, np.ones((3, 1, 1)), names=["x"], nobs=50)


def test_a_bootstrap_draw_without_an_estimate_keeps_its_place():
    rng = np.random.default_rng(1)
    data = pd.DataFrame({"x": rng.normal(size=30)})
    codes = np.repeat([0, 1, 2], [14, 14, 2])
    data["y"] = pd.Categorical.from_codes(codes, list("abc"), ordered=True)
    drawn = ct.bootstrap(ct.clm("y ~ x", data), n=200)
    lost = ~drawn.usable
    assert lost.any()  # two rows of the last level: a draw in seven has none of them
    assert len(drawn.draws) == 200
    assert np.isnan(drawn.draws[lost]).all()


def test_a_year_held_in_part_says_so_beside_every_result(panel):
    sample = ct.build_sample(panel, ct.Spec(outcome="tier", focal="cpi", years=(2025, 2025)))
    assert any("in part only" in doubt for doubt in sample.doubts)


@pytest.mark.parametrize(
    "trap", ["y ~ __import__('os').getcwd()", "y ~ open('x').read()", "y ~ x.__class__", "y ~ `x`(1)"]
)
def test_a_formula_runs_nothing_that_is_not_known(trap):
    with pytest.raises(ModelError):
        ct.clm(trap, rows(8))
