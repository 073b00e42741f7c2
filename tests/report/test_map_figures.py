"""The map: every country that exists is a tile, in the colour of its figure or the sign of what it lacks."""

from __future__ import annotations

import pytest
from matplotlib.colors import to_hex, to_rgba
from matplotlib.patches import Rectangle

from corrtip.data.panel import Panel
from corrtip.data.tiles import load_tiles
from corrtip.errors import DataError, SpecError
from corrtip.report import map_figures
from corrtip.report.map_figures import plot_map, sentence_map
from corrtip.report.style import TIER_COLOURS, drawn, new_axes


def tile_of(ax, iso3: str) -> Rectangle:
    """Return the patch under the letters of a country."""
    (text,) = [text for text in ax.texts if text.get_text() == iso3]
    (patch,) = [patch for patch in ax.patches if patch.get_center() == pytest.approx(text.get_position())]
    return patch


def test_tiers_are_coloured_and_what_has_none_is_told_apart(panel: Panel) -> None:
    ax = new_axes("two columns")
    assert plot_map(panel, "tier", 2005, ax=ax) is ax
    assert {text.get_text() for text in ax.texts} == set(panel.countries.counted(2005))
    for iso3, level in {"FRA": "1", "RUS": "2WL", "SAU": "3"}.items():
        assert to_hex(tile_of(ax, iso3).get_facecolor()) == TIER_COLOURS[level]
    special, absent = tile_of(ax, "LBR"), tile_of(ax, "LIE")
    assert special.get_hatch()
    assert (absent.get_hatch(), absent.get_facecolor()) == (None, to_rgba("none"))
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "Tier 1",
        "Tier 2",
        "Tier 2 watch list",
        "Tier 3",
        "Special case",
        "Not listed",
    ]
    drawn(ax, "map")


def test_the_watch_list_is_not_in_the_legend_before_it_existed(panel: Panel) -> None:
    ax = plot_map(panel, "tier", 2003)
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert names[:3] == ["Tier 1", "Tier 2", "Tier 3"]
    drawn(ax, "map")


def test_scores_go_from_dark_to_light(panel: Panel) -> None:
    ax = plot_map(panel, "cpi", 2024)
    dark, middle, light = (sum(tile_of(ax, iso3).get_facecolor()[:3]) for iso3 in ("SSD", "ITA", "DNK"))
    assert dark < middle < light
    (bar,) = ax.child_axes
    assert bar.get_xlim() == (0.0, 100.0)
    assert "higher = cleaner), 2024" in bar.get_title(loc="left").replace("\n", " ")
    drawn(ax, "map")


def test_a_variable_of_two_vintages_needs_one_named(panel: Panel) -> None:
    with pytest.raises(SpecError, match="vintages"):
        plot_map(panel, "infant_mortality", 2005)
    ax = plot_map(panel, "infant_mortality", 2005, vintage="wdi-2026-07")
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["No figure"]
    drawn(ax, "map")


def test_words_say_what_the_map_shows(panel: Panel) -> None:
    said = sentence_map(panel, "cpi_pre2012", 2005)
    assert "159 countries, lowest Bangladesh, Chad and " in said
    assert "highest Iceland, " in said
    assert "not listed, 37" in said


@pytest.mark.parametrize(
    ("variable", "year", "problem"),
    [("cpi", 2005, "no country has a figure"), ("region", 2005, "a category"), ("tear", 2005, "not a variable")],
)
def test_what_cannot_be_drawn_is_refused(panel: Panel, variable: str, year: int, problem: str) -> None:
    with pytest.raises(SpecError, match=problem):
        plot_map(panel, variable, year)


def test_a_country_without_a_tile_is_named_not_lost(panel: Panel, monkeypatch: pytest.MonkeyPatch) -> None:
    tiles = {iso3: place for iso3, place in load_tiles().items() if iso3 != "FRA"}
    monkeypatch.setattr(map_figures, "load_tiles", lambda: tiles)
    with pytest.raises(DataError, match="no tile for FRA"):
        plot_map(panel, "tier", 2005)
