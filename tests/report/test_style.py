"""One style: the same bytes for the same drawing, and the user's own settings put back."""

from __future__ import annotations

import matplotlib as mpl
import pytest
from matplotlib.axes import Axes

from corrtip.report.style import COLOURS, INK, drawn, house_style, new_axes


def small_drawing() -> Axes:
    """Return a drawing that uses clips, markers and text."""
    with house_style():
        axes = new_axes(2, 2)
        axes.plot([0, 1], [1, 0], marker="o", label="a & <b>")
        axes.fill_between([0, 1], [0, 0], [1, 0.5])
        axes.legend()
    return axes


def test_equal_drawings_have_equal_bytes_that_tell_no_time() -> None:
    first, second = drawn(small_drawing(), "x"), drawn(small_drawing(), "x")
    assert first == second
    svg, png = first
    assert b"<dc:date>" not in svg
    assert b"matplotlib" not in svg.replace(b"matplotlib.axis", b"").lower()
    assert png.startswith(b"\x89PNG")
    assert b"Software" not in png


def test_the_style_beats_the_users_settings_and_leaves_them() -> None:
    with mpl.rc_context({"font.size": 33, "text.color": "red", "axes.facecolor": "black"}):
        svg, _ = drawn(small_drawing(), "x")
        assert mpl.rcParams["font.size"] == 33
    assert svg == drawn(small_drawing(), "x")[0]
    with house_style():
        assert mpl.rcParams["text.color"] == INK


@pytest.mark.parametrize("colour", COLOURS)
def test_no_series_has_the_colour_that_the_page_replaces(colour: str) -> None:
    assert colour != INK
