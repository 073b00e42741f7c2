"""Formulas give the columns that R and formulaic give, predict rightly, and run nothing of what they are given."""

from __future__ import annotations

import gc
import pickle
import sys
from subprocess import run

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corrtip.errors import FormulaError, ModelError
from corrtip.models import formula as module
from corrtip.models.formula import MAX_TERMS, build_terms, parse_formula
from corrtip.models.model import clm

# Sums and products of a handful of doubles: a few units in the last place.
ROUNDING = 1e-12


def _data(rows: int = 60) -> pd.DataFrame:
    draw = np.random.default_rng(7)
    return pd.DataFrame(
        {
            "cpi": draw.normal(5, 2, rows),
            "gini": draw.uniform(20, 60, rows),
            "year": draw.integers(2001, 2005, rows),
            "region": draw.choice(["Asia", "Europe", "Africa (South)"], rows),
            "income": pd.Categorical(draw.choice(["low", "high"], rows), categories=["low", "middle", "high"]),
            "landlocked": draw.random(rows) > 0.5,
            "infant mortality": draw.uniform(1, 90, rows),
            "gdp.per.head": draw.uniform(1, 90, rows),
        },
        index=pd.Index([f"C{row:02d}" for row in range(rows)], name="iso3"),
    )


DATA = _data()


def _refused(right_hand_side: str, data: pd.DataFrame = DATA) -> FormulaError:
    with pytest.raises(FormulaError) as caught:
        build_terms(right_hand_side, data)
    return caught.value


# --- the outcome's side


@pytest.mark.parametrize(
    ("formula", "parts"),
    [
        ("tier ~ cpi", ("tier", "cpi")),
        ("  tier~cpi + gini ", ("tier", "cpi + gini")),
        ("`tier of 2005` ~ 1", ("tier of 2005", "1")),
        ("tier.2005 ~ `a ~ b`", ("tier.2005", "`a ~ b`")),
        ("`a ~ b` ~ cpi", ("a ~ b", "cpi")),
    ],
)
def test_formula_has_two_sides(formula: str, parts: tuple[str, str]) -> None:
    assert parse_formula(formula) == parts


@pytest.mark.parametrize(
    ("formula", "seen"),
    [
        ("log(tier) ~ cpi", '"log(tier)" is not a plain column'),
        ("tier + cpi ~ gini", '"tier + cpi" is not a plain column'),
        ("1 ~ gini", '"1" is not a plain column'),
        ("~ cpi", '"" is not a plain column'),
        ("tier", 'no ~ in "tier"'),
        ("tier ~", "nothing right of ~"),
        ("tier ~ ~ cpi", "two ~"),
        ("tier ~ " + "a" * 6000, "6007 characters"),
    ],
)
def test_formula_without_outcome_and_terms_is_refused(formula: str, seen: str) -> None:
    with pytest.raises(FormulaError) as caught:
        parse_formula(formula)
    assert seen in caught.value.seen


def test_formula_that_is_no_text_is_refused() -> None:
    with pytest.raises(FormulaError, match="a list"):
        parse_formula(["tier", "cpi"])  # type: ignore[arg-type]


# --- columns


@pytest.mark.parametrize(
    "right_hand_side",
    [
        "cpi + gini",
        "cpi * gini",
        "(cpi + gini + landlocked) ** 2",
        "cpi / gini",
        "cpi * gini - cpi",
        "region",
        "region + income",
        "cpi * region",
        "region * income",
        "region:income",
        "cpi:region",
        "log(gini)",
        "I(cpi ** 2 - 3 * gini / 2)",
        "poly(cpi, 3)",
        "bs(gini, df=5)",
        "bs(gini, knots=[30, 45], degree=2)",
        "bs(gini, df=4):region",
        "cr(gini, df=4, constraints='center')",
        "center(gini) + scale(cpi) + standardize(log(gini))",
        "log(`infant mortality`)",
        "gdp.per.head",
    ],
)
def test_columns_are_those_of_formulaic(right_hand_side: str) -> None:
    from formulaic import model_matrix

    present = DATA.assign(income=DATA.income.cat.remove_unused_categories(), landlocked=DATA.landlocked.astype(float))
    expected = model_matrix(right_hand_side, present).drop(columns="Intercept")
    terms = build_terms(right_hand_side, DATA)
    assert terms.names == tuple(expected.columns)
    np.testing.assert_allclose(terms.matrix(DATA), expected.to_numpy(dtype=float), rtol=ROUNDING, atol=ROUNDING)


