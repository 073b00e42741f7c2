import hashlib
import tomllib
from datetime import UTC, date, datetime

import pytest

from corrtip.data.editions import download
from corrtip.data.editions.add import find_originals, prepare_edition
from corrtip.data.editions.download import check_address, fetch, series_address
from corrtip.errors import DataError

TABLE = b"country,tier\nNigeria,2\n"


@pytest.fixture
def folder(tmp_path):
    """Return an empty folder for downloads."""
    made = tmp_path / "downloads"
    made.mkdir()
    return made


def refused(address, folder, **options):
    """Return the message of a refusal that left nothing behind."""
    with pytest.raises(DataError) as caught:
        fetch(address, folder, **options)
    assert not list(folder.iterdir())
    return str(caught.value)


def test_a_file_comes_with_address_day_and_hash(site, folder):
    today = datetime.now(UTC).date()
    done = fetch(site.give("/files/tiers%202026.csv?x=1", TABLE), folder)
    assert done.path == folder / "tiers 2026.csv"
    assert done.path.read_bytes() == TABLE
    assert (done.bytes, done.sha256) == (len(TABLE), hashlib.sha256(TABLE).hexdigest())
    record = tomllib.loads((folder / "tiers 2026.csv.fetched.toml").read_text())
    day = date.fromisoformat(record.pop("fetched"))
    assert 0 <= (day - today).days <= 1  # midnight may have passed
    assert record == {"name": "tiers 2026.csv", "sha256": done.sha256, "address": done.address}
    (original,) = find_originals([done.path])
    assert original.address == done.address


def test_a_download_that_is_added_tells_its_origin_in_the_sidecar(site, folder, figures, publisher):
    book = publisher.cpi(publisher.cpi_rows())
    done = fetch(site.give("/CPI2026.xlsx", book.read_bytes()), folder)
    prepare_edition([done.path], "cpi", root=figures).write()
    sidecar = tomllib.loads((figures / "raw" / "cpi" / "2026.toml").read_text())
    assert sidecar["original"][0]["address"] == done.address
    assert sidecar["original"][0]["sha256"] == done.sha256


def test_redirects_are_followed_as_long_as_they_are_of_https(site, folder):
    site.give("/real.csv", TABLE)
    first = site.give("/tiers.csv", b"", 302, location="/moved.csv")
    site.give("/moved.csv", b"", 301, location=f"{site.address}/real.csv")
    assert fetch(first, folder).path.read_bytes() == TABLE
    assert site.asked == ["/tiers.csv", "/moved.csv", "/real.csv"]


@pytest.mark.parametrize(
    "target",
    ["http://127.0.0.1/tiers.csv", "file:///etc/passwd", "ftp://127.0.0.1/x.csv", "https://u:p@127.0.0.1/x.csv"],
)
def test_a_redirect_to_anything_else_is_refused(site, folder, target):
    said = refused(site.give("/tiers.csv", b"", 302, location=target), folder)
    assert "https" in said or "password" in said
    assert site.asked == ["/tiers.csv"]


def test_a_circle_of_redirects_ends(site, folder):
    said = refused(site.give("/tiers.csv", b"", 302, location="/tiers.csv"), folder)
    assert "more than 5 redirects" in said


@pytest.mark.parametrize(
    "address",
    [
        "http://example.org/a.csv",
        "file:///a.csv",
        "ftp://example.org/a.csv",
        "a.csv",
        "https:///a.csv",
        "https://[x/a.csv",
    ],
)
def test_an_address_of_another_kind_is_refused_before_anything_is_asked(folder, address):
    assert "https" in refused(address, folder)


def test_a_password_in_an_address_is_neither_used_nor_repeated():
    with pytest.raises(DataError) as caught:
        check_address("https://me:secret@example.org/a.csv")
    assert "secret" not in str(caught.value)


def test_a_stranger_s_certificate_is_refused(site, folder, monkeypatch):
    address = site.give("/tiers.csv", TABLE)
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    assert "CERTIFICATE_VERIFY_FAILED" in refused(address, folder)
    assert not site.asked


def test_too_large_a_file_is_refused_by_what_the_server_says(site, folder, monkeypatch):
    monkeypatch.setattr(download, "MOST_BYTES", 10)
    assert "at most 10" in refused(site.give("/tiers.csv", TABLE), folder)


def test_too_large_a_file_is_cut_where_the_server_says_nothing(site, folder, monkeypatch):
    monkeypatch.setattr(download, "MOST_BYTES", 10)
    address = site.give("/tiers.csv", TABLE)
    status, headers, data = site.answers["/tiers.csv"]
    site.answers["/tiers.csv"] = (
        status,
        {name: value for name, value in headers.items() if name != "content-length"},
        data,
    )
    assert "more than 10 bytes" in refused(address, folder)


def test_too_slow_a_file_is_given_up(site, folder, monkeypatch):
    monkeypatch.setattr(download, "MOST_SECONDS", -1)
    assert "not there after" in refused(site.give("/tiers.csv", TABLE), folder)


def test_half_a_file_is_refused(site, folder):
    assert "bytes" in refused(site.give("/tiers.csv", TABLE, content_length="1000"), folder)


def test_a_file_that_moved_is_told(site, folder):
    said = refused(f"{site.address}/tiers.csv", folder)
    assert "404" in said
    assert "may have moved" in said


@pytest.mark.parametrize("path", ["/", "/tiers.html", "/tiers.zip", "/..%2Ftiers.csv", "/.csv"])
def test_what_has_no_name_of_a_table_is_refused_before_it_is_asked_for(site, folder, path):
    assert "expected a .csv, .json or .xlsx" in refused(site.give(path, TABLE), folder).lower()
    assert not site.asked


def test_a_known_hash_must_be_met(site, folder):
    address = site.give("/tiers.csv", TABLE)
    assert "hash" in refused(address, folder, sha256="0" * 64)
    assert fetch(address, folder, sha256=hashlib.sha256(TABLE).hexdigest().upper()).bytes == len(TABLE)


def test_no_file_is_overwritten(site, folder):
    address = site.give("/tiers.csv", TABLE)
    (folder / "tiers.csv").write_text("mine")
    with pytest.raises(DataError, match="is there"):
        fetch(address, folder)
    assert (folder / "tiers.csv").read_text() == "mine"


@pytest.mark.parametrize("code", ["", "../x", "SP.POP.TOTL?x=1", "sp.pop"])
def test_what_is_no_code_makes_no_address(code):
    with pytest.raises(DataError, match="--series"):
        series_address(code)
