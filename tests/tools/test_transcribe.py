"""The transcription: gathered tables become raw files with sidecars, the same bytes each time, or nothing at all."""

import csv
import importlib.util
import sys
import tomllib
from pathlib import Path

import pytest

from corrtip.data.sources import READERS, read_all
from corrtip.project import figures_root

SCRIPT = Path(__file__).parents[2] / "tools" / "transcribe.py"

TABLES = {
    "cpi.csv": """iso3,country,year,score,scale_max,rank,n_sources,std_error,ci_low,ci_high,source,n_independent
SCG,Serbia and Montenegro,2005,2.8,10,97,,,2.5,3.3,ti_arch,2
NGA,Nigeria,2005,2.0,10,152,,,1.7,2.0,ti_arch,1
NGA,Nigeria,2012,27.0,100,139,8,2.3,24.0,31.0,ti_pkg,4
NGA,Nigeria,2019,26.0,100,146,7,1.52,23.0,29.49,ti_pkg,4
""",
    "tip_tiers.csv": """iso3,country,year,tier,n_independent,derived,source,note,evidence
SRB,Serbia and Montenegro,2005,2,3,False,KELLEY+SURE,,
CIV,Côte d'Ivoire,2005,2,1,True,DERIV,weak,"upgraded from 2WL, so 2"
BRB,Barbados,2025,2,1,False,CIA,,
""",
    "tip_unresolved.csv": """iso3,country,year,possible,evidence
AUT,Austria,2025,1|2,so Tier 1 or Tier 2
""",
    "wdi.csv": """iso3,year,SM.POP.NETM,SM.POP.REFG,SM.POP.REFG.OR,SP.DYN.IMRT.IN,SP.DYN.LE00.IN,SP.POP.TOTL
CAF,2009,-2000.0,,,239.9,14.665,4404230.0
CAF,2019,,,,128.9,31.53,5209324.0
CAF,2022,,,,206.8,18.818,5579144.0
NAM,2005,,,,50.0,,1958303.0
SSD,1998,,,,238.8,19.048,
""",
    "wdi_dictionary.csv": """indicator,label,vintage,countries,year_min,year_max
SM.POP.NETM,Net migration,WDI as of 2026-07-01,216,1995,2025
SM.POP.REFG,Refugee population by country or territory of asylum,WDI as of 2018-08-01,185,1995,2016
SM.POP.REFG.OR,Refugee population by country or territory of origin,WDI as of 2018-08-01,201,1995,2016
SP.DYN.IMRT.IN,"Mortality rate, infant (per 1,000 live births)",WDI as of 2026-07-01,196,1995,2024
SP.DYN.LE00.IN,"Life expectancy at birth, total (years)",WDI as of 2026-07-01,216,1995,2024
SP.POP.TOTL,"Population, total",WDI as of 2026-05-01,216,1995,2025
""",
    "factbook.csv": """iso3,edition,data_year,indicator,value,note
AGO,2005,2005.0,Population,11190786.0,
AGO,2005,2004.0,GDP per capita PPP (current US$),2100.0,
AGO,2005,,"Infant mortality (per 1,000 live births)",191.0,
SYR,2004,2002.0,Unemployment (%),20.0,range midpoint
""",
    "country_groups.csv": """iso3,year,income_group,wb_region_current
PRI,2005,H,
IND,2005,L,South Asia
""",
    "wgi.csv": """iso3,year,indicator,estimate,stderr,n_sources,vintage
DNK,2005,CC.EST,2.27821,0.16956,7,WGI-2024
DNK,2005,RL.EST,1.93611,0.16972,9,WGI-2024
ABW,2004,CC.EST,1.16597,0.39385,1,WGI-2024
""",
    "vdem.csv": """iso3,year,v2x_corr,v2x_pubcorr,v2x_execorr,v2x_rule,v2x_polyarchy
DNK,2005,0.002,0.002,0.006,0.999,0.921
DNK,2024,,,,,0.915
""",
    "freedom_house.csv": """iso3,year,fh_pr,fh_cl,fh_status
TUN,2014,1.0,3.0,F
""",
    "hdi.csv": """iso3,year,value,vintage
NOR,2011,0.943,HDR 2011
AGO,2005,0.445,HDR 2011
AGO,2005,0.463,HDR 2025
""",
    "treaties.csv": """iso3,participant,treaty,signature,consent,kind,vintage
USA,United States of America,Palermo TIP Protocol (UNTC XVIII-12-a),2000-12-13,2005-11-03,ratification,x
JPN,Japan,Palermo TIP Protocol (UNTC XVIII-12-a),2002-12-09,,,x
COK,Cook Islands,UNTOC (XVIII-12),,2004-03-04,accession,x
""",
    "treaties_after_2014.csv": """iso3,treaty,consent,kind,grade,source,evidence
JPN,Palermo TIP Protocol (UNTC XVIII-12-a),2017-07-11,acceptance,A,a page,seen
""",
    "trafficking_outcomes.csv": """iso3,year,indicator,value,vintage
HTI,2009,3P overall (3-15),4.0,x
HTI,2009,3P prosecution (1-5),2.0,x
HTI,2009,3P protection (1-5),2.0,x
ALB,2006,UNODC 2006 incidence origin (1 very low-5 very high),5.0,x
""",
}


