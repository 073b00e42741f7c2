import io

import pytest

from corrtip.data.editions.workbook import read_workbook
from corrtip.data.editions.worksheet import check_worksheet
from corrtip.errors import DataError

NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def check(rows, root="worksheet"):
    check_worksheet(
        "a.xlsx, part s", io.BytesIO(f'<{root} xmlns="{NAMESPACE}"><sheetData>{rows}</sheetData></{root}>'.encode())
    )


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1"><c r="A1"><v>5.24</v></c><c r="C1" t="s"><v> 12 </v></c></row><row r="3"><c r="AA3"/></row>',
        '<row><c><v>-1.5E-3</v></c><c t="b"><v>1</v></c><c t="str"><v>1_0</v></c></row><row><c/></row>',
        '<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>1_0</t></is></c></row>',
        "",
    ],
)
def test_a_sheet_as_programs_write_it_passes(rows):
    check(rows)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ('<row r="3"/><row r="2"/>', "row 3: then row '2'"),
        ('<row r="2"/><row r="2"/>', "row 2: then row '2'"),
        ('<row r="0"/>', "then row '0'"),
        ('<row r="1048577"/>', "then row '1048577'"),
        ('<row r="٣"/>', "then row"),
        ('<row r="1"><c r="B1"/><c r="A1"/></row>', "row 1: then cell 'A1'"),
        ('<row r="1"><c r="B1"/><c r="B1"/></row>', "then cell 'B1'"),
        ('<row r="1"><c r="B2"/></row>', "then cell 'B2'"),
        ('<row r="1"><c r="XFE1"/></row>', "then cell 'XFE1'"),
        ('<row r="1"><c><v>1_000</v></c></row>', "row 1: column 1 holds '1_000'"),
        ('<row r="1"><c/><c><v>٣</v></c></row>', "column 2 holds"),
        ("<row><c><v>inf</v></c></row>", "column 1 holds 'inf'"),
        ('<row><c t="s"><v>-1</v></c></row>', "column 1 holds '-1'"),
        ('<row><c t="b"><v>2</v></c></row>', "column 1 holds '2'"),
        ('<row><c t="inlineStr"><v>5.2</v></c></row>', "column 1 holds '5.2'"),
        ('<row><c t="x"><v>5.2</v></c></row>', "column 1 is of type 'x'"),
        ("<row><c><v>1<x/>2</v></c></row>", "an element x within a figure"),
        ('<row><c t="inlineStr"><is><t>A</t><t>B</t></is></c></row>', "row 1: two texts in one"),
        ('<row><c t="inlineStr"><is><r><t>A</t><t>B</t></r></is></c></row>', "row 1: two texts in one"),
    ],
)
def test_what_would_be_read_otherwise_than_it_stands_is_refused(rows, said):
    with pytest.raises(DataError, match=said) as caught:
        check(rows)
    assert caught.value.where.startswith("a.xlsx, part s, row ")


def test_a_shared_text_is_one_text_which_may_have_runs():
    check("<si><t>A</t></si><si><r><t>B</t></r><r><t>C</t></r><rPh><t>D</t></rPh></si>", root="sst")
    with pytest.raises(DataError, match="two texts in one") as caught:
        check("<si><t>A</t></si><si><t>A note</t>i><t>Niger</t></si>", root="sst")
    assert caught.value.where == "a.xlsx, part s"


def test_a_part_that_is_no_worksheet_is_left_alone():
    check('<row r="3"/><row r="2"/>', root="styleSheet")


def test_a_workbook_is_held_to_it(publisher, monkeypatch):
    path = publisher.book("a.xlsx", {"S": [[1]]})
    monkeypatch.setattr("corrtip.data.editions.worksheet.LAST_ROW", 0)
    with pytest.raises(DataError, match=r"a.xlsx, part xl/worksheets/sheet1.xml, row 0: then row '1'"):
        read_workbook(path)
