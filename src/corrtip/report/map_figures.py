"""A map of the world in one year: a tile for each country, coloured by a tier or a score."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from corrtip.data.catalogue import Variable
from corrtip.data.figures import STATUSES
from corrtip.data.panel import Panel
from corrtip.data.tiles import load_tiles
from corrtip.data.transitions import NOT_LISTED, SPECIAL
from corrtip.errors import DataError, SpecError
from corrtip.report.formats import format_list, format_number
from corrtip.report.style import INK, TIER_COLOURS, WIDTHS, house_style, letter_on, new_axes
from corrtip.report.words import named, tier_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_FIGURE: Final = "figure"
_NO_FIGURE: Final = "no figure"
_SEQUENCE: Final = "cividis"  # made for colour-blind readers: its lightness alone tells the order
_SIDE: Final = 0.92  # of a tile; the rest parts it from the next
_TITLE: Final = 36  # letters of a line beside North America
_SCALE: Final = (0.0, 0.86, 0.27, 0.03)  # left, bottom, width and height of the bar of numbers, in those of the map
_BELOW_SCALE: Final = 0.77
_NAMED: Final = 3  # countries at either end of a score that its words name

# In colours that stand out from a light page and from a dark one.
_WITHOUT: Final[dict[str, dict[str, Any]]] = {
    SPECIAL: {"facecolor": "#bbbbbb", "edgecolor": "white", "hatch": "///", "linewidth": 0},
    NOT_LISTED: {"facecolor": "none", "edgecolor": "#8a8a8a", "linewidth": 0.6},
    _NO_FIGURE: {"facecolor": "none", "edgecolor": "#8a8a8a", "linewidth": 0.6, "hatch": "...."},
}


def plot_map(panel: Panel, variable: str, year: int, *, vintage: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw the world in one year: a tile for each country, about where it lies, with its code in it.

    Parameters
    ----------
    panel : Panel
    variable : str
        With ordered levels (``tier``), which are coloured from blue (best) to vermilion, or a number (``cpi``), which
        is coloured from dark (low) to light.
    year : int
    vintage : str, optional
        May be left out where only one exists.
    ax : Axes, optional
        Where to draw; a new figure of two columns if not given. In one column the codes are too small to read.

    Returns
    -------
    Axes

    Raises
    ------
    SpecError
        If the variable is unknown or a category, its vintage must be named, or no country has a figure in that year.
    DataError
        If a country has no tile.

    Notes
    -----
    All tiles are of one size, so that a small country is seen as well as a large one; where a country lies is given up
    for that in part. Every country that exists in the year is drawn: a special case is hatched, one that the
    publication does not list is empty, one without a figure is dotted. Territories that are not counted among the
    countries are left out. `sentence_map` says the same in words, for readers who do not see the drawing.
    """
    tiles = _tiles(panel, variable, year, vintage)
    ax = new_axes("two columns", 0.57 * WIDTHS["two columns"]) if ax is None else ax
    with house_style(ax):
        _draw(ax, tiles, panel.catalogue[variable], year)
        ax.set_aspect("equal")
        ax.set_xlim(tiles["column"].min() - 0.5, tiles["column"].max() + 0.5)
        ax.set_ylim(tiles["row"].max() + 0.5, tiles["row"].min() - 0.5)
        ax.axis("off")
    return ax


def sentence_map(panel: Panel, variable: str, year: int, *, vintage: str | None = None) -> str:
    """Return what the map shows in words: how many countries of each colour, and which have none.

    Parameters and errors are those of `plot_map`.

    Examples
    --------
    >>> from corrtip.data.panel import load_panel
    >>> sentence_map(load_panel(), "tier", 2024).split("2024: ")[1]
    'Tier 1, 33; Tier 2, 98; Tier 2 watch list, 32; Tier 3, 21; special case, 4 (Haiti, Libya, Somalia and Yemen);
    not listed, 14.'
    """
    tiles, known = _tiles(panel, variable, year, vintage), panel.catalogue[variable]
    figures = tiles[tiles["state"] == _FIGURE]
    if known.kind == "ordered":
        counts = {_level_name(known, level): int((figures["level"] == level).sum()) for level in known.levels_in(year)}
        said = [f"{level}, {format_number(count, 'count')}" for level, count in counts.items()]
    else:
        order = figures.sort_values("number", kind="stable")
        ends = [_listed(panel, part, year) for part in (order.index[:_NAMED], order.index[: -_NAMED - 1 : -1])]
        said = [f"{format_number(len(figures), 'count')} countries, lowest {ends[0]}, highest {ends[1]}"]
    for state in _WITHOUT:
        without = tiles.index[tiles["state"] == state]
        if len(without):
            who = "" if state == NOT_LISTED else f" ({_listed(panel, without, year)})"
            said.append(f"{state}, {format_number(len(without), 'count')}{who}")
    return f"A tile for each country, about where it lies, coloured by {named(known)}, {year}: {'; '.join(said)}."


