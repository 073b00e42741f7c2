"""The tests that decide a claim, each named in a study's TOML and written down before the result is looked at.

A test is a small frozen record: its fields are the parameters that a study may set, ``rule`` says in words what
decides, and ``decide`` is a pure function from evidence to a decision. A test agrees, contradicts (it passes for the
opposite, which each test defines) or leaves the claim unresolved. Without the fits that it needs the claim is not
attempted, with the reason. No test reads a missing significance as proof of no relation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, Protocol

from corrtip.declare import declared
from corrtip.errors import DeclarationError, nearest
from corrtip.estimate import PredictorTest
from corrtip.models.rank import Association, Measure
from corrtip.robustness.dominance import Dominance, Lead

Verdict = Literal["met", "agrees", "contradicts", "unresolved", "not_attempted"]
Sign = Literal["-", "+"]

VERDICTS: Mapping[Verdict, str] = {
    "met": "the printed number is met to its last digit",
    "agrees": "the claim's own test, written down beforehand, passes",
    "contradicts": "the test passes for the opposite",
    "unresolved": "neither",
    "not_attempted": "the fits that the test needs are not there, for the reason given",
}
_DIRECTION: Mapping[str, str] = {"-": "negative", "+": "positive"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What one variant of a study found, as far as claims are about it.

    Parameters
    ----------
    focal : str
        The predictor that the study is about.
    n : int
        Number of rows behind every figure.
    joint : tuple of PredictorTest
        Every predictor in the model of all of them; empty where that model is not there.
    alone : tuple of PredictorTest
        Every predictor in the model of it alone, on the same rows.
    ranks : tuple of Association
        Rank correlations of the focal predictor with the outcome.
    dominance : mapping of str to Dominance
        By view: with each predictor for itself, or with some joined to groups.
    leads : mapping of str to Lead
        By view: the focal predictor's general dominance less its strongest rival's, with a bootstrap interval.
    missing : mapping of str to str
        Why ``joint``, ``alone``, ``ranks``, ``dominance`` or ``intervals`` is not there.
    labels : mapping of str to str
        How to print a predictor's name.
    """

    focal: str
    n: int
    joint: tuple[PredictorTest, ...] = ()
    alone: tuple[PredictorTest, ...] = ()
    ranks: tuple[Association, ...] = ()
    dominance: Mapping[str, Dominance] = field(default_factory=dict)
    leads: Mapping[str, Lead] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A verdict and the sentence of figures that it rests on."""

    verdict: Verdict
    because: str


class ClaimTest(Protocol):
    """A test of a claim, with its parameters."""

    @property
    def rule(self) -> str:
        """What agrees, what contradicts, in words."""

    def decide(self, evidence: Evidence) -> Decision:
        """Return the decision on the evidence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MostRelatedAlone:
    """Taken one at a time, most predictors are significantly related to the outcome.

    Parameters
    ----------
    alpha : float
        Level of each test; no correction for their number, since the claim makes none.
    """

    alpha: float = 0.05

    @property
    def rule(self) -> str:
        """What agrees, what contradicts, in words."""
        level = _level(self.alpha)
        return (
            f"Each predictor alone, all on the same countries. Agrees if more than half have p < {level}; contradicts "
            f"if more than half have p > {level}; exactly half is unresolved."
        )

    def decide(self, evidence: Evidence) -> Decision:
        """Return the decision on the evidence."""
        if not evidence.alone:
            return _not_attempted(evidence, "alone")
        half = len(evidence.alone) / 2
        related = sum(test.p_value < self.alpha for test in evidence.alone)
        unrelated = sum(test.p_value > self.alpha for test in evidence.alone)
        because = (
            f"{related} of {len(evidence.alone)} predictors have p < {_level(self.alpha)} alone "
            f"(n = {evidence.n}): {_listed(evidence.alone, evidence)}."
        )
        return Decision(verdict=_verdict(related > half, unrelated > half), because=because)


