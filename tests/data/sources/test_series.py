"""Tables of series, a column a series: levels and numbers; empty cells are missing, spikes are flagged."""

import pandas as pd
import pytest

from corrtip.data.panel import load_panel
from corrtip.data.source import read_edition
from corrtip.data.sources import series
from corrtip.errors import DataError
from corrtip.project import figures_root

ROUNDED = 1e-6
"""The publisher rounds to five decimals: the mean over two hundred countries is 0 to six."""

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
    return series.read(folder.edition("wdi/2026-07", "\n".join([HEADER, *rows, ""]), extra), names)


def carried(edition, names):
    """Return a file of the project as the reader gives it."""
    frame = series.read(read_edition(figures_root() / "raw" / f"{edition}.csv"), names)
    return frame.set_index(["iso3", "year", "variable"])


def by_country(frame, variable, year):
    """Return the numbers of one variable and year that are held."""
    return frame["value"].xs((year, variable), level=["year", "variable"]).dropna()


@pytest.fixture(scope="module")
def published(names):
    return carried("wdi/2026-07", names)


@pytest.fixture(scope="module")
def wgi(names):
    return carried("wgi/2024", names)


@pytest.fixture(scope="module")
def freedom(names):
    return carried("freedom_house/2025", names)


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


# --- Figures with levels ---

LEVELS = """
[indicators.PR]
label = "Political Rights"
as_of = "2025"

[indicators.Status]
label = "Status"
as_of = "2025"
"""


def test_a_series_with_levels_gives_levels_beside_numbers(folder, names):
    text = "iso3,year,PR,Status\nTUN,2013,3,PF\nTUN,2014,1,\n"
    frame = series.read(folder.edition("freedom_house/2025", text, LEVELS), names)
    assert list(frame["value"])[:2] == [3, 1]
    assert frame["value"][2:].isna().all()
    assert list(frame["level"].astype(object).where(frame["level"].notna(), None)) == [None, None, "PF", None]
    assert list(frame["status"]) == ["observed", "observed", "observed", "missing"]
    assert set(frame["vintage"]) == {"freedom_house-2025"}


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("TUN,2014,8,F", r"row 2: political_rights 8 of TUN. Expected a figure from 1 to 7"),
        ("TUN,2014,1,free", r'row 2: freedom_status "free" of TUN in 2014. Expected one of F, PF, NF'),
    ],
)
def test_a_figure_off_its_scale_or_levels_is_refused_on_load(folder, rows, message):
    folder.write("freedom_house/2025", f"iso3,year,PR,Status\n{rows}\n", LEVELS)
    with pytest.raises(DataError, match=rf"data/raw/freedom_house/2025\.csv, {message}"):
        load_panel(folder.root)


# --- Figures that anyone can look up ---


@pytest.mark.parametrize("name", ["wgi_control_of_corruption", "wgi_rule_of_law", "wgi_government_effectiveness"])
def test_each_governance_indicator_is_standardised_over_countries_as_its_authors_say(wgi, name):
    for year in (1996, 2005, 2023):
        estimates = by_country(wgi, name, year)
        assert abs(estimates.mean()) < ROUNDED
        assert abs(estimates.std() - 1) < ROUNDED
        errors = by_country(wgi, f"{name}_std_error", year)
        assert set(errors.index) == set(estimates.index)
        assert (errors > 0).all()


def test_governance_has_no_figures_between_its_first_years(wgi):
    years = set(wgi.index.get_level_values("year"))
    assert years == {1996, 1998, 2000, *range(2002, 2024)}


def test_control_of_corruption_is_high_where_corruption_is_low(wgi):
    figures = by_country(wgi, "wgi_control_of_corruption", 2023)
    assert figures.idxmax() == "DNK"
    assert figures.idxmin() == "SSD"


