import numpy as np
import pandas as pd
import pytest

from corrtip.errors import ConvergenceError, SpecError
from corrtip.robustness.imputation import _chain, _check_drift, impute
from corrtip.robustness.pooling import pool_arrays
from corrtip.robustness.redrawn import fit_redrawn
from corrtip.spec import Spec

TRUTH = np.array([1.0, -0.5])
SAMPLES = 4


def incomplete(seed, rows=400):
    """Two predictors, of which the first is missing the oftener the worse the level: complete cases mislead."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, 2)) @ np.array([[1.0, 0.6], [0.0, 0.8]])
    codes = np.digitize(x @ TRUTH + rng.logistic(size=rows), [-1.0, 0.5, 1.5])
    columns = pd.DataFrame(x, columns=["a", "b"])
    lost = rng.random(rows) < np.array([0.05, 0.2, 0.5, 0.7])[codes]
    columns.loc[lost & (x[:, 1] > -0.5), "a"] = np.nan
    return columns, codes


def test_imputed_fits_recover_what_complete_cases_lose():
    pooled, complete, inside = [], [], 0
    for seed in range(SAMPLES):
        columns, codes = incomplete(seed)
        drawn = _chain(columns, codes, 8, seed)
        found = fit_redrawn(codes, drawn, np.empty((len(codes), 0)), n_levels=4, link="logit")
        table = pool_arrays(found.params, found.covariances, names=("1", "2", "3", "a", "b"), nobs=400).tidy().iloc[3:]
        whole = columns.notna().all(axis=1).to_numpy()
        alone = fit_redrawn(
            codes[whole], columns[whole].to_numpy()[None], np.empty((whole.sum(), 0)), n_levels=4, link="logit"
        )
        pooled.append(table["estimate"].to_numpy())
        complete.append(alone.params[0, 3:])
        inside += int(((table["conf_low"] < TRUTH) & (table["conf_high"] > TRUTH)).sum())
        assert (table["fmi"] > 0.02).any()
    error = np.abs(np.mean(pooled, axis=0) - TRUTH).sum()
    assert error < 0.35
    assert error < np.abs(np.mean(complete, axis=0) - TRUTH).sum()
    assert inside >= 6  # of eight intervals


def test_published_figures_stay_and_the_same_seed_gives_the_same_draws():
    columns, codes = incomplete(1, rows=120)
    drawn = _chain(columns, codes, 3, 1)
    held = columns.notna().to_numpy()
    for draw in drawn:
        np.testing.assert_array_equal(draw[held], columns.to_numpy()[held])
        # Donors: every imputed value is one that a row has.
        assert set(draw[~held[:, 0], 0]) <= set(columns["a"].dropna())
    np.testing.assert_array_equal(drawn, _chain(columns, codes, 3, 1))


def test_the_real_sample_gains_the_countries_that_complete_cases_leave_out(panel):
    controls = ("infant_mortality", "unemployment")
    vintages = dict.fromkeys(controls, "factbook-2005")
    spec = Spec(outcome="tier", focal="cpi_pre2012", controls=controls, years=(2005, 2005), vintages=vintages)
    found = impute(panel, spec, draws=4)
    assert found.pooled.nobs > found.complete.nobs
    assert found.missing.set_index("term").loc["unemployment", "missing"] > 10
    tiers = found.left_out[found.left_out["group"] == "tier"]
    assert tiers["countries"].sum() == found.pooled.nobs
    assert tiers["left_out"].sum() == found.pooled.nobs - found.complete.nobs
    table = found.compare().set_index("term")
    assert table.loc["cpi_pre2012", ["complete", "imputed"]].max() < 0.0


def test_what_cannot_be_imputed_is_refused(panel):
    spec = Spec(
        outcome="tier", focal="life_expectancy", years=(2005, 2005), vintages={"life_expectancy": "factbook-2005"}
    )
    with pytest.raises(SpecError, match="no figure is missing"):
        impute(panel, spec)
    with pytest.raises(SpecError, match="transforms"):
        impute(panel, spec.replace(transforms={"life_expectancy": "log"}))
    with pytest.raises(SpecError, match=r"cpi_pre2012: missing for all|slum_population: missing for all"):
        impute(panel, Spec(outcome="tier", focal="slum_population", years=(2005, 2005)))


def test_a_chain_that_drifts_is_refused():
    columns = pd.DataFrame({"a": [np.nan, 1.0, 2.0]})
    drawn = np.linspace(0.0, 10.0, 10)[:, None, None] * np.ones((10, 3, 1))
    with pytest.raises(ConvergenceError, match="drift"):
        _check_drift(drawn, columns)
