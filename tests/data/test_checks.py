"""Figures against the catalogue: each kind of disagreement is refused with file and row."""

import pytest

from corrtip.data.catalogue import load_catalogue
from corrtip.data.checks import check_figures
from corrtip.data.figures import Names
from corrtip.data.sources import read_figures
from corrtip.errors import DataError

CATALOGUE = load_catalogue()
TIP = "country,tier,n_independent,derived,from,note,evidence\nAngola,2,2,false,A,,\nChad,{},1,false,A,,\n"
BOOK = "iso3,indicator,value,data_year,note\nAGO,life_expectancy,40.1,2005,\nTCD,life_expectancy,{},2005,\n"


@pytest.fixture
def frame(folder, names: Names):
    """Return the long table of a small edition."""
    return lambda edition, text: read_figures(folder.edition(edition, text), names)


@pytest.fixture
def book(frame):
    return frame("factbook/2005", BOOK.format("47.9"))


def test_figures_that_agree_pass(book, frame):
    check_figures(book, CATALOGUE)
    check_figures(frame("tip/2005", TIP.format("special")), CATALOGUE)


@pytest.mark.parametrize("value", ["121", "-1"])
def test_a_figure_off_its_scale_is_refused(frame, value):
    with pytest.raises(DataError, match=rf"factbook/2005.csv, row 3: life_expectancy {value} of TCD.*from 0 to 120"):
        check_figures(frame("factbook/2005", BOOK.format(value)), CATALOGUE)


def test_an_unknown_variable_or_vintage_is_refused(book):
    without = {name: item for name, item in CATALOGUE.items() if name != "life_expectancy"}
    with pytest.raises(DataError, match=r'factbook/2005.csv, row 2: variable "life_expectancy".*Declare it in data/'):
        check_figures(book, without)
    renamed = book.assign(variable=book["variable"].cat.rename_categories(["life_expectency"]))
    with pytest.raises(DataError, match=r'variable "life_expectency".*Nearest: .life_expectancy.'):
        check_figures(renamed, CATALOGUE)
    book["vintage"] = book["vintage"].cat.rename_categories(["factbook-1999"])
    with pytest.raises(DataError, match=r'row 2: "life_expectancy" of vintage "factbook-1999".*factbook-2003'):
        check_figures(book, CATALOGUE)


def test_a_level_that_does_not_exist_in_that_year_is_refused(frame):
    later = frame("tip/2005", TIP.format("2WL"))
    check_figures(later, CATALOGUE)
    with pytest.raises(DataError, match=r'tip/2005.csv, row 3: tier "2WL" of TCD in 2003.*one of 1, 2, 3\.'):
        check_figures(later.assign(year=2003), CATALOGUE)


def test_a_year_outside_the_variables_own_is_refused(frame):
    scores = frame(
        "cpi/2005",
        "country,score,rank,n_sources,std_error,ci_low,ci_high,from,n_independent\nChad,1.7,158,,,1.3,2.1,a,1\n",
    )
    check_figures(scores, CATALOGUE)
    with pytest.raises(DataError, match=r"cpi/2005.csv, row 2: cpi_pre2012.* in 2012.*from 1995 to 2011"):
        check_figures(scores.assign(year=2012), CATALOGUE)


def test_a_second_figure_of_the_same_thing_is_refused_with_both_places(book):
    twice = book.iloc[[0, 1, 1]].reset_index(drop=True)
    with pytest.raises(DataError, match=r"row 3: a second life_expectancy \(factbook-2005\) of TCD in 2005.*'47.9'"):
        check_figures(twice, CATALOGUE)


def test_of_several_second_figures_the_first_is_named(book):
    with pytest.raises(DataError, match=r"row 2: a second life_expectancy .* of AGO in 2005.* row 2 has '40.1'"):
        check_figures(book.iloc[[0, 0, 1, 1]].reset_index(drop=True), CATALOGUE)
