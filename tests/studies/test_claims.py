import math

import numpy as np
import pytest

from corrtip.errors import DeclarationError
from corrtip.estimate import PredictorTest
from corrtip.models.rank import Association
from corrtip.robustness.dominance import Dominance, Lead
from corrtip.studies.claims import (
    TESTS,
    Evidence,
    MostImportant,
    MostRelatedAlone,
    OnlyFocalStandsOut,
    RanksTogether,
    build_test,
    meets,
    p_text,
)

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
        ("most_important", "dominance"),
        ("ranks_together", "ranks"),
    ],
)
def test_without_its_fits_a_claim_is_not_attempted_and_says_why(name, part):
    parameters = {"sign": "-"} if name in ("only_focal_stands_out", "ranks_together") else {}
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


@pytest.mark.parametrize("name", sorted(TESTS))
def test_every_rule_says_what_agrees_and_what_contradicts(name):
    rule = build_test(name, {"sign": "-"} if "sign" in TESTS[name].__annotations__ else {}, "here").rule
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
