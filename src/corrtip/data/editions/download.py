"""Fetches publishers' files: over https only, redirects too, within limits, with the hash of what came written down."""

from __future__ import annotations

import hashlib
import logging
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote, unquote, urljoin, urlsplit

from corrtip.data.editions.add import RECORD
from corrtip.data.editions.sidecar import to_toml
from corrtip.errors import DataError
from corrtip.project import write_files

MOST_BYTES = 400_000_000
MOST_SECONDS = 1_800
MOST_REDIRECTS = 5

SERIES_ADDRESS = "https://api.worldbank.org/v2/country/all/indicator/{code}?format=json&per_page=32000"
"""The World Bank's API: all countries and years of one series in one page. It may move, as any address."""

_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _.()-]*\.(?:csv|json|xlsx)")
_CODE = re.compile(r"[A-Z0-9_]+(?:\.[A-Z0-9_]+)*")
_TIMEOUTS = (10, 60)  # seconds to connect, and between two pieces
_PIECE = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """What came.

    Parameters
    ----------
    path : Path
        The file.
    address : str
        What was asked for.
    bytes : int
        Its size.
    sha256 : str
        Its hash, also in the record beside it, which `corrtip data add` takes into the sidecar.
    """

    path: Path
    address: str
    bytes: int
    sha256: str


def series_address(code: str) -> str:
    """Return where the World Bank's API gives a series.

    Raises
    ------
    DataError
        If it is no code of a series.

    Examples
    --------
    >>> series_address("SP.DYN.IMRT.IN")
    'https://api.worldbank.org/v2/country/all/indicator/SP.DYN.IMRT.IN?format=json&per_page=32000'
    """
    if not _CODE.fullmatch(code):
        raise DataError("--series", f'"{code}"', expected="a code such as SP.DYN.IMRT.IN")
    return SERIES_ADDRESS.format(code=quote(code))


def fetch(address: str, folder: Path, *, name: str | None = None, sha256: str | None = None) -> Download:
    """Download a publisher's file into a folder, with a record of address, day and hash beside it.

    Parameters
    ----------
    address : str
        With https.
    folder : Path
        Where the file goes; none of its name may be there.
    name : str, optional
        Name of the file; by default the address's last part.
    sha256 : str, optional
        The hash that it must have, where it is known.

    Returns
    -------
    Download
        The file and its hash.

    Raises
    ------
    DataError
        If the address or a redirect is not of https, the file is too large, too slow, not there, not the one that
        was expected, or has no name of a table.

    Notes
    -----
    The download goes to a temporary folder first: what fails leaves nothing. Certificates are checked against those
    that requests knows, or those that the environment variable REQUESTS_CA_BUNDLE names.
    """
    check_address(address)
    name = name or unquote(PurePosixPath(urlsplit(address).path).name)
    if not _FILE.fullmatch(name):
        raise DataError(address, f'the file "{name}"', expected="a .csv, .json or .xlsx file", mend="Is it the table?")
    path, record = folder / name, folder / (name + RECORD)
    for there in (path, record):
        if there.exists():
            raise DataError(there.as_posix(), "is there", expected="no file of this name", mend="Move it away first")
    try:
        import pooch
    except ImportError as error:
        raise DataError(
            "data fetch", "downloads need pooch", mend='Run pip install "corrtip[editions]", or use your browser'
        ) from error
    with tempfile.TemporaryDirectory() as scratch, _quiet(pooch.get_logger()):
        known = None if sha256 is None else f"sha256:{sha256.lower()}"
        try:
            made = pooch.retrieve(address, known_hash=known, fname=name, path=scratch, downloader=download)
        except ValueError as error:
            raise DataError(address, str(error), mend="Is the hash that of this edition?") from error
        data = Path(made).read_bytes()
    found = hashlib.sha256(data).hexdigest()
    about = {"name": name, "sha256": found, "address": address, "fetched": datetime.now(UTC).date().isoformat()}
    write_files({record: to_toml(about), path: data})
    return Download(path=path, address=address, bytes=len(data), sha256=found)


def check_address(address: str) -> None:
    """Refuse an address that is not of https, or that holds a password.

    Raises
    ------
    DataError
        With the address, its password left out.
    """
    try:
        parts = urlsplit(address)
        scheme, host, user = parts.scheme.lower(), parts.hostname, parts.username or parts.password
    except ValueError as error:
        raise DataError("address", str(error), expected="https://...") from error
    if scheme != "https" or not host:
        raise DataError(
            address, f'an address of "{scheme}"', expected="https, for the way there and every redirect", mend="Use it"
        )
    if user is not None:
        raise DataError(host, "an address with a name or password in it", expected="none: it would be written down")


def download(url: str, output_file: Any, pooch: object) -> None:
    """Download ``url`` to ``output_file``, as pooch asks of a downloader.

    Raises
    ------
    DataError
        As `fetch` says.
    """
    import requests

    began = time.monotonic()
    address = url
    try:
        with requests.Session() as session:
            for _ in range(MOST_REDIRECTS + 1):
                check_address(address)
                with session.get(
                    address,
                    stream=True,
                    allow_redirects=False,  # each is looked at first
                    timeout=_TIMEOUTS,
                    headers={"Accept-Encoding": "identity"},  # the size that is counted is that of the file
                ) as response:
                    if response.is_redirect:
                        address = urljoin(address, response.headers["location"])
                        continue
                    _check_answer(address, response)
                    _copy(address, response, Path(output_file), began)
                    return
    except requests.RequestException as error:
        raise DataError(address, f"{type(error).__name__}: {error}", mend="Is the network there?") from error
    raise DataError(url, f"more than {MOST_REDIRECTS} redirects", expected="a file")


def _check_answer(address: str, response: Any) -> None:
    if response.status_code != 200:
        raise DataError(
            address,
            f"the server answers {response.status_code} {response.reason}",
            expected="200 OK",
            mend="The address may have moved: look on the publisher's page",
        )
    if _promised(response) > MOST_BYTES:
        raise DataError(address, f"{_promised(response):,} bytes", expected=f"at most {MOST_BYTES:,}")


def _copy(address: str, response: Any, path: Path, began: float) -> None:
    size = 0
    with path.open("wb") as stream:
        for piece in response.iter_content(_PIECE):
            size += len(piece)
            if size > MOST_BYTES:
                raise DataError(address, f"more than {MOST_BYTES:,} bytes", expected="a table")
            if time.monotonic() - began > MOST_SECONDS:
                raise DataError(address, f"not there after {MOST_SECONDS:,} seconds", mend="Use your browser")
            stream.write(piece)
    if 0 <= _promised(response) != size:
        raise DataError(address, f"{size:,} of {_promised(response):,} bytes came", mend="Try again")


def _promised(response: Any) -> int:
    """Return the size that the server tells, or -1."""
    told = response.headers.get("content-length", "")
    return int(told) if told.isdecimal() else -1


@contextmanager
def _quiet(logger: logging.Logger) -> Iterator[None]:
    """Keep pooch from telling on the error stream what the command says itself."""
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)
