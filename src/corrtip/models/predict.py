"""Cut points and level probabilities of rows at given parameters, with their gradients for the delta method."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from corrtip.errors import ModelError
from corrtip.models.design import Layout
from corrtip.models.links import Link

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Columns at which a model is evaluated, in the user's units.

    Parameters
    ----------
    location, nominal, scale : ndarray, shape (rows, columns)
    offset : ndarray, shape (rows,), or None
    """

    location: FloatArray
    nominal: FloatArray
    scale: FloatArray
    offset: FloatArray | None = None


def spread(layout: Layout, params: FloatArray, rows: Rows) -> FloatArray:
    """Return the standard deviation factor ``exp(z' zeta)`` of each row, shape (rows,)."""
    return np.asarray(np.exp(rows.scale @ params[layout.scale]))


def cut_points(layout: Layout, params: FloatArray, rows: Rows) -> FloatArray:
    """Return the K - 1 cut points of each row, ``(theta_j + w' gamma_j - x' beta - offset) / exp(z' zeta)``.

    Raises
    ------
    ModelError
        If a nominal term makes the cumulative probabilities of a row cross.
    """
    k = layout.n_thresholds
    gamma = params[layout.nominal].reshape(layout.n_nominal, k)
    shift = rows.location @ params[layout.location]
    if rows.offset is not None:
        shift = shift + rows.offset
    cuts = params[:k] + rows.nominal @ gamma - shift[:, None]
    crossing = np.flatnonzero((np.diff(cuts, axis=1) <= 0.0).any(axis=1))
    if len(crossing):
        raise ModelError(
            f"row {crossing[0]}",
            f"the cumulative probabilities cross there, and in {len(crossing)} of {len(cuts)} rows in all",
            expected="rows inside the range for which the nominal terms keep the thresholds in order",
            mend="Use a proportional term, or evaluate nearer to the data",
        )
    return np.asarray(cuts / spread(layout, params, rows)[:, None])


def log_probabilities(link: Link, cuts: FloatArray) -> FloatArray:
    """Return the log-probability of each level, shape (rows, K), from cut points of shape (rows, K - 1)."""
    inner = link.log_interval(cuts[:, 1:], cuts[:, :-1])
    return np.concatenate([link.log_cdf(cuts[:, :1]), inner, link.log_sf(cuts[:, -1:])], axis=1)


def probabilities(link: Link, cuts: FloatArray) -> FloatArray:
    """Return the probability of each level, shape (rows, K), from cut points of shape (rows, K - 1)."""
    return np.exp(log_probabilities(link, cuts))


def linear_gradients(layout: Layout, rows: Rows, *, threshold: float = 1.0) -> FloatArray:
    """Return the derivatives of ``theta_j + w' gamma_j - x' beta`` by the parameters, shape (rows, K - 1, parameters).

    Parameters
    ----------
    layout : Layout
    rows : Rows
    threshold : float
        Derivative by the threshold: zero where ``rows`` are themselves derivatives of columns.
    """
    k = layout.n_thresholds
    slope = np.zeros((len(rows.location), k, layout.size))
    slope[:, np.arange(k), np.arange(k)] = threshold
    for column in range(layout.n_nominal):
        slope[:, np.arange(k), k * (1 + column) + np.arange(k)] = rows.nominal[:, column, None]
    slope[:, :, layout.location] = -rows.location[:, None, :]
    return slope


def cut_gradients(layout: Layout, params: FloatArray, rows: Rows) -> FloatArray:
    """Return the derivatives of the cut points by the parameters, shape (rows, K - 1, parameters)."""
    slope = linear_gradients(layout, rows) / spread(layout, params, rows)[:, None, None]
    slope[:, :, layout.scale] = -cut_points(layout, params, rows)[:, :, None] * rows.scale[:, None, :]
    return np.asarray(slope)


def by_level(cumulative: FloatArray) -> FloatArray:
    """Return the change from each cumulative quantity (second axis) to the next: from zero, and to zero.

    Derivatives of cumulative probabilities become those of the level probabilities.
    """
    edge = np.zeros_like(cumulative[:, :1])
    return np.diff(cumulative, axis=1, prepend=edge, append=edge)


def probability_gradients(layout: Layout, link: Link, params: FloatArray, rows: Rows) -> FloatArray:
    """Return the derivatives of the level probabilities by the parameters, shape (rows, K, parameters)."""
    density = link.pdf(cut_points(layout, params, rows))
    return by_level(density[:, :, None] * cut_gradients(layout, params, rows))
