import math

import pytest

from corrtip.errors import DeclarationError
from corrtip.studies.claims import level_text, meets, p_text, read_printed, signed, verdict_of


@pytest.mark.parametrize(
    ("printed", "value", "met"),
    [
        ("-0.41", -0.4149, True),
        ("-0.41", -0.4151, False),
        ("-0.41", 0.41, False),
        ("0.415", 0.4150004, True),
        ("120", 120.4, True),
        ("120", 120.6, False),
        ("120.0", 120.4, False),
        (".05", 0.054, True),
        ("1846", 1846.0, True),
    ],
)
def test_a_printed_number_carries_its_tolerance(printed, value, met):
    assert meets(printed, value) is met


@pytest.mark.parametrize("printed", ["", "n.s.", "0,41", "Infinity", "NaN"])
def test_what_is_not_a_printed_number_is_refused(printed):
    with pytest.raises(DeclarationError, match="a number as printed"):
        meets(printed, 0.4)


def test_p_values_are_printed_as_journals_do():
    assert [p_text(p) for p in (0.0009, 0.001, 0.05, 0.9999)] == ["p < .001", "p = .001", "p = .050", "p = 1.000"]


def test_a_printed_number_has_half_a_unit_of_its_last_digit():
    assert [read_printed(text) for text in ("65", "-0.40", ".5")] == [(65.0, 0.5), (-0.4, 0.005), (0.5, 0.05)]


@pytest.mark.parametrize("text", ["1_000", "٣", "1e999999999", "1e400", "9" * 400, "0x10", " 1", "nan", "1,5"])
def test_what_a_page_does_not_print_so_is_refused_at_its_place(text):
    with pytest.raises(DeclarationError, match="as printed") as caught:
        read_printed(text, "mine.toml, a.A.n")
    assert caught.value.where == "mine.toml, a.A.n"


def test_levels_are_printed_without_the_zero():
    assert [level_text(level) for level in (0.05, 0.1)] == [".05", ".10"]


def test_a_claimed_sign_turns_the_number_and_nan_is_neither():
    assert (signed(-2.0, "-"), signed(-2.0, "+")) == (2.0, -2.0)
    assert math.isnan(signed(math.nan, "-"))


def test_a_test_that_does_neither_is_unresolved():
    assert [verdict_of(*found) for found in ((True, False), (False, True), (False, False))] == [
        "agrees",
        "contradicts",
        "unresolved",
    ]
