import numpy as np
import pytest

from corrtip.data.sample import build_sample
from corrtip.errors import DeclarationError, SpecError
from corrtip.robustness.grid import Choice, Exclusion, Grid, Option
from corrtip.robustness.reading import expected_sign, read_grid
from corrtip.spec import Spec

SPEC = Spec(outcome="tier", focal="cpi_pre2012", years=(2005, 2005))


@pytest.fixture(scope="module")
def read(panel, small):
    specifications = small.specifications()
    return specifications, read_grid(panel, small, specifications)


def one(spec, *changes, fewest=60):
    options = tuple(Option(name=str(place), why="w", change=change) for place, change in enumerate(changes))
    return Grid(id="own", question="?", spec=spec, choices=(Choice(name="c", options=options),), fewest=fewest)


def test_specifications_that_differ_in_covariance_share_a_group(read):
    specifications, reading = read
    assert sorted(place for member in reading.members for place in member.places) == list(range(len(specifications)))
    for member in reading.members:
        assert member.group is not None
        assert member.group.models == (("logit", "nonrobust"), ("logit", "HC1"))


def test_each_group_is_the_sample_of_its_specification(panel, read):
    specifications, reading = read
    for member in reading.members:
        spec, group = specifications[member.places[0]].spec, member.group
        sample = build_sample(panel, spec)
        np.testing.assert_array_equal(group.codes, sample.y)
        np.testing.assert_array_equal(np.column_stack([group.focal, group.controls]), sample.x.to_numpy())
        assert [reading.countries[place] for place in group.country] == list(sample.clusters)
        assert (member.n, group.n_levels) == (len(sample.y), len(sample.levels))
        # What the null keeps and what it exchanges add up to the focal variable, but for the residuals' scale.
        fitted = reading.exchange.fitted[group.measure, group.country]
        residual = reading.exchange.residual[group.measure, group.country]
        shrunk = (group.focal - fitted) / np.where(residual == 0.0, 1.0, residual)
        assert ((shrunk >= 0.0) & (shrunk <= 1.0 + 1e-12)).all()


def test_one_standard_deviation_is_the_same_step_in_every_sample_of_a_measure(panel, read):
    specifications, reading = read
    steps = {}
    for member in reading.members:
        steps.setdefault(specifications[member.places[0]].spec.focal, set()).add(member.group.step)
    assert {name: len(found) for name, found in steps.items()} == {"cpi_pre2012": 1, "vdem_corruption": 1}
    widest = build_sample(panel, SPEC).x["cpi_pre2012"].std(ddof=0)
    assert steps["cpi_pre2012"].pop() == pytest.approx(-widest, rel=1e-12)


def test_the_expected_sign_is_the_catalogue_s(panel):
    assert expected_sign(panel, SPEC) == -1.0
    assert expected_sign(panel, SPEC.replace(focal="vdem_corruption")) == 1.0
    with pytest.raises(SpecError, match="neither end is better"):
        expected_sign(panel, SPEC.replace(focal="fertility"))


def test_a_specification_that_cannot_be_fitted_keeps_its_place_with_the_reason(panel):
    rich = {"sample": {"income_group": ["H"]}}
    grid = one(
        SPEC,
        {},
        {"controls": ["hdi"], "vintages": {"hdi": "hdr-2011"}, "years": [2004, 2004]},
        rich,
        {"sample": {"income_group": ["UM", "LM", "L"]}, "merge": {"tier": {"2WL": "2", "3": "2"}}},
        {"sample": {"region": ["Sub-Saharan Africa", "Middle East & North Africa"]}},
        fewest=35,
    )
    members = read_grid(panel, grid, grid.specifications()).members
    assert [member.outcome for member in members] == ["fitted", "no sample", "too few rows", "fitted", "thin level"]
    assert [member.group is None for member in members] == [False, True, True, False, True]
    assert "no row is left" in members[1].reason
    assert "expected 35 or more" in members[2].reason
    assert 'in "1"' in members[4].reason


def test_pooled_years_have_a_measure_a_year_and_their_countries_once(panel):
    pooled = SPEC.replace(years=(2004, 2006), transforms={"cpi_pre2012": "zscore_within_year"})
    grid = one(pooled, {}, {"controls": ["vdem_polyarchy"]})
    reading = read_grid(panel, grid, grid.specifications())
    assert reading.exchange.fitted.shape == (3, len(reading.countries))
    group = reading.members[0].group
    assert set(group.measure) == {0, 1, 2}
    assert len(set(reading.countries)) == len(reading.countries) < len(group.codes)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"controls": ["hdii"]}, 'grids/own.toml, c "0": .*"hdii" is not a variable'),
        ({"estimator": "ols"}, "a clm with one of"),
        ({"covariance": "cluster"}, "covariance cluster"),
    ],
)
def test_what_cannot_be_asked_names_the_file_and_the_options(panel, change, match):
    grid = one(SPEC, change)
    with pytest.raises(DeclarationError, match=match):
        read_grid(panel, grid, grid.specifications())


def test_an_exclusion_can_be_made_in_python_too():
    grid = one(SPEC, {}, {"link": "probit"})
    held = Grid(
        id="own",
        question="?",
        spec=SPEC,
        choices=grid.choices,
        excluded=(Exclusion(options={"c": ("1",)}, why="w"),),
    )
    assert [item.spec.link for item in held.specifications()] == ["logit"]
