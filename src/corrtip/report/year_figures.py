"""Drawings over the years: effects with intervals, countries by years, and the moves between tiers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from corrtip.data.transitions import NOT_LISTED, SPECIAL, History
from corrtip.report.formats import format_number
from corrtip.report.style import COLOURS, INK, MARKERS, TIER_COLOURS, house_style, letter_on, new_axes
from corrtip.report.words import tier_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_STATE_COLOURS: Final[Mapping[str, str]] = {**TIER_COLOURS, SPECIAL: "#999999", NOT_LISTED: "#e6e6e6"}
# Letters in the cells: colour is never the only sign.
_STATE_SIGNS: Final[Mapping[str, str]] = {"1": "1", "2": "2", "2WL": "w", "3": "3", SPECIAL: "s", NOT_LISTED: ""}


def plot_years(effects: pd.DataFrame, *, label: str, ax: Axes | None = None) -> Axes:
    """Draw an effect in every year, with its interval, a mark for each measure.

    Parameters
    ----------
    effects : DataFrame
        Columns year, series, estimate, conf_low, conf_high; a year without an estimate has none and is left open.
    label : str
        The effect, for the axis.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    Axes
    """
    series = list(dict.fromkeys(effects["series"]))
    ax = new_axes(7.2, 3.8) if ax is None else ax
    with house_style(ax):
        ax.axhline(0, color=INK, linewidth=0.8)
        for place, name in enumerate(series):
            part = effects[effects["series"] == name].dropna(subset="estimate")
            reach = np.abs(part[["conf_low", "conf_high"]].sub(part["estimate"], axis=0).to_numpy(dtype=float).T)
            ax.errorbar(
                part["year"] + 0.16 * (place - (len(series) - 1) / 2),
                part["estimate"],
                yerr=reach,
                fmt=MARKERS[place],
                color=COLOURS[place],
                markersize=4.5,
                elinewidth=1.2,
                label=name,
            )
        years = range(int(effects["year"].min()), int(effects["year"].max()) + 1)
        ax.set_xticks([year for year in years if year % 2 == 1])
        ax.set_xlim(years[0] - 0.7, years[-1] + 0.7)
        ax.set_ylabel(label)
        ax.grid(axis="y")
        ax.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=len(series), borderaxespad=0.2, fontsize="small")
    return ax


def plot_history(history: History, *, names: Mapping[str, str], countries: int = 60, ax: Axes | None = None) -> Axes:
    """Draw the states of countries over the years: a row for each of those that moved most, the best on top.

    Parameters
    ----------
    history : History
    names : mapping of str to str
        Country names by iso3 code.
    countries : int
        How many of the most restless are drawn.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    Axes
    """
    from matplotlib.colors import ListedColormap
    from matplotlib.patches import Patch

    restless = history.movers()["iso3"].head(countries)
    ranks = {level: place for place, level in enumerate(history.levels)}
    shown = history.states.loc[restless]
    # Python's None in an object frame maps to nan, as every state without a rank does.
    order = shown.apply(lambda states: states.map(ranks).mean(), axis=1).sort_values(kind="stable").index
    shown = shown.loc[order]
    codes = {state: place for place, state in enumerate(_STATE_COLOURS)}
    cells = shown.apply(lambda states: states.map(codes)).to_numpy(dtype=float)
    ax = new_axes(7.4, 0.9 + 0.165 * len(shown)) if ax is None else ax
    with house_style(ax):
        ax.imshow(
            cells, cmap=ListedColormap(list(_STATE_COLOURS.values())), vmin=-0.5, vmax=len(codes) - 0.5, aspect="auto"
        )
        for (row, column), code in np.ndenumerate(cells):
            if np.isfinite(code):
                state = list(codes)[int(code)]
                ax.text(
                    column,
                    row,
                    _STATE_SIGNS[state],
                    ha="center",
                    va="center",
                    fontsize="xx-small",
                    color=letter_on(_STATE_COLOURS[state]),
                )
        ax.set_yticks(range(len(shown)), [names[code] for code in shown.index], fontsize="x-small")
        ax.set_xticks(range(0, shown.shape[1], 2), [str(year) for year in shown.columns[::2]], fontsize="small")
        ax.tick_params(length=0)
        ax.spines[:].set_visible(False)
        patches = [Patch(color=colour, label=state_name(state)) for state, colour in _STATE_COLOURS.items()]
        ax.legend(
            handles=patches, loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=6, fontsize="x-small", handlelength=1.0
        )
    return ax


def plot_transitions(counts: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw the shares of the moves from each state (row) to each state (column) of the next year.

    Parameters
    ----------
    counts : DataFrame
        What `History.transitions` gives.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    Axes
    """
    shares = counts.div(counts.sum(axis=1).replace(0, np.nan), axis=0).to_numpy(dtype=float)
    ax = new_axes(6.4, 4.2) if ax is None else ax
    with house_style(ax):
        shades = ax.imshow(shares, cmap="Blues", vmin=0.0, vmax=1.0, aspect="auto")
        for (row, column), share in np.ndenumerate(shares):
            count = int(counts.iloc[row, column])
            text = f"{format_number(share, 'percent')}\n{format_number(count, 'count')}" if count else ""
            colour = letter_on(tuple(shades.to_rgba(share)))
            ax.text(column, row, text, ha="center", va="center", fontsize="small", color=colour)
        labels = [state_name(str(state)) for state in counts.index]
        ax.set_yticks(range(len(labels)), labels)
        broken = [re.sub(r" (?=watch|case|listed)", "\n", label) for label in labels]
        ax.set_xticks(range(len(labels)), broken)
        ax.set_ylabel("From")
        ax.set_xlabel("To, one year later")
        ax.tick_params(length=0)
        ax.spines[:].set_visible(False)
    return ax


def state_name(state: str) -> str:
    """Return how people read a state of a country.

    Examples
    --------
    >>> state_name("2WL"), state_name("special case")
    ('Tier 2 watch list', 'Special case')
    """
    return tier_name(state) if state in TIER_COLOURS else state.capitalize()