def test_raw_polynomials_are_powers_named_by_degree() -> None:
    terms = build_terms("poly(cpi, 2, raw=True)", DATA)
    assert terms.names == ("poly(cpi, 2, raw=True)[1]", "poly(cpi, 2, raw=True)[2]")
    np.testing.assert_allclose(terms.matrix(DATA), np.column_stack([DATA.cpi, DATA.cpi**2]), rtol=ROUNDING)


def test_no_terms_give_no_columns() -> None:
    for right_hand_side in ("1", "~ 1", "cpi - cpi"):
        terms = build_terms(right_hand_side, DATA)
        assert terms.names == ()
        assert terms.matrix(DATA).shape == (len(DATA), 0)


def test_terms_say_what_they_use() -> None:
    terms = build_terms("~ cpi * region + log(`infant mortality`)", DATA, argument="scale")
    assert terms.formula == "~ cpi * region + log(`infant mortality`)"
    assert terms.columns == ("cpi", "region", "infant mortality")
    assert terms.names == (
        "cpi",
        "region[T.Asia]",
        "region[T.Europe]",
        "log(`infant mortality`)",
        "cpi:region[T.Asia]",
        "cpi:region[T.Europe]",
    )
    assert terms.term_names == ("cpi", "region", "region", "log(`infant mortality`)", "cpi:region", "cpi:region")


def test_matrix_is_contiguous_float64_and_leaves_the_data_alone() -> None:
    before = DATA.copy(deep=True)
    matrix = build_terms("year * landlocked + region", DATA).matrix(DATA)
    assert matrix.dtype == np.float64
    assert matrix.flags.c_contiguous
    pd.testing.assert_frame_equal(DATA, before)


def test_whole_numbers_do_not_wrap_around() -> None:
    data = pd.DataFrame({"population": [3_000_000_000, 2, 5]})
    assert build_terms("I(population ** 3)", data).matrix(data)[0, 0] == pytest.approx(2.7e28, rel=ROUNDING)


@pytest.mark.parametrize("dtype", ["Int64", "Float64", "float32", "uint8", "object", "boolean"])
def test_every_kind_of_number_is_a_number(dtype: str) -> None:
    data = pd.DataFrame({"x": pd.Series([1, 0, 1, 1]).astype(dtype)})
    np.testing.assert_array_equal(build_terms("x", data).matrix(data)[:, 0], [1, 0, 1, 1])


# --- categories


def test_first_level_is_the_reference_in_sorted_or_declared_order() -> None:
    assert build_terms("region", DATA).names == ("region[T.Asia]", "region[T.Europe]")
    assert build_terms("income", DATA).names == ("income[T.high]",)  # "middle" has no rows


def test_category_of_numbers_names_whole_numbers() -> None:
    expected = ("C(year)[T.2002]", "C(year)[T.2003]", "C(year)[T.2004]")
    assert build_terms("C(year)", DATA).names == expected
    assert build_terms("C(year)", DATA.astype({"year": float})).names == expected


def test_reference_level_can_be_chosen() -> None:
    terms = build_terms("C(region, Treatment('Europe')) + C(year, Treatment(reference=2003))", DATA)
    matrix = terms.matrix(DATA)
    assert not matrix[DATA.region == "Europe", :2].any()
    assert not matrix[DATA.year == 2003, 2:].any()
    assert "no row has the reference level" in _refused("C(region, Treatment('Oceania'))").seen


def test_coding_of_a_row_does_not_depend_on_its_company() -> None:
    terms = build_terms("region * C(year) + income", DATA)
    alone = np.vstack([terms.matrix(DATA.iloc[[row]]) for row in range(len(DATA))])
    np.testing.assert_array_equal(alone, terms.matrix(DATA))


def test_new_data_may_declare_other_levels() -> None:
    terms = build_terms("income", DATA)
    other = pd.DataFrame({"income": pd.Categorical(["high", "low"], categories=["high", "low", "unknown"])})
    np.testing.assert_array_equal(terms.matrix(other), [[1.0], [0.0]])
    np.testing.assert_array_equal(terms.matrix(pd.DataFrame({"income": ["high", "low"]})), [[1.0], [0.0]])


