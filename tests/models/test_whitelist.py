"""The whitelist reads what formulaic will read, and lets nothing run before it has."""

from __future__ import annotations

import ast
import builtins
import re

import pandas as pd
import pytest
from formulaic.materializers import base

from corrtip.errors import FormulaError
from corrtip.models.formula import build_terms
from corrtip.models.whitelist import (
    BASES,
    MAX_DEPTH,
    MAX_DF,
    MAX_TEXT,
    MAX_TOKENS,
    SIMPLE,
    check_text,
    code_name,
    column_names,
    read_formula,
    spell,
)

DATA = pd.DataFrame(
    {"cpi": [2.0, 3.5, 5.0, 7.0], "x) + canary() + (y": [1.0, 2.0, 4.0, 3.0], "it's": [2.0, 1.0, 4.0, 8.0]}
)


def _read(text: str) -> list[tuple[str, str]]:
    return [(token.token, spell(ast.unparse(node))) for token, node in read_formula(text, "formula")[1]]


def test_columns_and_calls_are_found_in_order() -> None:
    assert _read("cpi * log( gini ) - `a b`:I(`a b` ** 2)") == [
        ("cpi", "cpi"),
        ("log( gini )", "log(gini)"),
        ("a b", "`a b`"),
        ("I(`a b` ** 2)", "I(`a b` ** 2)"),
    ]


@pytest.mark.parametrize(
    "column", ["a b", "lambda", "log", "é", "it's", "_", "1", "", "\n", "\ud800", "__column_", "C(x)"]
)
def test_coded_names_are_words_of_python_that_no_other_column_has(column: str) -> None:
    coded = code_name(column)
    assert coded.isidentifier()
    assert coded.isascii()
    assert coded != column
    assert column_names(ast.parse(coded)) == (column,)


@pytest.mark.parametrize("column", ["cpi", "GDP", "x1", "a_b", "Treatment"])
def test_plain_words_stay_as_they_are(column: str) -> None:
    assert code_name(column) == column == spell(column)


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("log(gini) * cpi", ("cpi", "gini")),
        ("I(log)", ("log",)),
        ("bs(gini, knots=[30, 45], extrapolation='clip')", ("gini",)),
        ("C(region, Treatment('Asia'))", ("region",)),
    ],
)
def test_columns_are_names_that_are_not_called(text: str, columns: tuple[str, ...]) -> None:
    assert set(column_names(ast.parse(text))) == set(columns)


@pytest.mark.parametrize("name", SIMPLE)
def test_simple_functions_take_one_argument_and_nest(name: str) -> None:
    assert _read(f"{name}(log(cpi) + 1)")[0][1] == f"{name}(log(cpi) + 1)"
    for wrong in (f"{name}()", f"{name}(cpi, 1)", f"{name}(cpi, out=cpi)", f"{name}(poly(cpi, 2))"):
        with pytest.raises(FormulaError):
            read_formula(wrong, "formula")


@pytest.mark.parametrize("name", BASES)
def test_bases_stand_by_themselves(name: str) -> None:
    option = BASES[name][0]
    assert _read(f"{name}(log(cpi), {option}=3)")[0][1] == f"{name}(log(cpi), {option}=3)"
    assert _read(f"{name}(cpi, 3)")[0][1] == f"{name}(cpi, 3)"
    for wrong in (f"I({name}(cpi, 3))", f"I({name}(cpi, 3) + 1)", f"{name}(cpi, {option}=[3])"):
        with pytest.raises(FormulaError):
            read_formula(wrong, "formula")


def test_unknown_function_is_answered_with_the_nearest() -> None:
    with pytest.raises(FormulaError) as caught:
        read_formula("sqr(cpi)", "scale")
    assert (caught.value.where, caught.value.mend) == ("scale", "Nearest: 'sqrt'")


def test_text_and_depth_have_limits() -> None:
    assert check_text("a" * MAX_TEXT, "formula")
    with pytest.raises(FormulaError, match=str(MAX_TEXT)):
        check_text("a" * (MAX_TEXT + 1), "formula")
    with pytest.raises(FormulaError, match=f"more than {MAX_DEPTH} steps"):
        read_formula(f"I({' + '.join(['cpi'] * 60)})", "formula")
    with pytest.raises(FormulaError, match="products"):
        read_formula("*".join(f"(x{n} + y{n})" for n in range(12)), "formula")


