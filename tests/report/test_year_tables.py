import numpy as np
import pandas as pd
import pytest

from corrtip.data.transitions import NOT_LISTED, History
from corrtip.report.year_tables import (
    drawn_years,
    sentence_between_within,
    sentence_transitions,
    sentence_trends,
    sentence_years,
    table_between_within,
    table_movers,
    table_stays,
    table_trends,
    table_years,
)
from corrtip.robustness.between_within import MODELS

NAMES = {"focal": "Corruption", "x": "Corruption", "births": "Births"}


@pytest.fixture
def effects():
    columns = ["year", "measure", "term", "estimate", "n", "effect", "effect_low", "effect_high", "reason"]
    rows = [
        (2004, "cpi", "focal", -1.2, 120, 0.12, 0.05, 0.19, ""),
        (2004, "cpi", "births", 0.1, 120, -0.01, -0.05, 0.03, ""),
        (2005, "cpi", "focal", -0.4, 130, 0.04, -0.02, 0.10, ""),
        (2006, np.nan, "focal", np.nan, np.nan, np.nan, np.nan, np.nan, "held in part only"),
    ]
    return pd.DataFrame(rows, columns=columns)


@pytest.fixture
def trends():
    columns = ["term", "estimate", "conf_low", "conf_high", "moves", "negative_years", "positive_years"]
    return pd.DataFrame(
        [("focal", -0.2, -0.3, -0.1, "grows", 2, 0), ("births", 0.1, -0.1, 0.3, "unresolved", 1, 1)], columns=columns
    )


@pytest.fixture
def split():
    columns = ["model", "term", "part", "estimate", "conf_low", "conf_high", "p_value", "rows", "countries"]
    rows = [
        (model, "x", part, -1.0, -1.5, -0.5, 0.001, rows, 30)
        for model, rows in (("pooled", 100), ("intercepts", 100), ("persistence", 90))
        for part in ("between", "within")
    ]
    return pd.DataFrame([*rows, ("persistence", "2WL", "previous", 4.0, 3.0, 5.0, 0.001, 90, 30)], columns=columns)


@pytest.fixture
def history():
    states = pd.DataFrame(
        {2004: ["1", "2", NOT_LISTED], 2005: ["2", "2WL", NOT_LISTED], 2006: ["2", "2", "3"], 2007: ["1", "2", "3"]},
        index=pd.Index(["AAA", "BBB", "CCC"], name="iso3"),
        dtype=object,
    )
    return History(levels=("1", "2", "2WL", "3"), states=states)


def test_every_year_has_a_row_and_a_year_without_an_estimate_its_reason(effects):
    counts = pd.DataFrame({"held": 140, "special_case": 10, "confirmed": [150, 75, 30]}, index=[2004, 2005, 2006])
    table = table_years(effects, counts, {"cpi": "CPI"})
    assert table.rows[0] == ("2004", "140", "100 %", "CPI", "120", "12.0", "5.0 to 19.0", "−1.20")
    assert table.rows[1][2] == "50 %"
    assert table.rows[2][3:] == ("–",) * 5
    assert "2006: held in part only." in table.note


def test_the_sentence_counts_signs_intervals_and_open_years(effects):
    said = sentence_years(effects)
    assert said.startswith("Of 2 years")
    assert "in 2, with an interval above zero in 1" in said
    assert said.endswith("4.0 to 12.0 percentage points. Not fitted: 2006.")


def test_what_is_drawn_are_percentage_points_of_the_focal_predictor(effects):
    drawn = drawn_years([effects], {"cpi": "CPI"})
    assert drawn["estimate"].tolist() == [12.0, 4.0]
    assert set(drawn["series"]) == {"CPI"}


def test_trends_say_what_moves(trends):
    table = table_trends(trends, NAMES)
    assert table.rows[0] == ("Corruption", "2", "0", "−0.20", "−0.30 to −0.10", "grows")
    assert table.rows[1][-1] == "neither"
    assert "Births: 1 years below zero and 1 above" in sentence_trends(trends, NAMES)


def test_both_questions_stand_in_one_table_with_the_year_before(split):
    table = table_between_within(split, NAMES, caption="Panel")
    assert [row[0] for row in table.rows if row[0]] == list(MODELS.values())
    assert table.rows[0][1:] == ("Corruption, between", "−1.000", "−1.500 to −0.500")
    assert table.rows[1][:2] == ("", "Corruption, within")
    assert table.rows[-1][1] == "Year before: Tier 2 watch list"
    assert len(table.rows) == len(split)
    assert "beside the level of the year before: 90 country-years of 30 countries" in table.note
    assert "within a country over time −1.000 (−1.500 to −0.500; p = .001)" in sentence_between_within(split, "x", "It")


def test_stays_movers_and_steps_are_counted(history):
    stays = {row[0]: row[1:] for row in table_stays(history).rows}
    assert stays["Tier 2 watch list"] == ("1", "1", "1.0", "1")
    assert stays["Tier 3"] == ("1", "0", "–", "2")
    movers = table_movers(history, {"AAA": "Aland", "BBB": "Beland", "CCC": "Celand"}, countries=2).rows
    assert movers[0] == ("Aland", "2", "1", "1", "4")
    assert "Of 9 steps" in sentence_transitions(history.transitions())
