import numpy as np
import pytest

from corrtip.data.sample import build_sample
from corrtip.errors import SpecError
from corrtip.estimate import fit
from corrtip.models.model import fit_arrays
from corrtip.robustness.uncertainty import WAYS, compare_uncertainty
from corrtip.spec import Spec

CONTROLS = ("infant_mortality", "life_expectancy")


@pytest.fixture(scope="module")
def spec():
    vintages = dict.fromkeys(CONTROLS, "factbook-2005")
    return Spec(outcome="tier", focal="cpi_pre2012", controls=CONTROLS, years=(2005, 2005), vintages=vintages)


@pytest.fixture(scope="module")
def table(panel, spec):
    return compare_uncertainty(panel, spec, draws=20).set_index("way")


def test_every_way_answers_beside_the_fit_as_published(panel, spec, table):
    assert list(table.index) == list(WAYS)
    alone = fit(build_sample(panel, spec))
    assert table.loc["naive", "estimate"] == alone.params["cpi_pre2012"]
    assert table.loc["naive", "conf_low"] == alone.conf_int().loc["cpi_pre2012"].iloc[0]
    assert (table["refusal"] == "").all()
    assert (table["conf_low"] < table["estimate"]).all()
    # Error attenuates, so that both corrections point away from zero.
    assert table.loc["simex", "ratio"] > 1.0
    assert table.loc["imputed", "n"] > table.loc["naive", "n"]


def test_placements_with_and_against_enclose_every_other_one_that_is_tried(panel, spec, table):
    low, high = sorted(table.loc[["with", "against"], "estimate"])
    sample = build_sample(panel, spec)
    columns = panel.wide(spec.years, list(spec.predictors), dict(spec.vintages)).astype(float).dropna()
    ranked = panel.wide(spec.years, ["tier"])["tier"].dropna().index
    unranked = columns.loc[columns.index.difference(ranked)]
    assert len(sample.y) + len(unranked) == table.loc["against", "n"]
    x = np.vstack([sample.x, unranked])
    rng = np.random.default_rng(1)
    for _ in range(20):
        codes = np.append(sample.y, rng.integers(0, 4, len(unranked)))
        tried = fit_arrays(codes, x, levels=sample.levels, names=list(sample.x.columns))
        assert low < tried.params["cpi_pre2012"] < high


def test_what_cannot_be_answered_says_why(panel, spec):
    table = compare_uncertainty(panel, spec.replace(focal="vdem_corruption"), draws=4).set_index("way")
    assert "neither standard errors nor ranges" in table.loc["simex", "refusal"]
    assert np.isnan(table.loc["overimputed", "estimate"])
    assert table.loc["naive", "refusal"] == ""


def test_several_years_are_refused(panel):
    with pytest.raises(SpecError, match="a clm of one year"):
        compare_uncertainty(panel, Spec(outcome="tier", focal="cpi", years=(2013, 2014)))
