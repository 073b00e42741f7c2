import numpy as np
import pandas as pd
import pytest
from scipy.interpolate import BSpline

from corrtip.errors import ModelError
from corrtip.models import counterfactual
from corrtip.models.counterfactual import categories, column_derivatives, population
from corrtip.models.model import clm, fit_arrays

# Seven-point differences of a function that turns within a ten-thousandth of the observed range.
DERIVATIVE = 1e-9
# The same differences, of a polynomial of their degree or less.
POLYNOMIAL = 1e-12


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(3)
    rows = 200
    found = pd.DataFrame(
        {
            "x": rng.gamma(0.5, 10.0, rows) + 1e-3,
            "z": rng.normal(size=rows),
            "year": rng.integers(2003, 2008, rows),
            "flag": rng.integers(0, 2, rows),
            "g": rng.choice(["a", "b", "c"], rows),
            "w": rng.integers(1, 4, rows),
        }
    )
    return found.assign(y=np.digitize(0.3 * np.log(found["x"]) + rng.logistic(size=rows), [-1.0, 0.3, 1.5]))


FORMULAS = {
    "log(x)": ("x", lambda data: 1.0 / data["x"]),
    "sqrt(x)": ("x", lambda data: 0.5 / np.sqrt(data["x"])),
    "exp(-x)": ("x", lambda data: -np.exp(-data["x"])),
    "I(1 / z)": ("z", lambda data: -1.0 / data["z"] ** 2),  # a pole inside the range
    "abs(z)": ("z", lambda data: np.sign(data["z"])),  # a kink inside the range
    "I(x * z)": ("x", lambda data: data["z"]),
    "center(year)": ("year", lambda data: 1.0 + 0.0 * data["x"]),
}


@pytest.mark.parametrize("term", FORMULAS)
def test_derivatives_are_those_of_the_formula(term, data):
    variable, derivative = FORMULAS[term]
    found = column_derivatives(population(clm(f"y ~ {term}", data)), variable)
    np.testing.assert_allclose(found.location, derivative(data).to_numpy()[:, None], rtol=DERIVATIVE)


def test_a_polynomial_has_its_derivative(data):
    found = column_derivatives(population(clm("y ~ I(x ** 3)", data)), "x").location
    expected = 3.0 * data["x"].to_numpy()[:, None] ** 2
    np.testing.assert_allclose(found, expected, rtol=POLYNOMIAL)


@pytest.mark.parametrize("unit", [1e-4, 1.0, 1e4])
def test_a_spline_is_never_asked_beyond_its_bounds(unit, data):
    # bs refuses a value outside the data of the fit; the smallest and the largest row stand on the bounds.
    data = data.assign(x=unit * data["x"])
    fit = clm("y ~ bs(x, df=5)", data)
    inner = np.quantile(data["x"], [1 / 3, 2 / 3])
    knots = np.concatenate([[data["x"].min()] * 4, inner, [data["x"].max()] * 4])
    splines = [BSpline(knots, row, 3).derivative() for row in np.eye(6)[1:]]
    expected = np.column_stack([spline(data["x"]) for spline in splines])
    found = column_derivatives(population(fit), "x").location
    scale = np.abs(expected).max(axis=0)
    np.testing.assert_allclose(found / scale, expected / scale, rtol=0.0, atol=DERIVATIVE)


def test_a_plain_column_has_its_exact_derivative(data):
    rows = population(clm("y ~ year * z + g", data, scale="~ year"))
    found = column_derivatives(rows, "year")
    names = rows.fit.estimate.problem.location_names
    expected = {"year": 1.0, "year:z": data["z"]}
    for name, column in zip(names, found.location.T, strict=True):
        np.testing.assert_array_equal(column, expected.get(name, 0.0))
    np.testing.assert_array_equal(found.scale, 1.0)


def test_the_columns_of_every_part_have_their_derivative_and_the_others_none(data):
    found = column_derivatives(population(clm("y ~ log(x)", data, nominal="~ z + flag", scale="~ z + flag")), "z")
    np.testing.assert_array_equal(found.location, 0.0)
    np.testing.assert_array_equal(found.nominal, np.tile([1.0, 0.0], (200, 1)))
    np.testing.assert_array_equal(found.scale, np.tile([1.0, 0.0], (200, 1)))


def test_the_columns_of_a_fit_from_arrays_are_its_variables(data):
    x, z, flag = data[["x"]].to_numpy(), data[["z"]].to_numpy(), data[["flag"]].to_numpy(dtype=float)
    parts = {"nominal": flag, "nominal_names": ["flag"], "scale": z, "scale_names": ["z"]}
    fit = fit_arrays(data["y"].to_numpy(), np.log(x), levels=list("abcd"), names=["log_x"], **parts)
    rows = population(fit, at={"log_x": 2.0}).rows({"flag": 0.0})
    np.testing.assert_array_equal(rows.location, 2.0)
    np.testing.assert_array_equal(rows.nominal, 0.0)
    np.testing.assert_array_equal(rows.scale, z)
    assert categories(fit, "flag") == (0, 1)
    new = pd.DataFrame({"z": [1.0, 2.0], "flag": [1.0, np.nan], "log_x": [0.0, 1.0]})
    with pytest.raises(ModelError, match='data, row 1, column "flag": nan'):
        population(fit, new).rows()
    with pytest.raises(ModelError, match='no column "log_x"'):
        population(fit, new[["z", "flag"]]).rows()


def test_blocks_of_rows_change_nothing(data, monkeypatch):
    rows = population(clm("y ~ log(x)", data))
    whole = column_derivatives(rows, "x").location
    monkeypatch.setattr(counterfactual, "_BLOCK_ROWS", 7)
    np.testing.assert_allclose(column_derivatives(rows, "x").location, whole, rtol=1e-8)


def test_what_jumps_and_what_is_measured(data):
    fit = clm("y ~ x + flag + g + C(year)", data)
    assert categories(fit, "x") is None
    assert categories(fit, "flag") == (0, 1)
    assert categories(fit, "g") == ("a", "b", "c")
    assert categories(fit, "year") == ("2003", "2004", "2005", "2006", "2007")


def test_the_typical_row_has_weighted_means_and_the_heaviest_category(data):
    fit = clm("y ~ x + g", data, weights="w")
    row = population(fit, at="mean").frame
    assert len(row) == 1
    assert row["x"].iloc[0] == pytest.approx(np.average(data["x"], weights=data["w"]))
    assert row["g"].iloc[0] == data.groupby("g")["w"].sum().idxmax()
    fixed = population(fit, at={"x": "mean"}).frame
    assert len(fixed) == len(data)
    np.testing.assert_array_equal(fixed["x"], row["x"].iloc[0])
    np.testing.assert_array_equal(fixed["g"], data["g"])


def test_chosen_values_must_be_of_a_variable(data):
    with pytest.raises(ModelError, match='variable "gg"'):
        population(clm("y ~ x + g", data), at={"gg": "a"})
