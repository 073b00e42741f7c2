"""A regression table prints what the fits say, each thing in its place."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from corrtip.errors import ReportError
from corrtip.estimate import LinearFit, RankFit
from corrtip.models.mixed import MixedFit, clmm
from corrtip.models.model import clm, fit_arrays
from corrtip.models.results import OrdinalFit
from corrtip.report.etable import etable
from corrtip.report.tables import Table


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    rng = np.random.default_rng(20)
    n = 240
    frame = pd.DataFrame(
        {
            "corrupt": rng.normal(size=n),
            "gdp": rng.lognormal(9.0, 1.0, size=n),
            "poor": rng.integers(0, 2, size=n).astype(float),
            "country": np.repeat([f"c{k}" for k in range(24)], 10),
        }
    )
    lasting = np.repeat(rng.normal(size=24), 10)
    latent = 0.8 * frame["corrupt"] - 3e-5 * frame["gdp"] + 0.5 * frame["poor"] + lasting + rng.logistic(size=n)
    codes = np.digitize(latent, [-1.0, 0.5, 2.0])
    levels = ["1", "2", "2WL", "3"]
    return frame.assign(tier=pd.Categorical.from_codes(codes, levels, ordered=True))


@pytest.fixture(scope="module")
def simple(data: pd.DataFrame) -> OrdinalFit:
    return clm("tier ~ corrupt + gdp", data)


@pytest.fixture(scope="module")
def full(data: pd.DataFrame) -> OrdinalFit:
    return clm("tier ~ corrupt", data, nominal="~ poor", scale="~ corrupt", link="probit", cov_type="HC0")


@pytest.fixture(scope="module")
def mixed(data: pd.DataFrame) -> MixedFit:
    return clmm("tier ~ corrupt", data, groups="country")


@pytest.fixture(scope="module")
def linear() -> LinearFit:
    names = ["Intercept", "corrupt"]
    return LinearFit(
        params=pd.Series([2.25, -0.5], index=names),
        covariance=pd.DataFrame(np.diag([0.0625, 0.01]), index=names, columns=names),
        nobs=1240,
        llf=-1300.5,
        aic=2605.0,
        bic=2615.0,
        rsquared=0.25,
        df_resid=1238.0,
        cov_type="nonrobust",
    )


@pytest.fixture(scope="module")
def table(simple: OrdinalFit, full: OrdinalFit, mixed: MixedFit, linear: LinearFit) -> Table:
    return etable([simple, full, mixed, linear])


def _column(table: Table, place: int) -> dict[tuple[str, str], list[str]]:
    """Return the filled cells of a column by section and row: an estimate with its standard error, or a single one."""
    sections = {
        "Coefficients",
        "Coefficients by threshold",
        "Logarithm of the spread",
        "Random intercepts, standard deviation",
        "Thresholds",
        "Fit",
    }
    cells: dict[tuple[str, str], list[str]] = {}
    section = name = ""
    for row in table.rows:
        if row[0] in sections:
            assert set(row[1:]) == {""}
            section = row[0]
            continue
        name = row[0] or name
        if row[place]:
            cells.setdefault((section, name), []).append(row[place])
    return cells


def _agrees(printed: str, value: float) -> bool:
    plain = printed.strip("()").replace("−", "-")
    decimals = len(plain.partition(".")[2])
    # Half a unit of the last printed digit, and a hair for decimal fractions that binary cannot hold.
    return abs(float(plain) - value) <= 0.5 * 10.0**-decimals * (1 + 1e-9)


def test_estimates_and_errors_are_those_of_tidy(
    table: Table, simple: OrdinalFit, full: OrdinalFit, mixed: MixedFit, linear: LinearFit
) -> None:
    for place, fit in enumerate([simple, full, mixed, linear], start=1):
        printed = [pair for (section, _), pair in _column(table, place).items() if section != "Fit"]
        tidy = fit.tidy()
        assert len(printed) == len(tidy)
        unmatched = list(zip(tidy["estimate"], tidy["std_error"], strict=True))
        for estimate, error in printed:
            assert error.startswith("(")
            match = [pair for pair in unmatched if _agrees(estimate, pair[0]) and _agrees(error, pair[1])]
            assert len(match) == 1, (estimate, error, unmatched)
            unmatched.remove(match[0])


def test_each_parameter_stands_in_its_section(table: Table) -> None:
    rows = {place: [key for key in _column(table, place) if key[0] != "Fit"] for place in range(1, 5)}
    cuts = ["1|2", "2|2WL", "2WL|3"]
    thresholds = [("Thresholds", cut) for cut in cuts]
    assert rows[1] == [("Coefficients", "corrupt"), ("Coefficients", "gdp"), *thresholds]
    assert rows[2] == [
        ("Coefficients", "corrupt"),
        *(("Coefficients by threshold", f"poor, {cut}") for cut in cuts),
        ("Logarithm of the spread", "corrupt"),
        *thresholds,
    ]
    assert rows[3] == [
        ("Coefficients", "corrupt"),
        ("Random intercepts, standard deviation", "country"),
        *thresholds,
    ]
    assert rows[4] == [("Coefficients", "corrupt"), ("Coefficients", "Intercept")]


def test_the_fit_in_lines(table: Table, simple: OrdinalFit, mixed: MixedFit) -> None:
    lines = {name: row for name, *row in table.rows[[row[0] for row in table.rows].index("Fit") + 1 :]}
    assert lines["n"] == ["240", "240", "240", "1,240"]
    assert lines["Groups"] == ["", "", "24", ""]
    assert _agrees(lines["Log-likelihood"][0], simple.llf)
    assert _agrees(lines["Log-likelihood"][2], mixed.llf)
    assert lines["Log-likelihood"][3] == "−1,300.50"
    assert _agrees(lines["McFadden's R2"][0], simple.prsquared)
    assert lines["McFadden's R2"][2:] == ["", ""]
    assert lines["R2"] == ["", "", "", "0.250"]
    assert lines["Estimator"] == ["ML", "ML", "Laplace", "OLS"]
    assert lines["Link"] == ["logit", "probit", "logit", ""]
    assert lines["Covariance"] == ["nonrobust", "HC0", "", "nonrobust"]


def test_a_row_has_the_digits_that_its_standard_error_needs(simple: OrdinalFit) -> None:
    cells = _column(etable([simple]), 1)
    estimate, error = cells["Coefficients", "gdp"]
    assert len(error.strip("()").lstrip("0.")) == 2
    assert len(estimate.strip("−")) == len(error.strip("()"))
    assert len(cells["Coefficients", "corrupt"][0].partition(".")[2]) == 3
    wider = _column(etable([simple], digits=5), 1)
    assert len(wider["Coefficients", "corrupt"][0].partition(".")[2]) == 5


def test_a_standard_deviation_at_zero_has_no_standard_error(data: pd.DataFrame) -> None:
    shuffled = data.assign(country=[f"c{k % 24}" for k in range(len(data))])
    fit = clmm("tier ~ corrupt", shuffled, groups="country")
    assert fit.estimates[-1] == 0.0
    assert _column(etable([fit]), 1)["Random intercepts, standard deviation", "country"] == ["0.000", "(–)"]


def test_labels_heads_caption_and_note(full: OrdinalFit, mixed: MixedFit) -> None:
    labels = {"corrupt": "Corruption", "poor": "Poverty", "1|2": "to tier 2", "country": "Country", "absent": "unused"}
    table = etable([full, mixed], models=["Probit", "Mixed"], labels=labels, caption="Tiers", note="Made up.")
    assert table.columns == ("", "Probit", "Mixed")
    assert table.caption == "Tiers"
    assert list(_column(table, 1))[:7] == [
        ("Coefficients", "Corruption"),
        ("Coefficients by threshold", "Poverty, to tier 2"),
        ("Coefficients by threshold", "Poverty, 2|2WL"),
        ("Coefficients by threshold", "Poverty, 2WL|3"),
        ("Logarithm of the spread", "Corruption"),
        ("Thresholds", "to tier 2"),
        ("Thresholds", "2|2WL"),
    ]
    assert ("Random intercepts, standard deviation", "Country") in _column(table, 2)
    assert table.note == (
        "Standard errors in parentheses. A positive coefficient moves tier towards 3. A coefficient by threshold has "
        "the opposite sign: it moves the threshold itself. Made up."
    )


def test_stars_are_marked_where_asked_and_never_on_thresholds(simple: OrdinalFit, linear: LinearFit) -> None:
    assert not any("*" in cell for row in etable([simple, linear]).rows for cell in row)
    table = etable([simple, linear], stars=True)
    assert "* p < .05; ** p < .01; *** p < .001." in table.note
    for place, fit in enumerate([simple, linear], start=1):
        cells, p_values = _column(table, place), fit.tidy().set_index("term")["p_value"]
        for (section, name), (first, *_) in cells.items():
            if section == "Coefficients":
                assert first.count("*") == sum(p_values[name] < limit for limit in (0.05, 0.01, 0.001))
            else:
                assert "*" not in first


def test_intervals_stand_below_where_asked(simple: OrdinalFit, linear: LinearFit) -> None:
    table = etable([simple, linear], below="interval")
    assert table.note.startswith("95 % confidence intervals in brackets.")
    for place, fit in enumerate([simple, linear], start=1):
        cells, tidy = _column(table, place), fit.tidy().set_index("term")
        printed = {name: pair for (section, name), pair in cells.items() if section != "Fit"}
        assert set(printed) == set(tidy.index)
        for name, (_, interval) in printed.items():
            assert interval[0] + interval[-1] == "[]"
            low, high = interval[1:-1].split(", ")
            assert _agrees(low, tidy.loc[name, "conf_low"])
            assert _agrees(high, tidy.loc[name, "conf_high"])


def test_p_values_stand_below_coefficients_and_not_below_thresholds(simple: OrdinalFit) -> None:
    cells, p_values = _column(etable([simple], below="p_value"), 1), simple.pvalues
    for (section, name), printed in cells.items():
        if section == "Coefficients":
            assert printed[1] == (
                "(< .001)" if p_values[name] < 0.001 else f"({p_values[name]:.3f})".replace("0.", ".")
            )
        else:
            assert len(printed) == 1


def test_a_column_that_is_called_like_a_threshold_stays_a_coefficient() -> None:
    x = stats.norm.ppf((np.arange(30) + 0.5) / 30)[:, None]
    y = np.resize([0, 1, 0, 1, 1, 0, 1], 30)
    fit = fit_arrays(y, x, levels=["a", "b"], names=["<b>$x$|y & z_1"])
    assert ("Coefficients", "<b>$x$|y & z_1") in _column(etable([fit]), 1)


def test_what_all_columns_share_is_said_once(simple: OrdinalFit, full: OrdinalFit) -> None:
    table = etable([simple, full])
    rows = {name: row for name, *row in table.rows}
    assert "Estimator" not in rows
    assert rows["Link"] == ["logit", "probit"]
    assert table.note.endswith("Estimator: maximum likelihood.")
    assert etable([simple]).note.endswith("Estimator: maximum likelihood; link: logit; covariance: nonrobust.")


def test_bias_reduction_is_named() -> None:
    x = np.arange(12.0)[:, None]
    fit = fit_arrays((x[:, 0] > 5).astype(int), x, levels=["a", "b"], names=["x"], separation="reduce_bias")
    assert "Estimator: mean bias reduction; link: logit" in etable([fit]).note


def test_what_cannot_be_laid_out_is_refused(simple: OrdinalFit) -> None:
    with pytest.raises(ReportError, match=r"none\. Expected one or more"):
        etable([])
    with pytest.raises(ReportError, match=r"Write etable\(\[fit\]\)"):
        etable(simple)  # type: ignore[arg-type]
    with pytest.raises(ReportError, match=r"fit 2: a RankFit\. Expected one of OrdinalFit, MixedFit, LinearFit"):
        etable([simple, RankFit(associations={}, nobs=3)])  # type: ignore[list-item]
    with pytest.raises(ReportError, match=r"2 column heads\. Expected a list of 1"):
        etable([simple], models=["a", "b"])
    with pytest.raises(ReportError, match="a text"):
        etable([simple], models="a")
    with pytest.raises(ReportError, match="zero or more"):
        etable([simple], digits=-1)
    with pytest.raises(ReportError, match=r"\"p_val\"\. Expected one of std_error, interval, p_value\. .*'p_value'"):
        etable([simple], below="p_val")  # type: ignore[arg-type]
