import math

import numpy as np
import pytest

from corrtip.errors import DeclarationError
from corrtip.estimate import PredictorTest
from corrtip.models.rank import Association
from corrtip.robustness.dominance import Dominance, Lead
from corrtip.studies.claims import Evidence
from corrtip.studies.claims_fits import (
    MostImportant,
    MostRelatedAlone,
    OnlyFocalStandsOut,
    RanksTogether,
    SignInJoint,
)
from corrtip.studies.vocabulary import build_test

FOCAL = "cpi"


def coefficients(*found):
    """Tests of predictors from (name, estimate, p)."""
    return tuple(PredictorTest(predictor=name, df=1, estimate=value, p_value=p) for name, value, p in found)


def alone(*p_values):
    return Evidence(focal=FOCAL, n=100, alone=coefficients(*((f"x{i}", 1.0, p) for i, p in enumerate(p_values))))


def joint(focal, *others):
    names = (FOCAL, *(f"x{i}" for i in range(len(others))))
    found = ((name, value, p) for name, (value, p) in zip(names, (focal, *others), strict=True))
    return Evidence(focal=FOCAL, n=100, joint=coefficients(*found))


def ranks(tau, p):
    measures = (("spearman", tau), ("kendall_tau_b", tau), ("goodman_kruskal_gamma", tau))
    return Evidence(
        focal=FOCAL,
        n=100,
        ranks=tuple(Association(measure=name, n=100, estimate=value, p_value=p) for name, value in measures),
    )


def important(focal, rival, intervals=None):
    values = np.array([0.0, focal, rival, focal + rival])  # unrelated predictors: what each adds is its own R2
    found = Dominance(names=(FOCAL, "births"), n=100, values=values, draws=np.empty((0, 4)))
    views = {"indicator": found, "group": found}
    leads = {
        view: Lead(rival="births", estimate=focal - rival, conf_low=low, conf_high=high, draws=499)
        for view, (low, high) in (intervals or {}).items()
    }
    return Evidence(focal=FOCAL, n=100, dominance=views, leads=leads)


@pytest.mark.parametrize(
    ("p_values", "verdict"),
    [
        ((0.01, 0.04, 0.20), "agrees"),
        ((0.01, 0.30, 0.20), "contradicts"),
        ((0.01, 0.20), "unresolved"),  # exactly half
        ((0.05, 0.05, 0.01), "unresolved"),  # on the line is on neither side
        ((math.nan, 0.01), "unresolved"),
    ],
)
def test_most_related_alone_counts_predictors(p_values, verdict):
    assert MostRelatedAlone(alpha=0.05).decide(alone(*p_values)).verdict == verdict


def test_what_is_left_after_adjustment_stands_beside_and_decides_nothing():
    decision = MostRelatedAlone().decide(alone(0.001, 0.03, 0.04))
    assert decision.verdict == "agrees"
    assert "3 of 3 predictors have p < .05 alone (n = 100; adjusted for their number by Holm 1, by " in decision.because
    assert "Benjamini and Hochberg 3)" in decision.because
    assert "Holm" not in MostRelatedAlone().decide(alone(0.001)).because


@pytest.mark.parametrize(
    ("focal", "others", "verdict"),
    [
        ((-0.5, 0.09), [(0.1, 0.30), (0.1, 0.11)], "agrees"),
        ((-0.5, 0.30), [(0.1, 0.09), (0.1, 0.50)], "contradicts"),  # the roles exchanged
        ((0.5, 0.01), [(0.1, 0.50)], "contradicts"),  # stands out the wrong way
        ((0.5, 0.01), [(0.1, 0.05)], "contradicts"),
        ((-0.5, 0.01), [(0.1, 0.05)], "unresolved"),  # not alone
        ((-0.5, 0.30), [(0.1, 0.50)], "unresolved"),  # nothing stands out
        ((-0.5, 0.10), [(0.1, 0.05)], "unresolved"),  # on the line
        ((math.nan, 0.01), [(0.1, 0.5)], "unresolved"),  # several coefficients have no sign
    ],
)
def test_only_focal_stands_out(focal, others, verdict):
    assert OnlyFocalStandsOut(sign="-", alpha=0.10).decide(joint(focal, *others)).verdict == verdict


