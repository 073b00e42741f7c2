import hashlib
import tomllib
from pathlib import Path

import pytest

from corrtip.data.editions.draft import Draft, Request, read_rows, read_sheets
from corrtip.data.source import Implausible, Indicator, Original, read_edition
from corrtip.errors import DataError

LAST = "iso3,year,DEATHS,BIRTHS\nALB,2024,19,20\nALB,2025,18,21\nNGA,2025,70,\n"
FLAGS = (("ALB", 2024, "DEATHS"), ("ALB", 2025, "DEATHS"), ("NGA", 2025, "BIRTHS"))


@pytest.fixture
def request_of(names):
    """Return a request that may name an edition."""
    return lambda edition: Request(source="cpi", files=(Path("a.csv"),), edition=edition, names=names, last=None)


@pytest.fixture
def last(folder):
    """Return the latest edition of series, which distrusts some of its figures."""
    flags = (
        f'[[implausible]]\niso3 = "{iso3}"\nyear = {year}\nindicator = "{of}"\nwhy = "{of}?"'
        for iso3, year, of in FLAGS
    )
    sidecar = {"title": "Series 2026-07", "redistribute": False, "licence_url": "https://example.org/terms"}
    return folder.edition("wdi/2026-07", LAST, "\n".join(flags), **sidecar)


def draft(*rows, header=("iso3", "year", "DEATHS", "BIRTHS"), **options):
    places = tuple(f"a.csv, row {number}" for number, _ in enumerate(rows, start=2))
    return Draft(source="wdi", edition="2026-12", header=header, rows=rows, places=places, **options)


def sidecar_of(made, last, *originals, complete=False):
    return tomllib.loads(made.sidecar_bytes(last, originals, complete=complete).decode())


@pytest.mark.parametrize(
    ("asked", "found"), [("2026-07", None), (None, "2026-07"), ("2026-07", "-".join(["2026", "07"]))]
)
def test_the_edition_is_what_the_user_or_the_file_says(request_of, asked, found):
    assert request_of(asked).choose_edition(found, "a.csv") == "2026-07"


@pytest.mark.parametrize(("asked", "found"), [("2026", "2025"), ("2025", "2026")])
def test_an_edition_that_the_file_contradicts_is_refused(request_of, asked, found):
    with pytest.raises(DataError, match=rf"a\.csv: is the edition {found}\. Expected {asked}, as --edition says"):
        request_of(asked).choose_edition(found, "a.csv")


@pytest.mark.parametrize("found", [None, ""])
def test_an_edition_that_nobody_names_is_refused(request_of, found):
    with pytest.raises(DataError, match=r"a\.csv: does not say of which edition it is\. Name it with --edition"):
        request_of(None).choose_edition(found, "a.csv")


@pytest.mark.parametrize(("asked", "found", "year"), [("1995", None, 1995), ("2100", 2100, 2100), (None, 2026, 2026)])
def test_the_year_of_an_edition_is_what_the_user_or_the_file_says(request_of, asked, found, year):
    assert request_of(asked).choose_year(found, "a.csv") == year


@pytest.mark.parametrize("asked", ["1994", "2101", "202", "2026-07", "\u0662\u0660\u0662\u0666", "-2026", "2026 "])
def test_an_edition_that_is_no_year_is_refused(request_of, asked):
    with pytest.raises(DataError, match=rf'^--edition: "{asked}"\. Expected a year such as 2026'):
        request_of(asked).choose_year(None, "a.csv")


def test_a_year_that_the_file_contradicts_or_nobody_names_is_refused(request_of):
    with pytest.raises(DataError, match=r"is the edition 2025\. Expected 2026"):
        request_of("2026").choose_year(2025, "a.csv")
    with pytest.raises(DataError, match="does not say of which edition"):
        request_of(None).choose_year(None, "a.csv")


