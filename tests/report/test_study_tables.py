"""Tables hold what the replication found, to the declared digits, under names that the catalogue gives."""

from __future__ import annotations

import numpy as np
import pytest

from corrtip.data.panel import Panel
from corrtip.models.brant import brant
from corrtip.models.parallel import nominal_test
from corrtip.report import study_tables
from corrtip.report.formats import format_number
from corrtip.studies.describe import build_quartiles
from corrtip.studies.replication import Replication

CPI = "Corruption Perceptions Index (0-10, to 2011; higher = cleaner)"


def test_every_variant_has_a_verdict_on_every_claim(replication: Replication) -> None:
    table = study_tables.table_verdicts(replication)
    assert len(table.rows) == len(replication.runs)
    assert table.columns[2:] == ("Claim A", "Claim B", "Claim C", "Claim D")
    for run, row in zip(replication.runs, table.rows, strict=True):
        assert row[1] == str(run.evidence.n)
        assert [cell.replace(" ", "_") for cell in row[2:]] == [found.verdict for found in run.decisions.values()]
        # A sample too thin to speak must not look like the others.
        assert bool(run.caution) == row[0].endswith("†")
        assert run.caution in table.note


def test_coefficients_are_those_of_the_joint_models(replication: Replication, panel: Panel) -> None:
    terms = ["cpi_pre2012", "gdp_per_capita_ppp"]
    table = study_tables.table_coefficients(replication, terms, panel.catalogue, caption="C")
    assert table.columns[2] == CPI
    rows = {row[0]: row for row in table.rows}
    assert "rank" not in rows
    assert rows["base"][4:] == ("–", "–")
    found = replication.run("gdp").fits.joint.tidy().set_index("term").loc["gdp_per_capita_ppp"]
    size = f"{format_number(found['estimate'], 'estimate')} ({format_number(found['std_error'], 'estimate')})"
    assert rows["gdp"][4:] == (size, format_number(found["p_value"], "p"))
    assert "GDP per head, purchasing power parity as log" in table.note
    p_values = replication.coefficients().query("term == 'gdp_per_capita_ppp'")["p_value"]
    counted = f"{(p_values < 0.05).sum()} of {len(p_values)} ("
    assert f"GDP per head, purchasing power parity {counted}" in table.note
    alone = study_tables.table_coefficients(replication, ["region[T.North America]"], panel.catalogue, caption="C")
    assert "adjusted" not in alone.note


def test_the_model_is_shown_with_its_thresholds(replication: Replication, panel: Panel) -> None:
    table = study_tables.table_model(replication.base, panel.catalogue, caption="C")
    names = [row[0] for row in table.rows]
    assert names[:3] == ["Threshold 1|2", "Threshold 2|2WL", "Threshold 2WL|3"]
    assert CPI in names
    assert table.note.startswith(f"n = {replication.base.evidence.n}; log-likelihood −138.87; McFadden's R2 0.129")
    with pytest.raises(KeyError, match="rank"):
        study_tables.table_model(replication.run("rank"), panel.catalogue, caption="C")


def test_quartiles_add_up(replication: Replication) -> None:
    table = study_tables.table_quartiles(build_quartiles(replication.base.sample), caption="C")
    assert len(table.rows) == 4
    assert sum(int(row[1]) for row in table.rows) == replication.base.evidence.n
    for row in table.rows:
        assert sum(int(cell.split(" ")[0]) for cell in row[2:]) == int(row[1])


def test_the_lost_are_named(replication: Replication, panel: Panel) -> None:
    table = study_tables.table_attrition(replication.base, panel.countries, panel.catalogue, caption="C")
    lost = sum(int(row[2]) for row in table.rows)
    assert lost + replication.base.evidence.n == replication.base.sample.universe
    special = next(row for row in table.rows if row[1].startswith("special case"))
    assert "Iraq" in special[3]
    assert "IRQ" not in special[3]


def test_dominance_adds_up_to_the_fit(replication: Replication, panel: Panel) -> None:
    table = study_tables.table_dominance(replication.base.fits.dominance, panel.catalogue, caption="C")
    for view in ("by indicator", "by group"):
        parts = [float(row[2]) for row in table.rows if row[0] == view]
        # Each part is rounded to three digits.
        np.testing.assert_allclose(
            sum(parts), replication.base.fits.dominance["indicator"].full, atol=5e-4 * len(parts)
        )


def test_ranks_without_an_interval_leave_it_open(replication: Replication, panel: Panel) -> None:
    table = study_tables.table_ranks(replication.base.fits.ranks, panel.catalogue, caption="C")
    cells = {(row[0], row[1]): row for row in table.rows}
    assert cells[CPI, "Spearman's rho"][3] == "–"
    assert cells[CPI, "Kendall's tau-b"][2] == "−0.31"
    assert table.columns[4:] == ("p", "p (Holm)", "p (BH)")
    assert "predictors, within a measure" in table.note


def test_parallel_lines_are_tested_for_every_term(replication: Replication, panel: Panel) -> None:
    fit = replication.base.fits.joint
    table = study_tables.table_parallel(brant(fit).table, nominal_test(fit).table, panel.catalogue)
    assert [row[0] for row in table.rows][:2] == ["All together", CPI]
    # All together are one test, which likelihood ratios do not have.
    assert table.rows[0][3:] == ("–",) * 6
    assert all("–" not in row for row in table.rows[1:])
    assert "adjusted for the number of predictors" in table.note


def test_a_change_of_unit_changes_no_ratio(replication: Replication) -> None:
    found = study_tables.coefficients_per_deviation(replication, ["base", "rank"], ["cpi_pre2012"])
    (row,) = found.to_dict(orient="records")
    own = replication.base.fits.joint.tidy().set_index("term").loc["cpi_pre2012"]
    deviation = np.std(replication.base.sample.x["cpi_pre2012"])
    for column in ("estimate", "conf_low", "conf_high"):
        np.testing.assert_allclose(row[column], own[column] * deviation, rtol=1e-12)


def test_departures_and_variants_are_the_studys_own(replication: Replication) -> None:
    departures, variants = study_tables.table_departures(replication), study_tables.table_variants(replication)
    assert [row[0] for row in departures.rows] == list(replication.study.departures)
    assert len(variants.rows) == len(replication.runs)
