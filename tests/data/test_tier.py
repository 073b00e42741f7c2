"""The calendar of the tiers, and cells of the raw files that break it."""

from __future__ import annotations

import pytest

from corrtip.data.tier import LEVELS, levels_in, read_tier
from corrtip.errors import DataError


@pytest.mark.parametrize(
    ("year", "levels"), [(2001, ("1", "2", "3")), (2003, ("1", "2", "3")), (2004, LEVELS), (2025, LEVELS)]
)
def test_the_watch_list_begins_in_2004(year: int, levels: tuple[str, ...]) -> None:
    assert levels_in(year) == levels


def test_there_is_no_report_before_2001() -> None:
    with pytest.raises(DataError, match="report year 2000"):
        levels_in(2000)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", ("1", "observed")),
        ("2WL", ("2WL", "observed")),
        ("special", (None, "special_case")),
        ("1|2", (None, "missing")),
        ("1|2|2WL", (None, "missing")),
    ],
)
def test_a_cell_becomes_a_level_and_a_status(text: str, expected: tuple[str | None, str]) -> None:
    assert read_tier(text, 2010, "row") == expected


@pytest.mark.parametrize(("text", "year"), [("2WL", 2003), ("2|2WL", 2002)])
def test_a_watch_list_placement_before_2004_is_refused_with_the_place(text: str, year: int) -> None:
    with pytest.raises(DataError, match=r"data/raw/tip/2003.csv, row 41: tier .* in 200[23].*began with .* 2004"):
        read_tier(text, year, "data/raw/tip/2003.csv, row 41")


@pytest.mark.parametrize("text", ["", "4", "Tier 1", "1 ", "1|", "2wl", "1|1", "special|1"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(DataError, match="row 7"):
        read_tier(text, 2010, "row 7")