@pytest.mark.parametrize(
    "text",
    [
        "I(canary())",
        "canary()(cpi)",
        "(canary)(cpi) ~ cpi",
        "(canary)() ~ cpi",
        "{canary()} ~ cpi",
        "cpi + {canary()}",
        "I(cpi + (lambda: canary())())",
        "log(cpi, where=canary())",
        "bs(cpi, df=canary())",
        "bs(cpi, df=3, _state=canary())",
        "C(cpi, Treatment(canary()))",
        "C(canary())",
        "[canary() ~ cpi]",
        "cpi %{canary()}% cpi",
        "cpi # canary()\n + {canary()}",
        "I(f'{canary()}' + cpi)",
        "I(cpi if canary() else cpi)",
        "I(cpi[canary()])",
        "(canary().x)(cpi)",
        "lag(canary())(cpi)",
        "\uff43anary(cpi)",
    ],
)
def test_nothing_of_what_is_refused_has_run(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []
    monkeypatch.setattr(builtins, "canary", lambda *_: ran.append(text), raising=False)
    with pytest.raises(FormulaError):
        build_terms(text, DATA)
    assert not ran


@pytest.mark.parametrize("column", ["x) + canary() + (y", "it's"])
def test_name_of_a_column_is_never_code(column: str, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[str] = []
    evaluate = base.stateful_eval
    monkeypatch.setattr(
        base, "stateful_eval", lambda expr, *args, **more: given.append(expr) or evaluate(expr, *args, **more)
    )
    build_terms(f"bs(sqrt(`{column}`), df=3)", DATA)
    assert given
    assert all(re.fullmatch(r"(bs\()?sqrt\(\w+\)(, df=3\))?", expression) for expression in given)


def test_names_of_ours_are_refused_from_outside() -> None:
    with pytest.raises(FormulaError):
        read_formula(f"log({code_name('a b')})", "formula")


def test_powers_of_powers_are_refused_before_they_are_counted() -> None:
    with pytest.raises(FormulaError, match="more than 20000 products"):
        read_formula(f"{'(' * 20}cpi + gini{')**10' * 20}", "formula")


@pytest.mark.parametrize("text", ["log(\uff47ini)", "\uff4c\uff4f\uff47(gini)", "I(cpi * \u00b5)", "log(gi\u0301ni)"])
def test_a_name_of_which_python_makes_another_is_refused(text: str) -> None:
    with pytest.raises(FormulaError, match="letters of which Python makes others"):
        read_formula(text, "formula")


def test_such_a_name_in_backticks_is_the_column_that_stands_there() -> None:
    assert _read("log(`\uff47ini`)") == [("log(`\uff47ini`)", "log(`\uff47ini`)")]
    assert _read("C(region, Treatment('\ufb01'))")[0][1] == "C(region, Treatment('\ufb01'))"


def test_as_many_names_and_signs_as_are_allowed_are_read_and_no_more() -> None:
    # Names with a sign between each two, after the "1 +" of the intercept.
    assert len(_read(" + ".join(["cpi"] * ((MAX_TOKENS - 1) // 2)))) == 249
    with pytest.raises(FormulaError, match="over 500 names and signs"):
        _read(" + ".join(["cpi"] * (MAX_TOKENS // 2)))


@pytest.mark.parametrize(
    ("allowed", "refused"),
    [
        (f"bs(cpi, df={MAX_DF})", f"bs(cpi, df={MAX_DF + 1})"),
        ("poly(cpi, degree=1)", "poly(cpi, degree=0)"),
        (f"bs(cpi, knots={[1] * MAX_DF})", f"bs(cpi, knots={[1] * (MAX_DF + 1)})"),
        ("bs(cpi, knots=[3, 4.5])", "bs(cpi, knots=[])"),
        ("bs(cpi, knots=(3, 5))", "bs(cpi, knots=(3, 'a'))"),
        ("cr(cpi, df=4, constraints='center')", "cr(cpi, df=4, constraints='centre')"),
        ("bs(cpi, df=4, extrapolation='clip')", "bs(cpi, df=4, extrapolation='cut')"),
        ("bs(cpi, df=4, upper_bound=1e15)", "bs(cpi, df=4, upper_bound=1.1e15)"),
        ("poly(cpi, 2, raw=True)", "poly(cpi, 2, raw=1)"),
    ],
)
def test_an_option_has_the_values_it_can_mean(allowed: str, refused: str) -> None:
    assert len(_read(allowed)) == 1
    with pytest.raises(FormulaError):
        _read(refused)


def test_products_are_allowed_up_to_the_limit() -> None:
    # (a + b) ** n is counted as 2 ** n products, and a factor of sums as the product of its sums.
    assert len(_read("(cpi + gini) ** 10 : (a + b) ** 4")) == 4
    with pytest.raises(FormulaError, match="products"):
        _read("(cpi + gini) ** 10 : (a + b) ** 5")
    with pytest.raises(FormulaError, match="products"):
        _read("(a + b + c) ** 10")
