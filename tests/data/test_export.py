import dataclasses

import numpy as np
import pandas as pd
import pytest

from corrtip.data.export import export_panel
from corrtip.errors import DataError, SpecError, WriteError

READERS = {
    "csv": lambda path: pd.read_csv(path, keep_default_na=False, na_values=[""], dtype={"tier": str}),
    "parquet": pd.read_parquet,
    "dta": pd.read_stata,
}
CHOICE = ("tier", "cpi_pre2012", "region")


@pytest.mark.parametrize("ending", READERS)
def test_a_table_read_back_is_the_panel(panel, tmp_path, ending):
    done = export_panel(panel, tmp_path / f"p.{ending}", years=(2004, 2005), variables=CHOICE)
    frame = READERS[ending](done.path).set_index(["iso3", "year"])
    assert tuple(frame.reset_index().columns) == ("iso3", "year", *done.columns[1:2], *done.columns[3:])
    expected = panel.wide((2004, 2005), CHOICE)
    assert len(frame) == done.rows == len(expected)
    pd.testing.assert_index_equal(
        frame.index.set_levels(frame.index.levels[1].astype("int64"), level=1), expected.index, check_names=False
    )
    assert np.array_equal(frame["cpi_pre2012"].to_numpy(), expected["cpi_pre2012"].to_numpy(), equal_nan=True)
    for name in ("tier", "region"):
        assert frame[name].astype("object").where(frame[name].notna(), None).tolist() == (
            expected[name].astype("object").where(expected[name].notna(), None).tolist()
        )


@pytest.mark.parametrize("ending", READERS)
def test_who_is_not_listed_is_told_from_who_is_unknown(panel, tmp_path, ending):
    done = export_panel(panel, tmp_path / f"p.{ending}", years=(2005, 2005), variables=["tier"])
    frame = READERS[ending](done.path).set_index("iso3")
    # In 2005 the United States did not rank itself, Somalia was a special case, and Nigeria stood in tier 2.
    found = {code: (frame["tier"][code], frame["tier_status"][code]) for code in ("USA", "SOM", "NGA")}
    assert found["NGA"] == ("2", "observed")
    assert pd.isna(found["USA"][0])
    assert found["USA"][1] == "not_listed"
    assert pd.isna(found["SOM"][0])
    assert found["SOM"][1] == "special_case"


def test_names_of_a_country_are_those_of_the_year(panel, tmp_path):
    done = export_panel(panel, tmp_path / "p.csv", years=(2005, 2007), variables=["tier"])
    names = READERS["csv"](done.path).set_index(["iso3", "year"])["country"]
    assert (names["SRB", 2005], names["SRB", 2007]) == ("Serbia and Montenegro", "Serbia")


def test_each_vintage_has_a_column_unless_one_is_named(panel, tmp_path):
    path = tmp_path / "p.csv"
    done = export_panel(panel, path, years=(2004, 2005), variables=["infant_mortality"])
    # Every Factbook is filed under its own year.
    assert done.columns[3:] == (
        "infant_mortality_factbook_2004",
        "infant_mortality_factbook_2005",
        "infant_mortality_wdi_2026_07",
    )
    vintages = {"infant_mortality": "factbook-2005"}
    done = export_panel(panel, path, years=(2004, 2005), variables=["infant_mortality"], vintages=vintages)
    assert done.columns[3:] == ("infant_mortality",)
    frame = READERS["csv"](path).set_index(["iso3", "year"])
    assert frame["infant_mortality"]["AGO", 2005] == 191.19


