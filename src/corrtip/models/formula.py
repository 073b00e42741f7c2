"""From a formula to columns: names and calls are checked and evaluated here; formulaic runs no text of a user."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from corrtip.errors import FormulaError, nearest

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.intp]

# Limits, each far above what a regression needs and far below what would stall a machine.
MAX_TEXT = 5_000
MAX_TOKENS = 800
MAX_CALL_TEXT = 500
MAX_DEPTH = 40
MAX_TERMS = 200
MAX_EXPANSION = 20_000
MAX_COLUMNS = 2_000
MAX_CATEGORIES = 6
MAX_SUBSETS = 1_024
MAX_EXPONENT = 10
MAX_DF = 50
MAX_NUMBER = 1e15
# A numeric outcome with more distinct values than this is taken for a measurement, not for levels.
MAX_OUTCOME_LEVELS = 50

_ELEMENTWISE: Mapping[str, Any] = {
    "I": np.positive,
    "abs": np.abs,
    "exp": np.exp,
    "log": np.log,
    "log10": np.log10,
    "log1p": np.log1p,
    "log2": np.log2,
    "sqrt": np.sqrt,
}
_ARITHMETIC: Mapping[type[ast.AST], Any] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
    ast.Pow: np.power,
    ast.UAdd: np.positive,
    ast.USub: np.negative,
}
# Parameters after the first of each function that remembers its data, in the order in which they may be positional.
_REMEMBERING: Mapping[str, tuple[str, ...]] = {
    "center": (),
    "scale": (),
    "standardize": (),
    "poly": ("degree", "raw"),
    "bs": ("df", "knots", "degree", "lower_bound", "upper_bound", "extrapolation"),
    "cr": ("df", "knots", "lower_bound", "upper_bound", "constraints", "extrapolation"),
}
_BASES = ("poly", "bs", "cr")
FUNCTIONS = tuple(sorted([*_ELEMENTWISE, *_REMEMBERING, "C"]))

_OUTCOME = re.compile(r"\s*(?:`(?P<quoted>[^`]+)`|(?P<name>[^\W\d][\w.]*))\s*")
_TOKEN = re.compile(
    r"\s*(?:`(?P<quoted>[^`]+)`|(?P<name>[^\W\d][\w.]*)|(?P<number>\d[\w.]*)|(?P<operator>\*\*|[-+*/:^()]))\s*"
)
_CALL_PART = re.compile(r"""(?P<skip>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`|[^()"'`]+)|(?P<paren>[()])""", re.S)
_CALL_NAME = re.compile(r"""(?P<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|`(?P<quoted>[^`]*)`""", re.S)
_WHY_NOT = {
    "~": "one formula has one ~",
    "|": "a formula has one part; give nominal= or scale= for others",
    ".": "a lone . hides which columns enter; write them out",
    "%": "write b %in% a as a:b",
    "{": "braces would run Python; write I(...) for arithmetic",
    "[": "subscripts are not allowed; make the column first",
    "=": "use ~ between outcome and terms",
    "`": "close the backtick, and put a name between the two",
}


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
        return tuple(dict.fromkeys(_names(self.node)))


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
    spec : formulaic.ModelSpec
        Coding and order of all columns, intercept and dropped terms included.
    kept : tuple of int
        Which columns of ``spec`` are columns here.
    state : dict
        What transforms remember of the fit: knots, means and the like, by their spelling.
    """

    formula: str
    argument: str
    names: tuple[str, ...]
    term_names: tuple[str, ...]
    columns: tuple[str, ...]
    factors: tuple[Factor, ...] = field(repr=False)
    spec: Any = field(repr=False)
    kept: tuple[int, ...] = field(repr=False)
    state: dict[str, dict[str, Any]] = field(repr=False)

    def matrix(self, data: pd.DataFrame) -> FloatArray:
        """Return the columns that ``data`` give, shape (rows, columns); training and new data alike.

        Raises
        ------
        FormulaError
            If a column is missing, a level was not seen in the fit, or a value is missing or infinite, in the data
            or after a transform.
        """
        frame, several = _evaluate(self.factors, data, self.state, self.argument)
        if not self.names or not len(data):
            return np.empty((len(data), len(self.names)))
        full = np.asarray(_materialise(self.spec, frame, several), dtype=np.float64)
        matrix = np.ascontiguousarray(full[:, self.kept])
        for name, column in zip(self.names, matrix.T, strict=True):
            _require_finite(column, data.index, f'{self.argument}, column "{name}"', "")
        return matrix


class _Parsed(NamedTuple):
    factors: tuple[Factor, ...]
    terms: tuple[tuple[str, ...], ...]


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
    text = _checked_text(formula, "formula")
    found = _OUTCOME.match(text)
    if found and text[found.end() : found.end() + 1] == "~":
        right = text[found.end() + 1 :].strip()
        if right and not right.startswith("~"):
            return found["quoted"] or found["name"], right
        seen = f'nothing right of ~ in "{_short(text)}"' if not right else f'two ~ in "{_short(text)}"'
        raise FormulaError("formula", seen, expected='terms, as in "tier ~ cpi"', mend='Write "~ 1" for no term')
    left, tilde, _ = text.partition("~")
    seen = f'the outcome "{_short(left.strip())}" is not a plain column' if tilde else f'no ~ in "{_short(text)}"'
    raise FormulaError(
        "formula",
        seen,
        expected='"outcome ~ terms" with the outcome a column, not a term or a call',
        mend="Transform the outcome in the data; put backticks around a name with spaces",
    )


def build_terms(
    right_hand_side: str, data: pd.DataFrame, *, argument: str = "formula", drop: Collection[str] = ()
) -> Terms:
    """Return the columns that a right-hand side gives for ``data``.

    Parameters
    ----------
    right_hand_side : str
        Terms joined by ``+ - * / : ** ^`` and parentheses, with or without a leading ``~``; ``"~ 1"`` gives no
        columns. Names are columns (in backticks if they are not plain words); calls are those in ``FUNCTIONS``.
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
    levels without rows do not count). ``cr`` is centred and ``bs`` has no intercept.

    Examples
    --------
    >>> data = pd.DataFrame({"cpi": [2.0, 5.0, 9.0], "region": ["Asia", "Africa", "Asia"]})
    >>> build_terms("cpi + region", data).names
    ('cpi', 'region[T.Asia]')
    """
    text = _checked_text(right_hand_side, argument).strip().removeprefix("~").strip()
    if not text:
        raise FormulaError(argument, "no terms", expected='terms, as in "cpi + gini"', mend='Write "~ 1" for no term')
    if not len(data):
        raise FormulaError(argument, "the data have no rows", expected="at least one row")
    parsed = _parse(text, argument)
    for factor in parsed.factors:
        for name in factor.columns:
            _column(data, name, argument)
    used = {part for term in parsed.terms for part in term}
    factors = tuple(_with_levels(factor, data, argument) for factor in parsed.factors if factor.text in used)
    state: dict[str, dict[str, Any]] = {}
    frame, several = _evaluate(factors, data, state, argument)
    _limit_columns(parsed.terms, factors, several, argument)
    spec = _model_spec(parsed.terms, frame, several)
    columns = [
        (name, ":".join(texts), position)
        for position, (texts, name) in enumerate(_coded_columns(spec))
        if texts != ("1",) and not any(_spells(dropped, texts) for dropped in drop)
    ]
    _require_distinct([name for name, _, _ in columns], "columns", argument)
    return Terms(
        formula=right_hand_side,
        argument=argument,
        names=tuple(name for name, _, _ in columns),
        term_names=tuple(term for _, term, _ in columns),
        columns=tuple(dict.fromkeys(name for factor in factors for name in factor.columns)),
        factors=factors,
        spec=spec,
        kept=tuple(position for _, _, position in columns),
        state=state,
    )


def outcome_levels(series: pd.Series[Any]) -> tuple[IntArray, tuple[str, ...]]:
    """Return the level number of each row, and the levels in order.

    A Categorical keeps its declared order; numbers and booleans have their own; text has none and is refused.

    Raises
    ------
    FormulaError
        If the order is unknown, a value is missing, a declared level has no rows, there are fewer than two levels,
        or a numeric outcome has more than `MAX_OUTCOME_LEVELS` distinct values.

    Examples
    --------
    >>> outcome_levels(pd.Series([3, 1, 2, 1]))
    (array([2, 0, 1, 0]), ('1', '2', '3'))
    """
    if isinstance(series, pd.DataFrame):
        raise FormulaError("outcome", "two columns have its name", expected="one column", mend="Rename one of them")
    where = f'outcome "{series.name}"'
    series = series.infer_objects()
    missing = series.isna().to_numpy()
    if missing.any():
        raise FormulaError(
            where,
            f"missing in {_rows(series.index, missing)}",
            expected="a level in every row",
            mend=f'Leave those rows out first: data = data.dropna(subset=["{series.name}"])',
        )
    if isinstance(series.dtype, pd.CategoricalDtype):
        codes, levels = _declared_levels(series, where)
    else:
        codes, levels = _numeric_levels(series, where)
    if len(levels) < 2:
        seen = f'one level only, "{levels[0]}"' if levels else "no rows"
        raise FormulaError(where, seen, expected="two levels or more", mend="Check which rows and column were chosen")
    return codes, levels


def _declared_levels(series: pd.Series[Any], where: str) -> tuple[IntArray, tuple[str, ...]]:
    levels = tuple(_label(level) for level in series.cat.categories)
    _require_distinct(levels, "levels", where)
    codes = series.cat.codes.to_numpy().astype(np.intp)
    empty = np.bincount(codes, minlength=len(levels)) == 0
    if empty.any() and len(codes):
        named = ", ".join(f'"{level}"' for level, is_empty in zip(levels, empty, strict=True) if is_empty)
        column = f'data["{series.name}"]'
        raise FormulaError(
            where,
            f"no row has the declared level {named}",
            expected="rows in every level, for a threshold beside an empty level has no estimate",
            mend=f"Take it out of the declaration: {column} = {column}.cat.remove_unused_categories()",
        )
    return codes, levels


def _numeric_levels(series: pd.Series[Any], where: str) -> tuple[IntArray, tuple[str, ...]]:
    if not _is_number(series.dtype):
        raise _unordered(series, where)
    values = series.to_numpy()
    if values.dtype == object:  # nullable integers and booleans
        values = series.to_numpy(dtype=np.float64)
    if not np.isfinite(values).all():
        raise FormulaError(where, f"infinite in {_rows(series.index, ~np.isfinite(values))}", expected="finite levels")
    distinct, codes = np.unique(values, return_inverse=True)
    if len(distinct) > MAX_OUTCOME_LEVELS:
        raise FormulaError(
            where,
            f"{len(distinct)} distinct numbers",
            expected=f"at most {MAX_OUTCOME_LEVELS}, for more look like a measurement and not like levels",
            mend="Group them with pandas.cut, or declare an ordered Categorical if each is a level",
        )
    levels = tuple(_label(level) for level in distinct.tolist())
    _require_distinct(levels, "levels", where)
    return codes.astype(np.intp), levels


def _unordered(series: pd.Series[Any], where: str) -> FormulaError:
    try:
        seen = sorted(str(level) for level in series.unique())
    except TypeError:  # unhashable values
        seen = []
    shown = ", ".join(repr(level) for level in seen[:6]) + (", ..." if len(seen) > 6 else "")
    column = f'data["{series.name}"]'
    return FormulaError(
        where,
        f"values of type {series.dtype}, whose order is unknown",
        expected="an ordered Categorical, or numbers",
        mend=f"State the order: {column} = pandas.Categorical({column}, categories=[{shown}], ordered=True), "
        "with the levels from lowest to highest",
    )


def _checked_text(text: object, argument: str) -> str:
    if not isinstance(text, str):
        raise FormulaError(argument, f"a {type(text).__name__}", expected='text such as "tier ~ cpi"')
    if len(text) > MAX_TEXT:
        raise FormulaError(argument, f"{len(text)} characters", expected=f"at most {MAX_TEXT}")
    return text


def _parse(text: str, argument: str) -> _Parsed:
    """Check the text and expand it to terms; formulaic sees only operators and placeholders."""
    factors: dict[str, Factor] = {}
    spelled: list[str] = []
    for kind, token in _tokens(text, argument):
        if kind in ("operator", "number"):
            spelled.append(token)
            continue
        node = ast.Name(id=token, ctx=ast.Load()) if kind == "column" else _read_call(token, argument)
        factor = Factor(text=ast.unparse(node), node=node)
        known = factors.setdefault(factor.text, factor)
        if type(known.node) is not type(node) or factor.text in ("0", "1"):
            raise FormulaError(
                argument,
                f'the column "{factor.text}" reads like something else in this formula',
                expected="names that tell columns, calls and the intercept apart",
                mend="Rename the column",
            )
        spelled.append(f"f{list(factors).index(factor.text)}")
    found = list(factors.values())
    terms = tuple(
        tuple("1" if part == "1" else found[int(part[1:])].text for part in term)
        for term in _expand(" ".join(spelled), argument, text)
    )
    _require_distinct([":".join(term) for term in terms], "terms", argument)
    return _Parsed(tuple(found), terms)


def _tokens(text: str, argument: str) -> list[tuple[str, str]]:
    tokens: list[tuple[str, str]] = []
    position, depth = 0, 0
    while position < len(text):
        found = _TOKEN.match(text, position)
        if not found:
            rest = text[position:].lstrip()
            why = _WHY_NOT.get(rest[:1], "put backticks around a name with such characters")
            raise FormulaError(
                argument, f'cannot read "{_short(rest)}"', expected="columns, calls and + - * / : **", mend=why
            )
        position = found.end()
        kind = "column" if found.lastgroup in ("quoted", "name") else str(found.lastgroup)
        piece = found[str(found.lastgroup)]
        if found["name"] and text[position : position + 1] == "(":
            start, position = position, _call_end(text, position, argument)
            kind, piece = "call", piece + text[start:position]
        _check_place(kind, piece, tokens[-1] if tokens else ("operator", "("), argument)
        tokens.append((kind, piece))
        depth += {"(": 1, ")": -1}.get(piece, 0) if kind == "operator" else 0
        if depth > MAX_DEPTH or len(tokens) > MAX_TOKENS:
            raise FormulaError(
                argument,
                "too long or nested too deeply",
                expected=f"at most {MAX_TOKENS} names and signs, {MAX_DEPTH} parentheses deep",
            )
    return tokens


def _check_place(kind: str, piece: str, before: tuple[str, str], argument: str) -> None:
    """Refuse signs without a term before them, and numbers that are neither an exponent nor the intercept."""
    after_term = before[0] != "operator" or before[1] == ")"
    if kind == "operator" and piece not in ("(", "+") and not after_term:
        raise FormulaError(
            argument,
            f'"{piece}" without a term before it',
            expected="a term on either side of each sign",
            mend="The thresholds are the intercepts of this model: leave - 1 away" if piece == "-" else "",
        )
    if after_term and (kind != "operator" or piece == "("):
        raise FormulaError(
            argument,
            f'no sign between "{_short(before[1])}" and "{_short(piece)}"',
            expected="a term on either side of each sign",
            mend="Put backticks around a name with spaces",
        )
    sign = before[1] if before[0] == "operator" else ""
    if kind == "number" and sign not in ("**", "^") and (piece not in ("0", "1") or sign in ("*", "/", ":")):
        raise _number_inside(piece, argument)


def _number_inside(piece: str, argument: str) -> FormulaError:
    return FormulaError(
        argument, f'the number "{piece}" in a term', expected="columns and calls", mend="Write I(2 * x) for arithmetic"
    )


def _call_end(text: str, start: int, argument: str) -> int:
    depth, position = 0, start
    while found := _CALL_PART.match(text, position):
        position = found.end()
        depth += {"(": 1, ")": -1}.get(found["paren"], 0)
        if depth == 0:
            return position
    raise FormulaError(argument, f'"{_short(text[start:])}" does not end', expected="a closing parenthesis")


def _expand(spelled: str, argument: str, text: str) -> list[tuple[str, ...]]:
    from formulaic.errors import FormulaicError
    from formulaic.parser import DefaultFormulaParser

    parser = DefaultFormulaParser(feature_flags=DefaultFormulaParser.FeatureFlags.NONE)
    try:
        bound = _term_bound(parser.get_ast(spelled), argument)
        if bound > MAX_EXPANSION:
            raise FormulaError(argument, f"expands to as many as {bound} products", expected=f"at most {MAX_EXPANSION}")
        terms = [tuple(factor.expr for factor in term.factors) for term in parser.get_terms(spelled)]
    except FormulaicError as error:
        reason = str(error).split("\n", maxsplit=1)[0]
        raise FormulaError(
            argument, f'cannot read "{_short(text)}"', expected="terms joined by signs", mend=reason
        ) from error
    if len(terms) > MAX_TERMS:
        raise FormulaError(argument, f"{len(terms)} terms", expected=f"at most {MAX_TERMS}")
    if ("1",) not in terms:
        raise FormulaError(
            argument,
            f'"{_short(text)}" takes the intercept out',
            expected="no - 1 and no 0: the thresholds are the intercepts of this model",
            mend="Leave it away; the reference level of a category stays left out either way",
        )
    numbers = [part for term in terms if term != ("1",) for part in term if not part.startswith("f")]
    if numbers:
        raise _number_inside(numbers[0], argument)
    return sorted(terms, key=lambda term: (term != ("1",), len(term)))


def _term_bound(node: Any, argument: str) -> int:
    """Return an upper bound on the terms of an expression tree, exact powers included, without expanding it."""
    if not hasattr(node, "operator"):
        return 1
    symbol, arguments = node.operator.symbol, node.args
    if symbol in ("**", "^"):
        exponent = getattr(arguments[1], "token", "")
        if not (
            isinstance(exponent, str) and re.fullmatch(r"[1-9][0-9]?", exponent) and 1 <= int(exponent) <= MAX_EXPONENT
        ):
            raise FormulaError(
                argument,
                f'an exponent other than 1 to {MAX_EXPONENT} after "{symbol}"',
                expected="a small whole number: (a + b) ** 2 is a + b + a:b",
                mend="Write I(x ** 2) for the square of a column",
            )
        return int(_term_bound(arguments[0], argument) ** int(exponent))
    bounds_of_parts = [_term_bound(part, argument) for part in arguments]
    left, right = (*bounds_of_parts, 0)[:2]
    bounds = {"*": left + right + left * right, ":": left * right}
    return bounds.get(symbol, left + right)


def _read_call(text: str, argument: str) -> ast.expr:
    """Return the checked expression of a call; columns in backticks keep them, so that they stay one name."""
    if len(text) > MAX_CALL_TEXT:
        raise FormulaError(argument, f'"{_short(text)}" is too long', expected=f"at most {MAX_CALL_TEXT} characters")
    stem = "quoted"
    while stem in text:
        stem += "_"
    quoted: list[str] = []

    def placeholder(found: re.Match[str]) -> str:
        if found["quoted"] is None:
            return found["text"]
        quoted.append(found["quoted"])
        return f" {stem}{len(quoted) - 1} "

    try:
        node = ast.parse(_CALL_NAME.sub(placeholder, text), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        reason = error.msg if isinstance(error, SyntaxError) else str(error)
        raise FormulaError(
            argument, f'cannot read "{_short(text)}": {reason}', expected="a call such as log(x)"
        ) from error
    _limit_depth(node, text, argument)
    _check_factor(node, text, argument)
    for name in ast.walk(node):
        if isinstance(name, ast.Name) and name.id.startswith(stem):
            column = quoted[int(name.id.removeprefix(stem))]
            name.id = column if column.isidentifier() else f"`{column}`"
    return node


def _limit_depth(node: ast.expr, text: str, argument: str) -> None:
    level: list[ast.AST] = [node]
    for _ in range(MAX_DEPTH):
        level = [child for part in level for child in ast.iter_child_nodes(part)]
        if not level:
            return
    raise FormulaError(argument, f'"{_short(text)}" is nested too deeply', expected=f"at most {MAX_DEPTH} levels")


def _check_factor(node: ast.expr, text: str, argument: str) -> None:
    name = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
    if name == "C":
        _check_category(node, argument)
        return
    _check_number(node, argument, bases=_BASES)
    if not _names(node):
        raise FormulaError(argument, f'"{_short(text)}" uses no column', expected="a column in every call")


def _check_category(node: Any, argument: str) -> None:
    plain = 1 <= len(node.args) <= 2 and isinstance(node.args[0], ast.Name) and not node.keywords
    reference = node.args[1] if plain and len(node.args) == 2 else None
    if reference is not None:
        given = (
            [*reference.args, *(k.value for k in reference.keywords if k.arg == "reference")]
            if (
                isinstance(reference, ast.Call)
                and isinstance(reference.func, ast.Name)
                and reference.func.id == "Treatment"
            )
            else []
        )
        plain = len(given) == 1 and isinstance(given[0], ast.Constant) and isinstance(given[0].value, str | int | float)
    if not plain:
        raise FormulaError(
            argument,
            f'"{_short(ast.unparse(node))}" is not a coding that formulas may use',
            expected='C(column) or C(column, Treatment("reference level"))',
            mend="Make other codings as columns of the data",
        )


def _check_number(node: ast.AST, argument: str, *, bases: Collection[str] = ()) -> None:
    """Refuse every expression that is not arithmetic of columns, numbers and the allowed functions."""
    match node:
        case ast.Name():
            inner: Sequence[ast.AST] = ()
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool) and abs(value) <= MAX_NUMBER:
            inner = ()
        case ast.BinOp() if type(node.op) in _ARITHMETIC:
            inner = (node.left, node.right)
        case ast.UnaryOp() if type(node.op) in _ARITHMETIC:
            inner = (node.operand,)
        case ast.Call(func=ast.Name(id=name)) if name in _ELEMENTWISE or (name in _REMEMBERING and name not in _BASES):
            inner = _first_of_call(node, argument)
        case ast.Call(func=ast.Name(id=name)) if name in bases:
            inner = _first_of_call(node, argument)
        case _:
            raise _not_allowed(node, argument)
    for part in inner:
        _check_number(part, argument)


def _not_allowed(node: ast.AST, argument: str) -> FormulaError:
    text = _short(ast.unparse(node))
    mend = "Make such a column in the data first"
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
        called = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
        if called in (*_BASES, "C"):
            mend = f"{called} makes several columns and cannot stand inside another call"
        elif called in FUNCTIONS:
            mend = f"Write {called}(...)"
        else:
            mend = nearest(called, FUNCTIONS) or mend
    elif isinstance(node, ast.Attribute):
        mend = "Put backticks around a column whose name has a dot"
    return FormulaError(
        argument,
        f'"{text}" is not allowed in a formula',
        expected=f"columns, numbers, + - * / ** and {', '.join(FUNCTIONS)}",
        mend=mend,
    )


def _first_of_call(call: ast.Call, argument: str) -> tuple[ast.AST]:
    """Return the data of a call after checking its other arguments."""
    _options(call, argument)
    return (call.args[0],)


def _options(call: ast.Call, argument: str) -> dict[str, Any]:
    """Return the arguments of a call after its first, by name."""
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    parameters = _REMEMBERING.get(name, ())
    given = list(zip(parameters, call.args[1:], strict=False)) + [(str(k.arg), k.value) for k in call.keywords]
    named = dict(given)
    options: dict[str, Any] = {}
    wrong = not call.args or len(call.args) > 1 + len(parameters) or len(named) < len(given)
    for parameter, node in given:
        try:
            options[parameter] = ast.literal_eval(node)
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            wrong = True
        wrong = wrong or parameter not in parameters or not _is_option(parameter, options[parameter])
    if wrong:
        raise FormulaError(
            argument,
            f'the arguments of "{_short(ast.unparse(call))}"',
            expected=f"{name}({', '.join(['column', *parameters])})",
            mend=f"df and degree are whole numbers up to {MAX_DF}; knots a list of numbers; raw True or False; "
            'extrapolation "raise", "clip" or "extend"; constraints "center"'
            if parameters
            else "Give one column and nothing else",
        )
    return options


def _is_option(parameter: str, value: object) -> bool:
    match parameter:
        case "df" | "degree":
            return type(value) is int and 1 <= value <= MAX_DF
        case "raw":
            return isinstance(value, bool)
        case "knots":
            return isinstance(value, list | tuple) and 1 <= len(value) <= MAX_DF and all(_is_plain(v) for v in value)
        case "lower_bound" | "upper_bound":
            return _is_plain(value)
        case "extrapolation":
            return value in ("raise", "clip", "extend")
        case _:
            return value == "center"


def _is_plain(value: object) -> bool:
    return type(value) in (int, float) and abs(value) <= MAX_NUMBER  # type: ignore[arg-type]


def _names(node: ast.AST) -> list[str]:
    called = {id(part.func) for part in ast.walk(node) if isinstance(part, ast.Call)}
    return [part.id.strip("`") for part in ast.walk(node) if isinstance(part, ast.Name) and id(part) not in called]


def _column(data: pd.DataFrame, name: str, argument: str) -> pd.Series[Any]:
    if not isinstance(data, pd.DataFrame):
        raise FormulaError(argument, f"data are a {type(data).__name__}", expected="a pandas DataFrame")
    if name not in data.columns:
        known = [column for column in data.columns if isinstance(column, str)]
        raise FormulaError(
            argument, f'no column "{_short(name)}"', expected="columns of the data", mend=nearest(name, known)
        )
    column = data[name]
    if isinstance(column, pd.DataFrame):
        raise FormulaError(argument, f'two columns are called "{name}"', expected="one", mend="Rename one of them")
    return column


def _kind(column: pd.Series[Any], where: str) -> str:
    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype | pd.StringDtype):
        return "category"
    inferred = pd.api.types.infer_dtype(column, skipna=True) if pd.api.types.is_object_dtype(dtype) else ""
    if inferred == "string":
        return "category"
    if _is_number(dtype) or inferred in ("integer", "floating", "boolean", "mixed-integer-float", "empty"):
        return "number"
    raise FormulaError(
        where,
        f"values of type {inferred or dtype}",
        expected="numbers, booleans, text or a Categorical",
        mend="Turn the column into one of these",
    )


def _is_number(dtype: Any) -> bool:
    return pd.api.types.is_bool_dtype(dtype) or (
        pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_complex_dtype(dtype)
    )


def _with_levels(factor: Factor, data: pd.DataFrame, argument: str) -> Factor:
    """Return the factor with the levels that the data show, if it is a category."""
    node = factor.node
    columns = [_column(data, name, argument) for name in factor.columns]
    declared = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "C"
    where = f'{argument}, column "{factor.columns[0]}"'
    if not declared and (isinstance(node, ast.Call) or _kind(columns[0], where) == "number"):
        return factor
    _, levels = _labelled(columns[0], where)
    if len(levels) < 2:
        raise FormulaError(where, f'one level only, "{levels[0]}"', expected="two levels or more", mend="Leave it out")
    reference = _reference(node)
    if reference is not None and reference not in levels:
        raise FormulaError(
            where,
            f'no row has the reference level "{reference}"',
            expected=f"one of {_listed(levels)}",
            mend=nearest(reference, levels),
        )
    first = (reference,) if reference is not None else ()
    ordered = (*first, *(level for level in levels if level not in first))
    return Factor(text=factor.text, node=node, levels=ordered)


def _reference(node: ast.expr) -> str | None:
    if not (isinstance(node, ast.Call) and len(node.args) == 2):
        return None
    treatment = node.args[1]
    given = next(part for part in ast.walk(treatment) if isinstance(part, ast.Constant))
    return _label(given.value)


def _labelled(column: pd.Series[Any], where: str) -> tuple[IntArray, tuple[str, ...]]:
    """Return codes and the labels of the levels that have rows: declared, numeric or alphabetical order."""
    if _kind(column, where) == "number":
        _numbers(column, where)
    _require_present(column, where)
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.cat.remove_unused_categories()
        codes, values = column.cat.codes.to_numpy().astype(np.intp), column.cat.categories.tolist()
    else:
        numbers, distinct = pd.factorize(column, sort=True)
        codes, values = numbers.astype(np.intp), distinct.tolist()
    labels = tuple(_label(value) for value in values)
    _require_distinct(labels, "levels", where)
    return codes, labels


def _label(value: object) -> str:
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)


class _Inputs(NamedTuple):
    columns: Mapping[str, FloatArray]
    state: dict[str, dict[str, Any]]
    index: pd.Index[Any]
    argument: str


def _evaluate(
    factors: Iterable[Factor], data: pd.DataFrame, state: dict[str, dict[str, Any]], argument: str
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return the factors that are one column as a frame, and those that are several as formulaic's values."""
    numbers: dict[str, FloatArray] = {}
    inputs = _Inputs(numbers, state, data.index, argument)
    single: dict[str, Any] = {}
    several: dict[str, Any] = {}
    for factor in factors:
        for name in factor.columns:
            column, where = _column(data, name, argument), f'{argument}, column "{name}"'
            if factor.levels is not None:
                single[factor.text] = _coded(column, factor.levels, where)
            elif name not in numbers:
                numbers[name] = _numbers(column, where)
        if factor.levels is None:
            value = _value(factor.node, inputs)
            (several if isinstance(value, dict) else single)[factor.text] = value
    return pd.DataFrame(single, index=pd.RangeIndex(len(data))), several


