"""One style for every figure: colours that colour-blind readers can tell apart, the same bytes for the same drawing."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK: Final = "#1c2126"
"""Colour of text and axes; on the page it becomes the colour of the page's text, light or dark."""

COLOURS: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
"""Okabe and Ito's colours (2008), in the order in which series take them."""

TIER_COLOURS: Final[Mapping[str, str]] = MappingProxyType(
    {"1": "#0072b2", "2": "#56b4e9", "2WL": "#e69f00", "3": "#d55e00"}
)
"""From best (blue) to worst (vermilion): an order that survives every common colour blindness."""

TIER_MARKERS: Final[Mapping[str, str]] = MappingProxyType({"1": "o", "2": "s", "2WL": "^", "3": "D"})
"""A shape for each level, so that colour is never the only sign."""

MARKERS: Final = ("o", "s", "^", "D", "v", "P")
"""Shapes of series, in the order of `COLOURS`."""

_STYLE: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "axes.edgecolor": INK,
        "axes.labelcolor": INK,
        "axes.spines.right": False,
        "axes.spines.top": False,
        "axes.titlelocation": "left",
        "axes.titlesize": 10,
        "figure.constrained_layout.use": True,
        "figure.dpi": 100,
        "figure.figsize": (6.0, 4.0),
        "font.family": "DejaVu Sans",  # travels inside matplotlib, so every machine has it
        "font.size": 10,
        "grid.color": INK,
        "grid.alpha": 0.15,
        "legend.frameon": False,
        "legend.labelcolor": INK,
        "savefig.dpi": 200,
        "svg.fonttype": "path",
        "text.color": INK,
        "xtick.color": INK,
        "ytick.color": INK,
    }
)


@contextmanager
def house_style() -> Iterator[None]:
    """Draw in the house style, whatever settings the user's own matplotlib has; they are put back afterwards."""
    import matplotlib as mpl
    from cycler import cycler

    with mpl.rc_context():
        mpl.rcdefaults()
        settings: Any = {**_STYLE, "axes.prop_cycle": cycler(color=COLOURS)}
        mpl.rcParams.update(settings)
        yield


def new_axes(width: float = 6.0, height: float = 4.0) -> Axes:
    """Return the axes of a new figure, its size in inches."""
    import matplotlib.pyplot as plt

    with house_style():
        _, axes = plt.subplots(figsize=(width, height))
    return axes


def drawn(axes: Axes, name: str) -> tuple[bytes, bytes]:
    """Return the figure that ``axes`` belongs to as SVG (no background) and PNG (white background), and close it.

    Parameters
    ----------
    axes : Axes
        Any axes of the figure.
    name : str
        The figure's name; the identifiers inside the SVG are derived from it instead of from chance.

    Returns
    -------
    (bytes, bytes)
        SVG without date or creator, and PNG without the program's name: equal drawings have equal bytes.
    """
    import matplotlib.pyplot as plt

    figure = axes.figure.get_figure(root=True)
    svg, png = io.BytesIO(), io.BytesIO()
    with house_style():
        plt.rcParams["svg.hashsalt"] = name
        nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        figure.savefig(svg, format="svg", transparent=True, metadata=nothing)
        figure.savefig(png, format="png", facecolor="white", metadata={"Software": None})
    plt.close(figure)
    return svg.getvalue(), png.getvalue()