@dataclass(frozen=True, slots=True, kw_only=True)
class OnlyFocalStandsOut:
    """Taken together, only the focal predictor comes close to significance.

    Parameters
    ----------
    sign : {"-", "+"}
        Sign of the focal coefficient that the claim implies.
    alpha : float
        What "close to significance" means.
    """

    sign: Sign
    alpha: float = 0.10

    @property
    def rule(self) -> str:
        """What agrees, what contradicts, in words."""
        level, direction = _level(self.alpha), _DIRECTION[self.sign]
        return (
            f"All predictors in one model. Agrees if the focal predictor has p < {level} with a {direction} "
            f"coefficient and every other predictor has p > {level}. Contradicts if the roles are exchanged (the focal "
            f"predictor has p > {level} and another p < {level}), or if the focal predictor has p < {level} with the "
            "other sign. Otherwise unresolved: that a difference is not significant does not prove that there is none."
        )

    def decide(self, evidence: Evidence) -> Decision:
        """Return the decision on the evidence."""
        if not evidence.joint:
            return _not_attempted(evidence, "joint")
        focal = next(test for test in evidence.joint if test.predictor == evidence.focal)
        others = [test for test in evidence.joint if test is not focal]
        stands_out = focal.p_value < self.alpha
        agrees = stands_out and _signed(focal.estimate, self.sign) > 0 and all(t.p_value > self.alpha for t in others)
        reversed_ = stands_out and _signed(focal.estimate, self.sign) < 0
        exchanged = focal.p_value > self.alpha and any(test.p_value < self.alpha for test in others)
        because = f"In the joint model (n = {evidence.n}): {_listed(evidence.joint, evidence)}."
        return Decision(verdict=_verdict(agrees, exchanged or reversed_), because=because)


