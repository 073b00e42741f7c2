import dataclasses

import pytest

from corrtip.errors import DeclarationError
from corrtip.studies.vocabulary import TESTS, build_test

# A value for every parameter that some test must be given.
WANTED = {"sign": "-", "line": 90, "asked": 54, "answered": 8, "percent": "50", "answers": 8}


def fields(name):
    return {field.name for field in dataclasses.fields(TESTS[name])}


@pytest.mark.parametrize("name", sorted(set(TESTS) - {"not_attempted"}))
def test_every_rule_says_what_agrees_and_what_contradicts(name):
    rule = build_test(name, {key: value for key, value in WANTED.items() if key in fields(name)}, "here").rule
    assert "grees if" in rule
    assert "ontradicts if" in rule
    assert "unresolved" in rule


@pytest.mark.parametrize(
    ("name", "parameters", "seen"),
    [
        ("most_related_alnoe", {}, "Nearest: 'most_related_alone'"),
        ("most_related_alone", {"alhpa": 0.1}, 'unknown key "alhpa"'),
        ("most_related_alone", {"alpha": "0.1"}, "a finite number"),
        ("only_focal_stands_out", {}, 'key "sign" is missing'),
        ("ranks_together", {"sign": "minus"}, "one of '-', '\\+'"),
    ],
)
def test_what_is_not_in_the_vocabulary_is_refused(name, parameters, seen):
    with pytest.raises(DeclarationError, match=seen):
        build_test(name, parameters, "claims[0]")
