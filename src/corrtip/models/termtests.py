"""What a test of every term found: a table, what the numbers rest on, and what to do where a term fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import stats

from corrtip.models.multiplicity import adjusted

if TYPE_CHECKING:
    from corrtip.models.results import OrdinalFit

# The level at which a term counts as failing in the sentence below a table; the table has the p-values.
LEVEL = 0.05
# The row of a test of all terms at once. Names of terms have no parentheses without a function before them.
ALL_TERMS = "(all)"


@dataclass(frozen=True, slots=True, kw_only=True)
class TermTests:
    """Chi-squared tests, one for each term of a model.

    Parameters
    ----------
    title : str
        The question and the method.
    table : DataFrame
        One row a test: term, statistic, df, p_value, and where models were fitted again llf and aic. A test of all
        terms at once is the row ``"(all)"``. With two terms or more also p_holm and p_bh, adjusted for their number
        (`corrtip.models.multiplicity.adjusted`); nan for all terms at once, which is one test.
    remedy : str
        What to fit instead where a test fails at the 5 % level; empty where none does.
    notes : tuple of str
        What a reader must know before the numbers are used.
    """

    title: str
    table: pd.DataFrame
    remedy: str = ""
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        numbers = self.table.to_string(index=False, na_rep="nan", float_format=lambda value: f"{value:.4g}")
        notes = [f"Note: {note}." for note in self.notes]
        return "\n".join([self.title, numbers, *notes, *([self.remedy] if self.remedy else [])])

    def __repr__(self) -> str:
        return str(self)

    @property
    def failing(self) -> tuple[str, ...]:
        """The terms whose p-value is below 5 %, or ``"(all)"`` where only all together are."""
        return failing_terms(self.table)


def failing_terms(table: pd.DataFrame) -> tuple[str, ...]:
    """Return the terms of a table of tests with a p-value below 5 %, or ``"(all)"`` where only all together are."""
    failing = tuple(table.loc[table["p_value"] < LEVEL, "term"])
    single = tuple(term for term in failing if term != ALL_TERMS)
    return single or failing


def chi_squared(term: str, statistic: float, df: int, **more: Any) -> dict[str, Any]:
    """Return one row of a table of tests."""
    p_value = float(stats.chi2.sf(statistic, df)) if np.isfinite(statistic) and df > 0 else float("nan")
    return {"term": term, "statistic": statistic, "df": df, "p_value": p_value, **more}


def term_table(rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Return the rows of `chi_squared` as a table, where there are several terms with p-values for their number."""
    table = pd.DataFrame(rows)
    single = table.loc[table["term"] != ALL_TERMS, "p_value"]
    return table.join(adjusted(single)) if len(single) > 1 else table


def columns_of_terms(fit: OrdinalFit, part: str) -> dict[str, list[int]]:
    """Return the columns of each term: by formula a factor is one term, from arrays each column is.

    Parameters
    ----------
    fit : OrdinalFit
    part : {"location", "nominal", "scale"}
    """
    terms = None if fit.terms is None else getattr(fit.terms, part)
    names = getattr(fit.estimate.problem, f"{part}_names") if terms is None else terms.term_names
    columns: dict[str, list[int]] = {}
    for column, name in enumerate(names):
        columns.setdefault(name, []).append(column)
    return columns


def parallel_remedy(table: pd.DataFrame) -> str:
    """Return what to fit where lines are not parallel, or nothing where no test fails."""
    failing = failing_terms(table)
    if not failing:
        return ""
    if failing == (ALL_TERMS,):
        return (
            "The terms together are not parallel at the 5 % level, though none is alone. "
            "Try another link, or a scale term (see scale_test)."
        )
    named = " + ".join(failing)
    return (
        f"Taken one at a time, not parallel at the 5 % level: {', '.join(failing)}. Fit a coefficient for each "
        f'threshold with nominal="~ {named}", or let the spread differ with scale="~ {named}" (see scale_test), '
        "or try another link."
    )
