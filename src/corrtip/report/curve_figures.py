"""The drawing of a specification curve: every estimate in order, above the choices that lead to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from corrtip.report.formats import format_number
from corrtip.report.style import COLOURS, INK, house_style, new_axes
from corrtip.robustness.curve import SpecificationCurve

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FloatArray = npt.NDArray[np.float64]

_BINS: Final = 200  # columns of the panel: of as many specifications a mark each, of more a shade
_LEVEL: Final = 0.05
_DARKEST: Final = 3.0  # times as many specifications as if they were spread evenly
_ROW: Final = 0.165  # inches of a row of the panel
_CURVE: Final = 2.9  # inches of the curve
_GAP: Final = 0.1
_RIBBON: Final = 0.035  # thickness of the curve, in heights of what is drawn


def plot_specification_curve(curve: SpecificationCurve, *, label: str, ax: Axes | None = None) -> Axes:
    """Draw every specification from the lowest effect to the highest, and below which options lead where.

    Parameters
    ----------
    curve : SpecificationCurve
    label : str
        The effect, for the axis; percentage points.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    Axes
        The frame of both parts; ``child_axes`` are those of the curve and of the panel.

    Notes
    -----
    Above, each specification is a dot at its place in the order, coloured by sign and significance (two-sided, 5 %);
    of more than 200 the dots grow into a ribbon, whose colours divide its height as the specifications there divide.
    The grey band holds the 95 % intervals: its inner part goes from the median lower to the median upper end of the
    specifications nearby, its outer part from the lowest to the highest end. With draws, the horizontal band holds
    the middle 95 % of the median effects of draws without an effect given the controls.

    Below, a row for each option. Its shade tells which share of the option's specifications stands in that part of
    the order: even grey where the option makes no difference, dark where they crowd. The stroke is their middle, the
    number their median effect. Specifications for which a choice made no difference are in none of its rows.
    """
    held = curve.fitted.reset_index(drop=True)
    bins = np.arange(len(held)) * min(_BINS, len(held)) // len(held)
    rows = _panel_rows(curve, held)
    below = _ROW * len(rows)
    ax = new_axes(7.4, _CURVE + _GAP + below + 1.0) if ax is None else ax
    with house_style(ax):
        ax.axis("off")
        whole = _CURVE + _GAP + below
        above = ax.inset_axes((0.0, (below + _GAP) / whole, 1.0, _CURVE / whole))
        _draw_curve(above, held, bins)
        _draw_medians(above, curve)
        above.set_ylabel(label)
        above.tick_params(axis="x", labelbottom=False, length=0)
        above.grid(axis="y")
        above.set_axisbelow(True)
        _draw_panel(ax.inset_axes((0.0, 0.0, 1.0, below / whole), sharex=above), rows, held, bins)
    return ax


def _draw_curve(ax: Axes, held: pd.DataFrame, bins: npt.NDArray[np.intp]) -> None:
    effect = 100 * held["effect"].to_numpy()
    reach = stats.norm.ppf(1 - _LEVEL / 2) * np.abs(effect / held["z"].to_numpy())
    ends = pd.DataFrame({"low": effect - reach, "high": effect + reach, "place": np.arange(len(held))}).groupby(bins)
    middle = ends["place"].mean()
    outer, inner = (ends["low"].min(), ends["high"].max()), (ends["low"].median(), ends["high"].median())
    for (low, high), shade in ((outer, 0.1), (inner, 0.16)):
        ax.fill_between(middle, low, high, color=INK, alpha=shade, linewidth=0, zorder=0.5)
    ax.axhline(0, color=INK, linewidth=0.8)
    if len(middle) == len(held):
        _draw_dots(ax, held, effect)
    else:
        _draw_ribbon(ax, held, bins, effect)


def _draw_dots(ax: Axes, held: pd.DataFrame, effect: FloatArray) -> None:
    for name, (of_class, colour) in _classes(held).items():
        ax.plot(np.flatnonzero(of_class), effect[of_class], ".", color=colour, markersize=5, label=name)


def _draw_ribbon(ax: Axes, held: pd.DataFrame, bins: npt.NDArray[np.intp], effect: FloatArray) -> None:
    """Draw thousands of estimates as one ribbon: its colours divide the height as the classes divide the estimates."""
    sizes, middle = np.bincount(bins), np.bincount(bins, weights=effect) / np.bincount(bins)
    places = np.bincount(bins, weights=np.arange(len(held))) / sizes
    bottom = middle - _RIBBON / 2 * np.ptp(ax.dataLim.intervaly)
    for name, (of_class, colour) in _classes(held).items():
        top = (
            bottom + _RIBBON * np.ptp(ax.dataLim.intervaly) * np.bincount(bins[of_class], minlength=len(sizes)) / sizes
        )
        ax.fill_between(places, bottom, top, color=colour, linewidth=0, label=name)
        bottom = top


def _classes(held: pd.DataFrame) -> dict[str, tuple[npt.NDArray[np.bool_], str]]:
    """Return who is of the expected sign and significant, and so on, of the classes that there are, with a colour."""
    expected, significant = (held["z"] > 0).to_numpy(), (held["p_value"] < _LEVEL).to_numpy()
    found = {
        "other sign, p < .05": (~expected & significant, COLOURS[1]),
        "other sign, p ≥ .05": (~expected & ~significant, COLOURS[3]),
        "expected sign, p ≥ .05": (expected & ~significant, COLOURS[4]),
        "expected sign, p < .05": (expected & significant, COLOURS[0]),
    }
    return {
        f"{name} ({format_number(of_class.mean(), 'percent')})": (of_class, colour)
        for name, (of_class, colour) in found.items()
        if of_class.any()
    }


def _draw_medians(ax: Axes, curve: SpecificationCurve) -> None:
    line = curve.tidy().set_index("statistic").loc["median_effect"]
    median = 100 * line["estimate"]
    ax.axhline(median, color=INK, linewidth=1.0, linestyle="dashed")
    said = f"median {format_number(line['estimate'], 'points')}"
    ax.text(1.01, median, said, transform=ax.get_yaxis_transform(), va="center", fontsize="small")
    if len(curve.null):
        low, high = 100 * line["null_low"], 100 * line["null_high"]
        ax.axhspan(
            low, high, color=COLOURS[2], alpha=0.2, linewidth=0, zorder=0.5, label="medians without an effect (95 %)"
        )
    ax.legend(
        loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=2, borderaxespad=0.2, handlelength=1.2, fontsize="small"
    )


def _panel_rows(curve: SpecificationCurve, held: pd.DataFrame) -> list[tuple[str, npt.NDArray[np.bool_] | None]]:
    """Return the rows of the panel from top to bottom: a heading and nothing, or an option and who took it."""
    rows: list[tuple[str, npt.NDArray[np.bool_] | None]] = []
    for choice in curve.grid.choices:
        taken = [(option.name, (held[choice.name] == option.name).to_numpy()) for option in choice.options]
        # A choice that was made in one way only tells nothing.
        shown = [row for row in taken if row[1].any()] if len(taken) > 1 else []
        rows += [(choice.name.capitalize(), None), *shown] if shown else []
    return rows


def _draw_panel(
    ax: Axes, rows: list[tuple[str, npt.NDArray[np.bool_] | None]], held: pd.DataFrame, bins: npt.NDArray[np.intp]
) -> None:
    sizes = np.bincount(bins)
    single = sizes.max() == 1
    shades = np.full((len(rows), len(sizes)), np.nan)
    for row, (name, taken) in enumerate(rows):
        if taken is None:
            ax.text(
                -0.01,
                row + 0.1,
                name,
                transform=ax.get_yaxis_transform(),
                ha="right",
                va="center",
                fontsize="small",
                weight="bold",
            )
            continue
        share = np.bincount(bins[taken], minlength=len(sizes)) / sizes
        shades[row] = _DARKEST * share if single else share * len(held) / taken.sum()
        ax.plot([np.median(np.flatnonzero(taken))] * 2, [row - 0.4, row + 0.4], color=COLOURS[1], linewidth=1.6)
        median = format_number(held["effect"][taken].median(), "points")
        ax.text(1.01, row, median, transform=ax.get_yaxis_transform(), va="center", fontsize="x-small")
    ax.imshow(
        shades,
        cmap="Greys",
        vmin=0,
        vmax=_DARKEST,
        aspect="auto",
        extent=(-0.5, len(held) - 0.5, len(rows) - 0.5, -0.5),
    )
    options = [row for row, (_, taken) in enumerate(rows) if taken is not None]
    ax.set_yticks(options, [rows[row][0] for row in options], fontsize="x-small")
    ax.set_xlim(-0.5, len(held) - 0.5)
    ax.xaxis.set_major_formatter(lambda place, _: format_number(place, "count"))
    ax.set_xlabel(f"{format_number(len(held), 'count')} specifications, from the lowest effect to the highest")
    ax.tick_params(axis="y", length=0)
    ax.spines[:].set_visible(False)
