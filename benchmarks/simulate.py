"""Rows of a cumulative logit model, the same at every call."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from corrtip.models.model import fit_arrays
from corrtip.models.results import OrdinalFit

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]


def simulate(rows: int, columns: int, levels: int) -> tuple[FloatArray, IntArray]:
    """Return normal columns and level numbers drawn with coefficients from -0.5 to 0.5."""
    generator = np.random.default_rng(2005)
    x = generator.normal(size=(rows, columns))
    latent = x @ np.linspace(-0.5, 0.5, columns) + generator.logistic(size=rows)
    return x, np.digitize(latent, np.linspace(-1.5, 1.5, levels - 1))


def fit_ours(x: FloatArray, y: IntArray) -> OrdinalFit:
    """Fit the rows from arrays; the covariance comes with every fit."""
    levels = [str(level) for level in range(int(y.max()) + 1)]
    return fit_arrays(y, x, levels=levels, names=[f"x{column}" for column in range(x.shape[1])])
