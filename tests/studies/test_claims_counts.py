import numpy as np
import pytest
from scipy import stats

from corrtip.errors import DeclarationError
from corrtip.studies.claims import Evidence
from corrtip.studies.claims_counts import FewAnswered, MostBeyond, PossiblePercentage, exact_interval

NOTHING = Evidence(focal="", n=0)
AGREEMENT = 1e-12  # two ways to the same binomial tails, both in double precision


@pytest.mark.parametrize(("hits", "of"), [(8, 54), (1, 3), (0, 8), (8, 8), (40, 60)])
def test_the_exact_interval_leaves_half_the_error_in_each_tail(hits, of):
    low, high = exact_interval(hits, of)
    if hits:
        assert stats.binom.sf(hits - 1, of, low) == pytest.approx(0.025, rel=1e-9)
    else:
        assert low == 0.0
    if hits < of:
        assert stats.binom.cdf(hits, of, high) == pytest.approx(0.025, rel=1e-9)
    else:
        assert high == 1.0


@pytest.mark.parametrize("hits", range(9))
def test_the_exact_interval_is_that_of_scipy(hits):
    found = stats.binomtest(hits, 8).proportion_ci(method="exact")
    assert exact_interval(hits, 8) == pytest.approx((found.low, found.high), abs=AGREEMENT)


def beyond(*values):
    return Evidence(focal="rank", n=len(values), values=tuple(float(value) for value in values))


@pytest.mark.parametrize(
    ("above", "below", "verdict"),
    [(18, 2, "agrees"), (2, 18, "contradicts"), (12, 8, "unresolved"), (10, 10, "unresolved")],
)
def test_most_needs_the_whole_interval(above, below, verdict):
    decision = MostBeyond(line=90).decide(beyond(*[100] * above, *[90] * below))  # on the line is not beyond it
    assert decision.verdict == verdict
    assert decision.figures["share"] == above / (above + below)


def test_a_claim_of_all_falls_by_one():
    assert MostBeyond(line=90, every=True).decide(beyond(*range(91, 111))).verdict == "agrees"
    assert MostBeyond(line=90, every=True).decide(beyond(*range(90, 110))).verdict == "contradicts"


def test_without_rows_a_share_is_not_attempted():
    evidence = Evidence(focal="rank", n=0, missing={"values": "nobody is named"})
    assert MostBeyond(line=90).decide(evidence).because == "nobody is named"


@pytest.mark.parametrize(
    ("answered", "asked", "verdict"), [(8, 54, "agrees"), (50, 54, "contradicts"), (3, 8, "unresolved")]
)
def test_few_answered(answered, asked, verdict):
    assert FewAnswered(asked=asked, answered=answered).decide(NOTHING).verdict == verdict


@pytest.mark.parametrize(("answered", "asked"), [(9, 8), (-1, 8), (0, 0)])
def test_more_answers_than_were_asked_for_are_refused(answered, asked):
    with pytest.raises(DeclarationError, match="no more answers"):
        FewAnswered(asked=asked, answered=answered)


def rounded(hits, of):
    """Every whole percentage that a share can be rounded to, a half to both sides."""
    share = 100.0 * hits / of
    return {int(np.floor(share + 0.5)), int(np.ceil(share - 0.5))}


@pytest.mark.parametrize("answers", [1, 2, 3, 7, 8, 20])
def test_a_percentage_is_possible_where_some_count_is_rounded_to_it(answers):
    possible = set().union(*(rounded(hits, of) for of in range(1, answers + 1) for hits in range(of + 1)))
    for percent in range(101):
        verdict = PossiblePercentage(percent=str(percent), answers=answers).decide(NOTHING).verdict
        assert verdict == ("agrees" if percent in possible else "contradicts"), percent


def test_it_is_said_that_a_percentage_needs_a_question_left_out():
    decision = PossiblePercentage(percent="67", answers=8).decide(NOTHING)
    assert "needs 6 answers" in decision.because
    assert decision.figures == {"percent": 62.5}  # of all eight: 67 is not met by it


def test_printed_decimals_are_held_to():
    assert PossiblePercentage(percent="62.5", answers=8).decide(NOTHING).verdict == "agrees"
    assert PossiblePercentage(percent="62.4", answers=8).decide(NOTHING).verdict == "contradicts"


@pytest.mark.parametrize(("percent", "answers", "seen"), [("about 60", 8, "as printed"), ("60", 0, "1 or more")])
def test_slips_are_refused(percent, answers, seen):
    with pytest.raises(DeclarationError, match=seen):
        PossiblePercentage(percent=percent, answers=answers)
