import pytest

from corrtip.errors import DeclarationError
from corrtip.robustness.grid import ANY, list_grids, load_grid
from corrtip.spec import Spec

BASE = """
question = "?"

[spec]
outcome = "tier"
focal = "cpi_pre2012"
years = [2005, 2005]
"""


@pytest.fixture(scope="module")
def zhang_pineda():
    """The specifications of the grid that ships: making them takes seconds."""
    return load_grid("zhang_pineda").specifications()


def grid_of(tmp_path, text):
    path = tmp_path / "own.toml"
    path.write_text(BASE + text, encoding="utf-8")
    return load_grid(path)


def options(*changes):
    rows = ", ".join(
        f'{{ name = "{place}", why = "w", change = {change} }}' for place, change in enumerate(changes, start=1)
    )
    return f'\n[[choices]]\nname = "c{len(changes)}"\noptions = [{rows}]\n'


def test_every_combination_is_a_model_once(small):
    found = small.specifications()
    # CPI: no control, or one in two vintages; V-Dem: no control, or one in the one vintage that is not excluded.
    assert len(found) == (3 + 2) * 2 * 2
    assert len({item.spec.id for item in found}) == len(found)
    assert found[0].spec == Spec(outcome="tier", focal="cpi_pre2012", years=(2005, 2005))


def test_settings_of_variables_that_are_not_used_fall_away_and_the_choice_makes_no_difference(small):
    bare = [item for item in small.specifications() if item.options["controls"] == "none"]
    assert all(item.spec.vintages == {} for item in bare)
    assert {item.options["figures"] for item in bare if item.options["focal"] == "CPI"} == {ANY}
    # Only one of the two vintages may come with V-Dem, so that it is the one taken.
    assert {item.options["figures"] for item in bare if item.options["focal"] == "V-Dem"} == {"now"}


def test_mappings_are_joined_controls_follow_and_other_fields_are_replaced(tmp_path):
    first = (
        '{ controls = ["hdi"], vintages = { hdi = "hdr-2011" }, merge = { tier = { "2WL" = "2" } }, link = "probit" }'
    )
    second = '{ controls = ["region"], merge = { region = { "North America" = "South Asia" } }, years = [2006, 2006] }'
    text = options(first) + options(second, "{}")
    both, one = (item.spec for item in grid_of(tmp_path, text).specifications())
    assert both.controls == ("hdi", "region")
    assert both.merge == {"tier": {"2WL": "2"}, "region": {"North America": "South Asia"}}
    assert (both.vintages, both.link, both.years) == ({"hdi": "hdr-2011"}, "probit", (2006, 2006))
    assert (one.controls, one.years, one.merge) == (("hdi",), (2005, 2005), {"tier": {"2WL": "2"}})


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (options('{ contrls = ["hdi"] }'), r"grids/own.toml, choices\[0\].options\[0\].change: unknown key .contrls"),
        (options("{ years = 2005 }"), r"grids/own.toml, choices\[0\].options\[0\].change, years: 2005"),
        (options("{}") + options("{}"), 'choices: "c1" twice'),
        ("choices = []", "key"),
        (
            options("{}") + '[[excluded]]\nwhy = "w"\noptions = { c1 = ["7"] }',
            r'grids/own.toml, excluded\[0\].options: "7"',
        ),
        (options("{}") + '[[excluded]]\nwhy = "w"\noptions = { c7 = ["1"] }', r'excluded\[0\].options: "c7"'),
        (options("{}") + '[[excluded]]\nwhy = "w"\noptions = {}', r"excluded\[0\].options: no choice"),
        (options("{}").replace('"c1"', '"effect"'), 'grids/own.toml, choices: "effect"'),
    ],
)
def test_what_is_wrong_is_named_with_file_and_key(tmp_path, text, where):
    with pytest.raises(DeclarationError, match=where):
        grid_of(tmp_path, text)


def test_a_combination_that_makes_no_specification_names_its_options(tmp_path):
    grid = grid_of(tmp_path, options('{ controls = ["hdi"] }') + options('{ controls = ["hdi"] }', "{}"))
    with pytest.raises(DeclarationError, match=r'grids/own\.toml, c1 "1", c2 "1": Spec: hdi named twice'):
        grid.specifications()


def test_an_unknown_grid_is_refused_with_the_nearest():
    with pytest.raises(DeclarationError, match="zhang_pineda"):
        load_grid("zhang_pinedo")


def test_every_option_and_exclusion_that_ships_has_its_reason():
    for grid in list_grids():
        assert grid.question.endswith("?")
        whys = [option.why for choice in grid.choices for option in choice.options]
        assert all(why.endswith(".") for why in [*whys, *(item.why for item in grid.excluded)])


def test_zhang_pineda_has_five_thousand_models_in_which_every_option_is_used(zhang_pineda):
    assert len(zhang_pineda) >= 5000
    for choice in load_grid("zhang_pineda").choices:
        assert {option.name for option in choice.options} <= {item.options[choice.name] for item in zhang_pineda}


def test_zhang_pineda_takes_the_factbook_of_the_report_s_own_year(zhang_pineda):
    for item in zhang_pineda:
        for vintage in item.spec.vintages.values():
            assert not vintage.startswith("factbook") or vintage == f"factbook-{item.spec.years[0]}"


def test_a_restricted_grid_keeps_what_it_is_told_and_what_is_excluded_still(zhang_pineda):
    kept = load_grid("zhang_pineda").restricted({"report": ["2005"], "link": ["logit"]})
    found = kept.specifications()
    assert {item.options["report"] for item in found} == {"2005"}
    assert {item.options["link"] for item in found} == {"logit"}
    expected = {item.spec.id for item in zhang_pineda if (item.spec.years, item.spec.link) == ((2005, 2005), "logit")}
    assert {item.spec.id for item in found} == expected


def test_what_a_grid_does_not_have_cannot_be_kept():
    with pytest.raises(DeclarationError, match=r'restricted: "2005x".*Expected one of 2005'):
        load_grid("zhang_pineda").restricted({"report": ["2005x"]})


@pytest.mark.parametrize(
    "pair",
    [
        {"region": "yes", "income": "yes"},
        {"region": "yes", "tiers": "1 or not"},
        {"region": "yes", "countries": "not rich"},
        {"tiers": "1 or not", "countries": "not rich"},
        {"income": "yes", "countries": "not rich"},
        {"special": "as tier 3", "countries": "not rich"},
        {"link": "probit", "covariance": "HC1"},
    ],
)
def test_zhang_pineda_drops_no_combination_that_makes_sense(zhang_pineda, pair):
    assert any(pair.items() <= item.options.items() for item in zhang_pineda)
