"""One verified way to read a raw file: whatever is wrong with it is refused, with the place and the remedy."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corrtip.data.source import Edition, RawFile, Source, find_editions, read_edition, read_raw
from corrtip.errors import DataError, DeclarationError

HEADER = ("iso3", "value")
GOOD = "iso3,value\nNGA,1.9\nBGD,1.7\n"
RESTORE = "`git checkout -- data/raw/cpi/2005.csv`"


def refusal(call, *arguments):
    with pytest.raises(DataError) as caught:
        call(*arguments)
    return caught.value


def test_a_sound_file_is_read_as_text_with_its_lines(folder):
    raw = read_raw(folder.edition("cpi/2005", 'iso3,value\nNGA,"a\nb"\nNAM,NA\n'), HEADER)
    assert raw.columns == {"iso3": ("NGA", "NAM"), "value": ("a\nb", "NA")}
    assert list(raw.lines) == [3, 4]
    assert raw.place(1) == "data/raw/cpi/2005.csv, row 4"


def test_a_changed_figure_is_refused(folder):
    path = folder.write("cpi/2005", GOOD)
    path.write_text(GOOD.replace("1.9", "9.1"), encoding="utf-8")
    error = refusal(read_raw, read_edition(path, folder.root), HEADER)
    assert error.where == "data/raw/cpi/2005.csv"
    assert error.seen.startswith("sha256 ")
    assert "as the sidecar says: figures were changed after they were transcribed" in error.expected
    assert RESTORE in error.mend


def test_an_empty_file_is_refused(folder):
    error = refusal(read_raw, folder.edition("cpi/2005", ""), HEADER)
    assert (error.where, error.seen, error.expected) == ("data/raw/cpi/2005.csv", "the file is empty", "iso3,value")
    assert RESTORE in error.mend


def test_a_file_without_figures_is_refused(folder):
    error = refusal(read_raw, folder.edition("cpi/2005", "iso3,value\n"), HEADER)
    assert (error.seen, error.expected) == ("no row after the header", "at least one figure")
    assert RESTORE in error.mend


@pytest.mark.parametrize(
    ("cut", "row", "seen", "expected"),
    [
        ("iso3,value\nNGA,1.9\nBGD,1", 3, "the file ends within a line", "a line feed at the end of the last row"),
        ("iso3,value\nNGA,1.9\nBGD", 3, "1 fields", "2 (iso3, value)"),
        ('iso3,value\nNGA,1.9\nBGD,"1.', 3, "unexpected end of data", "rows of a CSV file"),
    ],
)
def test_a_truncated_file_is_refused(folder, cut, row, seen, expected):
    error = refusal(read_raw, folder.edition("cpi/2005", cut), HEADER)
    assert error.where == f"data/raw/cpi/2005.csv, row {row}"
    assert (error.seen, error.expected) == (seen, expected)
    assert RESTORE in error.mend


def test_a_row_with_a_stray_comma_is_refused(folder):
    error = refusal(read_raw, folder.edition("cpi/2005", "iso3,value\nNGA,1,9\n"), HEADER)
    assert (error.where, error.seen) == ("data/raw/cpi/2005.csv, row 2", "3 fields")
    assert "stray comma" in error.mend


def test_another_encoding_is_refused(folder):
    error = refusal(read_raw, folder.edition("cpi/2005", "iso3,value\nNGA,1.9\nCôte,2\n".encode("latin-1")), HEADER)
    assert (error.where, error.seen) == ("data/raw/cpi/2005.csv, row 3", "byte 0xf4 is not UTF-8")
    assert error.expected == "text in UTF-8"
    assert "Save the file as UTF-8" in error.mend


@pytest.mark.parametrize("header", ["\ufeffiso3,value", "value,iso3", "iso3;value", "iso3,value,note"])
def test_another_header_is_refused(folder, header):
    error = refusal(read_raw, folder.edition("cpi/2005", f"{header}\nNGA,1.9\n"), HEADER)
    assert error.where == "data/raw/cpi/2005.csv, row 1"
    assert error.seen == f"header {header!r}"
    assert error.expected == "'iso3,value'"


def test_line_ends_of_another_system_are_refused(folder):
    error = refusal(read_raw, folder.edition("cpi/2005", "iso3,value\nNGA,1.9\r\n"), HEADER)
    assert (error.where, error.seen) == ("data/raw/cpi/2005.csv, row 2", "a carriage return")


def test_a_field_beyond_all_measure_is_refused(folder):
    error = refusal(read_raw, folder.edition("cpi/2005", f"iso3,value\nNGA,{'9' * 200_000}\n"), HEADER)
    assert error.where == "data/raw/cpi/2005.csv, row 2"
    assert "field larger than field limit" in error.seen


def test_a_file_without_sidecar_is_refused(folder):
    path = folder.write("cpi/2005", GOOD)
    path.with_suffix(".toml").unlink()
    error = refusal(find_editions, {"cpi"}, folder.root)
    assert (error.where, error.seen) == ("data/raw/cpi/2005.csv", "it has no sidecar")
    assert error.expected.startswith("data/raw/cpi/2005.toml")
    assert "transcribe" in error.mend


def test_a_sidecar_without_file_is_refused(folder):
    folder.write("cpi/2005", GOOD).unlink()
    error = refusal(find_editions, {"cpi"}, folder.root)
    assert (error.where, error.seen) == ("data/raw/cpi/2005.csv", "the file does not exist")
    assert error.expected == "it beside data/raw/cpi/2005.toml"
    assert "remove both" in error.mend


def test_a_sidecar_of_another_edition_is_refused(folder):
    folder.write("cpi/2005", GOOD, edition="2004")
    error = refusal(find_editions, {"cpi"}, folder.root)
    assert (error.where, error.seen) == ("data/raw/cpi/2005.toml", 'edition "2004"')


def test_a_sidecar_with_a_misspelt_key_is_refused(folder):
    folder.write("cpi/2005", GOOD, publischer="x")
    with pytest.raises(DeclarationError, match='unknown key "publischer"'):
        find_editions({"cpi"}, folder.root)


def test_a_folder_without_reader_is_refused(folder):
    folder.write("cpl/2005", GOOD)
    error = refusal(find_editions, {"cpi", "tip"}, folder.root)
    assert (error.where, error.seen) == ("data/raw/cpl", '"cpl" has no reader')
    assert error.expected == "one of cpi, tip"


@pytest.mark.parametrize("stray", ["raw/notes.txt", "raw/cpi/2005.csv.bak"])
def test_a_stray_file_is_refused(folder, stray):
    folder.write("cpi/2005", GOOD)
    (folder.root / stray).write_text("x", encoding="utf-8")
    assert f"data/{stray}" in refusal(find_editions, {"cpi"}, folder.root).where


def test_a_folder_without_figures_is_refused(tmp_path):
    assert refusal(find_editions, {"cpi"}, tmp_path).where == "data/raw"


def test_editions_come_sorted_and_hidden_files_do_not_count(folder):
    for edition in ("tip/2005", "cpi/2006", "cpi/2005"):
        folder.write(edition, GOOD)
    (folder.raw / ".DS_Store").write_text("", encoding="utf-8")
    (folder.raw / "cpi" / ".2005.csv.tmp").write_text("", encoding="utf-8")
    assert [edition.id for edition in find_editions({"cpi", "tip"}, folder.root)] == [
        "cpi/2005",
        "cpi/2006",
        "tip/2005",
    ]


def test_an_edition_that_is_no_year_is_refused_where_a_year_is_needed(folder):
    with pytest.raises(DataError, match=r'edition "2005b"\. Expected a year'):
        _ = folder.edition("cpi/2005b", GOOD).year


def raw_of(*cells, column="value"):
    source = Source(
        **{
            field.name: ""
            for field in dataclasses.fields(Source)
            if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        }
    )
    edition = Edition(id="cpi/2005", path=None, where="data/raw/cpi/2005.csv", source=source)
    return RawFile(edition=edition, columns={column: cells}, lines=np.arange(2, len(cells) + 2))


def test_numbers_are_read_to_the_last_digit_and_an_empty_cell_is_no_number():
    numbers = raw_of("5.24", "", "0", "-0.5", "1321851888").numbers("value")
    assert np.array_equal(numbers, [5.24, np.nan, 0.0, -0.5, 1321851888.0], equal_nan=True)


NOT_NUMBERS = [
    "1,9",
    "N/A",
    "NA",
    " 1.9",
    "1.9 ",
    "1e3",
    "+1",
    ".5",
    "5.",
    "01",
    "1_000",
    "nan",
    "inf",
    "\u0661",
    "1\n2",
    "9" * 400,
    "--1",
]


@pytest.mark.parametrize("cell", NOT_NUMBERS)
def test_what_is_no_plain_decimal_number_is_refused(cell):
    error = refusal(raw_of("1.7", cell, "").numbers, "value")
    assert error.where == "data/raw/cpi/2005.csv, row 3"
    assert error.seen == f'value "{cell}"'
    assert error.expected == "a plain decimal number such as 5.24, or nothing"
    assert "decimal point" in error.mend


@given(st.lists(st.decimals(-(10**12), 10**12, places=4).map(str) | st.just("")))
def test_every_plain_decimal_is_read_as_python_reads_it(cells):
    expected = [float(cell) if cell else np.nan for cell in cells]
    assert np.array_equal(raw_of(*cells).numbers("value"), expected, equal_nan=True)


@given(st.lists(st.text(max_size=6), min_size=1))
def test_any_text_is_read_as_a_number_or_refused(cells):
    try:
        numbers = raw_of(*cells).numbers("value")
    except DataError:
        return
    assert [np.isnan(number) for number in numbers] == [cell == "" for cell in cells]


def test_years_have_four_digits():
    assert list(raw_of("1995", "2025").years("value")) == [1995, 2025]
    assert list(raw_of("1995", "").years("value", empty=2005)) == [1995, 2005]
    for cell in ("95", "2004.0", "", "20055", "1066"):
        assert refusal(raw_of("1995", cell).years, "value").where == "data/raw/cpi/2005.csv, row 3"
