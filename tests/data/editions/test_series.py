from pathlib import Path

import pytest

from corrtip.data.countries import load_countries
from corrtip.data.editions.draft import Request
from corrtip.data.editions.listed import OTHER_CODES
from corrtip.data.editions.series import AGGREGATES, MISSING, Cell, Gathered
from corrtip.data.source import Indicator
from corrtip.errors import DataError

DEATHS, BIRTHS, PEOPLE = "SP.DYN.IMRT.IN", "SP.DYN.TFRT.IN", "SP.POP.TOTL"


@pytest.fixture
def gathered(names):
    """Return what gathers the series of development indicators, after some edition or none."""

    def make(last=None):
        files = (Path("a.csv"), Path("b.csv"))
        return Gathered(Request(source="wdi", files=files, edition=None, names=names, last=last))

    return make


@pytest.fixture
def last(folder):
    """Return an edition from 2000 on, its series in an order of its own."""
    extra = "\n".join(
        f'[indicators."{code}"]\nlabel = "{name}, as it was"\nas_of = "2026-07-01"'
        for code, name in ((PEOPLE, "People"), (DEATHS, "Deaths"))
    )
    return folder.edition("wdi/2026-07", f"iso3,year,{PEOPLE},{DEATHS}\nALB,2001,3,21\nALB,2000,3,22\n", extra)


def cell(code="ALB", year=2024, series=DEATHS, text="8.5", *, country="", label="", row=2):
    return Cell(code=code, country=country, year=year, series=series, label=label, text=text, place=f"a.csv, row {row}")


def drafted(gathered, *cells, as_of="2026-12-16"):
    gathered.date(gathered.gather(cells), as_of)
    return gathered.draft("2026-12")


def test_figures_become_a_row_for_each_country_and_year_in_order(gathered):
    made = drafted(
        gathered(),
        cell("NGA", 2024, PEOPLE, "200", row=2),
        cell("ALB", 2025, PEOPLE, "2.8E0", row=3),
        cell("ALB", 2024, DEATHS, "8.5", row=4),
        cell("ALB", 2025, DEATHS, "8.1", row=5),
    )
    assert (made.source, made.edition, made.remarks) == ("wdi", "2026-12", ())
    assert made.header == ("iso3", "year", DEATHS, PEOPLE)
    assert made.rows == (("ALB", "2024", "8.5", ""), ("ALB", "2025", "8.1", "2.8"), ("NGA", "2024", "", "200"))
    assert made.places == ("a.csv, row 4", "a.csv, row 3", "a.csv, row 2")


@pytest.mark.parametrize("missing", MISSING)
def test_what_the_bank_prints_for_no_figure_is_none(gathered, missing):
    made = drafted(
        gathered(),
        cell("ALB", 2024, DEATHS, missing),
        cell("ALB", 2025, DEATHS, missing),
        cell("ALB", 2025, PEOPLE, "3"),
        cell("NGA", 2025, BIRTHS, missing),
    )
    assert (made.header, made.rows) == (("iso3", "year", PEOPLE), (("ALB", "2025", "3"),))


def test_series_stand_as_in_the_last_edition_and_new_ones_behind(gathered, last):
    series = ("SP.DYN.LE00.IN", DEATHS, BIRTHS, PEOPLE)
    made = drafted(gathered(last), *(cell(series=code) for code in series))
    assert made.header[2:] == (PEOPLE, DEATHS, "SP.DYN.LE00.IN", BIRTHS)
    # Of the series that the last edition had, this file has one.
    assert drafted(gathered(last), cell(), cell(series=BIRTHS)).header[2:] == (DEATHS, BIRTHS)


def test_a_series_is_called_as_the_file_says_or_the_last_edition_or_we(gathered, last):
    made = drafted(gathered(last), cell(label="Infant deaths"), cell(series=PEOPLE), cell(series=BIRTHS))
    assert made.indicators == {
        PEOPLE: Indicator(label="People, as it was", as_of="2026-12-16"),
        DEATHS: Indicator(label="Infant deaths", as_of="2026-12-16"),
        BIRTHS: Indicator(label="fertility", as_of="2026-12-16"),
    }


def test_each_file_dates_its_own_series(gathered):
    both = gathered()
    both.date(both.gather([cell(series=PEOPLE)]), "2026-10-01")
    made = drafted(both, cell())
    assert {code: item.as_of for code, item in made.indicators.items()} == {PEOPLE: "2026-10-01", DEATHS: "2026-12-16"}


def test_only_wanted_series_are_returned_and_others_are_counted_once_each(gathered):
    found = gathered()
    cells = [cell(series="XX.A", label="Other"), cell(series="XX.A", text="n/a"), cell("??", series="XX.B"), cell()]
    assert found.gather(cells) == {DEATHS: ""}
    assert drafted(found, cell()).remarks == ("2 series that data/variables.toml does not have were left out.",)


