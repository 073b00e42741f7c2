"""A variable laid out by country and year: what lies outside is absent, never a neighbour."""

import numpy as np
import pytest

from corrtip.data.column import ABSENT, labelled
from corrtip.data.figures import STATUSES


def at(panel, name, iso3, year):
    numbers, status = panel.column(name).at(np.array([panel.iso3.index(iso3)]), np.array([year]))
    return numbers[0], status[0]


def test_a_cell_holds_number_and_status(panel):
    assert at(panel, "cpi_pre2012", "NGA", 2005) == (1.9, STATUSES.index("observed"))


def test_a_level_is_its_place_from_best_to_worst(panel):
    column = panel.column("tier")
    assert column.variable.levels[int(at(panel, "tier", "DEU", 2005)[0])] == "1"
    assert column.variable.levels[int(at(panel, "tier", "SDN", 2005)[0])] == "3"
    assert np.isnan(at(panel, "tier", "SOM", 2005)[0])
    assert at(panel, "tier", "SOM", 2005)[1] == STATUSES.index("special_case")


@pytest.mark.parametrize("year", [1900, 1994, 2012, 2400])
def test_a_year_that_the_panel_or_the_variable_does_not_have_is_absent(panel, year):
    number, status = at(panel, "cpi_pre2012", "NGA", year)
    assert np.isnan(number)
    assert status == ABSENT


def test_a_column_cannot_be_written_to(panel):
    with pytest.raises(ValueError, match="read-only"):
        panel.column("tier").numbers[0, 0] = 1.0


def test_labels_are_ordered_only_where_the_levels_are(panel):
    tier = labelled(panel.catalogue["tier"], np.array([3.0, np.nan, 0.0]))
    assert tier.ordered
    assert tier.tolist() == ["3", np.nan, "1"]
    region = labelled(panel.catalogue["region"], np.array([0.0]))
    assert not region.ordered
    assert labelled(panel.catalogue["gini"], np.array([31.5])).tolist() == [31.5]


def test_only_the_report_of_2025_is_held_in_part(panel):
    assert panel.column("tier").partial == (2025,)
    assert panel.column("cpi").partial == ()
    assert panel.column("gini", "factbook-2005").partial == ()  # a book that lists nobody cannot leave anybody out
