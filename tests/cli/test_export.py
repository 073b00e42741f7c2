import json

import pandas as pd


def test_the_panel_is_written_with_its_codebook(say, tmp_path):
    path = tmp_path / "panel.dta"
    said = say("data", "export", str(path), "--years", "2005", "--variables", "tier, cpi_pre2012")
    assert said.code == 0
    assert said.out.startswith(f"Wrote {path}: ")
    frame = pd.read_stata(path).set_index("iso3")
    assert (frame["tier"]["NGA"], frame["cpi_pre2012"]["NGA"]) == ("2", 1.9)
    assert (tmp_path / "panel.codebook.csv").is_file()


def test_what_is_left_out_is_said(say, tmp_path):
    arguments = ("data", "export", str(tmp_path / "p.csv"), "--variables", "tier,three_p_overall")
    assert "Left out: three_p_overall. They may not be passed on." in say(*arguments).out
    assert set(json.loads(say(*arguments, "--json").out)["left_out"]) == {"three_p_overall"}


def test_a_vintage_can_be_named(say, tmp_path):
    path = tmp_path / "p.csv"
    say("data", "export", str(path), "--variables", "gini", "--vintage", "gini=wdi-2026-07")
    assert list(pd.read_csv(path).columns) == ["iso3", "country", "year", "gini"]


def test_a_wrong_year_is_refused(say, tmp_path):
    said = say("data", "export", str(tmp_path / "p.csv"), "--years", "late")
    assert said.code == 1
    assert "--years" in said.err
