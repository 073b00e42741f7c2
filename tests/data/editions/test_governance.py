import pytest

from corrtip.data.editions import governance
from corrtip.data.editions.draft import Request
from corrtip.data.source import read_edition
from corrtip.errors import DataError

HEADER = ("codeindyr", "code", "countryname", "year", "indicator", "estimate", "stddev", "nsource", "pctrank")
LONG = [
    HEADER,
    ("ALBcc2022", "ALB", "Albania", 2022, "cc", -0.4078, 0.157, 9, 36.8),
    ("ALBva2022", "ALB", "Albania", 2022, "va", 0.1, 0.2, 9, 50.0),
    ("ZARcc2023", "ZAR", "Congo, Dem. Rep.", 2023, "cc", -1.5, "..", "..", ".."),
]
# A sheet for each dimension: years stand over six columns each, above the header.
YEARS = ("", "", *("2022", "", "", "", "", ""), *("2023", "", "", "", "", ""))
PARTS = ("Estimate", "StdErr", "NumSrc", "Rank", "Lower", "Upper")
WIDE = [
    ("Control of Corruption",),
    YEARS,
    ("Country/Territory", "Code", *PARTS, *PARTS),
    ("Albania", "ALB", -0.4078, 0.157, 9, 36.8, 30, 40, "#N/A", "#N/A", "#N/A", "#N/A", "#N/A", "#N/A"),
    ("Congo, Dem. Rep.", "ZAR", "#N/A", "#N/A", "#N/A", "#N/A", "#N/A", "#N/A", -1.5, "#N/A", "#N/A", 3, 1, 6),
]


@pytest.fixture
def read(names, figures):
    """Read a file as a release of the governance indicators."""
    last = read_edition(figures / "raw" / "wgi" / "2024.csv", figures)
    return lambda path, edition="2026": governance.read(
        Request(source="wgi", files=(path,), edition=edition, names=names, last=last)
    )


def check(draft):
    assert draft.edition == "2026"
    assert draft.header == ("iso3", "year", "CC.EST", "CC.STD.ERR", "CC.NO.SRC")
    assert draft.rows == (("ALB", "2022", "-0.4078", "0.157", "9"), ("COD", "2023", "-1.5", "", ""))
    assert draft.indicators["CC.EST"].label == "CC.EST as the last edition calls it"


def test_the_long_table_is_read_from_a_workbook_and_from_csv(read, publisher):
    check(read(publisher.book("wgi.xlsx", {"WGI": LONG})))
    check(read(publisher.table("wgi.csv", LONG)))


def test_a_sheet_for_each_dimension_is_read_and_other_sheets_are_not(read, publisher):
    sheets = {"Introduction": [("Notes",)], "ControlofCorruption": WIDE, "VoiceandAccountability": WIDE}
    check(read(publisher.book("wgi.xlsx", sheets)))


def test_the_banks_own_csv_is_read_too(read, publisher):
    rows = [("Country Code", "Year", "Series Code", "Value"), ("ALB", 2022, "CC.EST", -0.4078)]
    assert read(publisher.table("wgi.csv", rows)).rows == (("ALB", "2022", "-0.4078"),)


def test_the_release_is_asked_for(read, publisher):
    with pytest.raises(DataError, match="--edition"):
        read(publisher.table("wgi.csv", LONG), None)


def test_an_unknown_dimension_is_refused_with_its_row(read, publisher):
    with pytest.raises(DataError, match='row 2: indicator "xx" in "2022"'):
        read(publisher.table("wgi.csv", [HEADER, ("", "ALB", "Albania", 2022, "xx", 1, 1, 1, 1)]))


def test_an_unknown_code_is_refused_with_its_row(read, publisher):
    with pytest.raises(DataError, match='row 2: country code "ALX"'):
        read(publisher.table("wgi.csv", [HEADER, ("", "ALX", "Albania", 2022, "cc", 1, 1, 1, 1)]))


@pytest.mark.parametrize("twice", ["year", "indicator", "wbcode"])
def test_two_columns_that_could_be_meant_are_refused(read, publisher, twice):
    path = publisher.table("wgi.csv", [(*HEADER, twice), *((*row, row[1]) for row in LONG[1:])])
    with pytest.raises(DataError, match="row 1: a second column for the same"):
        read(path)


def test_a_row_that_is_cut_off_is_refused(read, publisher):
    with pytest.raises(DataError, match="The row is cut off"):
        read(publisher.table("wgi.csv", [*LONG[:-1], LONG[-1][:-1]]))