def test_a_wanted_series_is_returned_even_if_all_its_figures_are_left_out(gathered, last):
    cells = [cell("WLD", label="Deaths"), cell(year=1999, series=PEOPLE, label="People")]
    assert gathered(last).gather(cells) == {DEATHS: "Deaths", PEOPLE: "People"}


def test_groups_are_known_by_code_or_by_name_and_counted_once_each(gathered):
    made = drafted(
        gathered(),
        cell("WLD", 2024, text="27"),
        cell("WLD", 2025, text="n/a"),
        cell("", country="High income"),
        cell("", country="Low income"),
        # A country with the name of a group is told by its code.
        cell("NGA", country="World"),
    )
    assert made.rows == (("NGA", "2024", "8.5"),)
    assert made.remarks == ("3 groups of countries were left out.",)


def test_no_code_of_a_group_is_a_countrys():
    known = set(load_countries().by_code)
    assert not set(AGGREGATES) & (known | set(OTHER_CODES))


def test_figures_before_the_last_edition_are_counted_and_those_from_its_first_year_kept(gathered, last):
    cells = [cell(year=1998, text="9"), cell(year=1999, text="9"), cell(year=1999, text=".."), cell(year=2000)]
    made = drafted(gathered(last), *cells)
    assert made.rows == (("ALB", "2000", "8.5"),)
    assert made.remarks == ("2 figures of years before 2000, where the last edition begins, were left out.",)


def test_without_a_last_edition_no_year_is_too_early(gathered):
    made = drafted(gathered(), cell(year=1960))
    assert (made.rows, made.remarks) == ((("ALB", "1960", "8.5"),), ())


def test_the_banks_own_codes_are_the_countries_that_they_stand_for(gathered):
    made = drafted(gathered(), cell("XKX", 2024), cell("KSV", 2025))
    assert [row[0] for row in made.rows] == ["XKX", "XKX"]


@pytest.mark.parametrize(("code", "mend"), [("ALP", "'ALB'"), ("", "Add a row if it is a country")])
def test_a_code_that_is_no_country_is_refused_with_its_row(gathered, code, mend):
    with pytest.raises(DataError) as caught:
        gathered().gather([cell(), cell(code, country="Albany", row=7)])
    assert str(caught.value).startswith(
        f'a.csv, row 7: country code "{code}" (Albany). Expected a code of data/countries'
    )
    assert mend in caught.value.mend


def test_the_same_figure_may_stand_twice(gathered):
    made = drafted(
        gathered(), cell(text="85", row=2), cell(text="".join(["8", "5"]), row=3), cell(text="85.0", year=2025)
    )
    assert made.rows == (("ALB", "2024", "85"), ("ALB", "2025", "85.0"))


@pytest.mark.parametrize("second", ["8.4", "8.6", "8.50", ""])
def test_two_figures_for_the_same_are_refused_with_the_row_and_the_first(gathered, second):
    with pytest.raises(DataError) as caught:
        gathered().gather([cell(), cell(text=second, row=3), cell(text="8.5", row=4)])
    assert str(caught.value) == f'a.csv, row 3: {DEATHS} of ALB 2024: "{second}". Expected 8.5.'


def test_every_fault_of_a_file_is_told_at_once_and_no_other_row(gathered):
    cells = [cell("ALP", row=2), cell(row=3), cell(text="8,5", year=2025, row=4), cell(text="9", row=5)]
    with pytest.raises(DataError) as caught:
        gathered().gather(cells)
    told = str(caught.value)
    assert f'a.csv, row 4: {DEATHS} of ALB 2025 "8,5"' in told
    assert [f"row {row}" in told for row in (2, 3, 4, 5)] == [True, False, True, True]


def test_a_file_without_a_wanted_figure_is_refused_with_some_of_what_it_has(gathered):
    none = gathered()
    others = [f"XX.{letter}" for letter in "FEDCBA"]
    none.gather([cell(text=".."), *(cell(series=code) for code in others)])
    with pytest.raises(DataError) as caught:
        none.draft("2026-12")
    told = str(caught.value)
    assert told.startswith(
        "a.csv: no figure of a series of wdi; others: XX.A, XX.B, XX.C, XX.D, XX.E. Expected one of "
    )
    assert f"{', '.join(sorted(none.known)[:5])} and so on, as in data/variables.toml" in told


@pytest.mark.parametrize(("others", "nearest"), [((), ""), (("SP.DYN.IMRT", "XX.A"), f"Nearest: '{DEATHS}'")])
def test_the_nearest_series_is_named_where_one_is_near(gathered, others, nearest):
    none = gathered()
    none.gather([cell(series=code) for code in others])
    with pytest.raises(DataError) as caught:
        none.draft("2026-12")
    assert caught.value.mend.startswith(nearest)
    assert bool(caught.value.mend) == bool(others)
