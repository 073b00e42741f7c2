"""One style: the same bytes for the same drawing, and the user's own settings put back."""

from __future__ import annotations

import itertools
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from corrtip.errors import ReportError
from corrtip.report.style import COLOURS, INK, TIER_COLOURS, drawn, house_style, letter_on, new_axes, save_figure


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


@pytest.mark.parametrize("ending", ["pdf", "svg", "png"])
def test_a_saved_figure_is_of_its_kind_and_the_same_each_time(ending: str, tmp_path: Path) -> None:
    axes = small_drawing()
    save_figure(axes, tmp_path / f"one.{ending}")
    with mpl.rc_context({"pdf.fonttype": 3, "svg.hashsalt": "other", "savefig.dpi": 20}):
        save_figure(small_drawing(), tmp_path / "deeper" / f"one.{ending}")
    first, second = (path.read_bytes() for path in (tmp_path / f"one.{ending}", tmp_path / "deeper" / f"one.{ending}"))
    assert first == second
    assert first.startswith({"pdf": b"%PDF", "svg": b"<?xml", "png": b"\x89PNG"}[ending])
    assert not [word for word in (b"CreationDate", b"Producer", b"Software", b"/Type3") if word in first]
    if ending == "png":
        assert plt.imread(tmp_path / "one.png").shape[:2] == (600, 600), "two inches of 300 dots"


def test_a_figure_of_another_kind_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    axes = small_drawing()
    with pytest.raises(ReportError, match=r'the ending "\.docx"'):
        save_figure(axes, tmp_path / "one.docx")
    assert list(tmp_path.iterdir()) == []


def test_columns_are_those_of_a_journal_and_the_narrow_one_has_smaller_letters() -> None:
    one, two = new_axes("one column"), new_axes("two columns", height=3.0)
    sizes = [25.4 * axes.figure.get_size_inches() for axes in (one, two)]
    np.testing.assert_allclose(sizes, [[89, 89 / 1.5], [183, 76.2]])
    for axes, letters in ((one, 7.0), (two, 10.0)):
        with house_style(axes):
            assert axes.set_xlabel("x").get_size() == letters
        assert axes.get_xticklabels()[0].get_size() == letters
    with pytest.raises(ReportError, match="'one column' or 'two columns'"):
        new_axes("three columns")


# Machado, Oliveira and Fernandes (IEEE Trans. Vis. Comput. Graph. 15, 2009): linear RGB as seen without one cone.
BLINDNESS = {
    "none": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
TO_XYZ = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
WHITE = [0.9505, 1.0, 1.089]
# Distance in CIELAB at which areas of two colours are told apart at a glance; one is just noticeable side by side.
APART = 15.0


def linear(colour: str) -> np.ndarray:
    shares = np.array(to_rgb(colour))
    return np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)


def lab(colour: str, blindness: str) -> np.ndarray:
    seen = np.clip(np.array(BLINDNESS[blindness]) @ linear(colour), 0.0, 1.0)
    x, y, z = np.cbrt(np.array(TO_XYZ) @ seen / WHITE)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("blindness", BLINDNESS)
@pytest.mark.parametrize("palette", [COLOURS, tuple(TIER_COLOURS.values())], ids=["series", "tiers"])
def test_colours_stay_apart_for_the_colour_blind(palette: tuple[str, ...], blindness: str) -> None:
    distances = {
        pair: np.linalg.norm(lab(pair[0], blindness) - lab(pair[1], blindness))
        for pair in itertools.combinations(palette, 2)
    }
    assert min(distances.values()) > APART, min(distances, key=distances.__getitem__)


@pytest.mark.parametrize("colour", ["#0072b2", "#56b4e9", "#d55e00", "#999999", "#ffffff", "#000000"])
def test_letters_on_a_coloured_ground_have_the_contrast_that_readers_need(colour: str) -> None:
    ground, letters = (float(np.array(TO_XYZ)[1] @ linear(one)) + 0.05 for one in (colour, letter_on(colour)))
    assert max(ground, letters) / min(ground, letters) > 4.5  # WCAG 2, level AA
