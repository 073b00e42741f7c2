"""The panel of all figures: its key, its statuses, and the way back from each figure to a line of a file."""

import csv
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corrtip.data.figures import COLUMNS, KEY
from corrtip.data.panel import build_panel, load_panel
from corrtip.errors import DataError, SpecError
from corrtip.project import figures_root

BOOK = "iso3,indicator,value,data_year,note\nAGO,life_expectancy,40.1,2005,\n"


@pytest.fixture(scope="module")
def rows(panel):
    """Return the number of rows, for drawing one."""
    return len(panel.frame)


@cache
def line_of(file: str, line: int) -> tuple[str, ...]:
    """Return the fields of one line of a raw file, read apart from the package."""
    with open(figures_root().parent / file, encoding="utf-8", newline="") as stream:
        for number, text in enumerate(stream, start=1):
            if number == line:
                return tuple(next(csv.reader([text])))
    raise AssertionError(f"{file} has no line {line}")


def test_no_two_rows_are_of_the_same_figure(panel):
    assert tuple(panel.frame.columns) == COLUMNS
    assert not panel.frame.duplicated(list(KEY)).any()


def test_missing_is_a_status_and_never_a_number(panel):
    frame = panel.frame
    without = frame[~frame["status"].isin(["observed", "corrected"])]
    assert len(without)
    assert without["value"].isna().all()
    assert without["level"].isna().all()
    held = frame[frame["status"].isin(["observed", "corrected"])]
    assert (held["value"].isna() != held["level"].isna()).all()


@settings(max_examples=300)
@given(place=st.floats(0, 1, exclude_max=True))
def test_each_row_leads_to_a_line_of_a_raw_file_that_holds_its_text(panel, rows, place):
    row = panel.frame.iloc[int(place * rows)]
    found = panel.lineage(row["iso3"], row["year"], row["variable"], row["vintage"])
    assert (found.status, found.raw, found.line) == (row["status"], row["raw"], row["line"])
    if found.status == "not_listed":
        assert found.line == 0
    else:
        assert found.raw in line_of(found.file, found.line)
        assert found.source.edition in found.file


def test_the_lineage_of_the_readme(panel):
    found = panel.lineage("NGA", 2005, "cpi_pre2012")
    assert (found.figure, found.status, found.country) == ("1.9", "observed", "Nigeria")
    assert found.direction == "higher = cleaner"
    assert found.source.publisher == "Transparency International"
    assert found.n_independent is not None
    assert found.n_independent >= 2
    assert len(found.sha256) == 64
    assert (found.correction, found.doubt) == (None, None)


def test_a_level_a_special_case_and_an_absence_have_a_lineage_too(panel):
    assert panel.lineage("DEU", 2005, "tier").figure == "1"
    special, absent = panel.lineage("SOM", 2005, "tier"), panel.lineage("BTN", 2005, "tier")
    assert (special.status, special.figure, special.level) == ("special_case", "", None)
    assert (absent.status, absent.line, absent.file) == ("not_listed", 0, "data/raw/tip/2005.csv")


def test_a_figure_that_its_source_calls_implausible_says_so(panel):
    found = panel.lineage("CAF", 2009, "life_expectancy", "wdi-2026-07")
    assert found.value == pytest.approx(14.665)
    assert found.status == "observed"
    assert found.doubt is not None
    assert "14.7 years" in found.doubt


def test_the_year_of_a_factbook_figure_is_the_book_and_its_data_year_that_of_the_text(panel):
    found = panel.lineage("ABW", 2005, "gdp_per_capita_ppp", "factbook-2005")
    assert (found.year, found.data_year, found.value) == (2005, 2002, 28000)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (("NIG", 2005, "cpi_pre2012"), r'iso3: "NIG".*Nearest: '),
        (("NGA", 2005, "cpi_pre2021"), r'"cpi_pre2021" is not a variable.*Nearest: .cpi_pre2012.'),
        (("NGA", 2005, "gini"), "6 vintages.*factbook-2003, .*wdi-2026-07"),
        (("NGA", 2005, "gini", "factbook-205"), 'no vintage "factbook-205".*Nearest: .factbook-2005.'),
        (("NGA", 2012, "cpi_pre2012"), r"NGA 2012: no cpi_pre2012 \(first-published\).*years 1995, .*2011\."),
        (("PRK", 1950, "tier"), r"PRK 1950: no tier \(published\).*2003"),
        (("PSE_GZ", 2005, "tier"), "PSE_GZ 2005: no tier.*it has none in any year"),
    ],
)
def test_what_the_panel_does_not_hold_is_refused_with_what_it_does(panel, asked, message):
    with pytest.raises(SpecError, match=message):
        panel.lineage(*asked)


def test_the_incomplete_report_of_2025_lists_nobody_as_not_listed(panel):
    reports = panel.frame[panel.frame["variable"] == "tier"]
    statuses = reports.groupby("year")["status"].agg(set)
    assert "not_listed" in statuses[2024]
    assert statuses[2025] == {"observed", "special_case", "missing"}
    assert panel.lineage("AUT", 2025, "tier").raw == "1|2"


def test_figures_side_by_side(panel):
    wide = panel.wide((2004, 2005), ["tier", "cpi_pre2012", "region", "gini"], {"gini": "factbook-2005"})
    assert wide.index.names == ["iso3", "year"]
    assert wide.index.is_monotonic_increasing
    assert wide["tier"].cat.ordered
    assert list(wide["tier"].cat.categories) == ["1", "2", "2WL", "3"]
    assert wide.loc[("NGA", 2005), ["tier", "cpi_pre2012"]].tolist() == ["2", 1.9]
    assert wide["gini"].xs(2004, level="year").isna().all()
    assert wide["gini"].xs(2005, level="year").notna().sum() > 100


