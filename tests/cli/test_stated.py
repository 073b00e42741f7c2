import pytest

from corrtip.cli.stated import spec_of, specs_of
from corrtip.errors import SpecError
from corrtip.spec import Spec

FORMULA = "tier ~ cpi_pre2012 + infant_mortality"
VINTAGE = "infant_mortality=factbook-2005"
SHARED = {"years": "2005", "link": "logit", "covariance": "nonrobust"}


def test_a_command_line_states_a_spec():
    assert spec_of(FORMULA, years="2005", link="probit", vintages=[VINTAGE], covariance="HC1") == Spec(
        outcome="tier",
        focal="cpi_pre2012",
        controls=("infant_mortality",),
        years=(2005, 2005),
        vintages={"infant_mortality": "factbook-2005"},
        link="probit",
        covariance="HC1",
    )


@pytest.mark.parametrize("formula", ["tier~cpi+gini", "  tier  ~  cpi  +  gini  ", "tier ~ cpi+gini"])
def test_blanks_do_not_matter(formula):
    spec = spec_of(formula, years="2013-2016")
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
        spec_of(formula, years="2005")


@pytest.mark.parametrize("years", ["", "5", "2005-", "2005-06", "2005:2006", "two"])
def test_years_that_cannot_be_read_are_refused(years):
    with pytest.raises(SpecError, match=r"--years.*2005 or 2013-2016"):
        spec_of("tier ~ cpi", years=years)


@pytest.mark.parametrize("vintage", ["factbook-2005", "=x", "infant_mortality=", ""])
def test_a_vintage_without_a_name_is_refused(vintage):
    with pytest.raises(SpecError, match="--vintage"):
        spec_of("tier ~ cpi", years="2005", vintages=[vintage])


def test_a_vintage_goes_to_the_formulas_that_use_its_variable():
    specs = specs_of(["tier ~ cpi_pre2012", FORMULA], vintages=[VINTAGE], **SHARED)
    assert [dict(spec.vintages) for spec in specs] == [{}, {"infant_mortality": "factbook-2005"}]


def test_a_vintage_that_no_formula_uses_is_refused():
    with pytest.raises(SpecError, match=r'"gini" is not used'):
        specs_of(["tier ~ cpi_pre2012", FORMULA], vintages=[VINTAGE, "gini=wdi-2026-07"], **SHARED)
