import json

import pytest

from corrtip.cli.fit import spec_of
from corrtip.errors import SpecError
from corrtip.spec import Spec

FORMULA = "tier ~ cpi_pre2012 + infant_mortality"
VINTAGE = "infant_mortality=factbook-2005"


def test_a_command_line_states_a_spec():
    assert spec_of(FORMULA, years="2005", link="probit", vintages=[VINTAGE]) == Spec(
        outcome="tier",
        focal="cpi_pre2012",
        controls=("infant_mortality",),
        years=(2005, 2005),
        vintages={"infant_mortality": "factbook-2005"},
        link="probit",
    )


@pytest.mark.parametrize("formula", ["tier~cpi+gini", "  tier  ~  cpi  +  gini  ", "tier ~ cpi+gini"])
def test_blanks_do_not_matter(formula):
    spec = spec_of(formula, years="2013-2016", link="logit", vintages=())
    assert (spec.outcome, spec.predictors, spec.years) == ("tier", ("cpi", "gini"), (2013, 2016))


@pytest.mark.parametrize(
    "formula",
    [
        "tier",
        "tier ~",
        "~ cpi",
        "tier ~ log(cpi)",
        "tier ~ cpi * gini",
        "tier ~ cpi + ",
        "tier ~ cpi - 1",
        "a ~ b ~ c",
        "",
    ],
)
def test_a_formula_of_more_than_names_is_sent_to_the_library(formula):
    with pytest.raises(SpecError, match=r"FORMULA.*ct\.clm"):
        spec_of(formula, years="2005", link="logit", vintages=())


@pytest.mark.parametrize("years", ["", "5", "2005-", "2005-06", "2005:2006", "two"])
def test_years_that_cannot_be_read_are_refused(years):
    with pytest.raises(SpecError, match=r"--years.*2005 or 2013-2016"):
        spec_of("tier ~ cpi", years=years, link="logit", vintages=())


@pytest.mark.parametrize("vintage", ["factbook-2005", "=x", "infant_mortality=", ""])
def test_a_vintage_without_a_name_is_refused(vintage):
    with pytest.raises(SpecError, match="--vintage"):
        spec_of("tier ~ cpi", years="2005", link="logit", vintages=[vintage])


def test_fit_prints_estimates_and_who_is_not_in_the_model(say):
    said = say("fit", FORMULA, "--years", "2005", "--vintage", VINTAGE)
    assert said.code == 0
    assert "cpi_pre2012" in said.out
    assert "1|2" in said.out
    assert "not listed in the TIP report of 2005" in said.out
    assert " USA " in said.out


def test_fit_as_json_is_the_library_s_answer(say, panel):
    import corrtip as ct

    answer = json.loads(say("fit", FORMULA, "--years", "2005", "--vintage", VINTAGE, "--link", "probit", "--json").out)
    sample = ct.build_sample(panel, spec_of(FORMULA, years="2005", link="probit", vintages=[VINTAGE]))
    fit = ct.fit(sample)
    assert answer["spec_id"] == sample.spec.id
    assert [row["estimate"] for row in answer["estimates"]] == fit.params.tolist()
    assert [row["std_error"] for row in answer["estimates"]] == fit.bse.tolist()
    assert answer["glance"]["n"] == len(sample.y)
    assert answer["universe"] - sum(row["rows"] for row in answer["attrition"]) == len(sample.y)


def test_fit_refuses_to_pool_editions_that_do_not_compare(say):
    said = say("fit", "tier ~ cpi_pre2012", "--years", "2004-2005")
    assert said.code == 1
    assert "cpi_pre2012" in said.err
    assert said.out == ""


def test_fit_says_which_links_there_are(say):
    said = say("fit", "tier ~ cpi", "--years", "2013", "--link", "log")
    assert said.code == 2
    assert "cloglog" in said.err
