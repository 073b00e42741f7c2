"""What a formula may say: all of its text is checked here before formulaic, which runs what it is given."""

from __future__ import annotations

import ast
import keyword
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from corrtip.errors import FormulaError, nearest
from corrtip.models.columns import printable

if TYPE_CHECKING:
    from formulaic.parser.types import Token

# Limits, each far above what a regression needs and far below what would stall a machine.
MAX_TEXT = 5_000
MAX_TOKENS = 500
MAX_DEPTH = 40
MAX_PRODUCTS = 20_000
MAX_DF = 50
MAX_NUMBER = 1e15

SIMPLE = ("I", "abs", "center", "exp", "log", "log10", "log1p", "log2", "scale", "sqrt", "standardize")
# Functions that make several columns, with the options that follow their data, by name or in this order.
BASES: Mapping[str, tuple[str, ...]] = {
    "poly": ("degree", "raw"),
    "bs": ("df", "knots", "degree", "lower_bound", "upper_bound", "extrapolation"),
    "cr": ("df", "knots", "lower_bound", "upper_bound", "constraints", "extrapolation"),
}
_EXPONENTS = tuple(map(str, range(1, 11)))
_CODED = "__column_"
_QUOTED = re.compile(r"""("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|`([^`]*)`""", re.S)
_ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow)


def _is_number(value: object) -> bool:
    return type(value) in (int, float) and abs(value) <= MAX_NUMBER  # type: ignore[arg-type]


def _is_count(value: object) -> bool:
    return type(value) is int and 1 <= value <= MAX_DF


_OPTIONS: Mapping[str, Callable[[Any], bool]] = {
    "df": _is_count,
    "degree": _is_count,
    "raw": lambda value: isinstance(value, bool),
    "knots": lambda value: isinstance(value, list | tuple) and 0 < len(value) <= MAX_DF and all(map(_is_number, value)),
    "lower_bound": _is_number,
    "upper_bound": _is_number,
    "extrapolation": lambda value: value in ("raise", "clip", "extend"),
    "constraints": lambda value: value == "center",
}


def check_text(text: object, argument: str) -> str:
    """Return the text of a formula, if it is text and not too long."""
    if not isinstance(text, str):
        raise FormulaError(argument, f"a {type(text).__name__}", expected='text such as "tier ~ cpi"')
    if len(text) > MAX_TEXT:
        raise FormulaError(argument, f"{len(text)} characters", expected=f"at most {MAX_TEXT}")
    return text


def grammar_error(argument: str, seen: str) -> FormulaError:
    """Return the error of a text that is no formula, or too much of one."""
    expected = "columns and calls with one of + - * / : ** between each two, and ** 2 to ** 10 at most"
    mend = "Put backticks around a name that is not a plain word, and write I(...) for arithmetic"
    return FormulaError(argument, seen, expected=expected, mend=mend)


def intercept_error(argument: str, text: str) -> FormulaError:
    """Return the error of a formula without intercept."""
    expected = "no - 1 and no 0: the thresholds are the intercepts of this model"
    mend = "Leave it away; the reference level of a category stays left out either way"
    return FormulaError(argument, f'"{printable(text)}" takes the intercept out', expected=expected, mend=mend)