def _coded(column: pd.Series[Any], levels: tuple[str, ...], where: str) -> pd.Categorical:
    codes, labels = _labelled(column, where)
    place = {level: number for number, level in enumerate(levels)}
    unseen = [label not in place for label in labels]
    if any(unseen):
        rows = _rows(column.index, np.asarray(unseen)[codes])
        first = labels[unseen.index(True)]
        raise FormulaError(
            where,
            f'{rows}: level "{first}" was not seen in the fit',
            expected=f"one of {_listed(levels)}",
            mend=nearest(first, levels) or "Leave those rows out, or fit with rows of that level",
        )
    numbers = np.array([place[label] for label in labels], dtype=np.intp)
    return pd.Categorical.from_codes(numbers[codes], categories=list(levels))


def _numbers(column: pd.Series[Any], where: str) -> FloatArray:
    if _kind(column, where) != "number":
        raise FormulaError(where, "holds text or categories", expected="numbers", mend="Use C(...) for categories")
    _require_present(column, where)
    values: FloatArray = column.to_numpy(dtype=np.float64)
    _require_finite(values, column.index, where, "Correct or leave out those rows")
    return values


def _require_present(column: pd.Series[Any], where: str) -> None:
    missing = column.isna().to_numpy()
    if missing.any():
        raise FormulaError(
            where,
            f"missing in {_rows(column.index, missing)}",
            expected="a value in every row",
            mend=f'Leave those rows out first: data = data.dropna(subset=["{column.name}"])',
        )


