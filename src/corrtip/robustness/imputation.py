"""Multiple imputation of missing predictors: the countries that a complete-case sample leaves out, brought back in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from corrtip.errors import ConvergenceError, SpecError
from corrtip.models.model import fit_arrays
from corrtip.models.problem import name_thresholds
from corrtip.models.results import OrdinalFit
from corrtip.robustness.pooling import Pooled, pool_arrays
from corrtip.robustness.redrawn import fit_redrawn

if TYPE_CHECKING:
    from corrtip.data.panel import Panel
    from corrtip.spec import Spec

FloatArray = npt.NDArray[np.float64]

# Updates of the chain before the first data set and between two.
_BURN_IN = 10
_BETWEEN = 3
# Donors of predictive mean matching: a drawn value is one that a like country has, so that bounds are kept.
_DONORS = 5
# The chain has settled where the means of its first and second half differ by less than so many standard errors.
_DRIFT = 4.0
# Draws in each half from which their spread is known well enough to judge.
_FEWEST_TO_JUDGE = 5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Imputation:
    """A model on imputed data sets, beside the complete cases.

    Parameters
    ----------
    pooled : Pooled
    complete : OrdinalFit
        The same model on the countries that have every figure.
    missing : DataFrame
        One row a predictor: term, missing (countries without it), share.
    left_out : DataFrame
        Who the complete cases leave out: group (``tier`` or ``region``), level, countries, left_out, share.
    """

    pooled: Pooled
    complete: OrdinalFit
    missing: pd.DataFrame
    left_out: pd.DataFrame

    def compare(self) -> pd.DataFrame:
        """Return one row a coefficient: term, and estimate, std_error of the complete cases and of the pooled fits."""
        pooled = self.pooled.tidy().set_index("term")
        complete = self.complete.tidy().set_index("term").loc[list(pooled.index)]
        return pd.DataFrame(
            {
                "term": pooled.index,
                "complete": complete["estimate"].to_numpy(),
                "complete_error": complete["std_error"].to_numpy(),
                "imputed": pooled["estimate"].to_numpy(),
                "imputed_error": pooled["std_error"].to_numpy(),
                "fmi": pooled["fmi"].to_numpy(),
            }
        )


def impute(panel: Panel, spec: Spec, draws: int = 20, seed: int = 1) -> Imputation:
    """Fill in missing predictors of the countries that have an outcome, many times, and pool the fits.

    Parameters
    ----------
    panel : Panel
    spec : Spec
        A clm of one year with numeric predictors, no transform, lag or restriction.
    draws : int
        Data sets, at least two.
    seed : int

    Returns
    -------
    Imputation

    Raises
    ------
    SpecError
        If the specification asks for something else, a predictor is missing everywhere, or none is missing.
    ConvergenceError
        If the chain of imputations drifts.

    Notes
    -----
    Chained equations by `statsmodels.imputation.mice.MICEData`: each predictor in turn is regressed on the others and
    on the tier (a dummy for each level but the first), and missing values are taken from the donors with the nearest
    predictions. The tier is among the predictors, since a figure imputed without it would not go with it. It takes
    figures to be missing at random given the others; where a government hides a bad figure it is not.
    """
    _check(spec)
    sample_of_outcome = _outcome(panel, spec)
    columns = panel.wide(spec.years, list(spec.predictors), dict(spec.vintages)).astype(float)
    columns = columns.reindex(sample_of_outcome.index)
    absent = columns.isna().sum()
    for name in spec.predictors:
        if absent[name] == len(columns):
            raise SpecError(f"Spec, {name}", f"missing for all {len(columns)} countries", expected="some figures")
    if not absent.any():
        raise SpecError("Spec", "no figure is missing", expected="something to impute", mend="Use ct.fit")
    codes = sample_of_outcome.cat.codes.to_numpy().astype(np.intp)
    levels = [str(level) for level in sample_of_outcome.cat.categories]
    drawn = _chain(columns, codes, draws, seed)
    found = fit_redrawn(codes, drawn, np.empty((len(codes), 0)), n_levels=len(levels), link=spec.link)
    whole = columns.notna().all(axis=1).to_numpy()
    complete = fit_arrays(
        codes[whole], columns[whole].to_numpy(), levels=levels, names=list(spec.predictors), link=spec.link
    )
    return Imputation(
        pooled=pool_arrays(
            found.params, found.covariances, names=(*name_thresholds(levels), *spec.predictors), nobs=float(len(codes))
        ),
        complete=complete,
        missing=pd.DataFrame(
            {"term": spec.predictors, "missing": absent.to_numpy(), "share": (absent / len(columns)).to_numpy()}
        ),
        left_out=_left_out(panel, spec, sample_of_outcome, whole),
    )


def _check(spec: Spec) -> None:
    unsupported = [name for name in ("transforms", "lag", "sample", "merge") if getattr(spec, name)]
    if spec.estimator != "clm" or spec.years[0] != spec.years[1] or spec.special_cases != "drop" or unsupported:
        seen = ", ".join([spec.estimator, f"years {spec.years}", *unsupported])
        raise SpecError("Spec", seen, expected="a clm of one year, without transform, lag, restriction or merge")


def _outcome(panel: Panel, spec: Spec) -> pd.Series:
    outcome = panel.wide(spec.years, [spec.outcome])[spec.outcome].dropna()
    return outcome.cat.remove_unused_categories()


def _chain(columns: pd.DataFrame, codes: npt.NDArray[np.intp], draws: int, seed: int) -> FloatArray:
    """Return completed columns, shape (draws, rows, columns), from one chain."""
    from statsmodels.imputation.mice import MICEData

    data = columns.reset_index(drop=True)
    for level in range(1, int(codes.max()) + 1):
        data[f"level_{level}"] = (codes == level).astype(float)
    kept: list[FloatArray] = []
    chain: Any = MICEData(data, k_pmm=_DONORS, perturbation_method="gaussian", rng=seed)
    chain.update_all(_BURN_IN)
    for _ in range(draws):
        chain.update_all(_BETWEEN)
        kept.append(chain.data[list(columns.columns)].to_numpy(copy=True))
    drawn = np.array(kept)
    _check_drift(drawn, columns)
    return drawn


def _check_drift(drawn: FloatArray, columns: pd.DataFrame) -> None:
    half = len(drawn) // 2
    for place, name in enumerate(columns.columns):
        rows = columns[name].isna().to_numpy()
        if not rows.any() or half < _FEWEST_TO_JUDGE:
            continue
        means = drawn[:, rows, place].mean(axis=1)
        error = np.sqrt(means[:half].var(ddof=1) / half + means[half:].var(ddof=1) / (len(means) - half))
        if abs(means[:half].mean() - means[half:].mean()) > _DRIFT * error:
            raise ConvergenceError(
                f"imputation of {name}",
                "the draws drift from the first half of the chain to the second",
                expected="a chain that has settled",
                mend="Impute fewer variables, or ask for more draws",
            )


def _left_out(panel: Panel, spec: Spec, outcome: pd.Series, whole: npt.NDArray[np.bool_]) -> pd.DataFrame:
    regions = panel.wide(spec.years, ["region"])["region"].reindex(outcome.index)
    parts = []
    for group, labels in ((spec.outcome, outcome), ("region", regions)):
        counts = pd.DataFrame({"level": labels.astype(str).to_numpy(), "out": ~whole})
        table = counts.groupby("level", sort=True)["out"].agg(["size", "sum"])
        parts.append(
            pd.DataFrame(
                {
                    "group": group,
                    "level": table.index,
                    "countries": table["size"].to_numpy(),
                    "left_out": table["sum"].to_numpy(),
                    "share": (table["sum"] / table["size"]).to_numpy(),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)
