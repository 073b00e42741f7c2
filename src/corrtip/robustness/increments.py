"""What a predictor adds to each subset of the others: averages, and who dominates whom."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
Kind = Literal["general", "conditional", "complete"]

KINDS: tuple[Kind, ...] = ("general", "conditional", "complete")
"""The weakest first: complete dominance implies conditional, and that general dominance."""


def general_dominance(values: FloatArray) -> FloatArray:
    """Return the average increments, shape (..., p), of fits over all subsets, shape (..., 2 ** p)."""
    general: FloatArray = conditional_dominance(values).mean(axis=-1)
    return general


def conditional_dominance(values: FloatArray) -> FloatArray:
    """Return the average increments by size of the subset, shape (..., p, p), of fits, shape (..., 2 ** p)."""
    p = int(values.shape[-1]).bit_length() - 1
    averages = np.empty((*values.shape[:-1], p, p))
    for place in range(p):
        without = _without(p, place)
        increments = values[..., without | 1 << place] - values[..., without]
        sizes = np.bitwise_count(without)
        for size in range(p):
            averages[..., place, size] = increments[..., sizes == size].mean(axis=-1)
    return averages


def complete_dominance(values: FloatArray) -> npt.NDArray[np.bool_]:
    """Return whether each predictor beats each other in every subset of the rest, shape (..., p, p)."""
    p = int(values.shape[-1]).bit_length() - 1
    beats = np.zeros((*values.shape[:-1], p, p), dtype=bool)
    for one in range(p):
        for other in range(p):
            if one != other:
                rest = _without(p, one, other)
                beats[..., one, other] = (values[..., rest | 1 << one] > values[..., rest | 1 << other]).all(axis=-1)
    return beats


def dominates(values: FloatArray, kind: Kind) -> FloatArray:
    """Return who dominates whom, shape (..., p, p): 1 row over column, 0 column over row, 0.5 neither.

    Parameters
    ----------
    values : ndarray, shape (..., 2 ** p)
    kind : {"general", "conditional", "complete"}
        By the average over all subsets, by that over the subsets of every size, or in every subset.

    Notes
    -----
    The ``D_ij`` of Azen and Budescu (2003).
    """
    if kind == "complete":
        beats = complete_dominance(values).astype(float)
    else:
        by_size = conditional_dominance(values)
        averages = by_size.mean(axis=-1, keepdims=True) if kind == "general" else by_size
        beats = (averages[..., :, None, :] > averages[..., None, :, :]).all(axis=-1).astype(float)
    return np.asarray(0.5 * (1.0 + beats - beats.swapaxes(-1, -2)))


def _without(p: int, *places: int) -> IntArray:
    subsets = np.arange(2**p)
    rest: IntArray = subsets[(subsets & sum(1 << place for place in places)) == 0]
    return rest