def _require_finite(
    values: FloatArray, index: pd.Index[Any], where: str, mend: str, used: Mapping[str, FloatArray] | None = None
) -> None:
    infinite = ~np.isfinite(values)
    if not infinite.any():
        return
    wrong = infinite if infinite.ndim == 1 else np.logical_or.reduce(infinite, axis=1)
    seen = f"{values[infinite][0]} in {_rows(index, wrong)}"
    if used:
        seen += ", first where " + " and ".join(f"{name} is {column[wrong][0]}" for name, column in used.items())
    raise FormulaError(where, seen, expected="a finite number in every row", mend=mend)


def _value(node: ast.AST, inputs: _Inputs) -> Any:
    """Return an array, a number, or for a basis formulaic's columns; every step must be finite."""
    with np.errstate(all="ignore"):
        match node:
            case ast.Constant():
                return np.float64(node.value)  # type: ignore[arg-type]
            case ast.Name():
                return inputs.columns[node.id.strip("`")]
            case ast.BinOp():
                result = _ARITHMETIC[type(node.op)](_value(node.left, inputs), _value(node.right, inputs))
            case ast.UnaryOp():
                result = _ARITHMETIC[type(node.op)](_value(node.operand, inputs))
            case ast.Call(func=ast.Name(id=name)):
                values = _value(node.args[0], inputs)
                result = _ELEMENTWISE[name](values) if name in _ELEMENTWISE else _remembered(node, name, values, inputs)
    where = f'{inputs.argument}, "{ast.unparse(node)}"'
    mend = "Leave those rows out or transform otherwise; a row whose transform is missing is not dropped for you"
    stacked = np.column_stack(list(result.values())) if isinstance(result, dict) else np.asarray(result)
    if stacked.ndim == 0:
        stacked = np.full(len(inputs.index), result)
    used = {name: inputs.columns[name] for name in _names(node)}
    _require_finite(stacked, inputs.index, where, mend, used)
    return result


