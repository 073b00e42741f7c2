"""The nouns of the comparison: a hard case, a program's answer to it, and the truth."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One hard case.

    Parameters
    ----------
    name : str
    question : str
        What is asked, and why it is hard.
    data : DataFrame
        Outcome ``y``, predictors, and ``w`` where there are weights.
    levels : tuple of str
        Declared order of the outcome; empty where it is plain text.
    terms : tuple of str
        Predictors; numbers, or one category.
    link : {"logit", "cauchit"}
    weighted : bool
        Whether ``w`` holds frequency weights.
    judged : tuple of str
        The parameters that decide.
    reference : DataFrame or None
        Rows whose maximum-likelihood fit is the truth, written so that no program's handling of the case enters;
        None where no answer exists.
    new : DataFrame or None
        Rows to predict after the fit.
    """

    name: str
    question: str
    data: pd.DataFrame
    levels: tuple[str, ...] = ("1", "2", "3")
    terms: tuple[str, ...] = ("x", "z")
    link: Literal["logit", "cauchit"] = "logit"
    weighted: bool = False
    judged: tuple[str, ...] = ("x", "z")
    reference: pd.DataFrame | None = None
    new: pd.DataFrame | None = None

    @property
    def formula(self) -> str:
        """The model as a formula."""
        return f"y ~ {' + '.join(self.terms)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a program said.

    Parameters
    ----------
    estimates, errors : dict of str to float
        Estimates and standard errors by name; thresholds are named ``1|2``.
    said : str
        Its error, or its warnings; empty if it said nothing.
    failed : bool
        Whether it stopped with an error.
    """

    estimates: dict[str, float] = field(default_factory=dict)
    errors: dict[str, float] = field(default_factory=dict)
    said: str = ""
    failed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """Estimates and standard errors that the judged parameters have."""

    estimates: dict[str, float]
    errors: dict[str, float]
