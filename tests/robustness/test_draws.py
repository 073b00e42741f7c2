import numpy as np
import pytest

from corrtip.robustness.draws import BLOCK, Unit, Work, gather, summarise, units_of
from corrtip.robustness.groups import Group, fit_group
from corrtip.robustness.null import build_exchange

COUNTRIES = 80


@pytest.fixture(scope="module")
def groups():
    """A sample of two years of each country: the same figures twice, so that a country drawn moves both."""
    rng = np.random.default_rng(8)
    country = np.tile(np.arange(COUNTRIES), 2)
    focal = rng.normal(size=COUNTRIES)
    codes = np.digitize(focal + rng.logistic(size=COUNTRIES), [-1.0, 1.0])
    one = {
        "n_levels": 3,
        "step": 1.0,
        "models": (("logit", "nonrobust"),),
    }
    made = []
    for place in (np.arange(COUNTRIES), country):
        group = Group(
            codes=codes[place],
            focal=focal[place],
            controls=np.empty((len(place), 0)),
            country=place,
            measure=np.zeros(len(place), dtype=np.intp),
            **one,
        )
        starts = {"logit": fit_group(group)["logit"].params[0]}
        made.append(Group(**{name: getattr(group, name) for name in Group.__dataclass_fields__} | {"starts": starts}))
    return tuple(made)


@pytest.fixture(scope="module")
def work(groups):
    exchange = build_exchange(groups[0].focal[None], [np.empty((COUNTRIES, 0))])
    return Work(countries=COUNTRIES, exchange=exchange, seed=4)


@pytest.mark.parametrize("kind", ["bootstrap", "null"])
def test_all_specifications_of_a_draw_share_the_countries(groups, work, kind):
    z, effect = work(Unit(kind=kind, block=0, draws=20, groups=groups))
    # Each country twice is every row twice: the same estimate, with an error smaller by the root of two.
    assert z[:, 1] == pytest.approx(np.sqrt(2.0) * z[:, 0], rel=1e-8)
    assert effect[:, 1] == pytest.approx(effect[:, 0], rel=1e-8)
    assert len(np.unique(z[:, 0])) == 20


@pytest.mark.parametrize("kind", ["bootstrap", "null"])
def test_draws_are_seeded_by_seed_and_block(groups, work, kind):
    def drawn(seed, block):
        own = Work(countries=COUNTRIES, exchange=work.exchange, seed=seed)
        return own(Unit(kind=kind, block=block, draws=3, groups=groups[:1]))[0]

    np.testing.assert_array_equal(drawn(4, 0), drawn(4, 0))
    assert (drawn(4, 0) != drawn(4, 1)).all()
    assert (drawn(4, 0) != drawn(5, 0)).all()


def test_units_hold_every_group_in_every_block_of_draws(groups):
    units = units_of(groups * 40, BLOCK + 1)
    for kind in ("bootstrap", "null"):
        for block, draws in ((0, BLOCK), (1, 1)):
            held = [unit for unit in units if (unit.kind, unit.block) == (kind, block)]
            assert sum(len(unit.groups) for unit in held) == 80
            assert {unit.draws for unit in held} == {draws}
    assert sum(unit.models for unit in units) == 2 * 80 * (BLOCK + 1)


def test_gathered_statistics_are_those_of_all_models_of_a_draw(groups, work):
    units = units_of(groups * 20, 7)
    found = gather(units, (work(unit) for unit in units))
    for kind in ("bootstrap", "null"):
        z, effect = work(Unit(kind=kind, block=0, draws=7, groups=groups * 20))
        assert found[kind].equals(summarise(z, effect))


def test_no_draws_are_empty_tables():
    found = gather([], iter([]))
    assert list(found["null"].columns) == list(found["bootstrap"].columns)
    assert len(found["null"]) == len(found["bootstrap"]) == 0


def test_statistics_count_the_models_that_have_an_estimate():
    z = np.array([[3.0, -1.0, np.nan, 1.0], [np.nan] * 4, [2.0, 2.5, -3.0, 0.5]])
    found = summarise(z, z / 10.0)
    assert found["models"].tolist() == [3, 0, 4]
    assert found["median_z"].to_numpy() == pytest.approx([1.0, np.nan, 1.25], nan_ok=True)
    assert found["median_effect"].to_numpy() == pytest.approx([0.1, np.nan, 0.125], nan_ok=True)
    assert found["share_expected"].to_numpy() == pytest.approx([2 / 3, np.nan, 3 / 4], nan_ok=True)
    # 1.96 is the border, and only the expected sign counts.
    assert found["share_significant"].to_numpy() == pytest.approx([1 / 3, np.nan, 2 / 4], nan_ok=True)


def test_an_option_without_a_model_has_no_statistics():
    found = summarise(np.empty((1, 0)), np.empty((1, 0)))
    assert found["models"].tolist() == [0]
    assert found.drop(columns="models").isna().all(axis=None)
