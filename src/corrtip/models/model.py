"""From a formula or from arrays to a fitted cumulative link model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from corrtip.errors import FormulaError, nearest
from corrtip.models.bias import bias_reduced
from corrtip.models.covariance import CovType, covariance
from corrtip.models.design import Design, prepare
from corrtip.models.formula import Terms, build_terms, parse_formula
from corrtip.models.links import Link, LinkName, get_link
from corrtip.models.newton import maximise, start_values
from corrtip.models.outcome import outcome_levels
from corrtip.models.predict import Rows
from corrtip.models.problem import Problem, WeightType, check_problem
from corrtip.models.results import Estimate, OrdinalFit
from corrtip.models.separation import check_maximum, refuse_dependence
from corrtip.models.starts import highest_maximum

FloatArray = npt.NDArray[np.float64]
SeparationPolicy = Literal["refuse", "reduce_bias"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelTerms:
    """The formulas of a model made concrete, so that new data give the same columns.

    Parameters
    ----------
    location : Terms
    nominal, scale : Terms or None
    """

    location: Terms
    nominal: Terms | None = None
    scale: Terms | None = None

    @property
    def parts(self) -> tuple[Terms, ...]:
        """The formulas that there are: location, then nominal and scale."""
        return tuple(part for part in (self.location, self.nominal, self.scale) if part is not None)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the data that the formulas use."""
        return tuple(dict.fromkeys(column for part in self.parts for column in part.columns))

    def rows(self, data: pd.DataFrame, offset: FloatArray | None = None) -> Rows:
        """Return the columns that new data give.

        Raises
        ------
        FormulaError
            If a column is missing, a level was not seen in the fit, or a value is missing or infinite.
        """
        nothing = np.empty((len(data), 0))
        return Rows(
            location=self.location.matrix(data),
            nominal=nothing if self.nominal is None else self.nominal.matrix(data),
            scale=nothing if self.scale is None else self.scale.matrix(data),
            offset=offset,
        )


def clm(
    formula: str,
    data: pd.DataFrame,
    *,
    link: LinkName = "logit",
    nominal: str | None = None,
    scale: str | None = None,
    weights: str | npt.ArrayLike | None = None,
    weight_type: WeightType = "frequency",
    offset: str | npt.ArrayLike | None = None,
    cov_type: CovType = "nonrobust",
    groups: str | npt.ArrayLike | None = None,
    separation: SeparationPolicy = "refuse",
) -> OrdinalFit:
    """Fit a cumulative link model by maximum likelihood.

    Parameters
    ----------
    formula : str
        ``"outcome ~ terms"``; the outcome is a column with ordered levels.
    data : DataFrame
        Rows with a missing value are refused, not dropped.
    link : {"logit", "probit", "cloglog", "loglog", "cauchit"}
        ``cloglog`` is ``F(x) = 1 - exp(-exp(x))`` and ``loglog`` is ``F(x) = exp(-exp(-x))``.
    nominal : str, optional
        ``"~ terms"`` with a coefficient for each threshold (partial proportional odds); they leave the formula.
    scale : str, optional
        ``"~ terms"`` for the logarithm of the spread.
    weights, offset, groups : column name or array, optional
        Case weights, a term with coefficient one, and the clusters of the covariance.
    weight_type : {"frequency", "sampling"}
    cov_type : {"nonrobust", "HC0", "HC1", "CR0", "cluster", "stata"}
        See `corrtip.models.covariance.covariance`.
    separation : {"refuse", "reduce_bias"}
        ``refuse`` estimates by maximum likelihood and raises where no finite maximum exists. ``reduce_bias``
        estimates by mean bias reduction (`corrtip.models.bias.bias_reduced`), finite under separation.

    Returns
    -------
    OrdinalFit

    Raises
    ------
    FormulaError
        If the formula or the data cannot be turned into columns.
    ModelError
        If the arrays do not state a model; SeparationError if its likelihood has no maximum.

    Notes
    -----
    ``P(Y <= j | x) = F((theta_j + w'gamma_j - x'beta - offset) / exp(z'zeta))`` (McCullagh 1980; Agresti 2010).

    Examples
    --------
    >>> import pandas as pd
    >>> data = pd.DataFrame({"tier": [1, 1, 2, 2, 3, 3, 1, 2, 3, 2], "cpi": [9, 8, 5, 6, 2, 5, 4, 3, 1, 7]})
    >>> fit = clm("tier ~ cpi", data)
    >>> bool(fit.params["cpi"] < 0)
    True
    """
    outcome, right_hand_side = parse_formula(formula)
    if outcome not in data.columns:
        raise FormulaError(
            "formula",
            f'outcome "{outcome}" is not a column',
            expected="a column of the data",
            mend=nearest(outcome, data),
        )
    codes, levels = outcome_levels(data[outcome])
    nominal_terms = None if nominal is None else build_terms(nominal, data, argument="nominal")
    scale_terms = None if scale is None else build_terms(scale, data, argument="scale")
    moved = () if nominal_terms is None else nominal_terms.term_names
    terms = ModelTerms(
        location=build_terms(right_hand_side, data, drop=moved), nominal=nominal_terms, scale=scale_terms
    )
    rows = terms.rows(data)
    problem = check_problem(
        codes,
        rows.location,
        levels=levels,
        names=terms.location.names,
        nominal=rows.nominal,
        nominal_names=() if nominal_terms is None else nominal_terms.names,
        scale=rows.scale,
        scale_names=() if scale_terms is None else scale_terms.names,
        weights=_column(weights, data, "weights"),
        weight_type=weight_type,
        offset=_column(offset, data, "offset"),
        groups=_column(groups, data, "groups"),
        outcome=outcome,
    )
    used = data[list(terms.columns)].copy(deep=False)  # copy on write: later changes to the caller's frame stay there
    return OrdinalFit(estimate(problem, get_link(link), cov_type, separation), terms, used)