def _remembered(call: ast.Call, name: str, x: FloatArray, inputs: _Inputs) -> Any:
    """Return a transform that remembers the data of the fit: their mean, spread, knots or polynomials."""
    text = ast.unparse(call)
    fitting = text not in inputs.state
    state = inputs.state.setdefault(text, {})
    if name in _BASES:
        basis = _basis(name, x, _options(call, inputs.argument), state, text, inputs)
        if fitting and len(np.unique(x)) <= len(basis):
            raise FormulaError(
                f'{inputs.argument}, "{text}"',
                f"{len(basis)} columns from {len(np.unique(x))} distinct values",
                expected="more distinct values than columns",
                mend="Lower df or degree, or use C(...)",
            )
        return basis
    if fitting:
        if not np.ptp(x):
            raise FormulaError(
                f'{inputs.argument}, "{text}"',
                f"every value is {x[0]}",
                expected="values that differ",
                mend="Leave it out",
            )
        state["mean"] = x.mean()
        state["spread"] = {"center": 1.0, "scale": x.std(ddof=1), "standardize": x.std()}[name]
    return (x - state["mean"]) / state["spread"]


def _basis(
    name: str, x: FloatArray, options: dict[str, Any], state: dict[str, Any], text: str, inputs: _Inputs
) -> dict[Any, FloatArray]:
    from formulaic.transforms import basis_spline, natural_cubic_spline, poly

    where = f'{inputs.argument}, "{text}"'
    if name == "cr":
        options["constraints"] = "center"
    elif name == "bs":
        options.setdefault("extrapolation", "raise")
    if options.get("extrapolation") == "raise":
        low = state.get("lower_bound", options.get("lower_bound", -np.inf))
        high = state.get("upper_bound", options.get("upper_bound", np.inf))
        outside = (x < low) | (x > high)
        if outside.any():
            raise FormulaError(
                where,
                f"{x[outside][0]} in {_rows(inputs.index, outside)}",
                expected=f"values from {low} to {high}, which the spline was made for",
                mend='Give the spline extrapolation="extend" or "clip", or wider bounds',
            )
    if name == "cr" and options.get("df", 2) < 2:
        raise FormulaError(where, "df is 1", expected="df of at least 2", mend="A line is the column itself")
    make = {"bs": basis_spline, "cr": natural_cubic_spline, "poly": poly}[name]
    try:
        columns = make(x, **options, _state=state)
    except (ValueError, np.linalg.LinAlgError) as error:
        raise FormulaError(where, str(error).replace("`", ""), expected="knots and df that the values allow") from error
    if name == "bs":
        degree = options.get("degree", 3)
        _require_inner_knots(state["knots"][degree : len(state["knots"]) - degree], where)
    if name == "poly":
        return dict(enumerate(np.asarray(columns).T, start=1))
    return {key: np.asarray(column, dtype=np.float64) for key, column in columns.items()}


