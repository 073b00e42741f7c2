"""The Corruption Perceptions Index: its two scales, its companions, and figures that anyone can look up."""

import numpy as np
import pytest

from corrtip.data.source import read_edition
from corrtip.data.sources import cpi
from corrtip.errors import DataError
from corrtip.project import figures_root

HEADER = ",".join(cpi.COLUMNS)
NIGERIA = "Nigeria,1.9,152,9,,1.7,2.0,x,3"


def read(folder, names, *rows, edition="2005"):
    return cpi.read(folder.edition(f"cpi/{edition}", "\n".join([HEADER, *rows, ""])), names)


def refusal(folder, names, *rows, edition="2005"):
    with pytest.raises(DataError) as caught:
        read(folder, names, *rows, edition=edition)
    return caught.value


def published(year, names):
    frame = cpi.read(read_edition(figures_root() / "raw" / "cpi" / f"{year}.csv"), names)
    name = "cpi" if year >= 2012 else "cpi_pre2012"
    return {
        kind: frame[frame["variable"] == variable].set_index("iso3")["value"]
        for kind, variable in (("score", name), ("rank", f"{name}_rank"))
    }


def test_a_row_gives_the_score_and_its_companions(folder, names):
    frame = read(folder, names, NIGERIA).set_index("variable")
    assert dict(frame["value"].dropna()) == {
        "cpi_pre2012": 1.9,
        "cpi_pre2012_rank": 152,
        "cpi_pre2012_n_sources": 9,
        "cpi_pre2012_ci_low": 1.7,
        "cpi_pre2012_ci_high": 2.0,
    }
    assert frame.loc["cpi_pre2012_std_error", "status"] == "missing"
    assert set(frame["vintage"]) == {"first-published"}
    assert (set(frame["iso3"]), set(frame["year"]), set(frame["line"])) == ({"NGA"}, {2005}, {2})
    assert set(frame["n_independent"]) == {3}


def test_the_index_has_two_lives(folder, names):
    assert "cpi_pre2012" in set(read(folder, names, "Nigeria,2.4,143,,,,,x,3", edition="2011")["variable"])
    assert "cpi" in set(read(folder, names, "Nigeria,27,139,,,,,x,3", edition="2012")["variable"])


@pytest.mark.parametrize(("edition", "score", "top"), [("2011", "27", 10), ("2005", "-0.1", 10), ("2012", "101", 100)])
def test_a_score_off_its_scale_is_refused(folder, names, edition, score, top):
    error = refusal(folder, names, "Ghana,3,65,,,,,x,3", f"Nigeria,{score},152,,,,,x,3", edition=edition)
    assert error.where == f"data/raw/cpi/{edition}.csv, row 3"
    assert error.seen == f'score "{score}" of Nigeria'
    assert error.expected == f"a score from 0 to {top} in the edition of {edition}"
    assert "published table" in error.mend


@pytest.mark.parametrize(
    ("row", "seen"),
    [
        ("Nigeria,,152,,,,,x,3", 'score "" of Nigeria'),
        ("Nigeria,1.9,152,,,2.0,2.2,x,3", 'score "1.9" of Nigeria'),
        ("Nigeria,1.9,152,,,1.7,1.8,x,3", 'score "1.9" of Nigeria'),
        ("Nigeria,1.9,152,,,1.7,,x,3", 'ci_low "1.7" of Nigeria'),
        ("Nigeria,1.9,0,,,,,x,3", 'rank "0"'),
        ("Nigeria,1.9,1.5,,,,,x,3", 'rank "1.5"'),
        ("Nigeria,1.9,152,0,,,,x,3", 'n_sources "0"'),
        ("Nigeria,1.9,152,,-1,,,x,3", 'std_error "-1" of Nigeria'),
        ("Nigeria,N/A,152,,,,,x,3", 'score "N/A"'),
        ("Nigeria,1.9,152,,,,,x,0", 'n_independent "0"'),
    ],
)
def test_an_impossible_cell_is_refused_with_its_row(folder, names, row, seen):
    error = refusal(folder, names, row)
    assert (error.where, error.seen) == ("data/raw/cpi/2005.csv, row 2", seen)