def fit_arrays(
    y: npt.ArrayLike,
    x: npt.ArrayLike,
    *,
    levels: Sequence[str],
    names: Sequence[str],
    link: LinkName = "logit",
    nominal: npt.ArrayLike | None = None,
    nominal_names: Sequence[str] = (),
    scale: npt.ArrayLike | None = None,
    scale_names: Sequence[str] = (),
    weights: npt.ArrayLike | None = None,
    weight_type: WeightType = "frequency",
    offset: npt.ArrayLike | None = None,
    cov_type: CovType = "nonrobust",
    groups: npt.ArrayLike | None = None,
    separation: SeparationPolicy = "refuse",
    outcome: str = "y",
) -> OrdinalFit:
    """Fit a cumulative link model to arrays; `clm` is the same by formula.

    Parameters
    ----------
    y : array of int, shape (rows,)
        Level numbers 0 .. K - 1.
    x : array, shape (rows, columns)
        Location columns without intercept.
    levels, names : sequences of str
        Names of the K levels and of the columns.
    nominal, scale : array, shape (rows, columns), optional
        With ``nominal_names`` and ``scale_names``.
    link, weights, weight_type, offset, cov_type, groups, separation, outcome
        As for `clm`, arrays throughout.

    Returns
    -------
    OrdinalFit

    Raises
    ------
    ModelError
        If the arrays do not state a model; SeparationError if its likelihood has no maximum.
    """
    problem = check_problem(
        y,
        x,
        levels=levels,
        names=names,
        nominal=nominal,
        nominal_names=nominal_names,
        scale=scale,
        scale_names=scale_names,
        weights=weights,
        weight_type=weight_type,
        offset=offset,
        groups=groups,
        outcome=outcome,
    )
    return OrdinalFit(estimate(problem, get_link(link), cov_type, separation))


def estimate(
    problem: Problem, link: Link, cov_type: CovType = "nonrobust", separation: SeparationPolicy = "refuse"
) -> Estimate:
    """Return the estimate of a problem, by maximum likelihood or with its bias reduced.

    Raises
    ------
    SeparationError
        If the likelihood has no maximum.
    ConvergenceError
        If it was not reached.
    """
    design = prepare(
        problem.codes,
        problem.location,
        n_levels=len(problem.levels),
        nominal=problem.nominal,
        scale=problem.scale,
        offset=problem.offset,
    )
    weights = problem.weights[design.order][None]
    if separation == "reduce_bias":
        refuse_dependence(problem, design)
        maximum = bias_reduced(design, link, weights)
    else:
        maximum = highest_maximum(design, link, weights)
        check_maximum(problem, design, maximum)
    inside = covariance(problem, design, link, maximum.params[0], maximum.at.information[0], cov_type)
    jacobian = design.standardisation.jacobian(maximum.params)[0]
    return Estimate(
        problem=problem,
        design=design,
        link=link,
        maximum=maximum,
        params=design.standardisation.to_user(maximum.params)[0],
        covariance=jacobian @ inside @ jacobian.T,
        cov_type=cov_type,
        method=separation,
        llnull=_null_log_likelihood(problem, design, link, weights),
    )


def _null_log_likelihood(problem: Problem, design: Design, link: Link, weights: FloatArray) -> float:
    if problem.offset is None:
        held = np.bincount(problem.codes, weights=problem.weights, minlength=len(problem.levels))
        return float(held @ np.log(held / held.sum()))
    alone = prepare(problem.codes, np.empty((design.n_rows, 0)), n_levels=len(problem.levels), offset=problem.offset)
    return float(maximise(alone, link, weights, start=start_values(alone, link, weights)).at.llf[0])


def _column(given: str | npt.ArrayLike | None, data: pd.DataFrame, argument: str) -> npt.ArrayLike | None:
    if not isinstance(given, str):
        return given
    if given not in data.columns:
        raise FormulaError(
            argument, f'"{given}" is not a column', expected="a column of the data", mend=nearest(given, data)
        )
    return np.asarray(data[given])
