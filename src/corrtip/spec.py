"""One declared model: which outcome, predictors, years, vintages and estimator, and no data."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from corrtip.errors import SpecError

Estimator = Literal["clm", "ols", "logit", "rank"]
LinkName = Literal["logit", "probit", "cloglog", "loglog", "cauchit"]
Covariance = Literal["nonrobust", "HC0", "HC1", "cluster"]
SpecialCases = Literal["drop", "worst", "best"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """One model, declared.

    Parameters
    ----------
    outcome : str
        Variable with ordered levels, e.g. ``"tier"``.
    focal : str
        The predictor that the question is about.
    controls : tuple of str
        The other predictors, in the order of the table.
    years : (int, int)
        First and last year of the outcome. The report of year Y covers April Y-1 to March Y.
    lag : mapping of str to int
        Years by which a predictor precedes the outcome: ``{"cpi_pre2012": 1}`` joins the CPI of 2004 to the
        tier of 2005. A join on (iso3, year), never a shift.
    vintages : mapping of str to str
        Which vintage of a variable is used; needed where more than one exists.
    transforms : mapping of str to str
        Named transforms of predictors: ``log``, ``rank_within_year``, ``zscore_within_year``.
    merge : mapping of str to mapping of str to str
        Levels joined to others before the fit: ``{"tier": {"2WL": "2"}}`` joins the watch list to tier 2.
    special_cases : {"drop", "worst", "best"}
        What becomes of countries that the report lists without a rank.
    sample : mapping of str to tuple of str
        Restrictions: only rows whose categorical variable has one of these levels.
    estimator : {"clm", "ols", "logit", "rank"}
        Cumulative link model; least squares on the level's number; binary logit (outcome must have two
        levels after ``merge``); rank correlations of each predictor with the outcome.
    link : str
        Link of the cumulative link model.
    covariance : {"nonrobust", "HC0", "HC1", "cluster"}
        Covariance estimator; ``cluster`` clusters by country.

    Raises
    ------
    SpecError
        If the years are reversed, a predictor is named twice, or a setting names a variable that is not used.
    """

    outcome: str
    focal: str
    controls: tuple[str, ...] = ()
    years: tuple[int, int]
    lag: Mapping[str, int] = field(default_factory=dict)
    vintages: Mapping[str, str] = field(default_factory=dict)
    transforms: Mapping[str, str] = field(default_factory=dict)
    merge: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    special_cases: SpecialCases = "drop"
    sample: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    estimator: Estimator = "clm"
    link: LinkName = "logit"
    covariance: Covariance = "nonrobust"

    def __post_init__(self) -> None:
        if self.years[0] > self.years[1]:
            raise SpecError("Spec.years", f"{self.years}", expected="first year, then last year")
        names = (self.outcome, *self.predictors)
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise SpecError("Spec", f"{', '.join(repeated)} named twice", expected="each variable once")
        for setting in ("lag", "vintages", "transforms", "merge"):
            known = (*names, *self.sample)
            for name in getattr(self, setting):
                if name not in known:
                    raise SpecError(f"Spec.{setting}", f'"{name}" is not used', expected=f"one of {', '.join(known)}")

    @property
    def predictors(self) -> tuple[str, ...]:
        """The focal variable, then the controls."""
        return (self.focal, *self.controls)

    @property
    def id(self) -> str:
        """Twelve hexadecimal digits of the SHA-256 of the fields: equal specifications have equal ids."""
        return hashlib.sha256(json.dumps(self.as_dict(), sort_keys=True).encode()).hexdigest()[:12]

    def as_dict(self) -> dict[str, Any]:
        """Return the fields as plain JSON-ready values."""
        return dataclasses.asdict(self)

    def replace(self, **changes: Any) -> Spec:
        """Return a copy with some fields changed."""
        return dataclasses.replace(self, **changes)

    def __hash__(self) -> int:
        return hash(self.id)
