import pytest
from hypothesis import given
from hypothesis import strategies as st

from corrtip.data.editions.sheets import MOST_FAULTS, MOST_SHOWN, Faults, Formula, Line, Sheet, plain_number, read_csv
from corrtip.errors import DataError


@given(st.decimals(min_value=-(10**14), max_value=10**14, places=6, allow_nan=False))
def test_a_plain_number_stays_what_it_is(number):
    assert float(plain_number(f"{number:f}", "row 2", "score")) == float(number)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("5.24", "5.24"),
        ("05.0", "5.0"),
        ("+3", "3"),
        ("7.", "7"),
        ("1E+3", "1000"),
        ("2.5e-2", "0.025"),
        ("0.12345678901234567", "0.12345678901234567"),
        ("1.23456789012345678e-20", "0.00000000000000000001234567890123457"),  # never rounded to nothing
        ("123456789012345.12345678901234567890123456789012345678901234567890", "123456789012345.123456789012346"),
        ("", ""),
    ],
)
def test_a_number_is_written_as_our_files_hold_it(text, read):
    assert plain_number(text, "row 2", "score") == read


@pytest.mark.parametrize(
    "text", ["1,234", "5,24", "1 234", "n/a", "٣", "--1", "1e400", "1e-41", "nan", "1234567890123456", "=1+1"]
)
def test_what_is_no_plain_number_is_refused_with_its_place(text):
    with pytest.raises(DataError, match=r"a\.csv, row 2: score"):
        plain_number(text, "a.csv, row 2", "score")


def test_a_formula_is_refused_where_it_is_read_and_only_there():
    sheet = Sheet(where="a.xlsx", name="", lines=())
    line = Line(7, ("Nigeria", Formula("=1+1")))
    assert sheet.cell(line, 0) == "Nigeria"
    with pytest.raises(DataError, match=r"a.xlsx, row 7: a formula in column 2: =1\+1"):
        sheet.cell(line, 1)


def test_a_row_of_another_width_than_the_header_is_refused(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"country,score,rank,\nNigeria,25\nNigeria,,25,9\n,,\nNigeria,25,\n")
    sheet = read_csv(path)
    header, cut, shifted, *whole = sheet.lines
    for line in (cut, shifted):
        with pytest.raises(DataError, match=r"a.csv, row [23]: [24] cells. Expected 3, as the header in row 1 has"):
            sheet.check_width(line, header)
    for line in whole:
        sheet.check_width(line, header)
    Sheet(where="a.xlsx", name="", lines=()).check_width(cut, header)


def test_a_row_that_ends_early_has_empty_cells():
    sheet = Sheet(where="a.xlsx", name="", lines=())
    assert sheet.cell(Line(7, ("Nigeria",)), 3) == ""
    assert sheet.cell(Line(7, ("Nigeria",)), None) == ""


def test_one_fault_is_told_as_it_is():
    with pytest.raises(DataError) as caught, Faults() as faults:
        faults.add(DataError("row 1", "one", mend="Mend it"))
    assert str(caught.value) == "row 1: one. Mend it."


def test_many_faults_are_told_in_one_message_that_ends():
    faults = Faults()
    for number in range(MOST_SHOWN + 5):
        faults.add(DataError(f"row {number}", "wrong"))
    with pytest.raises(DataError) as caught:
        faults.__exit__(None, None, None)
    lines = str(caught.value).splitlines()
    assert len(lines) == MOST_SHOWN + 1
    assert lines[0].startswith("row 0: wrong")
    assert lines[-1] == "and 5 more faults."


def test_so_many_faults_end_the_reading():
    faults = Faults()
    for number in range(1, MOST_FAULTS):
        faults.add(DataError(f"row {number}", "wrong"))
    with pytest.raises(DataError, match="180 more faults, at which the reading stopped"):
        faults.add(DataError(f"row {MOST_FAULTS}", "wrong"))


def test_another_error_is_not_hidden_by_faults():
    faults = Faults()
    faults.add(DataError("row 1", "one"))
    with pytest.raises(ZeroDivisionError), faults:
        raise ZeroDivisionError


def test_a_byte_order_mark_and_carriage_returns_are_no_text(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"\xef\xbb\xbfcountry,tier\r\nNigeria , 2\r\n")
    assert [line.cells for line in read_csv(path).lines] == [("country", "tier"), ("Nigeria", "2")]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"country\nC\xf4te d'Ivoire\n", "is not UTF-8"),
        (b'country\n"Nigeria\n', "row"),
        (b"country\nNigeria", "the file ends within a line"),
        (b"", "0 bytes"),
        (None, "does not exist"),
    ],
)
def test_a_damaged_file_is_refused(tmp_path, data, said):
    path = tmp_path / "a.csv"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(DataError, match=said):
        list(read_csv(path).lines)
