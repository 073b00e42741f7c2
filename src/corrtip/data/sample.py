"""From the panel and one specification to the sample of an analysis, with an account of every row that is not in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from corrtip.data.attrition import Attrition
from corrtip.data.column import Column
from corrtip.data.figures import STATUSES
from corrtip.data.panel import Panel, build_index
from corrtip.data.plan import Plan, Restriction, Term, build_plan
from corrtip.data.transforms import Transform
from corrtip.errors import SpecError
from corrtip.spec import Spec

THIN = 5
"""Fewer countries than this in a level of the outcome carry no claim about it."""

_NOT_LISTED = STATUSES.index("not_listed")
_SPECIAL_CASE = STATUSES.index("special_case")

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sample:
    """What a model is fitted to.

    Parameters
    ----------
    spec : Spec
        What was asked for.
    data : DataFrame
        Indexed by iso3 and year (of the outcome), sorted: the outcome as an ordered categorical from best to worst
        with the levels that occur, and each predictor after lag, transform and merge, under its variable's name.
    y : ndarray of int, shape (rows,)
        The outcome's level, 0 the best.
    x : DataFrame
        Design columns without intercept: numbers as they are, categories as treatment dummies ``region[T.South Asia]``
        against the first level of the catalogue that occurs.
    weights : ndarray of float, shape (rows,)
        Ones.
    clusters : ndarray of str, shape (rows,)
        The country.
    attrition : DataFrame
        step, reason, rows, countries, iso3: who is not in the sample and why, in the order of the losses.
    universe : int
        Country-years that exist; less the sum of ``attrition.rows`` it is the number of rows.
    thin_levels : mapping of str to int
        Levels of the outcome with fewer than five countries, with their number; a level that a report could give and
        that nobody in the sample has is among them, with 0.
    doubts : tuple of str
        What must be said beside every result: figures that their source's sidecar calls implausible, and reports that
        we hold in part only.
    """

    spec: Spec
    data: pd.DataFrame
    y: NDArray[np.intp]
    x: pd.DataFrame
    weights: FloatArray
    clusters: NDArray[np.object_]
    attrition: pd.DataFrame
    universe: int
    thin_levels: Mapping[str, int]
    doubts: tuple[str, ...]

    @property
    def levels(self) -> tuple[str, ...]:
        """The levels of the outcome that occur, best to worst."""
        return tuple(self.data[self.spec.outcome].cat.categories)


def build_sample(panel: Panel, spec: Spec) -> Sample:
    """Return the sample that ``spec`` describes.

    Parameters
    ----------
    panel : Panel
        The figures.
    spec : Spec
        The model.

    Raises
    ------
    SpecError
        If the specification cannot be met (`build_plan`), no row is left, the outcome has one level left, or a
        predictor is constant.

    Notes
    -----
    The universe are the countries that exist in the outcome's years. Rows are lost in a fixed order: the outcome, the
    restrictions of ``spec.sample``, then the predictors, focal first; a row is counted at the first step that loses it.

    A lag of k joins the figure filed under year Y - k to the outcome of year Y; without one the value is missing.
    Transforms within a year are taken over all countries published in the figure's year, whether or not they are in the
    sample, so that the same country has the same rank in every sample.

    Examples
    --------
    >>> from corrtip.data.panel import load_panel
    >>> spec = Spec(outcome="tier", focal="cpi_pre2012", years=(2005, 2005))
    >>> build_sample(load_panel(), spec).levels
    ('1', '2', '2WL', '3')
    """
    plan = build_plan(spec, panel.catalogue)
    country, year = panel.universe(spec.years)
    rows = _Rows(panel, country, year)
    outcome = _outcome(rows, plan.outcome, spec)
    for restriction in plan.restrictions:
        _restrict(rows, restriction, outcome if restriction.term is plan.outcome else None)
    predictors = [_predictor(rows, term) for term in plan.predictors]
    kept = rows.account.kept
    if not kept.any():
        raise _nothing_left(spec, rows.account.table())
    index = build_index(panel, country[kept], year[kept])
    y, levels = _present(outcome[kept], plan.outcome.levels)
    if len(levels) < 2:
        raise SpecError(
            f"Spec.outcome {spec.outcome}",
            f'every one of {kept.sum()} rows is in level "{levels[0]}"',
            expected="at least two levels",
            mend="Widen the sample or the years",
        )
    categories = pd.Categorical.from_codes(y, categories=list(levels), ordered=True)
    data, x = _tables(plan, [values[kept] for values in predictors], index, categories)
    iso3 = np.array(panel.iso3, dtype=object)[country[kept]]
    return Sample(
        spec=spec,
        data=data,
        y=y,
        x=x,
        weights=np.ones(len(y)),
        clusters=iso3,
        attrition=rows.account.table(),
        universe=len(country),
        thin_levels=_thin(plan.outcome, spec, outcome[kept], country[kept]),
        doubts=_doubts(rows, plan, kept),
    )


class _Rows:
    """The country-years of the universe, what the panel says of them, and the account of those lost."""

    def __init__(self, panel: Panel, country: NDArray[np.intp], year: NDArray[np.int64]) -> None:
        self.panel, self.country, self.year = panel, country, year
        self.account = Attrition(panel.iso3, country, year)

    def read(self, term: Term) -> tuple[Column, FloatArray, NDArray[np.int8]]:
        """Return the column of a term, and its values (places of merged levels) and status codes, lagged."""
        column = self.panel.column(term.name, term.vintage)
        values, status = column.at(self.country, self.year - term.lag)
        return column, _merge(values, term), status


def _merge(values: FloatArray, term: Term) -> FloatArray:
    if not term.levels:
        return values
    places = np.array([*term.merged, np.nan])  # the last answers for -1: no level
    return np.asarray(places[np.where(np.isnan(values), -1, values).astype(np.intp)])


def _outcome(rows: _Rows, term: Term, spec: Spec) -> FloatArray:
    _, values, status = rows.read(term)
    if spec.special_cases != "drop":
        possible = term.levels_in(spec.years[0])  # the same in all years: the plan has seen to it
        level = possible[-1] if spec.special_cases == "worst" else possible[0]
        values[status == _SPECIAL_CASE] = term.levels.index(level)
    rows.account.lose(term.name, np.isnan(values), status, lambda year, cause: _why_no_outcome(term, year, cause))
    return values


def _restrict(rows: _Rows, restriction: Restriction, known: FloatArray | None) -> None:
    term = restriction.term
    _, read, status = rows.read(term)
    values = read if known is None else known
    rows.account.lose(term.name, np.isnan(values), status, lambda year, cause: _why_missing(term, year, cause))
    wanted = [term.levels.index(level) for level in restriction.levels]
    reason = f"{term.name} is not {' or '.join(restriction.levels)}"
    rows.account.lose(term.name, ~np.isin(values, wanted), np.zeros(len(values), dtype=np.int8), lambda *_: reason)


def _predictor(rows: _Rows, term: Term) -> FloatArray:
    column, values, status = rows.read(term)
    transform = term.transform
    if transform is not None and transform.within_year:
        values = _within_year(rows, transform, column, rows.year - term.lag)
    elif transform is not None:
        values = transform.apply(np.where(rows.account.kept, values, np.nan))
    rows.account.lose(term.name, np.isnan(values), status, lambda year, cause: _why_missing(term, year, cause))
    return values


def _within_year(rows: _Rows, transform: Transform, column: Column, year: NDArray[np.int64]) -> FloatArray:
    values = np.full(len(year), np.nan)
    for place in np.unique(year - column.first_year):
        if 0 <= place < column.numbers.shape[1]:
            here = year - column.first_year == place
            values[here] = transform.apply(column.numbers[:, place])[rows.country[here]]
    return values


def _why_no_outcome(term: Term, year: int, cause: int) -> str:
    report = f"the {term.variable.listed_in or term.variable.label} of {year}"
    if cause == _NOT_LISTED:
        return f"not listed in {report}"
    if cause == _SPECIAL_CASE:
        return f"special case in {report}"
    return f"{term.shown} of {year} missing"


def _why_missing(term: Term, year: int, cause: int) -> str:
    return f"{term.shown} of {year - term.lag} {'not published' if cause == _NOT_LISTED else 'missing'}"


def _present(values: FloatArray, levels: Sequence[str]) -> tuple[NDArray[np.intp], tuple[str, ...]]:
    places, codes = np.unique(values.astype(np.intp), return_inverse=True)
    return codes, tuple(levels[place] for place in places)


def _tables(
    plan: Plan, predictors: Sequence[FloatArray], index: pd.MultiIndex, outcome: pd.Categorical
) -> tuple[pd.DataFrame, pd.DataFrame]:
    data: dict[str, FloatArray | pd.Categorical] = {plan.outcome.name: outcome}
    x: dict[str, FloatArray] = {}
    for term, values in zip(plan.predictors, predictors, strict=True):
        if (values == values[0]).all():
            _refuse_constant(term, values)
        if not term.levels:
            data[term.name] = x[term.name] = values
            continue
        codes, levels = _present(values, term.levels)
        data[term.name] = pd.Categorical.from_codes(
            codes, categories=list(levels), ordered=term.variable.kind == "ordered"
        )
        for place, level in enumerate(levels[1:], start=1):
            x[f"{term.name}[T.{level}]"] = (codes == place).astype(np.float64)
    return pd.DataFrame(data, index=index), pd.DataFrame(x, index=index)


def _refuse_constant(term: Term, values: FloatArray) -> None:
    seen = f'level "{term.levels[int(values[0])]}"' if term.levels else f"{values[0]:g}"
    raise SpecError(
        f"Spec, {term.name}",
        f"it is {seen} in each of {len(values)} rows",
        expected="a predictor that varies in the sample",
        mend="Leave it out, or widen the sample",
    )


def _nothing_left(spec: Spec, account: pd.DataFrame) -> SpecError:
    worst = account.sort_values("rows", ascending=False, kind="stable").head(3)
    lost = "; ".join(f"{line.rows} rows: {line.reason}" for line in worst.itertuples())
    return SpecError(
        f"Spec {spec.id}",
        f"no row is left. {lost}",
        expected="at least one country with all figures",
        mend="Choose other years or vintages, or fewer predictors",
    )


def _thin(term: Term, spec: Spec, values: FloatArray, country: NDArray[np.intp]) -> dict[str, int]:
    counts = {}
    wanted = spec.sample.get(term.name, term.levels)  # levels that the restrictions leave out are not thin but absent
    for level in term.levels_in(spec.years[1]):
        if level in wanted:
            counts[level] = len(np.unique(country[values == term.levels.index(level)]))
    return {level: count for level, count in counts.items() if count < THIN}


def _doubts(rows: _Rows, plan: Plan, kept: NDArray[np.bool_]) -> tuple[str, ...]:
    found = []
    for term in (plan.outcome, *plan.predictors):
        column = rows.panel.column(term.name, term.vintage)
        for year in column.partial:
            if (kept & (rows.year == year + term.lag)).any():
                held = f"the {term.variable.listed_in} of {year}"
                found.append(f"{term.name}: we hold {held} in part only, which is no cross-section of all countries")
        for (iso3, year), why in column.doubts.items():
            place = rows.panel.iso3.index(iso3)
            if (kept & (rows.country == place) & (rows.year == year + term.lag)).any():
                found.append(f"{term.shown} of {iso3} in {year}: {why}")
    return tuple(found)
