"""Cumulative link models with a random intercept by group, by Laplace's method or adaptive Gauss-Hermite quadrature."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import optimize, sparse, special, stats

from corrtip.errors import ConvergenceError, FormulaError, ModelError, nearest
from corrtip.models.design import Block, Design, whole_block
from corrtip.models.links import MOMENTS, Cuts, Interval, Link, LinkName
from corrtip.models.model import clm
from corrtip.models.problem import Problem
from corrtip.models.results import OrdinalFit

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

# Modes are found to rounding: what remains of them would be noise in the likelihood's derivatives.
_MODE_TOLERANCE = 1e-11
_MAX_MODE_STEPS = 100
# Step of the five-point differences of the mode's curvature: its error is the fourth power of the step.
_CURVATURE_STEP = 1e-3
# Step of the central differences of the analytic gradient that give the Hessian, in standard deviations.
_HESSIAN_STEP = 1e-4
_GRADIENT_TOLERANCE = 1e-7
_MAX_POLISH = 20
# A standard deviation of the intercepts below this is zero: the groups do not differ beyond their columns.
_BOUNDARY = 1e-4
# Above this many units of the latent scale the groups hardly ever change level, and the likelihood is as good as flat.
_MOST_SPREAD = 20.0


@dataclass(frozen=True, kw_only=True)
class MixedFit:
    """A fitted cumulative link mixed model.

    ``P(Y <= j | x, u) = F(theta_j + w'gamma_j - x'beta - u)`` with ``u ~ N(0, sd^2)`` for each group.

    Attributes
    ----------
    fixed : OrdinalFit
        The same model without random intercepts.
    group : str
        Name of the grouping column.
    nodes : int
        Quadrature points; 1 is Laplace's method.
    estimates : ndarray, shape (parameters + 1,)
        Parameters in the user's units, then the standard deviation of the intercepts.
    covariance : ndarray, shape (parameters + 1, parameters + 1)
    llf : float
        Approximated marginal log-likelihood.
    modes : Series
        Conditional mode of each group's intercept (a positive one moves the outcome to higher levels).
    mode_spread : Series
        Conditional standard deviation of each intercept, by the curvature at its mode.
    """

    fixed: OrdinalFit
    group: str
    nodes: int
    estimates: FloatArray
    covariance: FloatArray
    llf: float
    modes: pd.Series
    mode_spread: pd.Series

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parameters; the last is ``sd[group]``."""
        return (*self.fixed.names, f"sd[{self.group}]")

    @cached_property
    def params(self) -> pd.Series:
        """Estimates: thresholds, nominal, location, then the intercepts' standard deviation."""
        return pd.Series(self.estimates, index=list(self.names), name="estimate")

    @cached_property
    def bse(self) -> pd.Series:
        """Standard errors; missing for a standard deviation at its boundary, zero."""
        return pd.Series(np.sqrt(np.diag(self.covariance)), index=list(self.names), name="std_error")

    @property
    def intraclass_correlation(self) -> float:
        """Share of the latent variance that lies between groups, ``sd^2 / (sd^2 + Var(F))``; nan for cauchit."""
        _, residual = MOMENTS.get(self.fixed.link, (np.nan, np.nan))
        between = float(self.estimates[-1]) ** 2
        return between / (between + residual)

    @property
    def llr_pvalue(self) -> float:
        """P-value of "the groups do not differ": half the chi-squared(1) tail, since zero is at the boundary."""
        return 0.5 * float(stats.chi2.sf(max(2.0 * (self.llf - self.fixed.llf), 0.0), 1))

    def tidy(self, alpha: float = 0.05) -> pd.DataFrame:
        """Return one row per parameter; the interval of the standard deviation is taken on its logarithm."""
        problem = self.fixed.estimate.problem
        term, level = zip(*problem.terms, (self.names[-1], None), strict=True)
        estimate, error = self.estimates, self.bse.to_numpy()
        statistic = estimate / error
        p_value = 2.0 * stats.norm.sf(np.abs(statistic))
        reach = float(stats.norm.ppf(1.0 - alpha / 2.0)) * error
        low, high = estimate - reach, estimate + reach
        statistic[-1], p_value[-1] = np.nan, self.llr_pvalue
        if estimate[-1] > 0.0:
            factor = np.exp(reach[-1] / estimate[-1])
            low[-1], high[-1] = estimate[-1] / factor, estimate[-1] * factor
        return pd.DataFrame(
            {
                "term": term,
                "level": pd.array(level, dtype="str"),
                "estimate": estimate,
                "std_error": error,
                "statistic": statistic,
                "p_value": p_value,
                "conf_low": low,
                "conf_high": high,
            }
        )

    def glance(self) -> pd.Series:
        """Return the fit in one line: n, groups, llf, aic, bic, intraclass correlation, test against no groups."""
        size = len(self.estimates)
        return pd.Series(
            {
                "n": self.fixed.nobs,
                "groups": len(self.modes),
                "llf": self.llf,
                "aic": -2.0 * self.llf + 2.0 * size,
                "bic": -2.0 * self.llf + size * float(np.log(self.fixed.nobs)),
                "intraclass_correlation": self.intraclass_correlation,
                "lr_p_value": self.llr_pvalue,
                "nodes": self.nodes,
                "link": self.fixed.link,
            }
        )


