import json

import pytest

from corrtip.errors import SpecError
from corrtip.studies.replication import replicate


def test_the_base_comes_first_and_gives_the_verdicts(somebodys_replication):
    assert [run.name for run in somebodys_replication.runs] == ["base", "one_country_region", "few", "nobody"]
    assert somebodys_replication.base is somebodys_replication.run("base")
    assert list(somebodys_replication.verdicts) == ["A", "B", "C", "D"]
    table = somebodys_replication.table()
    assert table.loc[table["variant"] == "base", "verdict"].tolist() == [
        decision.verdict for decision in somebodys_replication.verdicts.values()
    ]


def test_every_model_of_a_variant_has_the_same_countries(somebodys_replication):
    run = somebodys_replication.base
    models = [run.fits.joint, *run.fits.alone.values()]
    assert {int(fitted.nobs) for fitted in models} == {run.evidence.n}
    assert {found.n for found in run.fits.dominance.values()} == {run.evidence.n}
    assert run.fits.dominance["indicator"].full == pytest.approx(run.fits.joint.prsquared, rel=1e-9)
    assert run.fits.dominance["group"].names == ("cpi_pre2012", "poverty")


def test_a_variant_that_separates_keeps_its_place_with_the_columns_named(somebodys_replication):
    run = somebodys_replication.run("one_country_region")
    assert run.fits.joint is None
    for claim in "BC":
        assert run.decisions[claim].verdict == "not_attempted"
        assert "region[T.North America] separates" in run.decisions[claim].because
    assert run.decisions["D"].verdict == "agrees"  # needs no model
    assert run.name not in set(somebodys_replication.coefficients()["variant"])


def test_a_variant_with_too_few_countries_keeps_its_place_and_its_account(somebodys_replication):
    run = somebodys_replication.run("few")
    assert 0 < run.evidence.n < 30
    assert {decision.verdict for decision in run.decisions.values()} == {"not_attempted"}
    assert f"{run.evidence.n} rows are left, fewer than 30" in run.decisions["A"].because
    assert run.name in set(somebodys_replication.attrition()["variant"])
    assert "Fewer than five countries in tier" in run.caution


def test_a_variant_without_a_sample_keeps_its_place_with_the_reason(somebodys_replication):
    run = somebodys_replication.run("nobody")
    assert run.sample is None
    assert "at least two levels" in run.decisions["A"].because
    assert (run.evidence.n, run.caution) == (0, "")


def test_a_slip_in_a_variant_stops_the_run(somebodys_study, panel, tmp_path):
    slip = tmp_path / "slip.toml"
    slip.write_text(
        somebodys_study.read_text().replace('["infant_mortality", "region"]', '["infant_mortality", "regoin"]')
    )
    with pytest.raises(SpecError, match="Nearest: 'region'"):
        replicate(slip, panel)


def test_the_sources_are_the_editions_used_and_no_other(somebodys_replication):
    assert list(somebodys_replication.sources) == ["cpi/2005", "factbook/2005", "groups/current", "tip/2005"]


def test_a_replication_gives_the_same_record_twice(somebodys_replication, somebodys_study, panel):
    again = replicate(somebodys_study, panel)
    assert json.dumps(again.as_dict()) == json.dumps(somebodys_replication.as_dict())
