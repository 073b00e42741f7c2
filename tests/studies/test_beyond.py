import math

import pytest

from corrtip.robustness.bounds import extreme_bounds
from corrtip.robustness.years import every_year
from corrtip.spec import Spec
from corrtip.studies.beyond import Pool, Span, find_bounds, find_years

SPEC = Spec(outcome="tier", focal="cpi_pre2012", years=(2005, 2005), transforms={"cpi_pre2012": "zscore_within_year"})
CONTROLS = ("urban_population", "political_rights", "population_under15", "vdem_polyarchy")


def test_bounds_are_those_of_the_latent_scale(panel):
    found = find_bounds(panel, SPEC, Pool(controls=CONTROLS, size=2))
    row = extreme_bounds(panel, SPEC, pool=CONTROLS, size=2).tidy().set_index("scale").loc["latent"]
    assert (found.models, found.fitted) == (math.comb(4, 2), math.comb(4, 2))
    assert (found.median, found.cdf, found.share_below) == (row["median"], row["cdf"], row["share_below"])


def test_each_year_keeps_its_place_with_an_estimate_or_a_reason(panel):
    found = find_years(panel, SPEC, Span(years=(2010, 2012), measures=("cpi_pre2012",)))
    table = every_year(panel, SPEC, [2010, 2011]).table.query("term == 'focal'")
    assert [year.year for year in found] == [2010, 2011, 2012]
    assert [year.estimate for year in found[:2]] == pytest.approx(table["estimate"].tolist())
    assert "none is defined" in found[2].reason
    assert found[2].n == 0


def test_the_next_measure_stands_in_where_the_first_ends(panel):
    found = find_years(panel, SPEC, Span(years=(2011, 2012), measures=("cpi_pre2012", "cpi")))
    assert all(year.estimate < 0.0 for year in found)