def test_what_is_written_opens_as_an_edition(folder, last):
    digests = [hashlib.sha256(name.encode()).hexdigest() for name in "ab"]
    fetched = Original(name="a.csv", sha256=digests[0], address="https://example.org/a.csv", fetched="2026-12-01")
    given = Original(name="b.csv", sha256=digests[1])
    indicators = {"DEATHS": Indicator(label="Deaths", as_of="2026-12-01"), "BIRTHS": Indicator(label="B", as_of="2026")}
    made = draft(("ALB", "2026", "7", "22"), remarks=("Groups were left out.",), indicators=indicators)
    path = folder.raw / "wdi" / "2026-12.csv"
    path.write_bytes(made.csv_bytes())
    path.with_suffix(".toml").write_bytes(made.sidecar_bytes(last, (fetched, given), complete=True))
    source = read_edition(path, folder.root).source
    assert path.read_text() == "iso3,year,DEATHS,BIRTHS\nALB,2026,7,22\n"
    assert source.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    kept = ("publisher", "landing_page", "licence", "licence_url", "redistribute")
    assert [getattr(source, name) for name in kept] == [getattr(last.source, name) for name in kept]
    assert (source.title, source.edition, source.complete) == ("Series 2026-12", "2026-12", True)
    assert source.transcription.endswith("named under original. Groups were left out.")
    assert source.original == (fetched, given)
    assert (dict(source.indicators), source.implausible) == (indicators, ())


def test_a_sidecar_says_nothing_of_what_there_is_not(folder):
    last = folder.edition("tip/2025", "country,tier\n")
    original = Original(name="b.csv", sha256="0" * 64)
    table = sidecar_of(draft(), last, original)
    assert table["complete"] is False
    assert not {"licence_url", "indicators", "implausible"} & set(table)
    assert table["original"] == [{"name": "b.csv", "sha256": "0" * 64}]


@pytest.mark.parametrize("header", [("country", "n_independent"), ("iso3", "year")])
def test_the_count_of_sources_is_explained_where_the_file_has_one(last, header):
    said = sidecar_of(draft(header=header), last)["confirmation"]
    assert said.startswith("One source, the publisher's own file: no second publication was compared")
    assert said.endswith(" (n_independent is 1)." if "n_independent" in header else "compared.")


@pytest.mark.parametrize(
    ("rows", "kept"),
    [
        ([("ALB", "2024", "19", "20"), ("ALB", "2025", "18", "21"), ("NGA", "2025", "70", "")], [0, 1, 2]),
        ([("ALB", "2024", "19", "0"), ("ALB", "2025", "17", "21")], [0]),
        ([("ALB", "2025", "19", "21"), ("NGA", "2025", "0", "35")], []),
        ([("ALB", "2023", "19", "20"), ("NGA", "2024", "70", "")], []),
    ],
)
def test_distrust_stays_with_a_figure_that_did_not_change(last, rows, kept):
    # Equal texts from two files are two texts.
    apart = [tuple("".join(list(cell)) for cell in row) for row in rows]
    told = [Implausible(**flag) for flag in sidecar_of(draft(*apart), last).get("implausible", [])]
    assert told == [last.source.implausible[place] for place in kept]


def test_a_series_that_was_left_out_is_a_figure_that_is_missing(last):
    rows = [("ALB", "2024", "20"), ("NGA", "2025", "")]
    told = sidecar_of(draft(*rows, header=("iso3", "year", "BIRTHS")), last)["implausible"]
    assert [(flag["iso3"], flag["indicator"]) for flag in told] == [("NGA", "BIRTHS")]


def test_rows_are_read_by_column(last):
    assert list(read_rows(last))[::2] == [
        {"iso3": "ALB", "year": "2024", "DEATHS": "19", "BIRTHS": "20"},
        {"iso3": "NGA", "year": "2025", "DEATHS": "70", "BIRTHS": ""},
    ]


def test_a_file_is_read_by_its_suffix_however_it_is_written(publisher):
    (table,) = read_sheets(publisher.table("a.CSV", [["Nigeria", 26]]))
    assert [line.cells for line in table.lines] == [("Nigeria", "26")]
    sheets = read_sheets(publisher.book("a.XLSX", {"One": [["Nigeria", 26]], "Two": [["Ghana", 43]]}))
    assert [sheet.name for sheet in sheets] == ["One", "Two"]


@pytest.mark.parametrize("name", ["a.xls", "a.ods", "csv"])
def test_a_file_of_another_kind_is_refused_by_its_name(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"Nigeria,26\n")
    with pytest.raises(DataError, match=rf'^{name}: suffix "{path.suffix}"\. Expected \.csv or \.xlsx'):
        read_sheets(path)