@pytest.fixture(scope="module")
def script():
    # A script is no part of the package: it is loaded from its file, under a name that dataclasses can look up.
    specification = importlib.util.spec_from_file_location("transcribe", SCRIPT)
    module = importlib.util.module_from_spec(specification)
    sys.modules["transcribe"] = module
    specification.loader.exec_module(module)
    yield module
    del sys.modules["transcribe"]


@pytest.fixture
def facts(tmp_path):
    folder = tmp_path / "facts"
    folder.mkdir()
    for name, text in TABLES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def run(script, facts, tmp_path):
    def call(*sources, out="data/raw"):
        return script.main([str(facts), *sources, "--out", str(tmp_path / out)])

    return call


def written(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def table(path):
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def replace(folder, name, old, new):
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new), encoding="utf-8")


def test_twice_gives_the_same_bytes_and_writes_nothing_the_second_time(run, tmp_path, capsys):
    assert run() == 0
    first = written(tmp_path / "data" / "raw")
    times = {path: path.stat().st_mtime_ns for path in (tmp_path / "data" / "raw").rglob("*")}
    assert capsys.readouterr().out == "17 editions, 34 files written, the others unchanged\n"
    assert run() == 0
    assert capsys.readouterr().out == "17 editions, 0 files written, the others unchanged\n"
    assert written(tmp_path / "data" / "raw") == first
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "data" / "raw").rglob("*")} == times
    assert run(out="elsewhere") == 0
    assert written(tmp_path / "elsewhere") == first


def test_files_are_utf_8_with_line_feeds(run, tmp_path):
    run()
    for name, content in written(tmp_path / "data" / "raw").items():
        assert b"\r" not in content, name
        assert content.endswith(b"\n"), name
        content.decode("utf-8")


def test_what_is_written_can_be_read(run, tmp_path):
    run()
    for name in ("countries.csv", "variables.toml"):
        (tmp_path / "data" / name).write_bytes((figures_root() / name).read_bytes())
    sources, frame = read_all(tmp_path / "data")
    assert len(sources) == 17
    joint = frame[(frame["iso3"] == "SRB") & (frame["year"] == 2005) & frame["variable"].isin(["tier", "cpi_pre2012"])]
    assert set(joint["variable"]) == {"tier", "cpi_pre2012"}


def test_figures_are_carried_over_as_printed(run, tmp_path):
    run()
    raw = tmp_path / "data" / "raw"
    # Scores to 2011 have decimals, also where they are 0; from 2012 whole points, and ranges with decimals from 2019.
    assert [row["score"] for row in table(raw / "cpi" / "2005.csv")] == ["2.8", "2.0"]
    assert table(raw / "cpi" / "2012.csv")[0]["score"] == "27"
    assert table(raw / "cpi" / "2012.csv")[0]["ci_low"] == "24"
    assert table(raw / "cpi" / "2019.csv")[0]["score"] == "26"
    assert table(raw / "cpi" / "2019.csv")[0]["ci_low"] == "23.0"
    assert [(row["indicator"], row["value"], row["data_year"]) for row in table(raw / "factbook" / "2005.csv")] == [
        ("population", "11190786", "2005"),
        ("gdp_per_capita_ppp", "2100", "2004"),
        ("infant_mortality", "191.0", ""),
    ]
    assert [row["SP.POP.TOTL"] for row in table(raw / "wdi" / "2026-07.csv")][-2:] == ["1958303", ""]
    assert table(raw / "wdi" / "2026-07.csv")[0]["SM.POP.NETM"] == "-2000"
    assert [row["SP.DYN.IMRT.IN"] for row in table(raw / "wdi" / "2026-07.csv")][-2:] == ["50.0", "238.8"]