def clmm(
    formula: str,
    data: pd.DataFrame,
    *,
    groups: str,
    link: LinkName = "logit",
    nominal: str | None = None,
    nodes: int = 1,
) -> MixedFit:
    """Fit a cumulative link model with a random intercept for each group.

    Parameters
    ----------
    formula, data, link, nominal
        As for `corrtip.clm`.
    groups : str
        Column that names the group of each row, e.g. the country.
    nodes : int
        Points of the adaptive Gauss-Hermite quadrature; 1 is Laplace's method.

    Returns
    -------
    MixedFit

    Raises
    ------
    ModelError
        If there are fewer than two groups, or no group has two rows.
    ConvergenceError
        If the maximum is not reached.

    Notes
    -----
    The marginal likelihood of group i is the integral over v of ``prod_r p_r(sd v) phi(v)``. The points are centred
    at the integrand's mode and spread by its curvature there (Liu and Pierce 1994); the gradient of the resulting
    sum is analytic, the movement of the points included.
    """
    if groups not in data.columns:
        raise FormulaError("groups", f'"{groups}" is not a column', expected="a column", mend=nearest(groups, data))
    if nodes < 1:
        raise ModelError("nodes", f"{nodes}", expected="one (Laplace) or more quadrature points")
    fixed = clm(formula, data, link=link, nominal=nominal)
    codes, labels = pd.factorize(data[groups], sort=True)
    sizes = np.bincount(codes[codes >= 0])
    if (codes < 0).any() or len(sizes) < 2 or sizes.max() < 2:
        raise ModelError(
            "groups",
            f"{len(sizes)} groups, the largest of {sizes.max(initial=0)}",
            expected="two or more, some with two rows",
        )
    likelihood = _Likelihood(fixed, codes.astype(np.intp), nodes)
    params = _maximise(likelihood)
    return _result(likelihood, fixed, params, groups, labels)


