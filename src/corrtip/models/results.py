"""What a fitted cumulative link model answers, in the interface that statsmodels' users know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats
from statsmodels.base.model import LikelihoodModelResults

from corrtip.errors import ModelError
from corrtip.models.covariance import CovType
from corrtip.models.design import Design
from corrtip.models.links import Link
from corrtip.models.newton import Maximum
from corrtip.models.predict import Rows, cut_points, probabilities
from corrtip.models.problem import Problem
from corrtip.models.profile import profile_intervals
from corrtip.models.summary import Summary, summary_text

if TYPE_CHECKING:
    from corrtip.models.model import ModelTerms

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """The numbers of one fit.

    Parameters
    ----------
    problem : Problem
        What was fitted.
    design : Design
        The same, sorted and standardised.
    link : Link
    maximum : Maximum
        Where the kernel ended: a batch of one.
    params : ndarray, shape (parameters,)
        Estimates in the user's units.
    covariance : ndarray, shape (parameters, parameters)
        Their covariance.
    cov_type : str
    method : {"refuse", "reduce_bias"}
        Maximum likelihood, or mean bias reduction; `maximum` then holds the adjusted score and expected information.
    llnull : float
        Log-likelihood of the model with thresholds (and offset) alone.
    """

    problem: Problem
    design: Design
    link: Link
    maximum: Maximum
    params: FloatArray
    covariance: FloatArray
    cov_type: CovType
    method: Literal["refuse", "reduce_bias"]
    llnull: float


class OrdinalFit(LikelihoodModelResults):  # type: ignore[misc]
    """A fitted cumulative link model, ``P(Y <= j | x) = F((theta_j + w'gamma_j - x'beta - offset) / exp(z'zeta))``.

    A positive coefficient moves the outcome towards the higher levels. A nominal coefficient has the opposite sign
    of the proportional one that it replaces. Numbers come back as pandas objects, labelled; thresholds come first,
    on their own scale. `t_test` and `wald_test` take hypotheses in patsy's grammar, such as ``"1|2 = 2|2WL"``.

    Attributes
    ----------
    estimate : Estimate
        The arrays behind the answers.
    terms : ModelTerms or None
        The formulas, where the model was given by formula; `predict` uses them on new data.
    data : DataFrame or None
        The columns that the formulas use, as they were at the fit; effects change one of them.
    """

    def __init__(self, estimate: Estimate, terms: ModelTerms | None = None, data: pd.DataFrame | None = None) -> None:
        # LikelihoodModelResults.__init__ would store plain params; here they are a property over the record.
        self.estimate = estimate
        self.terms = terms
        self.data = data
        self.index = None if data is None else data.index
        self.model = estimate.problem
        self.scale = 1.0
        self._cache: dict[str, Any] = {}
        self._use_t = False

    def __repr__(self) -> str:
        problem = self.estimate.problem
        return (
            f"<OrdinalFit: {problem.outcome}, {len(problem.levels)} levels, link {self.link}, "
            f"n = {self.nobs:g}, log-likelihood {self.llf:.4f}>"
        )

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parameters, thresholds first."""
        return self.estimate.problem.param_names

    @property
    def levels(self) -> tuple[str, ...]:
        """Outcome levels in their order."""
        return self.estimate.problem.levels

    @property
    def link(self) -> str:
        """Name of the link."""
        return self.estimate.link.name

    @property
    def cov_type(self) -> str:
        """Which covariance estimator the standard errors come from."""
        return self.estimate.cov_type

    @cached_property
    def params(self) -> pd.Series:
        """Estimates: thresholds, nominal coefficients by threshold, location, scale."""
        return pd.Series(self.estimate.params, index=list(self.names), name="estimate")

    @property
    def thresholds(self) -> pd.Series:
        """The K - 1 thresholds, each on its own scale (not as increments)."""
        return self.params.iloc[: self.estimate.design.layout.n_thresholds]

    @property
    def coefficients(self) -> pd.Series:
        """All parameters but the thresholds."""
        return self.params.iloc[self.estimate.design.layout.n_thresholds :]

    @property
    def normalized_cov_params(self) -> FloatArray:
        """Covariance matrix as an array, under the name that statsmodels gives it."""
        return self.estimate.covariance

    @cached_property
    def bse(self) -> pd.Series:
        """Standard errors."""
        return pd.Series(np.sqrt(np.diag(self.estimate.covariance)), index=list(self.names), name="std_error")

    @cached_property
    def tvalues(self) -> pd.Series:
        """Wald statistics, estimate over standard error; standard normal where the parameter is zero."""
        return (self.params / self.bse).rename("statistic")

    @cached_property
    def pvalues(self) -> pd.Series:
        """Two-sided p-values of the Wald statistics."""
        return pd.Series(2.0 * stats.norm.sf(np.abs(self.tvalues)), index=list(self.names), name="p_value")

    @property
    def llf(self) -> float:
        """Maximised log-likelihood."""
        return float(self.estimate.maximum.at.llf[0])

    @property
    def llnull(self) -> float:
        """Log-likelihood of the model with thresholds (and offset) alone."""
        return self.estimate.llnull

    @property
    def nobs(self) -> float:
        """Number of observations: the sum of frequency weights, or the number of rows under sampling weights."""
        return self.estimate.problem.nobs

    @property
    def df_model(self) -> int:
        """Number of parameters beyond the thresholds."""
        return self.estimate.design.layout.size - self.estimate.design.layout.n_thresholds

    @property
    def df_resid(self) -> float:
        """Observations less all parameters."""
        return self.nobs - self.estimate.design.layout.size

    @property
    def aic(self) -> float:
        """Akaike's criterion, ``-2 llf + 2 k`` with k counting the thresholds."""
        return -2.0 * self.llf + 2.0 * self.estimate.design.layout.size

    @property
    def bic(self) -> float:
        """Schwarz's criterion, ``-2 llf + k log n``."""
        return -2.0 * self.llf + float(np.log(self.nobs)) * self.estimate.design.layout.size

    @property
    def prsquared(self) -> float:
        """McFadden's R2, ``1 - llf / llnull``."""
        return 1.0 - self.llf / self.llnull

    @property
    def llr(self) -> float:
        """Likelihood-ratio statistic against the thresholds alone."""
        return 2.0 * (self.llf - self.llnull)

    @property
    def llr_pvalue(self) -> float:
        """Its p-value, chi-squared with `df_model` degrees of freedom; nan where the model has no predictor."""
        return float(stats.chi2.sf(self.llr, self.df_model)) if self.df_model else float("nan")

    def cov_params(
        self,
        r_matrix: npt.ArrayLike | None = None,
        column: Any = None,
        scale: float | None = None,
        cov_p: npt.ArrayLike | None = None,
        other: npt.ArrayLike | None = None,
    ) -> Any:
        """Return the labelled covariance matrix of the estimates; with arguments, what statsmodels returns for them."""
        if r_matrix is None and column is None and scale is None and cov_p is None and other is None:
            return pd.DataFrame(self.estimate.covariance, index=list(self.names), columns=list(self.names))
        return self._plain().cov_params(r_matrix=r_matrix, column=column, scale=scale, cov_p=cov_p, other=other)

    def conf_int(
        self, alpha: float = 0.05, cols: Sequence[str] | None = None, method: Literal["wald", "profile"] = "wald"
    ) -> pd.DataFrame:
        """Return confidence intervals at level ``1 - alpha``, columns conf_low and conf_high.

        Parameters
        ----------
        alpha : float
        cols : sequence of str, optional
            Names of the parameters; all if not given.
        method : {"wald", "profile"}
            Estimate and standard error, or the profile likelihood (`corrtip.models.profile.profile_intervals`).
        """
        if method == "profile":
            return profile_intervals(self, cols, alpha=alpha)
        if method != "wald":
            raise ModelError("method", f'"{method}"', expected='"wald" or "profile"')
        reach = float(stats.norm.ppf(1.0 - alpha / 2.0)) * self.bse
        table = pd.DataFrame({"conf_low": self.params - reach, "conf_high": self.params + reach})
        return table if cols is None else table.loc[list(cols)]

    def t_test(self, r_matrix: Any, cov_p: Any = None, use_t: bool | None = None) -> Any:
        """Return Wald tests of linear hypotheses one by one, given as text or matrix (statsmodels' ContrastResults)."""
        return self._plain().t_test(self._constraint(r_matrix), cov_p=cov_p, use_t=use_t)

    def wald_test(self, r_matrix: Any, **options: Any) -> Any:
        """Return the joint Wald test of linear hypotheses, given as text or as a matrix (chi-squared)."""
        return self._plain().wald_test(self._constraint(r_matrix), **{"scalar": True, **options})

    def _plain(self) -> LikelihoodModelResults:
        # Labelled parameters break statsmodels' own algebra; it gets arrays.
        plain = LikelihoodModelResults(self.estimate.problem, self.estimate.params, self.estimate.covariance)
        plain.model = _Named(_Names(list(self.names)))
        plain.df_resid = self.df_resid
        return plain

    def _constraint(self, hypothesis: Any) -> Any:
        if not isinstance(hypothesis, str | list | tuple) or (
            isinstance(hypothesis, tuple | list) and not all(isinstance(item, str) for item in hypothesis)
        ):
            return hypothesis
        from patsy import DesignInfo, PatsyError

        try:
            constraint = DesignInfo(list(self.names)).linear_constraint(hypothesis)
        except PatsyError as error:
            raise ModelError(
                f'hypothesis "{hypothesis}"',
                str(error).splitlines()[0],
                expected=f"names among {', '.join(self.names)}",
            ) from error
        return constraint.coefs, constraint.constants.ravel()

    def tidy(self, alpha: float = 0.05) -> pd.DataFrame:
        """Return one row a parameter; ``level`` is its threshold, or missing for location and scale terms."""
        term, level = zip(*self.estimate.problem.terms, strict=True)
        table = pd.DataFrame(
            {
                "term": term,
                "level": pd.array(level, dtype="str"),
                "estimate": self.estimate.params,
                "std_error": self.bse.to_numpy(),
                "statistic": self.tvalues.to_numpy(),
                "p_value": self.pvalues.to_numpy(),
            }
        )
        return table.join(self.conf_int(alpha).reset_index(drop=True))

    def glance(self) -> pd.Series:
        """Return the fit in one line: n, llf, aic, bic, mcfadden_r2, lr_chi2, lr_df, lr_p_value, link, cov_type."""
        return pd.Series(
            {
                "n": self.nobs,
                "llf": self.llf,
                "aic": self.aic,
                "bic": self.bic,
                "mcfadden_r2": self.prsquared,
                "lr_chi2": self.llr,
                "lr_df": self.df_model,
                "lr_p_value": self.llr_pvalue,
                "link": self.link,
                "cov_type": self.cov_type,
            }
        )

    def rows(self, data: Any = None, offset: npt.ArrayLike | None = None) -> Rows:
        """Return the columns at which to evaluate the model: the fitted rows, or those of new data.

        Parameters
        ----------
        data : DataFrame or array, optional
            New data: a DataFrame with the formula's columns, or for a model fitted from arrays its location columns.
        offset : array, optional
            Offset of the new rows; zero if not given.
        """
        problem = self.estimate.problem
        if data is None:
            return Rows(location=problem.location, nominal=problem.nominal, scale=problem.scale, offset=problem.offset)
        given = None if offset is None else np.asarray(offset, dtype=float)
        if self.terms is not None:
            return self.terms.rows(data, given)
        location, layout = np.asarray(data, dtype=float), problem.layout
        if location.ndim != 2 or location.shape[1] != layout.n_location or layout.n_nominal or layout.n_scale:
            raise ModelError(
                "data",
                f"shape {location.shape}",
                expected=f"(rows, {layout.n_location}), a model of location columns alone",
                mend="Fit by formula to predict models with nominal or scale terms on new data",
            )
        return Rows(
            location=location, nominal=np.empty((len(location), 0)), scale=np.empty((len(location), 0)), offset=given
        )

    def predict(self, data: Any = None, offset: npt.ArrayLike | None = None) -> pd.DataFrame:
        """Return the probability of each level, one column a level, for the fitted rows or for new data.

        Raises
        ------
        ModelError
            If the cumulative probabilities cross at a new row (nominal terms).
        FormulaError
            If new data lack a column, hold an unseen level or a missing value.
        """
        rows = self.rows(data, offset)
        cuts = cut_points(self.estimate.design.layout, self.estimate.params, rows)
        index = self.index if data is None else data.index if isinstance(data, pd.DataFrame) else None
        return pd.DataFrame(probabilities(self.estimate.link, cuts), columns=list(self.levels), index=index)

    def convergence(self) -> pd.DataFrame:
        """Return how far each estimate can be believed: its distance to the maximum, in digits.

        The error of an estimate is, to first order, the Newton step that remains, ``I^-1 s``. Columns: estimate,
        error, digits (significant decimal digits that are right: ``-log10 |error / estimate|``, at most 15).
        The attributes ``attrs`` hold the largest score, the condition number of the standardised information, and the
        number of iterations (as R's ordinal reports them).
        """
        estimate = self.estimate
        information = estimate.maximum.at.information[0]
        remaining = np.linalg.solve(information, estimate.maximum.at.score[0])
        jacobian = estimate.design.standardisation.jacobian(estimate.maximum.params)[0]
        error = np.abs(jacobian @ remaining)
        with np.errstate(divide="ignore", invalid="ignore"):
            digits = np.clip(-np.log10(error / np.abs(estimate.params)), 0.0, 15.0)
        table = pd.DataFrame(
            {"estimate": estimate.params, "error": error, "digits": np.nan_to_num(digits, nan=15.0)},
            index=list(self.names),
        )
        table.attrs.update(
            max_score=float(np.abs(estimate.maximum.at.score[0]).max()),
            condition=float(np.linalg.cond(information)),
            iterations=int(estimate.maximum.iterations[0]),
        )
        return table

    def summary(self) -> Summary:
        """Return the fit as a page of text: how it was made, coefficients, then thresholds."""
        return summary_text(self)


@dataclass(frozen=True, slots=True)
class _Names:
    cov_names: list[str]


@dataclass(frozen=True, slots=True)
class _Named:
    data: _Names
