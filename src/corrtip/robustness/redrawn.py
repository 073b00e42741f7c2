"""One model whose columns are drawn anew many times, for figures that are uncertain or missing: a batch of fits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from corrtip.models.design import prepare
from corrtip.models.links import get_link
from corrtip.models.newton import Status, maximise

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

# Models fitted at a time.
_CHUNK = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Redrawn:
    """Estimates of one model on redrawn columns; nan where a draw has no maximum.

    Parameters
    ----------
    params : ndarray, shape (draws, parameters)
        Thresholds, redrawn columns, fixed columns, in the user's units.
    covariances : ndarray, shape (draws, parameters, parameters)
        Inverse observed information.
    llf : ndarray, shape (draws,)
    status : ndarray of int8, shape (draws,)
        A `corrtip.models.newton.Status` for each draw.
    """

    params: FloatArray
    covariances: FloatArray
    llf: FloatArray
    status: npt.NDArray[np.int8]

    @property
    def usable(self) -> npt.NDArray[np.bool_]:
        """Which draws have an estimate."""
        return np.asarray(self.status == Status.CONVERGED)


def fit_redrawn(codes: IntArray, drawn: FloatArray, fixed: FloatArray, *, n_levels: int, link: str) -> Redrawn:
    """Fit a cumulative link model to each draw of some of its columns.

    Parameters
    ----------
    codes : ndarray of int, shape (rows,)
        Outcome levels 0 .. n_levels - 1.
    drawn : ndarray, shape (draws, rows, columns)
        The columns that differ from draw to draw.
    fixed : ndarray, shape (rows, columns)
        Those that do not.
    n_levels : int
    link : str
    """
    parts = [
        _fit_chunk(codes, drawn[first : first + _CHUNK], fixed, n_levels, link)
        for first in range(0, len(drawn), _CHUNK)
    ]
    params, covariances, llf, status = (np.concatenate(part) for part in zip(*parts, strict=True))
    return Redrawn(params=params, covariances=covariances, llf=llf, status=status)


def _fit_chunk(
    codes: IntArray, drawn: FloatArray, fixed: FloatArray, n_levels: int, link: str
) -> tuple[FloatArray, FloatArray, FloatArray, npt.NDArray[np.int8]]:
    mean = drawn.mean(axis=(0, 1))
    spread = drawn.std(axis=(0, 1))
    design = prepare(codes, fixed, n_levels=n_levels, n_varying=drawn.shape[2])
    columns = np.ascontiguousarray(((drawn - mean) / spread)[:, design.order].transpose(0, 2, 1))
    ones = np.ones((len(drawn), design.n_rows))
    found = maximise(design, get_link(link), ones, varying=columns, quick=True)
    params = found.params.copy()
    params[found.status != Status.CONVERGED] = np.nan
    back = design.standardisation.linear_map @ _units(design.layout.n_thresholds, design.layout.varying, mean, spread)
    order = _user_order(design.layout.n_thresholds, fixed.shape[1], drawn.shape[2])
    good = found.status == Status.CONVERGED
    covariances = np.full((len(params), design.layout.size, design.layout.size), np.nan)
    covariances[good] = back @ np.linalg.inv(found.at.information[good]) @ back.T
    ordered = np.ix_(np.arange(len(params)), order, order)
    return (params @ back.T)[:, order], covariances[ordered], found.at.llf, found.status


def _units(n_thresholds: int, varying: slice, mean: FloatArray, spread: FloatArray) -> FloatArray:
    """Return the matrix that takes coefficients of standardised redrawn columns to those of the columns as they are."""
    size = varying.stop
    matrix = np.eye(size)
    places = np.arange(varying.start, varying.stop)
    matrix[places, places] = 1.0 / spread
    matrix[:n_thresholds, places] = mean / spread
    return matrix


def _user_order(n_thresholds: int, fixed: int, drawn: int) -> IntArray:
    """Return the places of thresholds, redrawn and fixed columns among thresholds, fixed and redrawn columns."""
    thresholds = np.arange(n_thresholds)
    return np.concatenate([thresholds, n_thresholds + fixed + np.arange(drawn), n_thresholds + np.arange(fixed)])
