"""Formulas: text that must not run, and arithmetic whose columns are computed beside it by plain numpy."""

from __future__ import annotations

import ast
import functools
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

import numpy as np
import pandas as pd

from corrtip.models.formula import build_terms, parse_formula
from stress.fuzz import damage
from stress.fuzz.target import Target, UnreadableError

# Positive and no two alike, so that every function is defined; a column for each kind of name.
DATA = pd.DataFrame(
    {
        "cpi": [2.0, 3.5, 5.0, 7.0, 8.25],
        "gdp per head": [1.0, 9.0, 4.0, 3.0, 2.5],
        "é": [0.5, 0.25, 2.0, 1.0, 4.0],
        "ｃpi": [9.0, 8.0, 7.5, 1.0, 3.0],
        "log": [3.0, 1.0, 2.0, 5.0, 4.0],
        "region": ["Asia", "Africa", "Asia", "Europe", "Africa"],
    }
)
SEEDS = (
    "tier ~ cpi",
    "tier ~ cpi + log(cpi) + `gdp per head`",
    "tier ~ cpi * region + C(region, Treatment('Asia'))",
    "tier ~ I(cpi ** 2) + bs(cpi, df=4) + poly(é, 2)",
    "tier ~ (cpi + é) ** 2 - cpi",
    "tier ~ cr(cpi, df=3) + standardize(`log`)",
)
# Each would leave a trace if any of it ran.
_HOSTILE = """
__import__('os').system('true') ().__class__.__bases__[0].__subclasses__() lambda:0 (a:=cpi) [c for c in (1,)] {cpi}
f'{cpi}' getattr(cpi,'values') cpi.values cpi.__class__ open('x') eval('1') exec('1') print(1) 9**9**9 cpi**1e9 1/0 None
cpi[0] cpi@cpi cpi//2 cpi%2 cpi<<9 ~cpi cpi==1 cpi,cpi *cpi **cpi yield await Q('cpi') C(cpi,contr.sum) ｅval('1') True
bs(cpi,df=10**9) poly(cpi,10**6) cr(cpi,df=True) bs(cpi,knots=[[1]]) I(I(I(cpi))) log(1e400) log(cpi,out=cpi) lag(cpi)
hashed(cpi) ℯxp(cpi) ...
""".split()  # noqa: SIM905 - a page of words, not of quotes
_SIGNS = "+-*/:^~|%()`'\"[]{}=,\\#01"
_EVENTS = ("open", "os.", "subprocess.", "socket.", "ctypes.", "shutil.", "pty.", "builtins.input", "webbrowser.")
_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "I": lambda x: x,
    "abs": np.abs,
    "exp": np.exp,
    "log": np.log,
    "log10": np.log10,
    "log1p": np.log1p,
    "log2": np.log2,
    "sqrt": np.sqrt,
}


def targets(folder: object) -> list[Target]:
    """Return the reader of formulas, with hostile text and with arithmetic."""
    return [
        Target(
            name="formula",
            seeds=tuple(seed.encode() for seed in SEEDS),
            read=_read,
            meaning=_meant,
            damages=(
                damage.flip,
                damage.cut,
                damage.repeat,
                damage.insert,
                damage.swell,
                damage.respell,
                _hostile,
                _sign,
            ),
            agrees=_agrees,
        ),
        Target(
            name="arithmetic",
            seeds=(b"cpi",),
            read=_computed,
            meaning=_expected,
            damages=(_arithmetic,),
            agrees=_close,
        ),
    ]


def _read(data: bytes) -> object:
    with _watched() as reached:
        _, right = parse_formula(damage.text_of(data))
        terms = build_terms(right, DATA)
        matrix = terms.matrix(DATA)
    if reached:
        raise RuntimeError(f"the formula reached {reached[0]}")
    return terms.columns, matrix


@contextmanager
def _watched() -> Iterator[list[str]]:
    """Yield a list of what Python's auditing is told of meanwhile: files, processes, connections."""
    reached: list[str] = []
    _listener().append(reached)
    try:
        yield reached
    finally:
        _listener().clear()


