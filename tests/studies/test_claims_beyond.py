import pytest

from corrtip.studies.claims import Bounds, Evidence, YearEffect
from corrtip.studies.claims_beyond import HoldsOverYears, NotAttempted, RobustInBounds


def years(*found):
    effects = (YearEffect(year=2001 + k, estimate=value, p_value=p, n=100 + k) for k, (value, p) in enumerate(found))
    return Evidence(focal="cpi", n=100, years=tuple(effects))


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        ([(-1.0, 0.01)] * 5, "agrees"),
        ([(-1.0, 0.01)] * 4 + [(-1.0, 0.3)], "agrees"),  # four in five
        ([(-1.0, 0.01)] * 4 + [(1.0, 0.01)], "unresolved"),  # one year speaks against it
        ([(-1.0, 0.01)] * 3 + [(-1.0, 0.3)] * 2, "unresolved"),
        ([(1.0, 0.01)] * 3 + [(-1.0, 0.01)] * 2, "contradicts"),
        ([(1.0, 0.3)] * 5, "unresolved"),
    ],
)
def test_holds_over_years(found, verdict):
    assert HoldsOverYears(sign="-", share=0.8).decide(years(*found)).verdict == verdict


def test_a_year_without_an_estimate_is_named_and_not_counted():
    lost = YearEffect(year=2019, estimate=float("nan"), p_value=float("nan"), n=0, reason="held in part only")
    evidence = years(*[(-1.0, 0.01)] * 4)
    decision = HoldsOverYears(sign="-").decide(Evidence(focal="cpi", n=100, years=(*evidence.years, lost)))
    assert decision.verdict == "agrees"
    assert "in 4 of 4 years" in decision.because
    assert "2019 (held in part only)" in decision.because
    assert decision.figures == {"years": 4.0, "years_as_claimed": 4.0}


def bounds(median, cdf):
    found = Bounds(models=10, fitted=9, lowest=-1.0, median=median, highest=0.5, share_below=0.8, cdf=cdf)
    return Evidence(focal="law", n=90, bounds=found, labels={"law": "Rule of law"})


@pytest.mark.parametrize(
    ("median", "cdf", "verdict"),
    [(-0.4, 0.96, "agrees"), (-0.4, 0.95, "agrees"), (-0.4, 0.94, "unresolved"), (0.4, 0.96, "contradicts")],
)
def test_robust_in_bounds(median, cdf, verdict):
    decision = RobustInBounds(sign="-", mass=0.95).decide(bounds(median, cdf))
    assert decision.verdict == verdict
    assert "Rule of law" in decision.because
    assert "9 of 10 models" in decision.because


@pytest.mark.parametrize(("test", "part"), [(HoldsOverYears(sign="-"), "years"), (RobustInBounds(sign="-"), "bounds")])
def test_without_their_evidence_they_are_not_attempted(test, part):
    decision = test.decide(Evidence(focal="cpi", n=0, missing={part: "no rows"}))
    assert (decision.verdict, decision.because) == ("not_attempted", "no rows")


def test_what_is_listed_only_keeps_its_reason():
    decision = NotAttempted(reason="No such index is here.").decide(Evidence(focal="", n=0))
    assert (decision.verdict, decision.because) == ("not_attempted", "No such index is here.")
