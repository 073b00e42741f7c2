"""The plain table that stands beside all models: the outcome by quartile of the focal predictor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from corrtip.data.sample import Sample


def build_quartiles(sample: Sample) -> pd.DataFrame:
    """Return how many countries of each quartile of the focal predictor stand at each level of the outcome.

    Parameters
    ----------
    sample : Sample

    Returns
    -------
    DataFrame
        One row per quartile and level: quartile (1 holds the lowest values), low and high (the values at its ends),
        level, count, share (of the quartile's countries; nan where ties leave a quartile empty).

    Notes
    -----
    Cut at the sample quartiles of the focal predictor as it enters the model; a value on a cut falls below it, so that
    equal values stay together and quartiles need not be equally large.
    """
    focal = sample.x[sample.spec.focal].to_numpy()
    quartile = 1 + np.searchsorted(np.quantile(focal, [0.25, 0.5, 0.75]), focal, side="left")
    codes, levels = np.asarray(sample.y), sample.levels
    rows = []
    for number in range(1, 5):
        inside = quartile == number
        count = np.bincount(codes[inside], minlength=len(levels))
        low, high = (focal[inside].min(), focal[inside].max()) if inside.any() else (np.nan, np.nan)
        for level, held in zip(levels, count, strict=True):
            share = held / inside.sum() if inside.any() else np.nan
            rows.append((number, low, high, level, int(held), share))
    return pd.DataFrame(rows, columns=["quartile", "low", "high", "level", "count", "share"])