def _require_inner_knots(knots: Sequence[float], where: str) -> None:
    """Refuse inner knots that coincide or lie outside the bounds: they give empty or dependent columns."""
    if any(left >= right for left, right in pairwise(knots)):
        raise FormulaError(
            where,
            f"inner knots {knots[1:-1]} between {knots[0]} and {knots[-1]}",
            expected="distinct knots in rising order inside the bounds",
            mend="Lower df (quantiles of few distinct values coincide), or give knots",
        )


def _limit_columns(
    terms: Sequence[tuple[str, ...]], factors: Iterable[Factor], several: Mapping[str, Any], argument: str
) -> None:
    """Refuse products that would fill the memory, or whose coding would not end.

    The coding of k categories in one term weighs each of their 2 ** k subsets against the others.
    """
    levels = {factor.text: factor.levels for factor in factors if factor.levels}
    columns, subsets = 0, 0
    for term in terms:
        categories = [part for part in term if part in levels]
        columns += math.prod(len(levels[part]) if part in levels else len(several.get(part, "1")) for part in term)
        subsets += 2 ** len(categories)
        if columns > MAX_COLUMNS or subsets > MAX_SUBSETS or len(categories) > MAX_CATEGORIES:
            raise FormulaError(
                argument,
                f'term "{_short(":".join(term))}" makes too many columns',
                expected=f"at most {MAX_COLUMNS} columns, {MAX_CATEGORIES} categories in a term and "
                f"{MAX_SUBSETS} combinations of categories",
                mend="Leave out products of the highest order, or join rare levels",
            )