@pytest.mark.parametrize(
    ("right_hand_side", "change", "seen"),
    [
        ("region", {"region": "Oceania"}, 'level "Oceania" was not seen in the fit'),
        ("C(year)", {"year": 2007}, 'level "2007" was not seen in the fit'),
        ("income", {"income": "middle"}, 'level "middle" was not seen in the fit'),
        ("cpi:region", {"region": "asia"}, 'level "asia" was not seen in the fit'),
    ],
)
def test_unseen_level_is_refused_with_its_row(right_hand_side: str, change: dict[str, object], seen: str) -> None:
    terms = build_terms(right_hand_side, DATA)
    new = DATA.iloc[:3].copy()
    for name, value in change.items():
        new[name] = new[name].astype(object)
        new.loc["C01", name] = value
    with pytest.raises(FormulaError) as caught:
        terms.matrix(new)
    assert caught.value.seen == f"row 'C01': {seen}"
    assert next(iter(change)) in caught.value.where
    assert caught.value.mend


def test_category_with_one_level_is_refused() -> None:
    assert 'one level only, "Asia"' in _refused("region", DATA[DATA.region == "Asia"]).seen


# --- transforms remember the fit


@pytest.mark.parametrize(
    "right_hand_side",
    [
        "poly(cpi, 3)",
        "bs(gini, df=6)",
        "cr(gini, df=5)",
        "center(cpi) + scale(gini) + standardize(log(gini))",
        "poly(center(log(gini)), 2) * region",
    ],
)
def test_new_data_get_the_columns_of_the_fit(right_hand_side: str) -> None:
    terms = build_terms(right_hand_side, DATA)
    few = DATA.iloc[[3, 17, 40]]
    np.testing.assert_allclose(terms.matrix(few), terms.matrix(DATA)[[3, 17, 40]], rtol=ROUNDING, atol=ROUNDING)


def test_prediction_changes_nothing_that_is_remembered() -> None:
    terms = build_terms("scale(cpi) + cr(gini, df=4) + region", DATA)
    before = terms.matrix(DATA)
    terms.matrix(DATA.iloc[:5])
    np.testing.assert_array_equal(terms.matrix(DATA), before)


def test_natural_spline_is_centred_and_goes_on_straight() -> None:
    terms = build_terms("cr(gini, df=4)", DATA)
    assert np.abs(terms.matrix(DATA).mean(axis=0)).max() < ROUNDING
    beyond = pd.DataFrame({"gini": np.linspace(65, 95, 7)})
    assert np.abs(np.diff(terms.matrix(beyond), n=2, axis=0)).max() < ROUNDING
    with_intercept = np.column_stack([np.ones(len(DATA)), terms.matrix(DATA)])
    assert np.linalg.matrix_rank(with_intercept) == 5


def test_b_spline_refuses_to_go_on_unless_told_how() -> None:
    beyond = pd.DataFrame({"gini": [30.0, 99.0]}, index=["AFG", "AGO"])
    with pytest.raises(FormulaError) as caught:
        build_terms("bs(gini, df=4)", DATA).matrix(beyond)
    assert caught.value.seen == "nan in row 'AGO', first where gini is 99.0"
    assert 'extrapolation="extend"' in caught.value.mend
    clipped = build_terms("bs(gini, df=4, extrapolation='clip')", DATA).matrix(beyond)
    np.testing.assert_allclose(clipped[1], [0, 0, 0, 1], atol=ROUNDING)


@pytest.mark.parametrize(
    ("right_hand_side", "seen"),
    [
        ("bs(gini, knots=[99])", "knots"),
        ("bs(gini, knots=[45, 30])", "knots"),
        ("bs(gini, knots=[30], lower_bound=40, extrapolation='clip')", "knots"),
        ("cr(gini, df=1)", "cr(gini, df=1)"),
        ("cr(gini)", "Must specify either"),
        ("cr(gini, knots=[99])", "above upper bound"),
        ("bs(gini, df=4, knots=[30])", "cannot specify both"),
        ("bs(gini, df=2)", "must be greater than 3"),
        ("poly(I(0 * cpi), 1)", "nan in 60 rows"),
    ],
)
def test_options_that_the_values_do_not_allow_are_refused(right_hand_side: str, seen: str) -> None:
    error = _refused(right_hand_side)
    assert seen in error.seen
    assert error.expected


