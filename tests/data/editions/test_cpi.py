import pytest

from corrtip.data.editions import cpi
from corrtip.data.editions.draft import Request
from corrtip.data.sources.cpi import COLUMNS
from corrtip.errors import DataError

ROWS = (("Nigeria", 26, 140), ("Denmark", 89, 1))


@pytest.fixture
def read(names):
    """Read a file as an edition of the index."""
    return lambda path, edition=None: cpi.read(
        Request(source="cpi", files=(path,), edition=edition, names=names, last=None)
    )


@pytest.mark.parametrize(
    "header",
    [
        ("Country / Territory", "CPI score 2026", "Rank"),
        ("Country", "CPI 2026", "Country rank 2026"),
        ("COUNTRY/TERRITORY", "CPI Score 2026", "CPI Rank"),
    ],
)
def test_headings_of_several_years_are_understood(read, publisher, header):
    draft = read(publisher.table("cpi.csv", [header, *ROWS]))
    assert (draft.source, draft.edition, draft.header) == ("cpi", "2026", COLUMNS)
    assert draft.rows == (
        ("Nigeria", "26", "140", "", "", "", "", "publisher_file", "1"),
        ("Denmark", "89", "1", "", "", "", "", "publisher_file", "1"),
    )
    assert draft.places == ("cpi.csv, row 2", "cpi.csv, row 3")


def test_the_year_may_stand_in_the_title_or_the_name_of_the_sheet(read, publisher):
    header = ("Country", "Score")
    rows = [row[:2] for row in ROWS]
    assert read(publisher.table("a.csv", [["Corruption Perceptions Index 2026"], header, *rows])).edition == "2026"
    assert read(publisher.book("a.xlsx", {"CPI 2026": [header, *rows]})).edition == "2026"
    assert read(publisher.table("b.csv", [header, *rows]), "2026").edition == "2026"


def test_a_country_above_the_header_is_no_title(read, publisher):
    rows = [("Nigeria", 26, 140), ("Country", "CPI score 2026", "Rank"), ("Denmark", 89, 1)]
    with pytest.raises(DataError, match=r'a\.csv, row 1: country "Nigeria" above the header'):
        read(publisher.table("a.csv", rows))


def test_a_year_that_is_not_told_is_asked_for(read, publisher):
    with pytest.raises(DataError, match="--edition"):
        read(publisher.table("a.csv", [("Country", "Score"), ("Nigeria", 26)]))


def test_a_year_that_is_contradicted_is_refused(read, publisher):
    with pytest.raises(DataError, match="is the edition 2026"):
        read(publisher.table("a.csv", [("Country", "CPI score 2026"), ("Nigeria", 26)]), "2027")


@pytest.mark.parametrize("edition", ["1994", "²026", "2026-12", "soon"])
def test_an_edition_that_is_no_year_is_refused(read, publisher, edition):
    with pytest.raises(DataError, match="Expected a year"):
        read(publisher.table("a.csv", [("Country", "Score"), ("Nigeria", 26)]), edition)


def test_of_a_sheet_of_many_years_the_one_asked_for_is_read(read, publisher):
    header = ("Country", "CPI score 2026", "Rank 2026", "CPI score 2025", "Rank 2025")
    path = publisher.table("a.csv", [header, ("Nigeria", 26, 140, 25, 141)])
    assert read(path, "2025").rows[0][:3] == ("Nigeria", "25", "141")
    with pytest.raises(DataError, match="--edition"):
        read(path)


def test_two_sheets_that_fit_are_not_chosen_between(read, publisher):
    rows = [("Country", "CPI score 2026"), ("Nigeria", 26)]
    with pytest.raises(DataError, match="2 sheets that fit: A, B"):
        read(publisher.book("a.xlsx", {"A": rows, "B": rows}))


def test_a_formula_in_a_column_that_is_read_is_refused_and_elsewhere_ignored(read, publisher):
    header = ("Country", "CPI score 2026", "A source")
    assert read(publisher.book("a.xlsx", {"S": [header, ("Nigeria", 26, "=1+1")]})).rows[0][1] == "26"
    with pytest.raises(DataError, match=r'sheet "S", row 2: a formula in column 2: =13\*2'):
        read(publisher.book("a.xlsx", {"S": [header, ("Nigeria", "=13*2", 1)]}))


def test_a_country_without_a_score_is_no_note(read, publisher):
    path = publisher.table("a.csv", [("Country", "CPI score 2026"), ("Nigeria", ""), ("Denmark", 89)])
    assert read(path).rows[0][:2] == ("Nigeria", "")  # which the reader of raw files then refuses


def test_notes_below_the_table_are_left_out_and_counted(read, publisher):
    path = publisher.table("a.csv", [("Country", "CPI score 2026"), ("Nigeria", 26), ("A note",), ("Another",)])
    draft = read(path)
    assert len(draft.rows) == 1
    assert draft.remarks[0].startswith("2 rows of notes")


@pytest.mark.parametrize("name", ["cpi.xls", "cpi.pdf", "cpi"])
def test_a_file_of_another_kind_is_refused(read, publisher, name):
    with pytest.raises(DataError, match="save it as"):
        read(publisher.table(name, [("Country", "CPI score 2026"), ("Nigeria", 26)]))


def test_a_table_of_something_else_is_refused(read, publisher):
    with pytest.raises(DataError, match="no sheet with a country and one score"):
        read(publisher.table("a.csv", [("Country", "Tier"), ("Nigeria", 2)]))
