"""Are the lines parallel? Likelihood-ratio and score tests of one coefficient for all thresholds, any link."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from corrtip.errors import ModelError
from corrtip.models.kernel import evaluate
from corrtip.models.likelihood import embed, require_likelihood, score_statistic
from corrtip.models.relax import design_of, relaxed, with_nominal
from corrtip.models.termtests import ALL_TERMS, TermTests, chi_squared, columns_of_terms, parallel_remedy, term_table

if TYPE_CHECKING:
    from corrtip.models.design import Layout
    from corrtip.models.results import OrdinalFit

FloatArray = npt.NDArray[np.float64]


def nominal_test(fit: OrdinalFit) -> TermTests:
    """Test each location term for a coefficient per threshold, by likelihood ratio.

    Parameters
    ----------
    fit : OrdinalFit
        With three outcome levels or more; nominal and scale terms stay as they are.

    Returns
    -------
    TermTests
        ``table``: term, statistic, df, p_value, llf and aic of the larger model, p-values adjusted for the number of
        terms. By formula a factor is one term; from arrays each column is.

    Raises
    ------
    ModelError
        If there are two levels, no location term, or no likelihood (sampling weights, bias reduction).

    See Also
    --------
    R: ``ordinal::nominal_test``.

    Notes
    -----
    The statistic is ``2 (llf - llf of the fit)`` on ``K - 2`` degrees of freedom a column. Where the larger model
    separates some level its likelihood has a finite limit, which is used and noted.

    Examples
    --------
    >>> from corrtip.models.model import fit_arrays
    >>> y = [0, 0, 1, 1, 2, 2, 0, 1, 2, 1]
    >>> x = [[9], [8], [5], [6], [2], [5], [4], [3], [1], [7]]
    >>> nominal_test(fit_arrays(y, x, levels=["a", "b", "c"], names=["x"])).table["df"].item()
    1
    """
    estimate = fit.estimate
    _require_lines(fit, "nominal_test")
    rows, notes = [], []
    for term, columns in columns_of_terms(fit, "location").items():
        larger = relaxed(estimate, with_nominal(estimate.problem, columns))
        statistic = max(2.0 * (larger.llf - fit.llf), 0.0)
        df = larger.n_params - estimate.design.layout.size
        rows.append(chi_squared(term, statistic, df, llf=larger.llf, aic=2.0 * (larger.n_params - larger.llf)))
        if larger.note:
            notes.append(f"{term}: {larger.note}")
    table = term_table(rows)
    return TermTests(
        title=f"Parallel lines of {estimate.problem.outcome}, likelihood ratio, link {fit.link}",
        table=table,
        remedy=parallel_remedy(table),
        notes=tuple(notes),
    )


def parallel_score_test(fit: OrdinalFit) -> TermTests:
    """Test all location terms, and each, for a coefficient per threshold, by the score at the fit.

    One evaluation of the likelihood, no other fit.

    Parameters
    ----------
    fit : OrdinalFit
        With three outcome levels or more; nominal and scale terms stay as they are.

    Returns
    -------
    TermTests
        ``table``: term, statistic, df, p_value; first ``"(all)"``, then each term alone (the others
        stay parallel); p-values adjusted for the number of terms.

    Raises
    ------
    ModelError
        If there are two levels, no location term, or no likelihood (sampling weights, bias reduction).

    See Also
    --------
    SAS: "Score Test for the Proportional Odds Assumption" in PROC LOGISTIC.

    Notes
    -----
    ``s' I^- s`` with the score and the observed information of the model with all terms nominal, at the point where it
    equals the fit (``gamma_j = -beta``); asymptotically the likelihood ratio (Rao 1948; Peterson and Harrell 1990,
    who find it liberal where levels are thin). A generalised inverse serves where a level has no observation at some
    value: the score is zero there too, and the degrees of freedom count such parameters, as in SAS.

    Examples
    --------
    >>> from corrtip.models.model import fit_arrays
    >>> y = [0, 0, 1, 1, 2, 2, 0, 1, 2, 1]
    >>> x = [[9], [8], [5], [6], [2], [5], [4], [3], [1], [7]]
    >>> parallel_score_test(fit_arrays(y, x, levels=["a", "b", "c"], names=["x"])).table["term"].tolist()
    ['(all)', 'x']
    """
    estimate = fit.estimate
    _require_lines(fit, "parallel_score_test")
    small = estimate.design.layout
    design = design_of(with_nominal(estimate.problem, range(small.n_location)))
    at = embed(estimate.design, estimate.maximum.params[0], design, "parallel_score_test")
    there = evaluate(design, estimate.link, at[None], estimate.problem.weights[design.order][None])
    score, information = there.score[0], there.information[0]
    rows, singular = [], False
    for term, columns in {ALL_TERMS: list(range(small.n_location)), **columns_of_terms(fit, "location")}.items():
        free = _directions(design.layout, small, columns)
        statistic, full_rank = score_statistic(free.T @ score, free.T @ information @ free)
        rows.append(chi_squared(term, statistic, len(columns) * (small.n_thresholds - 1)))
        singular = singular or not full_rank
    table = term_table(rows)
    return TermTests(
        title=f"Parallel lines of {estimate.problem.outcome}, score test, link {fit.link}",
        table=table,
        remedy=parallel_remedy(table),
        notes=(_SINGULAR,) if singular else (),
    )


_SINGULAR = (
    "the information of the larger model is singular, as where a level has no observation at some value; "
    "the degrees of freedom count all parameters"
)


def has_lines(fit: OrdinalFit) -> bool:
    """Return whether parallel lines are an assumption of the fit, and one that its likelihood can test."""
    estimate = fit.estimate
    has_likelihood = estimate.problem.weight_type == "frequency" and estimate.method == "refuse"
    return has_likelihood and len(fit.levels) > 2 and estimate.design.layout.n_location > 0


def _require_lines(fit: OrdinalFit, question: str) -> None:
    require_likelihood(fit.estimate, question)
    if len(fit.levels) < 3:
        raise ModelError(question, "two levels, hence one line", expected="three levels or more")
    if not fit.estimate.design.layout.n_location:
        raise ModelError(question, "no location term", expected="a term with one coefficient for all thresholds")


def _directions(large: Layout, small: Layout, columns: list[int]) -> FloatArray:
    """Return the matrix whose columns span the model in which only the location ``columns`` are free by threshold."""
    k, old = small.n_thresholds, small.n_nominal
    moved = np.arange(large.nominal.start + old * k, large.nominal.stop).reshape(-1, k)
    bound = [column for column in range(small.n_location) if column not in columns]
    together = np.zeros((large.size, len(bound)))
    for place, column in enumerate(bound):
        together[moved[column], place] = 1.0
    own = np.setdiff1d(np.arange(large.size), moved[bound].ravel())
    return np.concatenate([np.eye(large.size)[:, own], together], axis=1)
