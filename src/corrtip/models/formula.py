"""From a formula to columns: formulaic parses, evaluates and codes what the whitelist passed; values are checked."""

from __future__ import annotations

import ast
import functools
import math
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from corrtip.errors import FormulaError, nearest
from corrtip.models.columns import (
    find_column,
    is_category,
    label,
    name_levels,
    name_rows,
    printable,
    read_levels,
    read_numbers,
    require_distinct,
    require_finite,
)
from corrtip.models.whitelist import (
    check_text,
    code_name,
    column_names,
    grammar_error,
    intercept_error,
    read_formula,
    spell,
)

if TYPE_CHECKING:
    from formulaic import ModelMatrix, ModelSpec
    from formulaic.materializers import PandasMaterializer
    from formulaic.parser.types import Term

FloatArray = npt.NDArray[np.float64]

# Limits, each far above what a regression needs and far below what would stall a machine.
MAX_TERMS = 200
MAX_COLUMNS = 2_000
MAX_CATEGORIES = 6
MAX_SUBSETS = 1_024

MATRIX_ROWS = 250_000
"""Columns are made of so many rows at a time: what formulaic holds beside them would else outweigh large data."""

_OUTCOME = re.compile(r"\s*(?:`([^`]+)`|([^\W\d][\w.]*))\s*~\s*([^~\s].*)", re.S)


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """One factor of a term: a column or a call.

    Parameters
    ----------
    text : str
        Its spelling in names of columns.
    node : ast.expr
        The checked expression.
    levels : tuple of str or None
        Levels seen in the fit, reference first; None where the factor is a number.
    """

    text: str
    node: ast.expr
    levels: tuple[str, ...] | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the data that it uses."""
        return column_names(self.node)

    @property
    def steps(self) -> list[ast.expr]:
        """What is computed for it, innermost first; nothing for a column or a category."""
        parts = [] if self.levels else reversed(list(ast.walk(self.node)))
        return [part for part in parts if isinstance(part, ast.BinOp | ast.UnaryOp | ast.Call) and column_names(part)]

    def read(self, data: pd.DataFrame, argument: str) -> dict[str, FloatArray | pd.Categorical]:
        """Return what formulaic needs of the data: the numbers by column, or the category coded as in the fit.

        Raises
        ------
        FormulaError
            If a level was not seen in the fit, or a value is missing or infinite.
        """
        columns = {name: find_column(data, name, argument) for name in self.columns}
        wheres = {name: f'{argument}, column "{name}"' for name in columns}
        if self.levels is None:
            known = code_name if isinstance(self.node, ast.Call) else str
            return {known(name): read_numbers(column, wheres[name]) for name, column in columns.items()}
        (column,), (where,) = columns.values(), wheres.values()
        given = read_levels(column, where)
        coded = given.set_categories(list(self.levels))
        unseen = coded.isna()
        if unseen.any():
            level = str(given[unseen][0])
            seen = f'{name_rows(column.index, unseen)}: level "{level}" was not seen in the fit'
            mend = nearest(level, self.levels) or "Leave those rows out, or fit with rows of that level"
            raise FormulaError(where, seen, expected=f"one of {name_levels(self.levels)}", mend=mend)
        return {self.text: coded}


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """One right-hand side made concrete, so that new data give the same columns.

    Build one with `build_terms`.

    Parameters
    ----------
    formula : str
        The right-hand side as given.
    argument : str
        The name by which errors call it.
    names : tuple of str
        Names of the columns, without intercept.
    term_names : tuple of str
        The term of each column.
    columns : tuple of str
        The columns of the data that it uses.
    factors : tuple of Factor
    steps, spec : formulaic.ModelSpec
        Each transform and what is inside it; the terms. With what they remember of the fit.
    kept : tuple of int
        Which columns of ``spec`` are columns here: neither the intercept nor dropped terms.
    """

    formula: str
    argument: str
    names: tuple[str, ...]
    term_names: tuple[str, ...]
    columns: tuple[str, ...]
    factors: tuple[Factor, ...] = field(repr=False)
    steps: ModelSpec = field(repr=False)
    spec: ModelSpec = field(repr=False)
    kept: tuple[int, ...] = field(repr=False)

    def matrix(self, data: pd.DataFrame) -> FloatArray:
        """Return the columns that ``data`` give, shape (rows, columns); training and new data alike.

        Raises
        ------
        FormulaError
            If a column is missing, a level was not seen in the fit, or a value is missing or infinite, in the data
            or after a transform.
        """
        matrix = np.empty((len(data), len(self.kept)))
        for start in range(0, max(len(data), 1), MATRIX_ROWS):
            part = data.iloc[start : start + MATRIX_ROWS]
            materializer, _ = _transform(self.factors, part, self.argument, self.steps)
            full = np.asarray(_run(materializer, self.spec, self.argument), dtype=np.float64)
            _let_go(materializer)
            np.take(full, self.kept, axis=1, out=matrix[start : start + MATRIX_ROWS])
        for name, column in zip(self.names, matrix.T, strict=True):
            require_finite(column, data.index, f'{self.argument}, column "{name}"', mend="Leave those rows out")
        return matrix


def parse_formula(formula: str) -> tuple[str, str]:
    """Return the outcome's column and the right-hand side of ``formula``.

    Raises
    ------
    FormulaError
        If there is no ``~``, nothing right of it, or the outcome is not a plain column.

    Examples
    --------
    >>> parse_formula("tier ~ cpi + infant_mortality")
    ('tier', 'cpi + infant_mortality')
    """
    text = check_text(formula, "formula")
    found = _OUTCOME.fullmatch(text)
    if found:
        return found[1] or found[2], found[3].strip()
    left, tilde, right = (part.strip() for part in text.partition("~"))
    seen = f'{"two" if right else "nothing right of" if tilde else "no"} ~ in "{printable(text)}"'
    if right and not right.startswith("~"):
        seen = f'the outcome "{printable(left)}" is not a plain column'
    expected = '"outcome ~ terms" with the outcome a column, and "outcome ~ 1" for no term'
    mend = "Transform the outcome in the data; put backticks around a name with spaces"
    raise FormulaError("formula", seen, expected=expected, mend=mend)


def build_terms(
    right_hand_side: str, data: pd.DataFrame, *, argument: str = "formula", drop: Collection[str] = ()
) -> Terms:
    """Return the columns that a right-hand side gives for ``data``.

    Parameters
    ----------
    right_hand_side : str
        Terms joined by ``+ - * / : ** ^`` and parentheses, with or without a leading ``~``; ``"~ 1"`` gives no
        columns. Names are columns (in backticks if they are not plain words); calls are those of the whitelist.
    data : DataFrame
    argument : str
        What errors call it.
    drop : collection of str
        Terms to leave out once the columns are coded: those with a coefficient for each threshold.

    Returns
    -------
    Terms

    Raises
    ------
    FormulaError
        If the text uses what is not allowed, or the data cannot be represented.

    Notes
    -----
    The intercept is coded and then left out, as in R's clm: the thresholds take its place. Text and categorical
    columns get treatment contrasts against their first level (sorted text, declared order of a Categorical;
    levels without rows do not count). ``cr`` is centred and ``bs`` has no intercept. Columns that depend on each
    other, as of a spline with more knots than the values carry, are for the fit to refuse.

    Examples
    --------
    >>> data = pd.DataFrame({"cpi": [2.0, 5.0, 9.0], "region": ["Asia", "Africa", "Asia"]})
    >>> build_terms("cpi + region", data).names
    ('cpi', 'region[T.Asia]')
    """
    text = check_text(right_hand_side, argument).strip().removeprefix("~").strip()
    terms, factors = _read(text, data, argument)
    if not len(data):
        raise FormulaError(argument, "the data have no rows", expected="at least one row")
    materializer, steps = _transform(factors, data, argument)
    _limit_columns(terms, factors, steps, argument)
    if len(data) > MATRIX_ROWS:  # what is remembered of all rows is known by now: the names of columns need few
        _let_go(materializer)
        materializer, _ = _transform(factors, data.iloc[:MATRIX_ROWS], argument, steps)
    spec = _run(materializer, _model_spec(terms), argument).model_spec
    _let_go(materializer)
    places = {place: _name(term) for term, span in spec.term_indices.items() for place in span}
    left_out = [["1"], *(sorted(name.split(":")) for name in drop)]
    kept = tuple(place for place, name in places.items() if sorted(name.split(":")) not in left_out)
    names = tuple(spell(spec.column_names[place]) for place in kept)
    require_distinct(names, "columns", argument)
    return Terms(
        formula=right_hand_side,
        argument=argument,
        names=names,
        term_names=tuple(places[place] for place in kept),
        columns=tuple(dict.fromkeys(name for factor in factors for name in factor.columns)),
        factors=factors,
        steps=steps,
        spec=spec,
        kept=kept,
    )


def _read(text: str, data: pd.DataFrame, argument: str) -> tuple[list[Term], tuple[Factor, ...]]:
    """Return the terms and the factors in them; formulaic looks up columns and categories, and evaluates the rest."""
    tree, found = read_formula(text, argument)
    read = {ast.dump(node): _read_factor(node, data, argument) for _, node in found}
    require_distinct(["1", *(factor.text for factor in read.values())], "factors", argument)
    for token, node in found:
        factor = read[ast.dump(node)]
        looked_up = factor.levels or isinstance(node, ast.Name)
        token.token, token.kind = (factor.text, "name") if looked_up else (ast.unparse(node), "python")
    terms = _expand(tree, text, argument)
    used = {spell(part.expr) for term in terms for part in term.factors}
    return terms, tuple(factor for factor in read.values() if factor.text in used)


def _read_factor(node: ast.expr, data: pd.DataFrame, argument: str) -> Factor:
    """Return a factor with the levels that the data show, if it is a category."""
    columns = [find_column(data, name, argument) for name in column_names(node)]
    text = spell(ast.unparse(node)) if isinstance(node, ast.Call) else str(columns[0].name)
    where = f'{argument}, column "{columns[0].name}"'
    if not (text.startswith("C(") if isinstance(node, ast.Call) else is_category(columns[0], where)):
        return Factor(text=text, node=node)
    levels = tuple(read_levels(columns[0], where).categories)
    if len(levels) < 2:
        raise FormulaError(where, f"one level only, {name_levels(levels)}", expected="two or more", mend="Leave it out")
    first = [label(part.value) for part in ast.walk(node) if isinstance(part, ast.Constant)]
    if first and first[0] not in levels:
        seen, mend = f'no row has the reference level "{first[0]}"', nearest(first[0], levels)
        raise FormulaError(where, seen, expected=f"one of {name_levels(levels)}", mend=mend)
    return Factor(text=text, node=node, levels=(*first, *(level for level in levels if level not in first)))


def _expand(tree: Any, text: str, argument: str) -> list[Term]:
    """Return the terms of a checked tree, which has an intercept and otherwise no number."""
    from formulaic.errors import FormulaicError
    from formulaic.parser import DefaultFormulaParser

    try:
        terms = list(DefaultFormulaParser().get_terms_from_ast(tree, context={}).root)
    except FormulaicError as error:
        raise grammar_error(argument, f'cannot read "{printable(text)}"') from error
    if len(terms) > MAX_TERMS:
        raise grammar_error(argument, f"{len(terms)} terms, which is more than {MAX_TERMS}")
    if all(term.degree for term in terms):
        raise intercept_error(argument, text)
    if any(0 < term.degree < len(term.factors) for term in terms):
        raise grammar_error(argument, f'the number 1 as part of a term of "{printable(text)}"')
    require_distinct([_name(term) for term in terms], "terms", argument)
    return terms


def _name(term: Term) -> str:
    return spell(":".join(factor.expr for factor in term.factors))


def _limit_columns(terms: list[Term], factors: Iterable[Factor], steps: ModelSpec, argument: str) -> None:
    """Refuse products that would fill the memory, or whose coding would not end.

    The coding of k categories in one term weighs each of their 2 ** k subsets against the others.
    """
    levels = {factor.text: len(factor.levels) for factor in factors if factor.levels}
    widths = {term.factors[0].expr: len(places) for term, places in steps.term_indices.items()} | levels
    columns = sum(math.prod(widths.get(part.expr, 1) for part in term.factors) for term in terms)
    categories = [sum(part.expr in levels for part in term.factors) for term in terms]
    subsets = sum(2**count for count in categories)
    if columns > MAX_COLUMNS or subsets > MAX_SUBSETS or max(categories) > MAX_CATEGORIES:
        seen = f"too many columns ({columns}) or combinations of categories ({subsets}, {max(categories)} in a term)"
        expected = f"at most {MAX_COLUMNS} ({MAX_SUBSETS}, {MAX_CATEGORIES})"
        mend = "Leave out products of the highest order, or join rare levels"
        raise FormulaError(argument, seen, expected=expected, mend=mend)


def _model_spec(terms: Iterable[Term]) -> ModelSpec:
    from formulaic import ModelSpec, SimpleFormula

    return ModelSpec(formula=SimpleFormula(terms), na_action="ignore", output="numpy")


def _transform(
    factors: Iterable[Factor], data: pd.DataFrame, argument: str, spec: ModelSpec | None = None
) -> tuple[PandasMaterializer, ModelSpec]:
    """Evaluate all transforms, each step of which must be finite: a later step can hide that an earlier one is not."""
    from formulaic.materializers import PandasMaterializer
    from formulaic.parser.types import Factor as Evaluated
    from formulaic.parser.types import Term

    values = {name: value for factor in factors for name, value in factor.read(data, argument).items()}
    frame = pd.DataFrame(values, index=pd.RangeIndex(len(data)))
    steps = {ast.unparse(part): column_names(part) for factor in factors for part in factor.steps}
    spec = spec or _model_spec([Term([Evaluated(step, eval_method="python")]) for step in steps])
    materializer = PandasMaterializer(frame, context=_functions())
    matrix = _run(materializer, spec, argument)
    results = np.asarray(matrix, dtype=np.float64)
    for (step, names), place in zip(steps.items(), matrix.model_spec.term_slices.values(), strict=True):
        mend = "Leave those rows out or transform otherwise; a row whose transform is missing is not dropped for you"
        if step.startswith(("bs(", "cr(")):
            mend = 'Give the spline extrapolation="extend" or "clip", or wider bounds'
        used = {name: frame[code_name(name)] for name in names}
        require_finite(results[:, place], data.index, f'{argument}, "{spell(step)}"', mend=mend, used=used)
    for step, state in matrix.model_spec.transform_state.items():
        knots = state.get("knots", [])
        if list(knots) != sorted(knots):  # of which formulaic makes columns that are no spline
            raise FormulaError(
                f'{argument}, "{spell(step)}"', f"knots {knots}", expected="rising knots between the bounds"
            )
    return materializer, matrix.model_spec


def _run(materializer: PandasMaterializer, spec: ModelSpec, argument: str) -> ModelMatrix:
    from formulaic.errors import FormulaicError

    try:
        with np.errstate(all="ignore"):
            return materializer.get_model_matrix(spec)
    except FormulaicError as error:
        raise FormulaError(argument, spell(str(error)), expected="options that the values allow") from error


def _let_go(materializer: PandasMaterializer) -> None:
    """Free the data that a materializer holds: its own closures hold it, until Python next looks for cycles."""
    vars(materializer.layered_context).clear()
    vars(materializer).clear()


@functools.cache
def _functions() -> dict[str, Callable[..., Any]]:
    """Return what formulaic lacks of the functions of the whitelist, or has with other defaults."""
    from formulaic.materializers.types import FactorValues
    from formulaic.transforms import basis_spline, natural_cubic_spline, poly

    @functools.wraps(poly)
    def by_degree(x: Any, *args: Any, **options: Any) -> Any:
        columns = np.asarray(poly(x, *args, **options)).T
        return FactorValues(dict(enumerate(columns, start=1)), kind="numerical", format="{name}[{field}]")

    def with_default(spline: Callable[..., Any], **default: Any) -> Any:
        return functools.update_wrapper(functools.partial(spline, **default), spline)

    return {
        "abs": np.abs,
        "log1p": np.log1p,
        "sqrt": np.sqrt,
        "poly": by_degree,
        "bs": with_default(basis_spline, extrapolation="na"),  # missing beyond the bounds, and so refused by row
        "cr": with_default(natural_cubic_spline, constraints="center"),
    }
