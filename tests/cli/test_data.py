import json

from corrtip.cli.data import holdings


def test_show_prints_the_figure_with_edition_line_publisher_hash_and_confirmation(say):
    # Transparency International's table of 2005: Nigeria 1.9.
    said = say("data", "show", "NGA", "2005", "cpi_pre2012")
    lines = said.out.splitlines()
    assert said.code == 0
    assert lines[0].split(maxsplit=1)[0] == "1.9"
    assert any(line.startswith("published") and "Transparency International" in line for line in lines)
    assert any(line.startswith("confirmed") and "independent sources" in line for line in lines)
    assert any(line.startswith("file") and "data/raw/cpi/2005.csv, line " in line for line in lines)
    assert any(line.startswith("sha256") and len(line.split()[1]) == 64 for line in lines)


def test_show_names_a_line_of_the_file_that_holds_the_figure(say, panel):
    from corrtip.project import figures_root

    record = json.loads(say("data", "show", "nga", "2005", "cpi_pre2012", "--json").out)
    line = (figures_root().parent / record["file"]).read_text(encoding="utf-8").splitlines()[record["line"] - 1]
    assert line.startswith("Nigeria,1.9,")
    assert record["sha256"] == panel.sources["cpi/2005"].sha256
    assert record["source"]["publisher"] == "Transparency International"
    assert record["value"] == 1.9


def test_show_tells_not_listed_from_a_figure(say):
    # The United States did not rank itself before 2010.
    said = say("data", "show", "USA", "2005", "tier")
    assert said.out.startswith("not listed")
    assert "the whole file: it is not listed" in said.out
    record = json.loads(say("data", "show", "USA", "2005", "tier", "--json").out)
    assert (record["status"], record["value"], record["level"]) == ("not_listed", None, None)


def test_show_asks_which_vintage_where_there_are_several(say):
    said = say("data", "show", "AGO", "2005", "infant_mortality")
    assert said.code == 1
    assert "factbook-2005" in said.err
    assert "wdi-2026-07" in said.err


def test_show_gives_each_vintage_its_own_figure(say):
    printed = say("data", "show", "AGO", "2005", "infant_mortality", "--vintage", "factbook-2005")
    today = say("data", "show", "AGO", "2005", "infant_mortality", "--vintage", "wdi-2026-07")
    assert printed.out.startswith("191.19 ")
    assert 78 < float(today.out.split()[0]) < 80


def test_check_lists_what_each_source_holds(say):
    said = say("data", "check")
    assert said.code == 0
    assert "Every file is as its sidecar says" in said.out
    rows = {row["source"]: row for row in json.loads(say("data", "check", "--json").out)}
    # Editions 1995-2025 of the index, reports 2001-2025, Factbooks 2003-2007.
    assert {source: rows[source]["editions"] for source in ("cpi", "tip", "factbook")} == {
        "cpi": 31,
        "tip": 25,
        "factbook": 5,
    }
    assert rows["cpi"]["country_years_counted"] == 4610


def test_holdings_count_no_missing_figure(panel):
    rows = {row["source"]: row for row in holdings(panel)}
    observed = panel.frame[panel.frame["source"].astype(str) == "wdi/2026-07"]["value"].notna().sum()
    assert rows["wdi"]["figures"] == observed


def test_list_names_what_formulas_may_use(say, panel):
    listed = json.loads(say("data", "list", "--json").out)
    assert [row["name"] for row in listed] == list(panel.catalogue)
    out = say("data", "list", "Mortality").out
    assert any(line.startswith("infant_mortality ") and "higher = worse" in line for line in out.splitlines())
    assert "cpi" not in out


def test_list_refuses_a_word_that_is_nowhere_with_the_nearest_name(say):
    said = say("data", "list", "unemploiment")
    assert (said.code, said.out) == (1, "")
    assert "Nearest: 'unemployment'" in said.err
