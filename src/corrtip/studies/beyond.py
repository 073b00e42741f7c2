"""Evidence beyond one sample: the focal predictor under every set of controls, and in every year for itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from corrtip.robustness.bounds import extreme_bounds
from corrtip.robustness.years import FOCAL, every_year
from corrtip.studies.claims import Bounds, YearEffect

if TYPE_CHECKING:
    from corrtip.data.panel import Panel
    from corrtip.spec import Spec


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """The controls from which sets are drawn.

    Parameters
    ----------
    controls : tuple of str
    size : int
        Controls taken at a time, beside those of the specification.
    coverage : float
        A control that covers less than this share of the rows leaves the pool.
    vintages : mapping of str to str
        Vintage of each control that has several.
    """

    controls: tuple[str, ...]
    size: int = 3
    coverage: float = 0.6
    vintages: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The years that are asked one by one.

    Parameters
    ----------
    years : (int, int)
        The first and the last.
    measures : tuple of str
        Focal variables, of which each year takes the first that is defined for it; by default the specification's.
    """

    years: tuple[int, int]
    measures: tuple[str, ...] = ()


def find_bounds(panel: Panel, spec: Spec, pool: Pool) -> Bounds:
    """Return the extreme bounds of a specification's focal predictor.

    Raises
    ------
    SpecError
        If the pool is too small for the rows, or the specification is not a cumulative link model of one year.
    """
    found = extreme_bounds(
        panel, spec, pool=pool.controls, size=pool.size, coverage=pool.coverage, vintages=pool.vintages
    )
    table = found.tidy().set_index("scale")
    row = table.loc["latent"]
    return Bounds(
        models=int(row["models"]),
        fitted=int(row["fitted"]),
        lowest=float(row["lowest"]),
        median=float(row["median"]),
        highest=float(row["highest"]),
        share_below=float(row["share_below"]),
        cdf=float(row["cdf"]),
    )


def find_years(panel: Panel, spec: Spec, span: Span) -> tuple[YearEffect, ...]:
    """Return the focal coefficient of each year, or the reason why a year has none.

    Raises
    ------
    SpecError
        If no year has an estimate.
    """
    first, last = span.years
    table = every_year(panel, spec, range(first, last + 1), measures=span.measures).table
    return tuple(_year(row) for _, row in table[table["term"] == FOCAL].iterrows())


def _year(row: pd.Series) -> YearEffect:
    known = pd.notna(row["estimate"])
    return YearEffect(
        year=int(row["year"]),
        estimate=float(row["estimate"]),
        p_value=float(row["p_value"]),
        n=int(row["n"]) if known else 0,
        reason="" if known else str(row["reason"]),
    )
