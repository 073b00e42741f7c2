"""From a sample to a fit: the one place that picks an estimator."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from corrtip.errors import SpecError
from corrtip.models.model import fit_arrays
from corrtip.models.multiplicity import adjusted
from corrtip.models.rank import Association, rank_associations
from corrtip.models.results import OrdinalFit

if TYPE_CHECKING:
    from corrtip.data.sample import Sample

FloatArray = npt.NDArray[np.float64]
INTERCEPT = "Intercept"


class Fit(Protocol):
    """What every estimator's result answers, in one vocabulary."""

    def tidy(self) -> pd.DataFrame:
        """Return one row per estimate: term, level, estimate, std_error, statistic, p_value, conf_low, conf_high."""

    def glance(self) -> pd.Series:
        """Return the fit in one line, beginning with n."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LinearFit:
    """Least squares on the level's number: 1 for the best level, then 2, and so on.

    Parameters
    ----------
    params : Series
        Coefficients, the intercept first.
    covariance : DataFrame
        Their covariance.
    nobs : int
    llf, aic, bic, rsquared : float
    df_resid : float
        Degrees of freedom of Student's t: rows less coefficients, or clusters less one with a cluster covariance.
    cov_type : str

    Notes
    -----
    It takes the step from tier 1 to 2 to be as long as that from the watch list to tier 3. p-values and intervals
    are Student's, also with a robust covariance, as in Stata.
    """

    params: pd.Series
    covariance: pd.DataFrame
    nobs: int
    llf: float
    aic: float
    bic: float
    rsquared: float
    df_resid: float
    cov_type: str

    def cov_params(self) -> pd.DataFrame:
        """Return the covariance of the coefficients."""
        return self.covariance

    def tidy(self, alpha: float = 0.05) -> pd.DataFrame:
        """Return one row per coefficient: term, level, estimate, std_error, statistic, p_value, conf_low, conf_high."""
        error = pd.Series(np.sqrt(np.diag(self.covariance)), index=self.params.index)
        reach = stats.t.ppf(1.0 - alpha / 2.0, self.df_resid) * error
        statistic = self.params / error
        return pd.DataFrame(
            {
                "term": self.params.index,
                "level": pd.array([None] * len(self.params), dtype="str"),
                "estimate": self.params.to_numpy(),
                "std_error": error.to_numpy(),
                "statistic": statistic.to_numpy(),
                "p_value": 2.0 * stats.t.sf(np.abs(statistic), self.df_resid),
                "conf_low": (self.params - reach).to_numpy(),
                "conf_high": (self.params + reach).to_numpy(),
            }
        )

    def glance(self) -> pd.Series:
        """Return the fit in one line: n, llf, aic, bic, r2, df_resid, cov_type."""
        return pd.Series(
            {
                "n": self.nobs,
                "llf": self.llf,
                "aic": self.aic,
                "bic": self.bic,
                "r2": self.rsquared,
                "df_resid": self.df_resid,
                "cov_type": self.cov_type,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RankFit:
    """Rank correlations of each predictor with the outcome, one predictor at a time.

    Parameters
    ----------
    associations : mapping of str to tuple of Association
        Spearman's rho, Kendall's tau-b and Goodman and Kruskal's gamma of each predictor.
    nobs : int
    """

    associations: Mapping[str, tuple[Association, ...]]
    nobs: int

    def tidy(self) -> pd.DataFrame:
        """Return one row per predictor and measure: measure, then the columns that every fit has.

        With several predictors also p_holm and p_bh, adjusted for their number within each measure.
        """
        found = [(term, item) for term, items in self.associations.items() for item in items]
        columns = ("estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high")
        table = pd.DataFrame(
            {
                "measure": [item.measure for _, item in found],
                "term": [term for term, _ in found],
                "level": pd.array([None] * len(found), dtype="str"),
                **{column: [getattr(item, column) for _, item in found] for column in columns},
            }
        )
        return table.join(adjusted(table["p_value"], table["measure"])) if len(self.associations) > 1 else table

    def glance(self) -> pd.Series:
        """Return the fit in one line: n."""
        return pd.Series({"n": self.nobs})


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictorTest:
    """Whether one predictor's coefficients, all of its columns together, differ from zero.

    Parameters
    ----------
    predictor : str
    df : int
        Number of its columns: more than one for a variable with unordered levels.
    estimate : float
        The coefficient where there is one column, else nan.
    p_value : float
        Wald's, with the fit's covariance.
    """

    predictor: str
    df: int
    estimate: float
    p_value: float


def fit(sample: Sample, predictors: Sequence[str] | None = None) -> OrdinalFit | LinearFit | RankFit:
    """Fit what the sample's specification asks for.

    Parameters
    ----------
    sample : Sample
    predictors : sequence of str, optional
        Some of the specification's predictors; all if not given. The rows stay those of the sample, so that models
        of fewer predictors are fitted to the same countries.

    Returns
    -------
    OrdinalFit, LinearFit or RankFit
        All have ``tidy()`` and ``glance()``.

    Raises
    ------
    SpecError
        If the estimator does not suit the outcome or a predictor.
    ModelError
        If the model cannot be estimated.

    Notes
    -----
    A binary logit is a cumulative logit with two levels and goes through the same kernel: the same sign (positive:
    towards the worse level), the same check for separation and the same robust covariances as the model that it is
    compared with.
    """
    columns = predictor_columns(sample)
    chosen = tuple(columns) if predictors is None else tuple(predictors)
    unknown = [name for name in chosen if name not in columns]
    if unknown:
        raise SpecError("predictors", f'"{unknown[0]}"', expected=f"among {', '.join(columns)}")
    x = sample.x.iloc[:, [place for name in chosen for place in columns[name]]]
    if sample.spec.estimator == "ols":
        return _least_squares(sample, x)
    if sample.spec.estimator == "rank":
        return rank_fit(sample, chosen)
    return _cumulative(sample, x)


def rank_fit(sample: Sample, predictors: Sequence[str]) -> RankFit:
    """Return the rank correlations of some predictors with the outcome, whatever estimator the sample asks for.

    Raises
    ------
    SpecError
        If a predictor has unordered levels.
    """
    unordered = [name for name in predictors if name not in sample.x.columns]
    if unordered:
        raise SpecError("Spec.estimator", f'"rank" with "{unordered[0]}", whose levels have no order')
    found = {name: rank_associations(sample.x[name], sample.y) for name in predictors}
    return RankFit(associations=found, nobs=len(sample.y))


def predictor_columns(sample: Sample) -> dict[str, tuple[int, ...]]:
    """Return the places of each predictor's columns in ``sample.x``: several for one with unordered levels."""
    names = list(sample.x.columns)
    return {
        predictor: tuple(
            place for place, name in enumerate(names) if name == predictor or name.startswith(f"{predictor}[")
        )
        for predictor in sample.spec.predictors
    }


