"""Claims about counts: a share of countries, who answered a survey, and whether a percentage is possible at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from scipy import stats

from corrtip.errors import DeclarationError
from corrtip.studies.claims import Costly, Decision, Evidence, Verdict, meets, not_attempted, read_printed, verdict_of


def exact_interval(hits: int, of: int, level: float = 0.95) -> tuple[float, float]:
    """Return the exact interval of a share (Clopper and Pearson 1934).

    Parameters
    ----------
    hits, of : int
    level : float

    Returns
    -------
    (float, float)
        Quantiles of the beta distributions that bound the binomial's tails: never narrower than the level says.

    Examples
    --------
    >>> [round(end, 4) for end in exact_interval(8, 54)]
    [0.0662, 0.2712]
    """
    tail = (1.0 - level) / 2.0
    low = 0.0 if hits == 0 else float(stats.beta.ppf(tail, hits, of - hits + 1))
    high = 1.0 if hits == of else float(stats.beta.ppf(1.0 - tail, hits + 1, of - hits))
    return low, high


@dataclass(frozen=True, slots=True, kw_only=True)
class MostBeyond:
    """Of the countries in the sample, most stand beyond a line of the focal predictor.

    Parameters
    ----------
    line : float
    share : float
        What "most" means.
    every : bool
        Is the claim of all of them, not of most?
    """

    needs: ClassVar[Costly | None] = None

    line: float
    share: float = 0.5
    every: bool = False

    @property
    def rule(self) -> str:
        """What agrees, what contradicts, in words."""
        if self.every:
            return (
                f"Agrees if the focal predictor of every country in the sample exceeds {self.line:g}; contradicts if "
                "that of any does not: a claim of all falls by one. (It is never unresolved.)"
            )
        return (
            f"The share of the countries in the sample whose focal predictor exceeds {self.line:g}, with its exact "
            f"95 % interval. Agrees if the interval lies above {_percent(self.share)}; contradicts if it lies below; "
            "otherwise unresolved."
        )

    def decide(self, evidence: Evidence) -> Decision:
        """Return the decision on the evidence."""
        if not evidence.values:
            return not_attempted(evidence, "values")
        beyond, of = sum(value > self.line for value in evidence.values), len(evidence.values)
        low, high = exact_interval(beyond, of)
        verdict = (
            verdict_of(beyond == of, beyond < of) if self.every else verdict_of(low > self.share, high < self.share)
        )
        because = (
            f"{evidence.label(evidence.focal)} exceeds {self.line:g} in {beyond} of {of} countries, "
            f"{_percent(beyond / of)} (exact 95 % interval {_percent(low)} to {_percent(high)})."
        )
        return Decision(
            verdict=verdict, because=because, figures={"share": beyond / of, "share_low": low, "share_high": high}
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FewAnswered:
    """Of those who were asked, a minority answered.

    Parameters
    ----------
    asked, answered : int
    share : float
        What "minority" means.
    """

    needs: ClassVar[Costly | None] = None

    asked: int
    answered: int
    share: float = 0.5

    def __post_init__(self) -> None:
        if not 0 <= self.answered <= self.asked or not self.asked:
            seen = f"{self.answered} of {self.asked}"
            raise DeclarationError("few_answered", seen, expected="no more answers than were asked for")

    @property
    def rule(self) -> str:
        """What agrees, what contradicts, in words."""
        return (
            "The response rate with its exact 95 % interval, those asked taken as drawn from all who could have been. "
            f"Agrees if the interval lies below {_percent(self.share)}; contradicts if it lies above; otherwise "
            "unresolved."
        )

    def decide(self, evidence: Evidence) -> Decision:
        """Return the decision, which rests on the parameters alone."""
        rate = self.answered / self.asked
        low, high = exact_interval(self.answered, self.asked)
        because = (
            f"{self.answered} of {self.asked} answered, {_percent(rate, 1)} (exact 95 % interval {_percent(low, 1)} to "
            f"{_percent(high, 1)})."
        )
        return Decision(
            verdict=verdict_of(high < self.share, low > self.share),
            because=because,
            figures={"rate": rate, "rate_low": low, "rate_high": high},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PossiblePercentage:
    """A printed percentage can come from a whole number of so many answers.

    Parameters
    ----------
    percent : str
        As printed; its digits carry the rounding.
    answers : int
        The most that can have answered the question; fewer may have.

    Notes
    -----
    The idea is that of Brown and Heathers (2017) for means, the GRIM test: of few whole numbers not every printed
    figure can be made. Both ways of rounding a half count as possible.
    """

    needs: ClassVar[Costly | None] = None

    percent: str
    answers: int

    def __post_init__(self) -> None:
        read_printed(self.percent)
        if self.answers < 1:
            raise DeclarationError("possible_percentage, answers", f"{self.answers}", expected="1 or more")

    @property
    def rule(self) -> str:
        """What agrees, what contradicts, in words."""
        return (
            f"Agrees if some count out of {self.answers} answers, or of fewer where some left the question out, gives "
            f"{self.percent} % when rounded to the printed digits; contradicts if none does: the figure is then not a "
            "share of these answers. (Arithmetic: it is never unresolved.)"
        )

    def decide(self, evidence: Evidence) -> Decision:
        """Return the decision, which rests on the parameters alone."""
        possible = [of for of in range(self.answers, 0, -1) if meets(self.percent, self._nearest(of))]
        nearest = self._nearest(self.answers)
        verdict: Verdict = verdict_of(bool(possible), not possible)
        found = f"Of {self.answers} answers the nearest share is {nearest:.4g} %"
        if possible and possible[0] != self.answers:
            found += f"; {self.percent} % needs {possible[0]} answers, the question left out by the others"
        elif not possible:
            found += f", and no smaller number of answers gives {self.percent} %"
        return Decision(verdict=verdict, because=f"{found}.", figures={"percent": nearest})

    def _nearest(self, of: int) -> float:
        number, _ = read_printed(self.percent)
        return 100.0 * min(range(of + 1), key=lambda hits: abs(100.0 * hits / of - number)) / of


def _percent(share: float, digits: int = 0) -> str:
    return f"{100.0 * share:.{digits}f} %"
