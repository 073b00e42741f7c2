"""Many tests at once: p-values adjusted for their number."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd


def adjusted(p_values: npt.ArrayLike, families: npt.ArrayLike | None = None) -> pd.DataFrame:
    """Return p-values adjusted for the number of tests, beside one another.

    Parameters
    ----------
    p_values : array or Series, shape (tests,)
        A missing one is no test: it stays missing and does not count.
    families : array, shape (tests,), optional
        Which tests answer one question; each family is adjusted for its own number. All are one by default.

    Returns
    -------
    DataFrame
        p_holm: the chance that a family without any effect has one that small is at most that (Holm 1979), whatever
        the dependence between tests. p_bh: declaring what lies below a level leads to a share of false ones of at most
        that level on average, where tests are independent or positively dependent (Benjamini and Hochberg 1995). The
        index is that of a Series.

    See Also
    --------
    R: ``p.adjust``. statsmodels: ``multipletests``, which does the work.

    Examples
    --------
    >>> adjusted([0.01, 0.04, 0.03])["p_holm"].tolist()
    [0.03, 0.06, 0.06]
    """
    from statsmodels.stats.multitest import multipletests

    index = p_values.index if isinstance(p_values, pd.Series) else None
    values = np.asarray(p_values, dtype=float)
    family = np.zeros(len(values), dtype=np.intp) if families is None else pd.factorize(np.asarray(families))[0]
    found = {"p_holm": np.full(len(values), np.nan), "p_bh": np.full(len(values), np.nan)}
    for code in np.unique(family):
        tests = np.flatnonzero((family == code) & ~np.isnan(values))
        if len(tests):
            found["p_holm"][tests] = multipletests(values[tests], method="holm")[1]
            found["p_bh"][tests] = multipletests(values[tests], method="fdr_bh")[1]
    return pd.DataFrame(found, index=index)