@dataclass(frozen=True, slots=True, kw_only=True)
class MostImportant:
    """The focal predictor is the most important one, in every view of the others.

    Parameters
    ----------
    views : tuple of str
        Which views must speak with one voice.
    """

    views: tuple[str, ...] = ("indicator", "group")

    @property
    def rule(self) -> str:
        """What agrees, what contradicts, in words."""
        return (
            "General dominance of McFadden's R2 over all subsets of the predictors, all on the same countries; the "
            "difference between the focal predictor and its strongest rival with a 95 % bootstrap interval, in each "
            f"view ({', '.join(self.views)}). Agrees if the interval lies above zero in every view; contradicts if it "
            "lies below zero in every view; otherwise, and where there is no interval, unresolved."
        )

    def decide(self, evidence: Evidence) -> Decision:
        """Return the decision on the evidence."""
        if any(view not in evidence.dominance for view in self.views):
            return _not_attempted(evidence, "dominance")
        because = " ".join(self._sentence(view, evidence) for view in self.views)
        if any(view not in evidence.leads for view in self.views):
            reason = evidence.missing.get("intervals", "The interval of the difference, which decides, is not there.")
            return Decision(verdict="unresolved", because=f"{because} {reason}")
        leads = [evidence.leads[view] for view in self.views]
        agrees, contradicts = all(lead.conf_low > 0.0 for lead in leads), all(lead.conf_high < 0.0 for lead in leads)
        return Decision(verdict=_verdict(agrees, contradicts), because=because)

    def _sentence(self, view: str, evidence: Evidence) -> str:
        found = evidence.dominance[view]
        general = found.general()
        rivals = general.drop(evidence.focal)
        rival = str(rivals.idxmax())
        shares = ", ".join(
            f"{evidence.labels.get(term, term)} {value:.3f}"
            for term, value in zip(found.tidy()["term"], found.tidy()["estimate"], strict=True)
        )
        lead = evidence.leads.get(view)
        limits = f" (95 % interval {lead.conf_low:.3f} to {lead.conf_high:.3f}, {lead.draws} draws)" if lead else ""
        return (
            f"General dominance by {view} (n = {found.n}): {shares}; together R2 = {found.full:.3f}; difference to "
            f"the strongest rival, {evidence.labels.get(rival, rival)}, "
            f"{general[evidence.focal] - rivals[rival]:.3f}{limits}."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RanksTogether:
    """The outcome tends to rise, or to fall, with the focal predictor.

    Parameters
    ----------
    sign : {"-", "+"}
    measure : {"kendall_tau_b", "spearman", "goodman_kruskal_gamma"}
    alpha : float
    """

    sign: Sign
    measure: Measure = "kendall_tau_b"
    alpha: float = 0.05

    @property
    def rule(self) -> str:
        """What agrees, what contradicts, in words."""
        name, level = _MEASURES[self.measure], _level(self.alpha)
        return (
            f"{name} between the focal predictor and the outcome. Agrees if it is {_DIRECTION[self.sign]} with "
            f"p < {level}; contradicts if it has the other sign with p < {level}; otherwise unresolved."
        )

    def decide(self, evidence: Evidence) -> Decision:
        """Return the decision on the evidence."""
        if not evidence.ranks:
            return _not_attempted(evidence, "ranks")
        found = next(item for item in evidence.ranks if item.measure == self.measure)
        significant, direction = found.p_value < self.alpha, _signed(found.estimate, self.sign)
        others = ", ".join(
            f"{_MEASURES[item.measure]} {item.estimate:.2f}" for item in evidence.ranks if item is not found
        )
        because = (
            f"{_MEASURES[self.measure]} of {evidence.labels.get(evidence.focal, evidence.focal)} and the outcome is "
            f"{found.estimate:.2f} ({p_text(found.p_value)}, n = {found.n}); beside it {others}."
        )
        return Decision(verdict=_verdict(significant and direction > 0, significant and direction < 0), because=because)


_MEASURES: Mapping[Measure, str] = {
    "spearman": "Spearman's rho",
    "kendall_tau_b": "Kendall's tau-b",
    "goodman_kruskal_gamma": "Goodman and Kruskal's gamma",
}

TESTS: Mapping[str, type[ClaimTest]] = {
    "most_related_alone": MostRelatedAlone,
    "only_focal_stands_out": OnlyFocalStandsOut,
    "most_important": MostImportant,
    "ranks_together": RanksTogether,
}
"""The vocabulary: what a study's TOML may name."""


def build_test(name: str, parameters: Mapping[str, Any], where: str) -> ClaimTest:
    """Return the test that a study names, with its parameters.

    Raises
    ------
    DeclarationError
        If no test bears the name, or a parameter is unknown, missing or of the wrong type.

    Examples
    --------
    >>> build_test("most_related_alone", {"alpha": 0.1}, "claims[0]").rule[:59]
    'Each predictor alone, all on the same countries. Agrees if '
    """
    if name not in TESTS:
        raise DeclarationError(
            f"{where}, test", f'"{name}"', expected=f"one of {', '.join(TESTS)}", mend=nearest(name, TESTS)
        )
    return declared(TESTS[name], parameters, f"{where}, parameters")


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
    try:
        number = Decimal(printed)
        exponent = int(number.as_tuple().exponent)
    except (InvalidOperation, ValueError) as error:
        raise DeclarationError("printed", f'"{printed}"', expected='a number as printed, such as "-0.41"') from error
    # A half is stored exactly in few decimals: the last factor lets 0.415 count for both of its neighbours.
    return abs(value - float(number)) <= 0.5 * 10.0**exponent * (1.0 + 1e-9)


def p_text(p_value: float) -> str:
    """Return a p-value as journals print it: ``p = .034``, ``p < .001``.

    Examples
    --------
    >>> p_text(0.0342), p_text(2e-7)
    ('p = .034', 'p < .001')
    """
    return "p < .001" if p_value < 0.001 else f"p = {p_value:.3f}".replace("0.", ".", 1)


def _verdict(agrees: bool, contradicts: bool) -> Verdict:
    return "agrees" if agrees else "contradicts" if contradicts else "unresolved"


def _not_attempted(evidence: Evidence, part: str) -> Decision:
    return Decision(verdict="not_attempted", because=evidence.missing[part])


def _signed(value: float, sign: Sign) -> float:
    """Return ``value`` so that above zero is the sign claimed; nan, where there is no one coefficient, is neither."""
    return -value if sign == "-" else value


def _level(alpha: float) -> str:
    return f"{alpha:.2f}".removeprefix("0")


def _listed(tests: Sequence[PredictorTest], evidence: Evidence) -> str:
    return "; ".join(_shown(test, evidence) for test in tests)


def _shown(test: PredictorTest, evidence: Evidence) -> str:
    size = f"{test.estimate:.3g}, " if test.df == 1 else f"{test.df} coefficients, "
    return f"{evidence.labels.get(test.predictor, test.predictor)} {size}{p_text(test.p_value)}"
