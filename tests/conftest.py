"""What holds for every test: figures are read and the first study is run once; properties meet the same cases."""

import csv
import gc
import hashlib
import shutil
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import settings

from corrtip.data.countries import load_countries
from corrtip.data.panel import Panel, load_panel
from corrtip.project import figures_root
from corrtip.studies.replication import Replication, replicate

Rows = Iterable[Sequence[object]]

settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
settings.load_profile("repeatable")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `pytest tests/report/test_images.py --renew-images` take today's drawings for right."""
    parser.addoption("--renew-images", action="store_true", help="write the drawings that others are compared with")


def pytest_collection_finish() -> None:
    """Take what is loaded by now, and stays, out of every later search for garbage."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def panel() -> Panel:
    """The published figures."""
    return load_panel()


@pytest.fixture(scope="session")
def replication(panel: Panel) -> Replication:
    """Zhang and Pineda's study on the published figures."""
    return replicate("zhang_pineda_2008", panel)


class Publisher:
    """Writes files of the shapes that publishers issue; the countries are real, the figures invented."""

    CPI_HEADER = (
        "Country / Territory",
        "ISO3",
        "Region",
        "CPI score 2026",
        "Rank",
        "Standard error",
        "Number of sources",
        "Lower CI",
        "Upper CI",
        "World Bank CPIA",
    )

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def book(self, name: str, sheets: dict[str, Rows]) -> Path:
        """Write a workbook."""
        import openpyxl

        book = openpyxl.Workbook()
        book.remove(book.active)
        for title, rows in sheets.items():
            sheet = book.create_sheet(title)
            for row in rows:
                sheet.append(list(row))
        book.save(self.folder / name)
        return self.folder / name

    def table(self, name: str, rows: Rows) -> Path:
        """Write a CSV file."""
        with (self.folder / name).open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows(rows)
        return self.folder / name

    def cpi_rows(self, change: Callable[[str, int], int | None] = lambda code, score: score) -> list[list[object]]:
        """Return the rows of a year after the last; ``change`` gives a country's new score, None leaves it out."""
        with (figures_root() / "raw" / "cpi" / "2025.csv").open(encoding="utf-8", newline="") as stream:
            last = list(csv.DictReader(stream))
        rows: list[list[object]] = []
        for row in last:
            code = load_countries().iso3(row["country"], 2025)
            score = change(code, int(row["score"]))
            if score is not None:
                numbers = [score, int(row["rank"]), 2.5, int(row["n_sources"]), score - 4.1, score + 4.1, 12]
                # Transparency International's code of Kosovo is not ISO's.
                rows.append([row["country"], "KSV" if code == "XKX" else code, "A region", *numbers])
        return rows

    def cpi(self, rows: Rows, header: Sequence[object] = CPI_HEADER, name: str = "CPI2026.xlsx") -> Path:
        """Write a workbook of the index's shape: a title above the header, a note below, a sheet of all years."""
        title = [["Corruption Perceptions Index 2026: global scores"], [], header]
        years = [
            ["CPI timeseries"],
            ["Country / Territory", "ISO3", "CPI score 2026", "Rank 2026", "CPI score 2025", "Rank 2025"],
            ["Denmark", "DNK", 90, 1, 89, 1],
        ]
        sheets = {"CPI 2026": [*title, *rows, [], ["A note of the publisher"]], "CPI Timeseries 2012 - 2026": years}
        return self.book(name, sheets)


@pytest.fixture
def publisher(tmp_path: Path) -> Publisher:
    return Publisher(tmp_path)


@pytest.fixture
def figures(tmp_path: Path) -> Path:
    """A folder of one's own: real countries, catalogue, index of 2018 to 2025 and report of 2024, invented series."""
    root = tmp_path / "figures"
    editions = [path for path in (figures_root() / "raw" / "cpi").glob("20*") if int(path.stem) >= 2018]
    for path in (*editions, *(figures_root() / "raw" / "tip").glob("2024.*")):
        target = root / "raw" / path.parent.name / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    for name in ("countries.csv", "variables.toml"):
        shutil.copyfile(figures_root() / name, root / name)
    years = range(2000, 2026)
    births = "".join(
        f"{code},{year},{rate - year + 2000},{people}\n" for code, rate, people in BIRTHS for year in years
    )
    _write_series(root, "wdi/2026-07", "SP.DYN.IMRT.IN,SP.POP.TOTL", births)
    _write_series(root, "wgi/2024", "CC.EST,CC.STD.ERR,CC.NO.SRC", "ALB,2022,-0.5,0.2,8\nNGA,2022,-1.1,0.2,12\n")
    return root


BIRTHS = (("ALB", 40, 2_800_000), ("NGA", 110, 200_000_000), ("XKX", 50, 1_700_000))


def _write_series(root: Path, edition: str, codes: str, rows: str) -> None:
    path = root / "raw" / f"{edition}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = f"iso3,year,{codes}\n{rows}"
    path.write_text(text, encoding="utf-8")
    texts = ("publisher", "title", "landing_page", "licence", "transcription", "confirmation")
    lines = [f'{name} = "invented"' for name in texts]
    lines += [f'edition = "{path.stem}"', "redistribute = true", "complete = false"]
    lines += [f'sha256 = "{hashlib.sha256(text.encode()).hexdigest()}"']
    for code in codes.split(","):
        lines += [f'[indicators."{code}"]', f'label = "{code} as the last edition calls it"', 'as_of = "2026-07-01"']
    path.with_suffix(".toml").write_text("\n".join([*lines, ""]), encoding="utf-8")


class Site:
    """A server on this machine that speaks TLS, with what it answers to each path."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.answers: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.asked: list[str] = []

    def give(self, path: str, data: bytes, status: int = 200, **headers: str) -> str:
        """Answer ``path`` with ``data``; return the address."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers[path] = (status, {"content-length": str(len(data))} | named, data)
        return self.address + path


@pytest.fixture(scope="session")
def _authority():
    import trustme

    return trustme.CA()


@pytest.fixture
def site(_authority, tmp_path: Path, monkeypatch) -> Iterator[Site]:
    """A site whose certificate is made here, and trusted as a user would trust one: by REQUESTS_CA_BUNDLE."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.asked.append(self.path)
            status, headers, data = made.answers.get(self.path, (404, {"content-length": "0"}, b""))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *given: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _authority.issue_cert("127.0.0.1").configure_cert(context)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    trusted = tmp_path / "authority.pem"
    _authority.cert_pem.write_to_path(trusted)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(trusted))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    made = Site(f"https://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()
    thread.join()
