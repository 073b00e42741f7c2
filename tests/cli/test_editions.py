import json

import pytest

import corrtip.report.affected


@pytest.fixture
def book(publisher):
    return publisher.cpi(publisher.cpi_rows(lambda code, score: score + (code == "DNK")))


def test_adding_an_edition_of_the_index_is_one_command(say, book, figures):
    said = say("data", "add", str(book), "--source", "cpi", "--root", str(figures), "--yes")
    assert said.code == 0
    assert said.out.startswith("cpi/2026: ")
    assert "Beside cpi/2025" in said.out
    assert "for a checkout only" in said.out
    assert said.out.endswith(f"Wrote {figures}/raw/cpi/2026.csv and its sidecar.\n")
    from corrtip.data.panel import load_panel

    assert load_panel(figures).lineage("DNK", 2026, "cpi").figure == "90"


@pytest.mark.parametrize("option", ["--dry-run", "--json"])
def test_looking_writes_nothing(say, book, figures, option):
    said = say("data", "add", str(book), "--source", "cpi", "--root", str(figures), option)
    assert said.code == 0
    assert not (figures / "raw" / "cpi" / "2026.csv").exists()
    if option == "--json":
        answer = json.loads(said.out)
        assert answer["written"] is False
        assert answer["comparison"]["beside"] == "cpi/2025"
        assert answer["new_years"] == [2026]
        assert "for a checkout only" in answer["affected_unknown"]
    else:
        assert said.out.endswith("Nothing was written.\n")


def test_where_nobody_can_be_asked_it_takes_a_yes(say, book, figures):
    said = say("data", "add", str(book), "--source", "cpi", "--root", str(figures))
    assert said.code == 1
    assert "--yes" in said.err
    assert not (figures / "raw" / "cpi" / "2026.csv").exists()


def test_ctrl_c_at_the_question_is_ctrl_c_and_writes_nothing(say, book, figures, monkeypatch, interrupted):
    monkeypatch.setattr("sys.stdin", interrupted(""))
    said = say("data", "add", str(book), "--source", "cpi", "--root", str(figures))
    assert said.code == 130
    assert said.out.endswith("[Y/n]: ")
    assert not (figures / "raw" / "cpi" / "2026.csv").exists()


def test_a_refusal_is_one_message(say, publisher, figures):
    rows = publisher.cpi_rows()
    rows[0][0] = "Afganistann"
    said = say("data", "add", str(publisher.cpi(rows)), "--source", "cpi", "--root", str(figures), "--yes")
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith('Error: CPI2026.xlsx, sheet "CPI 2026", row 4: country "Afganistann"')
    assert not (figures / "raw" / "cpi" / "2026.csv").exists()


def test_what_of_the_report_reads_it_is_said(say, book, monkeypatch):
    found = corrtip.report.affected.Affected(artifact="years", notebook="05_every_year", section="Every year")
    monkeypatch.setattr(corrtip.report.affected, "find_affected", lambda *given, **options: (found,))
    said = say("data", "add", str(book), "--source", "cpi", "--dry-run")
    assert "1 results will read it" in said.out
    assert "Notebooks: 05_every_year. Sections of the report: Every year." in said.out


def test_what_is_fetched_can_be_added(say, site, tmp_path, figures, book):
    address = site.give("/files/CPI2026.xlsx", book.read_bytes())
    folder = tmp_path / "downloads"
    said = say("data", "fetch", "cpi", address, "--to", str(folder))
    assert said.code == 0
    path = folder / "CPI2026.xlsx"
    assert said.out.endswith(f"Next: corrtip data add {path} --source cpi --dry-run\n")
    assert say("data", "add", str(path), "--source", "cpi", "--root", str(figures), "--yes").code == 0
    assert address in (figures / "raw" / "cpi" / "2026.toml").read_text(encoding="utf-8")


def test_series_are_fetched_by_their_codes(say, site, tmp_path, monkeypatch):
    monkeypatch.setattr("corrtip.data.editions.download.SERIES_ADDRESS", site.address + "/{code}?format=json")
    site.give("/SP.POP.TOTL?format=json", b"[]")
    said = say("data", "fetch", "wdi", "--series", "SP.POP.TOTL", "--to", str(tmp_path), "--json")
    assert [item["path"] for item in json.loads(said.out)] == [f"{tmp_path}/SP.POP.TOTL.json"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("cpi",), "transparency.org"),
        (("tip",), "state.gov"),
        (("cpi", "--series", "SP.POP.TOTL"), "--series"),
        (("vdem", "https://example.org/a.csv"), "one of cpi, tip, wdi, wgi"),
        (("wdi", "http://example.org/a.csv"), "https"),
        (("wdi", "https://example.org/a.csv", "https://example.org/b.csv", "--sha256", "0"), "2 files"),
    ],
)
def test_what_cannot_be_fetched_is_refused_with_the_publishers_page(say, tmp_path, arguments, expected):
    said = say("data", "fetch", *arguments, "--to", str(tmp_path))
    assert said.code == 1
    assert expected in said.err
    assert not list(tmp_path.iterdir())
