"""From a sample to the evidence that claims are decided on: every fit that it gives, or the reason why it does not."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from corrtip.errors import ModelError
from corrtip.estimate import (
    Fit,
    LinearFit,
    PredictorTest,
    RankFit,
    as_record,
    fit,
    predictor_columns,
    predictor_tests,
    rank_fit,
)
from corrtip.models.results import OrdinalFit
from corrtip.robustness.dominance import Dominance, dominance
from corrtip.studies.claims import Evidence

if TYPE_CHECKING:
    from corrtip.data.sample import Sample

T = TypeVar("T")

# Draws behind each interval: its ends then move by about a twentieth of its width from one seed to the next.
DRAWS = 499
SEED = 1

_NO_JOINT_MODEL = "Rank correlations take the predictors one at a time: there is no joint model."
_NOT_ASKED = "No claim about this model asks how important its predictors are."
_NO_LIKELIHOOD = "Dominance is of McFadden's R2, which only models of the ordered outcome have."


@dataclass(frozen=True, slots=True, kw_only=True)
class Fits:
    """Everything that is fitted to one sample.

    Parameters
    ----------
    joint : OrdinalFit, LinearFit or None
        The model of all predictors.
    alone : mapping of str to fit
        The model of each predictor alone, on the same rows.
    ranks : RankFit or None
        Rank correlations of every predictor whose values have an order.
    dominance : mapping of str to Dominance
        By view: ``indicator`` takes each predictor for itself, ``group`` joins those that measure one thing.
    missing : mapping of str to str
        Why a part is not there: ``joint``, ``alone``, ``ranks``, ``dominance``.
    """

    joint: OrdinalFit | LinearFit | None
    alone: Mapping[str, OrdinalFit | LinearFit | RankFit]
    ranks: RankFit | None
    dominance: Mapping[str, Dominance]
    missing: Mapping[str, str]


def fit_all(sample: Sample, groups: Mapping[str, tuple[str, ...]], *, importance: bool = True) -> Fits:
    """Fit everything that claims may ask of a sample; what cannot be estimated keeps its place with the reason.

    Parameters
    ----------
    sample : Sample
    groups : mapping of str to tuple of str
        Predictors that measure one thing; those that the sample does not hold are passed over.
    importance : bool
        Is dominance, with its bootstrap, asked for?
    """
    missing: dict[str, str] = {}
    columns = predictor_columns(sample)
    ordered = [name for name in columns if name in sample.x.columns]
    present = {
        group: tuple(name for name in members if name in columns)
        for group, members in groups.items()
        if any(name in columns for name in members)
    }
    joint = _attempt("joint", missing, lambda: fit(sample))
    alone = _attempt("alone", missing, lambda: {name: fit(sample, (name,)) for name in columns})
    ranks = _attempt("ranks", missing, lambda: rank_fit(sample, ordered))
    views: dict[str, Dominance] | None = None
    if not importance:
        missing["dominance"] = _NOT_ASKED
    elif sample.spec.estimator in ("clm", "logit"):
        views = _attempt(
            "dominance",
            missing,
            lambda: {
                view: dominance(sample, joined, draws=DRAWS, seed=SEED)
                for view, joined in (("indicator", {}), ("group", present))
            },
        )
    else:
        missing["dominance"] = _NO_LIKELIHOOD
    if isinstance(joint, RankFit):
        missing["joint"] = _NO_JOINT_MODEL
    return Fits(
        joint=None if isinstance(joint, RankFit) else joint,
        alone=alone or {},
        ranks=ranks,
        dominance=views or {},
        missing=missing,
    )


def nothing_to_fit(reason: str) -> Fits:
    """Return the empty place of a variant that has no sample, with the reason."""
    missing = dict.fromkeys(("joint", "alone", "ranks", "dominance", "values", "bounds", "years"), reason)
    return Fits(joint=None, alone={}, ranks=None, dominance={}, missing=missing)


def weigh(sample: Sample, fits: Fits, labels: Mapping[str, str]) -> Evidence:
    """Return what the fits say about the predictors.

    Parameters
    ----------
    sample : Sample
    fits : Fits
    labels : mapping of str to str
        How to print a predictor's name.

    Notes
    -----
    Where the estimator is rank correlation, a predictor alone is tested by Kendall's tau-b.
    """
    focal = sample.spec.focal
    columns = {
        name: tuple(sample.x.columns[place] for place in places) for name, places in predictor_columns(sample).items()
    }
    missing = dict(fits.missing)
    leads = _attempt("intervals", missing, lambda: {view: found.lead(focal) for view, found in fits.dominance.items()})
    return Evidence(
        focal=focal,
        n=len(sample.y),
        joint=() if fits.joint is None else predictor_tests(fits.joint, columns),
        alone=tuple(_alone(name, found, columns[name]) for name, found in fits.alone.items()),
        ranks=() if fits.ranks is None else fits.ranks.associations.get(focal, ()),
        values=tuple(sample.x[focal].tolist()) if focal in sample.x else (),
        dominance=fits.dominance,
        leads=leads or {},
        missing=missing,
        labels=labels,
    )


def numbers(fits: Fits) -> dict[str, float]:
    """Return every number of the joint model and of those of one predictor, by the name under which a study prints it.

    The names are ``joint.n``, ``joint.llf``, ``joint.infant_mortality.p_value``, and the same for each predictor alone:
    ``alone.infant_mortality.n``, ``alone.infant_mortality.infant_mortality.estimate``; for a binary logit also
    ``odds_ratio`` and ``odds_ratio_std_error``, the delta method's.
    """
    models: dict[str, Fit] = {f"alone.{name}": found for name, found in fits.alone.items()}
    if fits.joint is not None:
        models["joint"] = fits.joint
    found: dict[str, float] = {}
    for model, fitted in models.items():
        record = as_record(fitted)
        rows = [*record.pop("thresholds"), *record.pop("coefficients")]
        found |= {f"{model}.{key}": value for key, value in record.items() if isinstance(value, int | float)}
        for row in rows:
            name = ".".join(str(row[key]) for key in ("term", "measure") if key in row)
            found |= {f"{model}.{name}.{key}": value for key, value in row.items() if isinstance(value, int | float)}
        if isinstance(fitted, OrdinalFit) and len(fitted.levels) == 2 and fitted.link == "logit":
            for name, estimate in fitted.coefficients.items():
                ratio = math.exp(estimate)
                found[f"{model}.{name}.odds_ratio"] = ratio
                found[f"{model}.{name}.odds_ratio_std_error"] = ratio * float(fitted.bse[name])
    return found


def _alone(name: str, found: OrdinalFit | LinearFit | RankFit, columns: tuple[str, ...]) -> PredictorTest:
    if not isinstance(found, RankFit):
        return predictor_tests(found, {name: columns})[0]
    tau = next(item for item in found.associations[name] if item.measure == "kendall_tau_b")
    return PredictorTest(predictor=name, df=1, estimate=tau.estimate, p_value=tau.p_value)


def _attempt(part: str, missing: dict[str, str], make: Callable[[], T]) -> T | None:
    try:
        return make()
    except ModelError as error:
        missing[part] = str(error)
        return None