def test_side_by_side_needs_years_variables_and_vintages(panel):
    with pytest.raises(SpecError, match="6 vintages"):
        panel.wide(2005, ["gini"])
    with pytest.raises(SpecError, match="years 2006 to 2005"):
        panel.wide((2006, 2005), ["tier"])
    with pytest.raises(SpecError, match="0 variables"):
        panel.wide(2005, [])


@pytest.fixture(scope="module")
def shuffled(panel):
    """Return the same figures in another order, not-listed rows left for the panel to find again."""
    read = panel.frame[panel.frame["status"] != "not_listed"].sample(frac=1, random_state=1).reset_index(drop=True)
    return build_panel(
        read,
        catalogue=panel.catalogue,
        sources=panel.sources,
        countries=panel.countries,
        corrections=panel.corrections,
    )


@pytest.mark.parametrize(
    ("name", "vintage"), [("tier", None), ("cpi_pre2012", None), ("gini", "wdi-2026-07"), ("region", None)]
)
def test_the_order_of_the_rows_changes_nothing(panel, shuffled, name, vintage):
    ours, theirs = panel.column(name, vintage), shuffled.column(name, vintage)
    assert np.array_equal(ours.numbers, theirs.numbers, equal_nan=True)
    assert np.array_equal(ours.status, theirs.status)


def test_a_source_without_a_declared_vintage_is_refused_on_load(folder):
    folder.write("factbook/2005", BOOK)
    assert load_panel(folder.root).lineage("AGO", 2005, "life_expectancy", "factbook-2005").value == 40.1
    folder.write("factbook/1999", BOOK.replace("2005", "1999"))
    with pytest.raises(DataError, match=r'factbook/1999.csv, row 2: .* vintage "factbook-1999"'):
        load_panel(folder.root)


# --- Territories with a rule of their own ---


def exists(panel, iso3, year):
    """Return whether a unit is in the universe of a year."""
    country, _ = panel.universe((year, year))
    return iso3 in {panel.iso3[place] for place in country}


def printed(panel, *asked):
    """Return the first field of the line that a figure stands in: the country as the file has it."""
    found = panel.lineage(*asked)
    return line_of(found.file, found.line)[0]


def test_serbia_and_montenegro_of_2005_is_one_unit_in_report_index_and_book(panel):
    assert printed(panel, "SRB", 2005, "tier") == printed(panel, "SRB", 2005, "cpi_pre2012") == "Serbia and Montenegro"
    assert printed(panel, "SRB", 2005, "infant_mortality", "factbook-2005") == "SCG"
    assert panel.lineage("SRB", 2005, "cpi_pre2012").figure == "2.8"
    assert panel.lineage("SRB", 2005, "tier").country == "Serbia and Montenegro"
    assert panel.lineage("SRB", 2010, "tier").country == "Serbia"
    assert not {"SCG", "YUG"} & set(panel.frame["iso3"])


@pytest.mark.parametrize(
    ("iso3", "before", "first"),
    [("MNE", 2006, 2007), ("XKX", 2007, 2008), ("SSD", 2011, 2012), ("ANT", 2008, 2009), ("CUW", 2010, 2011)],
)
def test_a_unit_enters_the_universe_in_its_year(panel, iso3, before, first):
    assert not exists(panel, iso3, before)
    assert exists(panel, iso3, first)


def test_the_netherlands_antilles_leave_it_and_nobody_inherits_their_figures(panel):
    assert exists(panel, "ANT", 2010)
    assert not exists(panel, "ANT", 2011)
    assert panel.lineage("ANT", 2009, "tier").level == "2WL"
    for heir in ("CUW", "SXM"):
        with pytest.raises(SpecError, match=f"{heir} 2009: no tier"):
            panel.lineage(heir, 2009, "tier")


def test_kosovo_is_in_the_report_before_the_index(panel):
    assert panel.lineage("XKX", 2009, "tier").status == "observed"
    assert panel.lineage("XKX", 2009, "cpi_pre2012").status == "not_listed"
    assert panel.lineage("XKX", 2010, "cpi_pre2012").status == "observed"


def test_taiwan_hong_kong_and_macau_are_units_apart_from_china(panel):
    wide = panel.wide(2006, ["tier", "cpi_pre2012"])
    assert wide.loc[[("TWN", 2006), ("HKG", 2006), ("MAC", 2006)]].notna().all(axis=None)
    assert wide.loc[("CHN", 2006), "cpi_pre2012"] == 3.3  # China's own, as TI printed it
    assert panel.lineage("MAC", 2005, "tier").status == "not_listed"


def test_sudan_continues_and_south_sudan_begins(panel):
    assert panel.lineage("SDN", 2005, "cpi_pre2012").figure == "2.1"
    assert panel.lineage("SDN", 2012, "tier").status == "observed"
    assert panel.lineage("SSD", 2012, "tier").status == "observed"
    with pytest.raises(SpecError, match="SSD 2011: no tier"):
        panel.lineage("SSD", 2011, "tier")


def test_the_two_congos_keep_their_own_figures(panel):
    assert panel.lineage("COD", 2005, "cpi_pre2012").figure == "2.1"
    assert panel.lineage("COG", 2005, "cpi_pre2012").figure == "2.3"
    assert panel.lineage("COD", 2005, "tier").level == "2"
    assert panel.lineage("COG", 2005, "tier").status == "not_listed"
    assert panel.lineage("COG", 2004, "tier").status == "special_case"