def test_the_claimed_sign_can_be_positive():
    assert OnlyFocalStandsOut(sign="+").decide(joint((0.5, 0.01), (0.1, 0.5))).verdict == "agrees"
    assert RanksTogether(sign="+").decide(ranks(0.4, 0.01)).verdict == "agrees"


@pytest.mark.parametrize(
    ("intervals", "verdict"),
    [
        ({"indicator": (0.01, 0.2), "group": (0.02, 0.3)}, "agrees"),
        ({"indicator": (-0.3, -0.1), "group": (-0.2, -0.05)}, "contradicts"),
        ({"indicator": (0.01, 0.2), "group": (-0.1, 0.3)}, "unresolved"),
        ({"indicator": (0.01, 0.2), "group": (-0.3, -0.1)}, "unresolved"),  # the views disagree
        ({"indicator": (0.0, 0.2), "group": (0.01, 0.3)}, "unresolved"),
        ({}, "unresolved"),
        ({"indicator": (0.01, 0.2)}, "unresolved"),
    ],
)
def test_most_important_needs_the_interval_in_every_view(intervals, verdict):
    assert MostImportant().decide(important(0.3, 0.1, intervals)).verdict == verdict


def test_most_important_says_what_is_missing_and_by_how_much_it_leads():
    because = MostImportant().decide(important(0.3, 0.1)).because
    assert "difference to the strongest rival, births, 0.200" in because
    assert "which decides, is not there" in because
    assert (
        "interval 0.010 to 0.200, 499 draws"
        in MostImportant(views=("group",)).decide(important(0.3, 0.1, {"group": (0.01, 0.2)})).because
    )


@pytest.mark.parametrize(
    ("tau", "p", "verdict"),
    [(-0.4, 0.01, "agrees"), (0.4, 0.01, "contradicts"), (-0.4, 0.06, "unresolved"), (-0.4, math.nan, "unresolved")],
)
def test_ranks_together(tau, p, verdict):
    assert RanksTogether(sign="-").decide(ranks(tau, p)).verdict == verdict


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("most_related_alone", "alone"),
        ("only_focal_stands_out", "joint"),
        ("sign_in_joint", "joint"),
        ("most_important", "dominance"),
        ("ranks_together", "ranks"),
    ],
)
def test_without_its_fits_a_claim_is_not_attempted_and_says_why(name, part):
    parameters = {"sign": "-"} if name in ("only_focal_stands_out", "ranks_together", "sign_in_joint") else {}
    evidence = Evidence(focal=FOCAL, n=100, missing={part: "region separates the levels"})
    decision = build_test(name, parameters, "here").decide(evidence)
    assert (decision.verdict, decision.because) == ("not_attempted", "region separates the levels")


def test_the_evidence_holds_the_figures_under_the_names_that_people_read():
    evidence = Evidence(
        focal=FOCAL,
        n=118,
        joint=(
            *coefficients((FOCAL, -0.4142, 0.0004)),
            PredictorTest(predictor="region", df=5, estimate=math.nan, p_value=0.21),
        ),
        labels={FOCAL: "Corruption Perceptions Index"},
    )
    decision = OnlyFocalStandsOut(sign="-").decide(evidence)
    assert decision.because == (
        "In the joint model (n = 118): Corruption Perceptions Index -0.414, p < .001; region 5 coefficients, p = .210."
    )


@pytest.mark.parametrize(
    ("focal", "verdict"),
    [
        ((-0.5, 0.04), "agrees"),
        ((0.5, 0.04), "contradicts"),
        ((-0.5, 0.05), "unresolved"),  # on the line
        ((-0.5, 0.30), "unresolved"),
        ((math.nan, 0.01), "unresolved"),  # several coefficients have no sign
    ],
)
def test_sign_in_joint_does_not_ask_of_the_others(focal, verdict):
    decision = SignInJoint(sign="-").decide(joint(focal, (0.1, 0.001)))
    assert decision.verdict == verdict
    assert decision.figures["p_value"] == focal[1]


def test_sign_in_joint_can_be_about_another_predictor():
    evidence = joint((-0.5, 0.3), (0.1, 0.01))
    assert SignInJoint(sign="+", predictor="x0").decide(evidence).verdict == "agrees"
    with pytest.raises(DeclarationError, match="one of cpi, x0"):
        SignInJoint(sign="+", predictor="x1").decide(evidence)
