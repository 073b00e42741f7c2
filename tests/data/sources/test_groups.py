"""The World Bank's groups: income of the year, region of today."""

import pytest

from corrtip.data.source import read_edition
from corrtip.data.sources import groups
from corrtip.errors import DataError
from corrtip.project import figures_root

HEADER = ",".join(groups.COLUMNS)


def read(folder, names, *rows):
    return groups.read(folder.edition("groups/current", "\n".join([HEADER, *rows, ""])), names)


def test_groups_are_levels_and_an_empty_cell_is_missing(folder, names):
    frame = read(folder, names, "IND,2005,L,South Asia", "PRI,2005,H,")
    assert list(frame["variable"]) == ["income_group"] * 2 + ["region"] * 2
    assert list(frame["level"])[:3] == ["L", "H", "South Asia"]
    assert list(frame["status"]) == ["observed", "observed", "observed", "missing"]
    assert frame["value"].isna().all()
    assert set(frame["vintage"]) == {"current"}


def test_a_country_year_that_stands_twice_is_refused(folder, names):
    with pytest.raises(DataError, match=r"data/raw/groups/current\.csv, row 3: a second income_group of IND in 2005"):
        read(folder, names, "IND,2005,L,South Asia", "IND,2005,LM,South Asia")


# The publisher reclassified Czechia and Brazil with the data year 2006, India with 2007.
@pytest.mark.parametrize(
    ("iso3", "year", "group"),
    [
        ("CZE", 2005, "UM"),
        ("CZE", 2006, "H"),
        ("BRA", 2005, "LM"),
        ("BRA", 2006, "UM"),
        ("IND", 2006, "L"),
        ("IND", 2007, "LM"),
        ("USA", 2005, "H"),
    ],
)
def test_income_groups_are_those_of_their_year(names, iso3, year, group):
    frame = groups.read(read_edition(figures_root() / "raw" / "groups" / "current.csv"), names)
    row = frame[(frame["iso3"] == iso3) & (frame["year"] == year) & (frame["variable"] == "income_group")]
    assert list(row["level"]) == [group]