def test_tables_of_series_stand_side_by_side_as_printed(run, tmp_path):
    run()
    raw = tmp_path / "data" / "raw"
    aruba, denmark = table(raw / "wgi" / "2024.csv")
    assert (aruba["iso3"], aruba["CC.EST"], aruba["CC.NO.SRC"], aruba["RL.EST"]) == ("ABW", "1.16597", "1", "")
    assert (denmark["RL.STD.ERR"], denmark["GE.EST"]) == ("0.16972", "")
    assert [row["v2x_corr"] for row in table(raw / "vdem" / "2026-11.csv")] == ["0.002", ""]
    assert table(raw / "freedom_house" / "2025.csv") == [
        {"iso3": "TUN", "year": "2014", "PR": "1", "CL": "3", "Status": "F"}
    ]
    assert [row["HDI"] for row in table(raw / "hdr" / "2011.csv")] == ["0.445", "0.943"]
    assert [row["HDI"] for row in table(raw / "hdr" / "2025.csv")] == ["0.463"]
    assert table(raw / "three_p" / "2013.csv")[0]["prevention"] == ""
    assert table(raw / "unodc" / "2006.csv")[0] == {
        **{"iso3": "ALB", "year": "2006"},
        **{"origin": "5", "transit": "", "destination": ""},
    }


def test_a_state_has_a_row_for_each_treaty_and_a_territory_none(run, tmp_path):
    run()
    acts = table(tmp_path / "data" / "raw" / "treaties" / "2025.csv")
    assert len({(row["iso3"], row["treaty"]) for row in acts}) == len(acts)
    held = {(row["iso3"], row["treaty"]): row for row in acts}
    assert held["USA", "XVIII-12-a"]["consent"] == "2005-11-03"
    japan = held["JPN", "XVIII-12-a"]
    assert [japan[name] for name in ("signature", "consent", "grade", "from")] == [
        *("2002-12-09", "2017-07-11", "A", "a page"),
    ]
    assert held["PRK", "XVIII-14"]["signature"] == held["PRK", "XVIII-14"]["consent"] == ""
    assert ("COK", "XVIII-12") in held
    assert not {"HKG", "TWN"} & {row["iso3"] for row in acts}


def test_placements_keep_source_note_and_evidence_and_sets_stand_as_sets(run, tmp_path):
    run()
    assert table(tmp_path / "data" / "raw" / "tip" / "2005.csv")[0] == {
        "country": "Côte d'Ivoire",
        "tier": "2",
        "n_independent": "1",
        "derived": "true",
        "from": "DERIV",
        "note": "weak",
        "evidence": "upgraded from 2WL, so 2",
    }
    placed, unresolved = sorted(
        table(tmp_path / "data" / "raw" / "tip" / "2025.csv"), key=lambda row: -len(row["country"])
    )
    assert (placed["tier"], unresolved["tier"]) == ("2", "1|2")
    assert (unresolved["n_independent"], unresolved["derived"]) == ("", "false")


def test_sidecars_count_the_confirmation_and_say_what_is_not_complete(run, tmp_path):
    run()

    def sidecar(edition):
        return tomllib.loads((tmp_path / "data" / "raw" / f"{edition}.toml").read_text(encoding="utf-8"))

    assert sidecar("cpi/2005")["confirmation"].startswith("1 of 2 scores stand in two or more")
    assert sidecar("tip/2005")["complete"] is True
    assert sidecar("tip/2025")["complete"] is False
    assert "Not a cross-section of all countries" in sidecar("tip/2025")["confirmation"]
    assert sidecar("wdi/2026-07")["indicators"]["SP.POP.TOTL"] == {"label": "Population, total", "as_of": "2026-05-01"}
    assert {flag["iso3"] for flag in sidecar("wdi/2026-07")["implausible"]} == {"CAF", "SSD"}


