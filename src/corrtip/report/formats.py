"""How numbers are written: the one place that decides digits, signs and words of a number that people read."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, Literal

from corrtip.errors import ReportError, nearest

Below = Literal["std_error", "interval", "p_value"]
"""What may stand below an estimate in a table."""

MISSING: Final = "\N{EN DASH}"
_MINUS: Final = "\N{MINUS SIGN}"
_SMALLEST_P: Final = 0.001


def _signed(text: str) -> str:
    # A rounded zero has no sign: a minus before 0.00 would claim a direction that its digits do not show.
    if text.startswith("-"):
        return text[1:] if not text.strip("-0.,") else _MINUS + text[1:]
    return text


def _p_value(value: float) -> str:
    return "< .001" if value < _SMALLEST_P else f"{value:.3f}".removeprefix("0")


def _percent(value: float) -> str:
    # A share that is not whole must not be rounded to all or none.
    if 0.995 <= value < 1:
        return "> 99 %"
    if 0 < value < 0.005:
        return "< 1 %"
    return _signed(f"{100 * value:.0f} %")


FORMATS: Final[Mapping[str, Callable[[float], str]]] = MappingProxyType(
    {
        "year": lambda value: f"{value:.0f}",
        "count": lambda value: f"{value:,.0f}",
        "score": lambda value: f"{value:.1f}",
        "estimate": lambda value: _signed(f"{value:.3f}"),
        "statistic": lambda value: _signed(f"{value:.2f}"),
        "loglik": lambda value: _signed(f"{value:,.2f}"),
        "r2": lambda value: _signed(f"{value:.3f}"),
        "p": _p_value,
        "percent": _percent,
        "points": lambda value: _signed(f"{100 * value:.1f}"),
    }
)
"""The declared formats by name; a number in the report's prose or tables uses one of these and nothing else."""


def format_number(value: float | None, name: str) -> str:
    """Return ``value`` as the declared format ``name`` writes it.

    Parameters
    ----------
    value : float or None
        The number; None and NaN are written as an en dash.
    name : str
        One of `FORMATS`: ``p`` gives ``.042`` or ``< .001``; ``percent`` and ``points`` (percentage points) take shares
        between 0 and 1.

    Raises
    ------
    ReportError
        If no format has this name.

    Examples
    --------
    >>> format_number(-0.4137, "estimate"), format_number(0.0004, "p"), format_number(1846, "count")
    ('−0.414', '< .001', '1,846')
    """
    if name not in FORMATS:
        raise ReportError(f'format "{name}"', "no such format", mend=nearest(name, FORMATS))
    return _written(value, FORMATS[name])


def format_decimals(value: float | None, decimals: int) -> str:
    """Return ``value`` with a number of decimals that its neighbours decide, as in the rows of a regression table.

    Examples
    --------
    >>> format_decimals(-0.0000412, 6), format_decimals(-0.0000412, 3)
    ('−0.000041', '0.000')
    """
    return _written(value, lambda number: _signed(f"{number:.{decimals}f}"))


def _written(value: float | None, write: Callable[[float], str]) -> str:
    if value is None or math.isnan(value):
        return MISSING
    if math.isinf(value):
        return "∞" if value > 0 else f"{_MINUS}∞"
    return write(float(value))


def format_p_phrase(value: float | None) -> str:
    """Return ``p = .042`` or ``p < .001``, the way a sentence says it.

    Examples
    --------
    >>> format_p_phrase(0.0421), format_p_phrase(1e-9)
    ('p = .042', 'p < .001')
    """
    text = format_number(value, "p")
    return f"p {text}" if text.startswith("<") else f"p = {text}"


def format_interval(low: float | None, high: float | None, name: str) -> str:
    """Return ``low to high`` in the declared format; the word keeps a minus sign from reading as a dash.

    Examples
    --------
    >>> format_interval(-0.8, 0.1, "statistic")
    '−0.80 to 0.10'
    """
    ends = [format_number(end, name) for end in (low, high)]
    return MISSING if ends == [MISSING, MISSING] else " to ".join(ends)


def with_minus(text: str) -> str:
    """Return ``text`` with the sign of print before negative numbers; ranges and compounds keep their hyphens.

    Examples
    --------
    >>> with_minus("tau-b of the index (0-10) is -0.31")
    'tau-b of the index (0-10) is −0.31'
    """
    return re.sub(r"(?<![^\s(])-(?=\d)", _MINUS, text)


def format_list(items: list[str] | tuple[str, ...]) -> str:
    """Return the items as a sentence lists them.

    Examples
    --------
    >>> format_list(["Chad", "Iraq", "Yemen"])
    'Chad, Iraq and Yemen'
    """
    return " and ".join([", ".join(items[:-1]), items[-1]]) if len(items) > 1 else "".join(items)