def _listed(panel: Panel, codes: pd.Index, year: int) -> str:
    return format_list([panel.countries.name(str(iso3), year) for iso3 in codes])


def _tiles(panel: Panel, variable: str, year: int, vintage: str | None) -> pd.DataFrame:
    """Return row, column, state, number and level of every country that exists, by iso3 code."""
    column = panel.column(variable, vintage)
    known = column.variable
    if known.kind == "category":
        raise SpecError(variable, "a category", expected="a number, or levels that have an order")
    number, status = column.at(np.arange(len(panel.iso3)), np.full(len(panel.iso3), year))
    special, not_listed = (status == STATUSES.index(name) for name in ("special_case", "not_listed"))
    state = np.select([np.isfinite(number), special, not_listed], [_FIGURE, SPECIAL, NOT_LISTED], _NO_FIGURE)
    tiles = pd.DataFrame({"number": number, "state": state}, index=pd.Index(panel.iso3, name="iso3"))
    places, counted = load_tiles(), set(panel.countries.counted(year))
    if homeless := sorted(counted - set(places)):
        mend = "Add a line to data/tiles.csv"
        raise DataError("data/tiles.csv", f"no tile for {format_list(homeless)}", expected="one a country", mend=mend)
    tiles = tiles[[iso3 in counted or (iso3 in places and at == _FIGURE) for iso3, at in tiles["state"].items()]]
    if not (tiles["state"] == _FIGURE).any():
        raise SpecError(f"{variable} in {year}", "no country has a figure", expected="a year that we hold")
    row, across = np.array([places[iso3] for iso3 in tiles.index]).T
    names = np.array([*known.levels, ""], dtype=object)
    levels = names[tiles["number"].fillna(-1).astype(int)] if known.levels else ""
    return tiles.assign(row=row, column=across, level=levels)


def _draw(ax: Axes, tiles: pd.DataFrame, known: Variable, year: int) -> None:
    from matplotlib.patches import Patch, Rectangle

    title = fill(f"{known.label if known.kind == 'ordered' else named(known)}, {year}", _TITLE)
    if known.kind == "ordered":
        colours = _level_colours(known)
        grounds = tiles["level"].map(colours)
        keys = [Patch(facecolor=colours[level], label=_level_name(known, level)) for level in known.levels_in(year)]
    else:
        grounds, keys = _draw_scale(ax, tiles["number"], known, title), []
    for ground, tile in zip(grounds, tiles.itertuples(), strict=True):
        look = {"facecolor": ground, "linewidth": 0} if tile.state == _FIGURE else _WITHOUT[tile.state]
        corner = (tile.column - _SIDE / 2, tile.row - _SIDE / 2)
        ax.add_patch(Rectangle(corner, _SIDE, _SIDE, **look))
        colour = INK if look["facecolor"] == "none" else letter_on(look["facecolor"])
        ax.text(tile.column, tile.row, tile.Index, ha="center", va="center", fontsize="xx-small", color=colour)
    keys += [
        Patch(**look, label=state.capitalize()) for state, look in _WITHOUT.items() if (tiles["state"] == state).any()
    ]
    ax.legend(
        handles=keys,
        title=title if known.kind == "ordered" else None,
        loc="upper left",
        bbox_to_anchor=(0.0, 1.0 if known.kind == "ordered" else _BELOW_SCALE),
        alignment="left",
        fontsize="small",
        title_fontsize="small",
        borderaxespad=0.0,
        borderpad=0.0,
        labelspacing=0.25,
        handlelength=1.2,
    )


def _draw_scale(ax: Axes, numbers: pd.Series, known: Variable, title: str) -> list[str]:
    """Draw the bar that tells which colour is which number; return each number's colour."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize, to_hex

    found = (numbers.min(), numbers.max())
    low, high = (end if np.isfinite(end) else seen for end, seen in zip(known.scale, found, strict=True))
    scale = ScalarMappable(Normalize(low, high), cmap=_SEQUENCE)
    bar = ax.figure.colorbar(scale, cax=ax.inset_axes(_SCALE), orientation="horizontal")
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize="small")
    bar.ax.set_title(title, fontsize="small", loc="left", pad=4)
    return [to_hex(colour) for colour in scale.to_rgba(numbers.to_numpy())]


def _level_colours(known: Variable) -> dict[str, str]:
    from matplotlib.colors import LinearSegmentedColormap, to_hex

    shades = LinearSegmentedColormap.from_list("levels", list(TIER_COLOURS.values()))
    places = np.linspace(0.0, 1.0, len(known.levels))
    return {level: to_hex(shades(place)) for level, place in zip(known.levels, places, strict=True)}


def _level_name(known: Variable, level: str) -> str:
    return tier_name(level) if known.name == "tier" else level
