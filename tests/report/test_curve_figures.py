"""The drawing of a specification curve: every estimate in its class, every option a row of the panel."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.colors import to_hex

from corrtip.report.curve_figures import plot_specification_curve
from corrtip.report.style import COLOURS, drawn


def effects_of(n: int) -> np.ndarray:
    """Return the effects of a made curve, from the lowest."""
    return (np.arange(n) - n / 10 + 0.5) / n / 5


def test_few_specifications_are_dots_in_order_and_in_the_colour_of_their_class(curve_of):
    ax = plot_specification_curve(curve_of(40), label="Points")
    above, _ = ax.child_axes
    dots = {line.get_label(): line for line in above.lines if line.get_marker() == "."}
    assert set(dots) == {
        "expected sign, p < .05 (22 %)",
        "expected sign, p ≥ .05 (68 %)",
        "other sign, p ≥ .05 (8 %)",
        "other sign, p < .05 (2 %)",
    }
    strong = dots["expected sign, p < .05 (22 %)"]
    assert to_hex(strong.get_color()) == COLOURS[0]
    places = strong.get_xdata()
    assert places.tolist() == list(range(7, 40, 4))
    assert strong.get_ydata() == pytest.approx(100 * effects_of(40)[places])
    drawn(ax, "few")


def test_thousands_grow_into_a_ribbon_that_is_as_thick_everywhere(curve_of):
    ax = plot_specification_curve(curve_of(2000), label="Points")
    above, _ = ax.child_axes
    assert not [line for line in above.lines if line.get_marker() == "."]
    parts = [part for part in above.collections if not part.get_label().startswith("_")]
    assert len(parts) == 4
    heights = sum(height_at(part, 504.5) for part in parts)
    assert heights == pytest.approx(sum(height_at(part, 1504.5) for part in parts))
    # Of the ten at this place (1000 to 1009) two are significant.
    assert height_at(parts[-1], 1004.5) / heights == pytest.approx(0.2)
    drawn(ax, "many")


def height_at(part, place):
    """Return the height of a filled area at one of its places."""
    corners = part.get_paths()[0].vertices
    return np.ptp(corners[np.abs(corners[:, 0] - place) < 1e-9][:, 1])


def test_the_panel_has_a_row_for_each_option_that_somebody_took_below_its_heading(curve_of):
    ax = plot_specification_curve(curve_of(2000), label="Points")
    _, panel = ax.child_axes
    assert [label.get_text() for label in panel.get_yticklabels()] == ["low", "high"]
    assert [text.get_text() for text in panel.texts] == ["Half", "3.0", "13.0"]
    (image,) = panel.images
    low, high = np.asarray(image.get_array())[1:3]
    # All specifications of an option in half of the places: twice as many there as if they were spread evenly.
    np.testing.assert_allclose(low, [2.0] * 100 + [0.0] * 100)
    np.testing.assert_allclose(high, [0.0] * 100 + [2.0] * 100)
    strokes = [line.get_xdata()[0] for line in panel.lines]
    assert strokes == [499.5, 1499.5]


def test_medians_without_an_effect_are_a_band_where_there_are_draws(curve_of):
    without, with_draws = (plot_specification_curve(curve_of(40, draws), label="P").child_axes[0] for draws in (0, 41))
    assert not without.patches
    (band,) = with_draws.patches
    assert (band.get_y(), band.get_y() + band.get_height()) == pytest.approx((0.05, 1.95))
    assert with_draws.get_legend().get_texts()[-1].get_text() == "medians without an effect (95 %)"
    assert with_draws.texts[0].get_text() == "median 8.0"


def test_a_choice_that_was_made_in_one_way_has_no_row(curve_of):
    made = curve_of(40)
    table = made.table.assign(whole="one")
    ax = plot_specification_curve(replace(made, table=table), label="Points")
    assert [text.get_text() for text in ax.child_axes[1].texts if not text.get_text()[0].isdigit()] == ["Half"]
