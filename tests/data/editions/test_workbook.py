import zipfile

import openpyxl
import pytest

from corrtip.data.editions import workbook
from corrtip.data.editions.sheets import Formula
from corrtip.data.editions.workbook import read_workbook
from corrtip.errors import DataError


@pytest.fixture
def book(publisher):
    return publisher.book("a.xlsx", {"One": [["country", "score"], [], ["Nigeria", 25.5]], "Two": [["x"]]})


def changed(path, change):
    """Write the workbook's parts again, each as ``change`` returns it (None leaves it out)."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            if (new := change(name, data)) is not None:
                archive.writestr(name, new)
    return path


def added(path, name, data):
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return path


def test_sheets_are_read_as_text_with_the_rows_that_people_see(book):
    one, two = read_workbook(book)
    assert (one.name, two.name) == ("One", "Two")
    assert [(line.number, line.cells) for line in one.lines] == [(1, ("country", "score")), (3, ("Nigeria", "25.5"))]


@pytest.mark.parametrize(
    ("value", "text"),
    [(42.0, "42"), (0.1 + 0.2, "0.3"), (1e15, "1000000000000000"), (1e-7, "0.0000001"), (True, "TRUE")],
)
def test_numbers_are_those_that_a_workbook_shows(publisher, value, text):
    (sheet,) = read_workbook(publisher.book("a.xlsx", {"S": [[value]]}))
    assert next(iter(sheet.lines)).cells == (text,)


def test_a_formula_is_kept_as_text_and_never_evaluated(publisher):
    (sheet,) = read_workbook(publisher.book("a.xlsx", {"S": [["=1+1"]]}))
    (line,) = sheet.lines
    assert line.cells == ("=1+1",)
    assert isinstance(line.cells[0], Formula)


@pytest.mark.parametrize("target", ["file:///etc/passwd", "http://127.0.0.1/x"])
def test_an_external_entity_is_refused_before_it_is_read(book, target):
    kind = f'<!DOCTYPE x [<!ENTITY e SYSTEM "{target}">]>'.encode()
    changed(book, lambda name, data: data if name != "xl/workbook.xml" else kind + data)
    with pytest.raises(DataError, match=r"part xl/workbook.xml: an XML document type"):
        read_workbook(book)


def test_entities_that_multiply_are_refused_before_they_are_read(book):
    steps = "".join(f'<!ENTITY a{step} "{f"&a{step - 1};" * 10}">' for step in range(1, 10))
    kind = f'<!DOCTYPE x [<!ENTITY a0 "lol">{steps}]>'.encode("utf-16")
    added(book, "xl/extra.xml", kind + "<x>&a9;</x>".encode("utf-16")[2:])
    with pytest.raises(DataError, match="an XML document type"):
        read_workbook(book)


def test_a_bomb_is_refused_by_what_it_would_become(book):
    added(book, "xl/media/blank.bin", b"\0" * 20_000_000)
    with pytest.raises(DataError, match="at most 100 times"):
        read_workbook(book)


def test_a_bomb_of_many_parts_is_refused_by_their_sum(book, monkeypatch):
    monkeypatch.setattr(workbook, "MOST_UNZIPPED", 2_000_000)
    for number in range(3):
        added(book, f"xl/media/{number}.bin", b"\0" * 900_000)
    with pytest.raises(DataError, match="when unzipped"):
        read_workbook(book)


def test_a_bomb_that_lies_about_its_size_is_cut_where_it_said(book):
    # The sizes stand in the central directory at the archive's end; the last part's is made small.
    added(book, "xl/worksheets/extra.xml", b"<x>" + b" " * 5_000_000 + b"</x>")
    data = bytearray(book.read_bytes())
    place = data.rindex(b"PK\x01\x02") + 24
    data[place : place + 4] = (1_000).to_bytes(4, "little")
    book.write_bytes(data)
    with zipfile.ZipFile(book) as archive:
        assert archive.infolist()[-1].file_size == 1_000
    with pytest.raises(DataError):
        read_workbook(book)


@pytest.mark.parametrize("name", ["../evil.xml", "/etc/evil.xml", "xl\\..\\..\\evil.xml", "C:/evil.xml"])
def test_a_part_with_a_path_that_leaves_the_workbook_is_refused(book, name):
    with pytest.raises(DataError, match="a path that leaves the workbook"):
        read_workbook(added(book, name, b"<x/>"))


def test_a_part_that_stands_twice_is_refused(book):
    with pytest.warns(UserWarning, match="Duplicate name"):
        added(book, "xl/workbook.xml", b"<x/>")
    with pytest.raises(DataError, match="twice"):
        read_workbook(book)


def test_a_sheet_that_claims_to_be_huge_costs_nothing(book):
    claim = b'<dimension ref="A1:XFD1048576"/>'
    changed(book, lambda name, data: data.replace(b'<dimension ref="A1:B3" />', claim) if "sheet1" in name else data)
    with zipfile.ZipFile(book) as archive:
        assert claim in archive.read("xl/worksheets/sheet1.xml")
    lines = list(read_workbook(book)[0].lines)
    assert [len(line.cells) for line in lines] == [2, 2]


def test_a_cell_at_the_end_of_the_world_is_refused(publisher):
    path = publisher.folder / "a.xlsx"
    far = openpyxl.Workbook()
    far.active["XFD1"] = 1
    far.save(path)
    with pytest.raises(DataError, match="16,384 in this row"):
        read_workbook(path)


def test_too_many_cells_are_refused(book, monkeypatch):
    monkeypatch.setattr(workbook, "MOST_CELLS", 3)
    with pytest.raises(DataError, match='sheet "One", row 3'):
        read_workbook(book)


def test_too_large_a_file_is_refused_unopened(book, monkeypatch):
    monkeypatch.setattr(workbook, "MOST_BYTES", 100)
    with pytest.raises(DataError, match="1 to 100"):
        read_workbook(book)


@pytest.mark.parametrize("data", [b"PK\x03\x04 no archive", b"\xd0\xcf\x11\xe0 an old workbook", b"country,score\n"])
def test_what_is_no_workbook_is_refused(tmp_path, data):
    path = tmp_path / "a.xlsx"
    path.write_bytes(data)
    with pytest.raises(DataError, match="not a workbook"):
        read_workbook(path)


def test_a_workbook_without_its_parts_is_refused(book):
    changed(book, lambda name, data: None if name == "xl/workbook.xml" else data)
    with pytest.raises(DataError, match="not a workbook"):
        read_workbook(book)


def test_every_flipped_byte_ends_in_figures_or_in_an_error_of_ours(book):
    data = book.read_bytes()
    outcomes = set()
    # Every 13th byte, so that all kinds of structure are met and the test stays quick.
    for place in range(0, len(data), 13):
        damaged = bytearray(data)
        damaged[place] ^= 0xFF
        book.write_bytes(damaged)
        outcomes.add(outcome(book))
    assert outcomes == {"read", "refused"}


def outcome(book):
    """Return what became of a damaged workbook; any other error is not caught and fails the test."""
    try:
        sheets = read_workbook(book)
    except DataError:
        return "refused"
    cells = [cell for sheet in sheets for line in sheet.lines for cell in line.cells]
    return "read" if all(isinstance(cell, str) for cell in cells) else "not text"
