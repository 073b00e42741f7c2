"""A table for a paper says what its fits rest on; a study's stands beside what it printed."""

from __future__ import annotations

import pytest

import corrtip as ct
from corrtip.data.panel import Panel
from corrtip.errors import ReportError
from corrtip.report.paper_tables import table_models, table_replication
from corrtip.report.tables import Table
from corrtip.studies.replication import Replication


def _rows(table: Table) -> dict[str, tuple[str, ...]]:
    """Return the first row of each name."""
    return {name: tuple(cells) for name, *cells in reversed(table.rows) if name}


@pytest.fixture(scope="module")
def models(panel: Panel) -> Table:
    own = ct.Spec(outcome="tier", focal="cpi_pre2012", years=(2005, 2005))
    more = own.replace(
        controls=("gdp_per_capita_ppp",),
        vintages={"gdp_per_capita_ppp": "factbook-2005"},
        transforms={"gdp_per_capita_ppp": "log"},
        lag={"cpi_pre2012": 1},
    )
    samples = [ct.build_sample(panel, spec) for spec in (own, more)]
    return table_models(samples, [ct.fit(sample) for sample in samples], panel, note="Made for a test.")


def test_variables_are_named_and_the_note_says_which_way_is_better(models: Table) -> None:
    assert [row[0] for row in models.rows[1:4:2]] == [
        "Corruption Perceptions Index (0-10, to 2011)",
        "GDP per head, purchasing power parity",
    ]
    assert (
        "Corruption Perceptions Index (0-10, to 2011): higher = cleaner; GDP per head, purchasing power parity: "
        in models.note
    )


def test_the_note_names_years_transforms_lags_and_sources(models: Table) -> None:
    for part in (
        "Years: 2005; country-years that existed: 196.",
        "GDP per head, purchasing power parity as log.",
        "Corruption Perceptions Index (0-10, to 2011) of 1 year before.",
        "Central Intelligence Agency, The World Factbook 2005;",
        "Transparency International, Corruption Perceptions Index 2004-2005;",
        "U.S. Department of State, Trafficking in Persons Report 2005.",
    ):
        assert part in models.note
    assert models.note.endswith("Made for a test.")


def test_a_thin_level_is_said(panel: Panel) -> None:
    sample = ct.build_sample(
        panel,
        ct.Spec(
            outcome="tier", focal="poverty_headcount", years=(2005, 2005), vintages={"poverty_headcount": "wdi-2026-07"}
        ),
    )
    assert sample.thin_levels
    assert "Fewer than five countries in tier " in table_models([sample], [ct.fit(sample)], panel).note


def test_one_sample_a_fit(panel: Panel) -> None:
    with pytest.raises(ReportError, match="0 samples, 1 fits"):
        table_models([], [object()], panel)  # type: ignore[list-item]


def test_each_variant_is_a_column_with_its_verdicts_and_estimates(replication: Replication) -> None:
    names = ["base", "probit", "ols", "rank"]
    table = table_replication(replication, names)
    assert table.columns == ("", "Published", "(1) base", "(2) probit", "(3) ols", "(4) rank")
    rows = _rows(table)
    for claim in replication.study.claims:
        verdicts = [replication.run(name).decisions[claim.id].verdict.replace("_", " ") for name in names]
        assert rows[f"Claim {claim.id}"] == ("claimed", *verdicts)
    printed = rows["Corruption Perceptions Index (0-10, to 2011)"]
    for name, cell in zip(names[:3], printed[1:4], strict=True):
        joint = replication.run(name).fits.joint
        assert joint is not None
        assert float(cell.replace("−", "-")) == pytest.approx(joint.params["cpi_pre2012"], abs=0.0005)
    assert printed[0] == printed[4] == ""
    assert "(4): Rank correlations take the predictors one at a time" in table.note
    assert "Claim C: Corruption is probably the most important factor." in table.note
    assert "Study: Zhang, S. X., and Pineda, S. L. (2008)." in table.note


def test_a_printed_number_stands_beside_the_rebuilt_one_with_its_decimals(panel: Panel) -> None:
    table = table_replication(ct.replicate("unodc_2011_survey", panel))
    place = [row[0] for row in table.rows].index("Claim C")
    # Four of the eight answers that came.
    assert table.rows[place : place + 2] == (("Claim C", "claimed", "met"), ("percent", "50", "50"))


def test_a_number_that_is_printed_and_not_known_is_said_to_be_so(panel: Panel) -> None:
    found = ct.replicate("lyday_2001", panel)
    rows = _rows(table_replication(found))
    tau = found.verdicts["A"].figures["kendall_tau_b"]
    assert rows["Kendall's tau-b"] == ("not known", f"{tau:.3f}".replace("-", "−"))
    assert rows["n"][0] == "not known"


def test_a_model_that_was_not_carried_out_is_refused_with_the_nearest(replication: Replication) -> None:
    with pytest.raises(ReportError, match=r"\"probitt\".*Nearest: 'probit'"):
        table_replication(replication, ["probitt"])
