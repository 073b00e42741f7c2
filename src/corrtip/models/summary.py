"""A fitted model as a page of plain text."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import pandas as pd

from corrtip.models.parallel import has_lines, parallel_score_test

if TYPE_CHECKING:
    from corrtip.models.results import OrdinalFit

_WIDTH = 94


class Summary(str):
    """A page of text that a notebook or prompt shows as it stands."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def summary_text(fit: OrdinalFit) -> Summary:
    """Return the summary of a fitted model: how it was made, coefficients, thresholds, and how to read the signs."""
    table = fit.tidy()
    is_threshold = table["term"] == table["level"]
    facts = [
        ("Outcome", fit.estimate.problem.outcome),
        ("Levels", " < ".join(fit.levels)),
        ("Link", fit.link),
        ("Estimates", "maximum likelihood" if fit.estimate.method == "refuse" else "mean bias reduction"),
        ("Covariance", fit.cov_type),
        ("Observations", f"{fit.nobs:g}"),
        ("Log-likelihood", f"{fit.llf:.4f}"),
        ("Null log-likelihood", f"{fit.llnull:.4f}"),
        ("McFadden R2", f"{fit.prsquared:.4f}"),
        ("LR chi2", f"{fit.llr:.3f} on {fit.df_model} df, p = {fit.llr_pvalue:.4g}"),
        ("AIC, BIC", f"{fit.aic:.3f}, {fit.bic:.3f}"),
    ]
    lines_test = parallel_score_test(fit) if has_lines(fit) else None
    if lines_test is not None:
        every = lines_test.table.iloc[0]
        found = f"score test {every['statistic']:.3f} on {every['df']} df, p = {every['p_value']:.4g}"
        facts.append(("Parallel lines", found))
    lines = ["Cumulative link model".center(_WIDTH), "=" * _WIDTH]
    lines += [f"{label:<22}{value}" for label, value in facts]
    lines += ["-" * _WIDTH, *_rows(table[~is_threshold], "Coefficients")]
    lines += ["-" * _WIDTH, *_rows(table[is_threshold], "Thresholds"), "=" * _WIDTH]
    lines.append(f"A positive coefficient moves {fit.estimate.problem.outcome} towards {fit.levels[-1]}.")
    if fit.estimate.problem.nominal_names:
        lines.append("A nominal coefficient (one a threshold) has the opposite sign: it moves the threshold itself.")
    if lines_test is not None and lines_test.remedy:
        lines += textwrap.wrap(lines_test.remedy, _WIDTH)
    return Summary("\n".join(lines))


def _rows(table: pd.DataFrame, heading: str) -> list[str]:
    numbers = ["estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high"]
    names = ["estimate", "std. error", "z", "P>|z|", "[0.025", "0.975]"]
    lines = [f"{heading:<28}" + "".join(f"{name:>11}" for name in names)]
    for row in table.itertuples():
        label = row.term if pd.isna(row.level) or row.level == row.term else f"{row.term} [{row.level}]"
        values = [getattr(row, name) for name in numbers]
        lines.append(
            f"{label!s:<28.28}" + "".join(_number(value, name) for value, name in zip(values, numbers, strict=True))
        )
    return lines


def _number(value: float, name: str) -> str:
    return f"{value:>11.3f}" if name in ("statistic", "p_value") else f"{value:>11.4g}"