class _Likelihood:
    """The approximated marginal log-likelihood of standardised parameters and the intercepts' standard deviation."""

    def __init__(self, fixed: OrdinalFit, codes: IntArray, nodes: int) -> None:
        self.design: Design = fixed.estimate.design
        self.link: Link = fixed.estimate.link
        self.start = fixed.estimate.maximum.params[0]
        self.block: Block = whole_block(self.design)
        self.group = codes[self.design.order]
        self.n_groups = int(codes.max()) + 1
        ones = np.ones(len(codes))
        self.by_group = sparse.csr_array((ones, (self.group, np.arange(len(codes)))), shape=(self.n_groups, len(codes)))
        self.group_of_cut = self.block.by_cut(self.group)
        self.points, weights = special.roots_hermite(nodes)
        self.log_weights = np.log(weights) + self.points**2 - 0.5 * np.log(np.pi)
        self.modes = np.zeros(self.n_groups)

    def value_and_gradient(self, params: FloatArray) -> tuple[float, FloatArray]:
        """Return the log-likelihood and its gradient at standardised parameters with the sd last."""
        psi, sd = params[:-1], float(params[-1])
        self.modes, curvature = self._find_modes(psi, sd)
        spread = 1.0 / np.sqrt(-curvature)
        at = self.modes + np.sqrt(2.0) * spread * self.points[:, None]
        terms = self._interval(psi, sd, at)
        slope = self._by_row(terms.gradient) * -1.0
        height = self._sum(terms.log_p) - 0.5 * at**2 + self.log_weights[:, None]
        value = special.logsumexp(height, axis=0)
        chance = np.exp(height - value)
        by_node = sd * self._sum(slope) - at  # derivative of each point's height by its place

        moved_mode = (chance * by_node).sum(axis=0)
        moved_spread = (chance * by_node * np.sqrt(2.0) * self.points[:, None]).sum(axis=0) + 1.0 / spread
        gradient = np.empty(len(params))
        gradient[:-1] = (chance[:, self.group_of_cut] * terms.gradient).sum(axis=0) @ self.block.cuts
        gradient[-1] = (chance * at * self._sum(slope)).sum()
        gradient += self._movement(psi, sd, spread, moved_mode, moved_spread)
        return float((value + np.log(spread)).sum()), gradient

    def _movement(
        self, psi: FloatArray, sd: float, spread: FloatArray, moved_mode: FloatArray, moved_spread: FloatArray
    ) -> FloatArray:
        """Return the part of the gradient that comes from the points' own movement.

        With h the log-integrand, the mode moves by ``s^2 h_vp`` and the spread by ``s^3 (h_vvp + h_vvv s^2 h_vp) / 2``.
        """
        pull = moved_spread * 0.5 * spread**3
        here = self._mixed(psi, sd, self.modes)
        steps = _CURVATURE_STEP * np.array([-2.0, -1.0, 1.0, 2.0])
        shares = np.array([1.0, -8.0, 8.0, -1.0]) / (12.0 * _CURVATURE_STEP)
        around = [self._mixed(psi, sd, self.modes + step) for step in steps]
        third = sum(share * part.curvature for share, part in zip(shares, around, strict=True))
        on_mode = (moved_mode + pull * third) * spread**2
        by_cut = on_mode[self.group_of_cut] * here.by_cut
        by_sd = on_mode * here.by_sd
        for share, part in zip(shares, around, strict=True):
            by_cut = by_cut + (share * pull)[self.group_of_cut] * part.by_cut
            by_sd = by_sd + share * pull * part.by_sd
        return np.append(by_cut @ self.block.cuts, by_sd.sum())

    def _mixed(self, psi: FloatArray, sd: float, v: FloatArray) -> _Mixed:
        """Return second derivatives of the log-integrand: by v twice, by v and each cut, by v and the sd."""
        terms = self._interval(psi, sd, v[None])
        slope = -self._by_row(terms.gradient)
        bend = self._sum(self._by_row(terms.curvature))[0]
        return _Mixed(sd**2 * bend - 1.0, -sd * terms.curvature[0], self._sum(slope)[0] + sd * v * bend)

    def _find_modes(self, psi: FloatArray, sd: float) -> tuple[FloatArray, FloatArray]:
        modes = self.modes.copy()
        low, high = np.full_like(modes, -np.inf), np.full_like(modes, np.inf)
        for _ in range(_MAX_MODE_STEPS):
            terms = self._interval(psi, sd, modes[None])
            slope = sd * self._sum(-self._by_row(terms.gradient))[0] - modes
            curvature = self._mixed(psi, sd, modes).curvature
            step = np.clip(slope / np.maximum(-curvature, 0.5), -2.0, 2.0)
            if np.abs(step).max() <= _MODE_TOLERANCE:
                return modes, curvature
            # The mode lies uphill: a step that passes a place known to lie beyond it is cut to the middle.
            low, high = np.where(slope > 0.0, modes, low), np.where(slope > 0.0, high, modes)
            modes = modes + step
            beyond = (modes < low) | (modes > high)
            modes[beyond] = 0.5 * (low[beyond] + high[beyond])
        raise ConvergenceError("clmm", "the modes of the random intercepts did not settle", expected="convergence")

    def _interval(self, psi: FloatArray, sd: float, v: FloatArray) -> Interval:
        values = psi @ self.block.cuts.T - sd * v[:, self.group_of_cut]
        if self.block.offset is not None:
            values -= self.block.offset
        gaps = None
        if self.block.gap_of_row is not None:
            gaps = np.diff(psi[None, : self.design.layout.n_thresholds], axis=1)
        with np.errstate(invalid="ignore", over="ignore"):
            return self.link.interval(Cuts(values, self.block.n_upper, self.block.n_first, gaps, self.block.gap_of_row))

    def _by_row(self, by_cut: FloatArray) -> FloatArray:
        rows = np.zeros((len(by_cut), self.design.n_rows))
        rows[:, : self.block.n_upper] += by_cut[:, : self.block.n_upper]
        rows[:, self.block.n_first :] += by_cut[:, self.block.n_upper :]
        return rows

    def _sum(self, rows: FloatArray) -> FloatArray:
        return np.asarray((self.by_group @ rows.T).T)


