import dataclasses

import pytest
from scipy import stats

from corrtip.data.sample import build_sample
from corrtip.errors import DataError, SpecError
from corrtip.robustness.measurement import published_error
from corrtip.spec import Spec


def sample_of(panel, focal, year, **options):
    return build_sample(panel, Spec(outcome="tier", focal=focal, years=(year, year), **options))


def test_a_range_gives_half_its_length_over_the_quantile(panel):
    sample = sample_of(panel, "cpi_pre2012", 2005)
    found = published_error(panel, sample)
    assert found.origin == "range"
    figures = panel.wide((2005, 2005), ["cpi_pre2012_ci_low", "cpi_pre2012_ci_high"]).loc[("NGA", 2005)]
    place = list(sample.data.index).index(("NGA", 2005))
    half = (figures["cpi_pre2012_ci_high"] - figures["cpi_pre2012_ci_low"]) / 2
    assert found.std_error[place] == pytest.approx(half / stats.norm.ppf(0.95))
    score = sample.data["cpi_pre2012"]
    assert found.reliability == pytest.approx(1 - (found.std_error**2).mean() / score.var(ddof=0))


def test_published_standard_errors_come_first(panel):
    found = published_error(panel, sample_of(panel, "wgi_control_of_corruption", 2005))
    assert found.origin == "standard error"
    assert 0.9 < found.reliability < 1.0


def test_a_lagged_score_has_the_error_of_its_own_year(panel):
    lagged = published_error(panel, sample_of(panel, "cpi_pre2012", 2005, lag={"cpi_pre2012": 1}))
    figures = panel.wide((2004, 2004), ["cpi_pre2012_ci_low", "cpi_pre2012_ci_high"]).loc[("FRA", 2004)]
    sample = sample_of(panel, "cpi_pre2012", 2005, lag={"cpi_pre2012": 1})
    place = list(sample.data.index).index(("FRA", 2005))
    length = figures["cpi_pre2012_ci_high"] - figures["cpi_pre2012_ci_low"]
    assert lagged.std_error[place] == pytest.approx(length / 2 / stats.norm.ppf(0.95))


def test_rows_without_an_error_are_named_and_never_dropped(panel):
    with pytest.raises(DataError, match=r"not published for \d+ of \d+ rows: \w{3} 2003"):
        published_error(panel, sample_of(panel, "cpi_pre2012", 2003))


def test_a_range_that_excludes_its_score_is_refused(panel):
    sample = sample_of(panel, "cpi_pre2012", 2005)
    data = sample.data.copy()
    data.loc[("NGA", 2005), "cpi_pre2012"] = 9.0
    with pytest.raises(DataError, match=r"NGA 2005.*does not hold the score 9"):
        published_error(panel, dataclasses.replace(sample, data=data))


def test_what_has_no_error_is_refused(panel):
    with pytest.raises(SpecError, match="neither standard errors nor ranges"):
        published_error(panel, sample_of(panel, "vdem_corruption", 2005))
    scores = sample_of(panel, "cpi_pre2012", 2005, transforms={"cpi_pre2012": "zscore_within_year"})
    with pytest.raises(SpecError, match="untransformed"):
        published_error(panel, scores)
