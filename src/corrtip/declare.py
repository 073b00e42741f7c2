"""Strict TOML declarations: a file becomes a frozen dataclass, or an error that names the key."""

from __future__ import annotations

import dataclasses
import re
import reprlib
import sys
import tomllib
import types
import typing
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar, Union

from corrtip.errors import DeclarationError, nearest

T = TypeVar("T")

# Tables in one another: the deepest declaration has five. A dotted key of thousands would keep the parser for minutes.
_DEEPEST = 20
_DOTTED = re.compile(rf"""(?<![\w-])(?>(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){{{_DEEPEST}}}""")
# TOML promises whole numbers of 64 bits; Python would carry on with any.
_WHOLE = range(-(2**63), 2**63)
_SHOWN = reprlib.Repr()
_SHOWN.maxstring = _SHOWN.maxother = _SHOWN.maxlong = 200


def read_toml(path: Path, where: str) -> dict[str, Any]:
    """Return the tables of a TOML file.

    Raises
    ------
    DeclarationError
        If the file is missing, cannot be read, is not UTF-8 or is not TOML, or if tables or numbers in it have no end.
    """
    try:
        text = path.read_bytes().decode("utf-8")
        if endless := _DOTTED.search(text):
            raise RecursionError(f"line {text.count(chr(10), 0, endless.start()) + 1} has a key of {_DEEPEST} parts")
        table = tomllib.loads(text)
    except FileNotFoundError as error:
        raise DeclarationError(where, "the file does not exist", mend="Add it") from error
    except OSError as error:
        raise DeclarationError(where, f"not read: {error.strerror}", expected="a file that can be read") from error
    except UnicodeDecodeError as error:
        raise DeclarationError(where, f"byte {error.start} is not UTF-8", mend="Save the file as UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise DeclarationError(where, f"not TOML: {error}", mend="Correct the syntax there") from error
    _check_bounds(table, where)
    return table


def _check_bounds(table: dict[str, Any], where: str) -> None:
    waiting: list[tuple[object, int]] = [(table, 0)]
    while waiting:
        value, depth = waiting.pop()
        if depth > _DEEPEST:
            raise DeclarationError(where, f"more than {_DEEPEST} tables or lists in one another", expected="fewer")
        if type(value) is int and value not in _WHOLE:
            raise DeclarationError(where, "a whole number of more than 64 bits", expected="a smaller one")
        if isinstance(value, dict | list):
            waiting += [(item, depth + 1) for item in (value.values() if isinstance(value, dict) else value)]


def declared(kind: type[T], table: object, where: str) -> T:
    """Return the dataclass ``kind`` that ``table`` declares; every key must be a field and every type must match.

    Fields may be ``str``, ``int``, ``float``, ``bool``, ``Literal``, ``X | None``, ``tuple``, ``Mapping[str, X]``
    and other dataclasses, nested.

    Raises
    ------
    DeclarationError
        Names the key, what was seen there and what was expected.
    """
    return typing.cast(T, _dataclass(kind, table, where))


def _dataclass(kind: Any, table: object, where: str) -> object:
    if not isinstance(table, Mapping):
        raise DeclarationError(where, f"{_SHOWN.repr(table)} is not a table", expected="a table of keys")
    fields = {field.name: field for field in dataclasses.fields(kind) if field.init}
    for key in table:
        if key not in fields:
            raise DeclarationError(
                where, f'unknown key "{key}"', expected=f"one of {', '.join(fields)}", mend=nearest(str(key), fields)
            )
    hints = _hints(kind)
    values: dict[str, object] = {}
    for name, field in fields.items():
        if name in table:
            values[name] = _value(hints[name], table[name], f"{where}, {name}")
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise DeclarationError(where, f'key "{name}" is missing', expected=_spoken(hints[name]), mend="Add it")
    return kind(**values)


@cache
def _hints(kind: type) -> dict[str, Any]:
    # Annotations are text that Python compiles at each call, and every sidecar and variable asks anew.
    return typing.get_type_hints(kind)


def _value(hint: Any, value: object, where: str) -> object:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if dataclasses.is_dataclass(hint):
        return _dataclass(hint, value, where)
    if origin is tuple:
        return _tuple(hint, value, where)
    if origin is Mapping and isinstance(value, dict):
        return {key: _value(arguments[1], item, f"{where}.{key}") for key, item in value.items()}
    if origin in (Union, types.UnionType):
        inner = [argument for argument in arguments if argument is not types.NoneType]
        for argument in inner[:-1]:
            try:
                return _value(argument, value, where)
            except DeclarationError:
                continue  # the next alternative may accept it; the last one speaks for all
        return _value(inner[-1], value, where)
    if origin is Literal and any(value == item and type(value) is type(item) for item in arguments):
        return value
    if hint is float and type(value) in (int, float) and _is_float(typing.cast(float, value)):
        return float(typing.cast(float, value))
    if hint in (str, int, bool) and type(value) is hint:
        return value
    if hint is Any:
        return value
    raise DeclarationError(where, _SHOWN.repr(value), expected=_spoken(hint))


def _is_float(value: float) -> bool:
    """Return whether a number is finite and, if it is a whole one, a float holds all its digits."""
    return abs(value) <= sys.float_info.max and float(value) == value


def _tuple(hint: Any, value: object, where: str) -> tuple[object, ...]:
    arguments = typing.get_args(hint)
    if not isinstance(value, list | tuple):
        raise DeclarationError(where, _SHOWN.repr(value), expected=_spoken(hint))
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        return tuple(_value(arguments[0], item, f"{where}[{place}]") for place, item in enumerate(value))
    if len(arguments) != len(value):
        raise DeclarationError(where, f"{len(value)} items", expected=f"{len(arguments)} items")
    pairs = zip(arguments, value, strict=True)
    return tuple(_value(argument, item, f"{where}[{place}]") for place, (argument, item) in enumerate(pairs))


def _spoken(hint: Any) -> str:
    if typing.get_origin(hint) is Literal:
        return "one of " + ", ".join(repr(item) for item in typing.get_args(hint))
    if dataclasses.is_dataclass(hint):
        return "a table"
    plain = {str: "text", int: "a whole number", float: "a finite number", bool: "true or false"}
    return plain.get(hint) or str(hint).replace("typing.", "").replace("collections.abc.", "")
