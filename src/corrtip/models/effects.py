"""What a fitted model says in a reader's terms: probabilities, changes in them, and ratios, with their uncertainty."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special, stats

from corrtip.models.predict import Rows, cut_points, probabilities, probability_gradients
from corrtip.models.results import Estimate, OrdinalFit

FloatArray = npt.NDArray[np.float64]

# The gradients of a block (rows x levels x parameters) then stay within a few MB.
_BLOCK_ROWS = 4096


def predicted_probabilities(
    fit: OrdinalFit, data: Any = None, alpha: float = 0.05, *, offset: npt.ArrayLike | None = None
) -> pd.DataFrame:
    """Return the probability of each level for each row, with a confidence band.

    Parameters
    ----------
    fit : OrdinalFit
    data : DataFrame or array, optional
        New rows, as for `OrdinalFit.predict`; the fitted rows if not given.
    alpha : float
        One less the confidence level.
    offset : array, optional
        Offset of the new rows; zero if not given.

    Returns
    -------
    DataFrame
        A line for each row and level: row (its label), level, estimate, std_error, conf_low, conf_high.

    Raises
    ------
    ModelError
        If the cumulative probabilities cross at a new row (nominal terms).
    FormulaError
        If new data lack a column, hold an unseen level or a missing value.

    See Also
    --------
    R: ``predict(clm, se.fit=TRUE, interval=TRUE)``, ``marginaleffects::predictions``.

    Notes
    -----
    ``std_error`` is the delta method's, ``sqrt(g' V g)`` with the gradient ``g`` of the probability. The band is taken
    on the logit scale, ``logit(p) +- z * std_error / (p (1 - p))``, and carried back, as in R's ordinal: it lies within
    0 and 1 and is not symmetric about the estimate.

    Examples
    --------
    >>> from corrtip.models.model import fit_arrays
    >>> x = [[1.0], [2.0], [3.0], [4.0], [5.0], [6.0]]
    >>> fit = fit_arrays([0, 1, 0, 1, 2, 1], x, levels=["low", "mid", "high"], names=["x"])
    >>> band = predicted_probabilities(fit, [[3.5]])
    >>> list(band.columns)
    ['row', 'level', 'estimate', 'std_error', 'conf_low', 'conf_high']
    >>> round(float(band["estimate"].sum()), 12)
    1.0
    """
    rows = fit.rows(data, offset)
    blocks = [_probabilities_with_errors(fit.estimate, block) for block in _blocks(rows)]
    estimate, error = (np.concatenate(part) for part in zip(*blocks, strict=True))
    low, high = _logit_band(estimate, error, alpha)
    n_rows, n_levels = estimate.shape
    given = fit.index if data is None else data.index if isinstance(data, pd.DataFrame) else None
    labels = pd.RangeIndex(n_rows) if given is None else given
    return pd.DataFrame(
        {
            "row": np.repeat(labels.to_numpy(), n_levels),
            "level": np.tile(np.array(fit.levels, dtype=object), n_rows),
            "estimate": estimate.ravel(),
            "std_error": error.ravel(),
            "conf_low": low.ravel(),
            "conf_high": high.ravel(),
        }
    )


def _blocks(rows: Rows) -> Iterator[Rows]:
    for start in range(0, len(rows.location), _BLOCK_ROWS):
        part = slice(start, start + _BLOCK_ROWS)
        yield Rows(
            location=rows.location[part],
            nominal=rows.nominal[part],
            scale=rows.scale[part],
            offset=None if rows.offset is None else rows.offset[part],
        )


def _probabilities_with_errors(estimate: Estimate, rows: Rows) -> tuple[FloatArray, FloatArray]:
    layout, link, params = estimate.design.layout, estimate.link, estimate.params
    gradients = probability_gradients(layout, link, params, rows)
    variance = np.einsum("rkp,pq,rkq->rk", gradients, estimate.covariance, gradients, optimize=True)
    return probabilities(link, cut_points(layout, params, rows)), np.sqrt(variance)


def _logit_band(estimate: FloatArray, error: FloatArray, alpha: float) -> tuple[FloatArray, FloatArray]:
    """Return the ends of the band; the last axis holds the levels, so that one minus a probability keeps its digits."""
    z = float(stats.norm.ppf(1.0 - alpha / 2.0))
    other = np.stack([np.delete(estimate, level, axis=-1).sum(axis=-1) for level in range(estimate.shape[-1])], axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = np.log(estimate) - np.log(other)
        reach = z * error / (estimate * other)
    reach[error == 0.0] = 0.0  # a probability of 0 or 1 to the last bit
    return special.expit(centre - reach), special.expit(centre + reach)
