"""Claims about the predictors of one model: tests on coefficients, importance and rank correlations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from corrtip.errors import DeclarationError
from corrtip.estimate import PredictorTest
from corrtip.models.multiplicity import adjusted
from corrtip.models.rank import Measure
from corrtip.studies.claims import (
    DIRECTION,
    Costly,
    Decision,
    Evidence,
    Sign,
    level_text,
    not_attempted,
    p_text,
    signed,
    verdict_of,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MostRelatedAlone:
    """Taken one at a time, most predictors are significantly related to the outcome.

    Parameters
    ----------
    alpha : float
        Level of each test. Without correction for their number, since the claim makes none; what is left after one
        stands in the sentence of figures.
    """

    needs: ClassVar[Costly | None] = None

    alpha: float = 0.05

    @property
    def rule(self) -> str:
        """What agrees, what contradicts, in words."""
        level = level_text(self.alpha)
        return (
            f"Each predictor alone, all on the same countries. Agrees if more than half have p < {level}; contradicts "
            f"if more than half have p > {level}; exactly half is unresolved."
        )

    def decide(self, evidence: Evidence) -> Decision:
        """Return the decision on the evidence."""
        if not evidence.alone:
            return not_attempted(evidence, "alone")
        half = len(evidence.alone) / 2
        related = sum(test.p_value < self.alpha for test in evidence.alone)
        unrelated = sum(test.p_value > self.alpha for test in evidence.alone)
        because = (
            f"{related} of {len(evidence.alone)} predictors have p < {level_text(self.alpha)} alone "
            f"(n = {evidence.n}{self._adjusted(evidence)}): {_listed(evidence.alone, evidence)}."
        )
        figures = {"related": float(related), "predictors": float(len(evidence.alone))}
        return Decision(verdict=verdict_of(related > half, unrelated > half), because=because, figures=figures)

    def _adjusted(self, evidence: Evidence) -> str:
        if len(evidence.alone) < 2:
            return ""
        below = (adjusted([test.p_value for test in evidence.alone]) < self.alpha).sum()
        return f"; adjusted for their number by Holm {below['p_holm']}, by Benjamini and Hochberg {below['p_bh']}"


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

    needs: ClassVar[Costly | None] = None

    sign: Sign
    alpha: float = 0.10

    @property
    def rule(self) -> str:
        """What agrees, what contradicts, in words."""
        level, direction = level_text(self.alpha), DIRECTION[self.sign]
        return (
            f"All predictors in one model. Agrees if the focal predictor has p < {level} with a {direction} "
            f"coefficient and every other predictor has p > {level}. Contradicts if the roles are exchanged (the focal "
            f"predictor has p > {level} and another p < {level}), or if the focal predictor has p < {level} with the "
            "other sign. Otherwise unresolved: that a difference is not significant does not prove that there is none."
        )

    def decide(self, evidence: Evidence) -> Decision:
        """Return the decision on the evidence."""
        if not evidence.joint:
            return not_attempted(evidence, "joint")
        focal = next(test for test in evidence.joint if test.predictor == evidence.focal)
        others = [test for test in evidence.joint if test is not focal]
        stands_out = focal.p_value < self.alpha
        agrees = stands_out and signed(focal.estimate, self.sign) > 0 and all(t.p_value > self.alpha for t in others)
        reversed_ = stands_out and signed(focal.estimate, self.sign) < 0
        exchanged = focal.p_value > self.alpha and any(test.p_value < self.alpha for test in others)
        because = f"In the joint model (n = {evidence.n}): {_listed(evidence.joint, evidence)}."
        figures = {"estimate": focal.estimate, "p_value": focal.p_value}
        return Decision(verdict=verdict_of(agrees, exchanged or reversed_), because=because, figures=figures)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInJoint:
    """Beside the others, one predictor has the claimed sign.

    Parameters
    ----------
    sign : {"-", "+"}
    predictor : str
        Which one; the focal predictor if empty.
    alpha : float
    """

    needs: ClassVar[Costly | None] = None

    sign: Sign
    predictor: str = ""
    alpha: float = 0.05

    @property
    def rule(self) -> str:
        """What agrees, what contradicts, in words."""
        level, which = level_text(self.alpha), self.predictor or "the focal predictor"
        return (
            f"All predictors in one model. Agrees if the coefficient of {which} is {DIRECTION[self.sign]} with "
            f"p < {level}; contradicts if it has the other sign with p < {level}; otherwise unresolved."
        )

    def decide(self, evidence: Evidence) -> Decision:
        """Return the decision on the evidence."""
        if not evidence.joint:
            return not_attempted(evidence, "joint")
        wanted = self.predictor or evidence.focal
        found = next((test for test in evidence.joint if test.predictor == wanted), None)
        if found is None:
            held = ", ".join(test.predictor for test in evidence.joint)
            raise DeclarationError("sign_in_joint, predictor", f'"{wanted}"', expected=f"one of {held}")
        significant, direction = found.p_value < self.alpha, signed(found.estimate, self.sign)
        return Decision(
            verdict=verdict_of(significant and direction > 0, significant and direction < 0),
            because=f"In the joint model (n = {evidence.n}): {_listed(evidence.joint, evidence)}.",
            figures={"estimate": found.estimate, "p_value": found.p_value},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MostImportant:
    """The focal predictor is the most important one, in every view of the others.

    Parameters
    ----------
    views : tuple of str
        Which views must speak with one voice.
    """

    needs: ClassVar[Costly | None] = "dominance"

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
            return not_attempted(evidence, "dominance")
        because = " ".join(self._sentence(view, evidence) for view in self.views)
        if any(view not in evidence.leads for view in self.views):
            reason = evidence.missing.get("intervals", "The interval of the difference, which decides, is not there.")
            return Decision(verdict="unresolved", because=f"{because} {reason}")
        leads = [evidence.leads[view] for view in self.views]
        agrees, contradicts = all(lead.conf_low > 0.0 for lead in leads), all(lead.conf_high < 0.0 for lead in leads)
        figures = {f"lead.{view}": evidence.leads[view].estimate for view in self.views}
        return Decision(verdict=verdict_of(agrees, contradicts), because=because, figures=figures)

    def _sentence(self, view: str, evidence: Evidence) -> str:
        found = evidence.dominance[view]
        general = found.general()
        rivals = general.drop(evidence.focal)
        rival = str(rivals.idxmax())
        shares = ", ".join(
            f"{evidence.label(term)} {value:.3f}"
            for term, value in zip(found.tidy()["term"], found.tidy()["estimate"], strict=True)
        )
        lead = evidence.leads.get(view)
        limits = f" (95 % interval {lead.conf_low:.3f} to {lead.conf_high:.3f}, {lead.draws} draws)" if lead else ""
        return (
            f"General dominance by {view} (n = {found.n}): {shares}; together R2 = {found.full:.3f}; difference to "
            f"the strongest rival, {evidence.label(rival)}, "
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

    needs: ClassVar[Costly | None] = None

    sign: Sign
    measure: Measure = "kendall_tau_b"
    alpha: float = 0.05

    @property
    def rule(self) -> str:
        """What agrees, what contradicts, in words."""
        name, level = _MEASURES[self.measure], level_text(self.alpha)
        return (
            f"{name} between the focal predictor and the outcome. Agrees if it is {DIRECTION[self.sign]} with "
            f"p < {level}; contradicts if it has the other sign with p < {level}; otherwise unresolved."
        )

    def decide(self, evidence: Evidence) -> Decision:
        """Return the decision on the evidence."""
        if not evidence.ranks:
            return not_attempted(evidence, "ranks")
        found = next(item for item in evidence.ranks if item.measure == self.measure)
        significant, direction = found.p_value < self.alpha, signed(found.estimate, self.sign)
        others = ", ".join(
            f"{_MEASURES[item.measure]} {item.estimate:.2f}" for item in evidence.ranks if item is not found
        )
        because = (
            f"{_MEASURES[self.measure]} of {evidence.label(evidence.focal)} and the outcome is "
            f"{found.estimate:.2f} ({p_text(found.p_value)}, n = {found.n}); beside it {others}."
        )
        return Decision(
            verdict=verdict_of(significant and direction > 0, significant and direction < 0),
            because=because,
            figures={item.measure: item.estimate for item in evidence.ranks},
        )


_MEASURES: Mapping[Measure, str] = {
    "spearman": "Spearman's rho",
    "kendall_tau_b": "Kendall's tau-b",
    "goodman_kruskal_gamma": "Goodman and Kruskal's gamma",
}


def _listed(tests: Sequence[PredictorTest], evidence: Evidence) -> str:
    return "; ".join(_shown(test, evidence) for test in tests)


def _shown(test: PredictorTest, evidence: Evidence) -> str:
    size = f"{test.estimate:.3g}, " if test.df == 1 else f"{test.df} coefficients, "
    return f"{evidence.label(test.predictor)} {size}{p_text(test.p_value)}"
