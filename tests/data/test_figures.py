"""The long table: its columns and types, and that no figure stands twice."""

import numpy as np
import pandas as pd
import pytest

from corrtip.data.figures import CATEGORICAL, COLUMNS, STATUSES, build_figures, join_figures, named_units, units
from corrtip.data.source import read_raw
from corrtip.errors import DataError

TEXT = "country,value\nNigeria,1.9\nBurma,1.8\n"


@pytest.fixture
def raw(folder):
    return read_raw(folder.edition("cpi/2005", TEXT), ("country", "value"))


def built(raw, **changes):
    arguments = {
        "rows": np.array([0, 1]),
        "iso3": ["NGA", "MMR"],
        "year": 2005,
        "variable": "cpi_pre2012",
        "vintage": "first-published",
        "text": raw.columns["value"],
        "value": raw.numbers("value"),
        "status": "observed",
    }
    return build_figures(raw, **{**arguments, **changes})


def test_the_columns_have_the_types_that_the_panel_promises(raw):
    frame = built(raw)
    assert tuple(frame.columns) == COLUMNS
    assert {column for column in COLUMNS if frame[column].dtype == "category"} == set(CATEGORICAL)
    kinds = {"year": "int64", "value": "float64", "raw": "str", "line": "int64", "data_year": "int64"}
    assert {column: str(frame[column].dtype) for column in kinds} == kinds
    assert (str(frame["n_independent"].dtype), str(frame["derived"].dtype)) == ("Int64", "bool")
    assert tuple(frame["status"].cat.categories) == STATUSES


def test_what_is_not_given_is_absent_and_a_figure_is_about_its_year(raw):
    frame = built(raw)
    assert frame["level"].isna().all()
    assert frame["n_independent"].isna().all()
    assert not frame["derived"].any()
    assert list(frame["data_year"]) == [2005, 2005]


def test_a_row_leads_to_its_line(raw):
    frame = built(raw)
    assert list(frame["line"]) == [2, 3]
    assert list(frame["source"]) == ["cpi/2005"] * 2
    assert list(frame["raw"]) == ["1.9", "1.8"]


def test_a_figure_that_stands_twice_is_refused(raw):
    with pytest.raises(DataError) as caught:
        built(raw, iso3=["NGA", "NGA"])
    assert str(caught.value) == (
        "data/raw/cpi/2005.csv, row 3: a second cpi_pre2012 of NGA in 2005: '1.8'. Expected one; row 2 has '1.9'. "
        "Remove the row that the publisher does not print."
    )


def test_joined_tables_keep_types_and_order(raw):
    frame = join_figures([built(raw), built(raw, year=2006, level=["1", None], iso3=["NGA", "BGD"])])
    assert list(frame["iso3"]) == ["NGA", "MMR", "NGA", "BGD"]
    assert list(frame["iso3"].cat.categories) == ["BGD", "MMR", "NGA"]
    assert tuple(frame["status"].cat.categories) == STATUSES
    assert list(frame["level"].astype(object).where(frame["level"].notna(), None)) == [None, None, "1", None]
    assert list(frame.index) == [0, 1, 2, 3]


def test_joining_is_the_same_whether_texts_are_held_by_arrow_or_by_python(raw):
    with pd.option_context("mode.string_storage", "python"):
        plain = join_figures([built(raw)])
    assert plain.astype(object).equals(join_figures([built(raw)]).astype(object))


def test_names_and_codes_become_units_or_are_refused_with_their_row(raw, names, folder):
    assert list(named_units(raw, "country", 2005, names.countries)) == ["NGA", "MMR"]
    codes = read_raw(folder.edition("wdi/x", "iso3\nSCG\nNGA\nSCG\n"), ("iso3",))
    assert list(units(codes, "iso3", names.countries)) == ["SRB", "NGA", "SRB"]
    wrong = read_raw(folder.edition("wdi/y", "iso3\nNGA\nNGX\nNGX\n"), ("iso3",))
    with pytest.raises(DataError, match=r'data/raw/wdi/y\.csv, row 3: country code "NGX"'):
        units(wrong, "iso3", names.countries)
