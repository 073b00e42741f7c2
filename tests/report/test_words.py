"""Variables, tiers and verdicts have one name each where people read them."""

from __future__ import annotations

from typing import get_args

import pytest

from corrtip.data.catalogue import load_catalogue
from corrtip.report.words import VERDICT_WORDS, named, term_name
from corrtip.studies.claims import Verdict

CATALOGUE = load_catalogue()


def test_every_verdict_has_a_word() -> None:
    assert set(VERDICT_WORDS) == set(get_args(Verdict))


@pytest.mark.parametrize("name", list(CATALOGUE))
def test_a_name_carries_the_variables_direction(name: str) -> None:
    variable = CATALOGUE[name]
    assert variable.direction in named(variable)
    assert named(variable).count("(") == named(variable).count(")")


@pytest.mark.parametrize(("term", "said"), [("1|2", "Threshold 1|2"), ("Intercept", "Intercept")])
def test_terms_that_are_no_variables(term: str, said: str) -> None:
    assert term_name(term, CATALOGUE) == said
