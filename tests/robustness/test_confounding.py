import numpy as np
import pytest

from corrtip.data.sample import build_sample
from corrtip.errors import ModelError, SpecError
from corrtip.estimate import fit
from corrtip.models.model import clm, fit_arrays
from corrtip.robustness.confounding import e_value, e_value_of, robustness_value
from corrtip.spec import Spec

# A central difference of step 1e-6.
DIFFERENCE = 1e-5


@pytest.fixture(scope="module")
def sample(panel):
    controls = ("infant_mortality", "life_expectancy")
    vintages = dict.fromkeys(controls, "factbook-2005")
    spec = Spec(outcome="tier", focal="cpi_pre2012", controls=controls, years=(2005, 2005), vintages=vintages)
    return build_sample(panel, spec)


def test_the_risk_ratio_is_that_of_the_predicted_probabilities(sample):
    fitted = fit(sample)
    found = e_value(fitted, "cpi_pre2012", step=1.0)
    raised = sample.x.assign(cpi_pre2012=sample.x["cpi_pre2012"] + 1.0)
    before, after = (fitted.predict(columns.to_numpy())["1"].mean() for columns in (sample.x, raised))
    assert found.risk_ratio == pytest.approx(after / before)
    assert found.e_value == e_value_of(found.risk_ratio)
    assert 1.0 < found.conf_low < found.risk_ratio < found.conf_high
    assert found.e_value_limit == e_value_of(found.conf_low)


def test_its_interval_is_the_delta_methods(sample):
    fitted = fit(sample)
    found = e_value(fitted, "cpi_pre2012", step=1.0)
    link, problem, params = fitted.estimate.link, fitted.estimate.problem, fitted.estimate.params

    def log_ratio(at):
        shift = problem.location @ at[3:]
        return np.log(link.cdf(at[0] - shift - at[3]).mean() / link.cdf(at[0] - shift).mean())

    steps = 1e-6 * np.eye(len(params))
    gradient = np.array([(log_ratio(params + step) - log_ratio(params - step)) / 2e-6 for step in steps])
    error = np.sqrt(gradient @ fitted.estimate.covariance @ gradient)
    assert np.log(found.conf_high / found.risk_ratio) / 1.959964 == pytest.approx(error, rel=DIFFERENCE)


def test_an_interval_that_holds_one_needs_no_confounder(sample):
    found = e_value(fit(sample), "life_expectancy")
    assert found.conf_low < 1.0 < found.conf_high
    assert found.e_value_limit == 1.0


def test_published_e_values():
    # VanderWeele and Ding (2017): RR 3.9 with limit 1.8 gives 7.26 and 3.0.
    assert e_value_of(3.9) == pytest.approx(7.26, abs=0.005)
    assert e_value_of(1.8) == pytest.approx(3.0, abs=0.005)


def test_a_confounder_of_the_robustness_values_strength_brings_the_estimate_to_zero(sample):
    found = robustness_value(sample)
    # Build one: a share RV of what is left of predictor and of outcome, then regress with it.
    x, y = sample.x.to_numpy(), sample.y.astype(float)
    others = np.column_stack([np.ones(len(x)), x[:, 1:]])

    def left(values, columns):
        return values - columns @ np.linalg.lstsq(columns, values, rcond=None)[0]

    d = left(x[:, 0], others)
    outcome = left(y, np.column_stack([others, x[:, 0]]))
    d, outcome = d / np.linalg.norm(d), outcome / np.linalg.norm(outcome)
    rng = np.random.default_rng(1)
    noise = left(rng.normal(size=len(y)), np.column_stack([others, d, outcome]))
    noise /= np.linalg.norm(noise)
    rv = found.value
    # Partial R2 with the predictor rv, with the outcome beside it rv.
    sign = np.sign(np.corrcoef(x[:, 0], y)[0, 1])
    confounder = np.sqrt(rv) * d + np.sqrt(1 - rv) * (sign * np.sqrt(rv) * outcome + np.sqrt(1 - rv) * noise)
    with_it = np.column_stack([others, confounder, x[:, 0]])
    coefficient = np.linalg.lstsq(with_it, y, rcond=None)[0][-1]
    without = np.linalg.lstsq(np.column_stack([others, x[:, 0]]), y, rcond=None)[0][-1]
    assert coefficient == pytest.approx(0.0, abs=1e-8 * abs(without) + 1e-12) or abs(coefficient) < abs(without) * 1e-6
    assert 0.0 < found.value_alpha < found.value
    assert found.benchmarks["term"].tolist() == ["infant_mortality", "life_expectancy"]


def test_what_cannot_be_asked_is_refused(panel, sample):
    with pytest.raises(ModelError, match="is not a coefficient"):
        e_value(fit(sample), "gini")
    with pytest.raises(ModelError, match="proportional terms"):
        e_value(clm("tier ~ infant_mortality", sample.data, nominal="~ cpi_pre2012"), "infant_mortality")
    regions = build_sample(panel, Spec(outcome="tier", focal="income_group", years=(2005, 2005)))
    with pytest.raises(SpecError, match="it has levels"):
        robustness_value(regions)


def test_weights_count(sample):
    x = sample.x.to_numpy()
    twice = fit_arrays(np.tile(sample.y, 2), np.tile(x, (2, 1)), levels=sample.levels, names=list("abc"))
    weighted = fit_arrays(sample.y, x, levels=sample.levels, names=list("abc"), weights=np.full(len(x), 2.0))
    assert e_value(weighted, "a", step=1.0).conf_low == pytest.approx(e_value(twice, "a", step=1.0).conf_low)
