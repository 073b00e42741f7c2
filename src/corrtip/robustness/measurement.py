"""How far a published score may be off: its standard error, from the publisher or from the published range."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from corrtip.errors import DataError, SpecError

if TYPE_CHECKING:
    from corrtip.data.panel import Panel
    from corrtip.data.sample import Sample

FloatArray = npt.NDArray[np.float64]

# Transparency International's ranges are 90 % intervals.
_RANGE_LEVEL = 0.90


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MeasurementError:
    """The standard error of each row's score.

    Parameters
    ----------
    variable : str
    std_error : ndarray, shape (rows,)
    origin : str
        ``standard error`` as published, or ``range``: half of the published 90 % range over its normal quantile.
    reliability : float
        Share of the variance of the scores that is not error: one less the mean squared standard error over the
        variance of the scores.
    """

    variable: str
    std_error: FloatArray
    origin: str
    reliability: float

    def check_suits(self, sample: Sample) -> None:
        """Raise unless the sample is one that these errors can be carried into.

        Raises
        ------
        SpecError
            If the estimator is not clm, or the error is of another variable than the focal one.
        """
        if sample.spec.estimator != "clm":
            raise SpecError("Spec.estimator", f'"{sample.spec.estimator}"', expected='"clm"')
        if self.variable != sample.spec.focal:
            raise SpecError("error", f"of {self.variable}", expected=f"of the focal variable {sample.spec.focal}")


def published_error(panel: Panel, sample: Sample) -> MeasurementError:
    """Return the published error of a sample's focal variable.

    Parameters
    ----------
    panel : Panel
    sample : Sample
        Its focal variable as published: an error of a transformed score would be another one.

    Raises
    ------
    SpecError
        If the focal variable is transformed, or its publisher gives neither standard errors nor ranges.
    DataError
        If rows have no error, or a range does not hold its score; names the countries.

    Notes
    -----
    A standard error says how far the sources of a score disagree. It does not hold what all sources get wrong alike.

    Examples
    --------
    >>> from corrtip.data.panel import load_panel
    >>> from corrtip.data.sample import build_sample
    >>> from corrtip.spec import Spec
    >>> panel = load_panel()
    >>> sample = build_sample(panel, Spec(outcome="tier", focal="cpi_pre2012", years=(2005, 2005)))
    >>> round(published_error(panel, sample).reliability, 2)
    0.98
    """
    spec = sample.spec
    focal = spec.focal
    if focal in spec.transforms:
        raise SpecError(
            f"Spec.transforms, {focal}", f'"{spec.transforms[focal]}"', expected="the score as published, untransformed"
        )
    companions = [f"{focal}_{name}" for name in ("std_error", "ci_low", "ci_high")]
    known = [name for name in companions if name in panel.catalogue]
    if not known:
        raise SpecError(
            f"Spec.focal {focal}", "neither standard errors nor ranges are published with it", expected="one of them"
        )
    lag = spec.lag.get(focal, 0)
    years = (spec.years[0] - lag, spec.years[1] - lag)
    vintages = {name: spec.vintages[focal] for name in known if focal in spec.vintages}
    figures = panel.wide(years, known, vintages)
    rows = [(iso3, year - lag) for iso3, year in sample.data.index]
    figures = figures.reindex(pd.MultiIndex.from_tuples(rows, names=figures.index.names)).astype(float)
    score = sample.data[focal].to_numpy(dtype=float)
    error, origin = _error(figures.to_numpy(), known, score, focal, sample.data.index)
    return MeasurementError(
        variable=focal, std_error=error, origin=origin, reliability=float(1.0 - (error**2).mean() / score.var())
    )


def _error(
    figures: FloatArray, known: list[str], score: FloatArray, focal: str, index: pd.MultiIndex
) -> tuple[FloatArray, str]:
    columns = dict(zip(known, figures.T, strict=True))
    published = columns.get(f"{focal}_std_error", np.full(len(score), np.nan))
    if np.isfinite(published).all():
        return published, "standard error"
    low, high = (columns.get(f"{focal}_ci_{end}", np.full(len(score), np.nan)) for end in ("low", "high"))
    outside = np.flatnonzero((score < low) | (score > high))
    if len(outside):
        row = outside[0]
        raise DataError(
            f"{focal} of {_named(index, [row])}",
            f"the published range {low[row]:g} to {high[row]:g} does not hold the score {score[row]:g}",
            expected="a range around the score",
            mend="Correct the figure, or leave the country out",
        )
    error = (high - low) / (2.0 * stats.norm.ppf(0.5 + _RANGE_LEVEL / 2.0))
    missing = np.flatnonzero(~np.isfinite(error))
    if len(missing):
        raise DataError(
            f"error of {focal}",
            f"not published for {len(missing)} of {len(score)} rows: {_named(index, missing[:5])}",
            expected="a standard error or a range for each row",
            mend="Choose a year with published ranges, or restrict the sample",
        )
    return np.asarray(error), "range"


def _named(index: pd.MultiIndex, rows: npt.ArrayLike) -> str:
    return ", ".join(f"{iso3} {year}" for iso3, year in index[np.asarray(rows)])
