"""How variables, tiers, variants and verdicts are called where people read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from corrtip.data.catalogue import Variable

VERDICT_WORDS: Final[Mapping[str, str]] = {
    "met": "met",
    "agrees": "agrees",
    "contradicts": "contradicts",
    "unresolved": "unresolved",
    "not_attempted": "not attempted",
}
"""Verdicts as tables print them."""


FIT_WORDS: Final[Mapping[str, str]] = {"mcfadden_r2": "McFadden's R2", "somers_d": "Somers' D"}
"""Measures of fit as people read them."""

FIGURE_WORDS: Final[Mapping[str, str]] = {
    "spearman": "Spearman's rho",
    "kendall_tau_b": "Kendall's tau-b",
    "goodman_kruskal_gamma": "Goodman and Kruskal's gamma",
    "p_value": "p",
    "odds_ratio_std_error": "standard error of the odds ratio",
}
"""Figures whose names do not say what people call them; those of rank correlations among them."""


def named(variable: Variable) -> str:
    """Return a variable's label with its direction, which only the variable knows.

    Examples
    --------
    >>> from corrtip.data.catalogue import load_catalogue
    >>> named(load_catalogue()["infant_mortality"])
    'Infant mortality (higher = worse)'
    >>> named(load_catalogue()["cpi_pre2012"])
    'Corruption Perceptions Index (0-10, to 2011; higher = cleaner)'
    """
    if not variable.direction:
        return variable.label
    inner = variable.label.removesuffix(")") if variable.label.endswith(")") else ""
    return f"{inner}; {variable.direction})" if inner else f"{variable.label} ({variable.direction})"


def term_name(term: str, catalogue: Mapping[str, Variable]) -> str:
    """Return how people read a model's term: a variable, a level of one, a threshold or the intercept.

    Examples
    --------
    >>> from corrtip.data.catalogue import load_catalogue
    >>> catalogue = load_catalogue()
    >>> term_name("region[T.South Asia]", catalogue), term_name("2|2WL", catalogue)
    ('World Bank region, as drawn today: South Asia', 'Threshold 2|2WL')
    """
    if term in catalogue:
        return named(catalogue[term])
    variable, _, level = term.partition("[T.")
    if variable in catalogue:
        return f"{catalogue[variable].label}: {level.removesuffix(']')}"
    return f"Threshold {term}" if "|" in term else term


def tier_name(level: str) -> str:
    """Return how people read a tier.

    Examples
    --------
    >>> tier_name("2WL")
    'Tier 2 watch list'
    """
    return f"Tier {level.replace('WL', ' watch list')}"


def variant_name(name: str) -> str:
    """Return how people read a variant's name.

    Examples
    --------
    >>> variant_name("three_levels")
    'three levels'
    """
    return name.replace("_", " ")