def read_formula(text: str, argument: str) -> tuple[Any, list[tuple[Token, ast.expr]]]:
    """Return formulaic's tree of a right-hand side with the intercept, and its columns and calls, each checked.

    Raises
    ------
    FormulaError
        If anything else is there, or more products than could be written out.

    Notes
    -----
    Formulaic splits the text and builds the tree by signs alone: it looks into calls, and runs them, only later.

    Examples
    --------
    >>> [(token.token, ast.unparse(node)) for token, node in read_formula("cpi * log( gini )", "formula")[1]]
    [('cpi', 'cpi'), ('log( gini )', 'log(gini)')]
    """
    from formulaic.errors import FormulaicError
    from formulaic.parser import DefaultFormulaParser
    from formulaic.parser.algos.tokenize import tokenize
    from formulaic.parser.types import Token

    brackets = (Token("[", kind="context"), Token("]", kind="context"))
    try:
        tokens = [Token("1", kind="value"), Token("+", kind="operator"), *tokenize(text)]
        if len(tokens) > MAX_TOKENS or _CODED in text or any(bracket in tokens for bracket in brackets):
            seen = f'over {MAX_TOKENS} names and signs, or [ or {_CODED}, in "{printable(text)}"'
            raise grammar_error(argument, seen)
        tree = DefaultFormulaParser().get_ast_from_tokens(tokens, context={})
    except FormulaicError as error:
        raise grammar_error(argument, f'cannot read "{printable(text)}"') from error
    found: list[tuple[Token, ast.expr]] = []
    products = _check_tree(tree, found, text, argument)
    if products > MAX_PRODUCTS:
        raise grammar_error(argument, f"more than {MAX_PRODUCTS} products")
    return tree, found


def _check_tree(node: Any, found: list[tuple[Token, ast.expr]], text: str, argument: str) -> int:
    """Collect columns and calls, and return an upper bound on the terms, no higher than one more than is allowed."""
    kind = _kind(node)
    if kind in ("name", "python"):
        name = ast.Name(id=code_name(node.token), ctx=ast.Load())
        found.append((node, name if kind == "name" else _read_call(node.token, argument)))
        return 1
    if kind == "value":
        if str(node) != "1":
            seen = f'the number "{printable(node.token)}" in "{printable(text)}"'
            raise intercept_error(argument, text) if str(node) == "0" else grammar_error(argument, seen)
        return 1
    sign, parts = node.operator.symbol, node.args
    if len(parts) != 2 or sign not in ("+", "-", "*", "/", ":", "**", "^"):
        raise grammar_error(argument, f'"{printable(sign)}" in "{printable(text)}"')
    left = _check_tree(parts[0], found, text, argument)
    if sign in ("**", "^"):
        if _kind(parts[1]) != "value" or str(parts[1]) not in _EXPONENTS:
            raise grammar_error(argument, f'the exponent in "{printable(text)}"')
        return min(int(left ** int(str(parts[1]))), MAX_PRODUCTS + 1)
    right = _check_tree(parts[1], found, text, argument)
    return min({"*": left + right + left * right, ":": left * right}.get(sign, left + right), MAX_PRODUCTS + 1)


def _kind(node: Any) -> str:
    return node.kind.value if hasattr(node, "kind") else ""


def code_name(column: str) -> str:
    """Return the name by which formulaic is to know a column inside a call, which no function and no other column has.

    Formulaic's own names for columns in backticks are in part drawn by chance, and under another one it does not find
    again what a transform remembered of the fit.
    """
    plain = re.fullmatch(r"[a-z]\w*", column, re.ASCII | re.IGNORECASE) and not keyword.iskeyword(column)
    free = plain and column not in (*SIMPLE, *BASES)
    return column if free else _CODED + column.encode("utf-8", "surrogatepass").hex()


def spell(text: str) -> str:
    """Return a text with columns as the user writes them inside calls, in backticks if they are not plain words."""

    def quoted(found: re.Match[str]) -> str:
        column = bytes.fromhex(found[1]).decode("utf-8", "replace")
        return column if column.isidentifier() and unicodedata.is_normalized("NFKC", column) else f"`{column}`"

    return re.sub(f"{_CODED}((?:[0-9a-f]{{2}})*)", quoted, text)


def column_names(node: ast.AST) -> tuple[str, ...]:
    """Return the columns that an expression uses.

    Examples
    --------
    >>> column_names(ast.parse("log(gini) * cpi"))
    ('cpi', 'gini')
    """
    coded = (name.id.split(_CODED) for name in _columns(node))
    return tuple(
        dict.fromkeys(plain or bytes.fromhex(*code).decode("utf-8", "surrogatepass") for plain, *code in coded)
    )