@pytest.mark.parametrize(
    ("right_hand_side", "seen"),
    [
        ("poly(year, 4)", "linearly dependent"),
        ("cr(year, df=5)", "linearly dependent"),
        ("bs(year, df=4)", "linearly dependent"),
        ("bs(landlocked, df=5, degree=1)", "the same value in every row"),
        ("scale(I(0 * cpi + 0.1))", "the same value in every row"),
    ],
)
def test_basis_that_the_values_cannot_carry_is_refused_by_the_fit(right_hand_side: str, seen: str) -> None:
    data = DATA.assign(tier=np.random.default_rng(3).integers(1, 4, len(DATA)))
    with pytest.raises(ModelError) as caught:
        clm(f"tier ~ {right_hand_side}", data)
    assert seen in caught.value.seen
    assert right_hand_side in str(caught.value)


def test_double_knot_is_a_spline() -> None:
    basis = build_terms("bs(gini, knots=[30, 30])", DATA).matrix(DATA)
    assert np.linalg.matrix_rank(np.column_stack([np.ones(len(DATA)), basis])) == 6


# --- pickling


@pytest.mark.parametrize(
    "right_hand_side", ["1", "cpi + gini", "region * poly(cpi, 2) + bs(gini, df=4)", "C(year):cpi"]
)
def test_terms_pickle_and_then_predict(right_hand_side: str) -> None:
    terms = build_terms(right_hand_side, DATA)
    again = pickle.loads(pickle.dumps(terms))
    assert (again.formula, again.names, again.term_names) == (terms.formula, terms.names, terms.term_names)
    np.testing.assert_array_equal(again.matrix(DATA), terms.matrix(DATA))
    np.testing.assert_array_equal(again.matrix(DATA.iloc[5:9]), terms.matrix(DATA)[5:9])


def test_pickle_holds_no_data() -> None:
    formula = "region * poly(cpi, 2) + bs(gini, df=4)"
    assert len(pickle.dumps(build_terms(formula, _data(5000)))) < 2 * len(pickle.dumps(build_terms(formula, _data(50))))


# --- dropped terms


@pytest.mark.parametrize("dropped", ["cpi:region", "region:cpi"])
def test_dropped_terms_leave_after_coding(dropped: str) -> None:
    everything = build_terms("cpi * region + gini", DATA)
    terms = build_terms("cpi * region + gini", DATA, drop=[dropped, "region"])
    assert terms.names == ("cpi", "gini")
    assert terms.term_names == ("cpi", "gini")
    np.testing.assert_array_equal(terms.matrix(DATA), everything.matrix(DATA)[:, [0, 3]])


def test_dropping_a_main_effect_keeps_the_coding_of_its_product() -> None:
    terms = build_terms("cpi * region", DATA, drop=["region"])
    assert terms.names == ("cpi", "cpi:region[T.Asia]", "cpi:region[T.Europe]")


def test_dropped_calls_and_quoted_columns_are_recognised() -> None:
    right_hand_side = "log(`infant mortality`):cpi + `infant mortality` + gini"
    moved = build_terms("~ cpi:log(`infant mortality`) + `infant mortality`", DATA, argument="nominal").term_names
    assert build_terms(right_hand_side, DATA, drop=moved).names == ("gini",)


def test_dropping_what_is_not_there_changes_nothing() -> None:
    assert build_terms("cpi", DATA, drop=["gini", "cpi:gini", ""]).names == ("cpi",)


# --- values that cannot be represented


@pytest.mark.parametrize(
    ("right_hand_side", "column", "value", "seen"),
    [
        ("cpi", "cpi", np.nan, "missing in row 'C04'"),
        ("cpi", "cpi", np.inf, "inf in row 'C04'"),
        ("cpi", "cpi", -np.inf, "-inf in row 'C04'"),
        ("log(gini)", "gini", -3.0, "nan in row 'C04', first where gini is -3.0"),
        ("log(gini)", "gini", 0.0, "-inf in row 'C04', first where gini is 0.0"),
        ("I(cpi / gini)", "gini", 0.0, "in row 'C04', first where cpi is"),
        ("exp(gini)", "gini", 1e4, "inf in row 'C04', first where gini is 10000.0"),
        ("I(log(gini) ** 0)", "gini", -1.0, "nan in row 'C04'"),
        ("gini:cpi", "gini", 1e308, "inf in row 'C04'"),
        ("region", "region", None, "missing in row 'C04'"),
        ("C(year)", "year", np.nan, "missing in row 'C04'"),
        ("C(year)", "year", np.inf, "inf in row 'C04'"),
    ],
)
def test_missing_and_infinite_values_are_refused_with_their_row(
    right_hand_side: str, column: str, value: object, seen: str
) -> None:
    broken = DATA.astype({"year": float, "region": object})
    broken["cpi"] = broken["cpi"].abs() + 10
    terms = build_terms(right_hand_side, broken)
    broken.loc["C04", column] = value
    for attempt in (lambda: build_terms(right_hand_side, broken).matrix(broken), lambda: terms.matrix(broken)):
        with pytest.raises(FormulaError) as caught:
            attempt()
        assert seen in caught.value.seen
        assert column in caught.value.where