def test_the_codebook_says_what_each_column_is_and_whose(panel, tmp_path):
    done = export_panel(panel, tmp_path / "p.dta", variables=["tier", "life_expectancy"], years=(2001, 2025))
    assert done.codebook == tmp_path / "p.codebook.csv"
    book = READERS["csv"](done.codebook).set_index("column")
    assert set(book.index) == set(done.columns[3:])
    assert book["coding"]["tier"] == "1 = 1; 2 = 2; 3 = 2WL; 4 = 3"
    assert book["publisher"]["tier"] == "U.S. Department of State"
    assert book["kind"]["tier_status"] == "category"
    wdi = book.loc["life_expectancy_wdi_2026_07"]
    assert wdi["licence"] == "CC BY 4.0"
    assert wdi["years"] == "2001-2024"
    assert "CAF 2009 doubtful: 14.7 years" in wdi["note"]


def test_what_may_not_be_passed_on_is_left_out_and_named(panel, tmp_path):
    closed = panel.frame[panel.frame["source"].isin(["three_p/2013", "unodc/2006"])]["variable"].unique()
    done = export_panel(panel, tmp_path / "p.csv", years=(2000, 2013))
    assert set(done.left_out) == set(closed)
    assert not set(done.columns) & set(closed)
    book = READERS["csv"](done.codebook)
    notes = book[book["column"].isna()].set_index("variable")["note"]
    assert set(notes.index) == set(closed)
    assert notes["three_p_overall"].startswith("left out: No licence stated")


def test_no_figure_of_a_closed_edition_is_in_the_file_though_others_of_its_variable_are(panel, tmp_path):
    source = dataclasses.replace(panel.sources["cpi/2005"], redistribute=False)
    half = dataclasses.replace(panel, sources={**panel.sources, "cpi/2005": source})
    done = export_panel(half, tmp_path / "p.csv", years=(2004, 2005), variables=["cpi_pre2012", "tier"])
    frame = READERS["csv"](done.path).set_index("year")
    assert frame["cpi_pre2012"][2005].isna().all()
    assert frame["cpi_pre2012_status"][2005].isna().all()
    assert frame["cpi_pre2012"][2004].notna().sum() == 146
    assert "cpi_pre2012" in done.left_out


def test_asking_for_nothing_but_closed_figures_is_refused(panel, tmp_path):
    with pytest.raises(SpecError, match="may be passed on"):
        export_panel(panel, tmp_path / "p.csv", variables=["three_p_overall"])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"variables": ["teir"]}, SpecError),
        ({"vintages": {"gini": "factbook-1999"}}, SpecError),
        ({"years": (2005, 2004)}, SpecError),
        ({"years": (1800, 1801)}, SpecError),
    ],
)
def test_what_does_not_exist_is_refused(panel, tmp_path, options, error):
    with pytest.raises(error):
        export_panel(panel, tmp_path / "p.csv", **options)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["p.xlsx", "p.rds", "p"])
def test_another_format_is_refused(panel, tmp_path, name):
    with pytest.raises(DataError, match=r"\.csv, \.parquet, \.dta"):
        export_panel(panel, tmp_path / name)


def test_a_failure_leaves_the_last_good_files(panel, tmp_path, monkeypatch):
    path = tmp_path / "p.csv"
    export_panel(panel, path, years=(2005, 2005), variables=["tier"])
    before = {item.name: item.read_bytes() for item in tmp_path.iterdir()}

    def full(*anything):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("corrtip.project.os.replace", full)
    with pytest.raises(WriteError, match=r"p\.csv: cannot be written: No space"):
        export_panel(panel, path, years=(2004, 2004), variables=["tier"])
    assert {item.name: item.read_bytes() for item in tmp_path.iterdir()} == before


def test_the_whole_panel_is_written_with_every_open_figure(panel, tmp_path):
    done = export_panel(panel, tmp_path / "p.parquet")
    frame = pd.read_parquet(done.path).drop(columns=["iso3", "country", "year"])
    figures = frame.loc[:, [name for name in frame if name == "freedom_status" or not name.endswith("_status")]]
    closed = panel.frame["source"].isin([name for name, source in panel.sources.items() if not source.redistribute])
    held = panel.frame[~closed & (panel.frame["value"].notna() | panel.frame["level"].notna())]
    assert int(figures.notna().to_numpy().sum()) == len(held)
