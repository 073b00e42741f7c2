"""Names beside points so that no name covers another name or a point."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from corrtip.report.style import INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.backend_bases import RendererBase
    from matplotlib.text import Annotation

_RADIUS = 3.5  # of a point's marker
_RINGS = (9.0, 14.0, 20.0, 28.0, 38.0)  # distances tried, in points, nearest first
_ANGLES = tuple(math.radians(degrees) for degrees in (0, 180, 45, 135, -45, -135, 90, -90, 22, 158, -22, -158))


def place_labels(
    axes: Axes,
    points: npt.NDArray[np.float64],
    names: Sequence[str],
    *,
    obstacles: npt.NDArray[np.float64],
) -> list[Annotation]:
    """Write ``names`` beside ``points``, each at the nearest free place; a name without a free place is left out.

    Parameters
    ----------
    axes : Axes
        Its limits must be final: places are chosen in the drawing's own units.
    points : array, shape (n, 2)
        The points to name, in data coordinates.
    names : sequence of str
        One name per point; earlier names choose first.
    obstacles : array, shape (m, 2)
        Every drawn point, in data coordinates: no name covers one.

    Returns
    -------
    list of Annotation
        The names that were placed.
    """
    figure = axes.figure.get_figure(root=True)
    figure.draw_without_rendering()  # the layout engine moves the axes; places mean nothing before it has
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    scale = figure.dpi / 72
    marks = axes.transData.transform(obstacles)
    reach = _RADIUS * scale
    taken: list[tuple[float, ...]] = [(x - reach, y - reach, x + reach, y + reach) for x, y in marks]
    frame = axes.get_window_extent(renderer).extents
    placed = []
    for (x, y), name in zip(points, names, strict=True):
        label = axes.annotate(
            name,
            (x, y),
            xytext=(0, 0),
            textcoords="offset points",
            fontsize="small",
            color=INK,
            arrowprops={"arrowstyle": "-", "color": INK, "linewidth": 0.5, "alpha": 0.6, "shrinkA": 0, "shrinkB": 3},
        )
        for ring in _RINGS:
            places = _boxes(label, ring, renderer)
            own = axes.transData.transform((x, y))
            box = next((box for box in places if _free(box, taken, frame) and _clear(own, box, taken, reach)), None)
            if box is not None:
                taken.append(box)
                placed.append(label)
                break
        else:
            label.remove()
    return placed


def _boxes(label: Annotation, ring: float, renderer: RendererBase) -> Iterator[tuple[float, ...]]:
    from matplotlib.text import Text

    # The words alone: an annotation's own extent holds its line too.
    for angle in _ANGLES:
        across, up = math.cos(angle), math.sin(angle)
        label.set_horizontalalignment(("right", "center", "left")[1 + _side(across)])
        label.set_verticalalignment(("top", "center", "bottom")[1 + _side(up)])
        label.set_position((ring * across, ring * up))
        label.update_positions(renderer)
        yield tuple(Text.get_window_extent(label, renderer).extents)


def _free(box: tuple[float, ...], taken: Sequence[tuple[float, ...]], frame: Sequence[float]) -> bool:
    left, bottom, right, top = box
    inside = left >= frame[0] and bottom >= frame[1] and right <= frame[2] and top <= frame[3]
    return inside and not any(
        left < other[2] and other[0] < right and bottom < other[3] and other[1] < top for other in taken
    )


def _clear(
    own: npt.NDArray[np.float64], box: tuple[float, ...], taken: Sequence[tuple[float, ...]], reach: float
) -> bool:
    """Return whether the line from a point to the nearest spot of its name crosses no other point and no name."""
    end = np.clip(own, box[:2], box[2:])
    length = float(np.hypot(*(end - own)))
    steps = own + np.outer(np.linspace(0, 1, 24), end - own)
    outside = steps[np.hypot(*(steps - own).T) > 2 * reach] if length > 2 * reach else steps[:0]
    return not any(
        other[0] <= x <= other[2] and other[1] <= y <= other[3] for x, y in outside.tolist() for other in taken
    )


def _side(part: float) -> int:
    """Return -1, 0 or 1: a direction that leans less than a third counts as straight."""
    return 0 if abs(part) < 1 / 3 else 1 if part > 0 else -1
