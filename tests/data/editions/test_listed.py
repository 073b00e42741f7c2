import pytest

from corrtip.data.countries import load_countries
from corrtip.data.editions.listed import OTHER_CODES, check_titles, read_listed
from corrtip.data.editions.sheets import Line, Sheet
from corrtip.errors import DataError

COUNTRIES = load_countries()
SHEET = Sheet(where="a.xlsx", name="", lines=())


def lines(*rows, start=4):
    return [Line(number, tuple(row)) for number, row in enumerate(rows, start=start)]


def read(*rows, year=2025, sheet=SHEET, **options):
    """Return the countries of rows of name, figure and code."""
    columns = {"country": 0, "figure": 1, "iso3": 2}
    return read_listed(sheet, lines(*rows), columns, year, COUNTRIES, needed="figure", **options)


def refused(*rows, **options):
    with pytest.raises(DataError) as caught:
        read(*rows, **options)
    return str(caught.value)


def test_a_list_is_read_in_its_order_with_names_as_printed():
    found = read(("Swaziland", "1"), ("Burma *", "2"), ("Burkina Faso", "3"))
    told = [(entry.country, entry.unit, entry.line.number) for entry in found.entries]
    assert told == [("Swaziland", "SWZ", 4), ("Burma", "MMR", 5), ("Burkina Faso", "BFA", 6)]
    assert found.remarks == ()


def test_a_name_means_what_it_meant_in_the_year_of_the_list():
    assert read(("Serbia and Montenegro", "2"), year=2005).entries[0].unit == "SRB"
    said = refused(("Albania", "1"), ("Serbia and Montenegro", "2"), year=2015)
    assert said.startswith('a.xlsx, row 5: country "Serbia and Montenegro" in 2015')


def test_a_list_needs_no_column_of_codes():
    columns = {"country": 0, "figure": 1}
    rows = lines(("Nigeria", "26", "GHA"))
    assert read_listed(SHEET, rows, columns, 2025, COUNTRIES, needed="figure").entries[0].unit == "NGA"


@pytest.mark.parametrize(
    ("name", "code", "year"),
    [
        ("Nigeria", "NGA", 2025),
        ("Nigeria", "nga", 2025),
        ("Nigeria", "", 2025),
        ("Kosovo", "KSV", 2025),
        ("Kosovo", "XKX", 2025),
        ("Serbia and Montenegro", "SCG", 2005),
        ("Serbia and Montenegro", "SRB", 2005),
    ],
)
def test_a_code_of_the_same_unit_is_no_contradiction(name, code, year):
    assert len(read((name, "1", code), year=year).entries) == 1


@pytest.mark.parametrize(("name", "code", "unit"), [("Nigeria", "GHA", "NGA"), ("Ghana", "NGA", "GHA")])
def test_a_code_of_another_country_is_refused_with_its_row(name, code, unit):
    said = refused(("Albania", "1", "ALB"), (name, "2", code))
    assert said.startswith(f'a.xlsx, row 5: country "{name}" with the code "{code}". Expected {unit}, which the name')


def test_a_code_that_nobody_has_is_refused_with_its_row():
    assert refused(("Nigeria", "1", "NIG")).startswith('a.xlsx, row 4: country code "NIG" is not in')


def test_other_codes_stand_for_countries_and_hide_none():
    assert set(OTHER_CODES.values()) <= set(COUNTRIES.by_code)
    assert not set(OTHER_CODES) & set(COUNTRIES.by_code)


def test_a_country_twice_is_refused_with_both_rows_under_whatever_name():
    said = refused(("Burma", "1"), ("Nigeria", "2"), ("Myanmar", "3"))
    assert said.startswith('a.xlsx, row 6: country "Myanmar" is MMR a second time')
    assert 'Expected it once; row 4 has "Burma"' in said


def test_every_fault_is_told_at_once():
    said = refused(("Nigerria", "1"), ("Ghana", "2"), ("Ghana", "3"), ("Malta", "4", "ALB"))
    for place in (4, 6, 7):
        assert f"row {place}: country" in said
    assert "row 5:" not in said


def test_empty_rows_are_passed_over_and_notes_below_are_counted():
    found = read(("", ""), ("Nigeria", "26"), ("",), ("Ghana", "43"), ("", ""), ("Source: us", ""), ("* estimated",))
    assert [entry.unit for entry in found.entries] == ["NGA", "GHA"]
    assert found.remarks == ("2 rows of notes below the table were left out.",)


def test_a_note_may_stand_in_any_column_without_figures():
    assert len(read(("Nigeria", "26"), ("", "", "a note")).remarks) == 1


@pytest.mark.parametrize("row", [("To be continued",), ("", "", "To be continued")])
def test_a_row_without_a_figure_amid_the_table_is_refused(row):
    said = refused(("Nigeria", "26"), row, ("Ghana", "43"))
    assert said.startswith('a.xlsx, row 5: "To be continued" and nothing else amid the table')
    assert "row 4" not in said


def test_a_country_without_a_figure_is_no_note():
    # The form that reads the figure refuses what is missing.
    assert [entry.unit for entry in read(("Nigeria", "26"), ("Ghana *", "")).entries] == ["NGA", "GHA"]


def test_two_cells_without_a_figure_are_no_note():
    assert refused(("Nigeria", "26"), ("Ghanna", "", "GHA")).startswith('a.xlsx, row 5: country "Ghanna"')


@pytest.mark.parametrize("rows", [(), [("a note",)]])
def test_a_list_without_a_country_is_refused(rows):
    assert refused(*rows).startswith("a.xlsx: no country below the header")


def test_rows_are_as_wide_as_the_header_where_one_is_given():
    table = Sheet(where="a.csv", name="", lines=(), rectangular=True)
    header = Line(3, ("country", "figure", "iso3"))
    said = refused(("Nigeria", "26"), sheet=table, header=header)
    assert said.startswith("a.csv, row 4: 2 cells. Expected 3, as the header in row 3 has")
    assert len(read(("Nigeria", "26"), sheet=table).entries) == 1


def test_a_country_above_the_header_is_refused():
    titles = lines(("Index of 2025", "all countries"), ("", "Ghana *", "Malta"), ("Nigeria",), start=1)
    with pytest.raises(DataError, match=r'a\.xlsx, row 2: country "Ghana \*" above the header'):
        check_titles(SHEET, titles, COUNTRIES)
    check_titles(SHEET, titles[:1], COUNTRIES)


def test_a_row_that_is_cut_off_hides_no_other_fault():
    sheet = Sheet(where="a.csv", name="", lines=(), rectangular=True)
    (header,) = lines(("Country", "Score", "Code"), start=3)
    said = refused(("Nigeria", "1", "GHA"), ("Albania", "2"), ("Atlantis", "3", ""), sheet=sheet, header=header)
    assert all(place in said for place in ("row 4", "row 5", "row 6"))