def test_a_correction_is_carried_over_into_its_edition_alone(run, facts, tmp_path, capsys):
    run()
    before = written(tmp_path / "data" / "raw")
    replace(facts, "cpi.csv", "NGA,Nigeria,2005,2.0", "NGA,Nigeria,2005,1.9")
    capsys.readouterr()
    run()
    after = written(tmp_path / "data" / "raw")
    assert {name for name in after if after[name] != before[name]} == {"cpi/2005.csv", "cpi/2005.toml"}
    assert capsys.readouterr().out == "17 editions, 2 files written, the others unchanged\n"


def test_one_source_can_be_transcribed_alone(run, tmp_path):
    run("tip")
    assert {name.split("/")[0] for name in written(tmp_path / "data" / "raw")} == {"tip"}


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("cpi.csv", "NGA,Nigeria,2005", "NGA,Nigerya,2005", 'cpi.csv, NGA 2005: country "Nigerya" is not in'),
        ("cpi.csv", "NGA,Nigeria,2005", "NER,Nigeria,2005", 'cpi.csv, NER 2005: country "Nigeria" means NGA in 2005'),
        ("cpi.csv", "SCG,Serbia and Montenegro,2005", "SCG,Serbia and Montenegro,2007", "in 2007. Expected a year in"),
        ("cpi.csv", "NGA,Nigeria,2012,27.0", "NGA,Nigeria,2012,27.5", 'score: "27.5". Expected a whole number'),
        ("cpi.csv", "iso3,country,year,score", "iso3,country,year,points", "cpi.csv: no column score"),
        ("cpi.csv", "ti_arch,1", "ti_arch,1,1", "cpi.csv, record 2: too many or too few fields"),
        ("factbook.csv", ",Population,", ",Populatoin,", 'indicator "Populatoin" has no variable'),
        ("wgi.csv", "DNK,2005,RL.EST", "DNK,2005,CC.EST", "wgi.csv, DNK 2005: a second CC.EST"),
        ("wgi.csv", "DNK,2005,RL.EST", "DNK,2005,PV.EST", 'wgi.csv, DNK 2005: series "PV.EST"'),
        ("freedom_house.csv", "TUN,2014,1.0", "TUN,2014,1.5", 'freedom_house, TUN 2014, PR: "1.5"'),
        ("treaties.csv", "UNTOC (XVIII-12)", "UNTOC", 'treaties.csv, COK: indicator "UNTOC"'),
        ("treaties_after_2014.csv", "JPN,", "USA,", "treaties_after_2014.csv, USA XVIII-12-a: a second consent"),
        ("tip_tiers.csv", "SRB,Serbia", "SSD,Serbia", "tip_tiers.csv or tip_unresolved.csv, SSD 2005"),
    ],
)
def test_a_table_that_is_not_right_is_refused_and_nothing_is_written(
    run, facts, tmp_path, capsys, name, old, new, message
):
    replace(facts, name, old, new)
    assert run() == 1
    refusal = capsys.readouterr().err
    assert message in refusal
    assert refusal.endswith("Nothing was written.\n")
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("damage", ["missing", "latin-1"])
def test_a_missing_table_or_one_in_another_encoding_is_refused(run, facts, capsys, damage):
    if damage == "missing":
        (facts / "tip_tiers.csv").unlink()
    else:
        (facts / "tip_tiers.csv").write_text(TABLES["tip_tiers.csv"], encoding="latin-1")
    assert run() == 1
    assert capsys.readouterr().err.startswith("tip_tiers.csv: ")


def test_an_unknown_source_is_refused(run, capsys):
    with pytest.raises(SystemExit):
        run("cpl")
    assert 'no source "cpl"; one of cpi, factbook, freedom_house, groups, hdr,' in capsys.readouterr().err


def test_every_source_that_is_read_can_be_transcribed(script):
    texts = tomllib.loads(script.SIDECARS.read_text(encoding="utf-8"))
    assert set(script.TRANSCRIPTIONS) == set(READERS) == set(texts)
