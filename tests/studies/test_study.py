import pytest

from corrtip.errors import CorrtipError, DeclarationError
from corrtip.studies.study import list_studies, load_study

DECLARED = """
citation = "Somebody (2008)."
doi = "10.1/1"
question = "Is it?"
departures = ["All of it."]

[spec]
outcome = "tier"
focal = "cpi_pre2012"
controls = ["infant_mortality"]
years = [2005, 2005]
vintages = { infant_mortality = "factbook-2005" }

[[claims]]
id = "A"
at = "p. 1"
text = "Most are."
test = "most_related_alone"
printed = { "joint.n" = "120" }

[[variants]]
name = "probit"
change = { link = "probit" }
why = "Another link."
"""


@pytest.fixture
def declare(tmp_path):
    def write(text):
        path = tmp_path / "somebody_2008.toml"
        path.write_text(text)
        return path

    return write


def test_a_file_is_a_study(declare):
    study = load_study(declare(DECLARED))
    assert study.id == "somebody_2008"
    assert study.claims[0].printed == {"joint.n": "120"}
    assert study.claims[0].decider.alpha == 0.05
    assert study.variants[0].why == "Another link."


def test_a_variant_replaces_the_fields_that_it_names_and_no_other(declare):
    specs = load_study(declare(DECLARED)).specs()
    assert list(specs) == ["base", "probit"]
    assert specs["probit"] == specs["base"].replace(link="probit")


@pytest.mark.parametrize(
    ("old", "new", "seen"),
    [
        ('doi = "10.1/1"', 'id = "x"\ndoi = "10.1/1"', "id is the stem"),
        ('doi = "10.1/1"', 'dio = "10.1/1"', 'unknown key "dio"'),
        ('question = "Is it?"', "", 'key "question" is missing'),
        (
            'test = "most_related_alone"',
            'test = "most_related_alone"\nmodel = "bsae"',
            "claims\\[0\\], model.*Nearest: 'base'",
        ),
        ('test = "most_related_alone"', 'test = "robust_in_bounds"\nparameters = { sign = "-" }', "Add \\[pool\\]"),
        ('why = "Another link."', 'why = "Another link."\nof = "bsae"', "variants\\[0\\], of.*Nearest: 'base'"),
        ('"most_related_alone"', '"most_related"', "claims\\[0\\].*most_related_alone"),
        ('printed = { "joint.n" = "120" }', "parameters = { alpha = true }", "claims\\[0\\], parameters, alpha"),
        ('"120"', '"about 120"', "a number as printed"),
        ('link = "probit"', 'lnik = "probit"', "variants\\[0\\].change.*Nearest: 'link'"),
        ('link = "probit"', 'link = "tobit"', "variants\\[0\\].change, link"),
        ('link = "probit"', 'controls = ["gini"]', "Spec.vintages"),
        ('name = "probit"', 'name = "base"', '"base" twice'),
        ("years = [2005, 2005]", "years = [2006, 2005]", "Spec.years"),
    ],
)
def test_a_slip_is_refused_at_its_place(declare, old, new, seen):
    with pytest.raises(CorrtipError, match=seen):
        load_study(declare(DECLARED.replace(old, new)))


def test_two_claims_with_one_id_are_refused(declare):
    twice = DECLARED + '\n[[claims]]\nid = "A"\nat = ""\ntext = ""\ntest = "most_important"\n'
    with pytest.raises(DeclarationError, match='"A" twice'):
        load_study(declare(twice))


def test_an_unknown_study_names_the_nearest():
    with pytest.raises(DeclarationError, match="Nearest: 'zhang_pineda_2008'"):
        load_study("zhang_pinedo_2008")


def test_every_shipped_file_is_listed_by_its_stem():
    studies = list_studies()
    assert [study.id for study in studies] == sorted(study.id for study in studies)
    assert all(load_study(study.id) == study for study in studies)