@functools.cache
def _listener() -> list[list[str]]:
    """Return where the hook of this process, which Python never takes away, writes to."""
    listening: list[list[str]] = []

    def hear(event: str, arguments: tuple[object, ...]) -> None:
        # What formulaic imports the first time it does something is its own.
        if listening and event.startswith(_EVENTS) and not str(arguments[:1]).endswith((".py',)", ".pyc',)", ".so',)")):
            listening[0].append(f"{event}{arguments!r:.200}")

    # Formulaic's own imports are done before anything is listened to.
    build_terms("bs(cpi, df=4) + cr(cpi, df=3) + poly(cpi, 2) + C(region) + standardize(cpi)", DATA)
    sys.addaudithook(hear)
    return listening


def _meant(data: bytes) -> object:
    return damage.text_of(data)


def _agrees(held: Any, text: Any) -> bool:
    """Return whether each column that a formula uses stands in it, letter by letter, and nothing else was reached."""
    columns, matrix = held
    return all(name in text for name in columns) and matrix.shape[0] == len(DATA) and bool(np.isfinite(matrix).all())


def _hostile(chance: Random, data: bytes) -> bytes:
    text, code = damage.text_of(data), chance.choice(_HOSTILE)
    wrapped = chance.choice(("{}", "I({})", "log({})", "C({})", "I(cpi + {})", "`{}`", "I({} if cpi else 1)", "{}:cpi"))
    place = chance.randint(0, len(text))
    return damage.bytes_of(chance.choice((f"{text} + {wrapped.format(code)}", text[:place] + code + text[place:])))


def _sign(chance: Random, data: bytes) -> bytes:
    place = chance.randint(0, len(data))
    return data[:place] + chance.choice(_SIGNS).encode() + data[place:]


def _arithmetic(chance: Random, data: bytes) -> bytes:
    return f"I({_operation(chance, chance.choice((1, 2, 2, 3)))})".encode()


def _expression(chance: Random, depth: int) -> str:
    if depth == 0 or chance.random() < 0.3:
        return chance.choice(("cpi", "`gdp per head`", "é", "`ｃpi`", "`log`", "`é`"))
    return _operation(chance, depth)


def _operation(chance: Random, depth: int) -> str:
    inner, number = _expression(chance, depth - 1), f"{chance.uniform(0.01, 9):.3g}"
    ways = (
        f"{chance.choice(sorted(_FUNCTIONS))}({inner})",
        f"({inner} {chance.choice('+-*/')} {_expression(chance, depth - 1)})",
        f"({inner} {chance.choice(('+', '-', '*', '/', '**'))} {number})",
        f"({number} {chance.choice('+-*/')} {inner})",
        f"-({inner})",
        f"({inner})**{chance.choice(('2', '-1', '0.5', '3'))}",
    )
    return chance.choice(ways)


def _computed(data: bytes) -> object:
    return build_terms(data.decode(), DATA).matrix(DATA)


def _expected(data: bytes) -> object:
    """Return what numpy makes of the same text, its columns in brackets instead of backticks."""
    text = data.decode()
    names = {name: f"column{place}" for place, name in enumerate(DATA.columns)}
    for name, coded in names.items():
        text = text.replace(f"`{name}`", coded)
    tree = ast.parse(text.replace("cpi", names["cpi"]).replace("é", names["é"]), mode="eval")
    values = {coded: DATA[name].to_numpy() for name, coded in names.items()}
    with np.errstate(all="ignore"):
        found = np.asarray(_value(tree.body, values), dtype=np.float64)
    if not np.isfinite(found).all():
        raise UnreadableError("a value is not finite")
    return found.reshape(-1, 1)


def _value(node: ast.AST, values: dict[str, Any]) -> Any:
    match node:
        case ast.Name(id=name):
            return values[name]
        case ast.Constant(value=value):
            return value
        case ast.Call(func=ast.Name(id=name), args=[inner]):
            return _FUNCTIONS[name](_value(inner, values))
        case ast.UnaryOp(operand=inner):
            return -_value(inner, values)
        case ast.BinOp(left=left, op=sign, right=right):
            one, other = _value(left, values), _value(right, values)
            ways = {ast.Add: np.add, ast.Sub: np.subtract, ast.Mult: np.multiply, ast.Div: np.divide, ast.Pow: np.power}
            return ways[type(sign)](one, other)
    raise UnreadableError(ast.dump(node))


def _close(held: Any, meant: Any) -> bool:
    # Numpy computes the same functions in the same order.
    return bool(np.array_equal(held, meant))