@dataclass(frozen=True, slots=True)
class _Mixed:
    curvature: FloatArray
    by_cut: FloatArray
    by_sd: FloatArray


def _maximise(likelihood: _Likelihood) -> FloatArray:
    def minus(params: FloatArray) -> tuple[float, FloatArray]:
        # Outside the domain an inner row has its cuts out of order; with nominal terms that is each row's own matter.
        if (likelihood.block.gaps @ params[:-1] <= 0.0).any():
            return np.inf, np.zeros_like(params)
        value, gradient = likelihood.value_and_gradient(params)
        return -value, -gradient

    start = np.append(likelihood.start, 0.5)
    params = np.asarray(optimize.minimize(minus, start, jac=True, method="BFGS", options={"gtol": 1e-5}).x)
    params[-1] = abs(params[-1])  # the likelihood is even in it
    if params[-1] < _BOUNDARY:
        return np.append(likelihood.start, 0.0)
    if params[-1] > _MOST_SPREAD:
        raise ConvergenceError(
            "clmm",
            f"a standard deviation between groups of {params[-1]:.0f} and growing",
            expected="groups whose rows differ in level",
            mend="Where nearly every group keeps to one level the spread has no finite estimate",
        )
    for _ in range(_MAX_POLISH):
        gradient = likelihood.value_and_gradient(params)[1]
        step = np.linalg.solve(information(likelihood, params), gradient)
        params = np.asarray(params + step)
        if np.abs(step).max() <= _GRADIENT_TOLERANCE:
            return params
    raise ConvergenceError("clmm", f"a last step of {np.abs(step).max():.1e}", expected="a maximum")


def information(likelihood: _Likelihood, params: FloatArray) -> FloatArray:
    """Return the negative Hessian, by central differences of the analytic gradient."""
    size = len(params)
    hessian = np.empty((size, size))
    for column in range(size):
        step = np.zeros(size)
        step[column] = _HESSIAN_STEP
        above = likelihood.value_and_gradient(params + step)[1]
        below = likelihood.value_and_gradient(params - step)[1]
        hessian[column] = (above - below) / (2.0 * _HESSIAN_STEP)
    return -(hessian + hessian.T) / 2.0


def _result(likelihood: _Likelihood, fixed: OrdinalFit, params: FloatArray, group: str, labels: pd.Index) -> MixedFit:
    problem: Problem = fixed.estimate.problem
    standardisation = likelihood.design.standardisation
    size = problem.layout.size
    jacobian = np.eye(size + 1)
    jacobian[:size, :size] = standardisation.jacobian(params[None, :-1])[0]
    covariance = np.full((size + 1, size + 1), np.nan)
    if params[-1] > 0.0:
        covariance = jacobian @ np.linalg.inv(information(likelihood, params)) @ jacobian.T
        llf = likelihood.value_and_gradient(params)[0]
    else:
        covariance[:size, :size] = fixed.estimate.covariance
        llf = fixed.llf
    spread = 1.0 / np.sqrt(-likelihood._mixed(params[:-1], float(params[-1]), likelihood.modes).curvature)
    return MixedFit(
        fixed=fixed,
        group=group,
        nodes=len(likelihood.points),
        estimates=np.append(standardisation.to_user(params[None, :-1])[0], params[-1]),
        covariance=covariance,
        llf=llf,
        modes=pd.Series(likelihood.modes * params[-1], index=labels, name="mode"),
        mode_spread=pd.Series(spread * params[-1], index=labels, name="spread"),
    )