def test_many_rows_are_counted_and_the_first_named() -> None:
    index = pd.MultiIndex.from_product([["AFG", "AGO"], range(2001, 2031)], names=["iso3", "year"])
    broken = pd.DataFrame({"cpi": np.nan}, index=index)
    assert _refused("cpi", broken).seen == (
        "missing in 60 rows (('AFG', 2001), ('AFG', 2002), ('AFG', 2003), ('AFG', 2004), ('AFG', 2005), ...)"
    )


def test_column_that_is_not_there_is_refused_with_the_nearest() -> None:
    error = _refused("cpi + ginny")
    assert (error.where, error.seen, error.mend) == ("formula", 'no column "ginny"', "Nearest: 'gini'")
    with pytest.raises(FormulaError, match='scale: no column "gini"'):
        build_terms("gini", DATA, argument="scale").matrix(DATA[["cpi"]])


def test_column_that_is_only_taken_away_must_exist_too() -> None:
    assert _refused("cpi - ginny").seen == 'no column "ginny"'


@pytest.mark.parametrize(
    ("values", "seen"),
    [
        (pd.to_datetime(["2005-01-01"] * 3), "values of type datetime64"),
        ([1, "a", 2.5], "values of type mixed"),
        ([1j, 2j, 3j], "values of type complex"),
        ([[1], [2], [3]], "values of type mixed"),
    ],
)
def test_column_that_is_neither_number_nor_text_is_refused(values: object, seen: str) -> None:
    for right_hand_side in ("x", "C(x)"):
        assert seen in _refused(right_hand_side, pd.DataFrame({"x": values})).seen


def test_text_is_no_number() -> None:
    assert _refused("log(region)").seen == "holds text or categories"
    with pytest.raises(FormulaError, match="holds text or categories"):
        build_terms("cpi", DATA).matrix(DATA.assign(cpi="high"))


def test_data_without_rows_or_without_columns_of_one_name_are_refused() -> None:
    assert "no rows" in _refused("cpi", DATA.iloc[:0]).seen
    assert "two columns" in _refused("cpi", pd.concat([DATA, DATA[["cpi"]]], axis=1)).seen
    with pytest.raises(FormulaError, match="data are a dict"):
        build_terms("cpi", {"cpi": [1.0, 2.0]})  # type: ignore[arg-type]


def test_prediction_for_no_rows_gives_no_rows() -> None:
    terms = build_terms("cpi + region + bs(gini, df=4)", DATA)
    assert terms.matrix(DATA.iloc[:0]).shape == (0, 7)


def test_names_that_would_be_confused_are_refused() -> None:
    odd = DATA.rename(columns={"cpi": "log(gini)", "year": "1", "infant mortality": "region[T.Asia]"})
    assert 'two factors are called "log(gini)"' in _refused("`log(gini)` + log(gini)", odd).seen
    assert 'two factors are called "1"' in _refused("`1`", odd).seen
    assert "two columns are called" in _refused("region + `region[T.Asia]`", odd).seen
    products = pd.DataFrame({"a": [1.0, 2], "b": [3.0, 5], "a:b": [7.0, 11]})
    assert "two terms are called" in _refused("a:b + `a:b`", products).seen


@pytest.mark.parametrize(
    "name", ["a:b", "log(x)", "it's", 'the "index"', "lambda", "log", "a_b", "f0", "Intercept", "quoted0", "é"]
)
def test_any_other_name_is_a_column(name: str) -> None:
    data = pd.DataFrame({name: [1.0, 4.0, 9.0], "x": [2.0, 3.0, 5.0]})
    terms = build_terms(f"`{name}` + sqrt(`{name}`) + `{name}`:x", data)
    np.testing.assert_allclose(terms.matrix(data), [[1, 1, 2], [4, 2, 12], [9, 3, 45]], rtol=ROUNDING)
    again = pickle.loads(pickle.dumps(terms))
    np.testing.assert_array_equal(again.matrix(data), terms.matrix(data))


