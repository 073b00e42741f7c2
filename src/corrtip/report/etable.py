"""Regression tables side by side: what several fits estimated, laid out for a paper."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, get_args

import pandas as pd

from corrtip.errors import ReportError, nearest
from corrtip.estimate import LinearFit
from corrtip.models.mixed import MixedFit
from corrtip.models.results import OrdinalFit
from corrtip.report.formats import Below, format_decimals, format_number
from corrtip.report.tables import Table

_LOCATION: Final = "Coefficients"
_NOMINAL: Final = "Coefficients by threshold"
_SCALE: Final = "Logarithm of the spread"
_RANDOM: Final = "Random intercepts, standard deviation"
_THRESHOLDS: Final = "Thresholds"
_SECTIONS: Final = (_LOCATION, _NOMINAL, _SCALE, _RANDOM, _THRESHOLDS)

_FIT: Final = (
    ("n", "n", "count"),
    ("groups", "Groups", "count"),
    ("llf", "Log-likelihood", "loglik"),
    ("mcfadden_r2", "McFadden's R2", "r2"),
    ("r2", "R2", "r2"),
    ("estimator", "Estimator", ""),
    ("link", "Link", ""),
    ("cov_type", "Covariance", ""),
)
_BELOW: Final[Mapping[Below, str]] = {
    "std_error": "Standard errors in parentheses.",
    "interval": "95 % confidence intervals in brackets.",
    "p_value": "p-values in parentheses.",
}
# In a cell, where long words would widen every column.
_SHORT: Final = {"maximum likelihood": "ML", "least squares": "OLS"}
_STARS: Final = ((0.001, "***"), (0.01, "**"), (0.05, "*"))
# Beyond this many decimals a coefficient wants another unit, not more digits.
_MOST_DECIMALS: Final = 12


@dataclass(frozen=True, slots=True)
class _Key:
    section: str
    term: str
    level: str


@dataclass(frozen=True, slots=True)
class _Entry:
    estimate: float
    std_error: float
    p_value: float
    conf_low: float
    conf_high: float


def etable(
    fits: Sequence[OrdinalFit | MixedFit | LinearFit],
    *,
    models: Sequence[str] | None = None,
    labels: Mapping[str, str] | None = None,
    caption: str = "Estimates and standard errors",
    note: str = "",
    digits: int = 3,
    stars: bool = False,
    below: Below = "std_error",
) -> Table:
    """Return regression results side by side: a column for each fit, a row for each parameter.

    Parameters
    ----------
    fits : sequence of OrdinalFit, MixedFit or LinearFit
        What ``ct.clm`` or ``ct.fit`` returned.
    models : sequence of str, optional
        The column heads, one a fit; ``(1)``, ``(2)`` and so on if not given.
    labels : mapping of str to str, optional
        How terms and thresholds are printed; the others keep their names.
    caption : str
    note : str
        Said below the table, after what the table says itself.
    digits : int
        Decimals of estimates and standard errors. A row has more where its smallest standard error would otherwise
        show fewer than two significant digits.
    stars : bool
        Whether to mark p-values below .05, .01 and .001.
    below : {"std_error", "interval", "p_value"}
        What stands below each estimate: its standard error, 95 % interval or p-value. Thresholds have no p-value.

    Returns
    -------
    Table
        ``.to("latex")``, also html, docx, typst and markdown; ``.save("models.docx")`` writes by suffix. A notebook
        shows it.

    Raises
    ------
    ReportError
        If there is no fit, a fit is of another kind, there is not one column head a fit, or ``below`` is not known.

    Notes
    -----
    Estimates and standard errors are those of ``fit.tidy()``. Intervals are Wald's, or Student's for
    least squares. Coefficients come first, then nominal ones by threshold, the scale, the random intercepts, and the
    thresholds by themselves: they have a scale of their own and no hypothesis worth a test. An empty cell is a
    parameter that the model does not have. Estimator, link and covariance stand in the note where all columns share
    them.

    Examples
    --------
    >>> import pandas as pd
    >>> from corrtip.models.model import clm
    >>> data = pd.DataFrame({"y": pd.Categorical(list("aabbbaab"), ordered=True), "x": [1, 2, 3, 4, 5, 6, 7, 8]})
    >>> for row in etable([clm("y ~ x", data)], labels={"x": "Dose"}).rows[:5]:
    ...     print(row)
    ('Coefficients', '')
    ('Dose', '0.196')
    ('', '(0.322)')
    ('Thresholds', '')
    ('a|b', '0.882')
    """
    _check(fits, models, digits, below)
    found = [_entries(fit) for fit in fits]
    keys = list(dict.fromkeys(key for entries in found for key in entries))
    rows: list[tuple[str, ...]] = []
    for section in _SECTIONS:
        held = [key for key in keys if key.section == section]
        if held:
            rows.append(_head(section, len(fits)))
        for key in held:
            across = [entries.get(key) for entries in found]
            tested = section != _THRESHOLDS
            lines = [_estimates(across, digits, stars=stars and tested)]
            if tested or below != "p_value":
                lines.append(_below(across, digits, below))
            rows += [(name, *line) for name, line in zip((_printed(key, labels or {}), ""), lines, strict=False)]
    fit_rows, same = _fit_rows(fits)
    said = [*_notes(fits, {key.section for key in keys}, stars=stars, below=below), same, note]
    return Table(
        caption=caption,
        columns=("", *(models or (f"({place})" for place in range(1, len(fits) + 1)))),
        align="l" + "r" * len(fits),
        rows=(*rows, *fit_rows),
        note=" ".join(filter(None, said)),
    )


def _check(fits: Any, models: Sequence[str] | None, digits: int, below: str) -> None:
    kinds = (OrdinalFit, MixedFit, LinearFit)
    if isinstance(fits, kinds):
        raise ReportError("etable, fits", "one fit", expected="a list of fits", mend="Write etable([fit])")
    if not fits:
        raise ReportError("etable, fits", "none", expected="one or more")
    for place, fit in enumerate(fits, start=1):
        if not isinstance(fit, kinds):
            names = ", ".join(kind.__name__ for kind in kinds)
            raise ReportError(f"etable, fit {place}", f"a {type(fit).__name__}", expected=f"one of {names}")
    if isinstance(models, str) or (models is not None and len(models) != len(fits)):
        seen = "a text" if isinstance(models, str) else f"{len(models)} column heads"
        raise ReportError("etable, models", seen, expected=f"a list of {len(fits)}, one a fit")
    if digits < 0:
        raise ReportError("etable, digits", f"{digits}", expected="zero or more")
    known = get_args(Below)
    if below not in known:
        raise ReportError(
            "etable, below", f'"{below}"', expected=f"one of {', '.join(known)}", mend=nearest(below, known)
        )


def _entries(fit: OrdinalFit | MixedFit | LinearFit) -> dict[_Key, _Entry]:
    table = fit.tidy()
    columns = (table[name] for name in ("term", "level", *_Entry.__slots__))
    return {
        _Key(section, str(term), "" if pd.isna(level) else str(level)): _Entry(*figures)
        for section, (term, level, *figures) in zip(_sections(fit), zip(*columns, strict=True), strict=True)
    }


def _sections(fit: OrdinalFit | MixedFit | LinearFit) -> list[str]:
    # By place and not by name: a column may be called like a threshold.
    if isinstance(fit, LinearFit):
        return [_LOCATION] * len(fit.params)
    layout = _ordinal(fit).estimate.design.layout
    nominal = layout.nominal.stop - layout.nominal.start
    ordered = [_THRESHOLDS] * layout.n_thresholds + [_NOMINAL] * nominal
    ordered += [_LOCATION] * (layout.n_location + layout.n_varying) + [_SCALE] * layout.n_scale
    return [*ordered, _RANDOM] if isinstance(fit, MixedFit) else ordered


def _ordinal(fit: OrdinalFit | MixedFit) -> OrdinalFit:
    return fit.fixed if isinstance(fit, MixedFit) else fit


def _printed(key: _Key, labels: Mapping[str, str]) -> str:
    if key.term in labels:
        name = labels[key.term]
    elif key.section in (_SCALE, _RANDOM):
        inner = key.term.partition("[")[2].removesuffix("]")
        name = labels.get(inner, inner)
    else:
        name = key.term
    return f"{name}, {labels.get(key.level, key.level)}" if key.section == _NOMINAL else name


def _estimates(across: Sequence[_Entry | None], digits: int, *, stars: bool) -> list[str]:
    decimals = _decimals(across, digits)
    return [
        format_decimals(entry.estimate, decimals) + (_star(entry.p_value) if stars else "") if entry else ""
        for entry in across
    ]


def _below(across: Sequence[_Entry | None], digits: int, below: Below) -> list[str]:
    decimals = _decimals(across, digits)
    return [_spread(entry, decimals, below) if entry else "" for entry in across]


def _spread(entry: _Entry, decimals: int, below: Below) -> str:
    match below:
        case "interval":
            return f"[{format_decimals(entry.conf_low, decimals)}, {format_decimals(entry.conf_high, decimals)}]"
        case "p_value":
            return f"({format_number(entry.p_value, 'p')})"
    return f"({format_decimals(entry.std_error, decimals)})"


def _decimals(across: Sequence[_Entry | None], digits: int) -> int:
    errors = (entry.std_error for entry in across if entry)
    smallest = min((error for error in errors if math.isfinite(error) and error > 0), default=1.0)
    return max(digits, min(_MOST_DECIMALS, 1 - math.floor(math.log10(smallest))))


def _star(p_value: float) -> str:
    return next((mark for limit, mark in _STARS if p_value < limit), "")


def _head(name: str, n_models: int) -> tuple[str, ...]:
    return (name, *("" for _ in range(n_models)))


def _fit_rows(fits: Sequence[OrdinalFit | MixedFit | LinearFit]) -> tuple[list[tuple[str, ...]], str]:
    """Return the rows of the fit, and what is the same in all columns and in words as a sentence."""
    lines = [{**fit.glance(), "estimator": _estimator(fit)} for fit in fits]
    rows, same = [_head("Fit", len(fits))], []
    for name, label, form in _FIT:
        cells = [_fit_cell(line.get(name), form) for line in lines]
        if form or len(set(cells)) > 1:
            rows += [(label, *(_SHORT.get(cell, cell) for cell in cells))] if any(cells) else []
        elif cells[0]:
            same.append(f"{label.lower()}: {cells[0]}")
    return rows, "; ".join(same).capitalize() + "." if same else ""


def _fit_cell(value: Any, form: str) -> str:
    if value is None:
        return ""
    return format_number(value, form) if form else str(value)


def _estimator(fit: OrdinalFit | MixedFit | LinearFit) -> str:
    if isinstance(fit, LinearFit):
        return "least squares"
    if isinstance(fit, MixedFit):
        return "Laplace" if fit.nodes == 1 else f"quadrature, {fit.nodes} points"
    return "maximum likelihood" if fit.estimate.method == "refuse" else "mean bias reduction"


def _notes(
    fits: Sequence[OrdinalFit | MixedFit | LinearFit], sections: set[str], *, stars: bool, below: Below
) -> list[str]:
    said = [_BELOW[below]]
    ordinal = [_ordinal(fit) for fit in fits if not isinstance(fit, LinearFit)]
    towards = dict.fromkeys((fit.estimate.problem.outcome, fit.levels[-1]) for fit in ordinal)
    said += [f"A positive coefficient moves {outcome} towards {level}." for outcome, level in towards]
    if _NOMINAL in sections:
        said.append("A coefficient by threshold has the opposite sign: it moves the threshold itself.")
    if len(ordinal) < len(fits):
        said.append("OLS: least squares on the number of the level, 1 for the first.")
    if stars:
        said.append("; ".join(f"{mark} p < {limit:g}".replace("0.", ".") for limit, mark in reversed(_STARS)) + ".")
    return said
