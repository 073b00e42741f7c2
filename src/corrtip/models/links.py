"""The five links: log-probabilities of an interval and their derivatives, stable in both tails."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import special

from corrtip.errors import ModelError, nearest

FloatArray = npt.NDArray[np.float64]
LinkName = Literal["logit", "probit", "cloglog", "loglog", "cauchit"]

_LOG_SQRT_2PI = 0.5 * np.log(2.0 * np.pi)
# Beyond this exp() leaves the doubles; the log-probability there is below -1e304, which no fit visits.
_EXP_LIMIT = 700.0
# Below this, 1 - exp(-exp(x)) equals exp(x) to the last bit.
_TINY_EXPONENT = -37.0


@dataclass(frozen=True, slots=True)
class Cuts:
    """The standardised cut points of a block of models, with rows sorted by outcome level.

    ``values`` has one column for each finite cut point: first the upper cuts ``a`` of all rows that have one
    (every level but the last), then the lower cuts ``b`` of all rows that have one (every level but the first).
    A row of the first level has no lower cut and a row of the last no upper one: infinity never becomes a number.

    Parameters
    ----------
    values : ndarray, shape (models, n_upper + n_lower)
    n_upper : int
        Number of upper cuts.
    n_first : int
        Number of rows in the first level; the inner rows' upper cuts begin there.
    gaps : ndarray, shape (models, gaps), or None
        The distinct distances ``a - b`` where they do not vary within a level, else None.
    gap_of_row : ndarray of int, or None
        For each inner row, the column of ``gaps``.
    """

    values: FloatArray
    n_upper: int
    n_first: int
    gaps: FloatArray | None = None
    gap_of_row: npt.NDArray[np.intp] | None = None

    @property
    def inner_upper(self) -> slice:
        """Columns of ``values`` that hold the upper cuts of the inner rows (neither first nor last level)."""
        return slice(self.n_first, self.n_upper)

    @property
    def inner_lower(self) -> slice:
        """Columns of ``values`` that hold the lower cuts of the inner rows."""
        return slice(self.n_upper, 2 * self.n_upper - self.n_first)


@dataclass(frozen=True, slots=True)
class Interval:
    """Log-probability of each row's interval and its derivatives by the cut points.

    Parameters
    ----------
    log_p : ndarray, shape (models, rows)
        Of shape (models, 0) where it was not asked for.
    gradient : ndarray, shape (models, cuts)
        First derivative of the row's log-probability by each of its cuts.
    curvature : ndarray, shape (models, cuts)
        Derivative of ``gradient`` as all cuts of the row move alike: by the cut itself and, in an inner row, by the
        other one too. This is what a location column sees, and for the logit it does not know the other cut.
    cross : ndarray, shape (models, inner rows)
        Mixed second derivative by the two cuts of an inner row.
    """

    log_p: FloatArray
    gradient: FloatArray
    curvature: FloatArray
    cross: FloatArray


def log1mexp(x: FloatArray) -> FloatArray:
    """Return ``log(1 - exp(x))`` for ``x < 0`` (Mächler 2012); -inf or nan where the interval is empty or reversed."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(x > -np.log(2.0), np.log(-np.expm1(x)), np.log1p(-np.exp(x))))