def _model_spec(terms: Sequence[tuple[str, ...]], frame: pd.DataFrame, several: Mapping[str, Any]) -> Any:
    """Return formulaic's coding of the terms: its ModelSpec, whose factors are all looked up and none is run."""
    from formulaic import ModelSpec, SimpleFormula
    from formulaic.parser.types import Factor as Looked
    from formulaic.parser.types import Term

    formula = SimpleFormula(
        [Term([Looked(part, eval_method="literal" if part == "1" else "lookup") for part in term]) for term in terms]
    )
    spec = ModelSpec(formula=formula, na_action="ignore", output="numpy")
    return _materialise(spec, frame, several).model_spec


def _coded_columns(spec: Any) -> list[tuple[tuple[str, ...], str]]:
    return [(tuple(factor.expr for factor in row.term.factors), name) for row in spec.structure for name in row.columns]


def _materialise(spec: Any, frame: pd.DataFrame, several: Mapping[str, Mapping[Any, FloatArray]]) -> Any:
    from formulaic.materializers import FactorValues

    values = {
        text: FactorValues(dict(basis), kind="numerical", spans_intercept=False, format="{name}[{field}]")
        for text, basis in several.items()
    }
    with np.errstate(over="ignore"):  # a product that is infinite is an error of ours, with its row
        return spec.get_model_matrix(frame, context=values)