def test_names_that_python_or_formulaic_would_confuse_are_told_apart() -> None:
    data = pd.DataFrame({"a b": [2.0, 3.0, 5.0], "a_b": [2.0, 4.0, 9.0], "log": [1.0, 4.0, 9.0], "é": [1.0, 1.0, 3.0]})
    for right_hand_side in (
        "scale(`a b` + 2 * `a b` ** 2 - a_b)",
        "center(`a b`) + center(a_b)",
        "poly(log(log), 2)",
        "scale(é)",
    ):
        terms = build_terms(right_hand_side, data)
        matrix = terms.matrix(data)
        alone = np.vstack([terms.matrix(data.iloc[[row]]) for row in range(len(data))])
        np.testing.assert_allclose(alone, matrix, rtol=ROUNDING, atol=ROUNDING)
        assert " + ".join(dict.fromkeys(terms.term_names)) == right_hand_side
    mean = data["a b"].mean(), data["a_b"].mean()
    expected = np.column_stack([data["a b"] - mean[0], data["a_b"] - mean[1]])
    np.testing.assert_allclose(build_terms("center(`a b`) + center(a_b)", data).matrix(data), expected, atol=ROUNDING)


def test_a_formula_draws_no_random_number() -> None:
    np.random.seed(1)  # noqa: NPY002
    before = np.random.get_state()[2]  # noqa: NPY002
    build_terms("scale(`infant mortality` + `infant mortality` ** 2)", DATA).matrix(DATA)
    assert np.random.get_state()[2] == before  # noqa: NPY002


# --- what formulas may not do

