"""Does the spread of the latent scale differ with a term? A likelihood-ratio test of each, any link."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from corrtip.errors import ModelError
from corrtip.models.likelihood import require_likelihood
from corrtip.models.relax import relaxed, with_scale
from corrtip.models.termtests import TermTests, chi_squared, columns_of_terms, failing_terms, term_table

if TYPE_CHECKING:
    from corrtip.models.results import OrdinalFit


def scale_test(fit: OrdinalFit) -> TermTests:
    """Test each location and nominal term for an effect on the spread as well, by likelihood ratio.

    Parameters
    ----------
    fit : OrdinalFit
        With three outcome levels or more: with two the spread cannot be told from the location.

    Returns
    -------
    TermTests
        ``table``: term, statistic, df, p_value, llf and aic of the larger model, p-values adjusted for the number of
        terms. Terms that the scale has already are left out.

    Raises
    ------
    ModelError
        If there are two levels, no term to add, or no likelihood (sampling weights, bias reduction).

    See Also
    --------
    R: ``ordinal::scale_test``.

    Notes
    -----
    The statistic is ``2 (llf - llf of the fit)`` on one degree of freedom a column.

    Examples
    --------
    >>> from corrtip.models.model import fit_arrays
    >>> y = [0, 0, 1, 1, 2, 2, 0, 1, 2, 1]
    >>> x = [[9], [8], [5], [6], [2], [5], [4], [3], [1], [7]]
    >>> scale_test(fit_arrays(y, x, levels=["a", "b", "c"], names=["x"])).table["df"].item()
    1
    """
    estimate, problem = fit.estimate, fit.estimate.problem
    require_likelihood(estimate, "scale_test")
    if len(fit.levels) < 3:
        raise ModelError("scale_test", "two levels", expected="three levels or more")
    has = columns_of_terms(fit, "scale")
    rows, notes = [], []
    for part, matrix, names in (
        ("location", problem.location, problem.location_names),
        ("nominal", problem.nominal, problem.nominal_names),
    ):
        for term, columns in columns_of_terms(fit, part).items():
            if term in has:
                continue
            larger = relaxed(estimate, with_scale(problem, matrix[:, columns], np.take(names, columns).tolist()))
            statistic = max(2.0 * (larger.llf - fit.llf), 0.0)
            df = larger.n_params - estimate.design.layout.size
            rows.append(chi_squared(term, statistic, df, llf=larger.llf, aic=2.0 * (larger.n_params - larger.llf)))
            if larger.note:
                notes.append(f"{term}: {larger.note}")
    if not rows:
        raise ModelError("scale_test", "no term to add", expected="a location or nominal term that is not in the scale")
    table = term_table(rows)
    return TermTests(
        title=f"Spread of {problem.outcome}, likelihood ratio, link {fit.link}",
        table=table,
        remedy=_remedy(failing_terms(table)),
        notes=tuple(notes),
    )


def _remedy(failing: tuple[str, ...]) -> str:
    if not failing:
        return ""
    return f'The spread differs at the 5 % level with {", ".join(failing)}. Fit scale="~ {" + ".join(failing)}".'
