"""Drawings of what a result survives: other controls, a country left out, other predictors, error in its score."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from corrtip.data.catalogue import Variable
from corrtip.report.formats import format_number
from corrtip.report.style import COLOURS, INK, house_style, new_axes
from corrtip.robustness.bounds import ExtremeBounds, FocalBounds
from corrtip.robustness.dominance import Dominance
from corrtip.robustness.simex import LAMBDAS, Simex
from corrtip.robustness.subsets import Outcome

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_POINTS: Final = 240  # at which a density is drawn
_RIDGE: Final = 0.62  # height of the highest density, in rows


def plot_bounds(found: ExtremeBounds, catalogue: Mapping[str, Variable], *, label: str, ax: Axes | None = None) -> Axes:
    """Draw the effects of each focal predictor over all models: their density, and Leamer's bounds below it.

    Parameters
    ----------
    found : ExtremeBounds
    catalogue : mapping of str to Variable
        Says how predictors are called and which end is better.
    label : str
        The effect, for the axis; percentage points.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    Axes

    Notes
    -----
    The effect is that of one standard deviation towards the better end on the probability of the best level, so that
    measures of opposite directions can be compared. The dot is the median; the line below a density runs from the
    lowest to the highest end of any 95 % interval. Densities are of one height: their areas say nothing.
    """
    table = found.tidy().query("scale == 'effect'").set_index("term")
    ax = new_axes(6.8, 1.0 + 1.0 * len(found.focals)) if ax is None else ax
    with house_style(ax):
        ax.axvline(0, color=INK, linewidth=0.8)
        for row, focal in enumerate(found.focals):
            line, sign = table.loc[focal.focal], _towards_better(catalogue[focal.focal])
            _draw_ridge(ax, row, 100 * sign * _effects(focal), COLOURS[row % len(COLOURS)])
            ends = 100 * sign * line[["lower_bound", "upper_bound"]].to_numpy(dtype=float)
            ax.plot(ends, [row + 0.14] * 2, color=INK, linewidth=1.2, marker="|", markersize=7)
            said = f"{format_number(line['share_significant'], 'percent')} of {line['fitted']:,}\nwith p < .05"
            ax.text(1.01, row, said, transform=ax.get_yaxis_transform(), va="center", fontsize="small")
        ax.set_yticks(range(len(found.focals)), [_wrapped(catalogue[focal.focal].label) for focal in found.focals])
        ax.set_ylim(len(found.focals) - 0.7, -0.75)
        ax.tick_params(axis="y", length=0)
        ax.grid(axis="x")
        ax.set_axisbelow(True)
        ax.set_xlabel(label)
    return ax


def _towards_better(variable: Variable) -> float:
    return -1.0 if variable.better == "low" else 1.0


def _effects(focal: FocalBounds) -> npt.NDArray[np.float64]:
    """Return the average effect of one standard deviation in every model that has an estimate."""
    return np.asarray(focal.sd * focal.fits.average_effect[focal.fits.outcome == Outcome.FITTED])


def plot_extrapolation(found: Simex, term: str, *, label: str, ax: Axes | None = None) -> Axes:
    """Draw how an estimate fades as error grows, and the quadratic that leads back to none.

    Parameters
    ----------
    found : Simex
    term : str
        A parameter.
    label : str
        The estimate, for the axis.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    Axes
    """
    line = found.extrapolation(term)
    place = found.names.index(term)
    multiples = [1.0 + value for value in LAMBDAS]
    ax = new_axes(5.6, 3.4) if ax is None else ax
    with house_style(ax):
        inside = line["multiple"] >= 1.0
        ax.plot(line["multiple"][inside], line["estimate"][inside], color=INK, linewidth=1.2)
        ax.plot(line["multiple"][~inside], line["estimate"][~inside], color=INK, linewidth=1.2, linestyle="dashed")
        ax.plot(multiples, found.path[:, place], "o", color=COLOURS[0], label="with added error")
        ax.plot([0.0], [found.params[place]], "D", color=COLOURS[1], label="without error, extrapolated")
        ax.set_xlabel("Error variance, times the published one")
        ax.set_ylabel(label)
        ax.grid(axis="y")
        ax.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=2, borderaxespad=0.2, fontsize="small")
    return ax


def _draw_ridge(ax: Axes, row: int, effects: npt.NDArray[np.float64], colour: str) -> None:
    from scipy.stats import gaussian_kde

    margin = 0.06 * (effects.max() - effects.min())
    at = np.linspace(effects.min() - margin, effects.max() + margin, _POINTS)
    density = gaussian_kde(effects)(at)
    ax.fill_between(at, row, row - _RIDGE * density / density.max(), color=colour, alpha=0.75, linewidth=0)
    ax.plot(np.median(effects), row + 0.14, marker="o", color=colour, markersize=6, zorder=3)


def _wrapped(label: str) -> str:
    """Return a label on lines short enough to stand beside an axis."""
    from textwrap import fill

    return fill(label, 24)


def plot_influence(
    changes: pd.Series, *, names: Mapping[str, str], label: str, countries: int = 15, ax: Axes | None = None
) -> Axes:
    """Draw how a coefficient moves when one country is left out: a row for each of those that move it most.

    Parameters
    ----------
    changes : Series
        Indexed by iso3 code: a column of what `corrtip.influence` gives, in standard errors.
    names : mapping of str to str
        Country names by iso3 code.
    label : str
        Which coefficient, for the axis.
    countries : int
        How many rows; the band shows between which changes all the others lie.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    Axes
    """
    known = changes.dropna()
    order = known.abs().sort_values(ascending=False, kind="stable").index
    shown, others = known[order[:countries]].to_numpy(), known[order[countries:]]
    ax = new_axes(6.2, 1.1 + 0.24 * len(shown)) if ax is None else ax
    with house_style(ax):
        if len(others):
            said = f"the other {format_number(len(others), 'count')} countries"
            ax.axvspan(others.min(), others.max(), color=INK, alpha=0.1, linewidth=0, label=said)
            ax.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), borderaxespad=0.2, fontsize="small")
        ax.axvline(0, color=INK, linewidth=0.8)
        rows = np.arange(len(shown))
        ax.hlines(rows, 0, shown, color=COLOURS[0], linewidth=1.6)
        ax.plot(shown, rows, "o", color=COLOURS[0], markersize=5.5)
        ax.set_yticks(rows, [names[str(code)] for code in order[:countries]])
        ax.set_ylim(len(shown) - 0.4, -0.6)
        ax.tick_params(axis="y", length=0)
        ax.grid(axis="x")
        ax.set_xlabel(f"Change of the coefficient of {label}\nwithout the country, in standard errors")
    return ax


def plot_dominance(found: Dominance, *, names: Mapping[str, str], ax: Axes | None = None) -> Axes:
    """Draw what each predictor adds to the fit: on average, and below that by how many others it joins.

    Parameters
    ----------
    found : Dominance
    names : mapping of str to str
        How people read each predictor or group.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    Axes

    Notes
    -----
    The filled dot is general dominance, the mean of the open ones, which are conditional dominance: the average fit
    that the predictor adds to models of so many of the others. Intervals where the draws have given any.
    """
    table, by_size = found.tidy(), found.by_size().set_index("term")
    step = 1.0 / (len(table) + 2)
    ax = new_axes(6.6, 0.8 + 0.2 * len(table) * (len(table) + 2)) if ax is None else ax
    with house_style(ax):
        ax.axvline(0, color=INK, linewidth=0.8)
        for row, line in enumerate(table.itertuples()):
            colour = COLOURS[row % len(COLOURS)]
            _draw_interval(ax, row, line, "on average", colour=colour)
            for part in by_size.loc[[line.term]].itertuples():
                place = row + step * (part.size + 1)
                _draw_interval(ax, place, part, _company(part.size), colour=colour, open_dot=True)
        ax.set_yticks(range(len(table)), [_wrapped(names[term]) for term in table["term"]])
        ax.set_ylim(len(table) - step, -2 * step)
        ax.tick_params(axis="y", length=0)
        ax.grid(axis="x")
        ax.set_xlabel(_FITS[found.measure])
    return ax


_FITS: Final[Mapping[str, str]] = {"mcfadden_r2": "Added to McFadden's R²", "somers_d": "Added to Somers' D"}


def _draw_interval(ax: Axes, place: float, line: Any, said: str, *, colour: str, open_dot: bool = False) -> None:
    """Draw estimate and interval of a row of ``itertuples``, and what it is; the open dot stands back."""
    width, size, face = (1.0, 4.0, "white") if open_dot else (2.2, 6.5, colour)
    ax.plot([line.conf_low, line.conf_high], [place, place], color=colour, linewidth=width)
    ax.plot(line.estimate, place, "o", color=colour, markerfacecolor=face, markersize=size)
    end = np.nanmax([line.conf_high, line.estimate])
    ax.annotate(said, (end, place), (7, 0), textcoords="offset points", va="center", fontsize="small")


def _company(size: int) -> str:
    """Return how a mark says how many others are in the model already.

    Examples
    --------
    >>> [_company(size) for size in range(3)]
    ['alone', 'beside 1 other', 'beside 2 others']
    """
    return "alone" if size == 0 else f"beside {size} other{'s' if size > 1 else ''}"