ATTACKS = [
    "__import__('os').system('true')",
    "I(__import__('os').system('true'))",
    "eval('cpi')",
    "I(eval('cpi'))",
    "().__class__",
    "I(().__class__)",
    "I(cpi.__class__)",
    "log.__globals__",
    "log(cpi).real",
    "cpi.values",
    "cpi[0]",
    "I(cpi[0])",
    "{cpi}",
    "{__import__('os')}",
    "I({cpi})",
    "I(f'{cpi}')",
    "f'{cpi}'",
    "'cpi'",
    "I('cpi')",
    "Q('cpi')",
    "hashed(region)",
    "lag(cpi)",
    "np.log(cpi)",
    "contr.sum",
    "C(region, contr.sum)",
    "C(region, levels=['Asia'])",
    "C(region, Treatment(__import__('os')))",
    "C(region, Treatment)",
    "C(region, Treatment('Asia', 'Europe'))",
    "C(log(cpi))",
    "C(C(region))",
    "C()",
    "I()",
    "log()",
    "log(cpi, out=cpi)",
    "log(cpi, cpi)",
    "log(x=cpi)",
    "log(*cpi)",
    "log(**cpi)",
    "log(log)(cpi)",
    "log(cpi)(cpi)",
    "log",
    "I(lambda: cpi)",
    "I([x for x in cpi])",
    "I(cpi if cpi else gini)",
    "I(cpi := gini)",
    "I(cpi and gini)",
    "I(cpi < gini)",
    "I(not cpi)",
    "I(cpi @ gini)",
    "I(cpi % 2)",
    "I(cpi // 2)",
    "I(cpi | gini)",
    "I((cpi, gini))",
    "I(True * cpi)",
    "I(1j * cpi)",
    "I(None)",
    "I(...)",
    "I(2)",
    "I(9 ** 9 ** 9 ** 9)",
    "I(1" + "0" * 400 + " * cpi)",
    "I(1e999 * cpi)",
    "log(poly(cpi, 2))",
    "bs(cpi, df=10 ** 9)",
    "bs(cpi, df=1000000)",
    "bs(cpi, df=4, df=5)",
    "bs(cpi, df=True)",
    "bs(cpi, df='4')",
    "bs(cpi, include_intercept=True)",
    "bs(cpi, _state={})",
    "bs(cpi, knots=cpi)",
    "bs(cpi, knots=[cpi])",
    "bs(cpi, knots=[" + "1," * 100 + "])",
    "cr(gini, df=4, constraints=[[1]])",
    "cr(gini, df=4, cyclic=True)",
    "poly(cpi, 1000)",
    "poly(cpi, raw=1)",
    "scale(cpi, center=0)",
    "(__import__('os').system)('true') ~ cpi",
    "`cpi` ~ [__import__('os')]",
    "cpi + ().__class__(gini)",
    "log(cpi)[0]",
    "log(cpi).real + gini",
    "{log(cpi)}[0]",
    "%log(cpi)%",
    "cpi %{gini}% gini",
    "cpi # {gini}",
    "log(`cpi`.values)",
    "log(`cpi` if `gini` else `cpi`)",
    "I(`cpi``gini`)",
    "log(``)",
    "I(cpi + 9 ** 9 ** 9 ** 9)",
    "I((-1) ** 0.5 * cpi)",
    "C(region, contr.treatment('Asia'))",
    "C(region, contrasts=Treatment('Asia'))",
    "C(region, Treatment(base='Asia'))",
    "C(region, Sum)",
    "C(region, {'a': [1, 0, 0]})",
    "C('region')",
    "poly(cpi, 2, degree=3)",
    "bs(hashed(region), df=4)",
    "log(center)",
    "np",
    "contr",
    "[)",
    "(]",
    "cpi + .",
    ".",
    "cpi ~ gini",
    "~ ~ cpi",
    "cpi | gini",
    "[cpi ~ gini]",
    "cpi %in% gini",
    "cpi in gini",
    "cpi gini",
    "cpi @ gini",
    "cpi = gini",
    "cpi; gini",
    "cpi # gini",
    "2 * cpi",
    "cpi:2",
    "cpi:1",
    "3",
    "cpi + 0.5",
    "cpi ** gini",
    "cpi ** 0",
    "cpi ** -1",
    "cpi ** 99",
    "cpi ** 2 ** 2",
    "cpi:-gini",
    "-cpi",
    "* cpi",
    "cpi +",
    "cpi + ()",
    "(cpi",
    "cpi)",
    "(cpi)(gini)",
    "log(cpi",
    "`cpi",
    "``",
    "",
    "~",
    "\x00",
    "cpi + \ud800",
    "I(" + "-" * 400 + "cpi)",
    "I(" + "not " * 100 + "cpi)",
    "I(" + "[" * 90 + "]" * 90 + ")",
    "log(" * 90 + "gini" + ")" * 90,
    "(" * 300 + "cpi" + ")" * 300,
    "+".join(["cpi"] * 2000),
    "+".join(["cpi"] * 500),
]


@pytest.mark.parametrize("attack", ATTACKS, ids=[f"{text[:40]!r}" for text in ATTACKS])
def test_everything_else_is_refused(attack: str) -> None:
    error = _refused(attack)
    assert error.expected or "~" in error.seen
    assert str(error).isprintable()


@pytest.mark.parametrize("right_hand_side", ["cpi - 1", "0 + cpi", "cpi + 0", "region - 1", "cpi - (1)"])
def test_intercept_cannot_be_taken_out(right_hand_side: str) -> None:
    error = _refused(right_hand_side)
    assert "takes the intercept out" in error.seen
    assert "thresholds are the intercepts" in error.expected


def test_expansion_is_counted_before_it_is_made() -> None:
    many = pd.DataFrame({f"x{number}": [1.0, 2.0] for number in range(MAX_TERMS + 10)})
    assert "terms" in _refused(" + ".join(many.columns), many).seen
    assert "products" in _refused("(" + "+".join(many.columns[:60]) + ") ** 10", many).seen
    assert "products" in _refused("*".join(f"(x{n} + x{n + 1})" for n in range(12)), many).seen
    assert len(build_terms(" + ".join(many.columns[: MAX_TERMS - 1]), many).names) == MAX_TERMS - 1


def test_products_of_many_levels_are_counted_before_they_are_made() -> None:
    rows = pd.DataFrame({name: np.arange(60) % (200 if name < "d" else 2) for name in "abcdefghij"})
    categories = [f"C({name})" for name in "defghij"]
    assert "too many columns" in _refused("C(a):C(b):C(c)", rows).seen
    assert "too many columns" in _refused(":".join(categories), rows).seen
    assert "too many columns" in _refused("*".join(categories), rows).seen
    assert "too many columns" in _refused(" + ".join(f"C(a):C({name})" for name in "bcdefghij"), rows).seen


