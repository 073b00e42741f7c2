"""The rule: when an answer is right, refuses, warns or is silently wrong."""

from __future__ import annotations

import math
from enum import StrEnum

from benchmarks.comparison.case import Answer, Case, Truth

ESTIMATE_TOLERANCE = 0.01
"""An estimate is right within this share of its true standard error: no one would conclude otherwise."""

ERROR_TOLERANCE = 0.01
"""A standard error is right within this share of the true one."""


class Verdict(StrEnum):
    """What an answer is worth."""

    RIGHT = "right"
    REFUSES = "refuses"
    WARNS = "warns"
    SILENTLY_WRONG = "silently wrong"


def judge(case: Case, truth: Truth | None, answer: Answer) -> Verdict:
    """Return the verdict on an answer.

    ``refuses``: an error, or no number for a judged estimate or standard error. ``right``: every judged number is
    that of the truth, within the tolerances. Else the numbers are wrong, or stand for something that does not exist:
    ``warns`` if the program said anything at all, ``silently wrong`` if not.
    """
    if answer.failed or not all(_given(answer, name) for name in case.judged):
        return Verdict.REFUSES
    if truth is not None and all(_agrees(truth, answer, name) for name in case.judged):
        return Verdict.RIGHT
    return Verdict.WARNS if answer.said else Verdict.SILENTLY_WRONG


def is_wanted(truth: Truth | None, verdict: Verdict) -> bool:
    """Tell whether the verdict is the best there is: right where an answer exists, a refusal where none does."""
    return verdict == (Verdict.REFUSES if truth is None else Verdict.RIGHT)


def _given(answer: Answer, name: str) -> bool:
    numbers = answer.estimates.get(name, math.nan), answer.errors.get(name, math.nan)
    return all(math.isfinite(number) for number in numbers)


def _agrees(truth: Truth, answer: Answer, name: str) -> bool:
    error = truth.errors[name]
    return (
        abs(answer.estimates[name] - truth.estimates[name]) <= ESTIMATE_TOLERANCE * error
        and abs(answer.errors[name] - error) <= ERROR_TOLERANCE * error
    )