def _spells(name: str, texts: Sequence[str]) -> bool:
    """Tell whether ``name`` is the product of ``texts`` in any order."""
    if not texts:
        return False
    for place, text in enumerate(texts):
        rest = [*texts[:place], *texts[place + 1 :]]
        if (not rest and name == text) or (name.startswith(f"{text}:") and _spells(name[len(text) + 1 :], rest)):
            return True
    return False


def _require_distinct(names: Sequence[str], what: str, where: str) -> None:
    if len(set(names)) < len(names):
        twice = next(name for name in names if list(names).count(name) > 1)
        raise FormulaError(
            where, f'two {what} are called "{twice}"', expected="distinct names", mend="Rename one of them"
        )


def _rows(index: pd.Index[Any], wrong: BoolArray) -> str:
    labels = index[wrong]
    shown = ", ".join(_row_label(label) for label in labels[:5]) + (", ..." if len(labels) > 5 else "")
    return f"row {shown}" if len(labels) == 1 else f"{len(labels)} rows ({shown})"


def _row_label(label: object) -> str:
    if isinstance(label, tuple):
        return f"({', '.join(_row_label(part) for part in label)})"
    return repr(label) if isinstance(label, str) else str(label)


def _listed(levels: Sequence[str]) -> str:
    return ", ".join(f'"{level}"' for level in levels[:8]) + (", ..." if len(levels) > 8 else "")


def _short(text: str) -> str:
    shown = text if len(text) <= 60 else text[:57] + "..."
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in shown)
