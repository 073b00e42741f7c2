"""Drawings show what they are given: every country a point, every row its probability, every term its interval."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.text import Text

from corrtip.report.figures import plot_coefficients, plot_coverage, plot_predicted_probabilities, plot_tier_by_score
from corrtip.report.style import TIER_COLOURS, drawn, new_axes

LEVELS = ["1", "2", "2WL", "3"]


@pytest.fixture
def countries() -> pd.DataFrame:
    """Return sixty made-up countries in four tiers, many with the same score."""
    codes = [f"{first}{second}A" for first in "ABCDEF" for second in "QRSTUVWXYZ"]
    tiers = pd.Categorical([LEVELS[place % 4] for place in range(60)], LEVELS, ordered=True)
    scores = [1.5 + (place * 7 % 30) / 4 for place in range(60)]
    index = pd.MultiIndex.from_product([codes, [2005]], names=["iso3", "year"])
    return pd.DataFrame({"tier": tiers, "score": scores}, index=index)


def test_every_country_is_a_point_in_the_row_of_its_tier(countries: pd.DataFrame) -> None:
    names = {code: f"Land {code}" for code in countries.index.get_level_values("iso3")}
    axes = plot_tier_by_score(countries, "score", label="Score (higher = cleaner)", names=names)
    points = {to_hex(row.get_facecolor()[0]): np.asarray(row.get_offsets()) for row in axes.collections}
    for place, level in enumerate(LEVELS):
        expected = np.sort(countries.loc[countries["tier"] == level, "score"])
        found = points[TIER_COLOURS[level]]
        np.testing.assert_array_equal(found[:, 0], expected)
        assert np.all(np.abs(found[:, 1] - place) < 0.5)
    assert [tick.get_text() for tick in axes.get_yticklabels()][2] == "Tier 2 watch list\n(n = 15)"
    assert axes.get_ylim()[0] > axes.get_ylim()[1], "the best tier is on top"
    assert axes.get_xlabel() == "Score (higher = cleaner)"


def test_the_outermost_are_named_without_overlap(countries: pd.DataFrame) -> None:
    names = {code: f"Land {code}" for code in countries.index.get_level_values("iso3")}
    axes = plot_tier_by_score(countries, "score", label="Score", names=names, outliers=1)
    renderer = axes.figure.canvas.get_renderer()
    boxes = {text.get_text(): Text.get_window_extent(text, renderer) for text in axes.texts}
    worst = countries[countries["tier"] == "1"]["score"].idxmin()[0]
    assert names[worst] in boxes
    assert not [pair for pair in itertools.combinations(boxes.values(), 2) if pair[0].overlaps(pair[1])]


def test_a_tier_without_countries_keeps_its_row(countries: pd.DataFrame) -> None:
    some = countries[countries["tier"] != "2WL"]
    names = {code: code for code in countries.index.get_level_values("iso3")}
    axes = plot_tier_by_score(some, "score", label="Score", names=names)
    assert [tick.get_text() for tick in axes.get_yticklabels()][2] == "Tier 2 watch list\n(n = 0)"


def test_probabilities_are_drawn_with_their_bands() -> None:
    at = np.linspace(0, 10, 5)
    rows = [(row, level, 0.25, 0.2, 0.3) for row in range(5) for level in LEVELS]
    bands = pd.DataFrame(rows, columns=["row", "level", "estimate", "conf_low", "conf_high"])
    axes = plot_predicted_probabilities(bands, at, label="Score")
    assert [line.get_label() for line in axes.lines] == ["Tier 1", "Tier 2", "Tier 2 watch list", "Tier 3"]
    for line in axes.lines:
        np.testing.assert_array_equal(line.get_xdata(), at)
    assert len(axes.collections) == 4


def test_coefficients_stand_in_the_rows_of_their_models() -> None:
    rows = [("a", "x", 1.0, 0.5, 2.0), ("a", "z", -1.0, -2.0, 0.0), ("b", "x", 0.2, 0.1, 0.4)]
    estimates = pd.DataFrame(rows, columns=["model", "term", "estimate", "conf_low", "conf_high"])
    axes = plot_coefficients(estimates, label="Log odds", names={"x": "Ex", "z": "Zed"})
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["a", "b"]
    containers = {container.get_label(): container for container in axes.containers}
    assert set(containers) == {"Ex", "Zed"}
    line, _, (bars,) = containers["Ex"]
    np.testing.assert_allclose(np.asarray(line.get_xdata(), dtype=float), [1.0, 0.2])
    ends = np.array([segment[:, 0] for segment in bars.get_segments()], dtype=float)
    np.testing.assert_allclose(ends, [[0.5, 2.0], [0.1, 0.4]])


def test_bars_of_a_year_add_up_to_what_is_listed_and_lost() -> None:
    columns = ["held", "confirmed", "special_case", "missing"]
    counts = pd.DataFrame([[8, 6, 2, 3], [5, 5, 0, 0]], columns=columns, index=pd.Index([2004, 2005]))
    axes = plot_coverage(counts, label="Countries")
    heights = [[bar.get_height() for bar in container] for container in axes.containers]
    assert heights == [[6, 5], [4, 0], [3, 0]]
    top = axes.containers[2][0]
    assert top.get_y() + top.get_height() == 13


def test_a_drawing_goes_into_the_axes_it_is_given(countries: pd.DataFrame) -> None:
    names = {code: code for code in countries.index.get_level_values("iso3")}
    axes = new_axes()
    assert plot_tier_by_score(countries, "score", label="Score", names=names, ax=axes) is axes


def test_the_same_figures_give_the_same_bytes(countries: pd.DataFrame) -> None:
    names = {code: f"Land {code}" for code in countries.index.get_level_values("iso3")}
    twice = [drawn(plot_tier_by_score(countries, "score", label="S", names=names), "tier") for _ in range(2)]
    assert twice[0] == twice[1]