class Link(ABC):
    """A distribution function F of the cumulative model ``P(Y <= j) = F(cut_j)``.

    Attributes
    ----------
    name : str
        The name under which users ask for it.
    concave : bool
        Whether the log-likelihood is concave in thresholds, nominal and location terms (Pratt 1981), so that a
        stationary point is the maximum.
    """

    name: LinkName
    concave: bool = True

    @abstractmethod
    def log_cdf(self, x: FloatArray) -> FloatArray:
        """Return log F(x)."""

    @abstractmethod
    def log_sf(self, x: FloatArray) -> FloatArray:
        """Return log(1 - F(x))."""

    @abstractmethod
    def log_pdf(self, x: FloatArray) -> FloatArray:
        """Return log f(x)."""

    @abstractmethod
    def d_log_pdf(self, x: FloatArray) -> FloatArray:
        """Return f'(x) / f(x)."""

    @abstractmethod
    def ppf(self, p: FloatArray) -> FloatArray:
        """Return the quantile F^-1(p)."""

    def cdf(self, x: FloatArray) -> FloatArray:
        """Return F(x)."""
        return np.asarray(np.exp(self.log_cdf(x)))

    def pdf(self, x: FloatArray) -> FloatArray:
        """Return f(x)."""
        return np.asarray(np.exp(self.log_pdf(x)))

    def log_interval(self, upper: FloatArray, lower: FloatArray) -> FloatArray:
        """Return log(F(upper) - F(lower)), taken in the tail where the difference keeps its digits."""
        right = lower > 0.0
        larger = np.where(right, self.log_sf(lower), self.log_cdf(upper))
        smaller = np.where(right, self.log_sf(upper), self.log_cdf(lower))
        with np.errstate(invalid="ignore"):
            return larger + log1mexp(smaller - larger)

    def interval(self, cuts: Cuts, *, log_p: bool = True) -> Interval:
        """Return the log-probabilities of all rows, unless ``log_p`` is False, and two derivatives by their cuts."""
        values, n_upper, n_first = cuts.values, cuts.n_upper, cuts.n_first
        n_lower_only = 2 * n_upper - n_first
        upper, lower = values[:, cuts.inner_upper], values[:, cuts.inner_lower]
        first, last = values[:, :n_first], values[:, n_lower_only:]
        by_row = np.concatenate([self.log_cdf(first), self.log_interval(upper, lower), self.log_sf(last)], axis=1)
        by_cut = np.concatenate([by_row[:, :n_upper], by_row[:, n_first:]], axis=1)
        with np.errstate(over="ignore", invalid="ignore"):
            gradient = np.exp(self.log_pdf(values) - by_cut)
            gradient[:, n_upper:] *= -1.0
            cross = -gradient[:, cuts.inner_upper] * gradient[:, cuts.inner_lower]
            curvature = gradient * self.d_log_pdf(values) - gradient * gradient
            curvature[:, cuts.inner_upper] += cross
            curvature[:, cuts.inner_lower] += cross
        return Interval(by_row if log_p else by_row[:, :0], gradient, curvature, cross)


class Logit(Link):
    """Logistic distribution: proportional odds (McCullagh 1980)."""

    name: LinkName = "logit"

    def log_cdf(self, x: FloatArray) -> FloatArray:
        return np.asarray(special.log_expit(x))

    def log_sf(self, x: FloatArray) -> FloatArray:
        return np.asarray(special.log_expit(-x))

    def log_pdf(self, x: FloatArray) -> FloatArray:
        return -np.abs(x) - 2.0 * np.log1p(np.exp(-np.abs(x)))

    def d_log_pdf(self, x: FloatArray) -> FloatArray:
        return -np.tanh(0.5 * x)

    def ppf(self, p: FloatArray) -> FloatArray:
        return np.asarray(special.logit(p))

    def interval(self, cuts: Cuts, *, log_p: bool = True) -> Interval:
        """Return the interval terms from ``F(a) - F(b) = F(a) F(-b) (1 - exp(b - a))``, which needs no difference.

        The three factors make every term a function of one cut or of the gap between the two, so that nothing
        cancels in either tail, and one exponential a cut and one logarithm a row are all it costs.
        """
        n_upper = cuts.n_upper
        inner_upper, inner_lower = cuts.inner_upper, cuts.inner_lower
        turned = np.clip(cuts.values, -_EXP_LIMIT, _EXP_LIMIT)
        np.negative(turned[:, n_upper:], out=turned[:, n_upper:])  # a lower cut enters as F(-b)
        odds = np.exp(turned, out=turned)
        gradient = odds + 1.0
        np.reciprocal(gradient, out=gradient)
        share = np.multiply(odds, gradient, out=odds)  # F of the turned cut; gradient holds 1 - F
        curvature = share * gradient
        np.negative(curvature, out=curvature)
        np.negative(gradient[:, n_upper:], out=gradient[:, n_upper:])

        gap = cuts.values[:, inner_upper] - cuts.values[:, inner_lower] if cuts.gaps is None else cuts.gaps
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            excess = 1.0 / np.expm1(gap)
            cross = excess * (1.0 + excess)
        if cuts.gap_of_row is not None:
            excess, cross = excess.take(cuts.gap_of_row, axis=1), cross.take(cuts.gap_of_row, axis=1)
        gradient[:, inner_upper] += excess
        gradient[:, inner_lower] -= excess
        by_row = self._log_p(cuts, share, gap) if log_p else share[:, :0]
        return Interval(by_row, gradient, curvature, cross)

    @staticmethod
    def _log_p(cuts: Cuts, share: FloatArray, gap: FloatArray) -> FloatArray:
        """Return the log-probability of each row from F of its turned cuts and the gap between them."""
        n_upper, n_first = cuts.n_upper, cuts.n_first
        log_p = np.empty((share.shape[0], share.shape[1] - (n_upper - n_first)))
        log_p[:, :n_upper] = share[:, :n_upper]
        log_p[:, n_upper:] = share[:, cuts.inner_lower.stop :]
        log_p[:, n_first:n_upper] *= share[:, cuts.inner_lower]
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            np.log(log_p, out=log_p)  # zero where the cuts are far out of order
            log_gap = np.where(gap > 0.0, np.log(-np.expm1(-gap)), -np.inf)
        log_p[:, n_first:n_upper] += log_gap if cuts.gap_of_row is None else log_gap.take(cuts.gap_of_row, axis=1)
        return log_p


