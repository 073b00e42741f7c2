import pytest

from corrtip.errors import DeclarationError
from corrtip.studies.numbers import add_numbers, fill_slots, open_slots, read_numbers, save_numbers
from corrtip.studies.replication import replicate
from corrtip.studies.study import load_study


def test_what_is_saved_is_read_back(tmp_path):
    numbers = {"lyday_2001": {"A": {"joint.n": "53", "kendall_tau_b": "-0.39"}}, "bales_2007": {"A": {"joint.n": "9"}}}
    path = tmp_path / "mine.toml"
    save_numbers(path, numbers)
    assert read_numbers(path) == numbers


def test_names_that_are_no_plain_keys_are_read_back_too(tmp_path):
    numbers = {"a.b": {"A c": {'p "value"': "0.05", "\\": "1"}}, "": {"é": {"n = 1\n": "2"}}}
    path = tmp_path / "mine.toml"
    save_numbers(path, numbers)
    assert read_numbers(path) == numbers


def test_more_numbers_are_added_and_a_later_one_takes_the_place():
    before = {"a": {"A": {"n": "9"}}}
    after = add_numbers(before, "a", [("A", "n", "10"), ("B", "r", "0.4")])
    assert after == {"a": {"A": {"n": "10"}, "B": {"r": "0.4"}}}
    assert before == {"a": {"A": {"n": "9"}}}


def test_the_open_slots_are_those_without_a_text():
    assert {(claim.id, name) for claim, name in open_slots(load_study("lyday_2001"))} == {
        ("A", "kendall_tau_b"),
        ("A", "spearman"),
        ("A", "joint.n"),
    }
    assert open_slots(load_study("unodc_2011_survey")) == ()


@pytest.mark.parametrize(
    ("numbers", "verdict"),
    [
        ({"A": {"kendall_tau_b": "-0.39"}}, "met"),
        ({"A": {"kendall_tau_b": "-0.393", "spearman": "-0.50", "joint.n": "53"}}, "met"),
        ({"A": {"kendall_tau_b": "-0.40"}}, "agrees"),
        ({"A": {"joint.n": "53"}}, "agrees"),
    ],
)
def test_entered_numbers_decide_by_their_digits(panel, numbers, verdict):
    found = replicate("lyday_2001", panel, numbers=numbers, variants=False).verdicts["A"]
    assert found.verdict == verdict
    assert "printed" in found.because


@pytest.mark.parametrize(
    ("study", "numbers", "seen"),
    [
        ("lyday_2001", {"B": {"joint.n": "9"}}, 'claim "B"'),
        ("lyday_2001", {"A": {"kendal_tau_b": "0.4"}}, "Nearest: 'kendall_tau_b'"),
        ("unodc_2011_survey", {"B": {"percent": "63"}}, '"65", as in its file'),
    ],
)
def test_only_slots_that_are_left_open_are_filled(study, numbers, seen):
    with pytest.raises(DeclarationError, match=seen):
        fill_slots(load_study(study), numbers)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("lyday_2001 = 1", "mine.toml, lyday_2001: 1"),
        ("[lyday_2001]\nA = 1", "lyday_2001.A: 1"),
        ("[lyday_2001.A]\nn = 1", "Quote it"),
        ('[lyday_2001.A]\nn = "about 9"', "as printed"),
        ("[", "not TOML"),
    ],
)
def test_a_slip_in_the_file_is_refused_at_its_place(tmp_path, text, seen):
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(DeclarationError, match=seen):
        read_numbers(path)