def test_corruption_of_vdem_is_high_where_corruption_is_high(names):
    figures = carried("vdem/2026-11", names)
    corruption = by_country(figures, "vdem_corruption", 2005)
    assert corruption.idxmin() == "DNK"
    assert corruption["TCD"] > 0.9 > corruption["USA"]
    for name in ("vdem_corruption", "vdem_rule_of_law"):
        assert len(by_country(figures, name, 2021)) == 169
        assert by_country(figures, name, 2022).empty
    assert len(by_country(figures, "vdem_polyarchy", 2024)) == 176


# Russia was rated not free for 2004, Tunisia free for 2014, the first of the Arab states.
@pytest.mark.parametrize(
    ("iso3", "year", "rights", "liberties", "status"),
    [
        ("RUS", 2003, 5, 5, "PF"),
        ("RUS", 2004, 6, 5, "NF"),
        ("TUN", 2013, 3, 3, "PF"),
        ("TUN", 2014, 1, 3, "F"),
        ("USA", 2005, 1, 1, "F"),
        ("PRK", 2005, 7, 7, "NF"),
    ],
)
def test_ratings_are_those_of_the_year_covered(freedom, iso3, year, rights, liberties, status):
    assert freedom.loc[(iso3, year, "political_rights"), "value"] == rights
    assert freedom.loc[(iso3, year, "civil_liberties"), "value"] == liberties
    assert freedom.loc[(iso3, year, "freedom_status"), "level"] == status


def test_status_follows_from_the_mean_of_both_ratings_as_the_method_says(freedom):
    for year in range(2003, 2020):
        mean = (by_country(freedom, "political_rights", year) + by_country(freedom, "civil_liberties", year)) / 2
        held = freedom["level"].xs((year, "freedom_status"), level=["year", "variable"])
        follows = mean.map(lambda rating: "F" if rating <= 2.5 else "PF" if rating <= 5 else "NF")
        assert (held[mean.index].astype(str) == follows).all(), year


@pytest.mark.parametrize(
    ("edition", "year", "figures"),
    [
        ("2011", 2011, {"NOR": 0.943, "AUS": 0.929, "USA": 0.910, "COD": 0.286}),
        ("2025", 2023, {"ISL": 0.972, "NOR": 0.970, "CHE": 0.970, "SSD": 0.388}),
    ],
)
def test_the_index_of_each_report_is_what_it_printed(names, edition, year, figures):
    printed = by_country(carried(f"hdr/{edition}", names), "hdi", year)
    assert dict(printed[list(figures)]) == figures
    assert (printed.idxmax(), printed.idxmin()) == (next(iter(figures)), list(figures)[-1])


def test_the_3p_index_is_the_sum_of_its_parts_but_for_the_figure_that_is_flagged(names):
    figures = carried("three_p/2013", names)
    wide = figures["level"].astype(object).unstack("variable").apply(pd.to_numeric)  # noqa: PD010
    worst = wide["three_p_overall"].xs(2013, level="year") == 3
    assert set(worst.index[worst]) == {"PRK", "SYR"}
    parts = wide[["three_p_prevention", "three_p_prosecution", "three_p_protection"]].sum(axis=1)
    held = wide["three_p_overall"].notna()
    assert list(wide.index[held & (parts != wide["three_p_overall"])]) == []
    assert list(wide.index[held & wide["three_p_prevention"].isna()]) == [("HTI", 2009)]


# The countries of the highest level in the report of 2006, maps and tables of which name them.
@pytest.mark.parametrize(
    ("variable", "countries"),
    [
        ("unodc_origin", "ALB BGR BLR CHN LTU MDA NGA ROU RUS THA UKR"),
        ("unodc_transit", "ALB BGR HUN ITA POL THA"),
        ("unodc_destination", "BEL DEU GRC ISR ITA JPN NLD THA TUR USA"),
    ],
)
def test_very_high_incidence_is_the_list_that_was_published(names, variable, countries):
    levels = carried("unodc/2006", names)["level"].xs((2006, variable), level=["year", "variable"])
    assert set(levels.index[levels == "5"]) == set(countries.split())