def predictor_tests(fitted: OrdinalFit | LinearFit, columns: Mapping[str, Sequence[str]]) -> tuple[PredictorTest, ...]:
    """Return a Wald test of each predictor.

    Parameters
    ----------
    fitted : OrdinalFit or LinearFit
    columns : mapping of str to sequence of str
        The names of each predictor's coefficients.

    Notes
    -----
    ``b' V^-1 b`` against chi-squared, or for least squares against F after division by the number of columns; for
    one column the p-value of the coefficient.
    """
    tests = []
    for predictor, names in columns.items():
        held = list(names)
        b, v = fitted.params[held].to_numpy(), fitted.cov_params().loc[held, held].to_numpy()
        wald, df = float(b @ np.linalg.solve(v, b)), len(held)
        linear = isinstance(fitted, LinearFit)
        p_value = stats.f.sf(wald / df, df, fitted.df_resid) if linear else stats.chi2.sf(wald, df)
        estimate = float(b[0]) if df == 1 else math.nan
        tests.append(PredictorTest(predictor=predictor, df=df, estimate=estimate, p_value=float(p_value)))
    return tuple(tests)


def as_record(fitted: Fit) -> dict[str, Any]:
    """Return a fit as plain values for JSON: its line, thresholds and coefficients; nan becomes None."""
    rows = fitted.tidy().astype(object)
    estimates = rows.where(rows.notna(), None).to_dict(orient="records")
    line = {key: _plain(value) for key, value in fitted.glance().items()}
    thresholds = set(fitted.thresholds.index) if isinstance(fitted, OrdinalFit) else set()
    return {
        **line,
        "thresholds": [row for row in estimates if row["term"] in thresholds],
        "coefficients": [row for row in estimates if row["term"] not in thresholds],
    }


def _plain(value: Any) -> Any:
    plain = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(plain, float) and not math.isfinite(plain) else plain


def _cumulative(sample: Sample, x: pd.DataFrame) -> OrdinalFit:
    spec, levels = sample.spec, sample.levels
    if spec.estimator == "logit" and (len(levels) != 2 or spec.link != "logit"):
        raise SpecError(
            "Spec.estimator",
            f'"logit" with levels {", ".join(levels)} and link {spec.link}',
            expected="two levels and the link logit",
            mend='Join levels by merge, or use "clm"',
        )
    return fit_arrays(
        sample.y,
        x.to_numpy(),
        levels=levels,
        names=list(x.columns),
        link=spec.link,
        weights=sample.weights,
        cov_type=spec.covariance,
        groups=sample.clusters if spec.covariance == "cluster" else None,
        outcome=spec.outcome,
    )


def _least_squares(sample: Sample, x: pd.DataFrame) -> LinearFit:
    from statsmodels.regression.linear_model import OLS

    spec = sample.spec
    names = [INTERCEPT, *x.columns]
    design = np.column_stack([np.ones(len(x)), x.to_numpy()])
    clusters = {"groups": pd.factorize(np.asarray(sample.clusters))[0]} if spec.covariance == "cluster" else None
    solved = OLS(np.asarray(sample.y) + 1.0, design).fit(cov_type=spec.covariance, cov_kwds=clusters, use_t=True)
    return LinearFit(
        params=pd.Series(solved.params, index=names, name="estimate"),
        covariance=pd.DataFrame(solved.cov_params(), index=names, columns=names),
        nobs=len(design),
        llf=float(solved.llf),
        aic=float(solved.aic),
        bic=float(solved.bic),
        rsquared=float(solved.rsquared),
        df_resid=float(getattr(solved, "df_resid_inference", solved.df_resid)),
        cov_type=spec.covariance,
    )
