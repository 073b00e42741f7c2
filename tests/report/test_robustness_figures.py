"""Drawings of robustness: every density, country and predictor stands where its numbers say."""

import numpy as np
import pandas as pd
import pytest

from corrtip.data.catalogue import load_catalogue
from corrtip.report.robustness_figures import plot_bounds, plot_dominance, plot_extrapolation, plot_influence
from corrtip.report.style import drawn
from corrtip.robustness.dominance import Dominance
from corrtip.robustness.simex import Simex

CATALOGUE = load_catalogue()


def test_effects_of_opposite_measures_are_turned_to_one_side(bounds):
    ax = plot_bounds(bounds, CATALOGUE, label="Points")
    medians = [float(line.get_xdata()[0]) for line in ax.lines if line.get_marker() == "o"]
    assert medians == pytest.approx([10.0, 10.0])  # two units of .05, in percentage points
    ridges = [collection.get_paths()[0].vertices[:, 0] for collection in ax.collections]
    assert all(ridge.min() > 0 for ridge in ridges)
    drawn(ax, "bounds")


def test_the_line_of_a_density_ends_at_leamers_bounds(bounds):
    ax = plot_bounds(bounds, CATALOGUE, label="Points")
    lines = [sorted(line.get_xdata()) for line in ax.lines if line.get_marker() == "|"]
    table = bounds.tidy().query("scale == 'effect'")
    turned = table[["lower_bound", "upper_bound"]].to_numpy()
    assert lines[0] == pytest.approx(100 * turned[0])
    assert lines[1] == pytest.approx(100 * -turned[1, ::-1])
    assert ax.texts[0].get_text() == "77 % of 90\nwith p < .05"
    assert ax.get_yticklabels()[1].get_text() == "Political corruption\n(V-Dem)"


def test_the_countries_that_move_a_coefficient_most_have_names_and_rows():
    changes = pd.Series([0.1, -0.5, 0.05, 0.3, np.nan, -0.02], index=list("ABCDEF"))
    ax = plot_influence(changes, names={code: f"{code}land" for code in "ABCDEF"}, label="it", countries=2)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["Bland", "Dland"]
    dots = next(line for line in ax.lines if line.get_marker() == "o")
    assert dots.get_xdata().tolist() == [-0.5, 0.3]
    (band,) = ax.patches
    assert (band.get_x(), band.get_x() + band.get_width()) == pytest.approx((-0.02, 0.1))
    assert ax.get_legend().get_texts()[0].get_text() == "the other 3 countries"
    drawn(ax, "influence")


def test_no_band_is_drawn_where_no_country_is_left():
    ax = plot_influence(pd.Series([0.1], index=["A"]), names={"A": "Aland"}, label="it")
    assert not ax.patches
    assert ax.get_legend() is None


def test_general_dominance_stands_above_what_a_predictor_adds_to_each_company(importance):
    ax = plot_dominance(importance, names={"a": "First", "b": "Second"})
    dots = [(line.get_ydata()[0], float(line.get_xdata()[0])) for line in ax.lines if line.get_marker() == "o"]
    assert [place for place, _ in dots] == pytest.approx([0, 0.25, 0.5, 1, 1.25, 1.5])
    assert [value for _, value in dots] == pytest.approx([0.175, 0.2, 0.15, 0.075, 0.1, 0.05])
    assert [text.get_text() for text in ax.texts] == ["on average", "alone", "beside 1 other"] * 2
    assert [label.get_text() for label in ax.get_yticklabels()] == ["First", "Second"]
    assert ax.get_xlabel() == "Added to McFadden's R²"
    drawn(ax, "dominance")


def test_without_draws_dots_stand_alone(importance):
    bare = Dominance(names=importance.names, n=50, values=importance.values, draws=np.empty((0, 4)))
    ax = plot_dominance(bare, names={"a": "First", "b": "Second"})
    assert [text.xy[0] for text in ax.texts] == pytest.approx([0.175, 0.2, 0.15, 0.075, 0.1, 0.05])


def test_the_path_and_its_end_are_drawn():
    path = np.array([[1.0], [0.9], [0.8], [0.7], [0.6]])
    found = Simex(
        names=("x",),
        path=path,
        naive_covariance=np.eye(1),
        params=np.array([1.2]),
        covariance=np.eye(1),
        reliability=0.9,
    )
    ax = plot_extrapolation(found, "x", label="Coefficient")
    assert ax.lines[2].get_ydata().tolist() == path[:, 0].tolist()
    assert ax.lines[3].get_xydata().tolist() == [[0.0, 1.2]]
    drawn(ax, "simex")
