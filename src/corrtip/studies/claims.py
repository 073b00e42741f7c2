"""What a claim is decided on and what a decision is; the tests themselves stand in the files ``claims_*``.

A test is a small frozen record: its fields are the parameters that a study may set, ``rule`` says in words what
decides, and ``decide`` is a pure function from evidence to a decision. A test agrees, contradicts (it passes for the
opposite, which each test defines) or leaves the claim unresolved. Without the fits that it needs the claim is not
attempted, with the reason. No test reads a missing significance as proof of no relation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import ClassVar, Literal, Protocol

from corrtip.errors import DeclarationError
from corrtip.estimate import PredictorTest
from corrtip.models.rank import Association
from corrtip.robustness.dominance import Dominance, Lead

Verdict = Literal["met", "agrees", "contradicts", "unresolved", "not_attempted"]
Sign = Literal["-", "+"]
Costly = Literal["dominance", "bounds", "years"]
"""Evidence that takes long to make, and is made only for a test that needs it."""

VERDICTS: Mapping[Verdict, str] = {
    "met": "the printed number is met to its last digit",
    "agrees": "the claim's own test, written down beforehand, passes",
    "contradicts": "the test passes for the opposite",
    "unresolved": "neither",
    "not_attempted": "the fits that the test needs are not there, for the reason given",
}
DIRECTION: Mapping[Sign, str] = {"-": "negative", "+": "positive"}

_PRINTED = re.compile(r"[+-]?(?:[0-9]{1,15}\.?[0-9]{0,15}|\.[0-9]{1,15})(?:[eE][+-]?[0-9]{1,2})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What became of the focal predictor under every set of controls from a pool.

    Parameters
    ----------
    models, fitted : int
        Models asked for, and those with an estimate.
    lowest, median, highest : float
        Of the coefficients of one standard deviation, in standard deviations of the latent outcome.
    share_below : float
        Share of the fitted models whose coefficient is negative.
    cdf : float
        Sala-i-Martin's (1997) mass of the effect on the side that holds more of it, as the mean over the models.
    """

    models: int
    fitted: int
    lowest: float
    median: float
    highest: float
    share_below: float
    cdf: float


@dataclass(frozen=True, slots=True, kw_only=True)
class YearEffect:
    """The focal predictor in one year; without an estimate the reason."""

    year: int
    estimate: float
    p_value: float
    n: int
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What one model of a study found, as far as claims are about it.

    Parameters
    ----------
    focal : str
        The predictor that the study is about; empty where there is no model.
    n : int
        Number of rows behind every figure.
    joint : tuple of PredictorTest
        Every predictor in the model of all of them; empty where that model is not there.
    alone : tuple of PredictorTest
        Every predictor in the model of it alone, on the same rows.
    ranks : tuple of Association
        Rank correlations of the focal predictor with the outcome.
    values : tuple of float
        The focal predictor itself, row by row.
    dominance : mapping of str to Dominance
        By view: with each predictor for itself, or with some joined to groups.
    leads : mapping of str to Lead
        By view: the focal predictor's general dominance less its strongest rival's, with a bootstrap interval.
    bounds : Bounds or None
        Extreme bounds of the focal predictor.
    years : tuple of YearEffect
        The focal predictor in each year for itself.
    missing : mapping of str to str
        Why ``joint``, ``alone``, ``ranks``, ``values``, ``dominance``, ``intervals``, ``bounds`` or ``years`` is not
        there.
    labels : mapping of str to str
        How to print a predictor's name.
    """

    focal: str
    n: int
    joint: tuple[PredictorTest, ...] = ()
    alone: tuple[PredictorTest, ...] = ()
    ranks: tuple[Association, ...] = ()
    values: tuple[float, ...] = ()
    dominance: Mapping[str, Dominance] = field(default_factory=dict)
    leads: Mapping[str, Lead] = field(default_factory=dict)
    bounds: Bounds | None = None
    years: tuple[YearEffect, ...] = ()
    missing: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)

    def label(self, predictor: str) -> str:
        """Return how to print a predictor's name."""
        return self.labels.get(predictor, predictor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A verdict, the sentence of figures that it rests on, and these figures by name.

    Parameters
    ----------
    verdict : Verdict
    because : str
    figures : mapping of str to float
        What a study may print, by the name under which `Claim.printed` holds it.
    """

    verdict: Verdict
    because: str
    figures: Mapping[str, float] = field(default_factory=dict)


class ClaimTest(Protocol):
    """A test of a claim, with its parameters; ``needs`` names the dear evidence that it rests on, if any."""

    needs: ClassVar[Costly | None]

    @property
    def rule(self) -> str:
        """What agrees, what contradicts, in words."""

    def decide(self, evidence: Evidence) -> Decision:
        """Return the decision on the evidence."""


def meets(printed: str, value: float) -> bool:
    """Return whether a number is the printed one to its last digit.

    Parameters
    ----------
    printed : str
        As it stands in the publication: ``"-0.41"`` carries its own tolerance, half a unit of the last digit.
    value : float

    Raises
    ------
    DeclarationError
        If the text is not a number.

    Examples
    --------
    >>> meets("-0.41", -0.4149), meets("-0.410", -0.4149)
    (True, False)
    """
    number, half = read_printed(printed)
    # A half is stored exactly in few decimals: the last factor lets 0.415 count for both of its neighbours.
    return abs(value - number) <= half * (1.0 + 1e-9)


def read_printed(printed: str, where: str = "printed") -> tuple[float, float]:
    """Return a printed number and half a unit of its last digit.

    Parameters
    ----------
    printed : str
    where : str
        For the error.

    Raises
    ------
    DeclarationError
        If the text is not a number.

    Examples
    --------
    >>> read_printed("65"), read_printed("0.4")
    ((65.0, 0.5), (0.4, 0.05))
    """
    # Decimal would take 1_000, digits of other scripts, and exponents without end.
    if not _PRINTED.fullmatch(printed):
        raise DeclarationError(where, f'"{printed[:60]}"', expected='a number as printed, such as "-0.41"')
    number = Decimal(printed)
    exponent = int(number.as_tuple().exponent)
    return float(number), 0.5 * 10.0**exponent


def p_text(p_value: float) -> str:
    """Return a p-value as journals print it: ``p = .034``, ``p < .001``.

    Examples
    --------
    >>> p_text(0.0342), p_text(2e-7)
    ('p = .034', 'p < .001')
    """
    return "p < .001" if p_value < 0.001 else f"p = {p_value:.3f}".replace("0.", ".", 1)


def level_text(alpha: float) -> str:
    """Return a level of significance as journals print it.

    Examples
    --------
    >>> level_text(0.05)
    '.05'
    """
    return f"{alpha:.2f}".removeprefix("0")


def verdict_of(agrees: bool, contradicts: bool) -> Verdict:
    """Return the verdict of a test that agrees, contradicts, or does neither."""
    return "agrees" if agrees else "contradicts" if contradicts else "unresolved"


def not_attempted(evidence: Evidence, part: str) -> Decision:
    """Return the decision where a part of the evidence is not there, with the reason."""
    return Decision(verdict="not_attempted", because=evidence.missing[part])


def signed(value: float, sign: Sign) -> float:
    """Return ``value`` so that above zero is the sign claimed; nan, where there is no one coefficient, is neither.

    Examples
    --------
    >>> signed(-0.4, "-"), signed(-0.4, "+")
    (0.4, -0.4)
    """
    return -value if sign == "-" else value
