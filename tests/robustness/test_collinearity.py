import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.outliers_influence import variance_inflation_factor

from corrtip.data.sample import build_sample
from corrtip.errors import SpecError
from corrtip.estimate import fit
from corrtip.models.model import clm
from corrtip.robustness.collinearity import build_factor_score, build_index, collinearity, ridge_path
from corrtip.spec import Spec

CONTROLS = ("infant_mortality", "life_expectancy")


@pytest.fixture(scope="module")
def sample(panel):
    vintages = dict.fromkeys(CONTROLS, "factbook-2005")
    spec = Spec(outcome="tier", focal="cpi_pre2012", controls=CONTROLS, years=(2005, 2005), vintages=vintages)
    return build_sample(panel, spec)


def test_inflation_is_what_a_regression_on_the_others_gives(sample):
    found = collinearity(sample)
    design = np.column_stack([np.ones(len(sample.x)), sample.x])
    expected = [variance_inflation_factor(design, place) for place in (1, 2, 3)]
    assert found.table["vif"].to_numpy() == pytest.approx(expected)
    assert found.condition_number > 30.0
    assert found.correlations.loc["infant_mortality", "life_expectancy"] < -0.9


def test_one_column_or_the_same_twice_is_refused(panel, sample):
    alone = build_sample(panel, Spec(outcome="tier", focal="cpi_pre2012", years=(2005, 2005)))
    with pytest.raises(SpecError, match="two or more"):
        collinearity(alone)


def test_the_index_is_the_first_component_and_goes_up_with_the_named_column(sample):
    columns = sample.x[list(CONTROLS)]
    index = build_index(columns, like="infant_mortality")
    assert (index.mean(), index.std(ddof=0)) == (pytest.approx(0.0, abs=1e-12), pytest.approx(1.0))
    correlations = columns.corrwith(index)
    assert correlations["infant_mortality"] > 0.9
    # Of two columns the component correlates equally with both, and keeps (1 + |r|) / 2 of their variance.
    assert correlations["life_expectancy"] == pytest.approx(-correlations["infant_mortality"])
    assert index.attrs["share"] == pytest.approx((1 + abs(columns.corr().iloc[0, 1])) / 2)
    with pytest.raises(SpecError):
        build_index(columns, like="gini")


def test_a_factor_score_recovers_the_factor_and_weighs_the_better_indicators():
    rng = np.random.default_rng(4)
    factor = rng.normal(size=2_000)
    noise = rng.normal(size=(2_000, 4)) * np.array([0.3, 0.6, 1.0, 2.0])
    columns = pd.DataFrame(factor[:, None] * np.array([1.0, -1.0, 1.0, 1.0]) + noise, columns=list("abcd"))
    score = build_factor_score(columns, like="a")
    # The regression on all four explains so much of the factor, and no other score more.
    best = np.linalg.lstsq(columns - columns.mean(), factor - factor.mean(), rcond=None)[0]
    limit = np.corrcoef((columns - columns.mean()) @ best, factor)[0, 1]
    assert np.corrcoef(score, factor)[0, 1] == pytest.approx(limit, abs=0.002)
    with pytest.raises(SpecError, match="three or more"):
        build_factor_score(columns[["a", "b"]], like="a")


def test_a_ridge_of_zero_is_the_fit_and_each_maximum_solves_its_own_equation(sample):
    fitted = fit(sample)
    path = ridge_path(fitted, [0.0, 5.0])
    spread = sample.x.std(ddof=0).to_numpy()
    free = path[path["penalty"] == 0.0]
    assert free["estimate"].to_numpy() == pytest.approx(fitted.coefficients.to_numpy() * spread, rel=1e-8)
    assert free["df"].iloc[0] == pytest.approx(3.0)
    assert free["aic"].iloc[0] == pytest.approx(fitted.aic)
    # With a penalty the maximum over thresholds of llf - penalty/2 |b|^2: a step aside is lower.
    held = path[path["penalty"] == 5.0]["estimate"].to_numpy()
    standard = (sample.x - sample.x.mean()) / spread

    def penalised(b):
        offset = pd.Series(standard.to_numpy() @ b, index=sample.data.index)
        rows = sample.data.assign(shift=offset)
        return clm("tier ~ 1", rows, offset=rows["shift"].to_numpy()).llf - 2.5 * (b @ b)

    best = penalised(held)
    for step in 0.05 * np.vstack([np.eye(3), -np.eye(3)]):
        assert penalised(held + step) < best


def test_growing_penalties_shrink_and_share(sample):
    path = ridge_path(fit(sample), [0.0, 1.0, 10.0, 1e6])
    lengths = path.groupby("penalty")["estimate"].apply(lambda b: float((b**2).sum()))
    assert lengths.is_monotonic_decreasing
    assert lengths.iloc[-1] < 1e-6
    assert path.groupby("penalty")["df"].first().is_monotonic_decreasing


def test_what_a_ridge_cannot_do_is_refused(sample):
    with pytest.raises(SpecError, match="0 or more"):
        ridge_path(fit(sample), [-1.0])
    with pytest.raises(SpecError, match="concave link"):
        ridge_path(clm("tier ~ cpi_pre2012", sample.data, link="cauchit"), [1.0])
