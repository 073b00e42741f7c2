"""The catalogue of variables: direction, vintages, and declarations that are refused."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from corrtip.data.catalogue import Variable, find_variable, load_catalogue, series_of
from corrtip.data.tier import LEVELS, levels_in
from corrtip.errors import DeclarationError, SpecError

CATALOGUE = load_catalogue()

MINIMAL = """
[vintages]
book = ["2003", "2004"]

[variables.height]
label = "Height"
unit = "m"
kind = "numeric"
lowest = 0
highest = 3
published_as = { book = "h" }
"""


@pytest.fixture
def declare(tmp_path: Path):
    """Return a function that loads a catalogue from the text of its file."""

    def load(text: str) -> object:
        (tmp_path / "variables.toml").write_text(text, encoding="utf-8")
        return load_catalogue(tmp_path)

    return load


@pytest.mark.parametrize(
    ("name", "direction"),
    [
        ("cpi_pre2012", "higher = cleaner"),
        ("cpi", "higher = cleaner"),
        ("cpi_rank", "higher = more corrupt"),
        ("tier", "1 = best, 3 = worst"),
        ("income_group", "H = best, L = worst"),
        ("infant_mortality", "higher = worse"),
        ("life_expectancy", "higher = better"),
        ("wgi_control_of_corruption", "higher = cleaner"),
        ("vdem_corruption", "higher = more corrupt"),
        ("political_rights", "higher = less free"),
        ("freedom_status", "F = best, NF = worst"),
        ("palermo_party", "higher = party"),
        ("three_p_prevention", "5 = best, 1 = worst"),
        ("unodc_origin", "1 = best, 5 = worst"),
        ("population", ""),
        ("region", ""),
    ],
)
def test_direction_is_said_by_the_variable(name: str, direction: str) -> None:
    assert CATALOGUE[name].direction == direction


def test_the_tier_and_its_calendar_agree() -> None:
    assert CATALOGUE["tier"].levels == LEVELS
    assert [CATALOGUE["tier"].levels_in(year) for year in (2003, 2004)] == [levels_in(2003), LEVELS]
    assert CATALOGUE["region"].levels_in(2003) == CATALOGUE["region"].levels


def test_the_two_lives_of_the_cpi_are_two_variables_that_exclude_one_another() -> None:
    old, new = CATALOGUE["cpi_pre2012"], CATALOGUE["cpi"]
    assert (old.scale, old.comparable, old.last_year) == ((0, 10), "within_year", 2011)
    assert (new.scale, new.comparable, new.first_year) == ((0, 100), "over_time", 2012)
    assert old.never_with == ("cpi",)
    assert new.never_with == ("cpi_pre2012",)


def test_an_open_scale_is_infinite() -> None:
    assert CATALOGUE["population"].scale == (0, math.inf)
    assert CATALOGUE["net_oda"].scale == (-math.inf, math.inf)


def test_each_of_the_51_world_development_indicators_has_a_name() -> None:
    series = series_of(CATALOGUE, "wdi")
    assert len(series) == 51
    assert series["SI.POV.NAHC"] == "poverty_headcount"


def test_what_two_sources_measure_alike_differs_by_vintage_and_net_migration_by_name() -> None:
    assert set(CATALOGUE["infant_mortality"].vintages) == {f"factbook-{year}" for year in range(2003, 2008)} | {
        "wdi-2026-07"
    }
    assert series_of(CATALOGUE, "factbook")["Net migration (per 1,000)"] == "net_migration_rate"
    assert "factbook" not in CATALOGUE["net_migration"].published_as


def test_the_only_vintage_needs_no_name_and_one_of_several_does() -> None:
    assert CATALOGUE["cpi"].choose_vintage(None, "here") == "first-published"
    assert CATALOGUE["gini"].choose_vintage("factbook-2005", "here") == "factbook-2005"
    with pytest.raises(SpecError, match=r"6 vintages.*factbook-2003, .*wdi-2026-07"):
        CATALOGUE["gini"].choose_vintage(None, "here")
    with pytest.raises(SpecError, match=r'no vintage "factbook-205".*Nearest: .*factbook-2005'):
        CATALOGUE["gini"].choose_vintage("factbook-205", "here")


def test_an_unknown_variable_is_refused_with_the_nearest() -> None:
    assert find_variable(CATALOGUE, "gini", "here") is CATALOGUE["gini"]
    with pytest.raises(SpecError, match=r"here: .infant_mort. is not a variable.*Nearest: 'infant_mortality'"):
        find_variable(CATALOGUE, "infant_mort", "here")


def test_vintages_follow_from_the_sources(declare) -> None:
    height = declare(MINIMAL)["height"]
    assert isinstance(height, Variable)
    assert height.vintages == ("2003", "2004")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('book = "h"', 'atlas = "h"', 'published_as: source "atlas".*one of book'),
        ('{ book = "h" }', "3", "published_as: 3"),
        ("lowest = 0", "lowest = 4", "lowest: .*less than highest"),
        ('kind = "numeric"', 'kind = "ordered"', "ordered with 0 levels"),
        ('kind = "numeric"', 'kind = "number"', "kind: 'number'.*'numeric', 'ordered', 'category'"),
        ('kind = "numeric"', 'kind = "numeric"\nlevels = ["a"]', "numeric with 1 levels"),
        ('kind = "numeric"', 'kind = "ordered"\nlevels = ["a", "a"]\nbetter = "low"', "levels: .*each level once"),
        ('kind = "numeric"', 'kind = "ordered"\nlevels = ["a", "b"]', 'better: None.*"low"'),
        ('unit = "m"', 'unit = "m"\nvintages = ["x"]', "vintages: is given twice"),
        ('unit = "m"', 'unit = "m"\nnever_with = ["width"]', 'never_with: "width" is not a variable'),
        ('unit = "m"', 'unit = "m"\nbetter = "up"', "better"),
        ('unit = "m"\n', "", 'key "unit" is missing'),
        ("highest = 3", "highest = inf", "highest: inf"),
    ],
)
def test_a_wrong_declaration_is_refused_by_its_key(declare, old: str, new: str, message: str) -> None:
    assert old in MINIMAL
    with pytest.raises(DeclarationError, match=f"variables.*height.*{message}"):
        declare(MINIMAL.replace(old, new))


def test_two_variables_cannot_claim_one_series(declare) -> None:
    second = MINIMAL.partition("[variables.height]")[2]
    with pytest.raises(DeclarationError, match=r'variables.width.*book "h" is already "height"'):
        declare(MINIMAL + "\n[variables.width]" + second)


def test_a_missing_or_broken_file_is_refused(declare, tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match=r"data/variables.toml: the file does not exist"):
        load_catalogue(tmp_path)
    with pytest.raises(DeclarationError, match=r"not TOML"):
        declare("[variables")
