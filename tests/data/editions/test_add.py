import hashlib
import tomllib

import pytest

from corrtip.data.countries import load_countries
from corrtip.data.editions import add
from corrtip.data.editions.add import RECORD, find_originals, prepare_edition
from corrtip.data.panel import load_panel
from corrtip.errors import CorrtipError, DataError, WriteError


def contents(root):
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def refused(root, files, source, **options):
    """Return the message of a refusal, having seen that it changed no byte."""
    before = contents(root)
    with pytest.raises(DataError) as caught:
        prepare_edition(files, source, root=root, **options)
    assert contents(root) == before
    return str(caught.value)


def test_a_workbook_of_the_index_becomes_an_edition_with_its_sidecar(publisher, figures):
    path = publisher.cpi(publisher.cpi_rows(lambda code, score: score + (code == "DNK")))
    before = contents(figures)
    addition = prepare_edition([path], "cpi", root=figures)
    assert contents(figures) == before  # preparing writes nothing
    addition.write()
    made = contents(figures)
    assert set(made) - set(before) == {"raw/cpi/2026.csv", "raw/cpi/2026.toml"}
    assert {name: made[name] for name in before} == before
    sidecar = tomllib.loads(made["raw/cpi/2026.toml"].decode())
    assert sidecar["title"] == "Corruption Perceptions Index 2026"
    assert sidecar["sha256"] == hashlib.sha256(made["raw/cpi/2026.csv"]).hexdigest()
    assert sidecar["original"] == [{"name": "CPI2026.xlsx", "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}]
    assert sidecar["complete"] is True
    panel = load_panel(figures)
    found = panel.lineage("DNK", 2026, "cpi")
    assert found.figure == "90"  # 89 in 2025
    assert panel.lineage("XKX", 2026, "cpi").status == "observed"
    assert panel.lineage("DNK", 2026, "cpi_ci_low").figure == "85.9"


def test_what_is_written_is_the_same_from_a_workbook_and_from_its_csv(publisher, figures):
    rows = publisher.cpi_rows()
    book = prepare_edition([publisher.cpi(rows)], "cpi", root=figures)
    table = publisher.table("CPI2026.csv", [["Corruption Perceptions Index 2026"], publisher.CPI_HEADER, *rows])
    plain = prepare_edition([table], "cpi", root=figures)
    raw = figures / "raw" / "cpi" / "2026.csv"
    assert book.contents[raw] == plain.contents[raw]


def test_differences_from_the_last_edition_are_told(publisher, figures):
    # No change from year to year since 2018 was of 20 points.
    changes = {"DNK": -20, "NGA": 3}
    rows = publisher.cpi_rows(lambda code, score: None if code == "ALB" else score + changes.get(code, 0))
    addition = prepare_edition([publisher.cpi(rows)], "cpi", root=figures)
    notes = [note for note in addition.comparison.notes if note.variable == "cpi"]
    told = [(note.what, note.iso3, note.before, note.now) for note in notes]
    assert told == [("gone", "ALB", "39", ""), ("unlikely", "DNK", "89", "69")]
    assert addition.doubtful
    (score,) = [change for change in addition.comparison.changes if change.variable == "cpi"]
    assert (score.before, score.now, score.same, score.changed, score.gone, score.unlikely) == (182, 181, 179, 2, 1, 1)
    assert addition.comparison.beside == "cpi/2025"
    assert (addition.new_years, addition.new_variables) == ((2026,), ())


def test_unknown_names_are_all_named_with_row_and_nearest(publisher, figures):
    rows = publisher.cpi_rows()
    rows[0][0], rows[1][0] = "Afganistann", "Angolia"
    said = refused(figures, [publisher.cpi(rows)], "cpi")
    assert 'CPI2026.xlsx, sheet "CPI 2026", row 4: country "Afganistann"' in said
    assert 'Nearest: "Afghanistan"' in said
    assert 'row 5: country "Angolia"' in said


def test_a_displaced_column_of_codes_is_refused(publisher, figures):
    rows = publisher.cpi_rows()
    rows[0][1], rows[1][1] = rows[1][1], rows[0][1]
    assert 'with the code "' in refused(figures, [publisher.cpi(rows)], "cpi")


@pytest.mark.parametrize("score", [101, -1, "n/a", "45,5", None])
def test_a_figure_off_its_scale_is_refused_with_its_row(publisher, figures, score):
    rows = publisher.cpi_rows()
    rows[7][3] = score
    assert 'CPI2026.xlsx, sheet "CPI 2026", row 11' in refused(figures, [publisher.cpi(rows)], "cpi")


def test_a_range_that_does_not_hold_its_score_is_refused_with_its_row(publisher, figures):
    rows = publisher.cpi_rows()
    rows[7][7] = rows[7][3] + 1
    said = refused(figures, [publisher.cpi(rows)], "cpi")
    assert 'row 11: score "' in said
    assert "within its published range" in said


def test_half_a_list_is_refused_unless_it_is_said_to_be_one(publisher, figures):
    path = publisher.cpi(publisher.cpi_rows()[:90])
    assert "--partial" in refused(figures, [path], "cpi")
    addition = prepare_edition([path], "cpi", root=figures, partial=True)
    addition.write()
    panel = load_panel(figures)
    assert panel.sources["cpi/2026"].complete is False
    frame = panel.frame[panel.frame["source"] == "cpi/2026"]
    assert "not_listed" not in set(frame["status"])


def test_an_edition_that_exists_is_replaced_only_on_demand(publisher, figures):
    header = [str(name).replace("2026", "2025") for name in publisher.CPI_HEADER]
    path = publisher.cpi(publisher.cpi_rows(lambda code, score: score - (code == "DNK")), header)
    assert "--replace" in refused(figures, [path], "cpi")
    addition = prepare_edition([path], "cpi", root=figures, replace=True)
    assert addition.replaces
    assert addition.doubtful
    assert addition.comparison.beside == "cpi/2025"
    addition.write()
    assert load_panel(figures).lineage("DNK", 2025, "cpi").figure == "88"


def test_a_correction_that_no_longer_fits_stops_a_replacement(publisher, figures):
    (figures / "corrections").mkdir()
    lines = {"iso3": "DNK", "variable": "cpi", "vintage": "first-published", "published": "89", "reason": "r"}
    text = "".join(f'{name} = "{value}"\n' for name, value in lines.items())
    (figures / "corrections" / "dnk.toml").write_text(f'{text}reference = "r"\nyear = 2025\ncorrected = 89.5\n')
    header = [str(name).replace("2026", "2025") for name in publisher.CPI_HEADER]
    path = publisher.cpi(publisher.cpi_rows(lambda code, score: score - (code == "DNK")), header)
    assert "data/corrections/dnk.toml" in refused(figures, [path], "cpi", replace=True)


def test_a_folder_that_cannot_be_written_stays_as_it_was(publisher, figures, monkeypatch):
    addition = prepare_edition([publisher.cpi(publisher.cpi_rows())], "cpi", root=figures)
    before = contents(figures)
    renamed = []

    def full(handle, mode):
        renamed.append(handle)
        if len(renamed) == 2:
            raise OSError(28, "No space left on device")
        return open(handle, mode)

    monkeypatch.setattr("corrtip.project.os.fdopen", full)
    with pytest.raises(WriteError, match="No space"):
        addition.write()
    assert contents(figures) == before


def test_an_edition_is_a_year_and_never_a_path(publisher, figures):
    path = publisher.table("tiers.csv", [["country", "tier"], ["Nigeria", "Tier 2"]])
    for edition in ("../2026", "20266", "next"):
        assert "--edition" in refused(figures, [path], "tip", edition=edition, partial=True)
    births = publisher.table("wdi.csv", [["iso3", "year", "indicator", "value"], ["NGA", 2025, "SP.POP.TOTL", 1]])
    for edition in ("../2026", "2026-13"):
        assert "--edition" in refused(figures, [births], "wdi", edition=edition)


def test_several_files_are_for_series_only(publisher, figures):
    path = publisher.cpi(publisher.cpi_rows())
    assert "2 files" in refused(figures, [path, path], "cpi")


def test_an_unknown_source_is_refused(publisher, figures):
    assert "one of cpi, tip, wdi, wgi" in refused(figures, [publisher.cpi([])], "vdem")


def test_a_vintage_of_series_is_declared_in_the_catalogue_too(publisher, figures):
    rows = [[code, year, "SP.POP.TOTL", 5] for code in ("ALB", "NGA") for year in (2025, 2026)]
    path = publisher.table("population.csv", [["iso3", "year", "indicator", "value"], *rows])
    addition = prepare_edition([path], "wdi", edition="2026-12", root=figures)
    assert addition.new_years == (2026,)
    assert "gdp" in addition.ambiguous
    assert "infant_mortality" not in addition.ambiguous  # it had the Factbook's vintages beside
    addition.write()
    panel = load_panel(figures)
    assert panel.lineage("ALB", 2026, "population", "wdi-2026-12").figure == "5"
    assert panel.lineage("ALB", 2025, "population", "wdi-2026-07").figure == "2800000"


def test_a_distrusted_figure_stays_distrusted_only_while_it_stands(publisher, figures):
    sidecar = figures / "raw" / "wdi" / "2026-07.toml"
    flag = '[[implausible]]\niso3 = "{}"\nyear = 2025\nindicator = "SP.POP.TOTL"\nwhy = "why"\n'
    sidecar.write_text(sidecar.read_text() + flag.format("ALB") + flag.format("NGA"))
    rows = [["ALB", 2025, "SP.POP.TOTL", 2800000], ["NGA", 2025, "SP.POP.TOTL", 230000000]]
    path = publisher.table("population.csv", [["iso3", "year", "indicator", "value"], *rows])
    prepare_edition([path], "wdi", edition="2026-12", root=figures).write()
    kept = load_panel(figures).sources["wdi/2026-12"].implausible
    assert [(flag.iso3, flag.why) for flag in kept] == [("ALB", "why")]


def test_an_installed_package_wants_a_folder(publisher, monkeypatch):
    monkeypatch.setattr(add, "checkout_root", lambda: None)
    with pytest.raises(CorrtipError, match="--root"):
        prepare_edition([publisher.cpi([])], "cpi")


def test_a_download_is_recorded_and_must_be_unchanged(publisher):
    path = publisher.table("a.csv", [["country"]])
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    record = path.with_name(path.name + RECORD)
    where = 'name = "a.csv"\naddress = "https://example.org/a.csv"\nfetched = "2026-12-01"\n'
    record.write_text(f'{where}sha256 = "{digest}"\n')
    (original,) = find_originals([path])
    assert (original.address, original.fetched) == ("https://example.org/a.csv", "2026-12-01")
    path.write_text("changed\n")
    with pytest.raises(DataError, match="as it was downloaded"):
        find_originals([path])


def test_a_file_whose_name_is_no_text_is_refused(tmp_path):
    path = tmp_path / "CPI\udcff.csv"
    path.write_bytes(b"x")
    with pytest.raises(DataError, match="a name that is not UTF-8"):
        find_originals([path])


def test_a_distrusted_figure_does_not_teach_what_is_usual(publisher, figures):
    rows = [("ALB", year, 40 + 200 * (year == 2010)) for year in range(2000, 2026)]
    # So many that their yearly changes are enough for a rule.
    others = sorted({row.iso3 for row in load_countries().rows if row.counted_from == 1995} - {"ALB"})[:45]
    rows += [(code, year, 60) for code in others for year in range(2000, 2026)]
    path = figures / "raw" / "wdi" / "2026-07.csv"
    text = "iso3,year,SP.DYN.IMRT.IN\n" + "".join(f"{code},{year},{rate}\n" for code, year, rate in sorted(rows))
    path.write_text(text)
    texts = ("publisher", "title", "landing_page", "licence", "transcription", "confirmation")
    digest = hashlib.sha256(text.encode()).hexdigest()
    lines = [*(f'{name} = "invented"' for name in texts), f'sha256 = "{digest}"', 'edition = "2026-07"']
    lines += ["redistribute = true", "complete = false", '[indicators."SP.DYN.IMRT.IN"]', 'label = "l"', 'as_of = "d"']
    flag = ["[[implausible]]", 'iso3 = "ALB"', "year = 2010", 'indicator = "SP.DYN.IMRT.IN"', 'why = "a spike"']
    new = publisher.table("a.csv", [["iso3", "year", "indicator", "value"], ["ALB", 2026, "SP.DYN.IMRT.IN", 41]])
    limits = []
    for sidecar in (lines, [*lines, *flag]):
        path.with_suffix(".toml").write_text("\n".join([*sidecar, ""]))
        (change,) = prepare_edition([new], "wdi", edition="2026-12", root=figures).comparison.changes
        limits.append(change.limit)
    assert limits[0] > 0
    assert limits[1] == 0
