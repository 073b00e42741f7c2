"""Placements: tiers with their calendar, special cases, sets, and lists that anyone can look up."""

import pytest

from corrtip.data.source import read_edition
from corrtip.data.sources import tip
from corrtip.errors import DataError
from corrtip.project import figures_root

HEADER = ",".join(tip.COLUMNS)


def read(folder, names, *rows, edition="2005"):
    return tip.read(folder.edition(f"tip/{edition}", "\n".join([HEADER, *rows, ""])), names)


def refusal(folder, names, *rows, edition="2005"):
    with pytest.raises(DataError) as caught:
        read(folder, names, *rows, edition=edition)
    return caught.value


def published(year, names):
    return tip.read(read_edition(figures_root() / "raw" / "tip" / f"{year}.csv"), names).set_index("iso3")


def in_tier(year, level, names):
    frame = published(year, names)
    return set(frame.index[frame["level"] == level])


def test_a_placement_is_a_level(folder, names):
    row = read(folder, names, "Nigeria,2WL,3,true,KELLEY,,upgraded from tier 3").iloc[0]
    assert (row["iso3"], row["year"], row["variable"], row["vintage"]) == ("NGA", 2005, "tier", "published")
    assert (row["level"], row["status"], row["raw"], row["line"]) == ("2WL", "observed", "2WL", 2)
    assert (row["n_independent"], row["derived"]) == (3, True)


@pytest.mark.parametrize(("cell", "status"), [("special", "special_case"), ("1|2", "missing")])
def test_what_is_not_ranked_is_a_status_and_never_a_level(folder, names, cell, status):
    row = read(folder, names, f"Iraq,{cell},,false,,,").iloc[0]
    assert (row["status"], row["raw"]) == (status, cell)
    assert row[["level", "value", "n_independent"]].isna().all()


def test_a_tier_that_did_not_exist_in_that_year_is_refused(folder, names):
    error = refusal(folder, names, "Angola,2,2,false,x,,", "Nigeria,2WL,2,false,x,,", edition="2003")
    assert error.where == "data/raw/tip/2003.csv, row 3"
    assert error.seen == 'tier "2WL" in 2003'
    assert error.expected == "the watch list began with the report of 2004; one of 1, 2, 3, special"


@pytest.mark.parametrize("cell", ["4", "", "tier 1", "1|4", "2wl"])
def test_a_tier_that_never_existed_is_refused(folder, names, cell):
    error = refusal(folder, names, f"Nigeria,{cell},2,false,x,,")
    assert (error.where, error.seen) == ("data/raw/tip/2005.csv, row 2", f'tier "{cell}" in 2005')


def test_a_country_that_stands_twice_is_refused(folder, names):
    error = refusal(folder, names, "Burma,3,2,false,x,,", "Myanmar,3,2,false,x,,")
    assert (error.where, error.seen) == ("data/raw/tip/2005.csv, row 3", "a second tier of MMR in 2005: '3'")
    assert error.expected == "one; row 2 has '3'"


def test_a_name_that_is_not_valid_in_that_year_is_refused(folder, names):
    error = refusal(folder, names, "South Sudan,3,2,false,x,,")
    assert (error.where, error.seen) == ("data/raw/tip/2005.csv, row 2", 'country "South Sudan" in 2005')


def test_derived_is_true_or_false(folder, names):
    error = refusal(folder, names, "Nigeria,2,2,maybe,x,,")
    assert (error.where, error.seen, error.expected) == (
        "data/raw/tip/2005.csv, row 2",
        'derived "maybe"',
        "true or false",
    )


def test_the_count_of_sources_is_a_whole_number(folder, names):
    error = refusal(folder, names, "Nigeria,2,1.5,false,x,,")
    assert (error.where, error.seen) == ("data/raw/tip/2005.csv, row 2", 'n_independent "1.5"')


# The lists of tier 3 in the reports of July 2001 and June 2005, as the press printed them.
TIER_3 = {
    2001: "ALB ARE BHR BIH BLR COD GAB GRC IDN ISR KAZ KOR LBN MMR MYS PAK QAT ROU RUS SAU SDN SRB TUR",
    2005: "ARE BOL CUB ECU JAM KHM KWT MMR PRK QAT SAU SDN TGO VEN",
}


@pytest.mark.parametrize("year", TIER_3)
def test_tier_3_is_the_list_that_was_published(names, year):
    assert in_tier(year, "3", names) == set(TIER_3[year].split())


# Tiers 1, 2, watch list, 3 as the reports and the press of the day count them.
@pytest.mark.parametrize(
    ("year", "counts"),
    [(2002, (18, 52, 0, 19)), (2009, (28, 76, 52, 17)), (2015, (31, 89, 44, 23)), (2022, (30, 99, 34, 22))],
)
def test_each_tier_has_as_many_countries_as_were_counted(names, year, counts):
    assert tuple(len(in_tier(year, level, names)) for level in ("1", "2", "2WL", "3")) == counts


def test_special_territories_of_2005_and_2006(names):
    assert list(published(2005, names).loc[["SRB", "TWN", "HKG", "SDN", "COD"], "level"]) == ["2", "2", "1", "3", "2"]
    assert "MNE" not in published(2006, names).index
    assert {"SRB", "MNE"} <= set(published(2007, names).index)
    assert "SSD" not in published(2011, names).index
    assert "SSD" in published(2012, names).index
    assert {"CUW", "ABW"} <= set(published(2011, names).index)
    assert "ANT" not in published(2011, names).index


def test_the_united_states_are_placed_from_2010_on(names):
    assert "USA" not in published(2009, names).index
    assert published(2010, names).loc["USA", "level"] == "1"


def test_2025_keeps_sets_as_missing_and_says_that_it_is_not_complete(names):
    frame = published(2025, names)
    assert dict(frame.loc[["AUT", "CHE"], "raw"]) == {"AUT": "1|2", "CHE": "1|2"}
    assert int((frame["status"] == "missing").sum()) == 47
    assert not read_edition(figures_root() / "raw" / "tip" / "2025.csv").source.complete
    assert read_edition(figures_root() / "raw" / "tip" / "2005.csv").source.complete
