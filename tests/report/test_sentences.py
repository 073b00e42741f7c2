"""Sentences say what was found, in words that follow from the numbers."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from corrtip.report import sentences
from corrtip.studies.replication import Replication

COLUMNS = ["held", "confirmed", "derived", "special_case", "missing", "not_listed"]


def test_holdings_count_figures_special_cases_and_confirmation() -> None:
    counts = pd.DataFrame([[6, 5, 0, 2, 0, 1], [8, 8, 0, 0, 0, 1]], columns=COLUMNS, index=pd.Index([2004, 2005]))
    assert sentences.sentence_holdings(counts, "placements") == (
        "We hold 14 placements from 2004 to 2005, and 2 special cases; two or more independent sources give 81 % of "
        "them."
    )


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([[4, 1, 0, 0, 0, 0]], "Fewer than 50 % of the scores are confirmed in 2005."),
        ([[4, 4, 0, 0, 3, 0]], "Not found: 3 of 2005; such a year is no cross-section of all countries."),
        ([[4, 2, 0, 0, 0, 0]], "In every year at least 50 % of the scores are confirmed."),
    ],
)
def test_weak_years_and_gaps_are_named(rows: list[list[int]], said: str) -> None:
    counts = pd.DataFrame(rows, columns=COLUMNS, index=pd.Index([2005]))
    assert sentences.sentence_weakest(counts, "scores") == said


def test_verdicts_are_those_of_the_base(replication: Replication) -> None:
    said = sentences.sentence_verdicts(replication)
    for claim, decision in replication.verdicts.items():
        part = next(part for part in said.split("verdict is ")[1].split(";") if decision.verdict in part)
        assert claim in part


def test_a_claims_spread_counts_every_specification(replication: Replication) -> None:
    said = sentences.sentence_claim(replication, "B")
    counts = {word: int(count) for word, count in re.findall(r"(agrees|unresolved|not attempted) in (\d+)", said)}
    assert said.startswith(f"Claim B, over {len(replication.runs)} specifications: ")
    verdicts = [run.decisions["B"].verdict.replace("_", " ") for run in replication.runs]
    assert counts == {word: verdicts.count(word) for word in set(verdicts)}
    for run in replication.runs:
        if run.decisions["B"].verdict == "unresolved":
            assert run.name.replace("_", " ") in said


def test_a_coefficient_is_said_with_interval_and_p(replication: Replication) -> None:
    said = sentences.sentence_coefficient(replication.base, "cpi_pre2012", "one point more")
    assert said == (
        "With the other predictors held fixed, one point more moves the log odds of a worse tier by −0.585 "
        "(95 % interval −0.808 to −0.363; p < .001)."
    )
    with pytest.raises(KeyError):
        sentences.sentence_coefficient(replication.run("rank"), "cpi_pre2012", "one point more")


def test_effects_are_said_in_percentage_points() -> None:
    effects = pd.DataFrame(
        {"level": ["1", "2WL"], "estimate": [0.05, -0.05], "conf_low": [0.01, -0.1], "conf_high": 0.2}
    )
    said = sentences.sentence_effects(effects, "a step")
    assert said.endswith("Tier 1 by 5.0 (1.0 to 20.0), Tier 2 watch list by −5.0 (−10.0 to 20.0).")


def test_tests_of_parallel_lines_are_said_one_by_one() -> None:
    terms = pd.DataFrame({"term": ["x", "z"], "p_value": [0.2, 0.0001]})
    said = sentences.sentence_parallel(pd.Series({"p_value": 0.143}), terms, {"x": "Ex", "z": "Zed"})
    assert "p = .143" in said
    assert said.endswith("give Ex p = .200 and Zed p < .001.")


def test_words_for_drawings_follow_from_what_is_drawn() -> None:
    quartiles = pd.DataFrame({"quartile": [1, 1, 4, 4], "level": ["1", "3"] * 2, "share": [0.1, 0.9, 0.6, 0.4]})
    assert "10 % in the lowest quarter of scores and 60 % in the highest" in sentences.alt_tier_by_score(quartiles, "x")
    bands = pd.DataFrame({"row": [0, 0, 1, 1], "level": ["1", "2"] * 2, "estimate": [0.1, 0.9, 0.7, 0.3]})
    assert sentences.alt_probabilities(bands).endswith("Tier 1 from 10 % to 70 % and Tier 2 from 90 % to 30 %.")
    estimates = pd.DataFrame({"term": ["x"] * 3, "conf_low": [-2, -1, 1], "conf_high": [-1, 1, 2]})
    assert "Ex: 1 of 3 intervals below zero, 1 above" in sentences.alt_coefficients(estimates, {"x": "Ex"})