class Probit(Link):
    """Standard normal distribution."""

    name: LinkName = "probit"

    def log_cdf(self, x: FloatArray) -> FloatArray:
        return np.asarray(special.log_ndtr(x))

    def log_sf(self, x: FloatArray) -> FloatArray:
        return np.asarray(special.log_ndtr(-x))

    def log_pdf(self, x: FloatArray) -> FloatArray:
        return np.asarray(-0.5 * x * x - _LOG_SQRT_2PI)

    def d_log_pdf(self, x: FloatArray) -> FloatArray:
        return -x

    def ppf(self, p: FloatArray) -> FloatArray:
        return np.asarray(special.ndtri(p))


class CLogLog(Link):
    """Smallest-extreme-value distribution, ``F(x) = 1 - exp(-exp(x))``: proportional hazards."""

    name: LinkName = "cloglog"

    def log_cdf(self, x: FloatArray) -> FloatArray:
        bounded = np.clip(x, _TINY_EXPONENT, _EXP_LIMIT)
        return np.asarray(np.where(x < _TINY_EXPONENT, x, np.log(-np.expm1(-np.exp(bounded)))))

    def log_sf(self, x: FloatArray) -> FloatArray:
        return -np.exp(np.minimum(x, _EXP_LIMIT))

    def log_pdf(self, x: FloatArray) -> FloatArray:
        return x - np.exp(np.minimum(x, _EXP_LIMIT))

    def d_log_pdf(self, x: FloatArray) -> FloatArray:
        return 1.0 - np.exp(np.minimum(x, _EXP_LIMIT))

    def ppf(self, p: FloatArray) -> FloatArray:
        return np.asarray(np.log(-np.log1p(-p)))


class LogLog(Link):
    """Largest-extreme-value (Gumbel) distribution, ``F(x) = exp(-exp(-x))``: the mirror image of cloglog."""

    name: LinkName = "loglog"
    _mirror = CLogLog()

    def log_cdf(self, x: FloatArray) -> FloatArray:
        return self._mirror.log_sf(-x)

    def log_sf(self, x: FloatArray) -> FloatArray:
        return self._mirror.log_cdf(-x)

    def log_pdf(self, x: FloatArray) -> FloatArray:
        return self._mirror.log_pdf(-x)

    def d_log_pdf(self, x: FloatArray) -> FloatArray:
        return -self._mirror.d_log_pdf(-x)

    def ppf(self, p: FloatArray) -> FloatArray:
        return np.asarray(-np.log(-np.log(p)))


class Cauchit(Link):
    """Cauchy distribution; its log-likelihood is not concave."""

    name: LinkName = "cauchit"
    concave = False

    def log_cdf(self, x: FloatArray) -> FloatArray:
        # atan2(1, -x) is pi * F(x) without the cancellation of 1/2 + atan(x)/pi in the lower tail.
        return np.asarray(np.log(np.arctan2(1.0, -x) / np.pi))

    def log_sf(self, x: FloatArray) -> FloatArray:
        return np.asarray(np.log(np.arctan2(1.0, x) / np.pi))

    def log_pdf(self, x: FloatArray) -> FloatArray:
        return np.asarray(-np.log(np.pi) - np.log1p(x * x))

    def d_log_pdf(self, x: FloatArray) -> FloatArray:
        return -2.0 * x / (1.0 + x * x)

    def ppf(self, p: FloatArray) -> FloatArray:
        return np.asarray(np.tan(np.pi * (p - 0.5)))


LINKS: dict[str, Link] = {link.name: link for link in (Logit(), Probit(), CLogLog(), LogLog(), Cauchit())}
MOMENTS: dict[str, tuple[float, float]] = {
    "logit": (0.0, np.pi**2 / 3.0),
    "probit": (0.0, 1.0),
    "cloglog": (-np.euler_gamma, np.pi**2 / 6.0),
    "loglog": (np.euler_gamma, np.pi**2 / 6.0),
}
"""Mean and variance of the latent outcome's error under each link; a Cauchy variable has neither."""


def get_link(name: str) -> Link:
    """Return the link of that name.

    Raises
    ------
    ModelError
        If there is no such link.
    """
    if name not in LINKS:
        raise ModelError("link", f'"{name}"', expected=f"one of {', '.join(LINKS)}", mend=nearest(name, LINKS))
    return LINKS[name]
