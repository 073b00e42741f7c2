"""A likelihood that may have several maxima is climbed from several places, and the highest point is kept."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from corrtip.models.design import Design
from corrtip.models.links import Link, LinkName, get_link
from corrtip.models.newton import Maximum, Status, maximise, start_values

FloatArray = npt.NDArray[np.float64]

# Against the best of 24 random starts, 23 of 941 random cauchit designs (30 to 150 rows, heavy-tailed columns among
# them) ended at a lower maximum from the usual start, and none from these. With scale terms, four links, it was 22 of
# 1,916 and is 9.
_CONCAVE: tuple[LinkName, ...] = ("logit", "probit", "cloglog", "loglog")
_STRETCHES = (1.0, 2.0, 4.0, 8.0)
# Larger samples had no second maximum, and pay for each start.
_MOST_ROWS = 5000
# Starts that reach the same maximum differ by rounding.
_ROUNDING = 1e-9


def highest_maximum(design: Design, link: Link, weights: FloatArray) -> Maximum:
    """Return the maximum-likelihood estimates of one model: a batch of one.

    Parameters
    ----------
    design : Design
    link : Link
    weights : ndarray, shape (1, rows)
        Case weights in the sorted order of the design.

    Notes
    -----
    Where the log-likelihood is concave one start is enough. For cauchit and with scale terms, in samples of at most
    5,000 rows, the maxima of the concave links without scale terms serve as further starts, for cauchit stretched
    as well: its tails call for larger coefficients. A start that has not settled, but stands above all that have,
    is kept: it is on its way to infinity, and the estimate must not pass for the maximum.
    """
    if (link.concave and not design.layout.n_scale) or design.n_rows > _MOST_ROWS:
        return maximise(design, link, weights)
    start = np.concatenate([start_values(design, link, weights), _neighbours(design, link, weights)])
    ended = maximise(design, link, np.repeat(weights, len(start), axis=0), start=start)
    best = np.array([_best(ended)])
    return Maximum(
        params=ended.params[best], at=ended.at.take(best), iterations=ended.iterations[best], status=ended.status[best]
    )


def _neighbours(design: Design, link: Link, weights: FloatArray) -> FloatArray:
    """Return the maxima of the concave links without scale terms, and for cauchit multiples of them."""
    held = np.zeros((1, design.layout.size), dtype=bool)
    held[:, design.layout.scale] = True
    near = [maximise(design, get_link(name), weights, fixed=held).params for name in _CONCAVE]
    stretches = (1.0,) if link.concave else _STRETCHES
    starts = np.concatenate([stretch * params for stretch in stretches for params in near])
    return np.asarray(starts[np.isfinite(starts).all(axis=1)])


def _best(ended: Maximum) -> int:
    height = np.where(np.isnan(ended.at.llf), -np.inf, ended.at.llf)
    settled = np.array(
        [
            status == Status.CONVERGED and bool(np.linalg.eigvalsh(information)[0] > 0.0)
            for status, information in zip(ended.status, ended.at.information, strict=True)
        ]
    )
    top = height >= height.max() - _ROUNDING * abs(height.max())
    return int(np.argmax(settled & top)) if (settled & top).any() else int(np.argmax(height))
