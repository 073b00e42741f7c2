"""Who is not listed: said of complete editions only, and only of countries that existed."""

import pytest

from corrtip.data.catalogue import load_catalogue
from corrtip.data.countries import load_countries
from corrtip.data.figures import COLUMNS, Names
from corrtip.data.listing import build_not_listed
from corrtip.data.sources import read_figures

TIP = "country,tier,n_independent,derived,from,note,evidence\nAngola,2,2,false,A,,\nChad,1|2,1,false,A,,\n"
BOOK = "iso3,indicator,value,data_year,note\nAGO,life_expectancy,40.1,2005,\n"


@pytest.fixture
def not_listed(folder, names: Names):
    """Return the rows that follow from one small edition."""

    def build(edition, text, **sidecar):
        opened = folder.edition(edition, text, **sidecar)
        frame = read_figures(opened, names)
        return build_not_listed(frame, load_catalogue(), {edition: opened.source}, load_countries())

    return build


@pytest.mark.parametrize("year", [2005, 2009])
def test_every_country_that_existed_and_is_absent_from_a_complete_edition_is_not_listed(not_listed, year):
    rows = not_listed(f"tip/{year}", TIP)
    assert tuple(rows.columns) == COLUMNS
    assert set(rows["iso3"]) == set(load_countries().counted(year)) - {"AGO", "TCD"}
    assert ("MNE" in set(rows["iso3"])) == (year == 2009)
    assert set(rows["status"]) == {"not_listed"}
    assert set(rows["year"]) == {year}
    assert set(rows["source"]) == {f"tip/{year}"}
    assert set(rows["line"]) == {0}


def test_absence_from_an_incomplete_edition_says_nothing(not_listed):
    assert not_listed("tip/2005", TIP, complete=False).empty


def test_a_book_that_lists_no_country_is_no_list_of_countries(not_listed):
    assert not_listed("factbook/2005", BOOK).empty


def test_only_the_score_is_listed_not_its_companions(not_listed):
    header = "country,score,rank,n_sources,std_error,ci_low,ci_high,from,n_independent"
    rows = not_listed("cpi/2005", f"{header}\nChad,1.7,158,,,1.3,2.1,a,1\n")
    assert set(rows["variable"]) == {"cpi_pre2012"}
