"""One style for every figure: colours that colour-blind readers can tell apart, the same bytes for the same drawing."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal

from corrtip.errors import ReportError
from corrtip.project import write_file

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.typing import ColorType

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

WIDTHS: Final[Mapping[str, float]] = MappingProxyType({"one column": 89 / 25.4, "two columns": 183 / 25.4})
"""Inches of the columns of a journal's page: 89 and 183 millimetres, as Nature has them."""

_NARROW: Final = 3.5  # inches of a drawing below which letters are those of one column
_LETTERS: Final = 10.0  # points
_LETTERS_NARROW: Final = 7.0  # what journals ask for at most, at the printed size; the smallest are five
_DARKEST_FOR_BLACK: Final = 0.179  # luminance at which black and white letters have the same contrast (WCAG 2)
_PRINTED: Final = 300  # dots an inch that journals ask for

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
        "font.size": _LETTERS,
        "grid.color": INK,
        "grid.alpha": 0.15,
        "legend.frameon": False,
        "legend.labelcolor": INK,
        "pdf.fonttype": 42,  # TrueType: journals refuse Type 3
        "savefig.dpi": 200,
        "svg.fonttype": "path",
        "text.color": INK,
        "xtick.color": INK,
        "ytick.color": INK,
    }
)


@contextmanager
def house_style(ax: Axes | None = None) -> Iterator[None]:
    """Draw in the house style, whatever settings the user's own matplotlib has; they are put back afterwards.

    Parameters
    ----------
    ax : Axes, optional
        Where it is drawn: on narrow axes, those of one column, letters are smaller.
    """
    import matplotlib as mpl
    from cycler import cycler

    with mpl.rc_context():
        mpl.rcdefaults()
        settings: Any = {**_STYLE, "axes.prop_cycle": cycler(color=COLOURS)}
        mpl.rcParams.update(settings)
        if ax is not None:
            narrow = ax.bbox.width / ax.figure.dpi < _NARROW
            mpl.rcParams["font.size"] = _LETTERS_NARROW if narrow else _LETTERS
            ax.tick_params(labelsize="medium")
            for axis in (ax.xaxis, ax.yaxis):
                axis.label.set_fontsize("medium")
        yield


def new_axes(width: float | Literal["one column", "two columns"] = "two columns", height: float | None = None) -> Axes:
    """Return the axes of a new figure in the house style.

    Parameters
    ----------
    width : {"one column", "two columns"} or float
        The width that the figure has on a journal's page, 89 or 183 millimetres, or inches. In one column letters
        have 5 to 7 points.
    height : float, optional
        Inches; two thirds of the width if not given.

    Returns
    -------
    Axes
        For the ``ax`` of every ``plot_`` function.

    Examples
    --------
    >>> ax = new_axes("one column", height=2.5)
    >>> (25.4 * ax.figure.get_size_inches()).round(1).tolist()
    [89.0, 63.5]
    """
    import matplotlib.pyplot as plt

    inches = width if isinstance(width, int | float) else WIDTHS.get(width)
    if inches is None:
        raise ReportError("width", f'"{width}"', expected=f"inches or {' or '.join(map(repr, WIDTHS))}")
    with house_style():
        figure = plt.figure(figsize=(inches, inches / 1.5 if height is None else height))
        return figure.add_subplot()


def letter_on(colour: ColorType) -> str:
    """Return the colour of letters on a coloured ground, black or white, whichever stands out more.

    The page turns `INK` light in the dark, but not the ground of a cell.

    Examples
    --------
    >>> [letter_on(TIER_COLOURS[level]) for level in ("1", "2", "2WL", "3")]
    ['white', 'black', 'black', 'black']
    """
    from matplotlib.colors import to_rgb

    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(colour))
    return "black" if 0.2126 * red + 0.7152 * green + 0.0722 * blue > _DARKEST_FOR_BLACK else "white"


def save_figure(ax: Axes, path: str | Path) -> None:
    """Write the figure that ``ax`` belongs to, ready for a journal: the same drawing gives the same bytes.

    Parameters
    ----------
    ax : Axes
        Any axes of the figure, as every ``plot_`` function returns them.
    path : str or Path
        The ending says what is written: ``.pdf`` (fonts embedded as TrueType), ``.svg`` (letters as outlines) or
        ``.png`` (300 dots an inch, on white).

    Raises
    ------
    ReportError
        If the ending is another.
    """
    path = Path(path)
    ending = path.suffix.removeprefix(".").lower()
    if ending not in _METADATA:
        raise ReportError(path.name, f'the ending "{path.suffix}"', expected=".pdf, .svg or .png")
    write_file(path, _written(_figure(ax), ending, path.stem, dots=_PRINTED))


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

    figure = _figure(axes)
    svg, png = (_written(figure, ending, name) for ending in ("svg", "png"))
    plt.close(figure)
    return svg, png


# Nothing that tells the time or the program.
_METADATA: Final[Mapping[str, Mapping[str, None]]] = {
    "pdf": dict.fromkeys(("CreationDate", "Creator", "Producer")),
    "svg": dict.fromkeys(("Date", "Creator", "Format", "Type")),
    "png": dict.fromkeys(("Software",)),
}


def _written(figure: Figure, ending: str, name: str, dots: float | None = None) -> bytes:
    import matplotlib as mpl

    written = io.BytesIO()
    ground: Any = {"facecolor": "white"} if ending == "png" else {"transparent": True}
    with house_style():
        mpl.rcParams["svg.hashsalt"] = name
        figure.savefig(written, format=ending, dpi=dots, metadata=dict(_METADATA[ending]), **ground)
    return written.getvalue()


def _figure(axes: Axes) -> Figure:
    return axes.figure.get_figure(root=True)
