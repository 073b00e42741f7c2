"""No name covers another name or a point."""

from __future__ import annotations

import itertools

import numpy as np
from matplotlib.text import Text

from corrtip.report.labels import place_labels
from corrtip.report.style import new_axes


def test_names_cover_neither_names_nor_points() -> None:
    points = np.array([(x / 10, y / 10) for x in range(3, 8) for y in range(3, 8)])
    axes = new_axes(6, 5)
    axes.set(xlim=(0, 1), ylim=(0, 1))
    axes.scatter(*points.T, s=25)
    placed = place_labels(axes, points, [f"Country {k}" for k in range(len(points))], obstacles=points)
    renderer = axes.figure.canvas.get_renderer()
    boxes = [Text.get_window_extent(label, renderer) for label in placed]
    assert len(placed) > len(points) / 2
    assert not [pair for pair in itertools.combinations(boxes, 2) if pair[0].overlaps(pair[1])]
    dots = axes.transData.transform(points)
    assert not [(box, dot) for box in boxes for dot in dots if box.contains(*dot)]


def test_a_name_without_a_free_place_is_left_out() -> None:
    axes = new_axes(1, 1)
    axes.set(xlim=(0, 1), ylim=(0, 1))
    point = np.array([[0.5, 0.5]])
    assert place_labels(axes, point, ["a name much wider than the whole drawing"], obstacles=point) == []
    assert list(axes.texts) == []