def test_names_of_the_caller_are_not_seen() -> None:
    hidden = DATA.cpi.to_numpy()
    assert len(hidden)
    for right_hand_side in ("hidden", "I(hidden)", "log(hidden)"):
        assert _refused(right_hand_side).seen == 'no column "hidden"'


FRAGMENTS = [
    *["cpi", "gini", "region", "year", "`infant mortality`", "nope", "0", "1", "2", "-1", "0.5", "1e3"],
    *["+", "-", "*", "/", ":", "**", "^", "(", ")", "~", "|", ".", ",", "=", "[", "]", "{", "}", "`", "'", '"', "\\"],
    *[
        "C(",
        "log(",
        "I(",
        "bs(",
        "cr(",
        "poly(",
        "scale(",
        "Treatment(",
        "df=4",
        "raw=True",
        "knots=[30]",
        " ",
        "\n",
        "#",
    ],
]


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(st.one_of(st.lists(st.sampled_from(FRAGMENTS), max_size=14).map("".join), st.text(max_size=60)))
def test_any_text_gives_finite_columns_or_a_formula_error(text: str) -> None:
    try:
        terms = build_terms(text, DATA)
        matrix = terms.matrix(DATA)
    except FormulaError:
        return
    assert matrix.shape == (len(DATA), len(terms.names))
    assert np.isfinite(matrix).all()
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(terms)).matrix(DATA), matrix)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.text(max_size=60))
def test_any_formula_has_two_sides_or_is_refused(text: str) -> None:
    try:
        outcome, right = parse_formula(text)
    except FormulaError:
        return
    assert outcome
    assert right == right.strip() != ""


_ATOM = st.sampled_from(["cpi", "gini", "3", "0.5"])
_ARITHMETIC = st.recursive(
    _ATOM,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda parts: f"({' '.join(parts)})"),
        inner.map(lambda part: f"-{part}"),
        inner.map(lambda part: f"abs({part})"),
    ),
    max_leaves=8,
)


@settings(max_examples=50, deadline=None, derandomize=True)
@given(_ARITHMETIC)
def test_arithmetic_is_that_of_python(expression: str) -> None:
    columns = {"cpi": DATA.cpi.to_numpy(), "gini": DATA.gini.to_numpy()}
    text = f"cpi + {expression}"
    expected = eval(text, {"abs": np.abs}, columns)
    if len(text) < 200:
        np.testing.assert_allclose(build_terms(f"I({text})", DATA).matrix(DATA)[:, 0], expected, rtol=ROUNDING)


# --- large data


def test_columns_made_in_parts_are_those_made_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    terms = build_terms("bs(cpi, df=4) + poly(gini, 2) * region", DATA)
    whole = terms.matrix(DATA)
    monkeypatch.setattr(module, "MATRIX_ROWS", 3)
    np.testing.assert_allclose(terms.matrix(DATA), whole, rtol=ROUNDING)


def test_a_level_that_comes_late_has_its_column(monkeypatch: pytest.MonkeyPatch) -> None:
    data = DATA.sort_values("region", ignore_index=True)
    formula = "region * poly(cpi, 2) + bs(gini, df=4)"
    whole = build_terms(formula, data)
    monkeypatch.setattr(module, "MATRIX_ROWS", 3)
    assert data["region"][:3].nunique() < data["region"].nunique()
    parts = build_terms(formula, data)
    assert parts.names == whole.names
    np.testing.assert_allclose(parts.matrix(data), whole.matrix(data), rtol=ROUNDING, atol=ROUNDING)


def test_no_copy_of_the_data_stays_behind() -> None:
    def frames() -> set[int]:
        return {id(held) for held in gc.get_objects() if isinstance(held, pd.DataFrame)}

    build_terms("cpi + gini", DATA)
    gc.collect()
    gc.disable()
    try:
        before = frames()
        terms = build_terms("cpi + log(gini) + region", DATA)
        terms.matrix(DATA)
        assert frames() <= before
    finally:
        gc.enable()


# --- the library stays light


def test_importing_the_module_does_not_import_formulaic() -> None:
    code = f"import sys, {module.__name__}; sys.exit('formulaic' in sys.modules)"
    assert run([sys.executable, "-c", code], check=False).returncode == 0
