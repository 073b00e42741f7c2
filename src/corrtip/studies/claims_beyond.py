"""Claims that one model cannot decide: of many years, of many sets of controls, or of what was not to be had."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from corrtip.studies.claims import (
    DIRECTION,
    Costly,
    Decision,
    Evidence,
    Sign,
    level_text,
    not_attempted,
    signed,
    verdict_of,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldsOverYears:
    """What is claimed of one year holds in most years of a span.

    Parameters
    ----------
    sign : {"-", "+"}
    share : float
        Share of the years with an estimate that must have the sign and be significant.
    alpha : float
    """

    needs: ClassVar[Costly | None] = "years"

    sign: Sign
    share: float = 0.8
    alpha: float = 0.05

    @property
    def rule(self) -> str:
        """What agrees, what contradicts, in words."""
        level, direction = level_text(self.alpha), DIRECTION[self.sign]
        return (
            f"The same model in each year for itself. Agrees if the focal coefficient is {direction} with p < {level} "
            f"in at least {100 * self.share:.0f} % of the years that have an estimate, and in none of the other sign "
            f"with p < {level}; contradicts if it is of the other sign with p < {level} in at least half of them; "
            "otherwise unresolved. Years of the same countries are not independent: the count is a description."
        )

    def decide(self, evidence: Evidence) -> Decision:
        """Return the decision on the evidence."""
        fitted = [year for year in evidence.years if not year.reason]
        if not fitted:
            return not_attempted(evidence, "years")
        sure = [year for year in fitted if year.p_value < self.alpha]
        claimed = sum(signed(year.estimate, self.sign) > 0 for year in sure)
        other = len(sure) - claimed
        lost = [f"{year.year} ({year.reason})" for year in evidence.years if year.reason]
        smallest, largest = min(year.n for year in fitted), max(year.n for year in fitted)
        because = (
            f"{DIRECTION[self.sign]} with p < {level_text(self.alpha)} in {claimed} of {len(fitted)} years, of the "
            f"other sign in {other} (n = {smallest} to {largest})"
            + (f"; without an estimate: {'; '.join(lost)}." if lost else ".")
        )
        return Decision(
            verdict=verdict_of(claimed >= self.share * len(fitted) and not other, other >= 0.5 * len(fitted)),
            because=because[0].upper() + because[1:],
            figures={"years": float(len(fitted)), "years_as_claimed": float(claimed)},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RobustInBounds:
    """The focal predictor keeps its sign whatever controls stand beside it.

    Parameters
    ----------
    sign : {"-", "+"}
    mass : float
        Mass of the effect on the claimed side that counts as robust.
    """

    needs: ClassVar[Costly | None] = "bounds"

    sign: Sign
    mass: float = 0.95

    @property
    def rule(self) -> str:
        """What agrees, what contradicts, in words."""
        return (
            "One model for every set of controls from the pool. Agrees if the mean over the models of the mass of the "
            f"effect on the {DIRECTION[self.sign]} side (Sala-i-Martin 1997) is {self.mass:.2f} or more; contradicts "
            "if that on the other side is; otherwise unresolved."
        )

    def decide(self, evidence: Evidence) -> Decision:
        """Return the decision on the evidence."""
        found = evidence.bounds
        if found is None:
            return not_attempted(evidence, "bounds")
        # The median stands on the side that holds more of the mass wherever that mass is near one.
        robust, direction = found.cdf >= self.mass, signed(found.median, self.sign)
        because = (
            f"{evidence.label(evidence.focal)}, one standard deviation (n = {evidence.n} at most): coefficient from "
            f"{found.lowest:.2f} to {found.highest:.2f}, median {found.median:.2f}, over {found.fitted} of "
            f"{found.models} models, in standard deviations of the latent outcome; negative in "
            f"{100 * found.share_below:.0f} %; mass on the larger side {found.cdf:.3f}."
        )
        return Decision(
            verdict=verdict_of(robust and direction > 0, robust and direction < 0),
            because=because,
            figures={"median": found.median, "mass": found.cdf},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NotAttempted:
    """A claim that stands in the list, and that nothing here can decide.

    Parameters
    ----------
    reason : str
        What is not to be had.
    """

    needs: ClassVar[Costly | None] = None

    reason: str

    @property
    def rule(self) -> str:
        """That there is none."""
        return "None: the claim is listed and not tested."

    def decide(self, evidence: Evidence) -> Decision:
        """Return that it is not attempted, with the reason."""
        return Decision(verdict="not_attempted", because=self.reason)