def test_a_country_that_stands_twice_is_refused(folder, names):
    error = refusal(folder, names, NIGERIA, "Myanmar,1.8,155,,,,,x,3", "Burma,1.8,155,,,,,x,3")
    assert error.where == "data/raw/cpi/2005.csv, row 4"
    assert error.seen == "a second cpi_pre2012 of MMR in 2005: '1.8'"
    assert error.expected == "one; row 3 has '1.8'"
    assert error.mend


def test_an_unknown_country_is_refused(folder, names):
    error = refusal(folder, names, NIGERIA, "Nigeriaa,1.9,152,,,,,x,3")
    assert str(error).startswith('data/raw/cpi/2005.csv, row 3: country "Nigeriaa" is not in data/countries.csv.')
    assert '"Nigeria"' in error.mend


# As Transparency International announced them, edition by edition.
@pytest.mark.parametrize(
    ("year", "count", "first", "last"),
    [
        (1995, 41, {"NZL": 9.55}, {"IDN": 1.94}),
        (2000, 90, {"FIN": 10.0}, {"NGA": 1.2}),
        (2001, 91, {"FIN": 9.9}, {"BGD": 0.4}),
        (2005, 159, {"ISL": 9.7}, {"BGD": 1.7, "TCD": 1.7}),
        (2011, 183, {"NZL": 9.5}, {"PRK": 1.0, "SOM": 1.0}),
        (2012, 176, {"DNK": 90, "FIN": 90, "NZL": 90}, {"AFG": 8, "PRK": 8, "SOM": 8}),
        (2019, 180, {"DNK": 87, "NZL": 87}, {"SOM": 9}),
        (2023, 180, {"DNK": 90}, {"SOM": 11}),
    ],
)
def test_first_and_last_are_those_of_the_press_release(names, year, count, first, last):
    score = published(year, names)["score"]
    assert len(score) == count
    assert dict(score[score == score.max()]) == first
    assert dict(score[score == score.min()]) == last


@pytest.mark.parametrize(
    ("year", "scores"),
    [
        (2004, {"BGD": 1.5, "HTI": 1.5, "NGA": 1.6, "FIN": 9.7, "USA": 7.5}),
        (2005, {"NGA": 1.9, "USA": 7.6, "GBR": 8.6, "DEU": 8.2, "CHN": 3.2, "IND": 2.9, "HTI": 1.8, "MMR": 1.8}),
        (2012, {"USA": 73, "DEU": 79, "GRC": 36, "CHN": 39}),
    ],
)
def test_scores_are_those_that_were_published(names, year, scores):
    assert dict(published(year, names)["score"][list(scores)]) == scores


def test_ranks_of_2005_are_those_that_were_published(names):
    rank = published(2005, names)["rank"]
    assert dict(rank[["ISL", "FIN", "NZL", "USA", "NGA", "BGD", "TCD"]]) == {
        **{"ISL": 1, "FIN": 2, "NZL": 2, "USA": 17},
        **{"NGA": 152, "BGD": 158, "TCD": 158},
    }


def test_the_joint_state_is_one_unit_in_the_index(names):
    assert [float(published(year, names)["score"]["SRB"]) for year in (2003, 2004, 2005, 2006)] == [2.3, 2.7, 2.8, 3.0]


def test_published_ranges_are_as_complete_as_the_publisher_left_them(names):
    held = {}
    for year in range(1995, 2026):
        frame = cpi.read(read_edition(figures_root() / "raw" / "cpi" / f"{year}.csv"), names)
        ends = frame[frame["variable"].str.endswith("_ci_low")]
        held[year] = int(np.isnan(ends["value"]).sum())
    assert {year for year, missing in held.items() if missing == 0} == {
        *range(2004, 2008),
        *range(2009, 2014),
        *range(2016, 2026),
    }
    assert held[2008] == 3
