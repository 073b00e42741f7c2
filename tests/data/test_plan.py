"""Specifications against the catalogue: names, vintages, merges, and comparisons that cannot be made."""

import pytest

from corrtip.data.catalogue import load_catalogue
from corrtip.data.plan import build_plan
from corrtip.errors import SpecError
from corrtip.spec import Spec

CATALOGUE = load_catalogue()
BASE = Spec(outcome="tier", focal="cpi_pre2012", years=(2005, 2005))


def plan(**changes):
    return build_plan(BASE.replace(**changes), CATALOGUE)


def test_a_plan_names_what_is_read():
    made = plan(
        controls=("infant_mortality", "region"),
        vintages={"infant_mortality": "factbook-2005"},
        lag={"cpi_pre2012": 1},
        transforms={"infant_mortality": "log"},
    )
    focal, mortality, region = made.predictors
    assert (focal.name, focal.vintage, focal.lag, focal.transform) == ("cpi_pre2012", "first-published", 1, None)
    assert mortality.transform is not None
    assert mortality.transform.name == "log"
    assert mortality.shown == "infant_mortality (factbook-2005)"
    assert focal.shown == "cpi_pre2012"
    assert region.levels == CATALOGUE["region"].levels


def test_a_merge_joins_neighbours_and_keeps_the_order():
    outcome = plan(merge={"tier": {"2WL": "2"}}).outcome
    assert outcome.levels == ("1", "2", "3")
    assert outcome.merged == (0, 1, 1, 2)
    assert outcome.levels_in(2003) == outcome.levels_in(2005) == ("1", "2", "3")
    assert plan(merge={"tier": {"1": "2WL", "2": "2WL"}}).outcome.levels == ("2WL", "3")


def test_categories_without_order_merge_as_they_please():
    made = plan(controls=("region",), merge={"region": {"South Asia": "East Asia & Pacific"}})
    assert "South Asia" not in made.predictors[1].levels


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"focal": "cpi_pre2021"}, r'"cpi_pre2021" is not a variable.*Nearest: .cpi_pre2012.'),
        ({"outcome": "tiers"}, r'"tiers" is not a variable.*Nearest: .tier.'),
        ({"outcome": "cpi", "focal": "gini"}, "vintages.gini: .*6 vintages.*factbook-2003, .*wdi-2026-07"),
        ({"focal": "gini", "vintages": {"gini": "wdi"}}, 'no vintage "wdi"'),
        ({"transforms": {"cpi_pre2012": "ln"}}, 'Spec.transforms.cpi_pre2012: "ln" is not a transform.*log'),
        ({"transforms": {"tier": "log"}}, "tier has levels, not numbers"),
        ({"merge": {"tier": {"2WL": "4"}}}, 'Spec.merge.tier: level "4".*one of 1, 2, 2WL, 3'),
        ({"merge": {"tier": {"1": "3"}}}, '"1" with "3".*neighbours.*1 < 2 < 2WL < 3'),
        ({"merge": {"tier": {"2": "2WL", "2WL": "3"}}}, '"2" goes to "2WL", which goes to "3"'),
        ({"merge": {"cpi_pre2012": {"1": "2"}}}, 'Spec.merge.cpi_pre2012: level "1".*a variable with levels'),
        ({"lag": {"tier": 1}}, "Spec.outcome tier: lag 1"),
        ({"sample": {"region": ("Oceania",)}}, 'Spec.sample.region: level "Oceania".*one of Europe'),
        ({"sample": {"region": ()}}, "Spec.sample.region: no level"),
        ({"sample": {"gini": ("1",)}, "vintages": {"gini": "wdi-2026-07"}}, "gini has numbers, not levels"),
        ({"outcome": "region"}, "Spec.outcome region: it is category.*ordered levels"),
    ],
)
def test_what_cannot_be_read_is_refused(changes, message):
    with pytest.raises(SpecError, match=message):
        plan(**changes)


def test_several_years_of_the_old_cpi_are_refused_with_the_remedy():
    with pytest.raises(SpecError, match=r"2004-2006: cpi_pre2012 is comparable within a year only.*zscore_within_year"):
        plan(years=(2004, 2006))
    with pytest.raises(SpecError, match="comparable within a year only"):
        plan(years=(2004, 2006), transforms={"cpi_pre2012": "log"})


@pytest.mark.parametrize("name", ["rank_within_year", "zscore_within_year"])
def test_ranks_and_z_scores_within_the_year_may_be_pooled(name):
    assert plan(years=(2004, 2006), transforms={"cpi_pre2012": name}).predictors[0].transform is not None


def test_the_new_cpi_may_be_pooled():
    assert plan(focal="cpi", years=(2012, 2016)).predictors[0].name == "cpi"


def test_the_two_lives_of_the_cpi_are_not_joined():
    with pytest.raises(SpecError, match=r"cpi_pre2012 together with cpi.*two scales that cannot be joined"):
        plan(controls=("cpi",))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"years": (2012, 2012)}, "cpi_pre2012 is needed from 2012 to 2012.*1995 to 2011; cpi covers other years"),
        ({"focal": "cpi", "years": (2011, 2011)}, "cpi is needed from 2011.*2012 to any; cpi_pre2012 covers"),
        ({"focal": "cpi", "years": (2012, 2012), "lag": {"cpi": 1}}, "cpi is needed from 2011 to 2011"),
        ({"years": (2000, 2000)}, "tier is needed from 2000 to 2000.*2001 to any"),
    ],
)
def test_years_outside_a_variables_own_are_refused(changes, message):
    with pytest.raises(SpecError, match=message):
        plan(**changes)


def test_a_lag_brings_years_back_into_a_variables_own():
    assert plan(years=(2012, 2012), lag={"cpi_pre2012": 1}).predictors[0].lag == 1


def test_reports_from_before_and_after_the_watch_list_are_pooled_only_where_it_is_merged():
    pooled = {"years": (2003, 2005), "transforms": {"cpi_pre2012": "rank_within_year"}}
    with pytest.raises(SpecError, match=r'level "2WL" did not exist in 2003 and did in 2005.*merge='):
        plan(**pooled)
    assert plan(**pooled, merge={"tier": {"2WL": "2"}}).outcome.levels == ("1", "2", "3")