def _columns(node: ast.AST) -> list[ast.Name]:
    called = [part.func for part in ast.walk(node) if isinstance(part, ast.Call)]
    return [part for part in ast.walk(node) if isinstance(part, ast.Name) and part not in called]


def _read_call(text: str, argument: str) -> ast.expr:
    """Return the checked expression of a call, with columns by their coded names."""
    source = _QUOTED.sub(lambda found: found[1] or f" {code_name(found[2])} ", text)
    # Python reads letters that look alike as one name, which may be another column than the one that stands there.
    if not unicodedata.is_normalized("NFKC", _QUOTED.sub("", source)):
        raise grammar_error(argument, f'letters of which Python makes others in "{printable(text)}"')
    try:
        node = ast.parse(source, mode="eval").body
        if _depth(node) > MAX_DEPTH:
            raise RecursionError(f"more than {MAX_DEPTH} steps inside one another")
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise grammar_error(argument, f'cannot read "{printable(text)}": {printable(str(error))}') from error
    columns = _columns(node) if isinstance(node, ast.Call) else []
    if not columns or not (_is_category(node) or _is_numeric(node, (*SIMPLE, *BASES))):
        raise _not_allowed(node, text, argument)
    for name in columns:
        name.id = name.id if name.id.startswith(_CODED) else code_name(name.id)
    return node


def _depth(node: ast.AST) -> int:
    return 1 + max(map(_depth, ast.iter_child_nodes(node)), default=0)


def _is_category(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Name(id="C"), args=[ast.Name(), *coding], keywords=[]):
            match coding:
                case [] | [ast.Call(func=ast.Name(id="Treatment"), args=[ast.Constant()], keywords=[])]:
                    return True
                case [ast.Call(func=ast.Name(id="Treatment"), args=[], keywords=[ast.keyword("reference", level)])]:
                    return isinstance(level, ast.Constant)
    return False


def _is_numeric(node: ast.AST, functions: Sequence[str]) -> bool:
    """Tell whether an expression is arithmetic of columns, numbers and the allowed functions, and nothing else."""
    match node:
        case ast.Name():
            return True
        case ast.Constant(value=value):
            return _is_number(value)
        # A power of numbers alone would be Python's own, which can run for ever or turn complex.
        case ast.BinOp(left=left, op=sign, right=right) if not isinstance(sign, ast.Pow) or _columns(node):
            return isinstance(sign, _ARITHMETIC) and _is_numeric(left, SIMPLE) and _is_numeric(right, SIMPLE)
        case ast.UnaryOp(op=ast.UAdd() | ast.USub(), operand=operand):
            return _is_numeric(operand, SIMPLE)
        case ast.Call(func=ast.Name(id=name), args=[first, *_]) if name in functions:
            return _is_numeric(first, SIMPLE) and _are_options(node, BASES.get(name, ()))
    return False


def _are_options(call: ast.Call, parameters: Sequence[str]) -> bool:
    given = [*zip(parameters, call.args[1:], strict=False), *((str(word.arg), word.value) for word in call.keywords)]
    try:
        plain = all(name in parameters and _OPTIONS[name](ast.literal_eval(value)) for name, value in given)
    except (ValueError, TypeError):
        return False
    return plain and len(call.args) <= 1 + len(parameters)


def _not_allowed(node: ast.AST, text: str, argument: str) -> FormulaError:
    known = (*SIMPLE, *BASES, "C", "Treatment")
    called = [part.func.id for part in ast.walk(node) if isinstance(part, ast.Call) and isinstance(part.func, ast.Name)]
    near = [nearest(name, known) for name in called if name not in known]
    bases = ", ".join(f"{name}(x, {', '.join(options)})" for name, options in BASES.items())
    expected = f"+ - * / ** and {', '.join(SIMPLE)} of columns and numbers; or by themselves, with plain values, "
    expected += f'{bases}, C(x), C(x, Treatment("reference level"))'
    mend = "".join(near[:1]) or "Make other columns in the data first"
    return FormulaError(argument, f'"{printable(text)}" is not allowed in a formula', expected=expected, mend=mend)
