"""All sources together: each folder has its reader, and an unknown folder none."""

import pytest

from corrtip.data.figures import COLUMNS, KEY
from corrtip.data.sources import READERS, read_all
from corrtip.errors import DataError
from corrtip.project import figures_root


@pytest.fixture(scope="module")
def everything():
    return read_all()


def test_every_folder_has_a_reader_and_every_reader_a_folder():
    assert {folder.name for folder in (figures_root() / "raw").iterdir()} == set(READERS)


def test_all_editions_are_there(everything):
    sources, _ = everything
    assert set(sources) == {
        *(f"cpi/{year}" for year in range(1995, 2026)),
        *(f"tip/{year}" for year in range(2001, 2026)),
        *(f"factbook/{year}" for year in range(2003, 2008)),
        *("wdi/2026-07", "groups/current", "wgi/2024", "vdem/2026-11", "freedom_house/2025"),
        *("hdr/2011", "hdr/2025", "treaties/2025", "three_p/2013", "unodc/2006"),
    }


def test_every_figure_leads_to_a_cell_of_a_raw_file(everything):
    _, frame = everything
    for source, rows in frame.sample(2000, random_state=1).groupby("source", observed=True):
        lines = (figures_root() / "raw" / f"{source}.csv").read_text(encoding="utf-8").split("\n")
        for line, raw in zip(rows["line"], rows["raw"], strict=True):
            assert raw in lines[line - 1]


def test_no_figure_stands_twice_and_nothing_observed_is_without_value(everything):
    _, frame = everything
    assert tuple(frame.columns) == COLUMNS
    assert not frame.duplicated(list(KEY)).any()
    observed = frame["status"] == "observed"
    assert (frame["value"].notna() | frame["level"].notna()).equals(observed)


def test_the_joint_state_of_2005_meets_itself_across_sources(everything):
    _, frame = everything
    held = frame[(frame["iso3"] == "SRB") & (frame["year"] == 2005) & (frame["status"] == "observed")]
    assert {"tier/published", "cpi_pre2012/first-published", "infant_mortality/factbook-2005"} <= set(
        held["variable"].astype(str) + "/" + held["vintage"].astype(str)
    )
    assert not {"SCG", "YUG"} & set(frame["iso3"])


def test_the_universe_of_2005_holds_every_country_that_was_placed(everything, names):
    _, frame = everything
    for year in range(2001, 2026):
        placed = set(frame["iso3"][(frame["variable"] == "tier") & (frame["year"] == year)])
        assert placed <= set(names.countries.counted(year)), year


def test_an_unknown_folder_is_refused(folder):
    folder.write("gdp/2005", "iso3,value\nNGA,1\n")
    with pytest.raises(DataError, match=r'data/raw/gdp: "gdp" has no reader'):
        read_all(folder.root)
