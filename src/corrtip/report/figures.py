"""Drawings of results: Axes in, Axes out, in one style; each shows what it is given and estimates nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from corrtip.report.coverage import CONFIRMED_IN_WORDS
from corrtip.report.labels import place_labels
from corrtip.report.style import COLOURS, INK, MARKERS, TIER_COLOURS, TIER_MARKERS, house_style, new_axes
from corrtip.report.words import tier_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Multiples of it, modulo one, spread points evenly however many there are: a jitter without chance.
_GOLDEN: Final = (5**0.5 - 1) / 2
_SPREAD: Final = 0.32  # of a row's height, to each side
_DASHES: Final = ("solid", "dashed", "dashdot", "dotted")


def plot_tier_by_score(
    data: pd.DataFrame,
    score: str,
    *,
    label: str,
    names: Mapping[str, str],
    outcome: str = "tier",
    outliers: int = 2,
    ax: Axes | None = None,
) -> Axes:
    """Draw every country as a point: its score across, its tier in rows from best (top) to worst.

    Parameters
    ----------
    data : DataFrame
        Indexed by (iso3, year), as in ``Sample.data``; ``outcome`` is an ordered categorical, best level first.
    score : str
        Column of the score.
    label : str
        What the score is and which way is better, for the axis.
    names : mapping of str to str
        Country names by iso3 code.
    outcome : str
        Column of the tier.
    outliers : int
        How many countries are named in each row and direction: those farthest from the row's median.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    Axes

    Notes
    -----
    The bar in each row is its median. Points are moved up and down inside their row so that they do not cover one
    another; the movement is a fixed sequence (multiples of the golden ratio in order of the score), so it says nothing
    and never changes.
    """
    levels = [str(level) for level in data[outcome].cat.categories]
    ax = new_axes(6.0, 4.6) if ax is None else ax
    drawn, named, middles = [], [], []
    with house_style(ax):
        area = 0.26 * float(ax.xaxis.label.get_fontsize()) ** 2  # of a point: half as high as the letters
        for row, level in enumerate(levels):
            inside = data.loc[data[outcome] == level, score].sort_values(kind="stable")
            heights = row + _SPREAD * (2 * ((np.arange(1, len(inside) + 1) * _GOLDEN) % 1) - 1)
            points = pd.DataFrame({"x": inside.to_numpy(dtype=float), "y": heights}, index=inside.index)
            ax.scatter(
                points["x"], points["y"], s=area, marker=TIER_MARKERS[level], color=TIER_COLOURS[level], linewidths=0
            )
            drawn.append(points)
            named.append(_farthest(points, outliers))
            middles.append(np.column_stack([np.full(30, points["x"].median()), np.linspace(row - 0.4, row + 0.4, 30)]))
            ax.plot(*middles[-1].T, color=INK, linewidth=1.4, zorder=0)
        rows = [f"{tier_name(level)}\n(n = {len(points)})" for level, points in zip(levels, drawn, strict=True)]
        ax.set_yticks(range(len(levels)), rows)
        ax.set_ylim(len(levels) - 0.5, -0.5)
        ax.set_xlabel(label)
        ax.margins(x=0.1)
        ax.tick_params(axis="y", length=0)
        outlying = pd.concat(named)
        words = [names[iso3] for iso3 in outlying.index.get_level_values("iso3")]
        obstacles = np.concatenate([*(points.to_numpy() for points in drawn), *middles])
        place_labels(ax, outlying.to_numpy(), words, obstacles=obstacles)
    return ax


def _farthest(points: pd.DataFrame, count: int) -> pd.DataFrame:
    from_median = points["x"] - points["x"].median()
    order = from_median.sort_values(kind="stable").index
    # The outermost choose their place first.
    outer = [pick for pair in zip(order[:count], order[::-1][:count], strict=True) for pick in pair]
    return points.loc[list(dict.fromkeys(outer))]


def plot_predicted_probabilities(bands: pd.DataFrame, at: npt.ArrayLike, *, label: str, ax: Axes | None = None) -> Axes:
    """Draw the probability of each tier over a score, with its confidence band.

    Parameters
    ----------
    bands : DataFrame
        Columns row, level, estimate, conf_low, conf_high, as `corrtip.models.effects.predicted_probabilities` gives.
    at : array, shape (n,)
        The score of each row, in the order of ``bands["row"]``.
    label : str
        What the score is and which way is better, for the axis.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    Axes
    """
    ax = new_axes(6.0, 4.2) if ax is None else ax
    at = np.asarray(at, dtype=float)
    with house_style(ax):
        for place, (level, band) in enumerate(bands.groupby("level", sort=False)):
            colour = TIER_COLOURS[str(level)]
            ax.fill_between(at, band["conf_low"], band["conf_high"], color=colour, alpha=0.18, linewidth=0)
            ax.plot(
                at, band["estimate"], color=colour, linewidth=2, linestyle=_DASHES[place], label=tier_name(str(level))
            )
        ax.set(xlabel=label, ylabel="Predicted probability", ylim=(0, 1), xlim=(at.min(), at.max()))
        ax.grid(axis="y")
        ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=4, handlelength=2.2, columnspacing=1.2)
    return ax


def plot_coefficients(estimates: pd.DataFrame, *, label: str, names: Mapping[str, str], ax: Axes | None = None) -> Axes:
    """Draw coefficients with their intervals: a row for each model, a colour and shape for each term.

    Parameters
    ----------
    estimates : DataFrame
        Columns model, term, estimate, conf_low, conf_high, on one scale; models from top to bottom as they come.
    label : str
        The scale, and what a positive value means, for the axis.
    names : mapping of str to str
        How the legend calls each term.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    Axes
    """
    models, terms = list(dict.fromkeys(estimates["model"])), list(dict.fromkeys(estimates["term"]))
    ax = new_axes(6.4, 1.5 + 0.52 * len(models)) if ax is None else ax
    step = 0.7 / max(len(terms), 2)
    with house_style(ax):
        ax.axvline(0, color=INK, linewidth=0.8)
        for place, term in enumerate(terms):
            part = estimates[estimates["term"] == term]
            row = part["model"].map(models.index) + step * (place - (len(terms) - 1) / 2)
            reach = np.abs(part[["conf_low", "conf_high"]].sub(part["estimate"], axis=0).to_numpy(dtype=float).T)
            ax.errorbar(
                part["estimate"],
                row,
                xerr=reach,
                fmt=MARKERS[place],
                color=COLOURS[place],
                markersize=4.5,
                elinewidth=1.3,
                label=names[term],
            )
        ax.set_yticks(range(len(models)), models)
        ax.set_ylim(len(models) - 0.5, -0.5)
        ax.tick_params(axis="y", length=0)
        ax.grid(axis="x")
        ax.set_xlabel(label)
        ax.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), borderaxespad=0.2, handletextpad=0.4, fontsize="small")
    return ax


def plot_coverage(counts: pd.DataFrame, *, label: str, ax: Axes | None = None) -> Axes:
    """Draw what is held in each year: confirmed, single-sourced, and not found.

    Parameters
    ----------
    counts : DataFrame
        What `corrtip.report.coverage.count_by_year` gives.
    label : str
        What is counted, for the axis.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    Axes
    """
    listed = counts["held"] + counts["special_case"]
    parts = {
        CONFIRMED_IN_WORDS: (counts["confirmed"], COLOURS[0]),
        "one source": (listed - counts["confirmed"], COLOURS[5]),
        "not found": (counts["missing"], COLOURS[1]),
    }
    ax = new_axes(6.0, 3.4) if ax is None else ax
    with house_style(ax):
        below = np.zeros(len(counts))
        for name, (count, colour) in parts.items():
            ax.bar(counts.index, count, bottom=below, color=colour, width=0.8, label=name)
            below = below + count.to_numpy(dtype=float)
        ax.set_ylabel(label)
        ax.margins(x=0.01)
        ax.set_ylim(0, 1.06 * float(below.max()))
        ax.grid(axis="y")
        ax.set_axisbelow(True)
        ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, handlelength=1.2, columnspacing=1.4)
    return ax


def score_grid(columns: pd.DataFrame, score: str, points: int = 101) -> pd.DataFrame:
    """Return rows along one score, the other predictors at their medians: where a drawing asks for probabilities.

    Parameters
    ----------
    columns : DataFrame
        The design of the fit, ``Sample.x``.
    score : str
        The column to vary, from its lowest to its highest value.
    points : int

    Examples
    --------
    >>> score_grid(pd.DataFrame({"a": [1.0, 3.0], "b": [4.0, 8.0]}), "a", points=3).to_numpy().tolist()
    [[1.0, 6.0], [2.0, 6.0], [3.0, 6.0]]
    """
    grid = pd.DataFrame(dict(columns.median()), index=pd.RangeIndex(points))
    return grid.assign(**{score: np.linspace(columns[score].min(), columns[score].max(), points)})
