"""Coverage counts the panel's rows and nothing more."""

from __future__ import annotations

import pandas as pd
import pytest

from corrtip.data.panel import Panel
from corrtip.report.coverage import (
    count_by_vintage,
    count_by_year,
    list_sources,
    table_coverage,
    table_sources,
    table_vintages,
)


def test_every_row_of_a_variable_is_counted_once(panel: Panel) -> None:
    counts = count_by_year(panel, "tier")
    kinds = counts[["held", "special_case", "missing", "not_listed"]]
    assert kinds.to_numpy().sum() == (panel.frame["variable"] == "tier").sum()
    assert (counts["confirmed"] <= counts["held"] + counts["special_case"]).all()


def test_the_report_of_2005(panel: Panel) -> None:
    # Three numbers that the sidecar of the 2005 report states: 149 placements, 148 of them confirmed.
    row = count_by_year(panel, "tier").loc[2005]
    assert (row["held"] + row["special_case"], row["confirmed"], row["missing"]) == (149, 148, 0)


def test_vintages_are_counted_among_the_ranked(panel: Panel) -> None:
    counts = count_by_vintage(panel, ["infant_mortality"], 2005).set_index("vintage")["countries"]
    ranked = count_by_year(panel, "tier").loc[2005, "held"]
    assert list(counts.index) == ["factbook-2005", "wdi-2026-07"]
    assert (counts <= ranked).all()


def test_each_publishers_series_is_one_source(panel: Panel) -> None:
    sources = list_sources(panel)
    assert sources["editions"].sum() == len(panel.sources)
    assert sources["source"].is_unique
    assert len(table_sources(sources).rows) == len(sources)


def test_the_table_leaves_years_without_publication_open() -> None:
    columns = ["held", "confirmed", "derived", "special_case", "missing", "not_listed"]
    early = pd.DataFrame([[3, 2, 0, 1, 0, 5]], columns=columns, index=pd.Index([2004]))
    late = pd.DataFrame([[4, 4, 0, 0, 1, 5]], columns=columns, index=pd.Index([2005]))
    table = table_coverage({"A": early, "B": late}, caption="C")
    assert table.rows == (
        ("2004", "3", "50 %", "1", "0", "–", "–", "–", "–"),
        ("2005", "–", "–", "–", "–", "4", "100 %", "0", "1"),
    )


def test_the_table_of_vintages_takes_directions_from_the_catalogue(panel: Panel) -> None:
    counts = pd.DataFrame({"variable": ["literacy"], "vintage": ["factbook-2005"], "countries": [142]})
    table = table_vintages(counts, panel, 2005)
    assert table.columns == ("Figure", "factbook-2005")
    assert table.rows == (("Adult literacy (higher = better)", "142"),)


@pytest.mark.parametrize("variable", ["cpi_pre2012", "cpi"])
def test_the_two_lives_of_the_index_share_no_year(panel: Panel, variable: str) -> None:
    years = count_by_year(panel, variable).index
    assert ((years >= 2012) == (variable == "cpi")).all()
