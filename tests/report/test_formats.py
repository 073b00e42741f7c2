"""Numbers are written by declared formats."""

from __future__ import annotations

import math

import pytest

from corrtip.errors import ReportError
from corrtip.report.formats import FORMATS, format_interval, format_list, format_number, format_p_phrase


@pytest.mark.parametrize(
    ("value", "name", "text"),
    [
        (2005, "year", "2005"),
        (1846, "count", "1,846"),
        (1.9, "score", "1.9"),
        (-0.4137, "estimate", "−0.414"),
        (-0.0002, "estimate", "0.000"),
        (-12.345, "statistic", "−12.35"),
        (-1234.567, "loglik", "−1,234.57"),
        (0.0421, "p", ".042"),
        (0.00099, "p", "< .001"),
        (0.001, "p", ".001"),
        (0.99949, "p", ".999"),
        (0.99951, "p", "1.000"),
        (1.0, "p", "1.000"),
        (0.834, "percent", "83 %"),
        (0.9996, "percent", "> 99 %"),
        (1.0, "percent", "100 %"),
        (0.0004, "percent", "< 1 %"),
        (0.0, "percent", "0 %"),
        (-0.0051, "points", "−0.5"),
        (math.nan, "estimate", "–"),
        (None, "count", "–"),
        (math.inf, "statistic", "∞"),
        (-math.inf, "statistic", "−∞"),
    ],
)
def test_each_format_writes_as_declared(value: float | None, name: str, text: str) -> None:
    assert format_number(value, name) == text


def test_an_unknown_format_names_the_nearest() -> None:
    with pytest.raises(ReportError, match="'estimate'"):
        format_number(1.0, "estimat")


def test_every_format_writes_missing_the_same_way() -> None:
    assert {format_number(math.nan, name) for name in FORMATS} == {"–"}


def test_phrases() -> None:
    assert format_p_phrase(0.0421) == "p = .042"
    assert format_p_phrase(0.0) == "p < .001"
    assert format_interval(-0.8, 0.1, "statistic") == "−0.80 to 0.10"
    assert [format_list(list(items)) for items in ("", "a", "ab", "abc")] == ["", "a", "a and b", "a, b and c"]
