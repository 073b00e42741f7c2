import numpy as np
import pytest

from corrtip.data.sample import build_sample
from corrtip.errors import ModelError, SpecError
from corrtip.estimate import fit
from corrtip.robustness.resampling import draw_weights, refit_draws
from corrtip.robustness.years import FOCAL, EveryYear, every_year
from corrtip.spec import Spec

CONTROLS = ("infant_mortality", "life_expectancy")
MEASURES = ("cpi_pre2012", "cpi")
# Refitted draws start elsewhere than the fit beside them and stop by the same rule.
SAME_MAXIMUM = 1e-9


@pytest.fixture(scope="module")
def spec():
    return Spec(
        outcome="tier",
        focal="cpi_pre2012",
        controls=CONTROLS,
        years=(2005, 2005),
        vintages=dict.fromkeys(CONTROLS, "wdi-2026-07"),
        transforms=dict.fromkeys(("cpi_pre2012", *CONTROLS), "zscore_within_year"),
    )


@pytest.fixture(scope="module")
def found(panel, spec):
    return every_year(panel, spec, (2011, 2012, 2013, 2025), measures=MEASURES, draws=60)


def test_each_year_is_the_fit_of_its_own_sample_with_the_measure_defined_for_it(panel, spec, found):
    table = found.table.set_index(["year", "term"])
    assert table.loc[(2011, FOCAL), "measure"] == "cpi_pre2012"
    assert table.loc[(2012, FOCAL), "measure"] == "cpi"
    transforms = {**spec.transforms, "cpi": "zscore_within_year"}
    del transforms["cpi_pre2012"]
    sample = build_sample(panel, spec.replace(focal="cpi", years=(2012, 2012), transforms=transforms))
    alone = fit(sample)
    assert table.loc[(2012, FOCAL), "estimate"] == alone.params["cpi"]
    assert table.loc[(2012, "infant_mortality"), "std_error"] == alone.bse["infant_mortality"]
    assert table.loc[(2012, FOCAL), "n"] == len(sample.y)


def test_a_year_held_in_part_is_not_fitted_and_says_so(found):
    (row,) = found.table[found.table["year"] == 2025].itertuples()
    assert "in part only" in row.reason
    assert np.isnan(row.estimate)
    assert found.years == (2011, 2012, 2013)


def test_p_values_are_adjusted_for_the_years_of_a_term(found):
    focal = found.table[found.table["term"] == FOCAL].set_index("year")
    smallest = focal.loc[focal["p_value"].idxmin()]
    assert smallest["p_holm"] == pytest.approx(3.0 * smallest["p_value"])  # three years have an estimate
    assert np.isnan(focal.loc[2025, "p_holm"])


def test_the_draws_of_all_years_share_their_countries(panel, spec, found):
    samples = [build_sample(panel, spec.replace(years=(2011, 2011)))]
    everyone = set()
    for year in (2012, 2013):
        changed = {("cpi" if name == "cpi_pre2012" else name): value for name, value in spec.transforms.items()}
        samples.append(build_sample(panel, spec.replace(focal="cpi", years=(year, year), transforms=changed)))
    for sample in samples:
        everyone |= set(sample.clusters)
    weights = draw_weights(np.arange(len(everyone)), 1, 60)
    order = sorted(everyone)
    mine = weights[:, [order.index(country) for country in samples[0].clusters]]
    alone = refit_draws(fit(samples[0]), mine)[0]
    np.testing.assert_allclose(found.draws[:, 0, 0], alone[:, 3], rtol=SAME_MAXIMUM)


def test_trends_read_slope_and_interval_from_years_and_draws(found):
    rng = np.random.default_rng(1)
    years = np.array(found.years)
    table = found.table.copy()
    line = -1.0 - 0.2 * (years - 2011)
    table.loc[(table["term"] == FOCAL) & (table["reason"] == ""), "estimate"] = line
    noise = rng.normal(0.0, 0.01, (200, 3))
    draws = np.repeat((line + noise)[:, :, None], 3, axis=2)
    trends = EveryYear(spec=found.spec, table=table, draws=draws, years=found.years, terms=found.terms).trends()
    focal = trends.set_index("term").loc[FOCAL]
    assert focal["estimate"] == pytest.approx(-2.0)
    assert focal["moves"] == "grows"
    assert (focal["negative_years"], focal["positive_years"]) == (3, 0)
    assert focal["conf_low"] < -2.0 < focal["conf_high"]


def test_without_draws_there_is_no_trend(panel, spec):
    with pytest.raises(ModelError, match="0 of 0 draws"):
        every_year(panel, spec, (2005,)).trends()


def test_what_cannot_be_asked_is_refused(panel, spec):
    with pytest.raises(SpecError, match="none has an estimate"):
        every_year(panel, spec, (2025,))
    with pytest.raises(SpecError, match="clm"):
        every_year(panel, spec.replace(estimator="ols"), (2005,))
