"""World Development Indicators: one wide file, a column a series; empty cells are missing, spikes are flagged."""

import pytest

from corrtip.data.source import read_edition
from corrtip.data.sources import wdi
from corrtip.errors import DataError
from corrtip.project import figures_root

SERIES = """
[indicators."SP.DYN.IMRT.IN"]
label = "Mortality rate, infant"
as_of = "2026-07-01"

[indicators."SP.POP.TOTL"]
label = "Population, total"
as_of = "2026-07-01"
"""
HEADER = "iso3,year,SP.DYN.IMRT.IN,SP.POP.TOTL"
FLAG = '\n[[implausible]]\niso3 = "{iso3}"\nyear = {year}\nindicator = "{code}"\nwhy = "a spike"\n'


def read(folder, names, *rows, extra=SERIES):
    return wdi.read(folder.edition("wdi/2026-07", "\n".join([HEADER, *rows, ""]), extra), names)


@pytest.fixture(scope="module")
def published(names):
    frame = wdi.read(read_edition(figures_root() / "raw" / "wdi" / "2026-07.csv"), names)
    return frame.set_index(["iso3", "year", "variable"])


def test_each_cell_is_a_figure_and_an_empty_one_is_missing(folder, names):
    frame = read(folder, names, "AGO,2005,79,", "AGO,2006,75.5,20000000")
    assert list(frame["variable"]) == ["infant_mortality"] * 2 + ["population"] * 2
    assert list(frame["raw"]) == ["79", "75.5", "", "20000000"]
    assert list(frame["status"]) == ["observed", "observed", "missing", "observed"]
    assert list(frame["line"]) == [2, 3, 2, 3]
    assert list(frame["year"]) == [2005, 2006] * 2
    assert set(frame["vintage"]) == {"wdi-2026-07"}


def test_a_series_that_the_catalogue_does_not_know_is_refused(folder, names):
    with pytest.raises(DataError) as caught:
        read(folder, names, "AGO,2005,79,", extra=SERIES.replace("SP.POP.TOTL", "SP.POP.TOTAL"))
    assert caught.value.seen == 'series "SP.POP.TOTAL"'
    assert "published_as" in caught.value.expected
    assert "SP.POP.TOTL" in caught.value.mend


def test_a_column_that_the_sidecar_does_not_know_is_refused(folder, names):
    with pytest.raises(DataError, match=r"row 1: header 'iso3,year,SP\.DYN\.IMRT\.IN,SP\.POP\.TOTL'"):
        read(folder, names, "AGO,2005,79,", extra=SERIES.partition('[indicators."SP.POP')[0])


def test_a_country_year_that_stands_twice_is_refused(folder, names):
    with pytest.raises(DataError) as caught:
        read(folder, names, "AGO,2005,79,1", "AGO,2005,80,2")
    assert str(caught.value).startswith(
        "data/raw/wdi/2026-07.csv, row 3: a second infant_mortality of AGO in 2005: '80'. Expected one; row 2 has '79'."
    )


@pytest.mark.parametrize(
    ("row", "seen"), [("AGO,2005,79;0,", 'SP.DYN.IMRT.IN "79;0"'), ("AGO,5,79,", 'year "5"'), ("AGX,2005,79,", "AGX")]
)
def test_a_malformed_cell_is_refused_with_its_row(folder, names, row, seen):
    with pytest.raises(DataError) as caught:
        read(folder, names, "AGO,2004,80,", row)
    assert caught.value.where == "data/raw/wdi/2026-07.csv, row 3"
    assert seen in caught.value.seen


def test_an_implausible_figure_stays_as_it_stands(folder, names):
    extra = SERIES + FLAG.format(iso3="AGO", year=2005, code="SP.DYN.IMRT.IN")
    assert list(read(folder, names, "AGO,2005,999,1", extra=extra)["value"]) == [999, 1]


@pytest.mark.parametrize(
    ("iso3", "year", "code"),
    [("AGO", 2006, "SP.DYN.IMRT.IN"), ("AGO", 2005, "SP.POP.TOTL"), ("AGO", 2005, "SP.DYN.LE00.IN")],
)
def test_a_flag_on_a_figure_that_is_not_there_is_refused(folder, names, iso3, year, code):
    with pytest.raises(DataError) as caught:
        read(folder, names, "AGO,2005,999,", extra=SERIES + FLAG.format(iso3=iso3, year=year, code=code))
    assert caught.value.seen == f"no figure {code} of {iso3} in {year}"


# Figures of the publisher's pages: mid-year population of the United States, its inflation and unemployment (%);
# infant mortality of Angola and life expectancy of Japan, to the whole number, since revisions move their decimals.
@pytest.mark.parametrize(
    ("iso3", "year", "variable", "value", "digits"),
    [
        ("USA", 2005, "population", 295516599, 0),
        ("USA", 2005, "inflation", 3.4, 1),
        ("USA", 2005, "unemployment", 5.1, 1),
        ("AGO", 2005, "infant_mortality", 79, 0),
        ("JPN", 2005, "life_expectancy", 82, 0),
    ],
)
def test_figures_are_those_that_the_publisher_gives(published, iso3, year, variable, value, digits):
    assert round(published.loc[(iso3, year, variable), "value"], digits) == value


def test_the_spikes_in_life_expectancy_are_flagged_and_not_mended(published):
    flags = read_edition(figures_root() / "raw" / "wdi" / "2026-07.csv").source.implausible
    assert {("CAF", 2009, "SP.DYN.LE00.IN"), ("SSD", 1998, "SP.DYN.LE00.IN")} <= {
        (flag.iso3, flag.year, flag.indicator) for flag in flags
    }
    assert round(published.loc[("CAF", 2009, "life_expectancy"), "value"], 1) == 14.7
    assert round(published.loc[("SSD", 1998, "life_expectancy"), "value"], 1) == 19.0


def test_series_of_another_release_say_so():
    indicators = read_edition(figures_root() / "raw" / "wdi" / "2026-07.csv").source.indicators
    assert indicators["SP.DYN.IMRT.IN"].as_of == "2026-07-01"
    assert indicators["SM.POP.REFG"].as_of == "2018-08-01"


def test_namibia_is_not_a_missing_value(published):
    assert published.loc[("NAM", 2005, "population"), "status"] == "observed"
