"""The World Factbook: what a reader of that year's book was told."""

import pytest

from corrtip.data.source import read_edition
from corrtip.data.sources import factbook
from corrtip.errors import DataError
from corrtip.project import figures_root

HEADER = ",".join(factbook.COLUMNS)


def read(folder, names, *rows, edition="2005"):
    return factbook.read(folder.edition(f"factbook/{edition}", "\n".join([HEADER, *rows, ""])), names)


def published(year, names):
    frame = factbook.read(read_edition(figures_root() / "raw" / "factbook" / f"{year}.csv"), names)
    return frame.set_index(["iso3", "variable"])


def test_the_year_is_the_books_and_the_data_year_is_the_texts(folder, names):
    frame = read(folder, names, "AGO,literacy,66.8,2001,", "AGO,infant_mortality,191.19,,")
    assert list(frame["year"]) == [2005, 2005]
    assert list(frame["data_year"]) == [2001, 2005]
    assert set(frame["vintage"]) == {"factbook-2005"}
    assert list(frame["value"]) == [66.8, 191.19]


@pytest.mark.parametrize("cell", ["2006", "2004.0", "99"])
def test_a_year_after_the_book_or_malformed_is_refused(folder, names, cell):
    with pytest.raises(DataError) as caught:
        read(folder, names, f"AGO,literacy,66.8,{cell},")
    assert (caught.value.where, caught.value.seen) == ("data/raw/factbook/2005.csv, row 2", f'data_year "{cell}"')


def test_the_joint_state_is_filed_under_its_unit(folder, names):
    assert list(read(folder, names, "SCG,infant_mortality,12.89,2005,")["iso3"]) == ["SRB"]


def test_a_figure_given_under_two_codes_of_one_unit_is_refused(folder, names):
    with pytest.raises(DataError) as caught:
        read(folder, names, "SCG,infant_mortality,12.89,2005,", "SRB,infant_mortality,12.9,2005,")
    assert str(caught.value).startswith("data/raw/factbook/2005.csv, row 3: a second infant_mortality of SRB in 2005")


def test_gaza_stays_apart_from_the_west_bank(folder, names):
    frame = read(folder, names, "PSE,population,2385615,2005,", "PSE_GZ,population,1376289,2005,")
    assert list(frame["iso3"]) == ["PSE", "PSE_GZ"]


# From the book of 2005: infant mortality per 1,000 live births, life expectancy at birth in years.
@pytest.mark.parametrize(
    ("iso3", "variable", "value"),
    [
        ("AGO", "infant_mortality", 191.19),
        ("SGP", "infant_mortality", 2.29),
        ("SWE", "infant_mortality", 2.77),
        ("USA", "infant_mortality", 6.5),
        ("USA", "life_expectancy", 77.71),
        ("JPN", "life_expectancy", 81.15),
        ("CHN", "population", 1306313812),
        ("USA", "population", 295734134),
    ],
)
def test_figures_of_2005_are_those_of_the_book(names, iso3, variable, value):
    assert published(2005, names).loc[(iso3, variable), "value"] == value


def test_serbia_and_montenegro_becomes_two_with_the_book_of_2006(names):
    assert ("SRB", "infant_mortality") in published(2005, names).index
    assert "MNE" not in published(2005, names).index.get_level_values("iso3")
    assert "MNE" in published(2006, names).index.get_level_values("iso3")
